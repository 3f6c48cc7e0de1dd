//! `platen job show | list`: what became of jobs, and where their time went.

mod list;
mod show;
mod span;
mod story;

use clap::{Args, Subcommand};
use common::id::{AccountId, JobId};
use common::job::JobState;

use super::store;
use crate::cli::Shared;
use crate::output::Output;

/// Show and list jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a job: each step with its time, what its page complained of, each call of its webhook
    Show {
        /// Which
        id: JobId,
    },
    /// List jobs, newest first
    List(Which),
}

/// Which jobs are listed.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only those of this account
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// Only those that are held, queued, published, success or error
    #[arg(long)]
    state: Option<JobState>,
    /// How many
    #[arg(long, default_value = "20", value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    let store = store(shared).await?;
    match command {
        Command::Show { id } => show::run(&store, id, output).await,
        Command::List(which) => list::run(&store, which, output).await,
    }
}
