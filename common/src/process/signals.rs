//! Signals: the first one drains, a second one or the end of the grace period aborts. The grace period
//! also begins when a part has ended by itself, so that a broken process does not stay half alive.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::lifecycle::Lifecycle;

/// Tells afterwards how the process came to its end.
#[derive(Debug)]
pub struct Signals {
    asked: Arc<AtomicBool>,
    lifecycle: Lifecycle,
}

/// Starts watching for SIGTERM and SIGINT; what is in hand may take `grace` after the first of them.
pub fn watch(lifecycle: Lifecycle, grace: Duration) -> std::io::Result<Signals> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let asked = Arc::new(AtomicBool::new(false));
    let signals = Signals {
        asked: Arc::clone(&asked),
        lifecycle: lifecycle.clone(),
    };
    tokio::spawn(async move {
        tokio::select! {
            biased;
            () = lifecycle.draining.cancelled() => {}
            () = either(&mut terminate, &mut interrupt) => {
                asked.store(true, Ordering::SeqCst);
                tracing::info!("stopping: finishing what is in hand; a second signal drops it");
                lifecycle.draining.cancel();
            }
        }
        let second = tokio::time::timeout(grace, either(&mut terminate, &mut interrupt)).await;
        tracing::warn!(
            by_signal = second.is_ok(),
            "dropping what is in hand; it is done again later"
        );
        lifecycle.aborting.cancel();
    });
    Ok(signals)
}

async fn either(first: &mut Signal, second: &mut Signal) {
    tokio::select! {
        _ = first.recv() => {}
        _ = second.recv() => {}
    }
}

impl Signals {
    /// Success only if somebody asked the process to stop and what was in hand was finished.
    pub fn outcome(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.asked.load(Ordering::SeqCst),
            "a part of the process ended by itself; its log lines say why"
        );
        anyhow::ensure!(
            !self.lifecycle.aborting.is_cancelled(),
            "stopped before what was in hand was finished"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_drain_that_nobody_asked_for_ends_too() {
        let lifecycle = Lifecycle::default();
        let signals = watch(lifecycle.clone(), Duration::from_millis(1)).unwrap();
        lifecycle.draining.cancel();
        lifecycle.aborting.cancelled().await;
        let outcome = signals.outcome().unwrap_err().to_string();
        assert!(outcome.contains("ended by itself"), "{outcome}");
    }
}
