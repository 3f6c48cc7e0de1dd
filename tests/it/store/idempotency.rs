//! Idempotency keys: of equal requests one becomes a job.

use common::id::JobId;
use common::idempotency::{IdempotencyKey, Repeatable};
use common::job::{EntryKind, Mode};
use common::seal::SealKey;
use common::store::{AcceptError, Admission, Limits};
use futures::future::try_join_all;

use super::{Bench, Owner, START, after, credits, on_both, page, success};

on_both!(
    a_repeat_gets_the_job_of_the_first_and_costs_nothing,
    a_repeat_is_answered_whatever_is_used_up,
    another_request_with_the_same_key_is_refused,
    a_key_belongs_to_its_account,
    a_refused_request_leaves_its_key_unused,
    of_many_equal_requests_at_once_one_is_done,
    keys_are_forgotten_the_oldest_first_and_so_many_at_a_time,
);

fn request(key: &str, body: &str) -> Repeatable {
    let mut fingerprinter = SealKey::new(b"secret").fingerprinter();
    fingerprinter.begin("POST", "/v2/html/pdf");
    fingerprinter.update(body.as_bytes());
    Repeatable {
        key: IdempotencyKey::parse(key.as_bytes()).unwrap(),
        fingerprint: fingerprinter.finish(),
    }
}

impl Bench {
    /// Asks for a job; its id if it is a new one.
    async fn first(&self, owner: Owner, request: &Repeatable) -> JobId {
        let job = owner.job(Mode::Async);
        let admitted = self.accept_once(&job, request, START).await.unwrap();
        assert!(matches!(admitted, Admission::New(_)), "{admitted:?}");
        job.id
    }

    /// Asks for a job again, and gives what the repeat gets.
    async fn again(
        &self,
        owner: Owner,
        request: &Repeatable,
        mode: Mode,
    ) -> Result<JobId, AcceptError> {
        let job = owner.job(mode);
        match self.accept_once(&job, request, after(1)).await? {
            Admission::Repeat(first) => Ok(first),
            Admission::New(_) => Ok(job.id),
        }
    }
}

/// Asserts that an owner has so many jobs, and has paid once for each.
async fn assert_jobs(bench: &Bench, owner: Owner, granted: i64, jobs: i64) {
    assert_eq!(bench.balance(owner).await, credits(granted - jobs));
    let count = bench.jobs(owner.account, &page(1000)).await.unwrap().len();
    assert_eq!(i64::try_from(count), Ok(jobs));
    let entries = bench.ledger(owner.account).await.unwrap();
    let charges = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Charge);
    assert_eq!(i64::try_from(charges.count()), Ok(jobs));
}

async fn a_repeat_gets_the_job_of_the_first_and_costs_nothing(bench: Bench) {
    let owner = bench.owner(9).await;
    let request = request("key", "body");
    assert_eq!(bench.repeated(owner.account, &request).await.unwrap(), None);
    let first = bench.first(owner, &request).await;
    for mode in [Mode::Async, Mode::Sync] {
        let repeat = bench.again(owner, &request, mode).await.unwrap();
        assert_eq!(repeat, first);
    }
    bench.succeeded(first).await;
    let late = bench.again(owner, &request, Mode::Async).await.unwrap();
    let found = bench.repeated(owner.account, &request).await.unwrap();
    assert_eq!((late, found), (first, Some(first)));
    assert_jobs(&bench, owner, 9, 1).await;
}

