//! A request that was accepted before: its caller gets the job of the first one, uncharged.

use common::clock::Timestamp;
use common::id::JobId;
use common::job::{JobState, Mode};
use common::store::{Accepted, Caller, Job};

use super::Receipt;
use crate::app::App;
use crate::error::ApiError;

/// The receipt of the first request's job, with the account as it is now. A caller who waits is woken
/// here if the first one waits here too, and depends on the row otherwise.
pub(super) async fn receipt(
    app: &App,
    caller: &Caller,
    mode: Mode,
    id: JobId,
) -> Result<Receipt, ApiError> {
    let now = app.clock.now();
    let job = app.store.job(caller.account, id).await?;
    let job = job
        .filter(|job| !is_swept(job, now))
        .ok_or(ApiError::Swept(id))?;
    let account = app.store.account(caller.account).await?;
    let accepted = Accepted {
        state: job.state,
        balance: account.ok_or(ApiError::Unauthenticated)?.balance,
        rate: app.store.rate_window(caller.account, now).await?,
    };
    Ok(Receipt {
        job: id,
        accepted,
        waiter: (mode == Mode::Sync).then(|| app.waiters.register(id)),
        price: job.price,
        repeated: true,
    })
}

/// Whether it had a result whose time is over.
fn is_swept(job: &Job, now: Timestamp) -> bool {
    let kept = job
        .asset
        .as_ref()
        .is_some_and(|asset| asset.expires_at > now);
    job.state == JobState::Success && !kept
}
