//! The story of a job, from its acceptance to the last call of its webhook, put together from its row and
//! those of its deliveries. What it was asked for with is not in it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::DeliveryId;
use crate::job::{AttemptOutcome, FailureKind, JobState, Phase};
use crate::report::{self, Report};

use super::column::Int;
use super::delivery::Attempt;
use super::engine::{from_row, on};
use super::job::Job;
use super::{Store, StoreError};

/// The most attempts of a story, the last ones; a delivery that is replayed for ever has more.
const ATTEMPTS: u32 = 100;

/// The story of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// What happened, each after what it follows from; clocks of several machines may disagree about that.
    pub events: Vec<Event>,
    /// How its run went; none before its end, or if no run has reported it.
    pub report: Option<Report>,
}

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it happened or began.
    pub at: Timestamp,
    /// How long it took, of what takes time and has ended.
    pub took: Option<Duration>,
    /// What.
    pub what: What,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was written down and charged.
    Accepted,
    /// It was handed to the broker, for the last time if that was needed again.
    Published,
    /// A run took it up: the one whose end counts.
    Started {
        /// Who.
        worker: Option<String>,
    },
    /// Its run went through a phase.
    Phase(Phase),
    /// Its result was in the object store.
    Stored {
        /// Bytes of the result.
        size: Option<u64>,
    },
    /// Its end was written down, with the refund and the webhook that follow from it.
    Settled {
        /// How it ended.
        state: JobState,
        /// What sort of failure ended it.
        failure: Option<FailureKind>,
    },
    /// Its webhook was called.
    Attempt {
        /// Of which delivery.
        delivery: DeliveryId,
        /// Which attempt of it, from 1.
        number: u32,
        /// What came of it; `None` while it is under way.
        outcome: Option<AttemptOutcome>,
        /// The answer's status.
        status: Option<u16>,
        /// Why there was no answer.
        error: Option<String>,
    },
}

/// What only the story needs of a job's row.
struct Row {
    published_at: Option<Timestamp>,
    settled_at: Option<Timestamp>,
    report: Option<Report>,
}

from_row!(Row, row => Row {
    published_at: row.try_get("published_at")?,
    settled_at: row.try_get("settled_at")?,
    report: row.try_get::<Option<String>, _>("report")?.as_deref().map(report::stored),
});

/// An attempt and whose it is.
#[derive(sqlx::FromRow)]
struct Made {
    delivery_id: DeliveryId,
    #[sqlx(flatten)]
    attempt: Attempt,
}

impl Store {
    /// Reads the story of a job that was read before; `None` if it was forgotten since.
    pub async fn timeline(&self, job: &Job) -> Result<Option<Timeline>, StoreError> {
        const SQL: &str = "select published_at, settled_at, report from jobs where id = $1";
        const MADE: &str = "select t.delivery_id, t.id, t.number, t.started_at, t.finished_at, \
            t.outcome, t.status, t.error, t.excerpt, t.duration_us \
            from attempts t join deliveries d on d.id = t.delivery_id \
            where d.job_id = $1 order by t.id desc limit $2";
        let row: Option<Row> =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(job.id).fetch_optional(db).await)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let mut made: Vec<Made> = on!(self.reader(), db => sqlx::query_as(MADE)
            .bind(job.id)
            .bind(Int(ATTEMPTS))
            .fetch_all(db)
            .await)?;
        made.reverse();
        let mut events = before(job, &row);
        events.extend(row.report.iter().flat_map(phases));
        events.extend(after(job, &row));
        events.extend(made.into_iter().map(attempt));
        Ok(Some(Timeline {
            events,
            report: row.report,
        }))
    }
}

fn event(at: Timestamp, what: What) -> Event {
    Event {
        at,
        took: None,
        what,
    }
}

fn before(job: &Job, row: &Row) -> Vec<Event> {
    let started = job.started_at.map(|at| {
        let worker = job.worker.clone();
        event(at, What::Started { worker })
    });
    let published = row.published_at.map(|at| event(at, What::Published));
    let accepted = event(job.created_at, What::Accepted);
    [Some(accepted), published, started]
        .into_iter()
        .flatten()
        .collect()
}

fn phases(report: &Report) -> impl Iterator<Item = Event> {
    report.phases.iter().map(|lap| Event {
        at: lap.at,
        took: Some(lap.took()),
        what: What::Phase(lap.phase),
    })
}

fn after(job: &Job, row: &Row) -> impl Iterator<Item = Event> {
    let laps = row.report.as_ref().map(|report| report.phases.as_slice());
    let last = laps.unwrap_or_default().iter().rev();
    let last = last.map(|lap| (lap.phase == Phase::Store).then(|| lap.end()));
    let stored = match job.state {
        JobState::Success => last.flatten().next().or(job.finished_at),
        JobState::Held | JobState::Queued | JobState::Published | JobState::Error => None,
    };
    let stored = stored.map(|at| event(at, What::Stored { size: job.size }));
    // Services of the version before note when the run ended, and no more.
    let settled = job.finished_at.map(|finished| {
        let (state, failure) = (job.state, job.failure);
        event(
            row.settled_at.unwrap_or(finished),
            What::Settled { state, failure },
        )
    });
    stored.into_iter().chain(settled)
}

fn attempt(made: Made) -> Event {
    let Made {
        delivery_id,
        attempt,
    } = made;
    Event {
        at: attempt.started_at,
        took: attempt.duration,
        what: What::Attempt {
            delivery: delivery_id,
            number: attempt.number,
            outcome: attempt.outcome,
            status: attempt.status,
            error: attempt.error,
        },
    }
}
