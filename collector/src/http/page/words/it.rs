//! Italian, the language that has legal force.

use super::{
    FormWords, FrameWords, KioskWords, Notice, OptionWords, RefusalWords, ScoreWords, ScriptWords, ThanksWords, Words,
};

pub(super) const WORDS: Words = Words {
    language: "Italiano",
    decimal: ",",
    frame: FrameWords {
        skip: "Vai al contenuto",
        languages: "Lingua",
        information: "Informazioni",
        contact: "Contatti",
        run_by: "Questionario a cura di {agency}",
        no_contact: "vedi i recapiti sul sito di {agency}",
        retention: "Durata, in mesi, della conservazione di risposte e suggerimenti: {n}.",
        no_retention: "Per quanto tempo risposte e suggerimenti sono conservati lo stabilisce {agency} nelle proprie \
            regole di conservazione dei documenti.",
    },
    form: FormWords {
        intro: "Bastano due minuti. È anonimo: non registriamo chi sei, da dove scrivi né a che ora.",
        required: "obbligatoria",
        follow_up: "Rispondi solo se a «{question}» hai scelto: {options}.",
        or: " oppure ",
        no_personal_data: "Non servono nomi, codici fiscali, telefoni, e‑mail o IBAN: chi legge non sa chi sei e non può \
            risponderti.",
        send: "Invia",
        error: "Errore",
        errors_title: "C’è qualcosa da sistemare",
        nothing_recorded: "Non abbiamo ancora registrato nulla.",
        fault_choice: "Scegli una delle risposte proposte",
        fault_length: "Accorcia il testo: può avere al massimo {n} caratteri",
        fault_text: "Riscrivi il testo: contiene un carattere che non possiamo conservare",
        expired: "La pagina è rimasta aperta troppo a lungo. Le tue risposte sono tutte qui: inviale di nuovo.",
        changed: "Le domande sono cambiate mentre rispondevi. Controlla le risposte e inviale di nuovo.",
        busy: "In questo momento arrivano troppe risposte insieme. Le tue sono tutte qui: riprova tra qualche secondo.",
    },
    options: OptionWords {
        star: "Valuta 1 stella su 5",
        stars: "Valuta {n} stelle su 5",
        yes: "Sì",
        no: "No",
        satisfied: "Bene",
        neutral: "Così così",
        dissatisfied: "Male",
    },
    script: ScriptWords {
        step: "Domanda {n} di {of}",
        next: "Avanti",
        back: "Indietro",
        review: "Rivedi le tue risposte",
        review_hint: "Controlla prima di inviare: dopo l’invio non si possono modificare.",
        to_review: "Torna al riepilogo",
        edit: "Modifica",
        clear: "Cancella la risposta",
        no_answer: "Nessuna risposta",
        stars: "Stelle: {n} su 5",
        errors_title: "C’è qualcosa da sistemare",
        missing: "Scegli una risposta per andare avanti",
        too_long: "Accorcia il testo: può avere al massimo {n} caratteri",
        chars_left: "Caratteri ancora disponibili: {n}",
        chars_over: "Caratteri di troppo: {n}",
        suspicious: "Sembra che nel testo ci sia {what}. Meglio toglierlo: non serve e può far capire chi sei.",
        tax_code: "un codice fiscale",
        email: "un indirizzo e‑mail",
        phone: "un numero di telefono",
        iban: "un IBAN",
        vat: "una partita IVA",
        card: "un numero di carta",
        sending: "Invio in corso…",
        offline_title: "Rete assente",
        offline: "Non siamo riusciti a inviare. Le tue risposte sono ancora qui e saranno contate una volta sola.",
        busy_title: "Un attimo di pazienza",
        busy: "In questo momento arrivano troppe risposte insieme. Le tue sono tutte qui: riprova tra qualche secondo.",
        failed_title: "Qualcosa non ha funzionato",
        retry: "Riprova",
    },
    thanks: ThanksWords {
        title: "Grazie, il tuo parere ci aiuterà a migliorare il servizio!",
        next_title: "Che cosa succede ora",
        next: [
            "La tua risposta resta presso l’ente, senza il tuo nome, senza il tuo indirizzo e senza l’ora.",
            "All’Istat arrivano solo somme: la tua risposta è contata insieme a quelle di altre persone, almeno {k} in \
                tutto.",
            "Se hai scritto un suggerimento, lo legge solo l’ente. Nessuno può risponderti, perché nessuno sa chi sei.",
        ],
        withdraw_title: "Se cambi idea",
        withdraw: "Con questo codice puoi ritirare la risposta finché non è stata contata insieme ad altre. Copialo ora: \
            non possiamo mostrartelo di nuovo.",
        code: "Codice di ritiro",
        withdraw_link: "Ritira la risposta",
    },
    kiosk: KioskWords {
        again: "Secondi prima di ricominciare: {n}",
        stay: "Resta su questa pagina",
        restart: "Ricomincia ora",
        there: "Ci sei ancora?",
        wiped: "Se non tocchi lo schermo si ricomincia da capo e le risposte vanno perse. Secondi rimasti: {n}",
        go_on: "Sì, continuo",
        code_hint: "Questo schermo è di tutti: mostra il codice solo se ti serve, copialo e poi ricomincia.",
        code_show: "Mostra il codice",
        no_script: "Questa pagina ricomincia da sola dopo mezzo minuto.",
    },
    score: ScoreWords {
        title: "La valutazione di questo servizio",
        of_five: "{score} su 5 stelle",
        responses: "Risposte negli ultimi 12 mesi: {n}",
        interval: "Intervallo di confidenza al 95 %: da {low} a {high}",
        indicative: "Dato indicativo: le risposte sono meno di {n}.",
        open: "Risposte libere",
        ticketed: "Risposte dopo una pratica conclusa",
        note: "Risponde chi vuole: i numeri descrivono chi ha risposto, non tutte le persone che usano il servizio. \
            Comprendono solo gruppi già chiusi di risposte; la tua si aggiungerà con uno dei prossimi.",
    },
    refused: RefusalWords {
        unknown: [
            "Pagina non trovata",
            "L’indirizzo non corrisponde a nessun servizio. Controlla di averlo copiato per intero.",
        ],
        unavailable: ["Il questionario non è ancora disponibile", "Riprova più tardi: l’ente lo sta ancora preparando."],
        ticket: [
            "Questo invito non è più valido",
            "Ogni invito vale per una sola risposta e per un solo servizio. Puoi rispondere anche senza: ciò che hai già \
                scelto resta qui.",
        ],
        form: [
            "Non è stato possibile leggere ciò che hai inviato",
            "Torna alla pagina precedente e prova a inviarlo di nuovo.",
        ],
        internal: ["Qualcosa non ha funzionato", "L’errore è nostro. Torna alla pagina precedente e riprova tra poco."],
    },
    privacy: Notice {
        title: "Informativa sulla privacy",
        sections: &[
            (
                "Chi raccoglie le risposte",
                &[
                    "Il questionario è gestito da {agency}. Per domande: {contact}.",
                    "Responsabile della protezione dei dati: {officer}.",
                ],
            ),
            (
                "Che cosa conserviamo",
                &[
                    "Le risposte che scegli, la lingua e il giorno in cui le invii.",
                    "Se scrivi un suggerimento, lo conserviamo a parte, con il servizio, il giorno, la lingua e la \
                        valutazione complessiva: nulla lo collega alle altre risposte, e resta anche se ritiri la \
                        risposta. Prima di conservarlo togliamo ciò che ha la forma di un codice fiscale, di un telefono, \
                        di un indirizzo e‑mail, di un IBAN o di altri dati simili.",
                    "Di ogni invio e di ogni invito usato conserviamo un’impronta: serve a contarlo una volta sola e non \
                        porta alla risposta.",
                ],
            ),
            (
                "Che cosa non conserviamo",
                &[
                    "Non conserviamo accanto alle risposte nome, account, indirizzo IP, dispositivo, browser né ora. Non \
                        usiamo cookie, memoria del browser o servizi di altri siti.",
                    "L’indirizzo di rete serve a far arrivare la pagina al tuo dispositivo; questo programma non lo \
                        registra. I sistemi di rete dell’ente possono avere registri propri.",
                ],
            ),
            (
                "A che cosa servono",
                &[
                    "A migliorare i servizi e a produrre statistiche pubbliche, nello svolgimento di compiti di interesse \
                        pubblico (articolo 6, paragrafo 1, lettera e, del regolamento UE 2016/679).",
                    "All’Istat arrivano solo somme su gruppi di persone. I suggerimenti non escono dall’ente.",
                ],
            ),
            ("Per quanto tempo", &["{retention}", "Le impronte di invii e inviti sono cancellate dopo circa quattro mesi."]),
            (
                "I tuoi diritti",
                &[
                    "Rispondere è facoltativo. Dopo l’invio ricevi un codice con cui puoi ritirare la risposta finché non \
                        è stata contata insieme ad altre.",
                    "Poiché le risposte non permettono di riconoscerti, non possiamo cercarle per nome (articolo 11 del \
                        regolamento). Se in un suggerimento sono finiti dati personali, faccelo sapere: {contact}. Puoi \
                        anche rivolgerti al Garante per la protezione dei dati personali.",
                ],
            ),
        ],
    },
    accessibility: Notice {
        title: "Accessibilità",
        sections: &[
            (
                "Il nostro impegno",
                &[
                    "{agency} vuole che chiunque possa usare questo questionario, come chiede la legge 9 gennaio 2004, n. \
                        4.",
                    "Il riferimento sono le WCAG 2.1, livello AA (norma EN 301 549).",
                    "Dichiarazione di accessibilità: {declaration}.",
                ],
            ),
            (
                "A che punto siamo",
                &[
                    "Il questionario funziona con la tastiera, a 320 pixel di larghezza, con lo zoom al 200 %, con il \
                        contrasto elevato e senza JavaScript. È costruito per i lettori di schermo, ma nessuno lo ha \
                        ancora provato con uno di essi.",
                    "A ogni modifica le pagine sono controllate in un browser con prove automatiche, in tutte le lingue. \
                        Le prove automatiche non vedono tutto: questa pagina non è stata ancora valutata da esterni.",
                ],
            ),
            (
                "Segnalaci un problema",
                &["Se qualcosa non è accessibile faccelo sapere, con la pagina e che cosa non ha funzionato: {contact}."],
            ),
            (
                "Se la risposta non arriva",
                &["Se entro trenta giorni non ricevi risposta, o non ti soddisfa, puoi rivolgerti al Difensore civico per \
                    il digitale presso l’AgID (Agenzia per l’Italia digitale), che riceve anche le dichiarazioni di \
                    accessibilità: www.agid.gov.it."],
            ),
        ],
    },
};
