//! The events of a job: a line each, with a bar where time went.

use std::time::Duration;

use common::job::AttemptOutcome;
use common::plain::plain;
use common::store::{Event, What};
use serde_json::{Value, json};

use super::span::span;

/// The longest bar, which stands for all the time from the acceptance to the end.
const BAR: usize = 30;

/// An event for programs.
pub(super) fn as_json(event: &Event) -> Value {
    let mut shown = match &event.what {
        What::Accepted => json!({ "event": "accepted" }),
        What::Published => json!({ "event": "published" }),
        What::Started { worker } => json!({ "event": "started", "worker": worker }),
        What::Phase(phase) => json!({ "event": "phase", "phase": phase }),
        What::Stored { size } => json!({ "event": "stored", "size": size }),
        What::Settled { state, failure } => {
            json!({ "event": "settled", "state": state, "failure": failure })
        }
        What::Attempt {
            delivery,
            number,
            outcome,
            status,
            error,
        } => json!({
            "event": "attempt",
            "delivery_id": delivery,
            "number": number,
            "outcome": outcome,
            "status": status,
            "error": error,
        }),
    };
    shown["at"] = event.at.to_iso8601().into();
    shown["duration_ms"] = event.took.map(|took| took.as_secs_f64() * 1000.0).into();
    shown
}

/// A line of the story before it is laid out.
struct Line {
    after: String,
    took: String,
    what: String,
    bar: usize,
}

/// The events for people: how long after the acceptance, for how long, what.
pub(super) fn lines(events: &[Event]) -> Vec<String> {
    let Some(first) = events.first() else {
        return Vec::new();
    };
    let whole = whole(events);
    let mut before = first.at;
    let rows: Vec<Line> = events
        .iter()
        .map(|event| {
            // Nothing is told of waiting but when it ended.
            let waited = matches!(event.what, What::Started { .. });
            let took = event.took.or(waited.then(|| event.at.since(before)));
            before = event.at;
            Line {
                after: span(event.at.since(first.at)),
                took: took.map(span).unwrap_or_default(),
                what: plain(&described(&event.what)),
                bar: took
                    .filter(|_| is_own(event))
                    .map_or(0, |took| share(took, whole)),
            }
        })
        .collect();
    let width = |of: fn(&Line) -> &str, rows: &[Line]| {
        let widths = rows.iter().map(|row| of(row).chars().count());
        widths.max().unwrap_or(0)
    };
    let after = width(|row| &row.after, &rows).max(5);
    let took = width(|row| &row.took, &rows).max(4);
    // Only those that have bars stand in their way.
    let barred = events.iter().take_while(|event| is_own(event)).count();
    let what = width(|row| &row.what, &rows[..barred]);
    let head = format!("  {:>after$}  {:>took$}  EVENT", "AFTER", "TOOK");
    let rows = rows.into_iter().map(|row| {
        let bar = "#".repeat(row.bar);
        let line = format!(
            "  {:>after$}  {:>took$}  {:<what$}  {bar}",
            row.after, row.took, row.what
        );
        line.trim_end().to_owned()
    });
    std::iter::once(head).chain(rows).collect()
}

/// From the acceptance to the end.
fn whole(events: &[Event]) -> Duration {
    let first = events.first().map(|event| event.at);
    let last = events.iter().rfind(|event| is_own(event));
    first
        .zip(last.map(|event| event.at))
        .map_or(Duration::ZERO, |(first, last)| last.since(first))
}

/// Calls of the webhook come after the end, and may take days.
fn is_own(event: &Event) -> bool {
    !matches!(event.what, What::Attempt { .. })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "at most the length of a bar"
)]
fn share(took: Duration, whole: Duration) -> usize {
    if whole.is_zero() {
        return 0;
    }
    let part = (took.as_secs_f64() / whole.as_secs_f64()).min(1.0);
    (part * BAR as f64).round() as usize
}

fn described(what: &What) -> String {
    match what {
        What::Accepted => "accepted".to_owned(),
        What::Published => "published".to_owned(),
        What::Started { worker: None } => "started".to_owned(),
        What::Started {
            worker: Some(worker),
        } => format!("started by {worker}"),
        What::Phase(phase) => format!("  {}", phase.as_str().replace('_', " ")),
        What::Stored { size: None } => "stored".to_owned(),
        What::Stored { size: Some(size) } => format!("stored {size} bytes"),
        What::Settled { state, .. } => format!("settled as {state}"),
        What::Attempt {
            number,
            outcome,
            status,
            error,
            ..
        } => {
            let outcome = outcome.map_or("under way", AttemptOutcome::as_str);
            let status = status.map_or_else(String::new, |status| format!(" {status}"));
            let error = error
                .as_ref()
                .map_or_else(String::new, |error| format!(" ({error})"));
            format!("webhook, attempt {number}: {outcome}{status}{error}")
        }
    }
}

#[cfg(test)]
mod tests {
    use common::clock::Timestamp;
    use common::id::DeliveryId;
    use common::job::{JobState, Phase};

    use super::*;

    fn at(millis: u64, took: Option<u64>, what: What) -> Event {
        let start = Timestamp::from_micros(1_700_000_000_000_000);
        Event {
            at: start + Duration::from_millis(millis),
            took: took.map(Duration::from_millis),
            what,
        }
    }

    #[test]
    fn a_reader_sees_at_a_glance_where_time_went() {
        let worker = Some("host-1".to_owned());
        let events = [
            at(0, None, What::Accepted),
            at(1, None, What::Published),
            at(101, None, What::Started { worker }),
            at(101, Some(150), What::Phase(Phase::Navigate)),
            at(251, Some(45), What::Phase(Phase::PostProcess)),
            at(300, None, What::Stored { size: Some(7) }),
            at(
                300,
                None,
                What::Settled {
                    state: JobState::Success,
                    failure: None,
                },
            ),
            at(
                5300,
                Some(12),
                What::Attempt {
                    delivery: DeliveryId::new(),
                    number: 1,
                    outcome: Some(AttemptOutcome::Rejected),
                    status: Some(500),
                    error: None,
                },
            ),
        ];
        let expected = [
            "   AFTER    TOOK  EVENT",
            "  0.0 ms          accepted",
            "  1.0 ms          published",
            "  101 ms  100 ms  started by host-1   ##########",
            "  101 ms  150 ms    navigate          ###############",
            "  251 ms   45 ms    post process      #####",
            "  300 ms          stored 7 bytes",
            "  300 ms          settled as success",
            "  5.30 s   12 ms  webhook, attempt 1: rejected 500",
        ];
        assert_eq!(lines(&events), expected);
    }
}
