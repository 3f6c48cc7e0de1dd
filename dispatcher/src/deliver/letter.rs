//! A webhook ready to be sent: its payload, and the signature that goes with this attempt.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::clock::Timestamp;
use common::fetch::Body;
use common::job::Dialect;
use common::objects::{ObjectError, Objects};
use common::signature::{Signer, WebhookSecret};
use futures::TryStreamExt as _;
use futures::stream::{self, StreamExt as _};

use crate::payload::Payload;

/// A long payload may take a second more for each so many bytes.
const PER_SECOND: u64 = 1_000_000;

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

/// Whether a body could not be read to its end, or is waited for at this moment, which is no fault of
/// whoever was to get it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Broken(Arc<AtomicBool>);

impl Letter {
    /// Signs a payload, which is read once for that.
    pub(crate) async fn sign(
        (dialect, payload): (Dialect, Payload),
        secrets: &[WebhookSecret],
        id: String,
        timestamp: Timestamp,
        objects: &Objects,
    ) -> Result<Self, ObjectError> {
        let mut signer = Signer::new(secrets, &id, timestamp);
        let mut pieces = payload.pieces(objects).await?;
        while let Some(piece) = pieces.try_next().await? {
            signer.update(&piece);
        }
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
    pub(crate) async fn body(&self, objects: &Objects) -> Result<(Body, Broken), ObjectError> {
        let broken = Broken::default();
        if let Some(bytes) = self.payload.ready() {
            return Ok((Body::Whole(bytes.clone()), broken));
        }
        let pieces = self.payload.pieces(objects).await?;
        let begun = (pieces, broken.clone());
        let pieces = stream::unfold(begun, |(mut pieces, broken)| async {
            // Set while the store is asked, and for good once it has failed.
            broken.0.store(true, Ordering::Relaxed);
            let piece = pieces.next().await;
            let failed = matches!(piece, Some(Err(_)));
            broken.0.store(failed, Ordering::Relaxed);
            Some((piece?.map_err(io::Error::other), (pieces, broken)))
        });
        let body = Body::Streamed {
            length: self.payload.length(),
            pieces: pieces.boxed(),
        };
        Ok((body, broken))
    }
}

impl Broken {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
