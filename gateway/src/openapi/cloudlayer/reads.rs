//! What became of conversions, and the account.

use serde_json::json;

use super::Version;
use super::answer::Status;
use crate::cloudlayer::account::AccountView;
use crate::cloudlayer::assets::AssetView;
use crate::cloudlayer::jobs::JobView;
use crate::openapi::operation::Operation;
use crate::openapi::parameter::Parameter;
use crate::openapi::trouble::{Speaker, Trouble};

const READ: &[Trouble] = &[Trouble::Key, Trouble::Internal, Trouble::Away];
const LIST: &[Trouble] = &[Trouble::Wrong("limit")];
const JOB: &str = "job_019b76da1c007d4ea7a1c3d2e5f60718";
const ASSET: &str = "ast_019b76da1c007d4ea7a1c3d2e5f60719";

/// Their operations.
#[expect(clippy::too_many_lines, reason = "a table reads best in one piece")]
pub(super) fn operations(version: &Version) -> Vec<Operation> {
    let [limit, offset, after] = Parameter::paging(JOB);
    let [project, name] = Parameter::labels();
    let jobs = version
        .operation("get", "/jobs", "listJobs", "List jobs, the newest first")
        .tag("Jobs and results")
        .parameter(limit)
        .parameter(offset)
        .parameter(after)
        .parameter(project)
        .parameter(name)
        .gives_list::<JobView>(200, "The jobs.")
        .fails(Speaker::Cloudlayer, &[READ, LIST].concat());
    let job = version
        .operation("get", "/jobs/{id}", "readJob", "Read a job")
        .tag("Jobs and results")
        .parameter(Parameter::path("id", "The id of the job.", json!({ "type": "string", "examples": [JOB] })))
        .parameter(
            Parameter::query(
                "expand",
                "`timeline` adds what became of the job step by step, what its page complained of, and each call of its webhook.",
                json!({ "type": "string", "enum": ["timeline"] }),
            )
            .extension(),
        )
        .gives::<JobView>(200, "The job.")
        .fails(Speaker::Cloudlayer, &[READ, &[Trouble::Wrong("expand"), Trouble::NoSuch("job")]].concat());
    let [limit, offset, after] = Parameter::paging(ASSET);
    let [project, name] = Parameter::labels();
    let assets = version
        .operation(
            "get",
            "/assets",
            "listAssets",
            "List stored results, the newest first",
        )
        .tag("Jobs and results")
        .parameter(limit)
        .parameter(offset)
        .parameter(after)
        .parameter(project)
        .parameter(name)
        .gives_list::<AssetView>(200, "The results.")
        .fails(Speaker::Cloudlayer, &[READ, LIST].concat());
    let asset = version
        .operation("get", "/assets/{id}", "readAsset", "Read a stored result")
        .tag("Jobs and results")
        .parameter(Parameter::path(
            "id",
            "The id of the result.",
            json!({ "type": "string", "examples": [ASSET] }),
        ))
        .gives::<AssetView>(200, "The result, with a link to its file.")
        .fails(
            Speaker::Cloudlayer,
            &[READ, &[Trouble::NoSuch("asset")]].concat(),
        );
    let account = version
        .operation("get", "/account", "readAccount", "Read the account")
        .tag("Account")
        .gives::<AccountView>(200, "The account, its credit and its counters.")
        .fails(Speaker::Cloudlayer, READ);
    let status = version
        .operation("get", "/getStatus", "readStatus", "Try a key")
        .tag("Account")
        .gives::<Status>(200, "The key works.")
        .with_headers(
            200,
            &[
                "X-RateLimit-Limit",
                "X-RateLimit-Remaining",
                "X-RateLimit-Reset",
            ],
        )
        .fails(Speaker::Cloudlayer, READ);
    vec![jobs, job, assets, asset, account, status]
}
