//! The command line: what can be asked, and the exit code of the answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::process::Problems;
use common::store::DatabaseUrl;
use common::telemetry::{self, LogFormat, Telemetry};

use crate::admin::{account, job, key, migrate, project, storage, template, webhook};
use crate::output::Output;
use crate::{render, serve};

/// How long work that can't be cancelled may go on once everything else has ended.
const LAST_MOMENTS: Duration = Duration::from_secs(2);

/// Turns web pages and HTML into PDFs and images, for programs.
#[derive(Debug, Parser)]
#[command(name = "platen", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// Folder of the database, the results and the installation's keys
    #[arg(
        long,
        global = true,
        env = "PLATEN_DATA_DIR",
        default_value = "./platen-data"
    )]
    pub(crate) data_dir: PathBuf,
    /// PostgreSQL of an installation of many services, such as `postgres://user:password@host:5432/database`, in place of the data folder's database
    #[arg(
        long,
        global = true,
        env = "PLATEN_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) database_url: Option<DatabaseUrl>,
    /// How long a statement may take on that PostgreSQL
    #[arg(long, global = true, env = "PLATEN_DATABASE_TIMEOUT", value_name = "TIME", default_value = "15s", value_parser = common::duration::parse_positive)]
    pub(crate) database_timeout: Duration,
    /// Print JSON for programs in place of text for people
    #[arg(long, global = true, env = "PLATEN_JSON")]
    pub(crate) json: bool,
    /// What to log, such as `warn` or `info,renderer=debug`; logs go to standard error
    #[arg(
        long,
        global = true,
        env = "PLATEN_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    log: String,
    /// How log lines look
    #[arg(
        long,
        global = true,
        env = "PLATEN_LOG_FORMAT",
        value_enum,
        default_value_t
    )]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything: gateway, renderer and dispatcher in this process
    Serve(Box<serve::Options>),
    /// Make one file of a page, without a server
    Render(Box<render::Options>),
    /// Make the database's tables or bring them up to date
    Migrate,
    /// Create, list and change accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Create, list and revoke API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Create, list and change projects: keys that share a budget
    #[command(subcommand)]
    Project(project::Command),
    /// Show what became of a job, and where its time went
    #[command(subcommand)]
    Job(job::Command),
    /// List and remove the buckets that accounts have results put into
    #[command(subcommand)]
    Storage(storage::Command),
    /// Keep an account's templates, and try them
    #[command(subcommand)]
    Template(template::Command),
    /// Set and show an account's webhook
    #[command(subcommand)]
    Webhook(webhook::Command),
}

impl Cli {
    /// Notes what can't work.
    fn check(&self, problems: &mut Problems) {
        problems.note(telemetry::check_filter(&self.shared.log));
        if let Command::Serve(options) = &self.command {
            if self.shared.database_url.is_some() {
                problems.add("`platen serve` keeps its database in the data folder and takes no --database-url (PLATEN_DATABASE_URL); with PostgreSQL run platen-gateway, platen-renderer and platen-dispatcher");
            }
            options.check(problems);
        }
    }
}

impl Command {
    /// A one-off command only logs what its reader must know.
    fn log_filter<'a>(&self, asked: &'a str) -> &'a str {
        let one_off = !matches!(self, Self::Serve(_));
        if one_off && asked == "info" {
            "warn"
        } else {
            asked
        }
    }

    /// Only a server makes traces.
    fn telemetry(&self) -> telemetry::Config {
        match self {
            Self::Serve(options) => options.telemetry.clone(),
            Self::Render(_)
            | Self::Migrate
            | Self::Account(_)
            | Self::Key(_)
            | Self::Project(_)
            | Self::Job(_)
            | Self::Storage(_)
            | Self::Template(_)
            | Self::Webhook(_) => telemetry::Config::default(),
        }
    }
}

/// Runs the process: 0 when it went well, 1 when it did not, 2 for wrong arguments.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.shared.json);
    let mut problems = Problems::default();
    cli.check(&mut problems);
    if let Some(text) = problems.report() {
        return output.misuse(&text);
    }
    let filter = cli.command.log_filter(&cli.shared.log);
    let logs = (cli.shared.log_format, filter);
    let telemetry = match Telemetry::install("serve", logs, &cli.command.telemetry()) {
        Ok(telemetry) => telemetry,
        Err(error) => return output.misuse(&format!("{:#}", anyhow::Error::from(error))),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return output.failure(&error.into()),
    };
    let ended = runtime.block_on(run(cli, &output));
    // A look-up of a name or the drawing of a preview may hang, and it can't be called back.
    runtime.shutdown_timeout(LAST_MOMENTS);
    telemetry.flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output.failure(&error),
    }
}

async fn run(cli: Cli, output: &Output) -> anyhow::Result<()> {
    let shared = &cli.shared;
    match cli.command {
        Command::Serve(options) => serve::run(*options, shared, output).await,
        Command::Render(options) => render::run(*options, output).await,
        Command::Migrate => migrate::run(shared, output).await,
        Command::Account(command) => account::run(command, shared, output).await,
        Command::Key(command) => key::run(command, shared, output).await,
        Command::Project(command) => project::run(command, shared, output).await,
        Command::Job(command) => job::run(command, shared, output).await,
        Command::Storage(command) => storage::run(command, shared, output).await,
        Command::Template(command) => template::run(command, shared, output).await,
        Command::Webhook(command) => webhook::run(command, shared, output).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(args: &[&str]) -> Option<String> {
        let args = std::iter::once("platen").chain(args.iter().copied());
        let mut problems = Problems::default();
        Cli::parse_from(args).check(&mut problems);
        problems.report()
    }

    #[test]
    fn all_that_can_not_work_is_told_at_once() {
        let said = report(&[
            "serve",
            "--log=inof",
            "--otlp-endpoint=ftp://collector",
            "--drain-wait=8m",
            "--job-retention=23h",
            "--database-url=postgres://user:hunter2@host/platen",
            "--link-key=hunter2",
        ]);
        let said = said.unwrap();
        for option in [
            "6 options",
            "--log (PLATEN_LOG)",
            "--otlp-endpoint (PLATEN_OTLP_ENDPOINT)",
            "--drain-wait (PLATEN_DRAIN_WAIT)",
            "--stop-timeout (PLATEN_STOP_TIMEOUT)",
            "--job-retention (PLATEN_JOB_RETENTION)",
            "--database-url (PLATEN_DATABASE_URL)",
            "--link-key (PLATEN_LINK_KEY)",
        ] {
            assert!(said.contains(option), "{option} is not in: {said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(report(&["serve"]), None);
    }

    #[test]
    fn a_command_is_as_strict_about_what_is_logged() {
        let said = report(&["migrate", "--log", "inof"]).unwrap();
        assert!(said.contains("--log (PLATEN_LOG)"), "{said}");
        assert_eq!(report(&["migrate"]), None);
    }
}
