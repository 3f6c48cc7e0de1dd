//! The worker between a broker and an object store of its own, with real browsers.

use std::num::NonZeroUsize;
use std::time::Duration;

use common::broker::{Broker, Source as Queue};
use common::clock::{Clock, Timestamp};
use common::egress::Policy;
use common::id::{AccountId, JobId};
use common::job::{FailureKind, Lane, Mode};
use common::lifecycle::Lifecycle;
use common::message::{Completion, JobMessage, Outcome, SealedTask};
use common::objects::{ObjectKey, Objects};
use common::seal::SealKey;
use common::task::{Document, Preview, Source, Task, Work};
use tempfile::TempDir;

use crate::testing::{INVOICE, html, pdf, pdf_of, run, serve, text};
use crate::{Config, Parts};

fn page(task: &Task) -> Work {
    Work::Page(Box::new(task.clone()))
}

/// What a renderer can stand on.
fn parts(folder: &TempDir) -> Parts {
    Parts {
        broker: Broker::embedded(64),
        objects: Objects::local(folder.path()).unwrap(),
        clock: Clock::system(),
        seal: SealKey::new(b"key"),
        egress: Policy::new(vec!["127.0.0.0/8".parse().unwrap()]),
    }
}

struct World {
    parts: Parts,
    lifecycle: Lifecycle,
    completions: Queue<Completion>,
    _folder: TempDir,
}

impl World {
    async fn new(slots: usize) -> Self {
        Self::with(Config {
            slots: NonZeroUsize::new(slots),
            ..Config::default()
        })
        .await
    }

    async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let parts = parts(&folder);
        let lifecycle = Lifecycle::default();
        crate::start(config, parts.clone(), &lifecycle)
            .await
            .unwrap();
        Self {
            completions: parts.broker.completions(64),
            parts,
            lifecycle,
            _folder: folder,
        }
    }

    async fn publish(&self, task: &Task, mode: Mode) -> JobId {
        let job = JobId::new();
        let task = self.parts.seal.seal(job, &page(task)).unwrap();
        let expires_at = self.parts.clock.now() + Duration::from_mins(1);
        self.send(job, mode, task, expires_at).await;
        job
    }

    async fn send(&self, job: JobId, mode: Mode, task: SealedTask, expires_at: Timestamp) {
        let message = JobMessage {
            job,
            account: AccountId::new(),
            lane: Lane::Browser,
            mode,
            task,
            expires_at,
            trace: None,
            published_at: None,
        };
        self.parts.broker.publish_job(message).await.unwrap();
    }

    async fn completion(&mut self) -> Completion {
        self.completions.next().await.unwrap().message
    }

    async fn failure(&mut self) -> (FailureKind, String) {
        match self.completion().await.outcome {
            Outcome::Failure { kind, message } => (kind, message),
            Outcome::Success { .. } => panic!("it succeeded"),
        }
    }
}

#[test]
fn a_job_is_stored_under_its_run_with_its_preview() {
    run(async {
        let mut world = World::new(1).await;
        let mut task = pdf(INVOICE);
        task.preview = Some(Preview::default());
        let job = world.publish(&task, Mode::Async).await;
        let completion = world.completion().await;
        assert_eq!(completion.job, job);
        assert!(completion.finished_at > completion.started_at && !completion.worker.is_empty());
        let laps = completion.report.phases;
        let phases: Vec<&str> = laps.iter().map(|lap| lap.phase.as_str()).collect();
        let passed = "start navigate wait print store post_process store";
        assert_eq!(phases.join(" "), passed);
        assert!(laps[0].at >= completion.started_at);
        assert!(laps[6].end() <= completion.finished_at + Duration::from_millis(1));
        let Outcome::Success {
            artifact,
            preview: Some(preview),
        } = completion.outcome
        else {
            panic!("{:?}", completion.outcome);
        };
        assert_eq!(
            artifact.key,
            ObjectKey::artifact(job, completion.run, "result.pdf")
        );
        assert_eq!(
            (artifact.content_type.as_str(), artifact.extension.as_str()),
            ("application/pdf", "pdf")
        );
        let bytes = world
            .parts
            .objects
            .read(&artifact.key, 1 << 20)
            .await
            .unwrap();
        assert_eq!(bytes.len() as u64, artifact.size);
        assert!(text(&bytes).await.contains("Invoice 42"));
        assert_eq!(preview.content_type, "image/webp");
        let bytes = world
            .parts
            .objects
            .read(&preview.key, 1 << 20)
            .await
            .unwrap();
        assert!(bytes.starts_with(b"RIFF") && bytes.len() as u64 == preview.size);
    });
}

