//! The service itself: whether it is well, and what describes it.

use serde::Serialize;
use utoipa::ToSchema;

use super::operation::Operation;

/// Whether the service is well.
#[derive(Serialize, ToSchema)]
struct Condition {
    /// `ok` or `unavailable`.
    #[schema(example = "ok")]
    status: String,
    /// What is the matter, of one that is not well.
    #[serde(skip_serializing_if = "Option::is_none")]
    complaints: Option<Vec<String>>,
}

/// Its operations, which need no key.
pub(super) fn operations() -> Vec<Operation> {
    let well = |path, id, summary| {
        Operation::new("get", path, id, summary)
            .gives::<Condition>(200, "It is well.")
            .gives::<Condition>(503, "It is not.")
    };
    let file = |path, id, summary, media| {
        Operation::new("get", path, id, summary)
            .gives_file(200, "The description.", &[media])
            .with_headers(200, &["ETag"])
            .gives_nothing(304, "The one that the caller has already.")
            .with_headers(304, &["ETag"])
    };
    let all = [
        well(
            "/health/live",
            "isAlive",
            "Whether the process is worth keeping",
        ),
        well("/health/ready", "isReady", "Whether the process takes work"),
        file(
            "/openapi.json",
            "readDescription",
            "This description, for programs",
            "application/json",
        ),
        file(
            "/docs",
            "readDocs",
            "This description, for people",
            "text/html",
        ),
    ];
    let all = all.into_iter();
    all.map(|one| one.tag("Service").public().extension())
        .collect()
}
