//! What a poster says, in all five languages.

use gradimento_common::questionnaire::Language;

/// The texts of one language.
pub(super) struct Words {
    /// The question that stops somebody who walks past.
    pub(super) call: &'static str,
    /// What he is asked for, and that it is anonymous.
    pub(super) invitation: &'static str,
    /// How to get there.
    pub(super) how: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::It => &Words {
            call: "Com’è andata?",
            invitation: "Dicci la tua: è anonimo.",
            how: "Inquadra il codice con la fotocamera o scrivi l’indirizzo",
        },
        Language::En => &Words {
            call: "How did it go?",
            invitation: "Tell us what you think: it’s anonymous.",
            how: "Scan the code with your camera or type the address",
        },
        Language::De => &Words {
            call: "Wie ist es gelaufen?",
            invitation: "Sagen Sie uns Ihre Meinung: anonym.",
            how: "Code mit der Kamera scannen oder Adresse eingeben",
        },
        Language::Fr => &Words {
            call: "Comment ça s’est passé\u{a0}?",
            invitation: "Donnez votre avis\u{a0}: c’est anonyme.",
            how: "Scannez le code avec l’appareil photo ou saisissez l’adresse",
        },
        Language::Sl => &Words {
            call: "Kako je bilo?",
            invitation: "Povejte nam svoje mnenje: anonimno je.",
            how: "Kodo skenirajte s kamero ali vpišite naslov",
        },
    }
}
