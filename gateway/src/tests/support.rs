//! What the tests share: a gateway with one account, and a stand-in for renderer and dispatcher.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use common::artifact::Artifact;
use common::broker::Broker;
use common::clock::{Clock, Timestamp};
use common::credits::Credits;
use common::egress::Policy;
use common::id::{AccountId, JobId, RunId};
use common::job::{FailureKind, Lane, Mode};
use common::key::ApiKey;
use common::lifecycle::Lifecycle;
use common::link::{LinkKey, Links};
use common::message::{Completion, JobMessage, Outcome, Settled};
use common::objects::{ObjectKey, Objects};
use common::report::Report;
use common::seal::SealKey;
use common::store::{Final, Retention, Settlement, Store};
use common::task::{Task, Work};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::Parts;
use crate::app::App;
use crate::config::Config;
use crate::routes;

/// What the stand-in renderer makes of everything.
pub(super) const RESULT: &str = "%PDF-1.7 a result of 30 bytes.";

/// A gateway, all that it stands on, and an account with credit.
pub(super) struct Harness {
    pub(super) parts: Parts,
    pub(super) app: App,
    pub(super) lifecycle: Lifecycle,
    pub(super) account: AccountId,
    pub(super) key: String,
    router: Router,
    folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl Harness {
    pub(super) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(super) async fn with(config: Config) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::sqlite(&folder.path().join("platen.db"))
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let parts = Parts {
            store,
            broker: Broker::embedded(64),
            objects: Objects::local(&folder.path().join("objects")).unwrap(),
            clock: Clock::manual(Timestamp::from_micros(1_700_000_000_000_000)),
            seal: SealKey::new(b"seal"),
            links: Links {
                key: LinkKey::new(b"link"),
                public_url: "http://platen.test".to_owned(),
            },
            egress: Policy::default(),
        };
        let lifecycle = Lifecycle::default();
        let (app, answers) = App::new(&config, parts.clone(), &lifecycle);
        let listening = app.clone();
        tokio::spawn(async move { listening.waiters.listen(answers).await });
        let (account, key) = account(&parts, Credits::whole(100)).await;
        Self {
            router: routes::router(app.clone()),
            parts,
            app,
            lifecycle,
            account,
            key,
            folder,
        }
    }

    /// Another account with `credit`: its id and its key.
    pub(super) async fn other(&self, credit: Credits) -> (AccountId, String) {
        account(&self.parts, credit).await
    }

