//! Properties of redaction, and the edges between what is personal and what is not; the corpus has its own test.

use proptest::prelude::*;

use super::*;

fn redacted(text: &str) -> String {
    Redacted::of(text).as_str().to_owned()
}

/// Pieces from which texts are put together that come near to every rule, and near to each other.
fn awkward() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "333",
        "1234567",
        "06",
        "12345678",
        "+39",
        "0039",
        "4111",
        "1111",
        "12345678903",
        "IT60",
        "X",
        "0542811101",
        "000000123456",
        "it",
        "RSSMRA",
        "85T10",
        "A562S",
        "AB",
        "123",
        "CD",
        "@",
        "gmail",
        ".com",
        "chiocciola",
        " at ",
        "punto",
        "://",
        "http",
        "?token=",
        "=",
        "password",
        "pin",
        "è",
        "e'",
        "tel ",
        "cell",
        "cf ",
        "iban ",
        "carta ",
        "targa ",
        "nato il ",
        "12",
        "/",
        "03",
        "1980",
        "mi chiamo ",
        "sono ",
        "Mario",
        " Rossi",
        "abito in via ",
        "prot. ",
        ":",
        "::",
        ".",
        "-",
        " ",
        "  ",
        "(",
        ")",
        "[",
        "]",
        "[telefono]",
        "[e-mail]",
        "telefono",
        "\n",
        "\u{200b}",
        "\u{a0}",
        "３",
        "😀",
        "ß",
        "'",
        ",",
        "tre ",
        "uno ",
        "DE89370400440532013000",
        "eyJhbGciOi",
        "192.168.",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn redacting_twice_changes_nothing(text in awkward()) {
        let once = redacted(&text);
        prop_assert_eq!(redacted(&once), once);
    }

    #[test]
    fn any_unicode_is_taken(text in any::<String>()) {
        let once = redacted(&text);
        prop_assert_eq!(redacted(&once), once);
    }

    #[test]
    fn words_of_small_letters_stay_as_they_are(text in "[b-df-ln-z]{1,12}( [b-df-ln-z]{1,12}){0,30}") {
        // Without the vowels a and e, and m, no phrase that introduces anything can come up.
        prop_assert_eq!(redacted(&text), text);
    }

    #[test]
    fn any_spelling_of_a_codice_fiscale_goes(
        text in "[a-zA-Z]{6}[0-9]{2}[abcdehlmprstABCDEHLMPRST][0-9]{2}[a-zA-Z][0-9]{3}[a-zA-Z]",
        gap in prop::sample::select(vec!["", " ", "-", ".", "\u{a0}", "\u{200b}"]),
    ) {
        let characters: Vec<String> = text.chars().map(String::from).collect();
        prop_assert_eq!(redacted(&format!("ecco: {}, grazie", characters.join(gap))), "ecco: [codice fiscale], grazie");
    }

    #[test]
    fn any_mobile_number_goes(text in "3[2-9][0-9] ?[0-9]{3}[ .-]?[0-9]{4}") {
        let text = redacted(&format!("sono al {text} dopo le 18"));
        prop_assert_eq!(text, "sono al [telefono] dopo le 18");
    }
}

#[test]
fn what_some_rule_likes_best_over_and_over_comes_to_an_end_and_stays() {
    // Never with the end that the rule wants.
    let baits = [
        "a",
        "1 ",
        "3-",
        "a.a.",
        "mario punto ",
        "a@a ",
        "IT60X",
        "RSSMRA85T10",
        "1:",
        "1.1.",
        "password ",
        "nato a ",
        "=",
        "via b ",
    ];
    for bait in baits {
        let text: String = bait.chars().cycle().take(4_000).collect();
        let once = redacted(&text);
        assert_eq!(redacted(&once), once, "{bait:?}");
    }
}

#[test]
fn what_stands_around_a_datum_stays() {
    let text = "Salve,\nsono al 333 1234567 (sera)\u{200b}😀 – grazie";
    assert_eq!(redacted(text), "Salve,\nsono al [telefono] (sera)\u{200b}😀 – grazie");
}

#[test]
fn two_data_side_by_side_get_two_markers() {
    assert_eq!(redacted("333 1234567 347 7654321"), "[telefono] [telefono]");
    assert_eq!(redacted("cell 333 1234567, a.b@c.it e AB123CD"), "cell [telefono], [e-mail] e [targa]");
}

#[test]
fn eleven_digits_are_a_partita_iva_where_they_check_or_are_said_to_be_one() {
    assert_eq!(redacted("ecco 00743110157"), "ecco [partita IVA]");
    assert_eq!(redacted("ecco 00743110158"), "ecco 00743110158");
    assert_eq!(redacted("p.iva 00743110158"), "p.iva [partita IVA]");
    assert_eq!(redacted("prot. 00743110157"), "prot. 00743110157");
}

#[test]
fn a_marker_that_the_citizen_types_is_left_alone() {
    assert_eq!(redacted("[telefono] [e-mail]"), "[telefono] [e-mail]");
}

#[test]
fn debug_tells_nothing_of_the_text() {
    assert_eq!(format!("{:?}", Redacted::of("ciao")), "Redacted(..)");
}
