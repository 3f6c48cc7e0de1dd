//! Every route, a line each.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::body::Posted;
use crate::cloudlayer::conversion::Conversion;
use crate::cloudlayer::request::{Endpoint, Version};
use crate::cloudlayer::{account, assets, convert, jobs, merge, status, unbuilt};
use crate::error::ApiError;
use crate::{download, health, iterationlayer, layers, webhooks};

/// The whole gateway.
pub(crate) fn router(app: App) -> Router {
    let router = Router::new()
        .nest("/v1", cloudlayer(Version::V1))
        .nest("/v2", cloudlayer(Version::V2))
        .merge(iterationlayer::routes())
        .route(
            "/assets/{asset}/{expiry}/{signature}/{name}",
            get(download::linked),
        )
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(|| async { ApiError::NotFound("path") })
        .method_not_allowed_fallback(|| async { ApiError::Method });
    layers::around(router, app.clone()).with_state(app)
}

fn cloudlayer(version: Version) -> Router<App> {
    let router = unbuilt::PATHS
        .into_iter()
        .fold(Router::new(), |router, path| {
            router.route(path, post(unbuilt::answer))
        });
    router
        .route("/url/pdf", conversion(version, Conversion::UrlPdf))
        .route("/url/image", conversion(version, Conversion::UrlImage))
        .route("/html/pdf", conversion(version, Conversion::HtmlPdf))
        .route("/html/image", conversion(version, Conversion::HtmlImage))
        .route("/pdf/merge", merging(version))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}", get(jobs::read))
        .route("/assets", get(assets::list))
        .route("/assets/{id}", get(assets::read))
        .route("/account", get(account::read))
        .route("/getStatus", get(status::read))
        .merge(webhooks::routes())
}

fn conversion(version: Version, kind: Conversion) -> MethodRouter<App> {
    let endpoint = Endpoint { version, kind };
    post(move |State(app): State<App>, posted: Posted| async move {
        let answer: Result<Response, ApiError> = convert::convert(&app, endpoint, posted).await;
        answer
    })
}

fn merging(version: Version) -> MethodRouter<App> {
    post(move |State(app): State<App>, posted: Posted| async move {
        let answer: Result<Response, ApiError> = merge::merge(&app, version, posted).await;
        answer
    })
}
