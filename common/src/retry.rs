//! Trying again in place while something is away: the message in hand is kept, no further one is taken.

use std::error::Error;
use std::time::Duration;

use rand::Rng as _;
use tokio_util::sync::CancellationToken;

/// Calls until the call succeeds, with growing pauses; `None` if `stop` comes first. A call that has
/// begun is not broken off. `what` completes "waiting to …" in the log.
pub async fn until_done<T, E, F, Fut>(
    what: &str,
    stop: &CancellationToken,
    mut call: F,
) -> Option<T>
where
    E: Error + 'static,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let mut pauses = Pauses::default();
    pauses.next();
    loop {
        match call().await {
            Ok(done) => return Some(done),
            Err(error) => {
                let error: &(dyn Error + 'static) = &error;
                tracing::warn!(error, "waiting to {what}");
            }
        }
        let pause = tokio::time::sleep(pauses.next());
        stop.run_until_cancelled(pause).await?;
    }
}

/// Calls until the call succeeds, however long that takes.
pub async fn insist<T, E, F, Fut>(what: &str, mut call: F) -> T
where
    E: Error + 'static,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let never = CancellationToken::new();
    loop {
        if let Some(done) = until_done(what, &never, &mut call).await {
            return done;
        }
    }
}

/// Pauses that grow, each cut by chance, so that many services do not come back at once.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    taken: u32,
}

impl Pauses {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(5);

    /// None at first, for who pauses before a call.
    pub(crate) fn next(&mut self) -> Duration {
        let Some(doublings) = self.taken.checked_sub(1) else {
            self.taken = 1;
            return Duration::ZERO;
        };
        self.taken = self.taken.saturating_add(1);
        let longest = Self::FIRST.saturating_mul(2_u32.saturating_pow(doublings));
        longest
            .min(Self::LONGEST)
            .mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[tokio::test]
    async fn it_goes_on_until_the_call_succeeds() {
        let mut calls = 0;
        let stop = CancellationToken::new();
        let done = until_done("count", &stop, || {
            calls += 1;
            let result = if calls < 3 {
                Err(io::Error::other("away"))
            } else {
                Ok(calls)
            };
            async move { result }
        });
        assert_eq!(done.await, Some(3));
    }

    #[tokio::test]
    async fn it_ends_when_it_is_told_to_stop() {
        let stop = CancellationToken::new();
        stop.cancel();
        let done: Option<()> =
            until_done("fail", &stop, || async { Err(io::Error::other("away")) }).await;
        assert_eq!(done, None);
    }
}
