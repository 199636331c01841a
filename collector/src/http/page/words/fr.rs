//! French.

use super::{
    FormWords, FrameWords, KioskWords, Notice, OptionWords, RefusalWords, ScoreWords, ScriptWords, ThanksWords, Words,
};

pub(super) const WORDS: Words = Words {
    language: "Français",
    decimal: ",",
    frame: FrameWords {
        skip: "Aller au contenu",
        languages: "Langue",
        information: "Informations",
        contact: "Contact",
        run_by: "Questionnaire géré par {agency}",
        no_contact: "voir les adresses sur le site de {agency}",
        retention: "Durée de conservation des réponses et des suggestions, en mois : {n}.",
        no_retention: "La durée de conservation des réponses et des suggestions est fixée par {agency} dans ses propres \
            règles de conservation des documents.",
    },
    form: FormWords {
        intro: "Deux minutes suffisent. C’est anonyme : nous n’enregistrons ni qui vous êtes, ni d’où vous écrivez, ni à \
            quelle heure.",
        required: "obligatoire",
        follow_up: "Répondez seulement si, à « {question} », vous avez choisi : {options}.",
        or: " ou ",
        no_personal_data: "Pas besoin de noms, codes fiscaux, téléphones, adresses e‑mail ou IBAN : la personne qui vous \
            lit ne sait pas qui vous êtes et ne peut pas vous répondre.",
        send: "Envoyer",
        error: "Erreur",
        errors_title: "Il y a quelque chose à corriger",
        nothing_recorded: "Rien n’a encore été enregistré.",
        fault_choice: "Choisissez une des réponses proposées",
        fault_length: "Raccourcissez le texte : {n} caractères au maximum",
        fault_text: "Réécrivez le texte : il contient un caractère que nous ne pouvons pas conserver",
        expired: "La page est restée ouverte trop longtemps. Toutes vos réponses sont ici : envoyez-les de nouveau.",
        changed: "Les questions ont changé entre-temps. Vérifiez vos réponses et envoyez-les de nouveau.",
        busy: "Trop de réponses arrivent en ce moment. Les vôtres sont toutes ici : réessayez dans quelques secondes.",
    },
    options: OptionWords {
        star: "Donner 1 étoile sur 5",
        stars: "Donner {n} étoiles sur 5",
        yes: "Oui",
        no: "Non",
        satisfied: "Bien",
        neutral: "Moyen",
        dissatisfied: "Mal",
    },
    script: ScriptWords {
        step: "Question {n} sur {of}",
        next: "Suivant",
        back: "Retour",
        review: "Vérifiez vos réponses",
        review_hint: "Vérifiez avant d’envoyer : ensuite, il n’est plus possible de les modifier.",
        to_review: "Revenir au résumé",
        edit: "Modifier",
        clear: "Effacer la réponse",
        no_answer: "Pas de réponse",
        stars: "Étoiles : {n} sur 5",
        errors_title: "Il y a quelque chose à corriger",
        missing: "Choisissez une réponse pour continuer",
        too_long: "Raccourcissez le texte : {n} caractères au maximum",
        chars_left: "Caractères restants : {n}",
        chars_over: "Caractères en trop : {n}",
        suspicious: "Le texte semble contenir {what}. Mieux vaut l’enlever : cela ne sert pas et peut révéler qui vous \
            êtes.",
        tax_code: "un code fiscal",
        email: "une adresse e‑mail",
        phone: "un numéro de téléphone",
        iban: "un IBAN",
        vat: "un numéro de TVA",
        card: "un numéro de carte",
        sending: "Envoi en cours…",
        offline_title: "Pas de réseau",
        offline: "L’envoi n’a pas réussi. Vos réponses sont toujours ici et ne seront comptées qu’une fois.",
        busy_title: "Un instant, s’il vous plaît",
        busy: "Trop de réponses arrivent en ce moment. Les vôtres sont toutes ici : réessayez dans quelques secondes.",
        failed_title: "Quelque chose n’a pas fonctionné",
        retry: "Réessayer",
    },
    thanks: ThanksWords {
        title: "Merci, votre avis nous aidera à améliorer le service !",
        next_title: "Et maintenant ?",
        next: [
            "Votre réponse reste auprès de l’organisme, sans votre nom, sans votre adresse et sans l’heure.",
            "L’Istat, l’institut national de statistique, ne reçoit que des sommes : votre réponse est comptée avec celles \
                d’autres personnes, au moins {k} en tout.",
            "Si vous avez écrit une suggestion, seul l’organisme la lit. Personne ne peut vous répondre, car personne ne \
                sait qui vous êtes.",
        ],
        withdraw_title: "Si vous changez d’avis",
        withdraw: "Avec ce code, vous pouvez retirer votre réponse tant qu’elle n’a pas été comptée avec d’autres. \
            Notez-le maintenant : nous ne pourrons plus l’afficher.",
        code: "Code de retrait",
        withdraw_link: "Retirer la réponse",
    },
    kiosk: KioskWords {
        again: "Secondes avant de recommencer : {n}",
        stay: "Rester sur cette page",
        restart: "Recommencer maintenant",
        there: "Êtes-vous toujours là ?",
        wiped: "Si vous ne touchez pas l’écran, le formulaire recommence et les réponses sont perdues. Secondes \
            restantes : {n}",
        go_on: "Oui, je continue",
        code_hint: "Tout le monde utilise cet écran : n’affichez le code que si vous en avez besoin, notez-le, puis \
            recommencez.",
        code_show: "Afficher le code",
        no_script: "Cette page recommence d’elle-même après une demi-minute.",
    },
    score: ScoreWords {
        title: "La note de ce service",
        of_five: "{score} étoiles sur 5",
        responses: "Réponses au cours des 12 derniers mois : {n}",
        interval: "Intervalle de confiance à 95 % : de {low} à {high}",
        indicative: "Donnée indicative : il y a moins de {n} réponses.",
        open: "Réponses libres",
        ticketed: "Réponses après une démarche achevée",
        note: "Répond qui veut : les chiffres décrivent les personnes qui ont répondu, non toutes celles qui utilisent le \
            service. Ils ne comprennent que des groupes de réponses déjà clos ; la vôtre s’ajoutera avec l’un des \
            prochains.",
    },
    refused: RefusalWords {
        unknown: ["Page introuvable", "Aucun service ne correspond à cette adresse. Vérifiez qu’elle est complète."],
        unavailable: ["Le questionnaire n’est pas encore disponible", "Réessayez plus tard : il est en préparation."],
        ticket: [
            "Cette invitation n’est plus valable",
            "Chaque invitation vaut pour une réponse et un service. Vous pouvez aussi répondre sans elle : ce que vous \
                avez déjà choisi est toujours ici.",
        ],
        form: ["Votre envoi n’a pas pu être lu", "Revenez à la page précédente et recommencez l’envoi."],
        internal: ["Quelque chose n’a pas fonctionné", "L’erreur vient de nous. Revenez en arrière et réessayez bientôt."],
    },
    privacy: Notice {
        title: "Protection des données",
        sections: &[
            (
                "Qui recueille les réponses",
                &[
                    "Le questionnaire est géré par {agency}. Pour toute question : {contact}.",
                    "Délégué à la protection des données : {officer}.",
                ],
            ),
            (
                "Ce que nous conservons",
                &[
                    "Les réponses que vous choisissez, la langue et le jour de l’envoi.",
                    "Une suggestion est conservée à part, avec le service, le jour, la langue et la note globale : rien ne \
                        la relie à vos autres réponses, et elle reste même si vous retirez la réponse. Avant de la \
                        conserver, nous enlevons ce qui a la forme d’un code fiscal, d’un téléphone, d’une adresse e‑mail, \
                        d’un IBAN ou d’autres données de ce genre.",
                    "De chaque envoi et de chaque invitation utilisée, nous conservons une empreinte : elle sert à ne \
                        compter l’envoi qu’une fois et ne mène pas à la réponse.",
                ],
            ),
            (
                "Ce que nous ne conservons pas",
                &[
                    "À côté des réponses, nous ne conservons ni nom, ni compte, ni adresse IP, ni appareil, ni navigateur, \
                        ni heure. Nous n’utilisons ni cookies, ni mémoire du navigateur, ni services d’autres sites.",
                    "Votre adresse réseau sert à faire parvenir la page à votre appareil ; ce programme ne l’enregistre \
                        pas. Les systèmes de réseau de l’organisme peuvent tenir leurs propres journaux.",
                ],
            ),
            (
                "À quoi elles servent",
                &[
                    "À améliorer les services et à produire des statistiques publiques, dans l’exercice de missions \
                        d’intérêt public (article 6, paragraphe 1, point e, du règlement (UE) 2016/679).",
                    "L’Istat ne reçoit que des sommes sur des groupes de personnes. Les suggestions ne quittent jamais \
                        l’organisme.",
                ],
            ),
            (
                "Pendant combien de temps",
                &["{retention}", "Les empreintes des envois et des invitations sont effacées après quatre mois environ."],
            ),
            (
                "Vos droits",
                &[
                    "Répondre est facultatif. Après l’envoi, vous recevez un code avec lequel vous pouvez retirer la \
                        réponse tant qu’elle n’a pas été comptée avec d’autres.",
                    "Comme les réponses ne permettent pas de vous reconnaître, nous ne pouvons pas les chercher par nom \
                        (article 11 du règlement). Si des données personnelles figurent dans une suggestion, \
                        signalez-le-nous : {contact}. Vous pouvez aussi saisir l’autorité italienne (Garante per la \
                        protezione dei dati personali).",
                ],
            ),
        ],
    },
    accessibility: Notice {
        title: "Accessibilité",
        sections: &[
            (
                "Notre engagement",
                &[
                    "{agency} veut que tout le monde puisse utiliser ce questionnaire, comme l’exige la loi italienne n° 4 \
                        du 9 janvier 2004.",
                    "La référence est WCAG 2.1, niveau AA (norme EN 301 549).",
                    "Déclaration d’accessibilité : {declaration}.",
                ],
            ),
            (
                "Où nous en sommes",
                &[
                    "Le questionnaire fonctionne au clavier, à 320 pixels de large, avec un zoom de 200 %, en contraste \
                        élevé et sans JavaScript. Il est conçu pour les lecteurs d’écran, mais personne ne l’a encore \
                        essayé avec l’un d’eux.",
                    "À chaque modification, les pages sont contrôlées dans un navigateur par des tests automatiques, dans \
                        toutes les langues. Ces tests ne voient pas tout : la page n’a pas encore été évaluée par des \
                        personnes extérieures.",
                ],
            ),
            (
                "Signalez-nous un problème",
                &["Si quelque chose n’est pas accessible, signalez-le-nous, avec la page et ce qui n’a pas fonctionné : \
                    {contact}."],
            ),
            (
                "Si la réponse n’arrive pas",
                &["Sans réponse satisfaisante dans les trente jours, vous pouvez vous adresser au médiateur numérique \
                    (Difensore civico per il digitale) auprès de l’AgID, l’agence pour l’Italie numérique, qui reçoit \
                    aussi les déclarations d’accessibilité : www.agid.gov.it."],
            ),
        ],
    },
};
