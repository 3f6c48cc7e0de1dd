//! The gateway: `POST /v2/html/pdf`, asynchronous, over kept connections.

use std::sync::atomic::{AtomicUsize, Ordering};

use platen_tests::Api;
use platen_tests::process::cpu_time;
use platen_tests::services::Services;
use serde_json::json;

use super::{HTML, Payer, Side};

/// Programs that speak to the gateway.
pub struct Gateway {
    apis: Vec<Api>,
    pid: u32,
}

impl Gateway {
    /// A program for each payer.
    pub fn new(services: &Services, payers: &[Payer]) -> Self {
        let url = services.url(0);
        Self {
            apis: payers
                .iter()
                .map(|payer| Api::new(&url, &payer.key))
                .collect(),
            pid: services.gateways[0].pid(),
        }
    }

    /// One turn.
    pub async fn turn(&self, side: &mut Side) -> anyhow::Result<()> {
        let body = json!({ "html": HTML, "async": true });
        let sent = AtomicUsize::new(0);
        let one = || async {
            let api = &self.apis[sent.fetch_add(1, Ordering::Relaxed) % self.apis.len()];
            let answer = api.try_post("/v2/html/pdf", &body).await?;
            anyhow::ensure!(answer.status < 300, "the gateway answered {answer:?}");
            Ok(())
        };
        side.measure(|| Ok(cpu_time(self.pid).as_secs_f64() * 1000.0), one)
            .await
    }
}
