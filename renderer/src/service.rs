//! The renderer as a process of its own, over RabbitMQ and an S3-compatible store.

use clap::Parser;
use common::clock::Clock;
use common::lifecycle::Lifecycle;
use common::process::{Farewell, Problems, limits};
use common::{egress, process, seal, servers};
use futures::FutureExt as _;

use crate::{Config, Parts};

/// Takes Platen's jobs from the broker, renders them and stores the results.
#[derive(Debug, Parser)]
#[command(name = "platen-renderer", version)]
pub struct Service {
    #[command(flatten)]
    renderer: Config,
    #[command(flatten)]
    seal: seal::Config,
    #[command(flatten)]
    egress: egress::Config,
    #[command(flatten)]
    servers: servers::Config,
    #[command(flatten)]
    process: process::Config,
}

impl process::Service for Service {
    const NAME: &'static str = "renderer";

    fn process(&self) -> &process::Config {
        &self.process
    }

    fn check(&self, problems: &mut Problems) {
        problems.note(self.renderer.served());
        self.seal.check(problems);
        self.servers.check(problems);
    }

    async fn start(self, lifecycle: &Lifecycle) -> anyhow::Result<Farewell> {
        limits::raise_open_files(0);
        let (broker, objects) = self.servers.connect().await?;
        let parts = Parts {
            broker: broker.clone(),
            objects,
            clock: Clock::system(),
            seal: self.seal.key(),
            egress: self.egress.policy(),
        };
        crate::start(self.renderer, parts, lifecycle).await?;
        Ok(async move { broker.close().await }.boxed())
    }
}
