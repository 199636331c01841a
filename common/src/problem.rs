//! Refusals over HTTP, as RFC 9457 problem documents. One list: type, status, title and documentation come from it, and the
//! servers' pages and PROBLEMS.md are made from it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::response::Fault;

macro_rules! problem_types {
    ($($(#[$audience:meta])* $variant:ident = $slug:literal, $status:literal, $title:literal, $advice:literal;)*) => {
        /// What kind of refusal this is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemType {
            $(#[doc = $title] $variant,)*
        }

        impl ProblemType {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Last segment of the type's address.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// HTTP status, 400 to 599.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// One line for people.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What the sender can do about it.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

problem_types! {
    NotFound = "not-found", 404, "There is nothing at this address", "Check the address.";
    MethodNotAllowed = "method-not-allowed", 405, "This address does not take that method", "See the interface description.";
    ServiceUnknown = "service-unknown", 404, "This collector has no such service", "Use a service that the agency has configured.";
    OriginNotAllowed = "origin-not-allowed", 403, "This service is not offered on the page that asks", "Have the agency add the page's origin to the service's `origins`.";
    MediaTypeUnsupported = "media-type-unsupported", 415, "The media type is not accepted here", "Send the media type that the interface description names.";
    BodyTooLarge = "body-too-large", 413, "The body is too large", "Send less; the detail names the limit.";
    BodyMalformed = "body-malformed", 400, "The body cannot be read", "Send valid UTF-8 and valid JSON, with each member once and only members that the interface description names.";
    QuestionnaireMismatch = "questionnaire-mismatch", 422, "The service asks another questionnaire or version", "Fetch the questionnaire again and answer that one.";
    AnswersInvalid = "answers-invalid", 422, "Some answers do not fit the questionnaire", "Every fault is listed in `errors`; nothing was stored.";
    SubmissionKeyMissing = "submission-key-missing", 400, "The submission has no key", "Send the `form_token` that came with the questionnaire, or an `Idempotency-Key` header with a random value used once.";
    SubmissionKeyInvalid = "submission-key-invalid", 400, "The idempotency key has the wrong shape", "Use 16 random bytes or more in base64url or hexadecimal.";
    FormTokenInvalid = "form-token-invalid", 422, "The form token was not issued here for this service", "Fetch the questionnaire again.";
    FormTokenExpired = "form-token-expired", 422, "The form was open for too long", "Fetch the questionnaire again; the answers need not be given again.";
    FormTokenEarly = "form-token-early", 429, "The form comes back sooner than anybody fills one in", "Send the same again, with the same token, after the time in `Retry-After`. It counts once.";
    BudgetExhausted = "budget-exhausted", 429, "More answers arrive than this service takes", "Send the same again, with the same key, after the time in `Retry-After`; or at once, with a `Proof-Of-Work` header of as many zero bits as `difficulty` says.";
    TicketInvalid = "ticket-invalid", 422, "The ticket was not issued here for this service", "Send the ticket as it was received, or none.";
    TicketSpent = "ticket-spent", 409, "The ticket has been used", "A ticket counts once. Nothing was stored this time.";
    TicketExpired = "ticket-expired", 422, "The ticket's last day is over", "Ask for a new one, or answer without: send no ticket.";
    AdminTokenInvalid = "admin-token-invalid", 401, "The admin listener's secret is missing or wrong", "Send `Authorization: Bearer` and what stands in the collector's `admin.token`.";
    WithdrawalImpossible = "withdrawal-impossible", 404, "No response that could be withdrawn has this code", "Check the code. A response that has been counted together with others, or withdrawn before, cannot be told from one that never was.";
    QuestionnaireUnavailable = "questionnaire-unavailable", 503, "The questionnaire has not arrived yet", "Try again after the time in `Retry-After`.";
    Busy = "busy", 503, "Too much is being stored at this moment", "Send the same again, with the same key, after the time in `Retry-After`.";
    PosterImpossible = "poster-impossible", 422, "This service has no poster", "Shorten or change what the detail names, in the collector's configuration.";
    QueryInvalid = "query-invalid", 400, "The query cannot be understood", "The detail names the parameter.";
    AgencyUnknown = "agency-unknown", 404, "No such agency has joined", "Use a codice IPA that the register holds.";
    ClientCertificateMissing = "client-certificate-missing", 401, "A client certificate is required", "Connect with the certificate received at enrolment.";
    PeerUnknown = "peer-unknown", 401, "The client certificate is not registered", "Renew or recover. Where neither helps, the aggregator has lost your agency: ask for it to be approved again.";
    PeerRevoked = "peer-revoked", 403, "This collector has been revoked", "Ask Istat; sending again does not help.";
    TokenMissing = "token-missing", 401, "A signed token is missing", "Send `Authorization: Bearer` and `Agid-JWT-Signature`.";
    TokenMalformed = "token-malformed", 401, "A token cannot be read", "Send JWS compact tokens with `alg`, `typ` and `x5c` and the claims that ModI asks for.";
    AlgorithmRefused = "algorithm-refused", 401, "The token's algorithm is not accepted", "Sign with ES256.";
    CertificateUnknown = "certificate-unknown", 401, "The seal certificate is not registered for this collector", "Sign with the seal key received at enrolment or renewal.";
    CertificateExpired = "certificate-expired", 401, "The seal certificate is not valid at this time", "Renew it.";
    SignatureInvalid = "signature-invalid", 401, "A signature does not verify", "Sign exactly the bytes that are sent.";
    TokenExpired = "token-expired", 401, "A token has expired", "Set the clock by this reply's `Date` header and sign again.";
    TokenNotYetValid = "token-not-yet-valid", 401, "A token is from the future", "Set the clock by this reply's `Date` header and sign again.";
    AudienceWrong = "audience-wrong", 401, "A token is meant for somebody else", "Use the audience received at enrolment.";
    TokenReplayed = "token-replayed", 401, "A token was used twice", "Make a fresh `jti` for every attempt.";
    DigestMalformed = "digest-malformed", 400, "The Digest header cannot be read", "Send `Digest: SHA-256=` and the base64 (not hexadecimal) of the body's SHA-256.";
    DigestMismatch = "digest-mismatch", 400, "The body is not the one that was signed", "Send exactly the bytes that were signed.";
    HeadersNotSigned = "headers-not-signed", 400, "A header is missing from `signed_headers` or differs", "Sign `digest`, `content-type` and, where present, `content-encoding`.";
    MessageMalformed = "message-malformed", 422, "The message cannot be read", "Nothing was counted; the message must be looked at by a person.";
    MessageForeign = "message-foreign", 403, "The message names another agency or stream", "Send only messages of the stream that the certificate names.";
    BatchUnsound = "batch-unsound", 422, "A batch is too small, incomplete or does not add up", "Nothing was counted; the message must be looked at by a person.";
    QuestionnaireUnknown = "questionnaire-unknown", 422, "A batch names a questionnaire that was never published", "Nothing was counted; the message must be looked at by a person.";
    PolicyWeaker = "policy-weaker", 422, "The policy is weaker than the aggregator's of that number", "Fetch the assignment again. What waits is kept; the aggregator's operator tells it of a policy that it has forgotten, and it is taken then.";
    SequenceGap = "sequence-gap", 409, "Earlier messages are missing, or the chain does not continue the last one", "Resume from `expected_sequence`.";
    Equivocation = "equivocation", 409, "Another message was accepted under this number", "The stream is quarantined until a person has looked at it.";
    StreamQuarantined = "stream-quarantined", 409, "The stream is quarantined", "Ask Istat.";
    JoinTokenInvalid = "join-token-invalid", 403, "The join token is not known", "Ask Istat for another.";
    JoinTokenExpired = "join-token-expired", 403, "The join token has expired", "Ask Istat for another.";
    JoinTokenUsed = "join-token-used", 409, "The join token was redeemed with other keys", "If that was not you, tell Istat at once.";
    CertificateRequestInvalid = "certificate-request-invalid", 422, "A certificate request cannot be accepted", "Send two PKCS #10 requests for P-256 keys, each signed with its own key, the two keys being different.";
    CertificateKeyUsed = "certificate-key-used", 409, "A key has a certificate already", "Make two new keys for every renewal; the same pair may be sent again after a lost reply.";
    CertificatesExhausted = "certificates-exhausted", 409, "The stream has too many valid certificates", "Use one of them until the time that `until` names.";
    RecoveryEarly = "recovery-early", 409, "The last certificates are still valid", "Renew over the message interface, or join again.";
    RecoveryExhausted = "recovery-exhausted", 403, "The stream has recovered too often", "Ask Istat to approve another recovery.";
    Internal = "internal", 500, "Something went wrong on our side", "Try again later; the same key counts once.";
}

impl ProblemType {
    /// Where the documentation of this type is served, relative to the server that refused.
    #[must_use]
    pub fn uri(self) -> String {
        format!("/problems/{}", self.slug())
    }

    /// The type that a document's `type` member names.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| uri.strip_prefix("/problems/") == Some(kind.slug()))
    }
}

/// The media type of problem documents.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One refusal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    #[serde(skip)]
    kind: ProblemType,
    #[serde(rename = "type")]
    uri: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Problem {
    /// A refusal of this kind, with nothing to add.
    #[must_use]
    pub fn new(kind: ProblemType) -> Self {
        let (uri, title, status) = (kind.uri(), kind.title(), kind.status());
        Self { kind, uri, title, status, detail: None, errors: Vec::new(), more: Map::new() }
    }

    /// Says what in particular is wrong. Never with anything that a citizen wrote.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Lists the faults of single fields.
    #[must_use]
    pub fn errors(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// Adds an extension member (RFC 9457 section 3.2).
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// What kind of refusal this is.
    #[must_use]
    pub fn kind(&self) -> ProblemType {
        self.kind
    }

    /// An extension member.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.more.get(name)
    }

    /// The faults of single fields.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.errors
    }
}

impl From<ProblemType> for Problem {
    fn from(kind: ProblemType) -> Self {
        Self::new(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_type_has_its_own_address_and_comes_back_from_it() {
        let slugs: BTreeSet<_> = ProblemType::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), ProblemType::ALL.len());
        for kind in ProblemType::ALL {
            assert_eq!(ProblemType::from_uri(&kind.uri()), Some(*kind));
            assert!((400..600).contains(&kind.status()));
        }
    }

    #[test]
    fn every_type_has_its_section_in_the_documentation() {
        let page = include_str!("../../PROBLEMS.md");
        for kind in ProblemType::ALL {
            assert!(page.contains(kind.slug()) && page.contains(kind.title()), "{}", kind.slug());
        }
    }

    #[test]
    fn a_problem_document_has_the_members_of_rfc_9457() {
        let fault = Fault { pointer: "/answers/overall".into(), detail: "missing".into() };
        let problem = Problem::new(ProblemType::AnswersInvalid).errors(vec![fault]).with("expected_sequence", 4);
        let document = serde_json::to_value(&problem).unwrap();
        assert_eq!(document["type"], "/problems/answers-invalid");
        assert_eq!(document["status"], 422);
        assert_eq!(document["errors"][0]["pointer"], "/answers/overall");
        assert_eq!(document["expected_sequence"], 4);
        assert!(document.get("detail").is_none());
    }
}
