//! Latencies of one side at one concurrency, and what is said of them.

use std::time::Duration;

/// Several rounds of one side, added up.
#[derive(Debug, Default, Clone)]
pub struct Sample {
    latencies_ms: Vec<f64>,
    elapsed_s: f64,
}

impl Sample {
    /// Adds a round: its latencies and how long it took as a whole.
    pub fn add(&mut self, latencies_ms: impl IntoIterator<Item = f64>, elapsed: Duration) {
        self.latencies_ms.extend(latencies_ms);
        self.latencies_ms.sort_by(f64::total_cmp);
        self.elapsed_s += elapsed.as_secs_f64();
    }

    /// The latency that this share of the documents did not exceed, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies_ms.len().saturating_sub(1);
        let place = (share * last as f64).round() as usize;
        self.latencies_ms.get(place).copied().unwrap_or(f64::NAN)
    }

    /// Documents per second.
    pub fn rate(&self) -> f64 {
        self.latencies_ms.len() as f64 / self.elapsed_s
    }

    /// How many documents were made.
    pub fn documents(&self) -> usize {
        self.latencies_ms.len()
    }
}
