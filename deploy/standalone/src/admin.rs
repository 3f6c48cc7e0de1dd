//! The commands that read and change rows; they work beside a running server, which notices within a second.

pub(crate) mod account;
pub(crate) mod job;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod project;
pub(crate) mod storage;
pub(crate) mod template;
pub(crate) mod webhook;

use std::num::NonZeroU32;

use anyhow::Context as _;
use common::store::{DatabaseUrl, Store};

use crate::cli::Shared;
use crate::data::DataDir;

/// The database that was named: a server's, or that of a data folder, which has to be there.
async fn store(shared: &Shared) -> anyhow::Result<Store> {
    match &shared.database_url {
        Some(url) => remote(shared, url).await,
        None => DataDir::existing(&shared.data_dir)?.store().await,
    }
}

/// The same; a data folder is made if it is missing: accounts may come before the first start.
async fn new_store(shared: &Shared) -> anyhow::Result<Store> {
    match &shared.database_url {
        Some(url) => remote(shared, url).await,
        None => DataDir::open(&shared.data_dir)?.store().await,
    }
}

/// Connections of a command that runs a few statements.
const FEW: NonZeroU32 = NonZeroU32::MIN;

async fn remote(shared: &Shared, url: &DatabaseUrl) -> anyhow::Result<Store> {
    let store = Store::remote(url, FEW, shared.database_timeout)?;
    let ready = store.ready().await;
    ready.context("the database of --database-url can't be used")?;
    Ok(store)
}

/// Says that there is no such account, and how to see which there are.
fn no_account(id: common::id::AccountId) -> anyhow::Error {
    anyhow::anyhow!("there is no account {id}; `platen account list` shows all")
}

/// Says that an account has no such project, and how to see which it has.
fn no_project(id: common::id::ProjectId, account: common::id::AccountId) -> anyhow::Error {
    anyhow::anyhow!("{account} has no project {id}; `platen project list {account}` shows all")
}
