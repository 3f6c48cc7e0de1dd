//! What is measured of the renderer.

use common::clock::Timestamp;
use common::job::{FailureKind, Lane};
use common::message::{Completion, JobMessage, Outcome};
use common::telemetry::metrics::{
    Counter, Gauge, Histogram, KeyValue, Metric, UpDownCounter, meter,
};

const WAIT: Metric = Metric::durations(
    "platen.queue.wait",
    &["lane", "mode"],
    "From a job's handing over to the broker until a renderer begins it; by two machines' clocks.",
);

const RENDERED: Metric = Metric::counter(
    "platen.jobs.rendered",
    "{job}",
    &["lane", "outcome"],
    "Runs that have ended, by success or by the kind of failure; a job that is run twice counts twice.",
);

const PHASES: Metric = Metric::durations(
    "platen.phase.duration",
    &["lane", "phase"],
    "What a run has spent in each of its phases.",
);

const SLOTS: Metric = Metric::gauge(
    "platen.slots",
    "{slot}",
    &["lane"],
    "Jobs that the renderer takes at the same time.",
);

const BUSY: Metric = Metric::gauge(
    "platen.slots.busy",
    "{slot}",
    &["lane"],
    "Jobs that the renderer has in hand, until the broker knows of their end.",
);

const RESTARTS: Metric = Metric::counter(
    "platen.browser.restarts",
    "{browser}",
    &["reason"],
    "Browsers that were replaced: crashed, killed for not answering, or worn by pages, age or memory.",
);

/// Every metric of the renderer.
pub const TABLE: &[Metric] = &[WAIT, RENDERED, PHASES, SLOTS, BUSY, RESTARTS];

/// The instruments of one lane.
#[derive(Debug)]
pub(crate) struct Metrics {
    lane: Lane,
    wait: Histogram<f64>,
    rendered: Counter<u64>,
    phases: Histogram<f64>,
    busy: UpDownCounter<i64>,
}

/// A slot that is taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Busy<'a>(&'a Metrics);

impl Metrics {
    pub(crate) fn new(lane: Lane, slots: usize) -> Self {
        let meter = meter();
        let total: Gauge<f64> = SLOTS.set_with(&meter);
        total.record(
            f64::from(u32::try_from(slots).unwrap_or(u32::MAX)),
            &[of(lane)],
        );
        let busy = BUSY.move_with(&meter);
        busy.add(0, &[of(lane)]);
        let rendered = RENDERED.count_with(&meter);
        let failures = FailureKind::ALL.iter().map(|kind| kind.as_str());
        for outcome in failures.chain([SUCCESS]) {
            rendered.add(0, &[of(lane), KeyValue::new("outcome", outcome)]);
        }
        Self {
            lane,
            wait: WAIT.time_with(&meter),
            rendered,
            phases: PHASES.time_with(&meter),
            busy,
        }
    }

    /// A slot is taken.
    pub(crate) fn busy(&self) -> Busy<'_> {
        self.busy.add(1, &[of(self.lane)]);
        Busy(self)
    }

    /// A job begins.
    pub(crate) fn begun(&self, message: &JobMessage, now: Timestamp) {
        if let Some(published) = message.published_at {
            let mode = KeyValue::new("mode", message.mode.as_str());
            let waited = now.since(published);
            self.wait
                .record(waited.as_secs_f64(), &[of(self.lane), mode]);
        }
    }

    /// A run has ended.
    pub(crate) fn ended(&self, completion: &Completion) {
        let outcome = match &completion.outcome {
            Outcome::Success { .. } => SUCCESS,
            Outcome::Failure { kind, .. } => kind.as_str(),
        };
        let labels = [of(self.lane), KeyValue::new("outcome", outcome)];
        self.rendered.add(1, &labels);
        for lap in &completion.report.phases {
            let labels = [of(self.lane), KeyValue::new("phase", lap.phase.as_str())];
            self.phases.record(lap.took().as_secs_f64(), &labels);
        }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.add(-1, &[of(self.0.lane)]);
    }
}

const SUCCESS: &str = "success";

fn of(lane: Lane) -> KeyValue {
    KeyValue::new("lane", lane.as_str())
}

/// Why a browser is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restart {
    /// It ended by itself.
    Crashed,
    /// It was ended because it no longer answered, or made no page that lived.
    Hung,
    /// It has shown so many pages.
    Pages,
    /// It has run so long.
    Age,
    /// It holds so much memory.
    Memory,
}

impl Restart {
    const ALL: [Self; 5] = [
        Self::Crashed,
        Self::Hung,
        Self::Pages,
        Self::Age,
        Self::Memory,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Crashed => "crashed",
            Self::Hung => "hung",
            Self::Pages => "pages",
            Self::Age => "age",
            Self::Memory => "memory",
        }
    }

    fn labels(self) -> [KeyValue; 1] {
        [KeyValue::new("reason", self.as_str())]
    }
}

/// Counts browsers that are replaced; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Restarts(Counter<u64>);

impl Restarts {
    pub(crate) fn new() -> Self {
        let counter = RESTARTS.count_with(&meter());
        for reason in Restart::ALL {
            counter.add(0, &reason.labels());
        }
        Self(counter)
    }

    pub(crate) fn count(&self, reason: Restart) {
        self.0.add(1, &reason.labels());
    }
}
