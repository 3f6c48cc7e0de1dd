//! The other side: satori and resvg-js, driven by Node.js.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::sketch::Sketch;

/// A running Node.js process.
pub struct Satori {
    // Kept so that the process ends with this value.
    _child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    told: String,
}

impl Satori {
    /// Starts Node.js.
    pub fn start(sketch: &Sketch) -> anyhow::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/card/satori.mjs");
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
            told: format!("{}\n", sketch.told()),
        })
    }

    /// Draws the card once; how long that took by Node's own clock.
    pub async fn draw(&mut self) -> anyhow::Result<Duration> {
        self.stdin.write_all(self.told.as_bytes()).await?;
        let line = self.lines.next_line().await?;
        let line = line.context("node ended; its last words are above")?;
        Ok(Duration::from_secs_f64(line.parse::<f64>()? / 1000.0))
    }
}
