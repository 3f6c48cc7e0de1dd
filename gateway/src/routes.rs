//! Every route, a line each.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use common::task::FileConversion;
use http::HeaderMap;

use crate::app::App;
use crate::body::Posted;
use crate::cloudlayer::asked::{self, Asked};
use crate::cloudlayer::conversion::Conversion;
use crate::cloudlayer::request::{Endpoint, Version};
use crate::cloudlayer::templates::manage;
use crate::cloudlayer::{account, assets, convert, files, jobs, merge, status, storage, templates};
use crate::error::ApiError;
use crate::{download, health, iterationlayer, layers, openapi, webhooks};

/// The whole gateway.
pub(crate) fn router(app: App) -> Router {
    let router = Router::new()
        .nest("/v1", cloudlayer(Version::V1))
        .nest("/v2", cloudlayer(Version::V2).merge(template_routes()))
        .merge(iterationlayer::routes())
        .route(
            "/assets/{asset}/{expiry}/{signature}/{name}",
            get(download::linked),
        )
        .route(templates::PREVIEW_PATH, get(templates::preview))
        .route("/openapi.json", get(openapi::json))
        .route("/docs", get(openapi::page))
        .route("/docs/style.css", get(openapi::style))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(|| async { ApiError::NotFound("path") })
        .method_not_allowed_fallback(|| async { ApiError::Method });
    layers::around(router, app.clone()).with_state(app)
}

fn cloudlayer(version: Version) -> Router<App> {
    Router::new()
        .route("/url/pdf", also_by_get(version, Conversion::UrlPdf))
        .route("/url/image", also_by_get(version, Conversion::UrlImage))
        .route("/html/pdf", conversion(version, Conversion::HtmlPdf))
        .route("/html/image", conversion(version, Conversion::HtmlImage))
        .route(
            "/template/pdf",
            conversion(version, Conversion::TemplatePdf),
        )
        .route(
            "/template/image",
            conversion(version, Conversion::TemplateImage),
        )
        .route("/pdf/merge", merging(version))
        .route("/docx/pdf", file(version, FileConversion::DocxPdf))
        .route("/docx/html", file(version, FileConversion::DocxHtml))
        .route("/pdf/docx", file(version, FileConversion::PdfDocx))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}", get(jobs::read))
        .route("/assets", get(assets::list))
        .route("/assets/{id}", get(assets::read))
        .route("/storage", get(storage::list).post(storage::save))
        .route("/storage/{id}", get(storage::read).delete(storage::remove))
        .route("/account", get(account::read))
        .route("/getStatus", get(status::read))
        .merge(webhooks::routes())
}

/// What exists in the second version alone (reference cloudlayer, section 5).
fn template_routes() -> Router<App> {
    Router::new()
        .route("/templates", get(templates::list).post(manage::create))
        .route(
            "/template/{id}",
            get(templates::read)
                .put(manage::update)
                .delete(manage::delete),
        )
}

fn conversion(version: Version, kind: Conversion) -> MethodRouter<App> {
    let endpoint = Endpoint { version, kind };
    post(
        move |State(app): State<App>, headers: HeaderMap, posted: Posted| async move {
            let answer: Result<Response, ApiError> =
                convert::convert(&app, endpoint, &headers, posted).await;
            answer
        },
    )
}

fn file(version: Version, conversion: FileConversion) -> MethodRouter<App> {
    post(move |State(app): State<App>, request: Request| async move {
        let answer: Result<Response, ApiError> =
            files::convert(&app, version, conversion, request).await;
        answer
    })
}

/// Without a `HEAD` of its own, a `HEAD` would convert.
fn also_by_get(version: Version, kind: Conversion) -> MethodRouter<App> {
    let endpoint = Endpoint { version, kind };
    conversion(version, kind)
        .get(
            move |State(app): State<App>, Asked(posted): Asked| async move {
                let answer: Result<Response, ApiError> =
                    convert::convert(&app, endpoint, &HeaderMap::new(), posted).await;
                answer
            },
        )
        .head(asked::head)
}

fn merging(version: Version) -> MethodRouter<App> {
    post(move |State(app): State<App>, posted: Posted| async move {
        let answer: Result<Response, ApiError> = merge::merge(&app, version, posted).await;
        answer
    })
}
