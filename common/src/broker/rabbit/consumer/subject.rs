//! What a consumer consumes, and what must be there before it can.

use lapin::Channel;
use tokio::sync::watch;

use crate::broker::Route;
use crate::broker::rabbit::topology;

/// Where a consumer's messages come from.
#[derive(Debug)]
pub(in crate::broker::rabbit) enum Subject {
    /// A queue of the topology.
    Queue(String),
    /// A queue of this consumer alone, named anew for every connection and told to `route`.
    Answers {
        name: String,
        epoch: u64,
        route: watch::Sender<Option<Route>>,
    },
}

impl Subject {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Queue(name) | Self::Answers { name, .. } => name,
        }
    }

    /// The queue to consume from; it is there when this returns.
    pub(super) async fn prepare(&mut self, channel: &Channel) -> lapin::Result<String> {
        match self {
            Self::Queue(name) => Ok(name.clone()),
            Self::Answers { name, epoch, .. } => {
                *epoch += 1;
                let queue = format!("{name}.{epoch}");
                topology::declare_answers(channel, &queue).await?;
                Ok(queue)
            }
        }
    }

    pub(super) fn announce(&self, queue: &str) {
        if let Self::Answers { route, .. } = self {
            route.send_replace(Some(Route(queue.to_owned())));
        }
    }

    pub(super) fn withdraw(&self) {
        if let Self::Answers { route, .. } = self {
            route.send_replace(None);
        }
    }
}
