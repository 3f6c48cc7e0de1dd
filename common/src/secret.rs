//! Secrets that an installation's services share, as they come from options: never printed.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::link::LinkKey;
use crate::seal::SealKey;

/// Fewer characters could be guessed.
const SHORTEST: usize = 32;

/// A secret text. Any text is taken, since a complaint by the command line's parser would show it;
/// [`Self::check`] complains without.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A secret that is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{option} is shorter than {SHORTEST} characters; `openssl rand -hex 32` makes a good one, and every service of the installation needs the same"
)]
pub struct WeakSecret {
    option: &'static str,
}

impl Secret {
    /// Complains about a text that is too short; `option` is how people set it.
    pub fn check(&self, option: &'static str) -> Result<(), WeakSecret> {
        if self.0.len() < SHORTEST {
            return Err(WeakSecret { option });
        }
        Ok(())
    }

    /// The key that signs links.
    pub fn link_key(&self) -> LinkKey {
        LinkKey::new(self.0.as_bytes())
    }

    /// The key that seals tasks.
    pub fn seal_key(&self) -> SealKey {
        SealKey::new(self.0.as_bytes())
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_refused_and_none_is_printed() {
        let Ok(short) = "correct horse".parse::<Secret>();
        let complaint = short.check("--seal-key (PLATEN_SEAL_KEY)").unwrap_err();
        assert!(complaint.to_string().contains("PLATEN_SEAL_KEY"));
        assert!(!format!("{short:?}{complaint}").contains("horse"));
        let Ok(long) = "0123456789abcdef0123456789abcdef".parse::<Secret>();
        assert_eq!(long.check("--seal-key"), Ok(()));
    }
}
