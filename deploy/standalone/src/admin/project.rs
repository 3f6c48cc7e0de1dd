//! `platen project create | list | set`.

use clap::Subcommand;
use common::clock::Clock;
use common::credits::Credits;
use common::id::{AccountId, ProjectId};
use common::store::{Project, Store};
use serde::Serialize;

use super::{no_account, store};
use crate::cli::Shared;
use crate::output::{Output, table};

/// Create, list and change projects: keys that share a budget.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a project; keys are put into it by `platen key create --project`
    Create {
        /// Whose
        account: AccountId,
        /// What it is called
        name: String,
        /// The most credits that its keys may spend together, such as 100 or 0.5, or `off`
        #[arg(long, default_value = "off", allow_negative_numbers = true, value_parser = parse_budget)]
        budget: Budget,
    },
    /// List the projects of an account
    List {
        /// Whose
        account: AccountId,
    },
    /// Change a project's budget, or begin a new period
    #[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
    Set {
        /// Its id
        id: ProjectId,
        /// The most credits that its keys may spend together, or `off`
        #[arg(long, allow_negative_numbers = true, value_parser = parse_budget, group = "change")]
        budget: Option<Budget>,
        /// Count what is spent from nothing, as at the beginning of a month
        #[arg(long, group = "change")]
        reset: bool,
    },
}

/// A budget or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget(Option<Credits>);

fn parse_budget(text: &str) -> Result<Budget, String> {
    if text == "off" {
        return Ok(Budget(None));
    }
    let budget = text.parse().ok().filter(|budget| *budget >= Credits::ZERO);
    budget
        .map(|budget| Budget(Some(budget)))
        .ok_or_else(|| "write a number of credits, such as 100 or 0.5, or `off`".to_owned())
}

/// A project as the commands show it.
#[derive(Debug, Serialize)]
struct Shown {
    project_id: ProjectId,
    account_id: AccountId,
    name: String,
    budget: Option<f64>,
    spent: f64,
}

impl From<Project> for Shown {
    fn from(project: Project) -> Self {
        Self {
            project_id: project.id,
            account_id: project.account,
            name: project.name,
            budget: project.budget.map(Credits::as_f64),
            spent: project.spent.as_f64(),
        }
    }
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    let store = store(shared).await?;
    match command {
        Command::List { account } => {
            known(&store, account).await?;
            let projects = store.projects(account).await?;
            let projects: Vec<_> = projects.into_iter().map(Shown::from).collect();
            output.print(&projects, |projects| list(projects))
        }
        Command::Create {
            account,
            name,
            budget,
        } => {
            known(&store, account).await?;
            let now = Clock::system().now();
            let id = store.create_project(account, &name, budget.0, now).await?;
            show(&store, id, output).await
        }
        Command::Set { id, budget, reset } => {
            if let Some(budget) = budget {
                store.set_budget(id, budget.0).await?;
            }
            if reset {
                store.forget_spending(id).await?;
            }
            show(&store, id, output).await
        }
    }
}

async fn known(store: &Store, account: AccountId) -> anyhow::Result<()> {
    let found = store.account(account).await?;
    found.map(drop).ok_or_else(|| no_account(account))
}

async fn show(store: &Store, id: ProjectId, output: &Output) -> anyhow::Result<()> {
    let project = store.project(id).await?;
    let project = project.ok_or_else(|| {
        anyhow::anyhow!("there is no project {id}; `platen project list ACCOUNT` shows all")
    })?;
    output.print(&Shown::from(project), describe)
}

fn describe(project: &Shown) -> String {
    [
        format!("project  {}", project.project_id),
        format!("account  {}", project.account_id),
        format!("name     {}", project.name),
        format!("budget   {}", budget(project)),
        format!("spent    {}", project.spent),
    ]
    .join("\n")
}

fn list(projects: &[Shown]) -> String {
    let row = |project: &Shown| {
        vec![
            project.project_id.to_string(),
            budget(project),
            project.spent.to_string(),
            project.name.clone(),
        ]
    };
    let rows: Vec<_> = projects.iter().map(row).collect();
    table(&["PROJECT", "BUDGET", "SPENT", "NAME"], &rows)
}

fn budget(project: &Shown) -> String {
    project
        .budget
        .map_or_else(|| "no limit".to_owned(), |budget| budget.to_string())
}
