//! The gateway as a process of its own, over PostgreSQL, RabbitMQ and an S3-compatible store.

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Parser;
use common::clock::Clock;
use common::lifecycle::Lifecycle;
use common::process::{Farewell, Problems, limits};
use common::store::Store;
use common::{egress, link, process, seal, servers, store};
use futures::FutureExt as _;
use tokio::net::TcpListener;

use crate::serve::Server;
use crate::{Config, Parts, starting};

/// Serves Platen's HTTP interface: validates requests, charges for them, and hands out results.
#[derive(Debug, Parser)]
#[command(name = "platen-gateway", version)]
pub struct Service {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "PLATEN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    gateway: Config,
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
    const NAME: &'static str = "gateway";

    fn process(&self) -> &process::Config {
        &self.process
    }

    fn check(&self, problems: &mut Problems) {
        self.gateway.check(self.process.stop_timeout, problems);
        self.links.check(problems);
        self.seal.check(problems);
        problems.note(self.database.database_url.check());
        self.servers.check(problems);
    }

    async fn start(self, lifecycle: &Lifecycle) -> anyhow::Result<Farewell> {
        limits::raise_open_files(self.gateway.max_connections.get());
        // First of all: a wrong deployment fails at once.
        let listener = TcpListener::bind(self.listen).await.with_context(|| {
            let listen = self.listen;
            format!("can't listen on {listen}; choose another address with --listen")
        })?;
        let connecting = async {
            tokio::try_join!(
                async { Ok(Store::connect(&self.database).await?) },
                self.servers.connect(),
            )
        };
        let server = Server::new(&self.gateway, listener, lifecycle.draining.clone());
        let (listener, connected) = server.until(starting::router(), connecting).await;
        let (store, (broker, objects)) = connected?;
        let parts = Parts {
            store: store.clone(),
            broker: broker.clone(),
            objects,
            clock: Clock::system(),
            seal: self.seal.key(),
            links: self.links.links(),
            egress: self.egress.policy(),
        };
        tracing::info!(address = %listener.local_addr()?, "listening");
        crate::start(self.gateway, parts, listener, lifecycle).await?;
        Ok(async move {
            broker.close().await;
            store.close().await;
        }
        .boxed())
    }
}
