//! What is measured of the gateway.

use std::time::Duration;

use common::job::{Lane, Mode};
use common::telemetry::metrics::{Counter, Histogram, KeyValue, Metric, meter};

use crate::observed::Named;

const REQUESTS: Metric = Metric::durations(
    "http.server.request.duration",
    &[
        "http.request.method",
        "http.route",
        "http.response.status_code",
    ],
    "From a request's head until its answer's head; callers that wait for a result wait in it.",
);

const ACCEPTING: Metric = Metric::durations(
    "platen.accept.duration",
    &["mode"],
    "From an order that is understood until it is charged, stored and handed to the broker.",
);

const ACCEPTED: Metric = Metric::counter(
    "platen.jobs.accepted",
    "{job}",
    &["lane", "mode"],
    "Jobs accepted and charged; repeats with an Idempotency-Key are not counted again.",
);

/// Every metric of the gateway.
pub const TABLE: &[Metric] = &[REQUESTS, ACCEPTING, ACCEPTED];

/// The gateway's instruments; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    requests: Histogram<f64>,
    accepting: Histogram<f64>,
    accepted: Counter<u64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let meter = meter();
        let accepted = ACCEPTED.count_with(&meter);
        for &lane in Lane::ALL {
            for &mode in Mode::ALL {
                accepted.add(0, &labels(lane, mode));
            }
        }
        Self {
            requests: REQUESTS.time_with(&meter),
            accepting: ACCEPTING.time_with(&meter),
            accepted,
        }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, named: &Named, status: u16, took: Duration) {
        let labels = [
            KeyValue::new("http.request.method", named.method),
            KeyValue::new("http.route", named.route().to_owned()),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ];
        self.requests.record(took.as_secs_f64(), &labels);
    }

    /// A job was accepted, so long after it was asked for.
    pub(crate) fn accepted(&self, lane: Lane, mode: Mode, took: Duration) {
        self.accepted.add(1, &labels(lane, mode));
        let mode = KeyValue::new("mode", mode.as_str());
        self.accepting.record(took.as_secs_f64(), &[mode]);
    }
}

fn labels(lane: Lane, mode: Mode) -> [KeyValue; 2] {
    [
        KeyValue::new("lane", lane.as_str()),
        KeyValue::new("mode", mode.as_str()),
    ]
}
