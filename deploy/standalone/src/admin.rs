//! The commands that change rows; they work beside a running server, which notices within a second.

pub(crate) mod account;
pub(crate) mod key;
pub(crate) mod webhook;

use common::store::Store;

use crate::cli::Shared;
use crate::data::DataDir;

/// The database of the data folder that was named, which has to be there.
async fn store(shared: &Shared) -> anyhow::Result<Store> {
    DataDir::existing(&shared.data_dir)?.store().await
}

/// The same, made if it is missing: accounts may come before the first start.
async fn new_store(shared: &Shared) -> anyhow::Result<Store> {
    DataDir::open(&shared.data_dir)?.store().await
}

/// Says that there is no such account, and how to see which there are.
fn no_account(id: common::id::AccountId) -> anyhow::Error {
    anyhow::anyhow!("there is no account {id}; `platen account list` shows all")
}
