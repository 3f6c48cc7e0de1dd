//! Deliveries of webhooks.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Version;
use super::answer::{Replayed, ReplayedAll};
use crate::openapi::operation::{Example, Operation};
use crate::openapi::parameter::Parameter;
use crate::openapi::trouble::{Speaker, Trouble};
use crate::webhooks::deliveries::DeliveryView;

const READ: &[Trouble] = &[Trouble::Key, Trouble::Internal, Trouble::Away];
const WRITE: &[Trouble] = &[
    Trouble::Wrong("since"),
    Trouble::Key,
    Trouble::TooLong,
    Trouble::Internal,
    Trouble::Away,
];

/// Which deliveries are sent again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::openapi) struct ReplayRequest {
    /// Those that were given up since this moment.
    #[schema(format = DateTime, example = "2026-01-31T08:30:00Z")]
    since: String,
    /// Only count them.
    #[schema(default = false)]
    dry_run: Option<bool>,
}

/// Their operations.
#[expect(clippy::too_many_lines, reason = "a table reads best in one piece")]
pub(super) fn operations(version: &Version) -> Vec<Operation> {
    let id = |name: &str| {
        let example = "dlv_019b76da1c007d4ea7a1c3d2e5f60720";
        Parameter::path(
            name,
            "The id of the delivery.",
            json!({ "type": "string", "examples": [example] }),
        )
    };
    let moment = || json!({ "type": "string", "format": "date-time" });
    let [limit, offset, after] = Parameter::paging("dlv_019b76da1c007d4ea7a1c3d2e5f60720");
    let states = json!({ "type": "string", "enum": ["pending", "parked", "delivered", "failed"] });
    let dry = vec![Example {
        name: "dry",
        summary: "How many there are",
        body: json!({ "since": "2026-01-31T08:30:00Z", "dryRun": true }),
    }];
    vec![
        version
            .operation(
                "get",
                "/deliveries",
                "listDeliveries",
                "List deliveries, the newest first",
            )
            .parameter(limit)
            .parameter(offset)
            .parameter(after)
            .parameter(Parameter::query("state", "Those that stand so.", states))
            .parameter(Parameter::query(
                "url",
                "Those to this address.",
                json!({ "type": "string" }),
            ))
            .parameter(Parameter::query(
                "jobId",
                "Those of this job.",
                json!({ "type": "string" }),
            ))
            .parameter(Parameter::query(
                "since",
                "Those from this moment on.",
                moment(),
            ))
            .parameter(Parameter::query(
                "until",
                "Those before this moment.",
                moment(),
            ))
            .gives_list::<DeliveryView>(200, "The deliveries.")
            .fails(
                Speaker::Cloudlayer,
                &[READ, &[Trouble::Wrong("state")]].concat(),
            ),
        version
            .operation(
                "get",
                "/deliveries/{id}",
                "readDelivery",
                "Read a delivery with its attempts",
            )
            .parameter(id("id"))
            .gives::<DeliveryView>(200, "The delivery.")
            .fails(
                Speaker::Cloudlayer,
                &[READ, &[Trouble::NoSuch("delivery")]].concat(),
            ),
        version
            .operation(
                "post",
                "/deliveries/{id}/replay",
                "replayDelivery",
                "Send a delivery again",
            )
            .text("What has ended is sent again as a new delivery; what waits is sent now.")
            .parameter(id("id"))
            .gives::<Replayed>(202, "It is sent.")
            .fails(
                Speaker::Cloudlayer,
                &[READ, &[Trouble::NoSuch("delivery"), Trouble::Parked]].concat(),
            ),
        version
            .operation(
                "post",
                "/deliveries/replay",
                "replayDeliveries",
                "Send again every delivery that was given up",
            )
            .takes::<ReplayRequest>(true, dry)
            .gives::<ReplayedAll>(200, "How many would be sent (`dryRun`).")
            .gives::<ReplayedAll>(202, "How many are sent.")
            .fails(Speaker::Cloudlayer, WRITE),
    ]
}
