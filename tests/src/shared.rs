//! Servers that tests share, and the accounts that keep the tests apart.

use std::ops::Deref;

use tokio::sync::OnceCell;

use crate::cli::Cli;
use crate::process::Lines;
use crate::{Api, Platen, Start};

/// The one address that a guarded server may call, beside the public network.
pub const OPEN_ADDRESS: &str = "127.0.0.2";

/// An address that a guarded server refuses.
pub const CLOSED_ADDRESS: &str = "127.0.0.200";

static OPEN: OnceCell<Platen> = OnceCell::const_new();
static GUARDED: OnceCell<Platen> = OnceCell::const_new();

/// The shared server that may call the whole loopback; it has models.
pub async fn shared() -> &'static Platen {
    let start = || {
        crowded(Start::open())
            .models()
            .variable("PLATEN_FEATURES", "office,models")
    };
    OPEN.get_or_init(|| start().start()).await
}

/// A fresh account on the shared server.
pub async fn tenant() -> Tenant {
    shared().await.tenant().await
}

/// A fresh account on a shared server that may call [`OPEN_ADDRESS`] and no other loopback address.
pub async fn guarded_tenant() -> Tenant {
    let start = || Start::closed().allow(&format!("{OPEN_ADDRESS}/32"));
    let guarded = GUARDED.get_or_init(|| crowded(start()).start()).await;
    guarded.tenant().await
}

/// Room for the pages of several tests that wait for something, and everything that can be installed.
fn crowded(start: Start) -> Start {
    start
        .variable("PLATEN_SLOTS", "8")
        .variable("PLATEN_BROWSERS", "2")
        .variable("PLATEN_LANES", "browser,native,office")
        .variable("PLATEN_OFFICE_SLOTS", "2")
        .variable("PLATEN_FEATURES", "office")
}

/// An account and a program that uses it.
#[derive(Debug)]
pub struct Tenant {
    api: Api,
    account: String,
    cli: Cli,
    log: Lines,
    first_line: usize,
}

impl Tenant {
    /// What every tenant starts with, in credits.
    pub const CREDIT: f64 = 1000.0;

    /// Makes an account with credit on a server.
    pub async fn on(platen: &Platen) -> Self {
        let (cli, log) = (platen.cli(), platen.log().clone());
        let first_line = log.count();
        let account = cli.account("a tenant", &Self::CREDIT.to_string()).await;
        let (key, _) = cli.key(&account).await;
        Self {
            api: Api::new(&platen.url(), &key),
            account,
            cli,
            log,
            first_line,
        }
    }

    /// Its account's id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The command line of its server.
    pub fn cli(&self) -> &Cli {
        &self.cli
    }

    /// What its server has logged since the account was made.
    pub fn log(&self) -> Vec<String> {
        self.log.since(self.first_line)
    }
}

impl Deref for Tenant {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.log.print_tail(
                "the shared server's log since this test began",
                self.first_line,
            );
        }
    }
}
