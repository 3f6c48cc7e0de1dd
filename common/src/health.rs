//! What a process says of itself to whoever watches over it: whether it takes work (ready), and
//! whether starting it anew would help (live).
//!
//! Every part adds its own probes; [`serve()`] answers `GET /health/live` and `GET /health/ready` for
//! services that serve no HTTP otherwise.

mod serve;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

pub use self::serve::serve;

/// The longest that a probe may take; one that is later counts as failed.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a part is not well, for a person.
pub type Complaint = String;

type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Complaint>> + Send + Sync>;

/// The probes of a process; clones share them.
#[derive(Clone, Default)]
pub struct Health(Arc<Mutex<Probes>>);

#[derive(Default)]
struct Probes {
    ready: Vec<Probe>,
    live: Vec<Probe>,
}

impl Health {
    /// Adds what must be true for the process to take work.
    pub fn ready_when<F, P>(&self, probe: P)
    where
        P: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Complaint>> + Send + 'static,
    {
        self.probes().ready.push(Arc::new(move || probe().boxed()));
    }

    /// Adds what must be true, or only a new start helps. Never something outside of the process: an
    /// outage elsewhere is no reason to be killed.
    pub fn live_while<F, P>(&self, probe: P)
    where
        P: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Complaint>> + Send + 'static,
    {
        self.probes().live.push(Arc::new(move || probe().boxed()));
    }

    /// Whether the process takes work; else what keeps it from that.
    pub async fn is_ready(&self) -> Result<(), Vec<Complaint>> {
        let probes = self.probes().ready.clone();
        ask(probes, PATIENCE).await
    }

    /// Whether the process is worth keeping; else what is stuck.
    pub async fn is_live(&self) -> Result<(), Vec<Complaint>> {
        let probes = self.probes().live.clone();
        ask(probes, PATIENCE).await
    }

    fn probes(&self) -> std::sync::MutexGuard<'_, Probes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(probes: Vec<Probe>, patience: Duration) -> Result<(), Vec<Complaint>> {
    let asked = probes.into_iter().map(|probe| async move {
        tokio::time::timeout(patience, probe())
            .await
            .unwrap_or_else(|_| Err(format!("a check took longer than {patience:?}")))
    });
    let answers = futures::future::join_all(asked).await;
    let complaints: Vec<Complaint> = answers.into_iter().filter_map(Result::err).collect();
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let probes = self.probes();
        f.debug_struct("Health")
            .field("ready", &probes.ready.len())
            .field("live", &probes.live.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_complaint_is_told_and_readiness_says_nothing_of_life() {
        let health = Health::default();
        assert_eq!(health.is_ready().await, Ok(()));
        health.ready_when(|| async { Err("the broker is away".to_owned()) });
        health.ready_when(|| async { Ok(()) });
        health.ready_when(|| async { Err("no browser answers".to_owned()) });
        let complaints = health.is_ready().await.unwrap_err();
        assert_eq!(complaints, ["the broker is away", "no browser answers"]);
        assert_eq!(health.is_live().await, Ok(()));
        health.live_while(|| async { Err("a slot is stuck".to_owned()) });
        assert_eq!(health.is_live().await.unwrap_err(), ["a slot is stuck"]);
    }

    #[tokio::test]
    async fn a_probe_that_hangs_is_a_complaint() {
        let hangs: Probe = Arc::new(|| std::future::pending().boxed());
        let asked = ask(vec![hangs], Duration::from_millis(1)).await;
        assert_eq!(asked.unwrap_err().len(), 1);
    }
}
