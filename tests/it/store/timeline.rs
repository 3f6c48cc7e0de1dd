//! The story of a job, and what its end leaves besides.

use std::time::Duration;

use common::id::JobId;
use common::job::{AttemptOutcome, FailureKind, JobState, Mode, Phase};
use common::message::Completion;
use common::report::{Complaint, FailedRequest, Lap, REPORT_LIMIT, Report};
use common::store::{Event, JobFilter, Next, What};

use super::lease::{leased, rejected};
use super::{Bench, after, artifact, failure, on_both, page, success};

on_both!(
    a_job_tells_its_story_from_acceptance_to_the_last_call,
    a_run_that_ends_before_its_publisher_takes_note_was_published,
    a_job_that_no_run_has_reported_tells_when_it_ended,
    a_report_is_kept_within_its_limit_whoever_sent_it,
    a_failed_jobs_screenshot_is_no_result_and_is_in_no_listing,
    jobs_are_found_by_account_and_state,
);

fn lap(phase: Phase, at: u64, millis: u64) -> Lap {
    Lap {
        phase,
        at: after(at),
        took_us: millis * 1000,
    }
}

fn event(at: u64, what: What) -> Event {
    Event {
        at: after(at),
        took: None,
        what,
    }
}

fn settled(at: u64, state: JobState, failure: Option<FailureKind>) -> Event {
    event(at, What::Settled { state, failure })
}

fn started(at: u64) -> Event {
    let worker = Some("worker-1".to_owned());
    event(at, What::Started { worker })
}

async fn events(bench: &Bench, job: JobId) -> Vec<Event> {
    let job = bench.job_by_id(job).await.unwrap().unwrap();
    bench.timeline(&job).await.unwrap().unwrap().events
}

async fn report(bench: &Bench, job: JobId) -> Option<Report> {
    let job = bench.job_by_id(job).await.unwrap().unwrap();
    bench.timeline(&job).await.unwrap().unwrap().report
}

async fn a_job_tells_its_story_from_acceptance_to_the_last_call(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
    let accepted = event(0, What::Accepted);
    assert_eq!(events(&bench, job).await, std::slice::from_ref(&accepted));
    assert_eq!(report(&bench, job).await, None);
    assert!(bench.mark_published(job, after(1)).await.unwrap());

    let told = Report {
        phases: vec![lap(Phase::Navigate, 1, 700), lap(Phase::Store, 2, 500)],
        ..Report::default()
    };
    let run = Completion {
        report: told.clone(),
        ..success(job)
    };
    let delivery = super::settled(bench.settle_now(&run).await).delivery;
    let delivery = delivery.unwrap();
    assert_eq!(report(&bench, job).await, Some(told));
    let first = leased(&bench, delivery, 1, after(6)).await;
    let next = Next::RetryAt(after(60));
    assert!(
        bench
            .finish(&first, &rejected(), next, after(8))
            .await
            .unwrap()
    );
    leased(&bench, delivery, 2, after(60)).await;

    let phase = |lap: Lap| Event {
        at: lap.at,
        took: Some(lap.took()),
        what: What::Phase(lap.phase),
    };
    let stored = Event {
        at: after(2) + Duration::from_millis(500),
        took: None,
        what: What::Stored { size: Some(1234) },
    };
    let attempt = |number, outcome, status, error: Option<&str>| What::Attempt {
        delivery,
        number,
        outcome,
        status,
        error: error.map(str::to_owned),
    };
    let rejected = AttemptOutcome::Rejected;
    let expected = [
        accepted,
        event(1, What::Published),
        started(1),
        phase(lap(Phase::Navigate, 1, 700)),
        phase(lap(Phase::Store, 2, 500)),
        stored,
        settled(5, JobState::Success, None),
        Event {
            at: after(6),
            took: Some(Duration::from_millis(1500)),
            what: attempt(1, Some(rejected), Some(503), Some("answered 503")),
        },
        event(60, attempt(2, None, None, None)),
    ];
    assert_eq!(events(&bench, job).await, expected);
}

async fn a_run_that_ends_before_its_publisher_takes_note_was_published(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    bench.settle_now(&failure(job)).await;
    assert!(!bench.mark_published(job, after(9)).await.unwrap());
    let timeout = Some(FailureKind::Timeout);
    let expected = [
        event(0, What::Accepted),
        event(1, What::Published),
        started(1),
        settled(5, JobState::Error, timeout),
    ];
    assert_eq!(events(&bench, job).await, expected);
    assert_eq!(report(&bench, job).await, Some(Report::default()));
}

