//! An installation with one account, whose parts a test steps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use common::artifact::Artifact;
use common::broker::{Broker, Route};
use common::clock::{Clock, Timestamp};
use common::credits::Credits;
use common::egress::Policy;
use common::fetch::Client;
use common::id::{AccountId, JobId, KeyId, RunId};
use common::job::{Dialect, FailureKind, JobKind, Lane, Mode};
use common::key::ApiKey;
use common::link::{LinkKey, Links};
use common::message::{Completion, DeliveryDue, Outcome, SealedTask};
use common::objects::{ObjectKey, Objects};
use common::report::Report;
use common::seal::SealKey;
use common::store::{Attempt, Delivery, Job, NewJob, Store};
use futures::FutureExt as _;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::aftermath::Aftermath;
use crate::bury::Burier;
use crate::deliver::{Deliverer, Fate};
use crate::expire::Expirer;
use crate::hosts::Hosts;
use crate::ping::Pinger;
use crate::reconcile::Reconciler;
use crate::scheduler::Scheduler;
use crate::settle::Settler;
use crate::sweep::{IdempotencyKeys, OldJobs, Orphans, Parked, Sweeper};
use crate::{Config, Parts, USER_AGENT};

pub(super) const START: Timestamp = Timestamp::from_micros(1_705_314_600_000_000);
pub(super) const GRANT: Credits = Credits::whole(100);
pub(super) const DAY: Duration = Duration::from_hours(24);

#[derive(Debug)]
pub(super) struct World {
    pub(super) parts: Parts,
    pub(super) config: Config,
    pub(super) account: AccountId,
    key: KeyId,
    beside: TaskTracker,
    folder: TempDir,
}

impl World {
    /// An installation that calls loopback.
    pub(super) async fn new() -> Self {
        Self::with(Policy::new(vec!["127.0.0.0/8".parse().unwrap()])).await
    }

    pub(super) async fn with(egress: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::sqlite(&folder.path().join("test.db")).await.unwrap();
        store.migrate().await.unwrap();
        let account = store
            .create_account("test", None, GRANT, START)
            .await
            .unwrap();
        let key = ApiKey::generate();
        let key = store
            .create_key(account, "test", &key.hash(), key.last4(), START)
            .await
            .unwrap();
        let parts = Parts {
            store,
            broker: Broker::embedded(64),
            objects: Objects::local(&folder.path().join("objects")).unwrap(),
            clock: Clock::manual(START),
            links: Links {
                key: LinkKey::new(b"test"),
                public_url: "https://pdf.example.com".to_owned(),
            },
            secrets: SealKey::new(b"seal").webhooks(),
            egress,
        };
        Self {
            parts,
            config: Config::default(),
            account,
            key,
            beside: TaskTracker::new(),
            folder,
        }
    }

    pub(super) fn new_job(&self, mode: Mode, webhook: Option<String>) -> NewJob {
        NewJob {
            id: JobId::new(),
            account: self.account,
            key: self.key,
            budget: None,
            dialect: Dialect::Cloudlayer,
            kind: JobKind::HtmlPdf,
            mode,
            lane: Lane::Browser,
            task: SealedTask(vec![1, 2, 3]),
            params: serde_json::json!({}),
            name: Some("invoice".to_owned()),
            project_id: None,
            file_name: "invoice.pdf".to_owned(),
            inline: false,
            listed: false,
            inputs: Vec::new(),
            price: Credits::whole(1),
            route: (mode == Mode::Sync).then(|| Route("embedded".to_owned())),
            webhook,
            expires_at: self.now() + DAY,
            trace: None,
        }
    }

    pub(super) async fn accept(&self, job: &NewJob) -> JobId {
        self.parts.store.accept(job, self.now()).await.unwrap();
        job.id
    }

    /// An async job that tells `webhook` about its end, and has just ended well.
    pub(super) async fn succeeded(&self, webhook: String) -> JobId {
        let job = self.accept(&self.new_job(Mode::Async, Some(webhook))).await;
        self.settle(&self.success(job).await).await;
        job
    }

    pub(super) async fn success(&self, job: JobId) -> Completion {
        let run = RunId::new();
        let key = ObjectKey::artifact(job, run, "result.pdf");
        self.parts.objects.put(&key, "%PDF".into()).await.unwrap();
        let artifact = Artifact {
            key,
            content_type: "application/pdf".to_owned(),
            extension: "pdf".to_owned(),
            size: 4,
        };
        self.completion(
            job,
            run,
            Outcome::Success {
                artifact,
                preview: None,
            },
        )
    }

    pub(super) fn failure(&self, job: JobId) -> Completion {
        let outcome = Outcome::Failure {
            kind: FailureKind::Timeout,
            message: "Timeout: page took longer than 30000ms to load".to_owned(),
        };
        self.completion(job, RunId::new(), outcome)
    }

    /// The same, of a run that has stored what its page showed.
    pub(super) async fn failure_with_screenshot(&self, job: JobId) -> Completion {
        let mut failure = self.failure(job);
        let key = ObjectKey::artifact(job, failure.run, "failure.png");
        self.parts.objects.put(&key, "PNG".into()).await.unwrap();
        failure.report.screenshot = Some(Artifact {
            key,
            content_type: "image/png".to_owned(),
            extension: "png".to_owned(),
            size: 3,
        });
        failure
    }

