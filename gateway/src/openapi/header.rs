//! The headers of answers.

use serde_json::{Value, json};

/// The headers of answers: their names, what they say, and the type of their value.
pub(super) const HEADERS: &[(&str, &str, &str)] = &[
    (
        "X-Request-Id",
        "The id of the request, which helps the operator to find what became of it.",
        "string",
    ),
    (
        "Retry-After",
        "In how many seconds to come back.",
        "integer",
    ),
    (
        "X-RateLimit-Limit",
        "How many requests an account with a limit may make in a minute.",
        "integer",
    ),
    (
        "X-RateLimit-Remaining",
        "How many of them are left.",
        "integer",
    ),
    (
        "X-RateLimit-Reset",
        "When the window begins anew, in Unix seconds.",
        "integer",
    ),
    (
        "Idempotent-Replayed",
        "`true` on the answer to a repeat. An extension of Platen.",
        "string",
    ),
    ("cl-worker-job-id", "The id of the job.", "string"),
    (
        "cl-cluster-id",
        "The name of the installation's kind.",
        "string",
    ),
    (
        "cl-api-credit-cost",
        "What the conversion cost, in credits.",
        "number",
    ),
    (
        "cl-calls-remaining",
        "How many more conversions at this price the balance pays; -1 where they cost nothing.",
        "integer",
    ),
    ("cl-worker", "The worker that did it.", "string"),
    ("cl-bandwidth", "Bytes of the result.", "integer"),
    (
        "cl-process-time",
        "How long it took, in milliseconds.",
        "integer",
    ),
    ("cl-charged-time", "0: time is not charged.", "integer"),
    ("cl-bandwidth-cost", "0: bytes are not charged.", "integer"),
    ("cl-process-time-cost", "0: time is not charged.", "integer"),
    (
        "Content-Disposition",
        "The file's name, and whether it is shown or saved.",
        "string",
    ),
    (
        "Content-Range",
        "Which bytes of the file these are.",
        "string",
    ),
    (
        "ETag",
        "Stands for the content: `If-None-Match` with it is answered 304.",
        "string",
    ),
    (
        "Accept-Ranges",
        "`bytes`: parts of the file can be asked for.",
        "string",
    ),
    (
        "Location",
        "Where the file lies; for a few minutes.",
        "string",
    ),
];

/// Every header, for the document's components.
pub(super) fn headers() -> Value {
    let header = |(name, text, kind): &(&str, &str, &str)| {
        let header = json!({ "description": text, "schema": { "type": kind } });
        ((*name).to_owned(), header)
    };
    Value::Object(HEADERS.iter().map(header).collect())
}
