//! API keys: 128 random bits, shown once, kept as a hash.

use std::fmt;
use std::fmt::Write as _;

use rand::RngCore as _;
use sha2::{Digest as _, Sha256};

/// What a caller proves itself with; its text never appears in logs.
#[derive(Clone)]
pub struct ApiKey(String);

/// SHA-256 of a key in lower-case hexadecimal. No salt: the key itself is 128 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
pub struct KeyHash(String);

impl ApiKey {
    /// Makes a fresh key, `cl-` and 32 lower-case hexadecimal digits.
    pub fn generate() -> Self {
        Self(format!("cl-{}", hex(&random_bytes::<16>())))
    }

    /// Takes whatever text a caller sent: a key that was never made matches no hash.
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What is stored in its stead.
    pub fn hash(&self) -> KeyHash {
        KeyHash(hex(&Sha256::digest(self.0.as_bytes())))
    }

    /// The key itself, for the one time that it is shown.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its last four characters, by which a person tells keys apart.
    pub fn last4(&self) -> &str {
        let start = self.0.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        &self.0[start..]
    }
}

/// Random bytes of the system's generator, good enough for a secret.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

impl KeyHash {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a `String` does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_has_the_known_shape_and_never_repeats() {
        let (one, two) = (ApiKey::generate(), ApiKey::generate());
        let digits = one.expose().strip_prefix("cl-").unwrap();
        assert_eq!(digits.len(), 32);
        assert!(
            digits
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        );
        assert_ne!(one.expose(), two.expose());
        assert_eq!(one.last4(), &one.expose()[31..]);
    }

    #[test]
    fn the_hash_is_sha_256_and_debug_hides_the_key() {
        let key = ApiKey::parse("abc");
        assert_eq!(
            key.hash().as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(format!("{key:?}"), "ApiKey(..)");
    }

    #[test]
    fn the_last_four_of_odd_texts_do_not_panic() {
        assert_eq!(ApiKey::parse("").last4(), "");
        assert_eq!(ApiKey::parse("é").last4(), "é");
        assert_eq!(ApiKey::parse("aéèçàb").last4(), "èçàb");
    }
}
