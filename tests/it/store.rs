//! The contract of the database, claim by claim, on SQLite and on PostgreSQL.

mod accept;
mod account;
mod asset;
mod audit;
mod census;
mod cut;
mod delivery;
mod endpoint;
mod file;
mod idempotency;
mod job;
mod key;
mod labels;
mod lease;
mod ledger;
mod listing;
mod outage;
mod ping;
mod project;
mod recover;
mod relay;
mod replay;
mod retention;
mod settle;
mod storage;
mod stuck;
mod template;
mod timeline;
mod vanished;

use std::time::Duration;

use common::artifact::Artifact;
use common::broker::Route;
use common::clock::Timestamp;
use common::credits::Credits;
use common::id::{AccountId, DeliveryId, JobId, KeyId, RunId};
use common::job::{Dialect, FailureKind, JobKind, JobState, Lane, Mode};
use common::key::ApiKey;
use common::message::{Completion, JobMessage, Outcome, SealedTask};
use common::objects::ObjectKey;
use common::report::Report;
use common::store::{
    AttemptRecord, Final, LeaseRequest, Leased, Limits, MadeAttempt, NewJob, Next, Page, Retention,
    Settlement, Store, StoreError,
};
use platen_tests::postgres::{self, Postgres};

/// Where every job is accepted.
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Runs every named claim on both engines.
macro_rules! on_both {
    ($($claim:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                super::$claim(crate::store::Bench::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                super::$claim(crate::store::Bench::postgres().await).await;
            })+
        }
    };
}

use on_both;

/// When every test begins.
const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

const RETENTION: Retention = Retention {
    listed: Duration::from_hours(24),
    unlisted: Duration::from_hours(1),
};

