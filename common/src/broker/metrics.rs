//! What is measured of the broker, by every process that stands on it.

use std::sync::LazyLock;
use std::time::Duration;

use crate::telemetry::metrics::{Counter, Histogram, KeyValue, Metric, meter};

const CONFIRM: Metric = Metric::durations(
    "platen.broker.confirm.duration",
    &[],
    "From a message's turn to be published until RabbitMQ has it on disk.",
);

const CONNECTED: Metric = Metric::gauge(
    "platen.broker.connected",
    "{state}",
    &[],
    "1 while both connections to RabbitMQ are there, to publish and to consume; else 0.",
);

const BLOCKED: Metric = Metric::gauge(
    "platen.broker.blocked",
    "{state}",
    &[],
    "1 while RabbitMQ takes no messages because its memory or disk runs short; else 0.",
);

const DEAD_LETTERS: Metric = Metric::counter(
    "platen.dead.letters",
    "{message}",
    &["queue"],
    "Messages that nobody can be given any more: jobs that crashed every renderer, webhooks that were given up, messages that can't be read.",
);

/// Every metric of this module. The first three are RabbitMQ's alone.
pub const TABLE: &[Metric] = &[CONFIRM, CONNECTED, BLOCKED, DEAD_LETTERS];

/// What a dead letter was about; the middle of its queue's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadLetter {
    /// A job.
    Job,
    /// The end of a run.
    Completion,
    /// A webhook.
    Delivery,
    /// An answer for a waiting caller.
    Answer,
}

impl DeadLetter {
    const ALL: [Self; 4] = [Self::Job, Self::Completion, Self::Delivery, Self::Answer];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "jobs",
            Self::Completion => "settle",
            Self::Delivery => "deliver",
            Self::Answer => "settled",
        }
    }

    /// By the queue that the message came from.
    pub(super) fn from_queue(name: &str) -> Self {
        [Self::Job, Self::Completion, Self::Delivery]
            .into_iter()
            .find(|letter| name.starts_with(&format!("platen.{}.", letter.as_str())))
            .unwrap_or(Self::Answer)
    }

    /// Counts one.
    pub fn count(self) {
        INSTRUMENTS.dead_letters.add(1, &self.labels());
    }

    fn labels(self) -> [KeyValue; 1] {
        [KeyValue::new("queue", self.as_str())]
    }
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(Instruments::new);

struct Instruments {
    confirm: Histogram<f64>,
    dead_letters: Counter<u64>,
}

impl Instruments {
    fn new() -> Self {
        let meter = meter();
        let dead_letters = DEAD_LETTERS.count_with(&meter);
        for letter in DeadLetter::ALL {
            // There from the start: of a series that begins with its first event nobody sees the event.
            dead_letters.add(0, &letter.labels());
        }
        Self {
            confirm: CONFIRM.time_with(&meter),
            dead_letters,
        }
    }
}

/// Notes how long a confirm has taken.
pub(super) fn confirmed(after: Duration) {
    INSTRUMENTS.confirm.record(after.as_secs_f64(), &[]);
}

/// Shows from now on what every broker has, be it nothing yet.
pub(super) fn begin() {
    LazyLock::force(&INSTRUMENTS);
}

/// Shows from now on how the connections stand.
pub(super) fn watch<C, B>(is_connected: C, is_blocked: B)
where
    C: Fn() -> bool + Send + Sync + 'static,
    B: Fn() -> bool + Send + Sync + 'static,
{
    begin();
    let meter = meter();
    CONNECTED.ask_with(&meter, move || Some(is_connected().into()));
    BLOCKED.ask_with(&meter, move || Some(is_blocked().into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_is_known_by_its_queue_whoever_the_queue_was_made_for() {
        for (queue, letter) in [
            ("platen.jobs.browser.sync.v1", DeadLetter::Job),
            ("platen.jobs.dead.v1", DeadLetter::Job),
            ("platen.settle.v1", DeadLetter::Completion),
            ("platen.deliver.v1", DeadLetter::Delivery),
            ("settled.0123.4", DeadLetter::Answer),
        ] {
            assert_eq!(DeadLetter::from_queue(queue), letter, "{queue}");
        }
    }
}