    fn completion(&self, job: JobId, run: RunId, outcome: Outcome) -> Completion {
        Completion {
            job,
            run,
            outcome,
            started_at: self.now(),
            finished_at: self.now() + Duration::from_millis(1500),
            worker: "test".to_owned(),
            report: Report::default(),
            trace: None,
        }
    }

    /// The file that an object is kept in.
    pub(super) fn file(&self, key: &ObjectKey) -> PathBuf {
        self.folder.path().join("objects").join(key.as_str())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(super) fn aftermath(&self) -> Aftermath {
        let relay = crate::relay(&self.parts);
        Aftermath::new(
            &self.parts,
            relay,
            Arc::new(Notify::new()),
            (CancellationToken::new(), self.beside.clone()),
        )
    }

    /// Waits for what goes on beside the work.
    async fn is_quiet(&self) {
        self.beside.close();
        self.beside.wait().await;
    }

    pub(super) async fn settle(&self, completion: &Completion) {
        let settler = Settler::new(&self.parts, &self.config, self.aftermath());
        assert!(settler.settle(completion, &CancellationToken::new()).await);
        self.is_quiet().await;
    }

    pub(super) async fn expire(&self) {
        Expirer::new(&self.parts, self.aftermath())
            .step()
            .await
            .unwrap();
        self.is_quiet().await;
    }

    /// Tells what the broker does of a job that crashes its workers.
    pub(super) async fn bury(&self, job: JobId) {
        let burier = Burier::new(&self.parts, self.aftermath());
        assert!(burier.bury(job, &CancellationToken::new()).await);
        self.is_quiet().await;
    }

    pub(super) async fn sweep(&self) {
        Sweeper::new(&self.parts).step().await.unwrap();
    }

    pub(super) async fn sweep_idempotency_keys(&self) {
        let keys = IdempotencyKeys::new(&self.parts, &self.config);
        keys.step().await.unwrap();
    }

    /// Forgets one batch of old jobs, and says how many.
    pub(super) async fn sweep_jobs(&self) -> usize {
        OldJobs::new(&self.parts, &self.config)
            .step()
            .await
            .unwrap()
    }

    /// Deletes what no job owns, and says how many objects that were.
    pub(super) async fn sweep_orphans(&self) -> u64 {
        Orphans::new(&self.parts, &self.config)
            .step()
            .await
            .unwrap()
    }

    /// The deliveries that the scheduler publishes now.
    pub(super) async fn due(&self) -> Vec<DeliveryDue> {
        let scheduler = Scheduler::new(&self.parts, Arc::new(Notify::new()));
        scheduler.step().await.unwrap();
        let mut source = self.parts.broker.deliveries(16);
        let mut due = Vec::new();
        while let Some(Some(incoming)) = source.next().now_or_never() {
            due.push(incoming.message);
        }
        due
    }

    pub(super) fn deliverer(&self) -> Deliverer {
        let client = Client::new(&self.parts.egress, USER_AGENT).unwrap();
        let places = self.config.webhook_concurrency;
        let hosts = Hosts::new(places, self.parts.clock.clone());
        Deliverer::new(&self.parts, &self.config, client, Arc::new(hosts))
    }

    /// Sends every ping that is asked for.
    pub(super) async fn send_pings(&self) {
        let client = Client::new(&self.parts.egress, USER_AGENT).unwrap();
        let hosts = Hosts::new(self.config.webhook_concurrency, self.parts.clock.clone());
        let pinger = Pinger::new(&self.parts, &self.config, client, Arc::new(hosts));
        while let Some(ping) = self.parts.store.claim_ping(self.now()).await.unwrap() {
            pinger.send(ping).await;
        }
    }

    /// Who looks for jobs that the broker has lost.
    pub(super) fn reconciler(&self) -> Reconciler {
        let relay = crate::relay(&self.parts);
        Reconciler::new(&self.parts, relay, self.aftermath())
    }

    /// Gives up what was parked for too long.
    pub(super) async fn sweep_parked(&self) {
        Parked::new(&self.parts).step().await.unwrap();
    }

    /// Makes every attempt that is due now, and says how many.
    pub(super) async fn deliver(&self) -> usize {
        let due = self.due().await;
        for due in &due {
            self.deliver_one(due).await;
        }
        due.len()
    }

    /// Makes one attempt.
    pub(super) async fn deliver_one(&self, due: &DeliveryDue) -> Fate {
        self.deliver_by(&self.deliverer(), due).await
    }

    pub(super) async fn deliver_by(&self, deliverer: &Deliverer, due: &DeliveryDue) -> Fate {
        deliverer.deliver(due, &CancellationToken::new()).await
    }

    pub(super) async fn job(&self, job: JobId) -> Job {
        self.parts.store.job_by_id(job).await.unwrap().unwrap()
    }

    /// A job's only delivery, and its attempts, oldest first.
    pub(super) async fn delivery(&self, job: JobId) -> (Delivery, Vec<Attempt>) {
        let deliveries = self.parts.store.deliveries(job).await.unwrap();
        let [delivery]: [Delivery; 1] = deliveries.try_into().unwrap();
        let attempts = self.parts.store.attempts(delivery.id).await.unwrap();
        (delivery, attempts)
    }

    pub(super) async fn balance(&self) -> Credits {
        self.parts
            .store
            .account(self.account)
            .await
            .unwrap()
            .unwrap()
            .balance
    }
}
