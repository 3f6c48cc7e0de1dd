//! Several clients that take documents from one pile until it is empty.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures::future::try_join_all;

/// Makes `documents` documents with `clients` at a time and gives their latencies in milliseconds.
pub async fn run<F, Fut>(clients: usize, documents: usize, one: F) -> anyhow::Result<Vec<f64>>
where
    F: Fn() -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let taken = AtomicUsize::new(0);
    let client = async || -> anyhow::Result<Vec<f64>> {
        let mut latencies = Vec::new();
        while taken.fetch_add(1, Ordering::Relaxed) < documents {
            let started = Instant::now();
            one().await?;
            latencies.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(latencies)
    };
    let latencies = try_join_all((0..clients).map(|_| client())).await?;
    Ok(latencies.concat())
}
