//! What is measured of the dispatcher.

use std::time::Duration;

use common::job::AttemptOutcome;
use common::telemetry::metrics::{Counter, Gauge, Histogram, KeyValue, Metric, meter};

const SETTLE_LAG: Metric = Metric::durations(
    "platen.settle.lag",
    &[],
    "From the end of a run until its job's final state is written; by two machines' clocks.",
);

const ATTEMPTS: Metric = Metric::counter(
    "platen.deliveries",
    "{attempt}",
    &["outcome"],
    "Attempts to deliver a webhook, by what came of each.",
);

const DELIVERY_LAG: Metric = Metric::durations(
    "platen.delivery.lag",
    &[],
    "From the time that a webhook's attempt was due until its endpoint is called.",
);

const REPAIRS: Metric = Metric::counter(
    "platen.reconciler.repairs",
    "{job}",
    &["repair"],
    "Jobs that the broker has lost, which were published again or given up.",
);

const DEPTH: Metric = Metric::gauge(
    "platen.queue.depth",
    "{job}",
    &["lane", "mode"],
    "Jobs whose turn has come and that have not ended: waiting for a renderer, or in its hands.",
);

const AGE: Metric = Metric::gauge(
    "platen.queue.age",
    "s",
    &["lane", "mode"],
    "How long ago the oldest of them was handed to the broker, or accepted if it never was.",
);

const HELD: Metric = Metric::gauge(
    "platen.queue.held",
    "{job}",
    &["lane"],
    "Jobs that wait because their account has as many in flight as it may.",
);

const OPEN: Metric = Metric::gauge(
    "platen.deliveries.open",
    "{delivery}",
    &[],
    "Webhooks that have not ended, parked ones among them; counted up to 100,000.",
);

const PARKED: Metric = Metric::gauge(
    "platen.deliveries.parked",
    "{delivery}",
    &[],
    "Webhooks that wait for an endpoint that is switched off; counted up to 100,000.",
);

const DRIFT: Metric = Metric::gauge(
    "platen.ledger.drift.credits",
    "{credit}",
    &[],
    "What balances differ from their ledgers, over all accounts as they were last looked at.",
);

const BREAKERS: Metric = Metric::gauge(
    "platen.breakers.open",
    "{host}",
    &[],
    "Hosts of webhooks that were not reached many times in a row and are called less often.",
);

/// Every metric of the dispatcher.
pub const TABLE: &[Metric] = &[
    SETTLE_LAG,
    ATTEMPTS,
    DELIVERY_LAG,
    REPAIRS,
    DEPTH,
    AGE,
    HELD,
    OPEN,
    PARKED,
    DRIFT,
    BREAKERS,
];

/// The settlers' instrument.
#[derive(Debug)]
pub(crate) struct Settling(Histogram<f64>);

impl Settling {
    pub(crate) fn new() -> Self {
        Self(SETTLE_LAG.time_with(&meter()))
    }

    /// A job was settled so long after its run had ended.
    pub(crate) fn settled(&self, after: Duration) {
        self.0.record(after.as_secs_f64(), &[]);
    }
}

/// The deliverers' instruments.
#[derive(Debug)]
pub(crate) struct Delivering {
    attempts: Counter<u64>,
    lag: Histogram<f64>,
}

impl Delivering {
    pub(crate) fn new() -> Self {
        let meter = meter();
        let attempts = ATTEMPTS.count_with(&meter);
        for outcome in AttemptOutcome::ALL {
            attempts.add(0, &[KeyValue::new("outcome", outcome.as_str())]);
        }
        Self {
            attempts,
            lag: DELIVERY_LAG.time_with(&meter),
        }
    }

    /// An endpoint is about to be called so long after that was due.
    pub(crate) fn called(&self, after: Duration) {
        self.lag.record(after.as_secs_f64(), &[]);
    }

    /// An attempt has ended.
    pub(crate) fn attempted(&self, outcome: AttemptOutcome) {
        let outcome = KeyValue::new("outcome", outcome.as_str());
        self.attempts.add(1, &[outcome]);
    }
}

/// The reconciler's instrument.
#[derive(Debug)]
pub(crate) struct Repairing(Counter<u64>);

impl Repairing {
    pub(crate) fn new() -> Self {
        let this = Self(REPAIRS.count_with(&meter()));
        this.repaired(0, 0);
        this
    }

    /// So many lost jobs were published again, and so many given up.
    pub(crate) fn repaired(&self, republished: u64, given_up: u64) {
        for (repair, jobs) in [("republished", republished), ("given_up", given_up)] {
            self.0.add(jobs, &[KeyValue::new("repair", repair)]);
        }
    }
}

/// What is read from the database from time to time.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) depth: Gauge<f64>,
    pub(crate) age: Gauge<f64>,
    pub(crate) held: Gauge<f64>,
    pub(crate) open: Gauge<f64>,
    pub(crate) parked: Gauge<f64>,
}

impl Standing {
    pub(crate) fn new() -> Self {
        let meter = meter();
        Self {
            depth: DEPTH.set_with(&meter),
            age: AGE.set_with(&meter),
            held: HELD.set_with(&meter),
            open: OPEN.set_with(&meter),
            parked: PARKED.set_with(&meter),
        }
    }
}

/// The audit's instrument.
pub(crate) fn drift() -> Gauge<f64> {
    DRIFT.set_with(&meter())
}

/// Shows how many breakers are open, as `count` says whenever somebody asks.
pub(crate) fn watch_breakers(count: impl Fn() -> Option<u64> + Send + Sync + 'static) {
    BREAKERS.ask_with(&meter(), count);
}
