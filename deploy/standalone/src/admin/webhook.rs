//! `platen webhook …`: an account's endpoint, its secret, its deliveries.

mod deliveries;
mod endpoint;
mod ping;
mod secret;

use clap::Subcommand;
use common::egress::{self, AddressRefused, Policy, check_address, confirm_address};
use common::id::{AccountId, DeliveryId};
use common::job::{DeliveryState, Dialect};
use common::secret::Secret;

use self::deliveries::Since;
use super::store;
use crate::cli::Shared;
use crate::output::Output;

/// Set and try an account's webhook, and look through its deliveries.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell the account's finished async jobs to this address; also switches it on
    Set {
        /// Whose jobs
        account: AccountId,
        /// An https address, or `none` to tell nobody
        url: String,
        #[command(flatten)]
        egress: egress::Config,
    },
    /// Show the account's webhook, and how it stands
    Show {
        /// Whose
        account: AccountId,
    },
    /// Switch on a webhook that was switched off because it failed, and send what waits for it
    Enable {
        /// Whose
        account: AccountId,
    },
    /// Show the secret that signs the account's webhooks
    Secret {
        /// Whose
        account: AccountId,
        #[command(flatten)]
        key: Key,
    },
    /// Make a new secret; both sign until the overlap ends
    Rotate {
        /// Whose
        account: AccountId,
        /// How long the old secret signs too, such as 24h; `0s` if it leaked
        #[arg(long, default_value = "24h", value_parser = common::duration::parse)]
        overlap: std::time::Duration,
        #[command(flatten)]
        key: Key,
    },
    /// Send a signed sample to the webhook, by a running dispatcher, and show what came of it
    Ping {
        /// Whose webhook, and whose secret
        account: AccountId,
        /// Another address to try
        #[arg(long)]
        url: Option<String>,
        /// In which dialect's words
        #[arg(long, default_value = "cloudlayer")]
        dialect: Dialect,
        #[command(flatten)]
        egress: egress::Config,
    },
    /// List deliveries, newest first
    List {
        /// Whose
        account: AccountId,
        /// Only those that are pending, parked, delivered or failed
        #[arg(long)]
        state: Option<DeliveryState>,
        /// Only those to this address
        #[arg(long)]
        url: Option<String>,
        /// Only those born since then: a moment such as 2026-01-31T08:30:00Z, or so long ago, such as 2h
        #[arg(long)]
        since: Option<Since>,
        /// How many
        #[arg(long, default_value = "20")]
        limit: u32,
    },
    /// Show a delivery with its attempts
    Attempts {
        /// Whose
        account: AccountId,
        /// Which
        id: DeliveryId,
    },
    /// Send a delivery again; one that waits for its next attempt is sent now
    Resend {
        /// Whose
        account: AccountId,
        /// Which
        id: DeliveryId,
    },
    /// Send again everything that was given up since then and not sent again
    Replay {
        /// Whose
        account: AccountId,
        /// A moment such as 2026-01-31T08:30:00Z, or so long ago, such as 2h
        #[arg(long)]
        since: Since,
        /// Only say how many there are
        #[arg(long)]
        dry_run: bool,
    },
}

/// The key of the installation, of which its secrets are made.
#[derive(Debug, clap::Args)]
pub(crate) struct Key {
    /// The installation's secret, with --database-url [default: a file in the data folder]
    #[arg(
        long,
        env = "PLATEN_SEAL_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    seal_key: Option<Secret>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    let store = store(shared).await?;
    match command {
        Command::Set {
            account,
            url,
            egress,
        } => {
            let url = (url != "none").then_some(url);
            judge(url.as_deref(), &egress.policy()).await?;
            endpoint::set(&store, (account, url.as_deref()), output).await
        }
        Command::Show { account } => endpoint::show(&store, account, output).await,
        Command::Enable { account } => endpoint::enable(&store, account, output).await,
        Command::Secret { account, key } => {
            let key = secret::key(key, shared)?;
            secret::show(&store, account, &key, output).await
        }
        Command::Rotate {
            account,
            overlap,
            key,
        } => {
            // The key comes first: nothing is rotated that can't be shown.
            let key = secret::key(key, shared)?;
            secret::rotate(&store, account, overlap).await?;
            secret::show(&store, account, &key, output).await
        }
        Command::Ping {
            account,
            url,
            dialect,
            egress,
        } => {
            judge(url.as_deref(), &egress.policy()).await?;
            ping::run(&store, (account, url, dialect), output).await
        }
        Command::List {
            account,
            state,
            url,
            since,
            limit,
        } => {
            let filter = deliveries::filter(state, url, since);
            deliveries::list(&store, account, (filter, limit), output).await
        }
        Command::Attempts { account, id } => {
            deliveries::attempts(&store, account, id, output).await
        }
        Command::Resend { account, id } => deliveries::resend(&store, account, id, output).await,
        Command::Replay {
            account,
            since,
            dry_run,
        } => deliveries::replay(&store, account, (since, dry_run), output).await,
    }
}

/// Refuses an address that would not be called.
async fn judge(url: Option<&str>, policy: &Policy) -> anyhow::Result<()> {
    let Some(url) = url else {
        return Ok(());
    };
    let judged: Result<(), AddressRefused> =
        async { confirm_address(&check_address(url, policy)?, policy).await }.await;
    judged.map_err(|refused| anyhow::anyhow!("the webhook {refused}"))
}
