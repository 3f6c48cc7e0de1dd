//! How long jobs may take, whatever is away or slow.

use std::time::Duration;

use common::task::{HAND_OVER_TIMEOUT, LONGEST_IN_HAND, LONGEST_TIMEOUT};

use crate::engine::QUEUE;

/// How long an object store may be away before the job fails.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// The longest time that a thumbnail is waited for. Its drawing can't be stopped, only left alone.
pub(super) const DRAWING: Duration = Duration::from_secs(30);

/// What single calls may take beyond the patience that they end: each of three twice the longest silence of a store
/// (`--s3-timeout`), and a little more.
const SLACK: Duration = Duration::from_secs(390);

/// The longest that a job with a browser may take: its document, free pages, its pages, its result, its
/// thumbnail, and the way of both into a customer's bucket.
pub(super) const BROWSER: Duration = PATIENCE
    .saturating_mul(3)
    .saturating_add(QUEUE)
    .saturating_add(LONGEST_TIMEOUT)
    .saturating_add(DRAWING)
    .saturating_add(HAND_OVER_TIMEOUT)
    .saturating_add(SLACK);

// Later the dispatchers take it for lost, and have it done again beside this.
const _: () = assert!(BROWSER.as_secs() <= LONGEST_IN_HAND.as_secs());

/// The longest that a job without a browser may take: a picture or a merge, storing it, and its way into a
/// customer's bucket.
pub(super) const NATIVE: Duration = LONGEST_TIMEOUT
    .saturating_add(PATIENCE)
    .saturating_add(HAND_OVER_TIMEOUT)
    .saturating_add(SLACK);
