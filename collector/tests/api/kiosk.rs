//! The page on a counter's screen, as the server makes it. How it behaves stands in `tests/browser/kiosk.test.mjs`.

use crate::desk::Collector;

#[actix_web::test]
async fn every_address_on_a_kiosk_page_leads_to_a_kiosk_page() {
    let collector = Collector::start();
    for (path, status) in [("/s/prova?kiosk=1", 200), ("/s/nessuno?kiosk=1&lang=de", 404), ("/s/nuovo?kiosk=1", 503)] {
        let reply = collector.get(path).await;
        assert_eq!((reply.status, reply.header("Cache-Control")), (status, "no-store"));
        let addresses = ["href=\"", "action=\""].iter().flat_map(|name| reply.body.split(name).skip(1));
        let addresses: Vec<_> = addresses.filter_map(|rest| rest.split('"').next()).collect();
        let own = |address: &&str| address.starts_with('#') || address.starts_with("/style.css") || *address == "/icon.svg";
        for address in addresses.iter().filter(|address| !own(address)) {
            assert!(address.contains("kiosk=1"), "{path}: {address}");
        }
        assert!(addresses.len() > 5, "{addresses:?}");
        assert!(
            reply.body.contains("/kiosk.js?v=") && reply.body.contains("<html lang=") && reply.body.contains("class=\"kiosk\"")
        );
        // A page that holds no answers may go by itself even without JavaScript; a form may not.
        assert_eq!(reply.body.contains("http-equiv=\"refresh\""), status != 200, "{path}");
    }
}

#[actix_web::test]
async fn a_citizens_own_page_knows_nothing_of_kiosks() {
    let collector = Collector::start();
    for path in ["/s/prova", "/s/prova?kiosk=0", "/s/nessuno", "/privacy"] {
        assert!(!collector.get(path).await.body.contains("kiosk"), "{path}");
    }
}