/// So long after the beginning.
fn after(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

fn credits(whole: i64) -> Credits {
    Credits::whole(whole)
}

fn page(limit: u32) -> Page {
    Page {
        limit,
        offset: 0,
        start_after: None,
    }
}

/// An empty database.
struct Bench {
    store: Store,
    _folder: Option<tempfile::TempDir>,
}

impl std::ops::Deref for Bench {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Bench {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::sqlite(&folder.path().join("platen.db"))
            .await
            .unwrap();
        store.migrate().await.unwrap();
        Self {
            store,
            _folder: Some(folder),
        }
    }

    async fn postgres() -> Self {
        let store = postgres::store(&Postgres::shared().database());
        store.migrate().await.unwrap();
        Self {
            store,
            _folder: None,
        }
    }

    /// An account with so many credits, and a key.
    async fn owner(&self, grant: i64) -> Owner {
        let account = self
            .create_account("owner", None, credits(grant), START)
            .await
            .unwrap();
        let secret = ApiKey::generate();
        let key = self
            .create_key(account, "key", &secret.hash(), secret.last4(), START)
            .await
            .unwrap();
        Owner { account, key }
    }

    /// An owner with a cap on jobs in flight.
    async fn capped(&self, in_flight: u32) -> Owner {
        let owner = self.owner(100).await;
        let limits = Limits {
            in_flight,
            ..Limits::default()
        };
        assert!(self.set_limits(owner.account, limits).await.unwrap());
        owner
    }

    /// Accepts an asynchronous job that costs one credit.
    async fn accepted(&self, owner: Owner) -> JobId {
        self.accept_as(&owner.job(Mode::Async)).await
    }

    async fn accept_as(&self, job: &NewJob) -> JobId {
        self.accept(job, START).await.unwrap();
        job.id
    }

    async fn balance(&self, owner: Owner) -> Credits {
        self.account(owner.account).await.unwrap().unwrap().balance
    }

    async fn state(&self, job: JobId) -> JobState {
        self.job_by_id(job).await.unwrap().unwrap().state
    }

    async fn settle_now(&self, completion: &Completion) -> Settlement {
        self.settle(completion, RETENTION, after(5)).await.unwrap()
    }

    /// Ends a job well and gives what follows.
    async fn succeeded(&self, job: JobId) -> Final {
        settled(self.settle_now(&success(job)).await)
    }

    async fn lease_one(
        &self,
        delivery: DeliveryId,
        attempt: u32,
        lease_for: Duration,
        now: Timestamp,
    ) -> Result<Option<Leased>, StoreError> {
        let request = LeaseRequest {
            delivery,
            attempt,
            lease_for,
        };
        let mut leased = self.lease(&[request], now).await?;
        Ok(leased.pop().unwrap())
    }

    async fn finish(
        &self,
        leased: &Leased,
        record: &AttemptRecord,
        next: Next,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = MadeAttempt {
            leased: leased.clone(),
            record: record.clone(),
            next,
            trace: None,
        };
        let mut kept = self.finish_attempts(&[done], now).await?;
        Ok(kept.pop().unwrap())
    }

    async fn relay_all(&self, now: Timestamp) -> Vec<JobMessage> {
        self.claim_queued(100, now).await.unwrap()
    }
}

/// Who pays in a test.
#[derive(Debug, Clone, Copy)]
struct Owner {
    account: AccountId,
    key: KeyId,
}

impl Owner {
    /// A job that costs one credit and has every optional field.
    fn job(self, mode: Mode) -> NewJob {
        let id = JobId::new();
        NewJob {
            id,
            account: self.account,
            key: self.key,
            budget: None,
            dialect: Dialect::Cloudlayer,
            kind: JobKind::HtmlPdf,
            mode,
            lane: Lane::Browser,
            task: SealedTask(vec![0, 1, 255]),
            params: serde_json::json!({"html": "…", "pageRanges": ["1-2"]}),
            name: Some("Invoice “7”".into()),
            project_id: Some("project".into()),
            file_name: "invoice.pdf".into(),
            inline: true,
            listed: true,
            inputs: vec![ObjectKey::input(id, "html")],
            price: credits(1),
            route: (mode == Mode::Sync).then(|| Route("settled.one.1".into())),
            webhook: None,
            expires_at: after(86_400),
            trace: TRACE.parse().ok(),
        }
    }

    /// The same with a webhook of its own.
    fn job_with_webhook(self, mode: Mode) -> NewJob {
        NewJob {
            webhook: Some("https://hooks.example/own".into()),
            ..self.job(mode)
        }
    }
}

fn artifact(job: JobId, run: RunId, name: &str, size: u64) -> Artifact {
    Artifact {
        key: ObjectKey::artifact(job, run, name),
        content_type: "application/pdf".into(),
        extension: "pdf".into(),
        size,
    }
}

/// A run that has taken two seconds and stored 1,234 bytes.
fn success(job: JobId) -> Completion {
    let run = RunId::new();
    let outcome = Outcome::Success {
        artifact: artifact(job, run, "result.pdf", 1234),
        preview: Some(artifact(job, run, "preview.webp", 56)),
    };
    completion(job, run, outcome)
}

/// A run that has taken two seconds for nothing.
fn failure(job: JobId) -> Completion {
    let outcome = Outcome::Failure {
        kind: FailureKind::Timeout,
        message: "Timeout: too slow".into(),
    };
    completion(job, RunId::new(), outcome)
}

fn completion(job: JobId, run: RunId, outcome: Outcome) -> Completion {
    let worker = "worker-1".into();
    Completion {
        job,
        run,
        outcome,
        started_at: after(1),
        finished_at: after(3),
        worker,
        report: Report::default(),
        trace: None,
    }
}

#[track_caller]
fn settled(settlement: Settlement) -> Final {
    match settlement {
        Settlement::Settled(end) => end,
        Settlement::NoSuchJob | Settlement::Repeated { .. } => panic!("{settlement:?}"),
    }
}

/// The ids of messages, in their order.
fn jobs_of(messages: &[JobMessage]) -> Vec<JobId> {
    messages.iter().map(|message| message.job).collect()
}
