//! Encrypts what a row or a message must not show: tasks hold passwords, cookies and documents, and
//! customers' buckets have keys.

mod config;
mod storage;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};

use crate::id::JobId;
use crate::idempotency::Fingerprinter;
use crate::message::SealedTask;
use crate::signature::WebhookKey;
use crate::task::Work;

pub use self::config::Config;

const NONCE: usize = 24;

/// Why a sealed task could not be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Sealed with another key, for another job, or damaged.
    #[error(
        "the sealed task can't be opened: it was made with another installation key or is damaged"
    )]
    Unreadable,
    /// It opens, but is not a task that this version knows.
    #[error("the sealed task is of a shape that this version does not know")]
    Unknown,
}

/// The installation's key, a secret that all services share.
#[derive(Clone)]
pub struct SealKey {
    cipher: XChaCha20Poly1305,
    fingerprints: [u8; 32],
    webhooks: [u8; 32],
    storages: XChaCha20Poly1305,
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(..)")
    }
}

impl SealKey {
    /// Derives the key from the installation's secret.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(&derive(b"platen task seal v1\0", secret).into()),
            fingerprints: derive(b"platen request fingerprint v1\0", secret),
            webhooks: derive(b"platen webhook secret v1\0", secret),
            storages: XChaCha20Poly1305::new(&derive(b"platen storage keys v1\0", secret).into()),
        }
    }

    /// Starts the fingerprint of a request; equal ones have equal fingerprints under the same key.
    pub fn fingerprinter(&self) -> Fingerprinter {
        Fingerprinter::new(&self.fingerprints)
    }

    /// What the secrets of webhooks are made of.
    pub fn webhooks(&self) -> WebhookKey {
        WebhookKey::new(self.webhooks)
    }

    /// Seals a task; it opens only under the same key and for the same job.
    pub fn seal(&self, job: JobId, work: &Work) -> Result<SealedTask, SealError> {
        let text = serde_json::to_vec(work).map_err(|_| SealError::Unknown)?;
        let sealed = encrypt(&self.cipher, &text, job.to_string().as_bytes())?;
        Ok(SealedTask(sealed))
    }

    /// Opens what [`SealKey::seal`] made.
    pub fn open(&self, job: JobId, sealed: &SealedTask) -> Result<Work, SealError> {
        let text = decrypt(&self.cipher, &sealed.0, job.to_string().as_bytes())?;
        serde_json::from_slice(&text).map_err(|_| SealError::Unknown)
    }
}

/// Encrypts a text that opens for the same owner only.
fn encrypt(cipher: &XChaCha20Poly1305, text: &[u8], owner: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0_u8; NONCE];
    rand::rng().fill_bytes(&mut nonce);
    let payload = Payload {
        msg: text,
        aad: owner,
    };
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::Unreadable)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(cipher: &XChaCha20Poly1305, sealed: &[u8], owner: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, text) = sealed
        .split_first_chunk::<NONCE>()
        .ok_or(SealError::Unreadable)?;
    let payload = Payload {
        msg: text,
        aad: owner,
    };
    cipher
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| SealError::Unreadable)
}

/// A key for one purpose: who knows it learns no other.
fn derive(purpose: &[u8], secret: &[u8]) -> [u8; 32] {
    let digest = Sha256::new().chain_update(purpose).chain_update(secret);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::task::{Document, ImageOptions, Output, PageOptions, Source, Task};

    fn work() -> Work {
        let image = ImageOptions::default();
        Work::Page(Box::new(Task {
            source: Source::Html(Document::Inline("<p>secret".into())),
            page: PageOptions::default(),
            output: Output::Image(image),
            preview: None,
            timeout: Duration::from_secs(30),
        }))
    }

    #[test]
    fn a_sealed_task_opens_for_its_job_and_key_only() {
        let (key, job) = (SealKey::new(b"one"), JobId::new());
        let sealed = key.seal(job, &work()).unwrap();
        assert!(!sealed.0.windows(6).any(|bytes| bytes == b"secret"));
        assert_eq!(key.open(job, &sealed), Ok(work()));
        assert_eq!(key.open(JobId::new(), &sealed), Err(SealError::Unreadable));
        assert_eq!(
            SealKey::new(b"two").open(job, &sealed),
            Err(SealError::Unreadable)
        );
        assert_eq!(
            key.open(job, &SealedTask(vec![1; 5])),
            Err(SealError::Unreadable)
        );
    }
}
