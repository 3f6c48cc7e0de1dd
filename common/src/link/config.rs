//! What links are made of, for services that share it.

use clap::Args;
use url::Url;

use super::Links;
use crate::process::Problems;
use crate::secret::Secret;

/// Options of the links to results; every service that makes or checks links needs the same.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Config {
    /// Address under which customers reach the gateways, for the links that are handed out
    #[arg(long, env = "PLATEN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Url,

    /// Secret that signs links to results, at least 32 characters; the same for all services of the installation
    #[arg(
        long,
        env = "PLATEN_LINK_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub link_key: Secret,
}

impl Config {
    /// Notes what can't work.
    pub fn check(&self, problems: &mut Problems) {
        problems.note(self.link_key.check("--link-key (PLATEN_LINK_KEY)"));
        if !matches!(self.public_url.scheme(), "http" | "https") {
            problems.add(
                "--public-url (PLATEN_PUBLIC_URL) is not an http or https address, such as https://platen.example.com",
            );
        }
    }

    /// What makes and checks links.
    pub fn links(&self) -> Links {
        Links {
            key: self.link_key.link_key(),
            public_url: self.public_url.as_str().trim_end_matches('/').to_owned(),
        }
    }
}
