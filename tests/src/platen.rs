//! A running Platen, to be stopped, killed and started again: one process on embedded defaults, or
//! three services over servers, as [`STACK`] says.

use std::path::Path;
use std::process::Command;

use common::store::{Entry, Store};

use crate::Tenant;
use crate::api::Api;
use crate::binary::binary;
use crate::cli::Cli;
use crate::embedded::Embedded;
use crate::process::Lines;
use crate::services::{Ground, Services, Size};

/// The variable that says what the tests over the public surface run against: `embedded`, which is
/// the default, or `services`.
pub const STACK: &str = "PLATEN_TEST_STACK";

/// How a server is to be started.
#[derive(Debug, Clone, Default)]
pub struct Start {
    options: Vec<(String, String)>,
    measured: bool,
}

impl Start {
    /// With nothing beside the public network open.
    pub fn closed() -> Self {
        Self::default()
    }

    /// With the whole loopback open.
    pub fn open() -> Self {
        Self::closed().allow("127.0.0.0/8")
    }

    /// Opens an address range.
    #[must_use]
    pub fn allow(self, range: &str) -> Self {
        self.variable("PLATEN_ALLOW_NETWORK", range)
    }

    /// Sets a variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.options.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives renderers models that were made for tests: what is bright stands before the background,
    /// squares of pure red are faces.
    #[must_use]
    pub fn models(self) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
        self.variable("PLATEN_MODEL_DIR", folder)
    }

    /// Lets every process of three services answer Prometheus, on a port of its own.
    #[must_use]
    pub fn measured(mut self) -> Self {
        self.measured = true;
        self
    }

    /// Whether they do.
    pub(crate) const fn is_measured(&self) -> bool {
        self.measured
    }

    /// The variables that say it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let options = self.options.iter();
        options.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Starts the server, with nothing in it.
    pub async fn start(self) -> Platen {
        let stack = std::env::var_os(STACK);
        let running = match stack
            .as_ref()
            .map(|stack| stack.to_string_lossy())
            .as_deref()
        {
            None | Some("embedded") => Running::Embedded(Box::new(Embedded::start(self).await)),
            Some("services") => {
                let services = Services::start(Ground::shared(), Size::ONE, &self).await;
                Running::Services(Box::new(services))
            }
            Some(other) => panic!("{STACK} is {other}; it can be embedded or services"),
        };
        Platen { running }
    }
}

/// A server with data of its own; it ends with its value.
#[derive(Debug)]
pub struct Platen {
    running: Running,
}

#[derive(Debug)]
enum Running {
    Embedded(Box<Embedded>),
    Services(Box<Services>),
}

impl Platen {
    /// Starts a server with the loopback open.
    pub async fn start() -> Self {
        Start::open().start().await
    }

    /// Its address.
    pub fn url(&self) -> String {
        match &self.running {
            Running::Embedded(server) => server.url().to_owned(),
            Running::Services(services) => services.url(0),
        }
    }

    /// A program with the key of its first account.
    pub fn api(&self) -> Api {
        match &self.running {
            Running::Embedded(server) => server.api(),
            Running::Services(services) => services.api(0),
        }
    }

    /// An account of its own, with credit.
    pub async fn tenant(&self) -> Tenant {
        Tenant::on(self).await
    }

    /// The command line beside it.
    pub fn cli(&self) -> Cli {
        match &self.running {
            Running::Embedded(server) => server.cli(),
            Running::Services(services) => services.cli(),
        }
    }

    /// Its database, read beside it.
    pub async fn store(&self) -> Store {
        match &self.running {
            Running::Embedded(server) => server.store().await,
            Running::Services(services) => services.ground().store(),
        }
    }

    /// Every move of an account's balance, oldest first.
    pub async fn ledger(&self, account: &str) -> Vec<Entry> {
        let account = account.parse().expect("an account id");
        let ledger = self.store().await.ledger(account).await;
        ledger.expect("the ledger is readable")
    }

    /// What it has written to standard error.
    pub fn log(&self) -> &Lines {
        match &self.running {
            Running::Embedded(server) => server.log(),
            Running::Services(services) => services.log(),
        }
    }

    /// The processes of its browsers whose command line holds the text.
    pub fn browsers(&self, text: &str) -> Vec<u32> {
        match &self.running {
            Running::Embedded(server) => server.browsers(text),
            Running::Services(services) => {
                let renderers = services.renderers.iter();
                renderers.flat_map(|one| one.browsers(text)).collect()
            }
        }
    }
}

/// `platen` as every test runs it.
pub fn command() -> Command {
    clean(&binary("platen"))
}

/// A program without the caller's `PLATEN_…` variables, and with what every test wants.
pub fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PLATEN_"))
    {
        command.env_remove(name);
    }
    // The tests run in containers and as root, where the browser's sandbox can't be set up.
    command.env("PLATEN_NO_SANDBOX", "true");
    command.env("PLATEN_WEBHOOK_RETRY_SCHEDULE", "100ms,200ms,300ms");
    command.env("PLATEN_WEBHOOK_TIMEOUT", "2s");
    command
}
