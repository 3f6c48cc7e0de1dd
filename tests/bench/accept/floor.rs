//! The floor: what no gateway can do without. The same transaction, a confirmed publish, the mark.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use common::broker::{Broker, rabbit};
use common::clock::Clock;
use common::credits::Credits;
use common::id::{AccountId, JobId, KeyId};
use common::job::{Dialect, JobKind, Lane, Mode};
use common::message::JobMessage;
use common::seal::SealKey;
use common::store::{self, NewJob, Store};
use common::task::{Document, Margins, Output, PageOptions, Paper, PdfOptions, Source, Task, Work};
use platen_tests::process::cpu_time;
use platen_tests::services::{Ground, SEAL_KEY};
use serde_json::json;

use super::{HTML, Payer, Side};

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
        };
        let broker = rabbit::Config {
            amqp_url: ground.amqp().parse()?,
        };
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
        let message = JobMessage {
            job,
            account: row.account,
            lane: row.lane,
            mode: row.mode,
            task: row.task,
            expires_at: row.expires_at,
        };
        self.broker.publish_job(message).await?;
        self.store.mark_published(job).await?;
        Ok(())
    }

    fn row(&self, number: usize) -> anyhow::Result<NewJob> {
        let (account, key) = self.payers[number % self.payers.len()];
        let id = JobId::new();
        Ok(NewJob {
            id,
            account,
            key,
            dialect: Dialect::Cloudlayer,
            kind: JobKind::HtmlPdf,
            mode: Mode::Async,
            lane: Lane::Browser,
            task: self.seal.seal(id, &page())?,
            params: json!({ "html": HTML, "async": true }),
            name: None,
            project_id: None,
            file_name: format!("{id}.pdf"),
            inline: false,
            listed: true,
            inputs: Vec::new(),
            price: Credits::whole(1),
            route: None,
            webhook: None,
            expires_at: Clock::system().now() + Duration::from_hours(24),
        })
    }
}

fn page() -> Work {
    Work::Page(Box::new(Task {
        source: Source::Html(Document::Inline("<h1>Hello, paper</h1>".into())),
        page: PageOptions::default(),
        output: Output::Pdf(PdfOptions {
            paper: Paper::LETTER,
            landscape: false,
            prefer_css_page_size: false,
            margins: Margins::default(),
            scale: 1.0,
            print_background: false,
            page_ranges: String::new(),
            header: None,
            footer: None,
            tagged: false,
        }),
        preview: None,
        timeout: Duration::from_secs(30),
    }))
}
