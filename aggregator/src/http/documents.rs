//! What collectors pull: their assignment, and questionnaires. Signed, so that it does not matter who carried them.

use actix_web::http::header::{CACHE_CONTROL, EntityTag};
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::assignment::{Assigned, Assignment};
use gradimento_common::ids::{AgencyCode, Edition};
use gradimento_common::jose::TokenKind;
use gradimento_common::message::ServiceKind;
use gradimento_common::problem::ProblemType;

use super::Office;
use super::conditional::{self, tag};
use super::refusal::{HttpProblem, blocking};

const MEDIA_TYPE: &str = "application/jose";

pub(super) async fn assignment(
    office: web::Data<Office>,
    agency: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpProblem> {
    let code: AgencyCode = agency.parse().map_err(|_| ProblemType::AgencyUnknown)?;
    let shared = office.clone();
    let agency = blocking(move || Ok(shared.store.agency(&code)?)).await?.ok_or(ProblemType::AgencyUnknown)?;
    let document = serde_json::to_vec(&assigned(&office, agency.code)).map_err(|error| HttpProblem::internal(&error))?;
    // A signature differs each time; what it is about is named by its hash. Weak, hence: the same meaning, not the same bytes.
    let tag = EntityTag::new_weak(tag(&document).tag().to_owned());
    match conditional::reply(&request, &tag, "no-cache") {
        Ok(unchanged) => Ok(unchanged),
        Err(mut reply) => {
            let token = office.signer.sign_bytes(TokenKind::Assignment, &document);
            let token = token.map_err(|error| HttpProblem::internal(&error))?;
            Ok(reply.content_type(MEDIA_TYPE).body(token))
        }
    }
}

/// The component of the Designers Italia model on pages that inform, the national core wherever something is done.
fn assigned(office: &Office, agency: AgencyCode) -> Assignment {
    let newest = |id: &str| office.editions.load().keys().filter(|edition| edition.questionnaire.as_str() == id).max().cloned();
    let assigned = |service_type, id| newest(id).map(|edition: Edition| Assigned { service_type, edition });
    let questionnaires = [
        assigned(ServiceKind::InformationPage, "designers-italia"),
        assigned(ServiceKind::Transaction, "national-core"),
        assigned(ServiceKind::App, "national-core"),
    ];
    Assignment {
        agency,
        policy: office.survey.policy,
        seal_interval_seconds: office.survey.seal_interval_seconds,
        heartbeat_interval_seconds: office.survey.heartbeat_interval_seconds,
        questionnaires: questionnaires.into_iter().flatten().collect(),
    }
}

pub(super) async fn questionnaire(
    office: web::Data<Office>,
    path: web::Path<(String, u32)>,
) -> Result<HttpResponse, HttpProblem> {
    let (id, version) = path.into_inner();
    let all = blocking(move || Ok(office.store.questionnaires()?)).await?;
    let wanted = |edition: &Edition| edition.questionnaire.as_str() == id && edition.version == version;
    let (_, token) = all.into_iter().find(|(edition, _)| wanted(edition)).ok_or(ProblemType::NotFound)?;
    // A version never changes.
    let forever = (CACHE_CONTROL, "public, max-age=31536000, immutable");
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).insert_header(forever).body(token))
}
