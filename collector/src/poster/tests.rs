use super::letters::{Face, width};
use super::sheet::{Mark, Sheet, Step};
use super::*;

const ALL: [&str; 5] = ["it", "en", "de", "fr", "sl"];

fn poster<'a>(agency: &'a str, service: &'a str, address: &'a str) -> Poster<'a> {
    let languages = "it,sl".parse().unwrap();
    Poster { agency, service, address, languages, format: Format::A4 }
}

fn plain() -> Poster<'static> {
    poster("Comune di Trieste", "Anagrafe: cambio di residenza", "https://opinioni.comune.example.it/s/anagrafe")
}

/// The largest that the configuration and the layout allow.
fn full() -> Poster<'static> {
    let agency = "Istituto nazionale per l’assicurazione contro gli infortuni sul lavoro e le malattie professionali";
    let service = "Richiesta di rimborso delle spese di viaggio e di soggiorno per cure termali e riabilitazione in Ita";
    poster(agency, service, "https://opinioni-dei-cittadini.istituto.example.it/s/rimborso-spese-di-viaggio")
}

fn pairs() -> impl Iterator<Item = Languages> {
    let pair = |first: &str, second: &str| if first == second { first.to_owned() } else { format!("{first},{second}") };
    ALL.into_iter().flat_map(move |first| ALL.into_iter().map(move |second| pair(first, second).parse().unwrap()))
}

/// Left, right, top and bottom of everything that is drawn.
fn bounds(sheet: &Sheet) -> [f32; 4] {
    let mut bounds = [f32::MAX, f32::MIN, f32::MAX, f32::MIN];
    let mut reach = |x: f32, y: f32| {
        bounds = [bounds[0].min(x), bounds[1].max(x), bounds[2].min(y), bounds[3].max(y)];
    };
    for mark in &sheet.marks {
        match mark {
            Mark::Line(line) => {
                reach(line.x, line.y - line.size);
                reach(line.x + width(&line.text, line.face, line.size), line.y + line.size * 0.25);
            }
            Mark::Shape { outline, .. } => outline.iter().for_each(|step| match step {
                Step::To(x, y) | Step::Line(x, y) | Step::Curve([_, _, _, _, x, y]) => reach(*x, *y),
                Step::Close => {}
            }),
        }
    }
    bounds
}

#[test]
fn everything_stands_within_the_printable_margins_in_every_pair_of_languages() {
    for languages in pairs() {
        for (format, margin) in [(Format::A4, 28.3), (Format::A6, 14.1)] {
            for poster in [plain(), full()] {
                let sheet = layout::lay_out(&Poster { languages, format, ..poster }).unwrap();
                let [left, right, top, bottom] = bounds(&sheet);
                assert!(left >= margin && right <= sheet.width - margin, "{languages:?} {left} {right}");
                assert!(top >= margin && bottom <= sheet.height - margin, "{languages:?} {top} {bottom}");
            }
        }
    }
}

#[test]
fn no_line_is_too_small_to_read_and_no_code_too_small_to_scan() {
    for languages in pairs() {
        let sheet = layout::lay_out(&Poster { languages, format: Format::A6, ..full() }).unwrap();
        let mut black = None;
        for mark in &sheet.marks {
            match mark {
                Mark::Line(line) => assert!(line.size >= 7.0, "{} {}", line.size, line.text),
                Mark::Shape { outline, ink: sheet::Ink::Black } => black = outline.get(..2),
                Mark::Shape { .. } => {}
            }
        }
        // The first bar is a finder pattern's top, seven modules long. A phone reads 0.4 mm.
        let Some([Step::To(left, _), Step::Line(right, _)]) = black else { panic!("there is no code") };
        let module_mm = (right - left) / 7.0 * 25.4 / 72.0;
        assert!(module_mm >= 0.4, "{module_mm} {languages:?}");
    }
}

#[test]
fn every_text_of_the_chosen_languages_is_printed_and_no_other() {
    for languages in pairs() {
        let svg = Poster { languages, ..plain() }.svg().unwrap();
        for tag in ALL {
            let language = Language::from_tag(tag).unwrap();
            let words = words::words(language);
            let chosen = languages.all().any(|one| one == language);
            for text in [words.call, words.invitation, words.how] {
                assert_eq!(svg.contains(text), chosen, "{tag}: {text}");
            }
        }
        for text in ["Comune di Trieste", "Anagrafe: cambio di residenza", ">opinioni.comune.example.it/s/anagrafe<"] {
            assert!(svg.contains(text), "{text}");
        }
    }
}

#[test]
fn what_a_name_holds_cannot_become_markup() {
    let svg = poster("A & B <script>\"'", "S <b>", "https://a.example/s/x").svg().unwrap();
    assert!(svg.contains("A &amp; B &lt;script&gt;&quot;&#39;") && svg.contains(">S &lt;b&gt;<"), "{svg}");
    assert!(!svg.contains("<script") && !svg.contains("style"));
}

#[test]
fn what_does_not_fit_or_cannot_be_printed_is_refused_in_words() {
    let long = "supercalifragilistico ".repeat(12);
    let host = format!("https://{}.example.it/s/x", "h".repeat(60));
    for (poster, refusal) in [
        (poster("Ente Ωmega", "Servizio", "https://a.example/s/x"), PosterRefusal::Letter('Ω')),
        (poster("Ente\n", "Servizio", "https://a.example/s/x"), PosterRefusal::Letter('\n')),
        (poster(&long, "Servizio", "https://a.example/s/x"), PosterRefusal::AgencyLong),
        (poster("Ente", &long, "https://a.example/s/x"), PosterRefusal::ServiceLong),
        (poster("Ente", "Servizio", &host), PosterRefusal::AddressLong(host.clone())),
    ] {
        assert_eq!(poster.svg().unwrap_err(), refusal);
        assert_eq!(poster.pdf().unwrap_err(), refusal);
    }
}

#[test]
fn a_long_address_is_broken_before_its_path_and_only_there() {
    let svg = full().svg().unwrap();
    assert!(svg.contains(">opinioni-dei-cittadini.istituto.example.it<") && svg.contains(">/s/rimborso-spese-di-viaggio<"));
    let plain_http = poster("Ente", "Servizio", "http://127.0.0.1:8080/s/x").svg().unwrap();
    assert!(plain_http.contains(">http://127.0.0.1:8080/s/x<"), "without TLS the scheme must be typed");
}

#[test]
fn the_calls_are_large_in_every_language() {
    for tag in ALL {
        let words = words::words(Language::from_tag(tag).unwrap());
        assert!(width(words.call, Face::Bold, 36.0) <= 474.0, "{}", words.call);
        assert!(width(words.invitation, Face::Regular, 22.0) <= 474.0, "{}", words.invitation);
        assert!(width(words.how, Face::Regular, 15.0) <= 474.0, "{}", words.how);
    }
}

#[test]
fn only_the_formats_and_one_or_two_languages_can_be_asked_for() {
    assert_eq!(("a4".parse(), "A6".parse()), (Ok(Format::A4), Ok(Format::A6)));
    assert_eq!("a5".parse::<Format>(), Err(Misasked::Format));
    for wrong in ["", "xx", "it,it", "it,en,de", "it;en"] {
        assert_eq!(wrong.parse::<Languages>(), Err(Misasked::Languages), "{wrong}");
    }
    assert!("it, de".parse::<Languages>().is_ok());
}

#[test]
fn the_same_poster_is_the_same_bytes() {
    assert_eq!(plain().pdf().unwrap(), plain().pdf().unwrap());
}
