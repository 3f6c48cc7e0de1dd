//! Work that is done from time to time, for as long as the process takes work.

use std::time::Duration;

use common::retry::until_done;
use common::store::StoreError;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Takes a step now and after each pause, until `draining`. A step that fails is taken again, and one
/// that is half done when draining begins, the next process goes on with. `what` completes "waiting
/// to …" in the log.
pub(crate) async fn repeat<T, F, Fut>(
    what: &str,
    every: Duration,
    draining: &CancellationToken,
    mut step: F,
) where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, StoreError>>,
{
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while draining.run_until_cancelled(ticks.tick()).await.is_some() {
        let done = until_done(what, draining, &mut step);
        draining.run_until_cancelled(done).await;
    }
}