#[test]
fn a_long_document_is_read_from_the_store() {
    run(async {
        let mut world = World::new(1).await;
        let job = JobId::new();
        let key = ObjectKey::input(job, "document.html");
        let long = format!("<p>the long document</p>{}", "<!-- -->".repeat(20_000));
        world.parts.objects.put(&key, long.into()).await.unwrap();
        let mut task = pdf("");
        task.source = Source::Html(Document::Stored(key));
        world.publish(&task, Mode::Sync).await;
        let Outcome::Success {
            artifact,
            preview: None,
        } = world.completion().await.outcome
        else {
            panic!("no success");
        };
        let bytes = world
            .parts
            .objects
            .read(&artifact.key, 1 << 20)
            .await
            .unwrap();
        assert!(text(&bytes).await.contains("the long document"));
        task.source = Source::Html(Document::Stored(ObjectKey::input(job, "gone.html")));
        world.publish(&task, Mode::Sync).await;
        assert_eq!(world.failure().await.0, FailureKind::Internal);
    });
}

#[test]
fn failures_are_completions_too() {
    run(async {
        let mut world = World::new(1).await;
        world.publish(&pdf_of("http://10.0.0.1/"), Mode::Sync).await;
        let (kind, message) = world.failure().await;
        assert_eq!(kind, FailureKind::Navigation);
        assert!(message.starts_with("Navigation: "), "{message}");
        let job = JobId::new();
        let sealed = world.parts.seal.seal(job, &page(&pdf("x"))).unwrap();
        let past = world.parts.clock.now() - Duration::from_secs(1);
        world.send(job, Mode::Sync, sealed.clone(), past).await;
        assert_eq!(world.failure().await.0, FailureKind::Expired);
        let ahead = world.parts.clock.now() + Duration::from_mins(1);
        world.send(JobId::new(), Mode::Sync, sealed, ahead).await;
        assert_eq!(world.failure().await.0, FailureKind::Internal);
    });
}

#[test]
fn what_the_page_of_a_failed_job_showed_is_stored_under_its_run() {
    run(async {
        let mut world = World::with(Config {
            slots: NonZeroUsize::new(1),
            failure_screenshot: true,
            ..Config::default()
        })
        .await;
        let mut task = pdf(INVOICE);
        task.page.delay = Duration::from_mins(1);
        task.timeout = Duration::from_secs(1);
        let job = world.publish(&task, Mode::Async).await;
        let completion = world.completion().await;
        assert!(matches!(completion.outcome, Outcome::Failure { .. }));
        let screenshot = completion.report.screenshot.unwrap();
        let key = ObjectKey::artifact(job, completion.run, "failure.png");
        assert_eq!(
            (&screenshot.key, screenshot.content_type.as_str()),
            (&key, "image/png")
        );
        let bytes = world.parts.objects.read(&key, 1 << 20).await.unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() as u64 == screenshot.size);
    });
}

