//! The one place that waits for things without an event of their own, and the limit of every wait.

use std::future::Future;
use std::time::Duration;

/// The longest that anything may take; generous, since a wait that succeeds costs only its own time.
pub const PATIENCE: Duration = Duration::from_secs(180);

const PAUSE: Duration = Duration::from_millis(50);

/// Waits for a future; `what` names it when it does not come.
///
/// # Panics
///
/// When patience ends.
pub async fn within<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// Asks again and again until there is an answer.
///
/// # Panics
///
/// When patience ends.
pub async fn eventually<T, F, Fut>(what: &str, mut probe: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    within(what, async {
        loop {
            if let Some(value) = probe().await {
                return value;
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await
}
