//! Configuration files: every mistake is told, none ends the program in another way.

#![no_main]

use gradimento_common::ids::AgencyCode;
use gradimento_common::message::Service;
use gradimento_common::settings::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut settings = Settings::new(text, []);
    let port = settings.number("public.port", 8080, 1..=65_535);
    assert!(port <= 65_535);
    settings.text("agency.name", None);
    settings.optional_text("public.address");
    settings.parsed::<AgencyCode>("agency.code", Some("inps"));
    settings.flag("public.tls", true);
    settings.list::<Service>("services");
    if let Err(mistakes) = settings.finish() {
        assert!(mistakes.to_string().lines().count() > 1, "a refusal without a reason");
    }
});
