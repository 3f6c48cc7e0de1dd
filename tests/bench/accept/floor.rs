//! The floor: what no gateway can do without. The same transaction, a confirmed publish, the mark.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use common::broker::{Broker, rabbit};
use common::clock::Clock;
use common::id::{AccountId, KeyId};
use common::seal::SealKey;
use common::store::{self, NewJob, Store};
use common::task::{Document, Output, PageOptions, PdfOptions, Source, Task, Work};
use platen_tests::process::cpu_time;
use platen_tests::runs;
use platen_tests::services::{Ground, SEAL_KEY};

use super::{Payer, Side};

/// Connections of its own to both servers.
pub struct Floor {
    store: Store,
    broker: Broker,
    seal: SealKey,
    payers: Vec<(AccountId, KeyId)>,
}

impl Floor {
    /// Connects as a gateway does.
    pub async fn connect(ground: &Ground, payers: &[Payer]) -> anyhow::Result<Self> {
        let database = store::Config {
            database_url: ground.database().parse()?,
            database_connections: std::num::NonZeroU32::MIN.saturating_add(15),
            database_timeout: Duration::from_secs(30),
        };
        let broker = rabbit::Config::new(ground.amqp().parse()?);
        let ids = payers
            .iter()
            .map(|payer| Ok((payer.account.parse()?, payer.key_id.parse()?)))
            .collect::<anyhow::Result<_>>();
        Ok(Self {
            store: Store::connect(&database).await?,
            broker: Broker::rabbit(&broker).await?,
            seal: SealKey::new(SEAL_KEY.as_bytes()),
            payers: ids.context("the command line prints ids")?,
        })
    }

    /// One turn.
    pub async fn turn(&self, side: &mut Side) -> anyhow::Result<()> {
        let sent = AtomicUsize::new(0);
        let one = || self.one(sent.fetch_add(1, Ordering::Relaxed));
        let own = || Ok(cpu_time(std::process::id()).as_secs_f64() * 1000.0);
        side.measure(own, one).await
    }

    async fn one(&self, number: usize) -> anyhow::Result<()> {
        let row = self.row(number)?;
        self.store.accept(&row, Clock::system().now()).await?;
        let job = row.id;
        self.broker.publish_job(row.into()).await?;
        self.store
            .mark_published(job, Clock::system().now())
            .await?;
        Ok(())
    }

    fn row(&self, number: usize) -> anyhow::Result<NewJob> {
        let (account, key) = self.payers[number % self.payers.len()];
        let row = runs::row(account, key, None);
        Ok(NewJob {
            task: self.seal.seal(row.id, &page())?,
            ..row
        })
    }
}

fn page() -> Work {
    Work::Page(Box::new(Task {
        source: Source::Html(Document::Inline("<h1>Hello, paper</h1>".into())),
        page: PageOptions::default(),
        output: Output::Pdf(PdfOptions::default()),
        preview: None,
        timeout: Duration::from_secs(30),
    }))
}
