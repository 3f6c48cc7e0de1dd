//! Storages of the caller's own.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Version;
use crate::cloudlayer::storage::{Detail, Listed, Saved};
use crate::openapi::operation::{Example, Operation};
use crate::openapi::parameter::Parameter;
use crate::openapi::trouble::{Speaker, Trouble};

const READ: &[Trouble] = &[Trouble::Key, Trouble::Internal, Trouble::Away];

/// A bucket in an S3-compatible store.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "title": "Invoices", "region": "eu-central-1", "bucket": "invoices",
    "accessKeyId": "AKIAEXAMPLE", "secretAccessKey": "a-secret",
}))]
pub(in crate::openapi) struct StorageSettings {
    /// What you know it by.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The region of the bucket.
    #[schema(max_length = 64, pattern = "^[A-Za-z0-9-]+$")]
    region: String,
    /// The name of the bucket.
    #[schema(max_length = 255, pattern = "^[A-Za-z0-9._-]+$")]
    bucket: String,
    /// The https address of the store; Amazon S3 where nothing is said.
    #[schema(max_length = 2048, format = "uri", example = "https://s3.example.com")]
    endpoint: Option<String>,
    /// The id of an access key that may write.
    #[schema(pattern = "^[!-~]{1,256}$")]
    access_key_id: String,
    /// Its secret; kept encrypted, and never shown.
    #[schema(pattern = "^[!-~]{1,1024}$")]
    secret_access_key: String,
}

/// Their operations.
pub(super) fn operations(version: &Version) -> Vec<Operation> {
    let id = || {
        let example = "sto_019b76da1c007d4ea7a1c3d2e5f60721";
        let schema = json!({ "type": "string", "examples": [example] });
        Parameter::path("id", "The id of the storage.", schema)
    };
    let save = version
        .operation("post", "/storage", "saveStorage", "Save a bucket of your own")
        .text(
            "A small file is written into it first; if that fails, nothing is saved. Saved again with the same title and the same place, \
             a storage gets the new keys and keeps its id.",
        )
        .takes::<StorageSettings>(true, vec![example()])
        .gives::<Saved>(200, "The storage.")
        .fails(Speaker::Cloudlayer, &[READ, SAVE].concat());
    let list = version
        .operation("get", "/storage", "listStorages", "List your storages")
        .gives_list::<Listed>(200, "The storages.")
        .fails(Speaker::Cloudlayer, READ);
    let read = version
        .operation("get", "/storage/{id}", "readStorage", "Read a storage")
        .parameter(id())
        .gives::<Detail>(200, "The storage, without its secret.")
        .fails(
            Speaker::Cloudlayer,
            &[READ, &[Trouble::NoStorage, Trouble::Sealed]].concat(),
        );
    let remove = version
        .operation(
            "delete",
            "/storage/{id}",
            "removeStorage",
            "Forget a storage and its keys",
        )
        .text("What lies in the bucket stays there; links to it end.")
        .parameter(id())
        .gives_nothing(204, "It is forgotten.")
        .fails(Speaker::Cloudlayer, &[READ, &[Trouble::NoStorage]].concat());
    let all = [save, list, read, remove].into_iter();
    all.map(|one| one.tag("Storages")).collect()
}

const SAVE: &[Trouble] = &[
    Trouble::Wrong("bucket"),
    Trouble::Budget,
    Trouble::TooLong,
    Trouble::Sealed,
    Trouble::Rate,
    Trouble::InFlight,
    Trouble::Failed,
];

fn example() -> Example {
    Example {
        name: "elsewhere",
        summary: "A bucket in a store of your own",
        body: json!({
            "title": "Invoices",
            "endpoint": "https://s3.example.com",
            "region": "eu-central-1",
            "bucket": "invoices",
            "accessKeyId": "AKIAEXAMPLE",
            "secretAccessKey": "a-secret",
        }),
    }
}
