//! A running `platen serve`, to be stopped, killed and started again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use common::store::{Entry, Store};
use serde_json::Value;
use tempfile::TempDir;

use crate::api::{Api, text};
use crate::cli::Cli;
use crate::eventually;
use crate::patience::PATIENCE;
use crate::platen::{Start, command};
use crate::process::{Leash, Lines, descendants, is_alive, signal};

/// A server on a data folder of its own; it ends with its value.
#[derive(Debug)]
pub struct Embedded {
    start: Start,
    folder: TempDir,
    url: String,
    account: String,
    key: String,
    log: Lines,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    ready: Value,
    leash: Leash,
}

impl Embedded {
    /// Starts a server in a data folder of its own.
    pub async fn start(start: Start) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let log = Lines::default();
        let running = launch(&start, folder.path(), "127.0.0.1:0", &log).await;
        let ready = &running.ready;
        let (url, account, key) = (
            text(ready, "url"),
            text(ready, "account_id"),
            text(ready, "api_key"),
        );
        Self {
            start,
            folder,
            url,
            account,
            key,
            log,
            running: Some(running),
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The account that its first start made.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// A program with the key that its first start made.
    pub fn api(&self) -> Api {
        Api::new(&self.url, &self.key)
    }

    /// The command line beside it.
    pub fn cli(&self) -> Cli {
        Cli::new(&self.data_dir())
    }

    /// The folder that holds all that it writes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its data folder.
    pub fn data_dir(&self) -> PathBuf {
        data_dir(self.folder.path())
    }

    /// Its database, read beside it.
    pub async fn store(&self) -> Store {
        let opened = Store::sqlite(&self.data_dir().join("platen.db")).await;
        opened.expect("the server's database opens")
    }

    /// Every move of an account's balance, oldest first.
    pub async fn ledger(&self, account: &str) -> Vec<Entry> {
        let account = account.parse().expect("an account id");
        let ledger = self.store().await.ledger(account).await;
        ledger.expect("the ledger is readable")
    }

    /// What it has written to standard error.
    pub fn log(&self) -> &Lines {
        &self.log
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().expect("the server runs").child.id()
    }

    /// The ready line of its last start.
    pub fn ready(&self) -> &Value {
        &self.running.as_ref().expect("the server runs").ready
    }

    /// The processes of its browsers whose command line holds the text.
    pub fn browsers(&self, text: &str) -> Vec<u32> {
        descendants(self.pid(), text)
    }

    /// Ends it at once, in whatever it does, and waits until its browsers are gone too.
    pub async fn kill(&mut self) {
        let below = self.browsers("");
        let running = self.running.as_mut().expect("the server runs");
        running.child.kill().expect("the server can be killed");
        self.ended().await;
        eventually("the end of the browsers of a killed server", || async {
            below.iter().all(|pid| !is_alive(*pid)).then_some(())
        })
        .await;
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        signal(self.pid(), "TERM");
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut running = self.running.take().expect("the server runs");
        let child = &mut running.child;
        let status = eventually("the server's end", || {
            let status = child
                .try_wait()
                .expect("the server is a child of this process");
            async move { status }
        })
        .await;
        drop(running.leash);
        status
    }

    /// Starts it again on the same folder and port.
    pub async fn restart(&mut self) {
        assert!(self.running.is_none(), "the server still runs");
        let listen = self.url.trim_start_matches("http://");
        self.running = Some(launch(&self.start, self.folder.path(), listen, &self.log).await);
    }

    /// Starts it again with other options.
    pub async fn restart_with(&mut self, start: Start) {
        self.start = start;
        self.restart().await;
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let ended = running.child.kill().and_then(|()| running.child.wait());
            drop(running.leash);
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the server could not be ended: {ended:?}"
            );
        }
        if std::thread::panicking() {
            self.log.print_tail("the server's log", 0);
        }
    }
}

fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// `platen serve` with what every test gives it; everything that it writes is below the folder.
pub fn serve(folder: &Path, listen: &str) -> Command {
    let mut command = command();
    command.env("PLATEN_TEMP_DIR", folder.join("temporary"));
    command
        .args(["serve", "--json", "--listen", listen, "--data-dir"])
        .arg(data_dir(folder))
        .stdin(Stdio::null());
    command
}

async fn launch(start: &Start, folder: &Path, listen: &str, log: &Lines) -> Running {
    let mut command = serve(folder, listen);
    command.envs(start.variables());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let leash = Leash::on(child.id(), folder);
    let (open, closed) = mpsc::channel::<()>();
    log.collect(child.stderr.take().expect("it is piped"), move |_| {
        let _held_until_the_pipe_closes = &open;
    });
    let (sender, first) = mpsc::channel();
    let stdout = Lines::default();
    stdout.collect(child.stdout.take().expect("it is piped"), move |line| {
        // Only the first line is waited for.
        drop(sender.send(line.to_owned()));
    });
    let line = tokio::task::spawn_blocking(move || first.recv_timeout(PATIENCE))
        .await
        .expect("it waits on a channel");
    let ready = line.ok().and_then(|line| serde_json::from_str(&line).ok());
    let Some(ready) = ready else {
        let ended = child.kill().and_then(|()| child.wait());
        // Its last words may still be on their way through the pipe, which a browser may hold open.
        let _closed = closed.recv_timeout(Duration::from_secs(2));
        log.print_tail("the server's log", 0);
        panic!(
            "the server said nothing that is a ready line ({ended:?}): {:?}",
            stdout.since(0)
        );
    };
    Running {
        child,
        ready,
        leash,
    }
}
