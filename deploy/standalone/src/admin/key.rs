//! `platen key create | list | revoke`.

use clap::Subcommand;
use common::clock::Clock;
use common::id::{AccountId, KeyId, ProjectId};
use common::key::ApiKey;
use common::store::Key;
use serde::Serialize;
use serde_json::json;

use super::{no_account, no_project, store};
use crate::cli::Shared;
use crate::output::{Output, table};

/// Create, list and revoke API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a key; it is shown once and never again
    Create {
        /// Whose key
        account: AccountId,
        /// What it is for
        #[arg(long, default_value = "default")]
        name: String,
        /// The project whose budget its charges count against
        #[arg(long)]
        project: Option<ProjectId>,
    },
    /// List the keys of an account
    List {
        /// Whose keys
        account: AccountId,
    },
    /// Make a key useless, within a second
    Revoke {
        /// The key's id, as listed
        id: KeyId,
    },
}

#[derive(Debug, Serialize)]
struct Created {
    key_id: KeyId,
    account_id: AccountId,
    api_key: String,
}

#[derive(Debug, Serialize)]
struct Listed {
    key_id: KeyId,
    name: String,
    last4: String,
    project_id: Option<ProjectId>,
    created_at: String,
    revoked_at: Option<String>,
}

impl From<Key> for Listed {
    fn from(key: Key) -> Self {
        Self {
            key_id: key.id,
            name: key.name,
            last4: key.last4,
            project_id: key.project,
            created_at: key.created_at.to_string(),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    let (store, now) = (store(shared).await?, Clock::system().now());
    match command {
        Command::Create {
            account,
            name,
            project,
        } => {
            store
                .account(account)
                .await?
                .ok_or_else(|| no_account(account))?;
            let key = ApiKey::generate();
            let key_id = store
                .create_key(account, &name, &key.hash(), key.last4(), now)
                .await?;
            if let Some(project) = project
                && !store.assign_key(key_id, project).await?
            {
                // Nobody has seen it, and nobody will.
                store.revoke_key(key_id, now).await?;
                return Err(no_project(project, account));
            }
            let created = Created {
                key_id,
                account_id: account,
                api_key: key.expose().to_owned(),
            };
            output.print(&created, |key| {
                format!(
                    "key      {}\nAPI key  {}  (shown this once; keep it safe)",
                    key.key_id, key.api_key
                )
            })
        }
        Command::List { account } => {
            store
                .account(account)
                .await?
                .ok_or_else(|| no_account(account))?;
            let keys: Vec<Listed> = store
                .keys(account)
                .await?
                .into_iter()
                .map(Listed::from)
                .collect();
            output.print(&keys, |keys| list(keys))
        }
        Command::Revoke { id } => {
            anyhow::ensure!(
                store.revoke_key(id, now).await?,
                "there is no such key in use: {id}; `platen key list ACCOUNT` shows all"
            );
            output.print(&json!({ "key_id": id, "revoked": true }), |_| {
                format!("key {id} is revoked")
            })
        }
    }
}

fn list(keys: &[Listed]) -> String {
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            let state = key
                .revoked_at
                .as_ref()
                .map_or_else(|| "in use".to_owned(), |at| format!("revoked {at}"));
            vec![
                key.key_id.to_string(),
                format!("…{}", key.last4),
                key.name.clone(),
                key.created_at.clone(),
                state,
            ]
        })
        .collect();
    table(&["KEY", "ENDS IN", "NAME", "CREATED", "STATE"], &rows)
}
