use super::*;
use crate::store::imported::totals;
use gradimento_common::questionnaire::SHIPPED;

/// As the Plone add-on's `@feedback-csv` writes it: a quoted comment with a line break in it, dates with microseconds.
const PLONE: &str = "title,url,vote,comment,date,answer\r\n\
    Bonus,https://www.comune.example.it/bonus,5,,2024-05-10T09:15:02.123456,clear_instructions\r\n\
    Bonus,https://www.comune.example.it/bonus,2,\"Il modulo,\nin fondo, \"\"non\"\" va\",2024-05-10T23:59:59,technical_problems\r\n\
    Login,,4,,2024-06-01T00:00:00+02:00,\r\n";

/// As export plug-ins write the theme's ratings: meta keys, WordPress's own date, escaped labels, a semicolon, a byte order mark.
const WORDPRESS: &str = "\u{feff}ID;post_title;post_date;_dci_rating_stelle;_dci_rating_risposta_chiusa;_dci_rating_risposta_aperta\n\
    7;Bonus;2023-11-02 10:00:00;1;Alcune indicazioni non erano chiare;\"Mario Rossi; via Roma\"\n\
    8;Bonus;02/11/2023 11:30;4;Capivo sempre che stavo procedendo correttamente;\n";

fn questionnaire() -> Questionnaire {
    serde_json::from_str(SHIPPED[0]).unwrap()
}

fn cells(format: Format, file: &str) -> Vec<(String, String, String, u64)> {
    let counts = read(&questionnaire(), format, file.as_bytes()).unwrap().counts();
    counts.into_iter().map(|count| (count.day.to_string(), count.question, count.option, count.n)).collect()
}

fn cell(day: &str, question: &str, option: &str, n: u64) -> (String, String, String, u64) {
    (day.into(), question.into(), option.into(), n)
}

#[test]
fn an_export_of_the_plone_add_on_is_counted_by_day() {
    let counted = cells(Format::Plone, PLONE);
    for wanted in [
        cell("2024-05-10", "overall", "5", 1),
        cell("2024-05-10", "positive", "clear_instructions", 1),
        cell("2024-05-10", "negative", "technical_problems", 1),
        cell("2024-06-01", "overall", "4", 1),
        cell("2024-06-01", "positive", "none", 1),
    ] {
        assert!(counted.contains(&wanted), "{wanted:?}");
    }
    assert_eq!(counted.iter().filter(|(_, question, ..)| question == "overall").map(|(.., n)| n).sum::<u64>(), 3);
}

#[test]
fn an_export_of_the_wordpress_themes_ratings_is_counted_by_day() {
    let counted = cells(Format::Wordpress, WORDPRESS);
    assert!(counted.contains(&cell("2023-11-02", "negative", "unclear_instructions", 1)), "{counted:?}");
    assert!(counted.contains(&cell("2023-11-02", "positive", "clear_proceeding", 1)));
    assert!(!format!("{counted:?}").contains("Rossi"));
}

#[test]
fn a_file_is_refused_whole_with_every_row_that_cannot_be_read() {
    let file = "title,url,vote,comment,date,answer\na,b,ok,,2024-05-10,\na,b,5,,2024-05-10,\na,b,5,,soon,\na,b,5,Rossi,2024-05-10,Rossi\n";
    let told = read(&questionnaire(), Format::Plone, file.as_bytes()).unwrap_err().to_string();
    for part in ["3 rows", "line 2 has no stars", "line 4 has no date", "line 5 has an answer"] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("Rossi"));
    let told = read(&questionnaire(), Format::Plone, "title,url\n".as_bytes()).unwrap_err().to_string();
    assert!(told.contains("no column for the stars") && told.contains("vote"));
    let latin = read(&questionnaire(), Format::Plone, b"vote,answer,date\n5,perch\xe9,2024-05-10\n".as_slice()).unwrap_err();
    assert!(latin.to_string().contains("not UTF-8"));
    let many = "vote,answer,date\n".to_owned() + &"x,,\n".repeat(50);
    assert!(read(&questionnaire(), Format::Plone, many.as_bytes()).unwrap_err().to_string().ends_with("and so on"));
}

#[actix_web::test]
async fn what_is_imported_stands_apart_and_a_later_export_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.sqlite");
    let store = Store::open(&path).unwrap();
    let service: ServiceId = "pagine".parse().unwrap();
    let later = PLONE.to_owned() + "Login,,4,,2024-06-02T00:00:00,other_positive\r\n";
    for (file, ratings) in [(PLONE, 3), (&later, 4)] {
        let imported = import(&store, &questionnaire(), &service, Format::Plone, file.as_bytes()).await.unwrap();
        assert_eq!(imported, ratings);
    }
    assert_eq!(import(&store, &questionnaire(), &service, Format::Wordpress, WORDPRESS.as_bytes()).await.unwrap(), 2);
    assert!(import(&store, &questionnaire(), &service, Format::Plone, "vote,answer,date\n9,,".as_bytes()).await.is_err());
    let totals = store.read(|connection| totals(connection, &service)).unwrap();
    let of = |question: &str, option: &str| totals.iter().find(|(q, o, _)| q == question && o == option).map(|(.., n)| *n);
    assert_eq!((of("overall", "4"), of("positive", "other_positive"), of("overall", "1")), (Some(3), Some(1), Some(1)));
    let told = report(&service, &totals);
    assert!(told.starts_with("pagine: 6 past ratings, imported; they are part of no other figure"), "{told}");
    for line in ["\n  mean: 3.3 of 5 stars", "\n  overall: 1 = 1; 2 = 1; 4 = 3; 5 = 1;"] {
        assert!(told.contains(line), "{told}");
    }
    for table in ["tally", "pool", "suggestion_today"] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let count: u64 = store.read(|connection| Ok(connection.query_row(&sql, [], |row| row.get(0))?)).unwrap();
        assert_eq!(count, 0, "{table}");
    }
}
