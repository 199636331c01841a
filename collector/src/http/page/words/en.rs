//! English.

use super::{
    FormWords, FrameWords, KioskWords, Notice, OptionWords, RefusalWords, ScoreWords, ScriptWords, ThanksWords, Words,
};

pub(super) const WORDS: Words = Words {
    language: "English",
    decimal: ".",
    frame: FrameWords {
        skip: "Skip to content",
        languages: "Language",
        information: "Information",
        contact: "Contact",
        run_by: "Questionnaire run by {agency}",
        no_contact: "see the addresses on the website of {agency}",
        retention: "Months for which answers and suggestions are kept: {n}.",
        no_retention: "How long answers and suggestions are kept is laid down by {agency} in its own rules on keeping \
            documents.",
    },
    form: FormWords {
        intro: "It takes two minutes. It is anonymous: we do not record who you are, where you write from or at what time.",
        required: "required",
        follow_up: "Answer only if your answer to “{question}” was: {options}.",
        or: " or ",
        no_personal_data: "Names, tax codes, telephone numbers, e‑mail addresses or IBANs are not needed: whoever reads \
            this does not know who you are and cannot reply.",
        send: "Send",
        error: "Error",
        errors_title: "There is something to fix",
        nothing_recorded: "Nothing has been recorded yet.",
        fault_choice: "Choose one of the answers offered",
        fault_length: "Shorten the text: it can have at most {n} characters",
        fault_text: "Rewrite the text: it contains a character that we cannot store",
        expired: "The page was open for too long. All your answers are here: please send them again.",
        changed: "The questions changed while you were answering. Please check your answers and send them again.",
        busy: "Too many answers are arriving at the moment. All of yours are here: try again in a few seconds.",
    },
    options: OptionWords {
        star: "Rate 1 star out of 5",
        stars: "Rate {n} stars out of 5",
        yes: "Yes",
        no: "No",
        satisfied: "Good",
        neutral: "So-so",
        dissatisfied: "Bad",
    },
    script: ScriptWords {
        step: "Question {n} of {of}",
        next: "Next",
        back: "Back",
        review: "Check your answers",
        review_hint: "Check before you send: they cannot be changed afterwards.",
        to_review: "Back to the summary",
        edit: "Change",
        clear: "Clear this answer",
        no_answer: "No answer",
        stars: "Stars: {n} out of 5",
        errors_title: "There is something to fix",
        missing: "Choose an answer to go on",
        too_long: "Shorten the text: it can have at most {n} characters",
        chars_left: "Characters left: {n}",
        chars_over: "Characters too many: {n}",
        suspicious: "The text seems to contain {what}. Better take it out: it is not needed and may show who you are.",
        tax_code: "a tax code",
        email: "an e‑mail address",
        phone: "a telephone number",
        iban: "an IBAN",
        vat: "a VAT number",
        card: "a card number",
        sending: "Sending…",
        offline_title: "No network",
        offline: "We could not send your answers. They are still here and will be counted once only.",
        busy_title: "A moment, please",
        busy: "Too many answers are arriving at the moment. All of yours are here: try again in a few seconds.",
        failed_title: "Something went wrong",
        retry: "Try again",
    },
    thanks: ThanksWords {
        title: "Thank you, your opinion will help us improve the service!",
        next_title: "What happens now",
        next: [
            "Your answer stays with the public body, without your name, your address or the time.",
            "Only sums reach Istat, the national statistical institute: your answer is counted together with those of \
                other people, at least {k} in all.",
            "If you wrote a suggestion, only the public body reads it. Nobody can reply, because nobody knows who you are.",
        ],
        withdraw_title: "If you change your mind",
        withdraw: "With this code you can withdraw your answer until it has been counted together with others. Copy it \
            now: we cannot show it to you again.",
        code: "Withdrawal code",
        withdraw_link: "Withdraw the answer",
    },
    kiosk: KioskWords {
        again: "Seconds until we start again: {n}",
        stay: "Stay on this page",
        restart: "Start again now",
        there: "Are you still there?",
        wiped: "If you do not touch the screen, the form starts again and the answers are lost. Seconds left: {n}",
        go_on: "Yes, I’ll go on",
        code_hint: "Everybody uses this screen: show the code only if you need it, copy it, then start again.",
        code_show: "Show the code",
        no_script: "This page starts again by itself after half a minute.",
    },
    score: ScoreWords {
        title: "How this service is rated",
        of_five: "{score} out of 5 stars",
        responses: "Answers in the last 12 months: {n}",
        interval: "95% confidence interval: from {low} to {high}",
        indicative: "Indicative only: there are fewer than {n} answers.",
        open: "Open answers",
        ticketed: "Answers after a completed transaction",
        note: "Answering is voluntary: the figures describe those who answered, not everybody who uses the service. They \
            include closed groups of answers only; yours will join with one of the next.",
    },
    refused: RefusalWords {
        unknown: ["Page not found", "No service has this address. Please check that you copied all of it."],
        unavailable: ["The questionnaire is not available yet", "Please try again later: it is still being prepared."],
        ticket: [
            "This invitation is no longer valid",
            "Each invitation is good for one answer and one service. You can answer without it too: what you have chosen \
                is still here.",
        ],
        form: ["What you sent could not be read", "Go back to the previous page and try to send it again."],
        internal: ["Something went wrong", "The fault is ours. Go back to the previous page and try again shortly."],
    },
    privacy: Notice {
        title: "Privacy notice",
        sections: &[
            (
                "Who collects the answers",
                &["The questionnaire is run by {agency}. For questions: {contact}.", "Data protection officer: {officer}."],
            ),
            (
                "What we keep",
                &[
                    "The answers that you choose, the language, and the day on which you send them.",
                    "If you write a suggestion, it is kept apart, with the service, the day, the language and the overall \
                        rating: nothing links it to your other answers, and it stays even if you withdraw the answer. \
                        Before it is stored we take out what has the shape of a tax code, a telephone number, an e‑mail \
                        address, an IBAN or other such data.",
                    "Of every submission and every used invitation we keep a fingerprint: it serves to count it once only \
                        and does not lead to the answer.",
                ],
            ),
            (
                "What we do not keep",
                &[
                    "Beside the answers we keep no name, account, IP address, device, browser or time. We use no cookies, \
                        no browser storage and no services of other sites.",
                    "Your network address is needed to bring the page to your device; this program does not record it. The \
                        public body’s network systems may have logs of their own.",
                ],
            ),
            (
                "What they are for",
                &[
                    "To improve services and to produce public statistics, in carrying out tasks in the public interest \
                        (Article 6(1)(e) of Regulation (EU) 2016/679).",
                    "Only sums over groups of people reach Istat. Suggestions never leave the public body.",
                ],
            ),
            (
                "For how long",
                &["{retention}", "Fingerprints of submissions and invitations are deleted after about four months."],
            ),
            (
                "Your rights",
                &[
                    "Answering is voluntary. After sending you get a code with which you can withdraw your answer until it \
                        has been counted together with others.",
                    "Because the answers do not identify you, we cannot look them up by name (Article 11 of the \
                        Regulation). If personal data ended up in a suggestion, let us know: {contact}. You can also turn \
                        to the Italian data protection authority (Garante per la protezione dei dati personali).",
                ],
            ),
        ],
    },
    accessibility: Notice {
        title: "Accessibility",
        sections: &[
            (
                "Our commitment",
                &[
                    "{agency} wants everybody to be able to use this questionnaire, as Italian law no. 4 of 9 January 2004 \
                        requires.",
                    "The reference is WCAG 2.1, level AA (standard EN 301 549).",
                    "Accessibility declaration: {declaration}.",
                ],
            ),
            (
                "Where we stand",
                &[
                    "The questionnaire works with the keyboard, at a width of 320 pixels, at 200% zoom, in high contrast \
                        and without JavaScript. It is built for screen readers, but nobody has tried it with one yet.",
                    "With every change the pages are checked in a browser by automated tests, in all languages. Automated \
                        tests do not see everything: this page has not yet been assessed by outsiders.",
                ],
            ),
            (
                "Tell us about a problem",
                &["If something is not accessible, let us know, with the page and what did not work: {contact}."],
            ),
            (
                "If you get no answer",
                &["If you get no answer within thirty days, or are not satisfied with it, you can turn to the digital \
                    ombudsman (Difensore civico per il digitale) at AgID, the agency for digital Italy, which also \
                    receives accessibility declarations: www.agid.gov.it."],
            ),
        ],
    },
};
