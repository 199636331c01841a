//! Passwords, PINs, credentials in addresses, and whatever an address carries that could open a session.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::{Finding, Marker, all, data, exact_pattern, pattern};

/// What stands between `://` and `@`.
static IN_AUTHORITY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\b [a-z][a-z0-9+.\-]{1,20} :// (?P<datum> [!-.0-?A-~]{1,200} ) @"#));

/// The value of a parameter whose name says what it is.
static IN_QUERY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"[?&;\#/] (?: [a-z0-9_.\-]{0,30} [_.\-] )? (?: token | key | apikey | accesstoken | password | passwd | pwd | pass
        | psw | secret | session | sessionid | sid | jsessionid | phpsessid | code | otp | pin | auth | authorization | sig
        | signature | ticket | jwt | saml(?:request|response|art) | relaystate | state | nonce | cf | codfisc | codice_?fiscale | user
        | username | utente | login | uid | nome | cognome | name | surname | mail | email | tel | telefono | phone | cell
        | nascita ) = (?P<datum> [!"$%'-:<-~]+ )"#,
    )
});

/// JSON web tokens.
static JWT: LazyLock<Regex> = LazyLock::new(|| exact_pattern(r"\b eyJ [A-Za-z0-9_\-]{8,} (?: \. [A-Za-z0-9_\-]+ ){1,2}"));

/// A word with a digit or a sign in it after the word password, with or without something between.
static SAID: LazyLock<Regex> = LazyLock::new(|| {
    let name = r"(?: password | passwd | pwd | psw | pw | passphrase | passwort | mot\ de\ passe | geslo
        | parola\ (?:chiave|d'ordine) )";
    let between = r"(?: \ (?: di|del|dello|della|per|mia|nuova|vecchia|provvisoria|attuale|spid|cie|iniziale|che|uso|era|sarebbe
        |ist|is|est|con|accesso ) ){0,4}";
    let short = r"(?: pass | credenziali | chiave | login | accesso ) \ ? [:=]";
    pattern(&format!(r#"\b (?: {name} {between} | {short} ) [\ :=\"'(\[]{{1,5}} (?P<datum> [!-~]{{4,64}} )"#))
});

/// Anything after a colon, when the sentence ends there.
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b (?: password | passwd | pwd | psw | pass ) \ ? [:=] \ ? (?P<datum> [a-z0-9_]{4,64} ) \ ? (?: [.,;!)\n] | $ )")
});

/// As programs write it.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"\b (?: password | passwd | pwd | psw | pass | pin | otp | token ) = (?P<datum> [!"$%'-:<-~]{3,64} )"#)
});

/// Numbers that open a card, a SIM or a door.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let name = r"(?: pin | puk | otp | cvv | cvc | cvv2 | codice\ (?:di\ )?(?:sicurezza|segreto|accesso|sblocco) )";
    let between = r"(?: \ (?:della|del|di|carta|cie|mia|spid|tessera|bancomat|temporaneo|ricevuto|era|n|numero|is) ){0,4}";
    pattern(&format!(r"\b {name} {between} [\ :='().]{{1,5}} (?P<datum> [0-9]{{3,8}} ) \b"))
});

pub(super) fn find(folded: &Folded) -> Vec<Finding> {
    let mut findings = data(&IN_AUTHORITY, folded, Marker::Secret);
    findings.append(&mut data(&IN_QUERY, folded, Marker::Secret));
    findings.append(&mut all(&JWT, folded, Marker::Secret));
    let said = data(&SAID, folded, Marker::Secret).into_iter().map(|found| trimmed(folded, found));
    findings.extend(said.filter(|found| looks_chosen(folded.slice(&found.range))));
    findings.append(&mut data(&ALONE, folded, Marker::Secret));
    findings.append(&mut data(&ASSIGNED, folded, Marker::Secret));
    findings.append(&mut data(&NUMBER, folded, Marker::Secret));
    findings
}

/// Without the punctuation that ends the sentence.
fn trimmed(folded: &Folded, mut found: Finding) -> Finding {
    while found.range.len() > 1
        && matches!(folded.before(found.range.end), Some(b'.' | b',' | b';' | b':' | b'"' | b'\'' | b')' | b']'))
    {
        found.range.end -= 1;
    }
    found
}

/// A word of the language has neither digits nor signs, nor a capital inside.
fn looks_chosen(word: &[u8]) -> bool {
    let letters = word.iter().any(u8::is_ascii_alphabetic);
    let digits = word.iter().any(u8::is_ascii_digit);
    let signs = word.iter().any(|byte| matches!(byte, b'!' | b'#'..=b'&' | b'*' | b'+' | b'?' | b'@' | b'_' | b'^'));
    let capital_inside = word.iter().skip(1).any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase);
    word.len() >= 4 && letters && (digits || capital_inside || signs && word.len() >= 6 && !ends_in_its_only_sign(word))
}

/// "dimenticata!" and "scaduta?" are words.
fn ends_in_its_only_sign(word: &[u8]) -> bool {
    word.split_last()
        .is_some_and(|(_, others)| others.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?')))
}
