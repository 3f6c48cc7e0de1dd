//! The other side: puppeteer-core driven by Node.js, on the same browser binary.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::node::Node;
use crate::sample::Sample;

/// A running Node.js process with its browser.
pub struct Puppeteer {
    node: Node,
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
        Ok(Self {
            node: Node::start(script)?,
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
        let line = self.node.ask(&format!("{request}\n")).await?;
        let answer: Answer = serde_json::from_str(&line)?;
        into.add(
            answer.latencies_ms,
            Duration::from_secs_f64(answer.elapsed_ms / 1000.0),
        );
        Ok(())
    }
}
