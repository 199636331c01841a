use std::cell::RefCell;
use std::collections::BTreeMap;

use gradimento_common::assignment::Assigned;
use gradimento_common::disclosure::Policy;
use gradimento_common::jose::{SealKey, Signer};
use gradimento_common::message::ServiceKind;
use gradimento_common::questionnaire::SHIPPED;
use rcgen::KeyPair;

use super::*;

/// An aggregator that may lie: it answers each path with what a test put there.
#[derive(Default)]
struct Liar {
    replies: BTreeMap<String, Reply>,
    asked: RefCell<Vec<(String, bool)>>,
}

impl Transport for Liar {
    async fn send(&self, request: Request) -> Result<Reply, Unreachable> {
        let conditional = request.headers.iter().any(|(name, _)| *name == "If-None-Match");
        self.asked.borrow_mut().push((request.path.clone(), conditional));
        Ok(self.replies.get(&request.path).cloned().unwrap_or(Reply { status: 404, ..Reply::default() }))
    }
}

const ASSIGNMENT_PATH: &str = "/rest/cx/v1/agencies/inps/assignment";
const QUESTIONNAIRE_PATH: &str = "/rest/cx/v1/questionnaires/national-core/1";

fn signer() -> Signer {
    let key = SealKey::from_pkcs8(&KeyPair::generate().unwrap().serialize_der()).unwrap();
    Signer::new(key, &[b"a certificate".to_vec()]).unwrap()
}

fn assignment(agency: &str) -> Vec<u8> {
    let edition = Edition { questionnaire: "national-core".parse().unwrap(), version: 1 };
    let assignment = Assignment {
        agency: agency.parse().unwrap(),
        policy: Policy::new(1, 10, 2).unwrap(),
        seal_interval_seconds: 3_600,
        heartbeat_interval_seconds: 86_400,
        questionnaires: vec![Assigned { service_type: ServiceKind::Transaction, edition }],
    };
    serde_json::to_vec(&assignment).unwrap()
}

fn reply(token: String) -> Reply {
    Reply { status: 200, etag: Some("\"1\"".into()), body: token.into_bytes(), ..Reply::default() }
}

impl Liar {
    /// Documents as an honest aggregator with this key serves them.
    fn honest(signer: &Signer) -> Self {
        let assignment = signer.sign_bytes(TokenKind::Assignment, &assignment("inps")).unwrap();
        let questionnaire = signer.sign_bytes(TokenKind::Questionnaire, SHIPPED[1].as_bytes()).unwrap();
        let replies = [(ASSIGNMENT_PATH, assignment), (QUESTIONNAIRE_PATH, questionnaire)];
        let replies = replies.map(|(path, token)| (path.to_owned(), reply(token)));
        Self { replies: replies.into(), ..Self::default() }
    }

    fn with(mut self, path: &str, token: String) -> Self {
        self.replies.insert(path.to_owned(), reply(token));
        self
    }
}

fn source(signer: &Signer) -> Source {
    Source { agency: "inps".parse().unwrap(), aggregator: signer.public() }
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("c.sqlite")).unwrap();
    (folder, store)
}

#[actix_web::test]
async fn what_is_signed_is_kept_and_asked_for_again_only_where_it_changed() {
    let (signer, (_folder, store)) = (signer(), store());
    let (source, mut aggregator) = (source(&signer), Liar::honest(&signer));
    assert!(source.known(&store).unwrap().is_none());
    assert!(source.pull(&aggregator, &store).await.unwrap());
    let (assignment, editions) = source.known(&store).unwrap().unwrap();
    assert!(editions.contains_key(assignment.edition_for(ServiceKind::Transaction).unwrap()));
    aggregator.replies.get_mut(ASSIGNMENT_PATH).unwrap().status = 304;
    assert!(!source.pull(&aggregator, &store).await.unwrap());
    let asked = aggregator.asked.borrow().clone();
    let expected = [(ASSIGNMENT_PATH, false), (QUESTIONNAIRE_PATH, false), (ASSIGNMENT_PATH, true)];
    assert_eq!(asked, expected.map(|(path, conditional)| (path.to_owned(), conditional)));
}

#[actix_web::test]
async fn what_cannot_be_believed_changes_nothing() {
    let (signer, stranger) = (signer(), signer());
    let sign = |signer: &Signer, kind, payload: &[u8]| signer.sign_bytes(kind, payload).unwrap();
    let designers = sign(&signer, TokenKind::Questionnaire, SHIPPED[0].as_bytes());
    let lies = [
        ("a stranger's key", ASSIGNMENT_PATH, sign(&stranger, TokenKind::Assignment, &assignment("inps"))),
        ("another agency", ASSIGNMENT_PATH, sign(&signer, TokenKind::Assignment, &assignment("inail"))),
        ("another kind of token", ASSIGNMENT_PATH, sign(&signer, TokenKind::Receipt, &assignment("inps"))),
        ("no token", ASSIGNMENT_PATH, "hello".to_owned()),
        ("k below the floor", ASSIGNMENT_PATH, {
            let weak = String::from_utf8(assignment("inps")).unwrap().replace("\"k\":10", "\"k\":3");
            sign(&signer, TokenKind::Assignment, weak.as_bytes())
        }),
        ("another questionnaire", QUESTIONNAIRE_PATH, designers),
        ("a stranger's questionnaire", QUESTIONNAIRE_PATH, sign(&stranger, TokenKind::Questionnaire, SHIPPED[1].as_bytes())),
    ];
    for (lie, path, token) in lies {
        let (_folder, store) = store();
        let refused = source(&signer).pull(&Liar::honest(&signer).with(path, token), &store).await;
        assert!(matches!(refused, Err(PullError::Foreign(_))), "{lie}: {refused:?}");
        assert!(source(&signer).known(&store).unwrap().is_none(), "{lie}");
    }
}
