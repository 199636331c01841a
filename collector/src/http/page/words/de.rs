//! German.

use super::{
    FormWords, FrameWords, KioskWords, Notice, OptionWords, RefusalWords, ScoreWords, ScriptWords, ThanksWords, Words,
};

pub(super) const WORDS: Words = Words {
    language: "Deutsch",
    decimal: ",",
    frame: FrameWords {
        skip: "Zum Inhalt springen",
        languages: "Sprache",
        information: "Informationen",
        contact: "Kontakt",
        run_by: "Fragebogen von {agency}",
        no_contact: "siehe die Adressen auf der Website von {agency}",
        retention: "Aufbewahrung von Antworten und Vorschlägen, in Monaten: {n}.",
        no_retention: "Wie lange Antworten und Vorschläge aufbewahrt werden, legt {agency} in eigenen Regeln für die \
            Aufbewahrung von Unterlagen fest.",
    },
    form: FormWords {
        intro: "Es dauert zwei Minuten und ist anonym: Wir speichern weder, wer Sie sind, noch von wo Sie schreiben, noch \
            die Uhrzeit.",
        required: "erforderlich",
        follow_up: "Antworten Sie nur, wenn Sie bei „{question}“ gewählt haben: {options}.",
        or: " oder ",
        no_personal_data: "Namen, Steuernummern, Telefonnummern, E‑Mail-Adressen oder IBANs werden nicht gebraucht: Wer \
            das liest, weiß nicht, wer Sie sind, und kann nicht antworten.",
        send: "Absenden",
        error: "Fehler",
        errors_title: "Etwas stimmt noch nicht",
        nothing_recorded: "Es wurde noch nichts gespeichert.",
        fault_choice: "Wählen Sie eine der angebotenen Antworten",
        fault_length: "Kürzen Sie den Text: Er darf höchstens {n} Zeichen haben",
        fault_text: "Schreiben Sie den Text neu: Er enthält ein Zeichen, das wir nicht speichern können",
        expired: "Die Seite war zu lange geöffnet. Alle Ihre Antworten stehen noch hier: Bitte senden Sie sie erneut.",
        changed: "Die Fragen haben sich inzwischen geändert. Bitte prüfen Sie Ihre Antworten und senden Sie sie erneut.",
        busy: "Im Moment treffen zu viele Antworten ein. Ihre stehen noch hier: Versuchen Sie es in einigen Sekunden \
            erneut.",
    },
    options: OptionWords {
        star: "1 von 5 Sternen vergeben",
        stars: "{n} von 5 Sternen vergeben",
        yes: "Ja",
        no: "Nein",
        satisfied: "Gut",
        neutral: "Mittel",
        dissatisfied: "Schlecht",
    },
    script: ScriptWords {
        step: "Frage {n} von {of}",
        next: "Weiter",
        back: "Zurück",
        review: "Prüfen Sie Ihre Antworten",
        review_hint: "Prüfen Sie vor dem Absenden: Danach lässt sich nichts mehr ändern.",
        to_review: "Zurück zur Übersicht",
        edit: "Ändern",
        clear: "Antwort löschen",
        no_answer: "Keine Antwort",
        stars: "Sterne: {n} von 5",
        errors_title: "Etwas stimmt noch nicht",
        missing: "Wählen Sie eine Antwort, um fortzufahren",
        too_long: "Kürzen Sie den Text: Er darf höchstens {n} Zeichen haben",
        chars_left: "Noch verfügbare Zeichen: {n}",
        chars_over: "Zeichen zu viel: {n}",
        suspicious: "Der Text scheint {what} zu enthalten. Entfernen Sie das besser: Es wird nicht gebraucht und kann \
            verraten, wer Sie sind.",
        tax_code: "eine Steuernummer",
        email: "eine E‑Mail-Adresse",
        phone: "eine Telefonnummer",
        iban: "eine IBAN",
        vat: "eine Mehrwertsteuernummer",
        card: "eine Kartennummer",
        sending: "Wird gesendet …",
        offline_title: "Kein Netz",
        offline: "Das Senden ist nicht gelungen. Ihre Antworten stehen noch hier und werden nur einmal gezählt.",
        busy_title: "Einen Augenblick, bitte",
        busy: "Im Moment treffen zu viele Antworten ein. Ihre stehen noch hier: Versuchen Sie es in einigen Sekunden \
            erneut.",
        failed_title: "Etwas hat nicht funktioniert",
        retry: "Erneut versuchen",
    },
    thanks: ThanksWords {
        title: "Danke, Ihre Meinung hilft uns, den Dienst zu verbessern!",
        next_title: "Wie es weitergeht",
        next: [
            "Ihre Antwort bleibt bei der Körperschaft, ohne Ihren Namen, ohne Ihre Adresse und ohne die Uhrzeit.",
            "An das Statistikinstitut Istat gehen nur Summen: Ihre Antwort wird zusammen mit denen anderer Menschen \
                gezählt, insgesamt mindestens {k}.",
            "Einen Vorschlag liest nur die Körperschaft. Niemand kann Ihnen antworten, denn niemand weiß, wer Sie sind.",
        ],
        withdraw_title: "Wenn Sie es sich anders überlegen",
        withdraw: "Mit diesem Code können Sie die Antwort zurückziehen, solange sie nicht mit anderen zusammengezählt \
            wurde. Notieren Sie ihn jetzt: Wir können ihn nicht noch einmal anzeigen.",
        code: "Rückzugscode",
        withdraw_link: "Antwort zurückziehen",
    },
    kiosk: KioskWords {
        again: "Sekunden bis zum Neubeginn: {n}",
        stay: "Auf dieser Seite bleiben",
        restart: "Jetzt neu beginnen",
        there: "Sind Sie noch da?",
        wiped: "Wenn Sie den Bildschirm nicht berühren, beginnt das Formular von vorn und die Antworten gehen verloren. \
            Verbleibende Sekunden: {n}",
        go_on: "Ja, ich mache weiter",
        code_hint: "Diesen Bildschirm benutzen alle: Zeigen Sie den Code nur an, wenn Sie ihn brauchen, schreiben Sie ihn \
            ab und beginnen Sie dann neu.",
        code_show: "Code anzeigen",
        no_script: "Diese Seite beginnt nach einer halben Minute von selbst neu.",
    },
    score: ScoreWords {
        title: "Wie dieser Dienst bewertet wird",
        of_five: "{score} von 5 Sternen",
        responses: "Antworten in den letzten 12 Monaten: {n}",
        interval: "95-%-Konfidenzintervall: von {low} bis {high}",
        indicative: "Nur ein Anhaltspunkt: Es sind weniger als {n} Antworten.",
        open: "Freie Antworten",
        ticketed: "Antworten nach einem abgeschlossenen Vorgang",
        note: "Die Teilnahme ist freiwillig: Die Zahlen beschreiben, wer geantwortet hat, nicht alle, die den Dienst \
            nutzen. Sie umfassen nur abgeschlossene Gruppen von Antworten; Ihre kommt mit einer der nächsten hinzu.",
    },
    refused: RefusalWords {
        unknown: ["Seite nicht gefunden", "Zu dieser Adresse gibt es keinen Dienst. Prüfen Sie, ob sie vollständig ist."],
        unavailable: ["Der Fragebogen ist noch nicht verfügbar", "Versuchen Sie es später: Er wird noch vorbereitet."],
        ticket: [
            "Diese Einladung gilt nicht mehr",
            "Jede Einladung gilt für eine Antwort und einen Dienst. Sie können auch ohne sie antworten: Was Sie schon \
                gewählt haben, steht noch hier.",
        ],
        form: ["Was Sie gesendet haben, war nicht lesbar", "Gehen Sie zur vorigen Seite zurück und senden Sie es erneut."],
        internal: [
            "Etwas hat nicht funktioniert",
            "Der Fehler liegt bei uns. Gehen Sie zurück und versuchen Sie es bald erneut.",
        ],
    },
    privacy: Notice {
        title: "Datenschutzhinweise",
        sections: &[
            (
                "Wer die Antworten sammelt",
                &["Der Fragebogen wird von {agency} betrieben. Bei Fragen: {contact}.", "Datenschutzbeauftragte: {officer}."],
            ),
            (
                "Was wir aufbewahren",
                &[
                    "Die Antworten, die Sie wählen, die Sprache und den Tag, an dem Sie sie senden.",
                    "Einen Vorschlag bewahren wir getrennt auf, mit Dienst, Tag, Sprache und Gesamtbewertung: Nichts \
                        verbindet ihn mit Ihren anderen Antworten, und er bleibt, auch wenn Sie die Antwort zurückziehen. \
                        Vor dem Speichern entfernen wir, was wie eine Steuernummer, eine Telefonnummer, eine \
                        E‑Mail-Adresse, eine IBAN oder Ähnliches aussieht.",
                    "Von jeder Einsendung und jeder benutzten Einladung bewahren wir einen Fingerabdruck auf: Er dient \
                        dazu, sie nur einmal zu zählen, und führt nicht zur Antwort.",
                ],
            ),
            (
                "Was wir nicht aufbewahren",
                &[
                    "Neben den Antworten speichern wir weder Namen noch Konto, IP-Adresse, Gerät, Browser oder Uhrzeit. \
                        Wir verwenden keine Cookies, keinen Browserspeicher und keine Dienste anderer Seiten.",
                    "Ihre Netzadresse wird gebraucht, um die Seite zu Ihrem Gerät zu bringen; dieses Programm zeichnet sie \
                        nicht auf. Die Netzsysteme der Körperschaft können eigene Protokolle führen.",
                ],
            ),
            (
                "Wozu sie dienen",
                &[
                    "Zur Verbesserung der Dienste und für öffentliche Statistiken, bei Aufgaben im öffentlichen Interesse \
                        (Artikel 6 Absatz 1 Buchstabe e der Verordnung (EU) 2016/679).",
                    "An das Istat gehen nur Summen über Gruppen von Menschen. Vorschläge verlassen die Körperschaft nie.",
                ],
            ),
            (
                "Wie lange",
                &["{retention}", "Fingerabdrücke von Einsendungen und Einladungen werden nach etwa vier Monaten gelöscht."],
            ),
            (
                "Ihre Rechte",
                &[
                    "Die Teilnahme ist freiwillig. Nach dem Senden erhalten Sie einen Code, mit dem Sie die Antwort \
                        zurückziehen können, solange sie nicht mit anderen zusammengezählt wurde.",
                    "Da die Antworten Sie nicht erkennen lassen, können wir sie nicht nach Namen suchen (Artikel 11 der \
                        Verordnung). Sind persönliche Daten in einen Vorschlag geraten, melden Sie es uns: {contact}. Sie \
                        können sich auch an die italienische Datenschutzbehörde wenden (Garante per la protezione dei dati \
                        personali).",
                ],
            ),
        ],
    },
    accessibility: Notice {
        title: "Barrierefreiheit",
        sections: &[
            (
                "Unser Anspruch",
                &[
                    "{agency} will, dass alle diesen Fragebogen nutzen können, wie es das Gesetz Nr. 4 vom 9. Januar 2004 \
                        verlangt.",
                    "Maßgeblich sind die WCAG 2.1, Stufe AA (Norm EN 301 549).",
                    "Erklärung zur Barrierefreiheit: {declaration}.",
                ],
            ),
            (
                "Wo wir stehen",
                &[
                    "Der Fragebogen funktioniert mit der Tastatur, bei 320 Pixeln Breite, bei 200 % Zoom, mit hohem \
                        Kontrast und ohne JavaScript. Er ist für Bildschirmleseprogramme gebaut, aber noch niemand hat ihn \
                        mit einem davon erprobt.",
                    "Bei jeder Änderung werden die Seiten in einem Browser automatisch geprüft, in allen Sprachen. \
                        Automatische Prüfungen sehen nicht alles: Eine Bewertung durch Außenstehende gibt es noch nicht.",
                ],
            ),
            (
                "Melden Sie uns ein Hindernis",
                &["Wenn etwas nicht zugänglich ist, melden Sie es uns, mit der Seite und dem, was nicht funktioniert hat: \
                    {contact}."],
            ),
            (
                "Wenn keine Antwort kommt",
                &["Wenn Sie binnen dreißig Tagen keine oder keine zufriedenstellende Antwort erhalten, können Sie sich an \
                    die Ombudsstelle für Digitales (Difensore civico per il digitale) bei der AgID wenden, der Agentur für \
                    das digitale Italien, bei der auch die Erklärungen zur Barrierefreiheit eingehen: www.agid.gov.it."],
            ),
        ],
    },
};
