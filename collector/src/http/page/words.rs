//! Everything that the citizen's pages say besides the questionnaire, in all five languages. A text that is missing in one
//! of them does not compile. `{name}` stands for what is filled in.

mod de;
mod en;
mod fr;
mod it;
mod sl;

use gradimento_common::questionnaire::Language;
use serde::Serialize;

/// The texts of one language.
pub(crate) struct Words {
    /// The language's own name, for the switch.
    pub(crate) language: &'static str,
    /// What stands between whole and decimals of a number.
    pub(crate) decimal: &'static str,
    pub(crate) frame: FrameWords,
    pub(crate) form: FormWords,
    pub(crate) options: OptionWords,
    pub(crate) script: ScriptWords,
    pub(crate) thanks: ThanksWords,
    pub(crate) kiosk: KioskWords,
    pub(crate) score: ScoreWords,
    pub(crate) refused: RefusalWords,
    pub(crate) privacy: Notice,
    pub(crate) accessibility: Notice,
}

/// Around every page.
pub(crate) struct FrameWords {
    pub(crate) skip: &'static str,
    pub(crate) languages: &'static str,
    pub(crate) information: &'static str,
    pub(crate) contact: &'static str,
    /// Takes `{agency}`.
    pub(crate) run_by: &'static str,
    /// Takes `{agency}`: whom to ask where no contact is configured.
    pub(crate) no_contact: &'static str,
    /// Takes `{n}`: for how many months answers are kept.
    pub(crate) retention: &'static str,
    /// Takes `{agency}`: in its place where nothing is configured.
    pub(crate) no_retention: &'static str,
}

/// The form as the server makes it.
pub(crate) struct FormWords {
    pub(crate) intro: &'static str,
    pub(crate) required: &'static str,
    /// Takes `{question}` and `{options}`.
    pub(crate) follow_up: &'static str,
    pub(crate) or: &'static str,
    pub(crate) no_personal_data: &'static str,
    pub(crate) send: &'static str,
    pub(crate) error: &'static str,
    pub(crate) errors_title: &'static str,
    pub(crate) nothing_recorded: &'static str,
    pub(crate) fault_choice: &'static str,
    /// Takes `{n}`.
    pub(crate) fault_length: &'static str,
    pub(crate) fault_text: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) busy: &'static str,
}

/// Options whose texts no questionnaire brings.
pub(crate) struct OptionWords {
    pub(crate) star: &'static str,
    /// Takes `{n}`.
    pub(crate) stars: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(crate) satisfied: &'static str,
    pub(crate) neutral: &'static str,
    pub(crate) dissatisfied: &'static str,
}

/// What `page.js` says.
#[derive(Serialize)]
pub(crate) struct ScriptWords {
    /// Takes `{n}` and `{of}`.
    pub(crate) step: &'static str,
    pub(crate) next: &'static str,
    pub(crate) back: &'static str,
    pub(crate) review: &'static str,
    pub(crate) review_hint: &'static str,
    pub(crate) to_review: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) no_answer: &'static str,
    /// Takes `{n}`.
    pub(crate) stars: &'static str,
    pub(crate) errors_title: &'static str,
    pub(crate) missing: &'static str,
    /// Takes `{n}`.
    pub(crate) too_long: &'static str,
    /// Takes `{n}`.
    pub(crate) chars_left: &'static str,
    /// Takes `{n}`.
    pub(crate) chars_over: &'static str,
    /// Takes `{what}`.
    pub(crate) suspicious: &'static str,
    pub(crate) tax_code: &'static str,
    pub(crate) email: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) iban: &'static str,
    pub(crate) vat: &'static str,
    pub(crate) card: &'static str,
    pub(crate) sending: &'static str,
    pub(crate) offline_title: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) busy_title: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) failed_title: &'static str,
    pub(crate) retry: &'static str,
}

/// After the answer.
pub(crate) struct ThanksWords {
    pub(crate) title: &'static str,
    pub(crate) next_title: &'static str,
    /// The second takes `{k}`.
    pub(crate) next: [&'static str; 3],
    pub(crate) withdraw_title: &'static str,
    pub(crate) withdraw: &'static str,
    pub(crate) code: &'static str,
    pub(crate) withdraw_link: &'static str,
}

/// On a screen that the next person uses too.
pub(crate) struct KioskWords {
    /// Takes `{n}`.
    pub(crate) again: &'static str,
    pub(crate) stay: &'static str,
    pub(crate) restart: &'static str,
    pub(crate) there: &'static str,
    /// Takes `{n}`.
    pub(crate) wiped: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) code_hint: &'static str,
    pub(crate) code_show: &'static str,
    pub(crate) no_script: &'static str,
}

/// The public score.
pub(crate) struct ScoreWords {
    pub(crate) title: &'static str,
    /// Takes `{score}`.
    pub(crate) of_five: &'static str,
    /// Takes `{n}`.
    pub(crate) responses: &'static str,
    /// Takes `{low}` and `{high}`.
    pub(crate) interval: &'static str,
    /// Takes `{n}`.
    pub(crate) indicative: &'static str,
    pub(crate) open: &'static str,
    pub(crate) ticketed: &'static str,
    pub(crate) note: &'static str,
}

/// Pages that stand in for one that cannot be shown: title and advice.
pub(crate) struct RefusalWords {
    pub(crate) unknown: [&'static str; 2],
    pub(crate) unavailable: [&'static str; 2],
    pub(crate) ticket: [&'static str; 2],
    pub(crate) form: [&'static str; 2],
    pub(crate) internal: [&'static str; 2],
}

/// A page of plain text. Paragraphs take `{agency}`, `{contact}`, `{officer}`, `{retention}` and `{declaration}`.
pub(crate) struct Notice {
    pub(crate) title: &'static str,
    pub(crate) sections: &'static [(&'static str, &'static [&'static str])],
}

/// The texts of a language.
pub(crate) fn words(language: Language) -> &'static Words {
    match language {
        Language::It => &it::WORDS,
        Language::En => &en::WORDS,
        Language::De => &de::WORDS,
        Language::Fr => &fr::WORDS,
        Language::Sl => &sl::WORDS,
    }
}

/// Fills in what a text leaves open.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    // One pass, so that a value that looks like a place to fill in is left alone.
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_looks_like_a_place_is_left_alone() {
        assert_eq!(fill("{a} e {b}.", &[("a", "{b}"), ("b", "due")]), "{b} e due.");
    }

    #[test]
    fn every_language_tells_the_same_number_of_things() {
        let count = |notice: &Notice| notice.sections.iter().map(|(_, texts)| texts.len()).collect::<Vec<_>>();
        let italian = words(Language::It);
        for language in Language::ALL {
            let words = words(language);
            assert_eq!(count(&words.privacy), count(&italian.privacy), "{}", words.language);
            assert_eq!(count(&words.accessibility), count(&italian.accessibility), "{}", words.language);
        }
    }
}
