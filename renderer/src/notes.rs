//! What is noted of a run while it goes: its phases, what its page complained of, what it last showed.
//! Nobody decides anything by it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::artifact::Artifact;
use common::clock::{Clock, Timestamp};
use common::job::{Lane, Phase};
use common::report::{Lap, Report};
use tracing::{Instrument as _, Span};

use crate::page::Complaints;
use crate::phase;

/// The notes on one run; clones share them, so they outlive a run that panics.
#[derive(Debug, Clone)]
pub(crate) struct Notes(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    lane: Lane,
    clock: Clock,
    /// The span that the phases are part of.
    job: Span,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    report: Report,
    /// What pages before this one complained of.
    before: Complaints,
    last_look: Option<Bytes>,
}

/// A phase that goes on until this is dropped, also because its work was given up.
#[derive(Debug)]
pub(crate) struct InPhase {
    notes: Notes,
    phase: Phase,
    at: Timestamp,
    since: Instant,
    span: Span,
}

impl Notes {
    /// Empty notes on a run, which is a part of a trace as `job`.
    pub(crate) fn new(lane: Lane, clock: Clock, job: Span) -> Self {
        Self(Arc::new(Shared {
            lane,
            clock,
            job,
            noted: Mutex::default(),
        }))
    }

    /// Does work as a phase of the run.
    pub(crate) async fn during<T>(&self, phase: Phase, work: impl Future<Output = T>) -> T {
        let in_phase = self.begin(phase);
        work.instrument(in_phase.span.clone()).await
    }

    /// Begins a phase.
    pub(crate) fn begin(&self, phase: Phase) -> InPhase {
        InPhase {
            notes: self.clone(),
            phase,
            at: self.0.clock.now(),
            since: Instant::now(),
            span: phase::span(&self.0.job, phase),
        }
    }

    /// The one place where a phase that has ended is known.
    fn ended(&self, phase: Phase, at: Timestamp, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::trace!(lane = %self.0.lane, %phase, took_us, "a phase has ended");
        let lap = Lap { phase, at, took_us };
        self.noted().report.passed(lap);
    }

    /// Notes what the page complained of, in place of what an earlier try of it did.
    pub(crate) fn complained(&self, complaints: Complaints) {
        let noted = &mut *self.noted();
        let mut all = noted.before.clone();
        all.console.append(complaints.console);
        all.requests.append(complaints.requests);
        noted.report.console = all.console;
        noted.report.requests = all.requests;
    }

    /// Begins with another page: what was complained of until now stays.
    pub(crate) fn next_page(&self) {
        let noted = &mut *self.noted();
        noted.before = Complaints {
            console: noted.report.console.clone(),
            requests: noted.report.requests.clone(),
        };
    }

    /// Notes a picture of what the page showed when it failed.
    pub(crate) fn looked(&self, png: Bytes) {
        self.noted().last_look = Some(png);
    }

    /// Takes that picture.
    pub(crate) fn take_last_look(&self) -> Option<Bytes> {
        self.noted().last_look.take()
    }

    /// Notes where the picture is kept.
    pub(crate) fn kept(&self, screenshot: Artifact) {
        self.noted().report.screenshot = Some(screenshot);
    }

    /// All of it, within its limits.
    pub(crate) fn report(&self) -> Report {
        self.noted().report.clone().bounded()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InPhase {
    fn drop(&mut self) {
        self.notes.ended(self.phase, self.at, self.since.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_phase_is_noted_also_when_its_work_is_given_up_or_panics() {
        let clock = Clock::manual(Timestamp::from_micros(5));
        let notes = Notes::new(Lane::Browser, clock, Span::none());
        notes.during(Phase::Start, async {}).await;
        let given_up = notes.during(Phase::Navigate, std::future::pending::<()>());
        let given_up = tokio::time::timeout(Duration::from_millis(1), given_up);
        assert!(given_up.await.is_err());
        let panicking = notes.clone();
        let panicked = tokio::spawn(async move {
            let work = async { panic!("as a test does") };
            panicking.during::<()>(Phase::Wait, work).await;
        });
        assert!(panicked.await.is_err());
        let laps = notes.report().phases;
        let phases: Vec<Phase> = laps.iter().map(|lap| lap.phase).collect();
        assert_eq!(phases, [Phase::Start, Phase::Navigate, Phase::Wait]);
        assert!(laps[1].took() >= Duration::from_millis(1), "{laps:?}");
        assert_eq!(laps[0].at, Timestamp::from_micros(5));
    }
}
