//! Rather an incomplete result than none: what is still awaited when most of the time is over is given up.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::{Page, PageError};

/// How long the page may still react to what it did not get.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A best effort on one page.
pub(super) struct Effort<'a> {
    page: &'a Page,
    /// When waiting ends; never, unless the caller allows for an incomplete result.
    end: Option<Instant>,
    /// How many documents the page had shown before.
    documents: u64,
}

impl<'a> Effort<'a> {
    /// Begins with a page that shows nothing yet; waiting may take two thirds of the time.
    pub(super) fn begin(page: &'a Page, is_wanted: bool, time: Duration) -> Self {
        Self {
            page,
            end: is_wanted.then(|| Instant::now() + time * 2 / 3),
            documents: page.watch.now(|state| state.main.documents),
        }
    }

    /// Waits until the page is ready, or until what it lacks is given up. Without a document there is nothing to
    /// show: that goes on until the job's own time is over.
    pub(super) async fn ready(
        &self,
        waiting: impl Future<Output = Result<(), PageError>>,
    ) -> Result<(), PageError> {
        let Some(end) = self.end else {
            return waiting.await;
        };
        tokio::pin!(waiting);
        if let Ok(ready) = timeout_at(end, &mut waiting).await {
            return ready;
        }
        if self.page.watch.now(|state| state.main.documents) <= self.documents {
            return waiting.await;
        }
        self.page.proxy.hang_up();
        match timeout(LAST_WORDS, waiting).await {
            Ok(ready) => ready,
            Err(_) => Ok(()),
        }
    }

    /// Makes the result. The browser may wait for more while it does, such as for images that load on sight.
    pub(super) async fn made(
        &self,
        making: impl Future<Output = Result<(), PageError>>,
    ) -> Result<(), PageError> {
        let Some(end) = self.end else {
            return making.await;
        };
        tokio::pin!(making);
        if let Ok(made) = timeout_at(end.max(Instant::now() + LAST_WORDS), &mut making).await {
            return made;
        }
        self.page.proxy.hang_up();
        making.await
    }
}
