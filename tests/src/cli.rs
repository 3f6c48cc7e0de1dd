//! The command line, run beside a server on the same data folder.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::api::text;
use crate::binary::binary;
use crate::within;

/// Runs `platen … --json` on one installation.
#[derive(Debug, Clone)]
pub struct Cli {
    /// The options that name it.
    place: [OsString; 2],
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Cli {
    /// Works on this data folder.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            place: ["--data-dir".into(), data_dir.into()],
        }
    }

    /// Works on the database of an installation of many services.
    pub fn on_database(url: &str) -> Self {
        Self {
            place: ["--database-url".into(), url.into()],
        }
    }

    /// Runs a command that succeeds: its JSON.
    ///
    /// # Panics
    ///
    /// When it fails, or prints something else.
    pub async fn run(&self, args: &[&str]) -> Value {
        let ended = self.try_run(args).await;
        assert_eq!(ended.code, 0, "platen {args:?}: {ended:?}");
        serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|error| panic!("platen {args:?} prints JSON ({error}): {ended:?}"))
    }

    /// Runs a command that succeeds, without `--json`: what it prints for people.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub async fn text(&self, args: &[&str]) -> String {
        let args = args.iter().map(OsStr::new);
        let place = self.place.iter().map(OsString::as_os_str);
        let ended = run(Path::new("."), args.chain(place)).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.stdout
    }

    /// Runs a command that fails: what it says.
    pub async fn fail(&self, args: &[&str]) -> String {
        let ended = self.try_run(args).await;
        assert_ne!(ended.code, 0, "platen {args:?} has to fail: {ended:?}");
        ended.stderr
    }

    /// Runs a command.
    pub async fn try_run(&self, args: &[&str]) -> Ended {
        let all = args
            .iter()
            .map(OsStr::new)
            .chain(self.place.iter().map(OsString::as_os_str))
            .chain([OsStr::new("--json")]);
        run(Path::new("."), all).await
    }

    /// Creates an account without a rate limit: its id.
    pub async fn account(&self, name: &str, credits: &str) -> String {
        let create = ["account", "create", name, "--credits", credits];
        let create = [create.as_slice(), &["--rate", "off"]].concat();
        text(&self.run(&create).await, "account_id")
    }

    /// Creates a key: the key itself and its id.
    pub async fn key(&self, account: &str) -> (String, String) {
        let created = self.run(&["key", "create", account]).await;
        (text(&created, "api_key"), text(&created, "key_id"))
    }

    /// Sets an account's webhook to an address on the loopback.
    pub async fn webhook(&self, account: &str, url: &str) {
        self.run(&[
            "webhook",
            "set",
            account,
            url,
            "--allow-network",
            "127.0.0.0/8",
        ])
        .await;
    }
}

/// Runs the binary in a folder with these arguments, and none of the caller's variables.
pub async fn run<S: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = S>) -> Ended {
    let mut command = Command::from(crate::platen::command());
    command
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = within("a command's end", command.output())
        .await
        .unwrap_or_else(|error| panic!("{:?} can't be run: {error}", binary("platen")));
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
