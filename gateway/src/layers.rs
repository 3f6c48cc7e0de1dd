//! What happens around every request.

use std::any::Any;
use std::error::Error as StdError;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS};
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::cloudlayer;
use crate::cors;
use crate::error::ApiError;
use crate::iterationlayer;
use crate::observed::{Named, Observed};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around the routes; the outermost comes last, as axum counts them.
pub(crate) fn around(router: Router<App>, app: App) -> Router<App> {
    let router = router
        // A bug in one handler costs one answer.
        .layer(CatchPanicLayer::custom(panicked))
        // What failed gets its body, in the words of the dialect.
        .layer(middleware::from_fn_with_state(app.clone(), speak));
    // Browsers are told which sites' pages may call.
    let router = match cors::layer(&app.cors) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    // One line in the log and one id for each request.
    router.layer(middleware::from_fn_with_state(app, observe))
}

/// Lets the dialect of the path have the last word.
async fn speak(State(app): State<App>, request: Request, next: Next) -> Response {
    if iterationlayer::owns(request.uri().path()) {
        let headers = request.headers().clone();
        let response = next.run(request).await;
        return iterationlayer::answer::finish(&app, &headers, response).await;
    }
    cloudlayer::error::render(next.run(request).await)
}

/// Gives the request an id and its spans, times it, and logs how it ended: the only place that does.
async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = format!("req_{:032x}", rand::random::<u128>());
    let named = Named::of(&request);
    let observed = Observed::new(&request, &named, &id);
    request.extensions_mut().insert(observed.clone());
    let started = Instant::now();
    let answering = observed.around(next.run(request));
    let mut response = answering.await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let status = response.status().as_u16();
    observed.answered(status);
    observed.log.in_scope(|| log(&response, started));
    app.metrics.answered(&named, status, started.elapsed());
    response
}

fn log(response: &Response, started: Instant) {
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let error = response.extensions().get::<Arc<ApiError>>();
    match error.map(AsRef::as_ref) {
        Some(ApiError::Internal(cause)) => {
            tracing::error!(
                status,
                duration_ms,
                error = chain(cause.as_ref()),
                "failed to answer a request"
            );
        }
        Some(ApiError::Unavailable { message, cause, .. }) => {
            let error = cause.as_ref().map(|cause| chain(cause.as_ref()));
            tracing::warn!(status, duration_ms, message, error, "turned a request away");
        }
        Some(_) | None => tracing::info!(status, duration_ms, "answered a request"),
    }
}

/// An error and what is behind it, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast_ref::<&str>()
            .map_or("no text", |text| text)
            .to_owned(),
    };
    ApiError::internal(format!("a handler panicked: {text}")).into_response()
}
