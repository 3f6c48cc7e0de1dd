//! Jobs that end without being rendered: rows as a gateway writes them, and the message of their end as
//! a renderer sends it. For tests and measurements of what comes after.

use std::num::NonZeroU32;
use std::time::Duration;

use common::artifact::Artifact;
use common::broker::{Broker, rabbit};
use common::clock::Clock;
use common::credits::Credits;
use common::id::{AccountId, JobId, KeyId, RunId};
use common::job::{Dialect, FailureKind, JobKind, Lane, Mode};
use common::message::{Completion, Outcome, SealedTask};
use common::report::Report;
use common::store::{self, Limits, NewJob, Retention, Store};
use futures::StreamExt as _;

use crate::services::Services;

/// How long results would be kept.
pub const RETENTION: Retention = Retention {
    listed: Duration::from_hours(24),
    unlisted: Duration::from_hours(1),
};

/// Makes jobs end.
#[derive(Debug)]
pub struct Runs {
    /// The rows.
    pub store: Store,
    /// Connections of its own.
    pub broker: Broker,
    account: AccountId,
    key: KeyId,
}

/// An asynchronous job of an account, with the least that a row needs.
pub fn row(account: AccountId, key: KeyId, webhook: Option<String>) -> NewJob {
    let id = JobId::new();
    NewJob {
        id,
        account,
        key,
        budget: None,
        dialect: Dialect::Cloudlayer,
        kind: JobKind::HtmlPdf,
        mode: Mode::Async,
        lane: Lane::Browser,
        task: SealedTask(vec![0; 400]),
        params: serde_json::json!({ "html": "PGgxPkhlbGxvLCBwYXBlcjwvaDE+", "async": true }),
        name: None,
        project_id: None,
        file_name: format!("{id}.pdf"),
        inline: false,
        listed: true,
        inputs: Vec::new(),
        price: Credits::whole(1),
        route: None,
        webhook,
        expires_at: Clock::system().now() + Duration::from_hours(24),
        trace: None,
    }
}

/// The end of a job that could not be rendered.
pub fn failure(job: JobId) -> Completion {
    let now = Clock::system().now();
    Completion {
        job,
        run: RunId::new(),
        outcome: Outcome::Failure {
            kind: FailureKind::Rendering,
            message: "Rendering: the page is broken".to_owned(),
        },
        started_at: now,
        finished_at: now,
        worker: "nobody".to_owned(),
        report: Report::default(),
        trace: None,
    }
}

impl Runs {
    /// For the first account of an installation, which from now on has no limits.
    pub async fn of(services: &Services) -> Self {
        Self::of_account(services, services.account()).await
    }

    /// For another account, which is made.
    pub async fn of_another(services: &Services) -> Self {
        let cli = services.cli();
        let account = cli.account("another", "1").await;
        cli.key(&account).await;
        Self::of_account(services, &account).await
    }

    async fn of_account(services: &Services, account: &str) -> Self {
        let ground = services.ground();
        let database = store::Config {
            database_url: ground.database().parse().expect("any text"),
            database_connections: NonZeroU32::MIN.saturating_add(7),
            database_timeout: Duration::from_secs(30),
        };
        let amqp_url = ground.amqp().parse().expect("any text");
        let store = Store::connect(&database).await.expect("a database");
        let broker = Broker::rabbit(&rabbit::Config::new(amqp_url)).await;
        let account = account.parse().expect("an account id");
        let keys = store.keys(account).await.expect("the keys are readable");
        let limits = Limits {
            rate: None,
            in_flight: 1_000_000,
            backlog: 1_000_000,
        };
        assert!(store.set_limits(account, limits).await.expect("rows"));
        let credit = Credits::whole(1_000_000);
        let granted = store.grant(account, credit, Clock::system().now()).await;
        granted.expect("the balance moves");
        Self {
            store,
            broker: broker.expect("a broker"),
            account,
            key: keys[0].id,
        }
    }

    /// Accepts a job and has a dispatcher hear that it could not be rendered.
    pub async fn end(&self, webhook: String) -> JobId {
        let job = self.accept(webhook).await;
        let told = self.broker.publish_completion(failure(job)).await;
        told.expect("the broker takes it");
        job
    }

    /// A job of the account, which has not been accepted yet.
    pub fn row(&self, webhook: String) -> NewJob {
        row(self.account, self.key, Some(webhook))
    }

    /// Accepts a job that is in a renderer's hands.
    pub async fn accept(&self, webhook: String) -> JobId {
        let row = self.row(webhook);
        self.hand_over(&row).await;
        row.id
    }

    async fn hand_over(&self, row: &NewJob) {
        let now = Clock::system().now();
        self.store.accept(row, now).await.expect("it is accepted");
        let marked = self.store.mark_published(row.id, now).await;
        assert!(marked.expect("a row"), "it was queued");
    }

    /// Has a dispatcher hear of a picture, asked for in the dialect whose webhooks carry it, whose
    /// object is there. Without a webhook of its own the account's endpoint is told.
    pub async fn succeed(&self, webhook: Option<String>, artifact: Artifact, run: RunId) -> JobId {
        let job = NewJob {
            dialect: Dialect::IterationLayer,
            kind: JobKind::ImageGeneration,
            ..row(self.account, self.key, webhook)
        };
        self.hand_over(&job).await;
        let outcome = Outcome::Success {
            artifact,
            preview: None,
        };
        let completion = Completion {
            run,
            outcome,
            ..failure(job.id)
        };
        let told = self.broker.publish_completion(completion).await;
        told.expect("the broker takes it");
        job.id
    }

    /// Ends many, a few at a time.
    pub async fn end_all(&self, webhooks: Vec<String>) -> Vec<JobId> {
        let ending = webhooks.into_iter().map(|webhook| self.end(webhook));
        futures::stream::iter(ending)
            .buffer_unordered(16)
            .collect()
            .await
    }
}
