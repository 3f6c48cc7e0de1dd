//! The invariants of the ledger, under random interleavings of everything that moves money.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use common::credits::Credits;
use common::id::JobId;
use common::job::{EntryKind, FailureKind, JobState, Mode};
use common::store::{AcceptError, Limits, NewJob, Settlement, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use super::{Bench, Owner, RETENTION, START, after, failure, page, success};

const ACCOUNTS: usize = 3;

/// Jobs in flight that an account may have.
const CAP: u32 = 2;

#[derive(Debug, Clone)]
enum Step {
    Accept {
        owner: usize,
        sync: bool,
        thousandths: i64,
    },
    Publish {
        job: usize,
    },
    Succeed {
        job: usize,
    },
    Fail {
        job: usize,
    },
    GiveUp {
        job: usize,
    },
    Grant {
        owner: usize,
        thousandths: i64,
    },
    Release {
        owner: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (owner, job) = (0..ACCOUNTS, 0..64_usize);
    prop_oneof![
        4 => (owner.clone(), any::<bool>(), 0..2500_i64).prop_map(|(owner, sync, thousandths)| {
            Step::Accept { owner, sync, thousandths }
        }),
        2 => job.clone().prop_map(|job| Step::Publish { job }),
        2 => job.clone().prop_map(|job| Step::Succeed { job }),
        2 => job.clone().prop_map(|job| Step::Fail { job }),
        1 => job.prop_map(|job| Step::GiveUp { job }),
        1 => (owner.clone(), 1..1500_i64).prop_map(|(owner, thousandths)| {
            Step::Grant { owner, thousandths }
        }),
        2 => owner.prop_map(|owner| Step::Release { owner }),
    ]
}

/// Rounds of steps; those of one round happen at the same time.
fn rounds() -> impl Strategy<Value = Vec<Vec<Step>>> {
    prop::collection::vec(prop::collection::vec(step(), 1..6), 1..12)
}

fn check(bench: &Bench, cases: u32) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let handle = Handle::current();
    TestRunner::new(config)
        .run(&rounds(), |rounds| {
            handle.block_on(Books::open(bench, rounds));
            Ok(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_balance_on_sqlite() {
    let bench = Bench::sqlite().await;
    tokio::task::block_in_place(|| check(&bench, 24));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_balance_on_postgres() {
    let bench = Bench::postgres().await;
    tokio::task::block_in_place(|| check(&bench, 8));
}

/// What one case has seen happen.
struct Books<'a> {
    store: &'a Store,
    owners: Vec<Owner>,
    accepted: Mutex<Vec<NewJob>>,
    /// How often each job was said to have ended just now.
    ended: Mutex<BTreeMap<JobId, u32>>,
    granted: Mutex<Credits>,
}

impl<'a> Books<'a> {
    async fn open(bench: &'a Bench, rounds: Vec<Vec<Step>>) {
        let mut owners = Vec::new();
        for _ in 0..ACCOUNTS {
            owners.push(bench.owner(3).await);
        }
        for owner in &owners {
            let limits = Limits {
                in_flight: CAP,
                backlog: 6,
                rate: None,
            };
            assert!(bench.set_limits(owner.account, limits).await.unwrap());
        }
        let books = Self {
            store: &bench.store,
            owners,
            accepted: Mutex::default(),
            ended: Mutex::default(),
            granted: Mutex::default(),
        };
        for round in rounds {
            futures::future::join_all(round.into_iter().map(|step| books.take(step))).await;
            books.audit().await;
        }
        books.end_all().await;
    }

    async fn take(&self, step: Step) {
        match step {
            Step::Accept {
                owner,
                sync,
                thousandths,
            } => {
                let mode = if sync { Mode::Sync } else { Mode::Async };
                let price = Credits::from_thousandths(thousandths);
                self.accept(NewJob {
                    price,
                    ..self.owners[owner].job(mode)
                })
                .await;
            }
            Step::Publish { job } => {
                if let Some(job) = self.pick(job) {
                    self.store.mark_published(job, START).await.unwrap();
                }
            }
            Step::Succeed { job } => {
                if let Some(job) = self.pick(job) {
                    self.note(
                        job,
                        self.store
                            .settle(&success(job), RETENTION, START)
                            .await
                            .unwrap(),
                    );
                }
            }
            Step::Fail { job } => {
                if let Some(job) = self.pick(job) {
                    self.note(
                        job,
                        self.store
                            .settle(&failure(job), RETENTION, START)
                            .await
                            .unwrap(),
                    );
                }
            }
            Step::GiveUp { job } => {
                if let Some(job) = self.pick(job) {
                    self.give_up(job).await;
                }
            }
            Step::Grant { owner, thousandths } => {
                let amount = Credits::from_thousandths(thousandths);
                let account = self.owners[owner].account;
                self.store
                    .grant(account, amount, START)
                    .await
                    .unwrap()
                    .unwrap();
                let mut granted = lock(&self.granted);
                *granted = *granted + amount;
            }
            Step::Release { owner } => {
                self.store
                    .release(self.owners[owner].account, START)
                    .await
                    .unwrap();
            }
        }
    }

    async fn accept(&self, job: NewJob) {
        match self.store.accept(&job, START).await {
            Ok(_) => lock(&self.accepted).push(job),
            Err(
                AcceptError::InsufficientCredit
                | AcceptError::TooManyInFlight
                | AcceptError::BacklogFull,
            ) => assert_eq!(self.store.job_by_id(job.id).await.unwrap(), None),
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn give_up(&self, job: JobId) {
        let end = self
            .store
            .fail(job, FailureKind::Expired, "Expired", after(9))
            .await
            .unwrap();
        self.note(job, end);
    }

    fn pick(&self, number: usize) -> Option<JobId> {
        let accepted = lock(&self.accepted);
        let index = number.checked_rem(accepted.len())?;
        Some(accepted[index].id)
    }

    fn note(&self, job: JobId, settlement: Settlement) {
        match settlement {
            Settlement::Settled(_) => *lock(&self.ended).entry(job).or_default() += 1,
            Settlement::Repeated { state, .. } => assert!(state.is_final()),
            Settlement::NoSuchJob => panic!("{job} was accepted and is gone"),
        }
    }

    async fn audit(&self) {
        let mut granted = Credits::ZERO;
        for owner in &self.owners {
            granted = granted + self.audit_account(*owner).await;
        }
        let first_grants = Credits::whole(3 * i64::try_from(ACCOUNTS).unwrap());
        assert_eq!(granted, first_grants + *lock(&self.granted));
    }

    /// Audits an account and gives the sum of its grants.
    async fn audit_account(&self, owner: Owner) -> Credits {
        let balance = self
            .store
            .account(owner.account)
            .await
            .unwrap()
            .unwrap()
            .balance;
        let ledger = self.store.ledger(owner.account).await.unwrap();
        assert!(balance >= Credits::ZERO);
        assert_eq!(balance, ledger.iter().map(|entry| entry.amount).sum());

        let jobs = self.store.jobs(owner.account, &page(1000)).await.unwrap();
        let mine = lock(&self.accepted)
            .iter()
            .filter(|job| job.account == owner.account)
            .count();
        assert_eq!(jobs.len(), mine);
        let mut in_flight = 0;
        for job in &jobs {
            let amounts = |kind| -> Vec<Credits> {
                let of_job =
                    |entry: &&common::store::Entry| entry.job == Some(job.id) && entry.kind == kind;
                ledger
                    .iter()
                    .filter(of_job)
                    .map(|entry| entry.amount)
                    .collect()
            };
            // Nothing is no entry.
            let once = |amount: Credits, happened: bool| {
                let written = happened && amount != Credits::ZERO;
                written.then_some(amount).into_iter().collect::<Vec<_>>()
            };
            assert_eq!(amounts(EntryKind::Charge), once(-job.price, true));
            let failed = job.state == JobState::Error;
            assert_eq!(amounts(EntryKind::Refund), once(job.price, failed));
            let ended = lock(&self.ended).get(&job.id).copied().unwrap_or(0);
            assert_eq!(ended, u32::from(job.state.is_final()));
            assert_eq!(job.asset.is_some(), job.state == JobState::Success);
            let flies = matches!(job.state, JobState::Queued | JobState::Published);
            in_flight += u32::from(flies && job.mode == Mode::Async);
        }
        assert!(in_flight <= CAP);
        ledger
            .iter()
            .filter(|entry| entry.kind == EntryKind::Grant)
            .map(|entry| entry.amount)
            .sum()
    }

    /// Ends whatever is open, twice and at once, and audits a last time.
    async fn end_all(&self) {
        let jobs: Vec<_> = lock(&self.accepted).iter().map(|job| job.id).collect();
        for batch in jobs.chunks(8) {
            let twice = batch.iter().chain(batch).map(|&job| self.give_up(job));
            futures::future::join_all(twice).await;
        }
        self.audit().await;
        let ended = lock(&self.ended).values().copied().collect::<Vec<_>>();
        assert_eq!(ended, vec![1; jobs.len()]);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
