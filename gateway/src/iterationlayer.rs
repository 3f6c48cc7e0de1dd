//! The Iteration Layer dialect: its paths, its requests, its envelope. Its words stay in here.

pub(crate) mod answer;
pub(crate) mod error;
mod generate;
mod me;
pub(crate) mod request;
pub(crate) mod result;
mod unbuilt;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The products of the dialect, the first segment of their paths.
const PRODUCTS: &[&str] = &[
    "document-extraction",
    "website-extraction",
    "document-to-markdown",
    "image-transformation",
    "image-generation",
    "document-generation",
    "sheet-generation",
];

/// The one path outside of the products.
const ME: &str = "/v1/me";

/// The dialect's routes (reference iterationlayer 1.1).
pub(crate) fn routes() -> Router<App> {
    let router = Router::new()
        .route("/image-generation/v1/generate", post(generate::answer))
        .route("/image-generation/v1/render", post(generate::answer))
        .route(ME, get(me::read));
    unbuilt::PATHS.iter().fold(router, |router, path| {
        router.route(path, post(unbuilt::answer))
    })
}

/// Whether a path is the dialect's, so that even its errors are.
pub(crate) fn owns(path: &str) -> bool {
    let product = path
        .strip_prefix('/')
        .and_then(|rest| rest.split('/').next());
    path == ME || product.is_some_and(|product| PRODUCTS.contains(&product))
}
