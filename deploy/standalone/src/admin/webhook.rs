//! `platen webhook set | show`.

use clap::Subcommand;
use common::egress::{self, AddressRefused, Policy, check_address, confirm_address};
use common::id::AccountId;
use serde_json::json;

use super::{no_account, store};
use crate::cli::Shared;
use crate::output::Output;

/// Set and show an account's webhook.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell the account's finished async jobs to this address
    Set {
        /// Whose jobs
        account: AccountId,
        /// An https address, or `none` to tell nobody
        url: String,
        #[command(flatten)]
        egress: egress::Config,
    },
    /// Show the account's webhook
    Show {
        /// Whose
        account: AccountId,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    let store = store(shared).await?;
    let account = match command {
        Command::Set {
            account,
            url,
            egress,
        } => {
            let url = (url != "none").then_some(url);
            if let Some(url) = &url {
                judge(url, &egress.policy())
                    .await
                    .map_err(|refused| anyhow::anyhow!("the webhook {refused}"))?;
            }
            anyhow::ensure!(
                store.set_webhook(account, url.as_deref()).await?,
                no_account(account)
            );
            account
        }
        Command::Show { account } => account,
    };
    let webhook = store
        .account(account)
        .await?
        .ok_or_else(|| no_account(account))?
        .webhook_url;
    let shown = json!({ "account_id": account, "webhook": webhook });
    output.print(&shown, |_| webhook.unwrap_or_else(|| "none".to_owned()))
}

async fn judge(url: &str, policy: &Policy) -> Result<(), AddressRefused> {
    confirm_address(&check_address(url, policy)?, policy).await
}
