//! The dispatcher as a process of its own, over PostgreSQL, RabbitMQ and an S3-compatible store.

use clap::Parser;
use common::clock::Clock;
use common::lifecycle::Lifecycle;
use common::process::{Farewell, Problems, limits};
use common::store::Store;
use common::{egress, link, process, seal, servers, store};
use futures::FutureExt as _;

use crate::{Config, Parts};

/// Settles Platen's finished jobs and delivers their webhooks.
#[derive(Debug, Parser)]
#[command(name = "platen-dispatcher", version)]
pub struct Service {
    #[command(flatten)]
    dispatcher: Config,
    #[command(flatten)]
    links: link::Config,
    #[command(flatten)]
    seal: seal::Config,
    #[command(flatten)]
    egress: egress::Config,
    #[command(flatten)]
    database: store::Config,
    #[command(flatten)]
    servers: servers::Config,
    #[command(flatten)]
    process: process::Config,
}

impl process::Service for Service {
    const NAME: &'static str = "dispatcher";

    fn process(&self) -> &process::Config {
        &self.process
    }

    fn check(&self, problems: &mut Problems) {
        self.dispatcher.check(problems);
        self.links.check(problems);
        self.seal.check(problems);
        problems.note(self.database.database_url.check());
        self.servers.check(problems);
    }

    async fn start(self, lifecycle: &Lifecycle) -> anyhow::Result<Farewell> {
        let webhooks = self.dispatcher.webhook_concurrency.get();
        limits::raise_open_files(u32::try_from(webhooks).unwrap_or(u32::MAX));
        let (store, (broker, objects)) = tokio::try_join!(
            async { Ok(Store::connect(&self.database).await?) },
            self.servers.connect(),
        )?;
        let parts = Parts {
            store: store.clone(),
            broker: broker.clone(),
            objects,
            clock: Clock::system(),
            links: self.links.links(),
            secrets: self.seal.key().webhooks(),
            egress: self.egress.policy(),
        };
        crate::start(self.dispatcher, parts, lifecycle).await?;
        Ok(async move {
            broker.close().await;
            store.close().await;
        }
        .boxed())
    }
}
