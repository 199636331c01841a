//! The word in front of a number: what the citizen says that it is.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::{BARRIER, Folded};
use super::pattern;

/// How far in front of a number its word may stand, in characters: "il mio numero di cellulare personale è il seguente:".
const REACH: usize = 48;

/// What a number is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    Phone,
    Card,
    Vat,
    FiscalCode,
    Iban,
    Plate,
    /// A number of the office's own: protocol, order, payment notice. Not a person's.
    Reference,
    Version,
}

/// The names of groups below, in the order of the alternatives.
const HINTS: [(&str, Hint); 8] = [
    ("phone", Hint::Phone),
    ("card", Hint::Card),
    ("vat", Hint::Vat),
    ("fiscal", Hint::FiscalCode),
    ("iban", Hint::Iban),
    ("plate", Hint::Plate),
    ("reference", Hint::Reference),
    ("version", Hint::Version),
];

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:
        (?P<phone> (?: tel | telefono | telefonino | telefonic[oi] | cell | cel | cellulare | mobile | fax | whatsapp | wapp
          | wa | recapit[oi] | (?:ri)?chiam(?:atemi|ate|ami|are|armi) | (?:ri)?contatt(?:atemi|ate|ami|armi|are) | scrivetemi
          | telefonatemi | telefonate | telefonami | rispondo | reperibile | rintracciabile | (?:mio|suo)\s(?:numero|num|nr?)
          | numero\sdi\s(?:casa|mia|mio) | utenza | phone | call\sme | handy | handynummer | telefonnummer | telefon | mobil
          | telephone | portable | telefonska | gsm ) [a-z]{0,2} )
        | (?P<card> carta | carte | visa | mastercard | master\scard | postepay | poste\spay | bancomat | amex
          | american\sexpress | maestro | pan | credit\scard | prepagata | kreditkarte )
        | (?P<vat> p\.?\s?iva | p\.?\s?i\.?v\.?a\.? | p\.i\. | partita\siva | part\.?\siva | vat )
        | (?P<fiscal> c\.?\s?f\.? | cod\.?\s?fisc\.? | codice\sfiscale | cod\.?\sfiscale | codfisc | codice\sfisc\.? )
        | (?P<iban> iban | coordinate\sbancarie | conto\scorrente | c/c )
        | (?P<plate> targ[ahet][a-z]{0,4} | veicolo | auto | automobile | macchina | moto | motorino | scooter | furgone
          | autovettura )
        | (?P<reference> prot | protocollo | protocollat[ao] | pratica | pratiche | ordine | ordini | ricevuta | fattura
          | bolletta | bollettino | avviso | iuv | cro | domanda | istanza | ticket | segnalazione | verbale | cartella
          | tracking | spedizione | raccomandata | isee | dsu | bando | cig | cup | delibera | determina | decreto | codice
          | cliente | contratto | matricola | pod | pdr | contatore | riferimento | rif | identificativo | transazione
          | operazione | sinistro | concorso | fascicolo | repertorio | registro | pagamento | prenotazione | lotto | rg | id
          | numero\sverde | reference | order | mappale | particella | barre | errore | importo | euro | modello | modulo
          | ricorso | sentenza | richiesta | appuntamento | invio | documento )
        | (?P<version> versione | version | vers | ver | v | release | build | art | articolo | articoli | punto | paragrafo
          | paragrafi | par | sezione | comma | capitolo | cap | allegato | tabella )
        )(?:[^a-z]|$)",
    )
});

/// The nearest word in front of `at` that says what follows. Another number, a line's end or a marker in between ends its
/// reach.
pub(super) fn before(folded: &Folded, at: usize) -> Option<Hint> {
    let window = reach(folded, at);
    let last = WORDS.captures_iter(folded.slice(&window)).last()?;
    HINTS.iter().find(|(name, _)| last.name(name).is_some()).map(|(_, hint)| *hint)
}

fn reach(folded: &Folded, at: usize) -> Range<usize> {
    let start = at.saturating_sub(REACH);
    let stops = |byte: &u8| byte.is_ascii_digit() || matches!(*byte, b'\n' | BARRIER);
    let stop = folded.slice(&(start..at)).iter().rposition(stops);
    stop.map_or(start, |stop| start + stop + 1)..at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(text: &str) -> Option<Hint> {
        let folded = Folded::of(text);
        before(&folded, folded.bytes().len())
    }

    #[test]
    fn the_nearest_word_says_what_a_number_is() {
        assert_eq!(hint("per la pratica chiamatemi al cell. "), Some(Hint::Phone));
        assert_eq!(hint("il mio cellulare non riceve il codice "), Some(Hint::Reference));
        assert_eq!(hint("cell 12 e poi "), None);
        assert_eq!(hint("cf: "), Some(Hint::FiscalCode));
        assert_eq!(hint("un telegramma "), None);
    }
}