#[test]
fn a_callers_job_does_not_sit_behind_a_bulk_import() {
    run(async {
        let mut world = World::new(2).await;
        // Each of the bulk's jobs is held open until the caller's own is done.
        let (open, opened) = tokio::sync::watch::channel(false);
        let (asked, mut asking) = tokio::sync::mpsc::unbounded_channel();
        let server = serve(move |_| {
            asked.send(()).unwrap();
            let is_open = *opened.borrow();
            is_open.then(|| html("late"))
        })
        .await;
        let mut slow = pdf_of(&format!("http://{server}/"));
        slow.timeout = Duration::from_secs(1);
        for _ in 0..3 {
            world.publish(&slow, Mode::Async).await;
        }
        asking.recv().await.unwrap();
        let click = world.publish(&pdf(INVOICE), Mode::Sync).await;
        let first = world.completion().await;
        assert_eq!(first.job, click);
        assert!(matches!(first.outcome, Outcome::Success { .. }));
        open.send(true).unwrap();
        for _ in 0..3 {
            world.completion().await;
        }
    });
}

#[test]
fn draining_finishes_what_is_in_hand() {
    run(async {
        let mut world = World::new(1).await;
        let (asked, mut asking) = tokio::sync::mpsc::unbounded_channel();
        let server = serve(move |_| {
            asked.send(()).unwrap();
            html("shown")
        })
        .await;
        let mut task = pdf_of(&format!("http://{server}/"));
        task.page.delay = Duration::from_millis(500);
        let job = world.publish(&task, Mode::Async).await;
        asking.recv().await.unwrap();
        world.lifecycle.draining.cancel();
        world.publish(&pdf(INVOICE), Mode::Async).await;
        world.lifecycle.finished().await;
        let done = world.completion().await;
        assert_eq!(done.job, job);
        assert!(
            matches!(done.outcome, Outcome::Success { .. }),
            "{:?}",
            done.outcome
        );
        let none = tokio::time::timeout(Duration::ZERO, world.completions.next()).await;
        assert!(none.is_err(), "nothing new was taken");
    });
}

#[test]
fn only_the_engines_of_the_lanes_that_are_served_are_started() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let parts = parts(&folder);
        let start = async |lanes: &[Lane]| {
            let config = Config {
                lanes: lanes.to_vec(),
                browser: Some("/nowhere/chromium".into()),
                office: Some("/nowhere/soffice".into()),
                ..Config::default()
            };
            let lifecycle = Lifecycle::default();
            let started = crate::start(config, parts.clone(), &lifecycle).await;
            started.map(|()| lifecycle)
        };
        let native = start(&[Lane::Native]).await.unwrap();
        assert_eq!(native.health.is_ready().await, Ok(()));
        let browser = start(&[Lane::Browser, Lane::Native]).await.unwrap_err();
        assert!(format!("{browser:#}").contains("/nowhere/chromium"));
        for (lanes, complaint) in [(&[][..], "no lane"), (&[Lane::Office], "/nowhere/soffice")] {
            let refused = format!("{:#}", start(lanes).await.unwrap_err());
            assert!(refused.contains(complaint), "{refused}");
        }

        // What is not served is left to others.
        let message = |lane| JobMessage {
            job: JobId::new(),
            account: AccountId::new(),
            lane,
            mode: Mode::Async,
            task: SealedTask(Vec::new()),
            expires_at: parts.clock.now(),
            trace: None,
            published_at: None,
        };
        let (page, picture) = (message(Lane::Browser), message(Lane::Native));
        for message in [&page, &picture] {
            parts.broker.publish_job(message.clone()).await.unwrap();
        }
        let done = parts.broker.completions(1).next().await.unwrap().message;
        assert_eq!(done.job, picture.job);
        let mut pages = parts.broker.jobs(Lane::Browser, Mode::Async, 1);
        assert_eq!(pages.next().await.unwrap().message, page);
        native.draining.cancel();
        native.finished().await;
    });
}

#[test]
fn a_renderer_is_ready_until_it_drains_and_live_to_its_end() {
    run(async {
        let world = World::new(1).await;
        let health = &world.lifecycle.health;
        assert_eq!(
            (health.is_ready().await, health.is_live().await),
            (Ok(()), Ok(()))
        );
        world.lifecycle.draining.cancel();
        let complaints = health.is_ready().await.unwrap_err();
        assert_eq!(complaints[0], "the renderer drains");
        world.lifecycle.finished().await;
        assert_eq!(health.is_live().await, Ok(()));
    });
}
