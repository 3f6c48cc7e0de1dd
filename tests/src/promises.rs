//! What every accepted job is promised, whatever happens: asserted from the rows and at the receiver.

use std::collections::HashMap;

use common::credits::Credits;
use common::id::{AccountId, JobId};
use common::job::{EntryKind, JobState, Mode};
use common::store::{Job, Page, Store};

use crate::eventually;
use crate::receiver::{Mark, Receiver};

/// An account's rows.
#[derive(Debug)]
pub struct Books {
    store: Store,
    account: AccountId,
}

impl Books {
    /// Those of an account by its id.
    pub fn new(store: Store, account: &str) -> Self {
        let account = account.parse().expect("an account id");
        Self { store, account }
    }

    /// All jobs, newest first.
    pub async fn jobs(&self) -> Vec<Job> {
        let (mut jobs, mut start_after) = (Vec::new(), None);
        loop {
            let page = Page {
                limit: 500,
                offset: 0,
                start_after,
            };
            let read = self.store.jobs(self.account, &page).await;
            let read: Vec<Job> = read.expect("the jobs are readable");
            let Some(last) = read.last() else {
                return jobs;
            };
            start_after = Some(last.id.to_string());
            jobs.extend(read);
        }
    }

    /// How many jobs have not ended.
    async fn open(&self) -> u64 {
        let counters = self.store.counters(self.account).await;
        let counters = counters.expect("the sums are readable");
        counters.total - counters.success - counters.error
    }

    /// Waits until every job has ended, for as long as jobs end, and gives all of them.
    pub async fn settled(&self) -> Vec<Job> {
        let mut open = u64::MAX;
        while open > 0 {
            open = eventually(&format!("one of {open} open jobs to end"), || async {
                let now = self.open().await;
                (now < open).then_some(now)
            })
            .await;
        }
        self.jobs().await
    }

    /// Waits until every job has ended, and checks every promise: each ended once, the ledger
    /// balances, and each end was told at least once, in the same words each time.
    pub async fn assert_promises_are_kept(&self, receiver: &Receiver) -> Vec<Job> {
        let jobs = self.settled().await;
        self.assert_ledger_balances(&jobs).await;
        for job in jobs.iter().filter(|job| job.mode == Mode::Async) {
            let mark = self.mark(job).await;
            let told = receiver.told_of(&mark).await;
            for words in told {
                assert_eq!(
                    words["status"] == "success" || words["success"] == true,
                    job.state == JobState::Success,
                    "{job:?} was told as {words}"
                );
            }
        }
        jobs
    }

    /// Checks that every job was charged once, refunded once if it failed, and that nothing else
    /// moved the balance.
    pub async fn assert_ledger_balances(&self, jobs: &[Job]) {
        let ledger = self.store.ledger(self.account).await;
        let ledger = ledger.expect("the ledger is readable");
        let mut moves: HashMap<(JobId, EntryKind), Vec<Credits>> = HashMap::new();
        for entry in &ledger {
            if let Some(job) = entry.job {
                moves
                    .entry((job, entry.kind))
                    .or_default()
                    .push(entry.amount);
            }
        }
        for job in jobs {
            let of = |kind| moves.get(&(job.id, kind)).cloned().unwrap_or_default();
            assert_eq!(of(EntryKind::Charge), [-job.price], "{job:?}");
            let refunds: &[Credits] = match job.state {
                JobState::Success => &[],
                _ => &[job.price],
            };
            assert_eq!(of(EntryKind::Refund), refunds, "{job:?}");
        }
        let charged = moves.keys().filter(|(_, kind)| *kind == EntryKind::Charge);
        assert_eq!(charged.count(), jobs.len(), "every charge has its job");
        let account = self.store.account(self.account).await;
        let account = account.expect("it is readable").expect("it is there");
        let sum: Credits = ledger.iter().map(|entry| entry.amount).sum();
        assert_eq!(account.balance, sum, "the balance is what the ledger says");
    }

    /// Checks that no end was told twice: without a crash of a dispatcher nothing allows it.
    pub async fn assert_each_was_told_once(&self, receiver: &Receiver) {
        for job in self.jobs().await {
            if job.mode == Mode::Async {
                let mark = self.mark(&job).await;
                assert_eq!(receiver.told(&mark).len(), 1, "{job:?}");
            }
        }
    }

    /// How calls about a job are known: its webhook's query, or its id in the body.
    async fn mark(&self, job: &Job) -> Mark {
        let deliveries = self.store.deliveries(job.id).await;
        let deliveries = deliveries.expect("the deliveries are readable");
        assert_eq!(deliveries.len(), 1, "{job:?} has one delivery");
        let query = deliveries[0].url.split_once('?').map(|(_, query)| query);
        Mark {
            job: job.id.to_string(),
            query: query.map(str::to_owned),
        }
    }
}
