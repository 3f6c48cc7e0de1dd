//! What is converted: a page on the network, or a document in the request.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// A page on the network, and with what it is opened.
#[derive(Serialize, ToSchema)]
pub(super) struct Address {
    /// The absolute http or https address of the page.
    #[schema(
        max_length = 8192,
        format = "uri",
        example = "https://example.com/invoices/42"
    )]
    url: String,
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(flatten)]
    visit: Visit,
}

/// One page on the network or several, and with what they are opened.
#[derive(Serialize, ToSchema)]
pub(super) struct Addresses {
    #[serde(flatten)]
    sources: Sources,
    #[serde(flatten)]
    credentials: Credentials,
    #[serde(flatten)]
    visit: Visit,
}

/// PDF files on the network, and with what they are fetched.
#[derive(Serialize, ToSchema)]
pub(super) struct Files {
    #[serde(flatten)]
    sources: Sources,
    #[serde(flatten)]
    credentials: Credentials,
}

/// What is joined into one PDF in the order in which it is named: one of these two is needed.
#[derive(Serialize, ToSchema)]
struct Sources {
    /// One absolute http or https address.
    #[schema(
        max_length = 8192,
        format = "uri",
        example = "https://example.com/invoices/42"
    )]
    url: Option<String>,
    /// Several, instead of `url`. The job is done in the background and its result kept, whatever `async` says, and each costs a
    /// conversion.
    batch: Option<Batch>,
}

/// Addresses of what is joined; older clients send the list alone.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Batch {
    /// In an object.
    Object(BatchUrls),
    /// As a list, of 1 to 20.
    List(Vec<String>),
}

/// Addresses of what is joined.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "urls": ["https://example.com/cover", "https://example.com/annex"] }))]
struct BatchUrls {
    /// In this order.
    #[schema(max_items = 20, min_items = 1)]
    urls: Vec<String>,
}

/// Credentials for what is opened.
#[derive(Serialize, ToSchema)]
struct Credentials {
    /// HTTP Basic credentials, sent to the page's own origin only.
    authentication: Option<Authentication>,
    /// Cookies that are set before the page is opened.
    #[schema(max_items = 100)]
    cookies: Option<Vec<Cookie>>,
}

/// What else a page is given.
#[derive(Serialize, ToSchema)]
struct Visit {
    /// An extension of Platen: headers by their names, sent to the page's own origin only; at most 50, each value with at most
    /// 4096 bytes of ASCII. Those that the browser or the connection answers for, and `Cookie`, can't be set.
    #[schema(example = json!({ "X-Tenant": "acme" }))]
    headers: Option<BTreeMap<String, String>>,
    /// An extension of Platen: where the page believes to be, when it asks.
    geolocation: Option<Geolocation>,
}

/// A place on earth.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "latitude": 41.9, "longitude": 12.5 }))]
pub(super) struct Geolocation {
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// How exact it is, in metres.
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    accuracy: Option<f64>,
}

/// HTTP Basic credentials.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "username": "reports", "password": "secret" }))]
pub(super) struct Authentication {
    /// Without `:`, which ends it.
    #[schema(min_length = 1, max_length = 1024)]
    username: String,
    /// The password; never kept.
    #[schema(min_length = 1, max_length = 1024)]
    password: String,
}

/// A cookie. Its name and value have at most 4096 bytes together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "name": "session", "value": "abc" }))]
pub(super) struct Cookie {
    /// Without `;`, `=`, `,` and spaces.
    #[schema(min_length = 1, max_length = 4096)]
    name: String,
    /// Without `;`; never kept.
    #[schema(min_length = 1, max_length = 4096)]
    value: String,
    /// The address that it belongs to, instead of the page's.
    #[schema(format = "uri", example = "https://example.com/")]
    url: Option<String>,
    /// The host, and all below it, that get it.
    #[schema(min_length = 1, max_length = 253, example = "example.com")]
    domain: Option<String>,
    /// The paths that get it; it begins with `/`.
    #[schema(max_length = 1024, pattern = "^/", example = "/")]
    path: Option<String>,
    /// When it ends, in Unix seconds; -1 is with the session.
    #[schema(minimum = -1, maximum = 253_402_300_799_u64)]
    expires: Option<f64>,
    /// An older name of `expires`.
    #[schema(deprecated, minimum = -1, maximum = 253_402_300_799_u64)]
    expiration: Option<f64>,
    /// Hidden from scripts.
    http_only: Option<bool>,
    /// Sent over https only.
    secure: Option<bool>,
    /// Whether requests from other sites carry it.
    same_site: Option<SameSite>,
}

/// Whether requests from other sites carry a cookie.
#[derive(Serialize, ToSchema)]
pub(super) enum SameSite {
    /// Never.
    Strict,
    /// When a link is followed.
    Lax,
    /// Always.
    None,
}

/// A document in the request.
#[derive(Serialize, ToSchema)]
pub(super) struct Markup {
    /// The base64 of an HTML document in UTF-8 (or UTF-16 with a byte order mark), at most 10 MiB before base64.
    #[schema(format = Byte, example = "PGgxPkhlbGxvPC9oMT4=")]
    html: String,
}
