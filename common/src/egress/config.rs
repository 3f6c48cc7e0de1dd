//! What the operator opens, as an option of everything that calls others.

use clap::Args;
use ipnet::IpNet;

use super::Policy;

/// Options of egress.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub struct Config {
    /// Opens an address range to pages, downloads and webhooks, such as 10.1.0.0/16; repeatable
    #[arg(
        long = "allow-network",
        env = "PLATEN_ALLOW_NETWORK",
        value_delimiter = ',',
        value_name = "CIDR"
    )]
    pub allow_network: Vec<IpNet>,
}

impl Config {
    /// The policy that they make.
    pub fn policy(&self) -> Policy {
        Policy::new(self.allow_network.clone())
    }
}