    /// Sends a request as it is.
    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Posts JSON with the account's key.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_as(&self.key, path, body).await
    }

    /// Posts JSON with any key.
    pub(super) async fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send(request(
            Method::POST,
            path,
            key,
            Body::from(body.to_string()),
        ))
        .await
    }

    /// Reads with the account's key.
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.get_as(&self.key, path).await
    }

    /// Reads with any key.
    pub(super) async fn get_as(&self, key: &str, path: &str) -> Answer {
        self.send(request(Method::GET, path, key, Body::empty()))
            .await
    }

    /// Takes the next job out of the broker and opens its task.
    pub(super) async fn take(&self, mode: Mode) -> (JobMessage, Task) {
        let mut jobs = self.parts.broker.jobs(Lane::Browser, mode, 16);
        let message = jobs.next().await.unwrap().message;
        let work = self.parts.seal.open(message.job, &message.task).unwrap();
        let Work::Page(task) = work else {
            panic!("a page was expected: {work:?}");
        };
        (message, *task)
    }

    /// Ends a job well: a result of [`RESULT`] and a thumbnail.
    pub(super) async fn succeed(&self, job: JobId) {
        let run = RunId::new();
        let result = ObjectKey::artifact(job, run, "result.pdf");
        let preview = ObjectKey::artifact(job, run, "preview.webp");
        let objects = &self.parts.objects;
        objects.put(&result, Bytes::from(RESULT)).await.unwrap();
        objects.put(&preview, Bytes::from("webp")).await.unwrap();
        let outcome = Outcome::Success {
            artifact: Artifact {
                key: result,
                content_type: "application/pdf".to_owned(),
                extension: "pdf".to_owned(),
                size: RESULT.len() as u64,
            },
            preview: Some(Artifact {
                key: preview,
                content_type: "image/webp".to_owned(),
                extension: "webp".to_owned(),
                size: 4,
            }),
        };
        self.settle(job, run, outcome).await;
    }

    /// Ends a job badly.
    pub(super) async fn fail(&self, job: JobId, message: &str) {
        let outcome = Outcome::Failure {
            kind: FailureKind::Timeout,
            message: message.to_owned(),
        };
        self.settle(job, RunId::new(), outcome).await;
    }

    /// Ends a job as a run has ended.
    pub(super) async fn settle(&self, job: JobId, run: RunId, outcome: Outcome) {
        let started_at = self.parts.clock.now();
        self.parts.clock.advance(Duration::from_millis(250));
        let completion = Completion {
            job,
            run,
            outcome,
            started_at,
            finished_at: self.parts.clock.now(),
            worker: "worker-1".to_owned(),
            report: Report::default(),
            trace: None,
        };
        let retention = Retention {
            listed: Duration::from_hours(24),
            unlisted: Duration::from_hours(1),
        };
        let now = self.parts.clock.now();
        let settlement = self.parts.store.settle(&completion, retention, now).await;
        let Settlement::Settled(Final { state, route, .. }) = settlement.unwrap() else {
            panic!("the job was not open");
        };
        if let Some(route) = route {
            let settled = Settled { job, state };
            self.parts
                .broker
                .publish_settled(&route, settled)
                .await
                .unwrap();
        }
    }

    /// A stored job that ended well, and its id.
    pub(super) async fn done(&self, key: &str) -> JobId {
        let answer = self.post_as(key, "/v2/html/pdf", &html("<p>x")).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let (message, _) = self.take(Mode::Async).await;
        self.succeed(message.job).await;
        message.job
    }

    pub(super) async fn balance(&self) -> Credits {
        let account = self.parts.store.account(self.account).await.unwrap();
        account.unwrap().balance
    }

    /// How many objects are stored.
    pub(super) fn object_count(&self) -> usize {
        count_files(&self.folder.path().join("objects"))
    }

    /// Lets nobody read what is stored, until [`Self::show_objects`].
    pub(super) fn hide_objects(&self) {
        let folder = self.folder.path();
        std::fs::rename(folder.join("objects"), folder.join("hidden")).unwrap();
        // In a folder that is missing, an object would be missing too.
        std::fs::write(folder.join("objects"), "").unwrap();
    }

    /// Ends what [`Self::hide_objects`] began.
    pub(super) fn show_objects(&self) {
        let folder = self.folder.path();
        std::fs::remove_file(folder.join("objects")).unwrap();
        std::fs::rename(folder.join("hidden"), folder.join("objects")).unwrap();
    }

    /// Asserts that a refused request left nothing behind.
    pub(super) async fn assert_untouched(&self) {
        assert_eq!(self.balance().await, Credits::whole(100));
        assert_eq!(self.get("/v2/jobs").await.json(), json!([]));
        assert_eq!(self.object_count(), 0);
        assert_eq!(self.app.waiters.count(), 0);
    }
}

async fn account(parts: &Parts, credit: Credits) -> (AccountId, String) {
    let (now, key) = (parts.clock.now(), ApiKey::generate());
    let account = parts
        .store
        .create_account("tester", Some("t@example.com"), credit, now)
        .await
        .unwrap();
    parts
        .store
        .create_key(account, "first", &key.hash(), key.last4(), now)
        .await
        .unwrap();
    (account, key.expose().to_owned())
}

/// A request with a key.
pub(super) fn request(method: Method, path: &str, key: &str, body: Body) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("x-api-key", key)
        .body(body)
        .unwrap()
}

/// The body that converts a document.
pub(super) fn html(document: &str) -> Value {
    json!({ "html": STANDARD.encode(document) })
}

/// The same with further fields.
pub(super) fn html_with(document: &str, more: &Value) -> Value {
    let mut body = html(document);
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The path of one of our links.
pub(super) fn path_of(url: &Value) -> String {
    let path = url.as_str().unwrap().strip_prefix("http://platen.test");
    path.unwrap().to_owned()
}

fn count_files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { count_files(&path) } else { 1 })
        .sum()
}
