//! What is answered: the document and the page, made once.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
    REFERRER_POLICY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{document, page as pages};
use crate::app::App;
use crate::json::MEDIA_TYPE;

/// A description changes with a new version only.
const CACHING: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The page is text and a style sheet, and no script of anybody's runs in it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");

/// The description of an installation, made when it is first asked for.
#[derive(Default)]
pub(crate) struct Description(OnceLock<Made>);

struct Made {
    json: Text,
    page: Text,
    style: Text,
}

/// What is answered, with the tag by which a client tells whether it has it already.
struct Text {
    content_type: HeaderValue,
    bytes: Bytes,
    tag: Option<HeaderValue>,
}

impl Text {
    fn new(content_type: HeaderValue, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let tag = HeaderValue::try_from(format!("\"{:016x}\"", hasher.finish()));
        Self {
            content_type,
            bytes,
            tag: tag.ok(),
        }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let headers: [(HeaderName, HeaderValue); 4] = [
            (CONTENT_TYPE, self.content_type.clone()),
            (CACHE_CONTROL, CACHING),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        let tag = self.tag.clone().map(|tag| [(ETAG, tag)]);
        if self.is_known(asked) {
            return (StatusCode::NOT_MODIFIED, headers, tag, ()).into_response();
        }
        (headers, tag, self.bytes.clone()).into_response()
    }

    /// Whether the client has it already. Proxies that compress make a tag weak, and clients may name several.
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let tag = self.tag.as_ref().and_then(|tag| tag.to_str().ok());
        let sent = asked.get_all(IF_NONE_MATCH).into_iter();
        let mut known = sent
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|one| one.trim().trim_start_matches("W/"));
        known.any(|one| one == "*" || Some(one) == tag)
    }
}

impl Description {
    /// For an installation that callers reach under this address.
    fn made(&self, public_url: &str) -> &Made {
        self.0.get_or_init(|| {
            let document = document::describe(public_url);
            Made {
                json: Text::new(MEDIA_TYPE, document.to_string()),
                page: Text::new(HTML, pages::render(&document)),
                style: Text::new(CSS, pages::STYLE),
            }
        })
    }
}

/// `GET /openapi.json`.
pub(crate) async fn json(State(app): State<App>, asked: HeaderMap) -> Response {
    let made = app.description.made(&app.links.public_url);
    made.json.answer(&asked)
}

/// `GET /docs`.
pub(crate) async fn page(State(app): State<App>, asked: HeaderMap) -> Response {
    let made = app.description.made(&app.links.public_url);
    made.page.answer(&asked)
}

/// `GET /docs/style.css`.
pub(crate) async fn style(State(app): State<App>, asked: HeaderMap) -> Response {
    let made = app.description.made(&app.links.public_url);
    made.style.answer(&asked)
}
