//! The servers that every service of an installation needs, beside the database that not all may
//! touch: the broker and the object store.

use clap::Args;

use crate::broker::{Broker, rabbit};
use crate::objects::{self, Objects};
use crate::process::Problems;

/// Where they are.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Config {
    /// RabbitMQ.
    #[command(flatten)]
    pub broker: rabbit::Config,
    /// The S3-compatible store.
    #[command(flatten)]
    pub objects: objects::Config,
}

impl Config {
    /// Notes what can't work.
    pub fn check(&self, problems: &mut Problems) {
        problems.note(self.broker.amqp_url.check());
        problems.note(self.objects.check());
    }

    /// Connects to both, and waits for them, however long that takes.
    pub async fn connect(&self) -> anyhow::Result<(Broker, Objects)> {
        tokio::try_join!(async { Ok(Broker::rabbit(&self.broker).await?) }, async {
            Ok(Objects::connect(&self.objects).await?)
        },)
    }
}
