//! What `platen serve` prints once it is ready: where it is, the first key, and one command that works.

use std::path::Path;

use common::egress::Policy;
use serde::Serialize;

use super::first::{FIRST_CREDITS, FirstAccount};
use crate::output::Output;

/// The ready line of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Ready {
    url: String,
    /// Only at the start that made the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    account_id: String,
}

impl Ready {
    pub(super) fn new(url: &str, account: &FirstAccount) -> Self {
        Self {
            url: url.to_owned(),
            api_key: account
                .fresh_key
                .as_ref()
                .map(|key| key.expose().to_owned()),
            account_id: account.id.to_string(),
        }
    }
}

/// Prints that the server is ready.
pub(super) fn announce(
    ready: &Ready,
    data_dir: &Path,
    egress: &Policy,
    output: &Output,
) -> anyhow::Result<()> {
    output.print(ready, |ready| text(ready, data_dir, egress))
}

fn text(ready: &Ready, data_dir: &Path, egress: &Policy) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = vec![
        format!("Platen {version} is ready at {}", ready.url),
        format!("  data     {}", data_dir.display()),
        format!("  network  {}", network(egress)),
    ];
    match &ready.api_key {
        Some(key) => lines.extend(first_steps(ready, key)),
        None => lines.push(format!(
            "  account  {} (more keys: platen key create {})",
            ready.account_id, ready.account_id
        )),
    }
    lines.join("\n")
}

fn network(egress: &Policy) -> String {
    if egress.open().is_empty() {
        return "pages and webhooks reach public addresses only (--allow-network opens more)"
            .to_owned();
    }
    let ranges: Vec<String> = egress.open().iter().map(ToString::to_string).collect();
    format!(
        "pages and webhooks reach public addresses, and {}",
        ranges.join(", ")
    )
}

/// The document of the first command: `<h1>Hello, paper</h1>`.
const HELLO: &str = "PGgxPkhlbGxvLCBwYXBlcjwvaDE+";

fn first_steps(ready: &Ready, key: &str) -> Vec<String> {
    vec![
        format!(
            "  account  {} with {FIRST_CREDITS} credits",
            ready.account_id
        ),
        format!("  API key  {key}"),
        "           (shown this once; `platen key create` makes more)".to_owned(),
        String::new(),
        "Try it; this makes hello.pdf:".to_owned(),
        String::new(),
        format!(
            "  curl -sS -H 'X-API-Key: {key}' -d '{{\"html\":\"{HELLO}\"}}' {}/v1/html/pdf -o hello.pdf",
            ready.url
        ),
        String::new(),
    ]
}
