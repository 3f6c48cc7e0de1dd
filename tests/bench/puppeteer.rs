//! The other side: puppeteer-core driven by Node.js, on the same browser binary.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::sample::Sample;

/// A running Node.js process with its browser.
pub struct Puppeteer {
    // Kept so that the process ends with this value.
    _child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    browser: String,
}

#[derive(Deserialize)]
struct Answer {
    latencies_ms: Vec<f64>,
    elapsed_ms: f64,
}

impl Puppeteer {
    /// Starts Node.js; the browser follows with the first round.
    pub fn start(browser: &str) -> anyhow::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/puppeteer.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node can't be started; `make bench` installs it")?;
        let stdin = child.stdin.take().context("no standard input")?;
        let stdout = child.stdout.take().context("no standard output")?;
        Ok(Self {
            _child: child,
            stdin,
            lines: BufReader::new(stdout).lines(),
            browser: browser.to_owned(),
        })
    }

    /// Prints `documents` documents with `clients` at a time.
    pub async fn round(
        &mut self,
        html: &str,
        clients: usize,
        documents: usize,
        into: &mut Sample,
    ) -> anyhow::Result<()> {
        let args: &[&str] = if crate::is_root() {
            &["--no-sandbox", "--disable-gpu"]
        } else {
            &["--disable-gpu"]
        };
        let request = json!({ "browser": self.browser, "args": args, "html": html, "clients": clients, "documents": documents });
        self.stdin
            .write_all(format!("{request}\n").as_bytes())
            .await?;
        let line = self
            .lines
            .next_line()
            .await?
            .context("node ended; its last words are above")?;
        let answer: Answer = serde_json::from_str(&line)?;
        into.add(
            answer.latencies_ms,
            Duration::from_secs_f64(answer.elapsed_ms / 1000.0),
        );
        Ok(())
    }
}
