//! Slovene. Numbers stand after a colon, where no word has to agree with them.

use super::{
    FormWords, FrameWords, KioskWords, Notice, OptionWords, RefusalWords, ScoreWords, ScriptWords, ThanksWords, Words,
};

pub(super) const WORDS: Words = Words {
    language: "Slovenščina",
    decimal: ",",
    frame: FrameWords {
        skip: "Na vsebino",
        languages: "Jezik",
        information: "Informacije",
        contact: "Stik",
        run_by: "Vprašalnik pripravlja {agency}",
        no_contact: "glejte naslove na spletišču ustanove {agency}",
        retention: "Čas hrambe odgovorov in predlogov v mesecih: {n}.",
        no_retention: "Kako dolgo se odgovori in predlogi hranijo, določa {agency} v svojih pravilih o hrambi dokumentov.",
    },
    form: FormWords {
        intro: "Vzelo vam bo dve minuti. Vprašalnik je anonimen: ne beležimo, kdo ste, od kod pišete ali ob kateri uri.",
        required: "obvezno",
        follow_up: "Odgovorite le, če ste pri vprašanju »{question}« izbrali: {options}.",
        or: " ali ",
        no_personal_data: "Imena, davčne številke, telefonske številke, e-naslovi ali IBAN niso potrebni: kdor to bere, ne \
            ve, kdo ste, in vam ne more odgovoriti.",
        send: "Pošlji",
        error: "Napaka",
        errors_title: "Nekaj je treba popraviti",
        nothing_recorded: "Ničesar še nismo zabeležili.",
        fault_choice: "Izberite enega od ponujenih odgovorov",
        fault_length: "Skrajšajte besedilo. Največje število znakov: {n}",
        fault_text: "Besedilo napišite znova: vsebuje znak, ki ga ne moremo shraniti",
        expired: "Stran je bila predolgo odprta. Vsi vaši odgovori so tukaj: pošljite jih znova.",
        changed: "Vprašanja so se medtem spremenila. Preverite odgovore in jih pošljite znova.",
        busy: "Trenutno prihaja preveč odgovorov. Vsi vaši so tukaj: poskusite znova čez nekaj sekund.",
    },
    options: OptionWords {
        star: "Ocena: 1 zvezdica od 5",
        stars: "Ocena v zvezdicah: {n} od 5",
        yes: "Da",
        no: "Ne",
        satisfied: "Dobro",
        neutral: "Srednje",
        dissatisfied: "Slabo",
    },
    script: ScriptWords {
        step: "Vprašanje {n} od {of}",
        next: "Naprej",
        back: "Nazaj",
        review: "Preverite svoje odgovore",
        review_hint: "Preverite pred pošiljanjem: pozneje jih ni mogoče spremeniti.",
        to_review: "Nazaj na povzetek",
        edit: "Spremeni",
        clear: "Izbriši odgovor",
        no_answer: "Brez odgovora",
        stars: "Zvezdice: {n} od 5",
        errors_title: "Nekaj je treba popraviti",
        missing: "Za nadaljevanje izberite odgovor",
        too_long: "Skrajšajte besedilo. Največje število znakov: {n}",
        chars_left: "Preostali znaki: {n}",
        chars_over: "Odvečni znaki: {n}",
        suspicious: "Zdi se, da je v besedilu {what}. Bolje je, da to izbrišete: ni potrebno in lahko razkrije, kdo ste.",
        tax_code: "davčna številka",
        email: "e-naslov",
        phone: "telefonska številka",
        iban: "IBAN",
        vat: "številka DDV",
        card: "številka kartice",
        sending: "Pošiljanje …",
        offline_title: "Ni omrežja",
        offline: "Pošiljanje ni uspelo. Vaši odgovori so še tukaj in bodo šteti samo enkrat.",
        busy_title: "Trenutek, prosim",
        busy: "Trenutno prihaja preveč odgovorov. Vsi vaši so tukaj: poskusite znova čez nekaj sekund.",
        failed_title: "Nekaj ni delovalo",
        retry: "Poskusi znova",
    },
    thanks: ThanksWords {
        title: "Hvala, vaše mnenje nam bo pomagalo izboljšati storitev!",
        next_title: "Kaj se zgodi zdaj",
        next: [
            "Vaš odgovor ostane pri ustanovi, brez imena, brez naslova in brez ure.",
            "Statistični zavod Istat dobi le vsote: vaš odgovor se šteje skupaj z odgovori drugih ljudi. Najmanjše število \
                ljudi v vsoti: {k}.",
            "Predlog, če ste ga napisali, bere samo ustanova. Nihče vam ne more odgovoriti, ker nihče ne ve, kdo ste.",
        ],
        withdraw_title: "Če si premislite",
        withdraw: "S to kodo lahko odgovor umaknete, dokler ni preštet skupaj z drugimi. Zapišite si jo zdaj: znova je ne \
            moremo pokazati.",
        code: "Koda za umik",
        withdraw_link: "Umakni odgovor",
    },
    kiosk: KioskWords {
        again: "Sekunde do novega začetka: {n}",
        stay: "Ostani na tej strani",
        restart: "Začni znova",
        there: "Ste še tukaj?",
        wiped: "Če se ne dotaknete zaslona, se obrazec začne znova in odgovori se izgubijo. Preostale sekunde: {n}",
        go_on: "Da, nadaljujem",
        code_hint: "Ta zaslon uporabljajo vsi: kodo prikažite le, če jo potrebujete, prepišite jo in nato začnite znova.",
        code_show: "Prikaži kodo",
        no_script: "Ta stran se po pol minute sama začne znova.",
    },
    score: ScoreWords {
        title: "Ocena te storitve",
        of_five: "{score} od 5 zvezdic",
        responses: "Odgovori v zadnjih 12 mesecih: {n}",
        interval: "95-odstotni interval zaupanja: od {low} do {high}",
        indicative: "Okvirni podatek: število odgovorov je manjše od {n}.",
        open: "Prosti odgovori",
        ticketed: "Odgovori po zaključenem postopku",
        note: "Odgovarjanje je prostovoljno: številke opisujejo tiste, ki so odgovorili, ne vseh uporabnikov storitve. \
            Zajemajo samo že zaključene skupine odgovorov; vaš se bo pridružil z eno od naslednjih.",
    },
    refused: RefusalWords {
        unknown: ["Strani ni mogoče najti", "Na tem naslovu ni nobene storitve. Preverite, ali ste ga prepisali v celoti."],
        unavailable: ["Vprašalnik še ni na voljo", "Poskusite pozneje: še se pripravlja."],
        ticket: [
            "To vabilo ne velja več",
            "Vsako vabilo velja za en odgovor in eno storitev. Odgovorite lahko tudi brez njega: kar ste že izbrali, je še \
                tukaj.",
        ],
        form: ["Poslanega ni bilo mogoče prebrati", "Vrnite se na prejšnjo stran in poskusite poslati znova."],
        internal: ["Nekaj ni delovalo", "Napaka je naša. Vrnite se na prejšnjo stran in kmalu poskusite znova."],
    },
    privacy: Notice {
        title: "Obvestilo o zasebnosti",
        sections: &[
            (
                "Kdo zbira odgovore",
                &["Vprašalnik vodi {agency}. Za vprašanja: {contact}.", "Pooblaščena oseba za varstvo podatkov: {officer}."],
            ),
            (
                "Kaj hranimo",
                &[
                    "Odgovore, ki jih izberete, jezik in dan, ko jih pošljete.",
                    "Predlog hranimo ločeno, s storitvijo, dnevom, jezikom in skupno oceno: nič ga ne povezuje z drugimi \
                        odgovori in ostane, tudi če odgovor umaknete. Preden ga shranimo, odstranimo, kar je po obliki \
                        davčna številka, telefonska številka, e-naslov, IBAN ali podoben podatek.",
                    "Od vsakega pošiljanja in vsakega uporabljenega vabila hranimo odtis: služi temu, da se šteje samo \
                        enkrat, in ne vodi do odgovora.",
                ],
            ),
            (
                "Česa ne hranimo",
                &[
                    "Ob odgovorih ne hranimo imena, računa, naslova IP, naprave, brskalnika ali ure. Ne uporabljamo \
                        piškotkov, pomnilnika brskalnika ali storitev drugih spletišč.",
                    "Vaš omrežni naslov je potreben, da stran pride do vaše naprave; ta program ga ne beleži. Omrežni \
                        sistemi ustanove imajo lahko svoje dnevnike.",
                ],
            ),
            (
                "Čemu služijo",
                &[
                    "Izboljševanju storitev in javni statistiki, pri opravljanju nalog v javnem interesu (točka (e) prvega \
                        odstavka 6. člena Uredbe (EU) 2016/679).",
                    "Istat dobi le vsote o skupinah ljudi. Predlogi nikoli ne zapustijo ustanove.",
                ],
            ),
            ("Kako dolgo", &["{retention}", "Odtisi pošiljanj in vabil se izbrišejo po približno štirih mesecih."]),
            (
                "Vaše pravice",
                &[
                    "Odgovarjanje je prostovoljno. Po pošiljanju dobite kodo, s katero lahko odgovor umaknete, dokler ni \
                        preštet skupaj z drugimi.",
                    "Ker vas iz odgovorov ni mogoče prepoznati, jih ne moremo iskati po imenu (11. člen Uredbe). Če so se \
                        v predlogu znašli osebni podatki, nam to sporočite: {contact}. Obrnete se lahko tudi na \
                        italijanski nadzorni organ (Garante per la protezione dei dati personali).",
                ],
            ),
        ],
    },
    accessibility: Notice {
        title: "Dostopnost",
        sections: &[
            (
                "Naša zaveza",
                &[
                    "{agency} želi, da ta vprašalnik lahko uporablja vsakdo, kot zahteva italijanski zakon št. 4 z dne 9. \
                        januarja 2004.",
                    "Merilo so smernice WCAG 2.1, raven AA (standard EN 301 549).",
                    "Izjava o dostopnosti: {declaration}.",
                ],
            ),
            (
                "Kje smo",
                &[
                    "Vprašalnik deluje s tipkovnico, pri širini 320 pik, pri 200-odstotni povečavi, z visokim kontrastom \
                        in brez JavaScripta. Narejen je za bralnike zaslona, vendar ga z njimi še nihče ni preizkusil.",
                    "Ob vsaki spremembi strani v brskalniku preverijo samodejni preizkusi, v vseh jezikih. Samodejni \
                        preizkusi ne vidijo vsega: zunanji ocenjevalci strani še niso ocenili.",
                ],
            ),
            (
                "Sporočite nam težavo",
                &["Če kaj ni dostopno, nam to sporočite, s stranjo in s tem, kar ni delovalo: {contact}."],
            ),
            (
                "Če odgovora ni",
                &["Če v tridesetih dneh ne dobite odgovora ali z njim niste zadovoljni, se lahko obrnete na varuha za \
                    digitalne pravice (Difensore civico per il digitale) pri AgID, agenciji za digitalno Italijo, ki \
                    prejema tudi izjave o dostopnosti: www.agid.gov.it."],
            ),
        ],
    },
};
