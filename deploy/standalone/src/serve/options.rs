//! The options of `platen serve`.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use common::process::Problems;
use common::secret::Secret;
use common::{egress, telemetry};
use url::Url;

/// Options of `platen serve`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "PLATEN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Address under which customers reach this server, for the links it hands out [default: the one listened on]
    #[arg(long, env = "PLATEN_PUBLIC_URL")]
    pub(super) public_url: Option<Url>,
    #[command(flatten)]
    pub(super) egress: egress::Config,
    /// Secret that signs links to results, for installations that share it [default: a file in the data folder]
    #[arg(
        long,
        env = "PLATEN_LINK_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub(super) link_key: Option<Secret>,
    /// How long what is in hand may take after the first signal to stop; the default lets the longest page end: a minute until a browser is free, 5 minutes of its own, and 2 in which its result can be stored
    #[arg(long, env = "PLATEN_STOP_TIMEOUT", default_value = "8m", value_parser = common::duration::parse_positive)]
    pub(super) stop_timeout: Duration,
    /// Convert no files, also where LibreOffice is installed
    #[arg(long, env = "PLATEN_NO_OFFICE")]
    pub(super) no_office: bool,
    #[command(flatten)]
    pub(crate) telemetry: telemetry::Config,
    #[command(flatten)]
    pub(super) gateway: gateway::Config,
    #[command(flatten)]
    pub(super) renderer: renderer::Config,
    #[command(flatten)]
    pub(super) dispatcher: dispatcher::Config,
}

impl Options {
    /// Notes what can't work.
    pub(crate) fn check(&self, problems: &mut Problems) {
        if let Some(secret) = &self.link_key {
            problems.note(secret.check("--link-key (PLATEN_LINK_KEY)"));
        }
        self.telemetry.check(problems);
        self.gateway.check(self.stop_timeout, problems);
        self.dispatcher.check(problems);
    }
}
