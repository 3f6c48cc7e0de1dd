//! Platen as a customer sees it: `POST /v2/html/pdf`, synchronous, against the real binary.

use std::fs;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platen_tests::{Api, Embedded, Start};
use serde_json::{Value, json};

use crate::sample::Sample;

/// A running server.
pub struct Service {
    platen: Embedded,
    api: Api,
}

impl Service {
    /// Starts the server on a fresh data folder.
    pub async fn start() -> anyhow::Result<Self> {
        let platen = Embedded::start(Start::closed().variable("PLATEN_LOG", "warn")).await;
        let api = platen.api();
        Ok(Self { platen, api })
    }

    /// Prints `documents` documents with `clients` callers at a time.
    pub async fn round(
        &self,
        html: &str,
        clients: usize,
        documents: usize,
        into: &mut Sample,
    ) -> anyhow::Result<()> {
        let body = json!({ "html": STANDARD.encode(html), "async": false });
        let started = Instant::now();
        let latencies = crate::clients::run(clients, documents, || self.one(&body)).await?;
        into.add(latencies, started.elapsed());
        Ok(())
    }

    async fn one(&self, body: &Value) -> anyhow::Result<()> {
        let answer = self.api.post("/v2/html/pdf", body).await;
        let status = answer.json()["status"].clone();
        anyhow::ensure!(status == "success", "the conversion answered {status}");
        Ok(())
    }

    /// Resident memory of the server's own process, without its browsers, in KiB.
    pub fn memory_kib(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.platen.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line
            .and_then(|line| line.split_whitespace().next())
            .and_then(|number| number.parse().ok());
        kib.ok_or_else(|| anyhow::anyhow!("the process shows no memory"))
    }
}
