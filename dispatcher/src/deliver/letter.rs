//! A webhook ready to be sent: its payload, and the signature that goes with this attempt.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use common::clock::Timestamp;
use common::fetch::Body;
use common::job::{AttemptOutcome, Dialect};
use common::objects::{ObjectError, Objects};
use common::signature::{Signer, WebhookSecret};
use futures::TryStreamExt as _;
use futures::stream::{self, StreamExt as _};

use crate::payload::Payload;

/// A long payload may take a second more for each so many bytes.
const PER_SECOND: u64 = 1_000_000;

/// A payload that a store holds a part of is read only once if it has at most so many bytes; a dispatcher
/// has some hundreds of them in memory.
const KEPT: u64 = 64 * 1024;

/// A payload with what its receiver knows it by.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// Whose words it speaks.
    pub(crate) dialect: Dialect,
    /// What the receiver tells repeats by.
    pub(crate) id: String,
    /// When this attempt was signed.
    pub(crate) timestamp: Timestamp,
    /// By every secret that signs now.
    pub(crate) signature: String,
    payload: Payload,
}

/// How the store that a body is read from stands to the call that sends it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading(Arc<AtomicU8>);

impl Reading {
    const NOT_WAITED_FOR: u8 = 0;
    const WAITED_FOR: u8 = 1;
    const FAILED: u8 = 2;

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }

    /// Whether the store is to blame for a call that came out like this, and not who was called: it has
    /// failed, or the time ran out while it was waited for.
    pub(crate) fn explains(&self, outcome: AttemptOutcome) -> bool {
        match outcome {
            AttemptOutcome::Timeout => self.0.load(Ordering::Relaxed) != Self::NOT_WAITED_FOR,
            AttemptOutcome::Connection => self.0.load(Ordering::Relaxed) == Self::FAILED,
            AttemptOutcome::Delivered
            | AttemptOutcome::Rejected
            | AttemptOutcome::Refused
            | AttemptOutcome::Interrupted => false,
        }
    }
}

impl Letter {
    /// Signs a payload, which is read once for that, and kept if it is short.
    pub(crate) async fn sign(
        (dialect, payload): (Dialect, Payload),
        secrets: &[WebhookSecret],
        id: String,
        timestamp: Timestamp,
        objects: &Objects,
    ) -> Result<Self, ObjectError> {
        let mut signer = Signer::new(secrets, &id, timestamp);
        let mut pieces = payload.pieces(objects).await?;
        let mut kept = (payload.length() <= KEPT).then(Vec::new);
        while let Some(piece) = pieces.try_next().await? {
            signer.update(&piece);
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&piece);
            }
        }
        let payload = kept.map_or(payload, Payload::whole);
        Ok(Self {
            dialect,
            id,
            timestamp,
            signature: signer.finish(),
            payload,
        })
    }

    /// How long sending it may take, of which `least` is for everything but its bytes.
    pub(crate) fn within(&self, least: Duration) -> Duration {
        least + Duration::from_secs(self.payload.length() / PER_SECOND)
    }

    /// The body to send; what its store holds is read once more.
    pub(crate) async fn body(&self, objects: &Objects) -> Result<(Body, Reading), ObjectError> {
        let reading = Reading::default();
        if let Some(bytes) = self.payload.ready() {
            return Ok((Body::Whole(bytes.clone()), reading));
        }
        let pieces = self.payload.pieces(objects).await?;
        let begun = (pieces, reading.clone());
        let pieces = stream::unfold(begun, |(mut pieces, reading)| async {
            reading.set(Reading::WAITED_FOR);
            let piece = pieces.next().await;
            reading.set(match piece {
                Some(Err(_)) => Reading::FAILED,
                Some(Ok(_)) | None => Reading::NOT_WAITED_FOR,
            });
            Some((piece?.map_err(io::Error::other), (pieces, reading)))
        });
        let body = Body::Streamed {
            length: self.payload.length(),
            pieces: pieces.boxed(),
        };
        Ok((body, reading))
    }
}
