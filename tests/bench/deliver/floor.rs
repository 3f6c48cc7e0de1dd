//! The floor: what no dispatcher can do without. The same batched statements, one confirmed publish,
//! one message consumed and acked, and the same POST, as many at a time.

use std::time::Duration;

use common::broker::{Broker, Incoming};
use common::clock::Clock;
use common::egress::Policy;
use common::fetch::{Body, Client, Fetched, Post};
use common::job::AttemptOutcome;
use common::message::DeliveryDue;
use common::store::{AttemptRecord, LeaseRequest, Leased, MadeAttempt, Next, Store};
use futures::future::{join_all, try_join_all};
use platen_tests::runs::Runs;

/// As many calls at a time as a dispatcher makes by default for one account to so many hosts.
const AT_ONCE: usize = 64;

/// How many deliveries the scheduler takes at a time.
const BATCH: u32 = 100;

/// A bare loop.
#[derive(Debug)]
pub struct Floor {
    store: Store,
    broker: Broker,
    client: Client,
}

impl Floor {
    /// On connections of its own.
    pub fn new(runs: &Runs) -> anyhow::Result<Self> {
        let policy = Policy::new(vec!["127.0.0.0/8".parse()?]);
        Ok(Self {
            store: runs.store.clone(),
            broker: runs.broker.clone(),
            client: Client::new(&policy, "floor")?,
        })
    }

    /// Delivers so many, all of which are due.
    pub async fn deliver(&self, count: usize) -> anyhow::Result<()> {
        let publishing = async {
            let mut published = 0;
            while published < count {
                let due = self
                    .store
                    .due_deliveries(BATCH, Clock::system().now())
                    .await?;
                published += due.len();
                for message in due {
                    self.broker.publish_delivery(message).await?;
                }
            }
            anyhow::Ok(())
        };
        tokio::try_join!(publishing, self.consume(count))?;
        Ok(())
    }

    async fn consume(&self, count: usize) -> anyhow::Result<()> {
        let mut source = self.broker.deliveries(AT_ONCE as u16);
        let mut delivered = 0;
        while delivered < count {
            let mut messages = Vec::with_capacity(AT_ONCE);
            while messages.len() < AT_ONCE.min(count - delivered) {
                let next = source.next().await;
                messages.push(next.ok_or_else(|| anyhow::anyhow!("the broker is gone"))?);
            }
            delivered += messages.len();
            self.send(messages).await?;
        }
        Ok(())
    }

    async fn send(&self, messages: Vec<Incoming<DeliveryDue>>) -> anyhow::Result<()> {
        let requests: Vec<LeaseRequest> = messages
            .iter()
            .map(|incoming| LeaseRequest {
                delivery: incoming.message.delivery,
                attempt: incoming.message.attempt,
                lease_for: Duration::from_secs(45),
            })
            .collect();
        let leased = self.store.lease(&requests, Clock::system().now()).await?;
        let calls = leased.into_iter().flatten().map(|leased| self.call(leased));
        let done = try_join_all(calls).await?;
        self.store
            .finish_attempts(&done, Clock::system().now())
            .await?;
        join_all(messages.into_iter().map(Incoming::ack)).await;
        Ok(())
    }

    async fn call(&self, leased: Leased) -> anyhow::Result<MadeAttempt> {
        let outgoing = self.store.outgoing(leased.delivery).await?;
        let outgoing = outgoing.ok_or_else(|| anyhow::anyhow!("the row is there"))?;
        let job = self.store.job_by_id(outgoing.delivery.job).await?;
        let job = job.ok_or_else(|| anyhow::anyhow!("the row is there"))?;
        let body = serde_json::json!({ "jobId": job.id, "id": job.id, "status": "error",
            "error": job.error, "timestamp": job.created_at.to_iso8601() });
        let post = Post {
            url: outgoing.delivery.url.parse()?,
            headers: vec![("content-type", "application/json".to_owned())],
            body: Body::Whole(body.to_string().into()),
        };
        let fetched = self.client.post(post, Duration::from_secs(15)).await;
        anyhow::ensure!(matches!(fetched, Fetched::Answered(_)), "{fetched:?}");
        Ok(MadeAttempt {
            leased,
            record: AttemptRecord {
                outcome: AttemptOutcome::Delivered,
                status: Some(200),
                error: None,
                excerpt: None,
                duration: Duration::from_millis(1),
            },
            next: Next::Delivered,
            trace: None,
        })
    }
}
