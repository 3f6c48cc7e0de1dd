//! `platen account create | list | credit | set`.

use clap::{Args, Subcommand};
use common::clock::{Clock, Timestamp};
use common::credits::Credits;
use common::id::AccountId;
use common::store::{Account, Limits, Store};
use serde::Serialize;

use super::{new_store, no_account, store};
use crate::cli::Shared;
use crate::output::{Output, table};

/// Requests a minute of an account that is made in an installation of many services (reference
/// iterationlayer, section 1.6). Beside a data folder, where one owner has the machine, there is no limit.
const USUAL_RATE: u32 = 100;

/// Create, list and change accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create an account
    Create {
        /// What it is called
        name: String,
        /// An address shown in the account's own data
        #[arg(long)]
        email: Option<String>,
        /// Credits to start with
        #[arg(long, default_value = "0")]
        credits: Credits,
        /// Requests a minute, or `off`; unless given 100 in an installation of many services, and no limit beside a data folder
        #[arg(long, value_parser = parse_rate)]
        rate: Option<Rate>,
    },
    /// List all accounts
    List,
    /// Add credits to an account
    Credit {
        /// Its id
        id: AccountId,
        /// How many, such as 100 or 0.5; a negative number takes credits away
        #[arg(allow_negative_numbers = true)]
        credits: Credits,
    },
    /// Change an account's limits
    Set(SetLimits),
}

/// New limits; what is not named stays.
#[derive(Debug, Args)]
pub(crate) struct SetLimits {
    /// Its id
    id: AccountId,
    /// Requests a minute, or `off`
    #[arg(long, value_parser = parse_rate)]
    rate: Option<Rate>,
    /// Async jobs that may be worked on at a time; more are held back
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    in_flight: Option<u32>,
    /// Async jobs that may be waiting; more are refused
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    backlog: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Rate {
    Off,
    PerMinute(u32),
}

impl From<Rate> for Option<u32> {
    fn from(rate: Rate) -> Self {
        match rate {
            Rate::Off => None,
            Rate::PerMinute(rate) => Some(rate),
        }
    }
}

fn parse_rate(text: &str) -> Result<Rate, String> {
    if text == "off" {
        return Ok(Rate::Off);
    }
    let rate = text.parse().ok().filter(|rate| *rate > 0);
    rate.map(Rate::PerMinute)
        .ok_or_else(|| "write a number of requests a minute, at least 1, or `off`".to_owned())
}

/// An account as the commands show it.
#[derive(Debug, Serialize)]
struct Shown {
    account_id: AccountId,
    name: String,
    email: Option<String>,
    credits: f64,
    rate: Option<u32>,
    in_flight: u32,
    backlog: u32,
    webhook: Option<String>,
}

impl From<Account> for Shown {
    fn from(account: Account) -> Self {
        Self {
            account_id: account.id,
            name: account.name,
            email: account.email,
            credits: account.balance.as_f64(),
            rate: account.limits.rate,
            in_flight: account.limits.in_flight,
            backlog: account.limits.backlog,
            webhook: account.webhook_url,
        }
    }
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    let store = match command {
        Command::Create { .. } => new_store(shared).await?,
        Command::List | Command::Credit { .. } | Command::Set(_) => store(shared).await?,
    };
    let now = Clock::system().now();
    let id = match command {
        Command::List => {
            let accounts: Vec<Shown> = store
                .accounts()
                .await?
                .into_iter()
                .map(Shown::from)
                .collect();
            return output.print(&accounts, |accounts| list(accounts));
        }
        Command::Create {
            name,
            email,
            credits,
            rate,
        } => {
            let usual = shared.database_url.is_some().then_some(USUAL_RATE);
            let rate = rate.map_or(usual, Option::from);
            create(&store, (&name, email.as_deref()), (credits, rate), now).await?
        }
        Command::Credit { id, credits } => {
            let account = store.account(id).await?.ok_or_else(|| no_account(id))?;
            let left = account.balance + credits;
            anyhow::ensure!(
                left >= Credits::ZERO,
                "account {id} has {} credits; {credits} would leave a debt",
                account.balance
            );
            store
                .grant(id, credits, now)
                .await?
                .ok_or_else(|| no_account(id))?;
            id
        }
        Command::Set(change) => {
            let account = store
                .account(change.id)
                .await?
                .ok_or_else(|| no_account(change.id))?;
            store
                .set_limits(change.id, change.over(account.limits))
                .await?;
            change.id
        }
    };
    let account = store.account(id).await?.ok_or_else(|| no_account(id))?;
    output.print(&Shown::from(account), describe)
}

async fn create(
    store: &Store,
    (name, email): (&str, Option<&str>),
    (credits, rate): (Credits, Option<u32>),
    now: Timestamp,
) -> anyhow::Result<AccountId> {
    anyhow::ensure!(
        credits >= Credits::ZERO,
        "an account can't start with a debt: --credits must be 0 or more"
    );
    let id = store.create_account(name, email, credits, now).await?;
    let limits = Limits {
        rate,
        ..Limits::default()
    };
    store.set_limits(id, limits).await?;
    Ok(id)
}

impl SetLimits {
    fn over(&self, limits: Limits) -> Limits {
        Limits {
            rate: self.rate.map_or(limits.rate, Option::from),
            in_flight: self.in_flight.unwrap_or(limits.in_flight),
            backlog: self.backlog.unwrap_or(limits.backlog),
        }
    }
}

fn list(accounts: &[Shown]) -> String {
    let rows: Vec<Vec<String>> = accounts
        .iter()
        .map(|account| {
            vec![
                account.account_id.to_string(),
                account.credits.to_string(),
                account.name.clone(),
            ]
        })
        .collect();
    table(&["ACCOUNT", "CREDITS", "NAME"], &rows)
}

fn describe(account: &Shown) -> String {
    let or = |value: Option<String>, none: &str| value.unwrap_or_else(|| none.to_owned());
    [
        format!("account    {}", account.account_id),
        format!("name       {}", account.name),
        format!("email      {}", or(account.email.clone(), "none")),
        format!("credits    {}", account.credits),
        format!(
            "rate       {}",
            or(
                account.rate.map(|rate| format!("{rate} requests a minute")),
                "no limit"
            )
        ),
        format!("in flight  {} async jobs", account.in_flight),
        format!("backlog    {} async jobs", account.backlog),
        format!("webhook    {}", or(account.webhook.clone(), "none")),
    ]
    .join("\n")
}
