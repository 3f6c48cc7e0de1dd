//! The picture of a job that ended well, read while its caller can still wait: this dialect has no
//! other way to it than this answer, and it is paid for.

use std::error::Error as StdError;
use std::time::Duration;

use common::objects::{ObjectError, Reading};
use common::store::Asset;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::app::App;
use crate::error::ApiError;

/// The longest that a store which is away is tried.
const PATIENCE: Duration = Duration::from_secs(15);

/// The longest that the first try may take: its connection may have gone without a word, and the next gets
/// another, with all the time that is left. The last is given as much, so that a picture of the last moment is read too.
const TRY: Duration = Duration::from_secs(5);

/// Between tries, at first; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Who waits for a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Awaited {
    /// When its caller has waited long enough.
    pub(crate) until: Instant,
    /// Whether its request can be sent again without a second charge.
    pub(crate) repeatable: bool,
}

/// Opens a picture, again and again while the store is away and its caller can wait.
pub(crate) async fn open(app: &App, asset: &Asset, awaited: Awaited) -> Result<Reading, ApiError> {
    let until = awaited.until.min(Instant::now() + PATIENCE);
    let mut pause = FIRST_PAUSE;
    let (mut longest, mut is_first) = (Instant::now() + TRY, true);
    loop {
        let opened = timeout_at(longest, app.objects.open(&asset.key, None)).await;
        let cause: Box<dyn StdError + Send + Sync> = match opened {
            Ok(Ok(reading)) => return Ok(reading),
            Ok(Err(error)) if !is_away(&error) => return Err(error.into()),
            Ok(Err(error)) => error.into(),
            Err(late) => late.into(),
        };
        let now = Instant::now();
        // A process that drains has no time for more than two.
        if now >= until || (app.draining.is_cancelled() && !is_first) {
            return Err(unread(awaited, cause));
        }
        tracing::warn!(error = %cause, job.id = %asset.job, "a picture that a caller waits for can't be read yet");
        tokio::select! {
            () = sleep_until(until.min(now + pause)) => {}
            () = app.draining.cancelled(), if !is_first => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
        (longest, is_first) = (until.max(Instant::now() + TRY), false);
    }
}

/// Whether the same call may succeed later.
const fn is_away(error: &ObjectError) -> bool {
    match error {
        ObjectError::Store(_) | ObjectError::Refused(_) | ObjectError::Folder { .. } => true,
        ObjectError::Missing(_) | ObjectError::TooLong { .. } => false,
    }
}

fn unread(awaited: Awaited, cause: Box<dyn StdError + Send + Sync>) -> ApiError {
    let message = if awaited.repeatable {
        "the picture was made, and can't be read at the moment: repeat the request with the same Idempotency-Key, which is not charged again"
    } else {
        "the picture was made and charged, and can't be read at the moment: the request id helps the operator to find it or to give back its price; the same request without an Idempotency-Key makes and charges another"
    };
    ApiError::Unavailable {
        message,
        retry_after: Duration::from_secs(5),
        cause: Some(cause),
    }
}
