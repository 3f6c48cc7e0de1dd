//! `platen template create | update | list | show | delete | render`.

mod file;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use common::clock::Clock;
use common::id::{AccountId, TemplateId};
use common::job::TemplateKind;
use common::store::{Store, Template, TemplateChange, TemplateDraft};
use gateway::templates::{self, KEPT_VERSIONS, MOST_TEMPLATES};
use serde::Serialize;
use serde_json::json;

use super::{no_account, store};
use crate::cli::Shared;
use crate::output::{Output, table};

/// Keep templates for an account, and try them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Keep a template; its id is what requests name it by
    Create {
        /// Whose
        account: AccountId,
        /// The template
        file: PathBuf,
        #[command(flatten)]
        about: About,
    },
    /// Make a new version of a template, which is used from now on
    Update {
        /// Whose
        account: AccountId,
        /// Which
        id: TemplateId,
        /// The template
        file: PathBuf,
        #[command(flatten)]
        about: About,
    },
    /// List an account's templates
    List {
        /// Whose
        account: AccountId,
    },
    /// Print a template
    Show {
        /// Whose
        account: AccountId,
        /// Which
        id: TemplateId,
        /// Which version [default: the newest]
        #[arg(long = "number", value_name = "VERSION")]
        number: Option<u32>,
    },
    /// Delete a template with all its versions
    Delete {
        /// Whose
        account: AccountId,
        /// Which
        id: TemplateId,
    },
    /// Print the HTML that a template makes, without a server
    Render {
        /// A file, or the name of a template of the gallery, which brings its sample data
        template: String,
        /// A JSON file with the data
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
    },
}

/// What is known of a template; what is not named stays.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// What it is called
    #[arg(long)]
    title: Option<String>,
    /// What it is made for: pdf or image
    #[arg(long, value_name = "KIND")]
    kind: Option<TemplateKind>,
    /// A JSON file with data to try it with
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Shown {
    template_id: TemplateId,
    version: u32,
    title: String,
    kind: TemplateKind,
    updated_at: String,
}

impl From<Template> for Shown {
    fn from(template: Template) -> Self {
        Self {
            template_id: template.id,
            version: template.version,
            title: template.title,
            kind: template.kind,
            updated_at: template.updated_at.to_string(),
        }
    }
}

/// Runs the command.
pub(crate) async fn run(command: Command, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    match command {
        Command::Render { template, data } => {
            let html = file::render(&template, data.as_deref()).await?;
            output.print(&json!({ "html": html }), |_| html.clone())
        }
        Command::Create {
            account,
            file,
            about,
        } => create(&store(shared).await?, account, (file, about), output).await,
        Command::Update {
            account,
            id,
            file,
            about,
        } => update(&store(shared).await?, (account, id), (file, about), output).await,
        Command::List { account } => {
            let store = store(shared).await?;
            store
                .account(account)
                .await?
                .ok_or_else(|| no_account(account))?;
            let found = store.templates(account).await?;
            let found: Vec<Shown> = found.into_iter().map(Shown::from).collect();
            output.print(&found, |found| list(found))
        }
        Command::Show {
            account,
            id,
            number,
        } => {
            let store = store(shared).await?;
            let source = store.template_source(account, id, number).await?;
            let source = source.ok_or_else(|| no_template(account, id))?;
            output.print(&json!({ "template": source }), |_| source.clone())
        }
        Command::Delete { account, id } => {
            let store = store(shared).await?;
            let is_deleted = store.delete_template(account, id).await?;
            anyhow::ensure!(is_deleted, no_template(account, id));
            output.print(&json!({ "template_id": id, "deleted": true }), |_| {
                format!("template {id} is deleted")
            })
        }
    }
}

async fn create(
    store: &Store,
    account: AccountId,
    (file, about): (PathBuf, About),
    output: &Output,
) -> anyhow::Result<()> {
    store
        .account(account)
        .await?
        .ok_or_else(|| no_account(account))?;
    let source = file::template(&file).await?;
    let sample = file::sample(about.sample.as_deref()).await?;
    let stem = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let title = about.title.or(stem).unwrap_or_default();
    let draft = TemplateDraft {
        title: &title,
        kind: about.kind.unwrap_or(TemplateKind::Pdf),
        sample: sample.as_deref(),
        source: &source,
    };
    let now = Clock::system().now();
    let id = store
        .create_template(account, &draft, MOST_TEMPLATES, now)
        .await?;
    let id = id.ok_or_else(|| {
        anyhow::anyhow!("the account has {MOST_TEMPLATES} templates, as many as are kept")
    })?;
    let template = store.template(account, id).await?;
    show(template.ok_or_else(|| no_template(account, id))?, output)
}

async fn update(
    store: &Store,
    (account, id): (AccountId, TemplateId),
    (file, about): (PathBuf, About),
    output: &Output,
) -> anyhow::Result<()> {
    let source = file::template(&file).await?;
    let sample = file::sample(about.sample.as_deref()).await?;
    let change = TemplateChange {
        title: about.title.as_deref(),
        kind: about.kind,
        sample: sample.as_deref(),
        source: Some(&source),
    };
    let now = Clock::system().now();
    let template = store
        .update_template(account, id, &change, KEPT_VERSIONS, now)
        .await?;
    show(template.ok_or_else(|| no_template(account, id))?, output)
}

fn show(template: Template, output: &Output) -> anyhow::Result<()> {
    output.print(&Shown::from(template), |shown| {
        format!("template {}, version {}", shown.template_id, shown.version)
    })
}

fn list(found: &[Shown]) -> String {
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|shown| {
            vec![
                shown.template_id.to_string(),
                shown.version.to_string(),
                shown.kind.to_string(),
                shown.title.clone(),
                shown.updated_at.clone(),
            ]
        })
        .collect();
    table(&["TEMPLATE", "VERSION", "KIND", "TITLE", "UPDATED"], &rows)
}

fn no_template(account: AccountId, id: TemplateId) -> anyhow::Error {
    anyhow::anyhow!(
        "account {account} has no such template: {id}; `platen template list {account}` shows all"
    )
}
