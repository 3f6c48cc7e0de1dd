//! What every handler shares.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use common::broker::{Broker, Source};
use common::clock::Clock;
use common::egress::Policy;
use common::health::Health;
use common::lifecycle::Lifecycle;
use common::link::Links;
use common::message::Settled;
use common::objects::Objects;
use common::seal::SealKey;
use common::store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Parts;
use crate::accept::Turns;
use crate::auth::Keys;
use crate::backlog::Backlog;
use crate::body::Room;
use crate::config::{Config, Feature, Prices};
use crate::cors::Origin;
use crate::health;
use crate::metrics::Metrics;
use crate::templates::Press;
use crate::waiters::Waiters;

/// A handle to the gateway's state; clones share it.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// The gateway's state.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) broker: Broker,
    pub(crate) objects: Objects,
    pub(crate) clock: Clock,
    pub(crate) seal: SealKey,
    pub(crate) links: Links,
    pub(crate) egress: Policy,
    pub(crate) keys: Keys,
    pub(crate) prices: Prices,
    /// What renderers can do beside the usual.
    pub(crate) features: Vec<Feature>,
    /// Sites whose pages may call.
    pub(crate) cors: Vec<Origin>,
    /// Callers that wait for a job.
    pub(crate) waiters: Waiters,
    /// Whether the installation takes more work that can wait.
    pub(crate) backlog: Backlog,
    /// Whose turn it is to be accepted.
    pub(crate) turns: Turns,
    /// Memory for request bodies.
    pub(crate) room: Room,
    /// Where templates become documents.
    pub(crate) press: Press,
    /// The longest that a caller waits.
    pub(crate) sync_wait: Duration,
    /// How long a waiting caller still waits once draining has begun.
    pub(crate) drain_wait: Duration,
    /// What is counted and timed.
    pub(crate) metrics: Metrics,
    /// What the process's parts say of themselves.
    pub(crate) health: Health,
    /// Cancelled when the process takes nothing new.
    pub(crate) draining: CancellationToken,
    /// Work that must end before the process does, whoever hangs up.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// The state, and where the answers for waiting callers come from.
    pub(crate) fn new(
        config: &Config,
        parts: Parts,
        lifecycle: &Lifecycle,
    ) -> (Self, Source<Settled>) {
        let (routes, answers) = parts.broker.settled();
        health::watch(
            &lifecycle.health,
            parts.store.clone(),
            lifecycle.draining.clone(),
        );
        let shared = Shared {
            keys: Keys::new(parts.store.clone()),
            store: parts.store,
            broker: parts.broker,
            objects: parts.objects,
            clock: parts.clock,
            seal: parts.seal,
            links: parts.links,
            egress: parts.egress,
            prices: Prices::new(&config.price),
            features: config.features.clone(),
            cors: config.cors_origin.clone(),
            waiters: Waiters::new(routes),
            backlog: Backlog::new(config.backlog_limit.get()),
            turns: Turns::default(),
            room: Room::default(),
            press: Press::default(),
            sync_wait: config.sync_wait,
            drain_wait: config.drain_wait.saturating_sub(Duration::from_secs(2)),
            metrics: Metrics::new(),
            health: lifecycle.health.clone(),
            draining: lifecycle.draining.clone(),
            tasks: lifecycle.tasks.clone(),
        };
        (Self(Arc::new(shared)), answers)
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
