//! Signatures of webhooks, by Standard Webhooks 1.0 with a symmetric secret (`v1`).
//!
//! A receiver gets `webhook-id`, `webhook-timestamp` and `webhook-signature`; signed is
//! `{id}.{timestamp}.{body}` (github.com/standard-webhooks/standard-webhooks, spec section
//! "Signature scheme"). While a secret is rotated both sign, and the header holds both.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::clock::Timestamp;
use crate::id::AccountId;

/// What the text of every secret begins with.
const PREFIX: &str = "whsec_";

/// Which of an account's secrets sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretVersion {
    /// The current one, from 1.
    pub current: u32,
    /// The one before it signs too until then.
    pub overlap_until: Option<Timestamp>,
}

/// The secret of which all webhook secrets of the installation are made. So none is stored: who reads
/// the database can sign nothing.
#[derive(Clone)]
pub struct WebhookKey([u8; 32]);

/// A secret that an account shares with its endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

/// A signature in the making, over a body that comes in pieces.
#[derive(Debug, Clone)]
pub struct Signer(Vec<Hmac<Sha256>>);

impl WebhookKey {
    pub(crate) const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The secrets that sign now, the current one first.
    pub fn secrets(
        &self,
        account: AccountId,
        version: SecretVersion,
        now: Timestamp,
    ) -> Vec<WebhookSecret> {
        let mut secrets = vec![self.secret(account, version.current)];
        let overlaps = version.overlap_until.is_some_and(|until| now < until);
        if let Some(before) = version.current.checked_sub(1).filter(|_| overlaps) {
            secrets.push(self.secret(account, before));
        }
        secrets
    }

    fn secret(&self, account: AccountId, version: u32) -> WebhookSecret {
        let mut hmac = keyed(&self.0);
        hmac.update(format!("{account}.{version}").as_bytes());
        WebhookSecret(hmac.finalize().into_bytes().to_vec())
    }
}

impl WebhookSecret {
    /// The text that its owner gives to the receiver.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl Signer {
    /// Begins the signature of a message by every secret.
    pub fn new(secrets: &[WebhookSecret], id: &str, timestamp: Timestamp) -> Self {
        let head = format!("{id}.{}.", timestamp.as_secs());
        let begun = secrets.iter().map(|secret| {
            let mut hmac = keyed(&secret.0);
            hmac.update(head.as_bytes());
            hmac
        });
        Self(begun.collect())
    }

    /// Adds the next piece of the body.
    pub fn update(&mut self, piece: &[u8]) {
        for hmac in &mut self.0 {
            hmac.update(piece);
        }
    }

    /// The value of `webhook-signature`.
    pub fn finish(self) -> String {
        let signatures = self.0.into_iter().map(|hmac| {
            let signature = hmac.finalize().into_bytes();
            format!("v1,{}", STANDARD.encode(signature))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

impl std::fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookKey(..)")
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_614_265_330_000_000);

    /// The vector that the libraries of Standard Webhooks test themselves with.
    #[test]
    fn the_published_vector_comes_out() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let secret = WebhookSecret(secret.unwrap());
        assert_eq!(secret.reveal(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let mut signer = Signer::new(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", NOW);
        signer.update(br#"{"test": "#);
        signer.update(b"2432232314}");
        assert_eq!(
            signer.finish(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_rotated_secret_signs_beside_the_new_one_until_the_overlap_ends() {
        let (key, account) = (WebhookKey::new([7; 32]), AccountId::new());
        let until = NOW + Duration::from_mins(1);
        let version = |current, overlap_until| SecretVersion {
            current,
            overlap_until,
        };
        let secrets = |version, now| key.secrets(account, version, now);
        let old = secrets(version(1, None), NOW);
        assert_eq!(old.len(), 1);
        let both = secrets(version(2, Some(until)), NOW);
        assert_eq!((both.len(), &both[1]), (2, &old[0]));
        assert_ne!(both[0], old[0]);
        assert_eq!(secrets(version(2, Some(until)), until), both[..1]);
        assert_eq!(secrets(version(2, None), NOW), both[..1]);
        assert_ne!(key.secrets(AccountId::new(), version(1, None), NOW), old);
        let signer = Signer::new(&both, "a", NOW);
        assert_eq!(signer.finish().split(' ').count(), 2);
    }

    #[test]
    fn nothing_prints_a_secret() {
        let key = WebhookKey::new([7; 32]);
        let version = SecretVersion {
            current: 1,
            overlap_until: None,
        };
        let secret = &key.secrets(AccountId::new(), version, NOW)[0];
        let shown = format!("{key:?} {secret:?}");
        assert_eq!(shown, "WebhookKey(..) WebhookSecret(..)");
    }
}
