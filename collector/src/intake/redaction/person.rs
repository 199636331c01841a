//! Names where somebody introduces himself, dates of birth, and homes. A name without such a phrase is not looked for:
//! streets, offices and laws are named after people.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::{Finding, Marker, data, exact_pattern, pattern};

/// A phrase after which only a name can come; the name may be in any case.
static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?: mi\ chiamo | il\ mio\ nome\ = | mi\ chiamano | my\ name\ is | ich\ hei[s_]{1,2}e | mein\ name\ ist
        | je\ m'appelle | ime\ mi\ je ) '? [\ :]{0,2} (?P<datum> [a-z_'\-]{2,30} (?: \ [a-z_'\-]{2,30} ){0,2} )",
    )
});

/// A phrase after which a name is told by its capitals: two words at least, after a label also one.
static PRESENTED: LazyLock<Regex> = LazyLock::new(|| {
    let title = r"(?: (?:il|la)\ (?: sig | signor | signora | sig\.ra | sig\. | dott\. | dr\. | avv\. | geom\. )\ )?";
    let closing = r"(?: [Ss]ottoscritt[oa] | [Ff]irmato:? | [Ff]irma: | [Ss]aluti[,.]? | [Ii]n\ fede[,.]? | [Aa]\ nome\ di )";
    let name = r"[A-Z][a-z_'\-]{1,30}";
    exact_pattern(&format!(
        r"\b (?: (?: [Ss]ono | I\ am | I'm | [Ii]ch\ bin | [Jj]e\ suis ) \ {title}
            (?P<own> {name} (?: \ (?: De | Di | Del | Della | D' | Lo | La ) )? (?: \ {name} ){{1,2}} )
          | {closing} [\ \n,]{{1,3}} (?P<signed> {name} (?: \ {name} ){{1,2}} )
          | (?: [Nn]ome (?:\ e\ cognome)? | [Cc]ognome ) \ ?:\ ? (?P<labelled> {name} (?: \ {name} ){{0,2}} ) )"
    ))
});

/// Words that end a name typed without capitals.
const NO_NAMES: &str = "e ed ho sono vivo abito non fuori per da dal a in con mi vorrei volevo scrivo il la un una ma che and i und \
                        et nato nata residente di come anche grazie buongiorno salve";

/// By their first three letters, in Italian, English, German and French.
const MONTHS: &str = "(?: gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic|jan|may|mai|jun|jul|aug|sep|okt|oct|dez|dec
    |fev|avr|jui|aou ) [a-z]{0,7}";

static BORN: LazyLock<Regex> = LazyLock::new(|| {
    let date = format!(
        r"(?: [0-9]{{1,2}} \ ?[./\-\ ]\ ? [0-9]{{1,2}} \ ?[./\-\ ]\ ? [0-9]{{2,4}}
        | [0-9]{{1,2}} [.']{{0,2}} [\ \-/.] (?:di\ )? {MONTHS} \.? [\ \-/] (?:del\ )?'?[0-9]{{2,4}}
        | [0-9]{{8}} | (?:19|20)[0-9]{{2}} [\-/.] [0-9]{{2}} [\-/.] [0-9]{{2}} )"
    );
    // The place may stand between: "nata a Castel San Pietro (BO) il".
    let place = r"(?: \ (?:a|ad|in|presso) \ [a-z_'\ ().,\-]{1,60}? )?";
    let day = r"[\ :=',]{0,3} (?: (?:il|in\ data|l'|il\ giorno|on|am|le|dne|era|is) \b )? [\ ':]{0,2}";
    pattern(&format!(
        r"\b(?: nat[oaie] (?:/[aoe])? {place} | nasc(?:ita|ere) | d\.?\ ?d\.?\ ?n\.? | compleanno | born | geboren | nee?
        | rojena? | date\ of\ birth | dob | geburtsdatum | birthday )
        (?: \ (?:del\ |della\ |di\ )?(?:mio\ |mia\ )?(?:figlio|figlia|padre|madre|marito|moglie) )? {day} (?P<datum> {date} )"
    ))
});

/// Only where somebody says that he lives there: offices have addresses too.
static HOME: LazyLock<Regex> = LazyLock::new(|| {
    let says = r"(?: abito | vivo | risiedo | residente | domiciliat[oa] | sto\ di\ casa | casa\ mia | il\ mio\ indirizzo
        | residenza )";
    let between = r"(?: (?:e|in|a|al|alla|nel|nella|ad|=)\ ){0,2} (?: [a-z_']{2,30} \ ?[,(]?\ ? (?:in|alla|al|,)?\ ? ){0,3}?";
    let street = r"(?: via | v\.le | viale | piazza | p\.zza | corso | c\.so | largo | vicolo | strada | contrada | localita
        | loc\. | piazzale )";
    let number = r"(?: n | nr | num | civico | numero )? [.']{0,2} \ ? [0-9]{1,4} (?: /?[a-z]\b )?";
    pattern(&format!(r"\b {says} \ ?[,:=]?\ ? {between} (?P<datum> {street} \ [a-z_'.\ ]{{2,60}}? ,? \ ? {number} )"))
});

pub(super) fn find_names(folded: &Folded) -> Vec<Finding> {
    let called = data(&CALLED, folded, Marker::Name).into_iter().map(|found| until_no_name(folded, found));
    let presented = PRESENTED
        .captures_iter(folded.bytes())
        .filter_map(|found| ["own", "signed", "labelled"].iter().find_map(|name| found.name(name)));
    called.chain(presented.map(|found| Finding { range: found.range(), marker: Marker::Name })).collect()
}

pub(super) fn find_birth_and_home(folded: &Folded) -> Vec<Finding> {
    if !folded.has_digit() {
        return Vec::new();
    }
    let mut findings = data(&BORN, folded, Marker::BirthDate);
    findings.append(&mut data(&HOME, folded, Marker::Address));
    findings
}

/// "mi chiamo mario e abito": the name ends where another word begins.
fn until_no_name(folded: &Folded, mut found: Finding) -> Finding {
    let text = String::from_utf8_lossy(folded.slice(&found.range)).to_ascii_lowercase();
    let name = text.split(' ').take_while(|word| !NO_NAMES.split(' ').any(|other| other == *word));
    let length = name.map(|word| word.len() + 1).sum::<usize>().saturating_sub(1);
    found.range.end = found.range.start + length;
    found
}
