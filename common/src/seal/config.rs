//! The secret that tasks are sealed with, for services that share it.

use clap::Args;

use super::SealKey;
use crate::process::Problems;
use crate::secret::Secret;

/// Options of sealing; gateways and renderers need the same.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Config {
    /// Secret that seals tasks in rows and messages, at least 32 characters; the same for all gateways and renderers of the installation
    #[arg(
        long,
        env = "PLATEN_SEAL_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub seal_key: Secret,
}

impl Config {
    /// Notes what can't work.
    pub fn check(&self, problems: &mut Problems) {
        problems.note(self.seal_key.check("--seal-key (PLATEN_SEAL_KEY)"));
    }

    /// The key.
    pub fn key(&self) -> SealKey {
        self.seal_key.seal_key()
    }
}
