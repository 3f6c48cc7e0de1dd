//! Links to results.

use serde_json::json;

use super::operation::Operation;
use super::parameter::Parameter;
use super::trouble::{Speaker, Trouble};

/// `GET /assets/{asset}/{expiry}/{signature}/{name}`.
pub(super) fn operation() -> Operation {
    let path = "/assets/{asset}/{expiry}/{signature}/{name}";
    let text = || json!({ "type": "string" });
    let file = ["Content-Disposition", "ETag", "Accept-Ranges"];
    Operation::new("get", path, "download", "The file behind a link")
        .tag("Jobs and results")
        .text("The `assetUrl` or `previewUrl` of a job or an asset. The link itself is the proof, so no key is needed; it works for as \
               long as the result is kept. Parts can be asked for by `Range`. Some installations answer 307 to the object store.")
        .public()
        .parameter(Parameter::path("asset", "The id of the asset.", text()))
        .parameter(Parameter::path("expiry", "Until when the link works.", text()))
        .parameter(Parameter::path("signature", "Proves that the link was made here.", text()))
        .parameter(Parameter::path("name", "The name of the file, for the reader's eye.", text()))
        .gives_file(200, "The file.", &["*/*"])
        .with_headers(200, &file)
        .gives_file(206, "A part of the file.", &["*/*"])
        .with_headers(206, &file)
        .with_headers(206, &["Content-Range"])
        .gives_nothing(304, "The file that the caller has already.")
        .gives_nothing(307, "The file lies elsewhere.")
        .with_headers(307, &["Location"])
        .fails(
            Speaker::Cloudlayer,
            &[
                Trouble::Link,
                Trouble::NoSuch("preview"),
                Trouble::Gone,
                Trouble::Range,
                Trouble::Internal,
                Trouble::Away,
            ],
        )
}
