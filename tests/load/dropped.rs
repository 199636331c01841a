//! The measure of HTTP alone: a server that reads a response, parses and accepts it as the collector does, and forgets it.

use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use gradimento_collector::clock::SystemClock;
use gradimento_collector::intake::accept;
use gradimento_collector::intake::submission::{SubmissionKey, WithdrawalCode};
use gradimento_common::calendar::Day;
use gradimento_common::clock::Clock as _;
use gradimento_common::ids::ServiceId;
use gradimento_common::limits::RESPONSE_BODY_BYTES_MAX;
use gradimento_common::questionnaire::Questionnaire;
use gradimento_common::response::RawResponse;
use serde_json::json;

use crate::Failure;
use crate::answers::national_core;

/// Serves until it is ended; prints its address first.
#[expect(clippy::print_stdout, reason = "the parent process reads the address")]
pub async fn serve() -> Result<(), Failure> {
    let questionnaire = national_core()?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(questionnaire.clone()))
            .app_data(web::PayloadConfig::new(RESPONSE_BODY_BYTES_MAX))
            .route("/rest/cx/v1/services/{service}/responses", web::post().to(drop_response))
    });
    let server = server.workers(1).bind("127.0.0.1:0")?;
    println!("{}", server.addrs().first().ok_or("no address")?);
    Ok(server.run().await?)
}

async fn drop_response(
    questionnaire: web::Data<Questionnaire>,
    service: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    match accepted(&questionnaire.into_inner(), &service, &request, &body) {
        Some(code) => HttpResponse::Created().json(json!({"withdrawal_code": code.as_str()})),
        None => HttpResponse::BadRequest().finish(),
    }
}

fn accepted(asked: &Arc<Questionnaire>, service: &str, request: &HttpRequest, body: &[u8]) -> Option<WithdrawalCode> {
    let service: ServiceId = service.parse().ok()?;
    let raw: RawResponse = serde_json::from_slice(body).ok()?;
    let key = SubmissionKey::from_header(request.headers().get("Idempotency-Key")?.to_str().ok()?)?;
    let response = accept(&raw, &service, asked, &key, None, Day::of(SystemClock.now())).ok()?;
    drop(std::hint::black_box(response));
    Some(key.withdrawal_code(&service))
}
