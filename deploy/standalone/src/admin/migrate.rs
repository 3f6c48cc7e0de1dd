//! `platen migrate`: brings a database's tables to this version. Services wait for it and never do it.

use anyhow::Context as _;
use common::retry::insist;
use common::store::Store;
use serde_json::json;

use crate::cli::Shared;
use crate::data::DataDir;
use crate::output::Output;

/// Waits for the database's server, then makes or changes its tables; nothing happens when they are
/// new enough.
pub(crate) async fn run(shared: &Shared, output: &Output) -> anyhow::Result<()> {
    match &shared.database_url {
        Some(url) => {
            let store = Store::remote(url, super::FEW, shared.database_timeout)?;
            insist("reach the database", || store.ping()).await;
            let migrated = store.migrate().await;
            migrated.context("the tables can't be brought up to date")?;
        }
        // Opening a data folder does it.
        None => drop(DataDir::open(&shared.data_dir)?.store().await?),
    }
    let done = json!({ "migrated": true });
    output.print(&done, |_| "the database is up to date".to_owned())
}
