//! The renderer as a process of its own, over RabbitMQ and an S3-compatible store.

use clap::Parser;
use common::broker::{Broker, rabbit};
use common::clock::Clock;
use common::lifecycle::Lifecycle;
use common::objects::Objects;
use common::process::{Farewell, Problems, limits};
use common::{egress, objects, process, seal};
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
    broker: rabbit::Config,
    #[command(flatten)]
    objects: objects::Config,
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
        problems.note(self.objects.check());
        problems.note(self.broker.amqp_url.check());
    }

    async fn start(self, lifecycle: &Lifecycle) -> anyhow::Result<Farewell> {
        limits::raise_open_files(0);
        let (broker, objects) = tokio::try_join!(
            async {
                Broker::rabbit(&self.broker)
                    .await
                    .map_err(anyhow::Error::from)
            },
            async {
                Objects::connect(&self.objects)
                    .await
                    .map_err(anyhow::Error::from)
            },
        )?;
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