async fn a_repeat_is_answered_whatever_is_used_up(bench: Bench) {
    let owner = bench.owner(1).await;
    let limits = Limits {
        rate: Some(1),
        in_flight: 1,
        backlog: 1,
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    let used = request("used", "body");
    let first = bench.first(owner, &used).await;
    let fresh = request("fresh", "body");
    let refused = bench.again(owner, &fresh, Mode::Async).await;
    assert!(
        matches!(refused, Err(AcceptError::RateLimited { .. })),
        "{refused:?}"
    );
    for _ in 0..3 {
        let repeat = bench.again(owner, &used, Mode::Async).await.unwrap();
        assert_eq!(repeat, first);
    }
    let window = bench.rate_window(owner.account, after(1)).await.unwrap();
    assert_eq!(window.unwrap().remaining, 0);
    assert_jobs(&bench, owner, 1, 1).await;
}

async fn another_request_with_the_same_key_is_refused(bench: Bench) {
    let owner = bench.owner(9).await;
    bench.first(owner, &request("key", "body")).await;
    let other = request("key", "another body");
    let refused = bench.again(owner, &other, Mode::Async).await;
    assert!(
        matches!(refused, Err(AcceptError::KeyReused)),
        "{refused:?}"
    );
    let refused = bench.repeated(owner.account, &other).await;
    assert!(
        matches!(refused, Err(AcceptError::KeyReused)),
        "{refused:?}"
    );
    // To the letter.
    bench.first(owner, &request("KEY", "another body")).await;
    assert_jobs(&bench, owner, 9, 2).await;
}

async fn a_key_belongs_to_its_account(bench: Bench) {
    let (one, two) = (bench.owner(9).await, bench.owner(9).await);
    let request = request("key", "body");
    let first = bench.first(one, &request).await;
    assert_eq!(bench.repeated(two.account, &request).await.unwrap(), None);
    let second = bench.first(two, &request).await;
    assert_eq!(
        bench.again(one, &request, Mode::Async).await.unwrap(),
        first
    );
    assert_eq!(
        bench.again(two, &request, Mode::Async).await.unwrap(),
        second
    );
}

async fn a_refused_request_leaves_its_key_unused(bench: Bench) {
    let owner = bench.owner(0).await;
    let request = request("key", "body");
    let refused = bench.again(owner, &request, Mode::Async).await;
    assert!(
        matches!(refused, Err(AcceptError::InsufficientCredit)),
        "{refused:?}"
    );
    bench.grant(owner.account, credits(1), START).await.unwrap();
    bench.first(owner, &request).await;
    assert_jobs(&bench, owner, 1, 1).await;
}

async fn of_many_equal_requests_at_once_one_is_done(bench: Bench) {
    for round in 0..5 {
        let owner = bench.owner(1).await;
        let limits = Limits {
            rate: Some(1),
            in_flight: 1,
            backlog: 1,
        };
        assert!(bench.set_limits(owner.account, limits).await.unwrap());
        let request = request(&format!("key-{round}"), "body");
        let racing = (0..12).map(|_| bench.again(owner, &request, Mode::Sync));
        let jobs = try_join_all(racing).await.unwrap();
        let made = bench.jobs(owner.account, &page(1000)).await.unwrap();
        assert_eq!(jobs, vec![made[0].id; 12]);
        assert_jobs(&bench, owner, 1, 1).await;
    }
}

async fn keys_are_forgotten_the_oldest_first_and_so_many_at_a_time(bench: Bench) {
    let owner = bench.owner(9).await;
    let names = ["b", "a", "d", "c"];
    for (second, name) in (0..).zip(names) {
        let job = owner.job(Mode::Async);
        let request = request(name, "body");
        let admitted = bench.accept_once(&job, &request, after(second)).await;
        assert!(matches!(admitted, Ok(Admission::New(_))), "{admitted:?}");
        // What became of the job does not matter.
        bench.settle_now(&success(job.id)).await;
    }
    for (before, limit, forgotten, left) in [
        (0, 500, 0, "badc"),
        (3, 2, 2, "dc"),
        (3, 2, 1, "c"),
        (3, 2, 0, "c"),
        (4, 2, 1, ""),
    ] {
        let count = bench.forget_idempotency_keys(after(before), limit).await;
        assert_eq!(count.unwrap(), forgotten);
        let mut known = String::new();
        for name in names {
            let found = bench.repeated(owner.account, &request(name, "body")).await;
            known.extend(found.unwrap().map(|_| name));
        }
        assert_eq!(known, left);
    }
    let again = bench.again(owner, &request("a", "body"), Mode::Async).await;
    assert_eq!(
        bench.jobs(owner.account, &page(1)).await.unwrap()[0].id,
        again.unwrap()
    );
    assert_jobs(&bench, owner, 9, 5).await;
}
