//! `platen storage list | remove`: customers' own buckets, as operators see them. Keys are not shown.

use clap::Subcommand;
use common::id::{AccountId, StorageId};
use common::store::Storage;
use serde::Serialize;
use serde_json::json;

use super::{no_account, store};
use crate::cli::Shared;
use crate::output::{Output, table};

/// List and remove the buckets that an account has results put into.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the buckets of an account
    List {
        /// Whose buckets
        account: AccountId,
    },
    /// Forget a bucket and its keys; what lies in it stays there, but links to it end
    Remove {
        /// Whose bucket
        account: AccountId,
        /// The bucket's id, as listed
        id: StorageId,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    storage_id: StorageId,
    title: String,
    endpoint: Option<String>,
    region: String,
    bucket: String,
    created_at: String,
    updated_at: String,
}

impl From<Storage> for Listed {
    fn from(storage: Storage) -> Self {
        Self {
            storage_id: storage.id,
            title: storage.title,
            endpoint: storage.place.endpoint.map(String::from),
            region: storage.place.region,
            bucket: storage.place.bucket,
            created_at: storage.created_at.to_string(),
            updated_at: storage.updated_at.to_string(),
        }
    }
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    let store = store(shared).await?;
    match command {
        Command::List { account } => {
            store
                .account(account)
                .await?
                .ok_or_else(|| no_account(account))?;
            let storages = store.storages(account).await?;
            let storages: Vec<Listed> = storages.into_iter().map(Listed::from).collect();
            output.print(&storages, |storages| list(storages))
        }
        Command::Remove { account, id } => {
            anyhow::ensure!(
                store.remove_storage(account, id).await?,
                "the account has no such bucket: {id}; `platen storage list {account}` shows all"
            );
            output.print(&json!({ "storage_id": id, "removed": true }), |_| {
                format!("bucket {id} is forgotten, and its keys with it")
            })
        }
    }
}

fn list(storages: &[Listed]) -> String {
    let row = |storage: &Listed| {
        vec![
            storage.storage_id.to_string(),
            storage.title.clone(),
            storage.bucket.clone(),
            storage
                .endpoint
                .clone()
                .unwrap_or_else(|| "Amazon S3".to_owned()),
            storage.region.clone(),
            storage.updated_at.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = storages.iter().map(row).collect();
    let heads = [
        "STORAGE", "TITLE", "BUCKET", "ENDPOINT", "REGION", "KEYS SET",
    ];
    table(&heads, &rows)
}
