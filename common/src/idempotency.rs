//! What makes a request safe to repeat: the key that its caller chose, and the fingerprint by which
//! the same request is told from another one.

use std::fmt;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// A request that carries a key: whoever sends it again gets what the first one got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeatable {
    /// The caller's name for the request, its account's alone.
    pub key: IdempotencyKey,
    /// What was asked.
    pub fingerprint: Fingerprint,
}

/// 1 to 255 visible ASCII characters that a caller chose; they never appear in logs.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
pub struct IdempotencyKey(String);

/// A text that is not an [`IdempotencyKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} visible ASCII characters", IdempotencyKey::LONGEST)]
pub struct ParseIdempotencyKeyError;

impl IdempotencyKey {
    /// The most characters of a key.
    pub const LONGEST: usize = 255;

    /// Takes the text that a caller sent; spaces are not visible.
    pub fn parse(text: &[u8]) -> Result<Self, ParseIdempotencyKeyError> {
        let length_fits = (1..=Self::LONGEST).contains(&text.len());
        if !length_fits || !text.iter().all(u8::is_ascii_graphic) {
            return Err(ParseIdempotencyKeyError);
        }
        let text = std::str::from_utf8(text).map_err(|_| ParseIdempotencyKeyError)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(..)")
    }
}

/// SHA-256 of a secret of the installation and of a request's method, path and body, in lower-case
/// hexadecimal. The secret keeps whoever reads the rows from guessing a password in a known body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
pub struct Fingerprint(String);

/// Takes a request in, piece by piece; made by [`crate::seal::SealKey::fingerprinter`].
#[derive(Debug, Clone)]
pub struct Fingerprinter(Sha256);

impl Fingerprinter {
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        Self(Sha256::new_with_prefix(secret))
    }

    /// Takes in what is asked of whom; neither holds a NUL, so no two requests run together.
    pub fn begin(&mut self, method: &str, path: &str) {
        for part in [method, path] {
            self.0.update(part.as_bytes());
            self.0.update([0]);
        }
    }

    /// Takes in the next bytes of the body.
    pub fn update(&mut self, body: &[u8]) {
        self.0.update(body);
    }

    /// What was asked.
    pub fn finish(self) -> Fingerprint {
        let digest = self.0.finalize();
        let text = digest.iter().fold(String::new(), |mut text, byte| {
            // Writing into a `String` does not fail.
            let _written = write!(text, "{byte:02x}");
            text
        });
        Fingerprint(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::SealKey;

    fn fingerprint(secret: &str, method: &str, path: &str, body: &[&str]) -> Fingerprint {
        let mut fingerprinter = SealKey::new(secret.as_bytes()).fingerprinter();
        fingerprinter.begin(method, path);
        for piece in body {
            fingerprinter.update(piece.as_bytes());
        }
        fingerprinter.finish()
    }

    #[test]
    fn a_key_is_1_to_255_visible_characters() {
        for good in [
            "a",
            "!~",
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
            &"x".repeat(255),
        ] {
            assert!(IdempotencyKey::parse(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in ["", " ", "a b", "a\tb", "\u{7f}", "é", &"x".repeat(256)] {
            let refused = IdempotencyKey::parse(bad.as_bytes());
            assert_eq!(refused, Err(ParseIdempotencyKeyError), "{bad}");
        }
        let key = IdempotencyKey::parse(b"order-7").unwrap();
        assert_eq!(format!("{key:?}"), "IdempotencyKey(..)");
    }

    #[test]
    fn only_the_same_request_has_the_same_fingerprint() {
        let first = fingerprint("secret", "POST", "/v2/html/pdf", &["{\"html\"", ":\"x\"}"]);
        assert_eq!(
            fingerprint("secret", "POST", "/v2/html/pdf", &["{\"html\":\"x\"}"]),
            first
        );
        for (secret, method, path, body) in [
            ("other", "POST", "/v2/html/pdf", "{\"html\":\"x\"}"),
            ("secret", "PUT", "/v2/html/pdf", "{\"html\":\"x\"}"),
            ("secret", "POST", "/v1/html/pdf", "{\"html\":\"x\"}"),
            ("secret", "POST", "/v2/html/pdf", "{\"html\":\"y\"}"),
            ("secret", "POST", "/v2/html/pdf", ""),
        ] {
            assert_ne!(fingerprint(secret, method, path, &[body]), first);
        }
    }
}