async fn a_job_that_no_run_has_reported_tells_when_it_ended(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    let failed = bench.fail(job, FailureKind::Expired, "Expired", after(7));
    failed.await.unwrap();
    let expired = Some(FailureKind::Expired);
    let expected = [
        event(0, What::Accepted),
        settled(7, JobState::Error, expired),
    ];
    assert_eq!(events(&bench, job).await, expected);
    assert_eq!(report(&bench, job).await, None);
}

async fn a_report_is_kept_within_its_limit_whoever_sent_it(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    let mut run = success(job);
    run.report.phases = vec![lap(Phase::Wait, 1, 1); 1000];
    // PostgreSQL's texts hold no NUL.
    let complaint = Complaint {
        uncaught: true,
        text: "\u{0}\u{1f600}".repeat(1000),
        place: None,
    };
    run.report.console.entries = vec![complaint; 1000];
    let request = FailedRequest {
        url: "x".repeat(100_000),
        status: Some(404),
        error: None,
        refused: false,
    };
    run.report.requests.entries = vec![request; 1000];
    super::settled(bench.settle_now(&run).await);
    let kept = report(&bench, job).await.unwrap();
    let size = serde_json::to_vec(&kept).unwrap().len();
    assert!(size <= REPORT_LIMIT, "{size} bytes");
    let told = |entries: usize, more: u64| entries as u64 + more;
    let (console, requests) = (&kept.console, &kept.requests);
    assert_eq!(told(console.entries.len(), console.more), 1000);
    assert_eq!(told(requests.entries.len(), requests.more), 1000);
    assert!(!requests.entries.is_empty() && !kept.phases.is_empty());
}

async fn a_failed_jobs_screenshot_is_no_result_and_is_in_no_listing(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accept_as(&owner.job(Mode::Async)).await;
    let mut run = failure(job);
    run.report.screenshot = Some(artifact(job, run.run, "failure.png", 77));
    super::settled(bench.settle_now(&run).await);
    let failed = bench.job(owner.account, job).await.unwrap().unwrap();
    assert_eq!((failed.state, failed.asset), (JobState::Error, None));
    let shown = failed.screenshot.unwrap();
    assert_eq!(
        (shown.key.clone(), shown.size),
        (run.report.screenshot.unwrap().key, 77)
    );
    assert_eq!((shown.listed, shown.inline), (false, true));
    assert_eq!(shown.expires_at, after(5) + super::RETENTION.listed);
    assert_eq!(bench.assets(owner.account, &page(9)).await.unwrap(), []);
    let linked = bench.asset_for_link(shown.id).await.unwrap();
    assert_eq!(linked.as_ref(), Some(&shown));
    assert_eq!(
        bench.counters(owner.account).await.unwrap().storage_bytes,
        0
    );
    assert_eq!(report(&bench, job).await, Some(Report::default()));

    assert_eq!(
        bench
            .expired_assets(shown.expires_at, None, 9)
            .await
            .unwrap(),
        std::slice::from_ref(&shown)
    );
    assert_eq!(
        bench.forget_jobs(after(99)).await.unwrap(),
        0,
        "its picture is kept"
    );
    assert!(bench.forget_asset(shown.id).await.unwrap());
    assert_eq!(bench.forget_jobs(after(99)).await.unwrap(), 1);
}

async fn jobs_are_found_by_account_and_state(bench: Bench) {
    let (owner, other) = (bench.owner(9).await, bench.owner(9).await);
    let open = bench.accept_as(&owner.job(Mode::Async)).await;
    let failed = bench.accept_as(&owner.job(Mode::Async)).await;
    bench.settle_now(&failure(failed)).await;
    let others = bench.accept_as(&other.job(Mode::Async)).await;
    let find = async |account, state, limit| -> Vec<JobId> {
        let filter = JobFilter { account, state };
        let jobs = bench.find_jobs(&filter, &page(limit)).await.unwrap();
        jobs.iter().map(|job| job.id).collect()
    };
    let (mine, error) = (Some(owner.account), Some(JobState::Error));
    assert_eq!(find(None, None, 9).await, [others, failed, open]);
    assert_eq!(find(mine, None, 9).await, [failed, open]);
    assert_eq!(find(mine, None, 1).await, [failed]);
    assert_eq!(find(None, error, 9).await, [failed]);
    assert_eq!(find(Some(other.account), error, 9).await, []);
}
