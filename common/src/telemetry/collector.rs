//! The collector of traces and metrics: who it is told that this process is, and how it is called.

use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use url::Url;
use uuid::Uuid;

/// The longest that the collector is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What tells this process from others of its service.
static INSTANCE: LazyLock<Uuid> = LazyLock::new(Uuid::new_v4);

/// Why the collector can't be called.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// The TLS library refused its settings.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused its settings.
    #[error("the HTTP client can't be made")]
    Http(#[from] reqwest::Error),
}

/// Who sends, as OpenTelemetry names it. Not by the usual builder, which reads the environment.
pub(super) fn resource(service: &str) -> Resource {
    Resource::builder_empty()
        .with_service_name(format!("platen-{service}"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", INSTANCE.to_string()))
        .build()
}

/// Calls the collector and nobody that it or the environment may point to. It blocks, for exporters have
/// threads of their own.
pub(super) fn client() -> Result<Client, CollectorError> {
    let tls = crate::tls::config()?;
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .timeout(PATIENCE);
    // On a thread of its own: within a runtime none can be made.
    let making = thread::spawn(move || client.build()).join();
    Ok(making.unwrap_or_else(|panic| resume_unwind(panic))?)
}

/// Where one kind of things is sent to, such as `traces`.
pub(super) fn address(endpoint: &Url, kind: &str) -> String {
    let base = endpoint.as_str().trim_end_matches('/');
    format!("{base}/v1/{kind}")
}
