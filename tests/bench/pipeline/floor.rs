//! The floor of the whole way: every statement, publish, ack and POST that a job can't do without, and
//! nothing that is done for it in between.

use std::time::Duration;

use common::broker::{Broker, Source};
use common::clock::Clock;
use common::job::{Lane, Mode};
use common::message::{Completion, JobMessage};
use common::store::Store;
use futures::StreamExt as _;
use platen_tests::runs::{self, Runs};

use crate::counter::Counter;
use crate::deliver::Deliveries;

/// As many at a time as callers send.
const AT_ONCE: usize = 32;

/// A bare loop.
#[derive(Debug)]
pub struct Floor<'a> {
    runs: &'a Runs,
    store: Store,
    broker: Broker,
    deliveries: Deliveries,
}

impl<'a> Floor<'a> {
    /// On connections of its own.
    pub fn new(runs: &'a Runs) -> anyhow::Result<Self> {
        Ok(Self {
            runs,
            store: runs.store.clone(),
            broker: runs.broker.clone(),
            deliveries: Deliveries::new(runs)?,
        })
    }

    /// Takes so many jobs the whole way.
    pub async fn run(&self, counter: &Counter, jobs: usize) -> anyhow::Result<()> {
        let accepting = (0..jobs).map(|number| self.accept(counter.url(number)));
        let mut accepting = futures::stream::iter(accepting).buffer_unordered(AT_ONCE);
        while let Some(accepted) = accepting.next().await {
            accepted?;
        }
        self.render(jobs).await?;
        self.settle(jobs).await?;
        self.deliveries.deliver(jobs).await
    }

    async fn accept(&self, webhook: String) -> anyhow::Result<()> {
        let row = self.runs.row(webhook);
        let job = row.id;
        self.store.accept(&row, Clock::system().now()).await?;
        self.broker.publish_job(row.into()).await?;
        self.store
            .mark_published(job, Clock::system().now())
            .await?;
        Ok(())
    }

    /// Nothing is rendered: the message is taken, and its end is told.
    async fn render(&self, jobs: usize) -> anyhow::Result<()> {
        let mut source: Source<JobMessage> = self.broker.jobs(Lane::Browser, Mode::Async, 32);
        for _ in 0..jobs {
            let incoming = next(&mut source).await?;
            let completion = runs::failure(incoming.message.job);
            self.broker.publish_completion(completion).await?;
            incoming.ack().await;
        }
        Ok(())
    }

    async fn settle(&self, jobs: usize) -> anyhow::Result<()> {
        let mut source: Source<Completion> = self.broker.completions(32);
        for _ in 0..jobs {
            let incoming = next(&mut source).await?;
            let now = Clock::system().now();
            let settling = self.store.settle(&incoming.message, runs::RETENTION, now);
            settling.await?;
            incoming.ack().await;
        }
        Ok(())
    }
}

async fn next<M: Clone + Send + 'static>(
    source: &mut Source<M>,
) -> anyhow::Result<common::broker::Incoming<M>> {
    let next = tokio::time::timeout(Duration::from_mins(1), source.next()).await?;
    next.ok_or_else(|| anyhow::anyhow!("the broker is gone"))
}
