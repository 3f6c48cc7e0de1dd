//! The account's endpoint.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Version, deliveries};
use crate::openapi::operation::{Example, Operation};
use crate::openapi::trouble::{Speaker, Trouble};
use crate::webhooks::endpoint::{EndpointView, SecretView};
use crate::webhooks::ping::PingView;

const READ: &[Trouble] = &[Trouble::Key, Trouble::Internal, Trouble::Away];
const WRITE: &[Trouble] = &[
    Trouble::Wrong("url"),
    Trouble::Key,
    Trouble::TooLong,
    Trouble::Internal,
    Trouble::Away,
];

/// Where webhooks go.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct EndpointChange {
    /// An https address that is called when jobs have ended.
    #[schema(
        max_length = 2048,
        format = "uri",
        example = "https://example.com/hooks/platen"
    )]
    url: String,
}

/// How long both secrets sign.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::openapi) struct SecretChange {
    /// How long the secret of before signs too, in seconds.
    #[schema(minimum = 0, maximum = 2_592_000, default = 86_400)]
    overlap_seconds: Option<u32>,
}

/// A sample to be sent.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct PingRequest {
    /// Where to; the account's endpoint where nothing is said.
    #[schema(
        max_length = 2048,
        format = "uri",
        example = "https://example.com/hooks/platen"
    )]
    url: Option<String>,
    /// In whose form; `cloudlayer` where nothing is said.
    dialect: Option<PingDialect>,
}

/// In whose form a sample is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PingDialect {
    /// The cloudlayer dialect.
    Cloudlayer,
    /// The Iteration Layer dialect.
    IterationLayer,
}

/// Their operations.
pub(super) fn operations(version: &Version) -> Vec<Operation> {
    let mut all = endpoint(version);
    all.extend(deliveries::operations(version));
    all.into_iter()
        .map(|one| one.tag("Webhooks").extension())
        .collect()
}

#[expect(clippy::too_many_lines, reason = "a table reads best in one piece")]
fn endpoint(version: &Version) -> Vec<Operation> {
    let address = || {
        vec![Example {
            name: "plain",
            summary: "An endpoint",
            body: json!({ "url": "https://example.com/hooks/platen" }),
        }]
    };
    let overlap = vec![Example {
        name: "hour",
        summary: "Both secrets sign for an hour",
        body: json!({ "overlapSeconds": 3600 }),
    }];
    vec![
        version
            .operation(
                "get",
                "/webhook",
                "readWebhook",
                "Read the account's endpoint",
            )
            .gives::<EndpointView>(200, "The endpoint, and how it stands.")
            .fails(Speaker::Cloudlayer, READ),
        version
            .operation(
                "put",
                "/webhook",
                "setWebhook",
                "Set the account's endpoint, and switch it on",
            )
            .takes::<EndpointChange>(true, address())
            .gives::<EndpointView>(200, "The endpoint.")
            .fails(Speaker::Cloudlayer, WRITE),
        version
            .operation(
                "delete",
                "/webhook",
                "unsetWebhook",
                "Take the account's endpoint away",
            )
            .gives::<EndpointView>(200, "No endpoint.")
            .fails(Speaker::Cloudlayer, READ),
        version
            .operation(
                "post",
                "/webhook/enable",
                "enableWebhook",
                "Switch the endpoint on again, and send what waits for it",
            )
            .gives::<EndpointView>(200, "The endpoint.")
            .fails(Speaker::Cloudlayer, READ),
        version
            .operation(
                "get",
                "/webhook/secret",
                "readWebhookSecret",
                "Read the secret that signs webhooks",
            )
            .gives::<SecretView>(200, "The secret.")
            .fails(Speaker::Cloudlayer, READ),
        version
            .operation(
                "post",
                "/webhook/secret/rotate",
                "rotateWebhookSecret",
                "Take a new secret",
            )
            .text(
                "The one before signs too for a while, so that receivers can be changed in peace.",
            )
            .takes::<SecretChange>(false, overlap)
            .gives::<SecretView>(200, "The secrets that sign now.")
            .fails(Speaker::Cloudlayer, WRITE),
        version
            .operation(
                "post",
                "/webhook/ping",
                "pingWebhook",
                "Send a signed sample, and wait for what comes of it",
            )
            .text("At most 10 a minute.")
            .takes::<PingRequest>(false, address())
            .gives::<PingView>(
                200,
                "What came of it, also when the endpoint was not reached.",
            )
            .fails(Speaker::Cloudlayer, &[WRITE, &[Trouble::Rate]].concat()),
    ]
}
