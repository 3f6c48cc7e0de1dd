//! One call to an endpoint, and what it came to.

use std::time::Duration;

use common::clock::Timestamp;
use common::fetch::{Answer, Body, Client, Fetched, Post};
use common::job::{AttemptOutcome, Dialect};
use common::store::AttemptRecord;
use common::telemetry::{TRACEPARENT, TraceContext};
use tokio::time::Instant;
use url::Url;

use super::letter::Letter;
use crate::schedule::{self, Verdict};

/// Whom to call, with what.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The endpoint's address, as it was registered.
    pub(crate) url: &'a str,
    /// What is to be said.
    pub(crate) letter: &'a Letter,
    /// The letter's body.
    pub(crate) body: Body,
    /// Where in a trace the call is made; the endpoint may go on from there.
    pub(crate) trace: Option<TraceContext>,
}

/// Makes the call, which takes at most `within`. Never fails: what went wrong is what it came to.
pub(crate) async fn make(
    client: &Client,
    call: Call<'_>,
    within: Duration,
    now: Timestamp,
) -> (AttemptRecord, Verdict) {
    let started = Instant::now();
    let dialect = call.letter.dialect;
    let fetched = match Url::parse(call.url) {
        Ok(url) => client.post(post(call, url), within).await,
        Err(error) => Fetched::Refused(format!("the webhook's address can't be read: {error}")),
    };
    judge(fetched, dialect, started.elapsed(), now)
}

/// What is written down of a call that was not made, or not to its end, for a reason of ours.
pub(crate) fn not_made(why: String) -> AttemptRecord {
    AttemptRecord {
        outcome: AttemptOutcome::Interrupted,
        status: None,
        error: Some(why),
        excerpt: None,
        duration: Duration::ZERO,
    }
}

fn post(call: Call<'_>, url: Url) -> Post {
    let letter = call.letter;
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", letter.id.clone()),
        ("webhook-timestamp", letter.timestamp.as_secs().to_string()),
        ("webhook-signature", letter.signature.clone()),
    ];
    headers.extend(call.trace.map(|trace| (TRACEPARENT, trace.to_string())));
    Post {
        url,
        headers,
        body: call.body,
    }
}

/// What a call came to: what is written down, and what it means for the next attempt. Pure.
pub(crate) fn judge(
    fetched: Fetched,
    dialect: Dialect,
    duration: Duration,
    now: Timestamp,
) -> (AttemptRecord, Verdict) {
    let failed = Verdict::Failed { retry_after: None };
    let record = |outcome, error| AttemptRecord {
        outcome,
        status: None,
        error,
        excerpt: None,
        duration,
    };
    match fetched {
        Fetched::Answered(answer) => answered(answer, dialect, duration, now),
        Fetched::Timeout => {
            let error = "the endpoint did not answer in time".to_owned();
            (record(AttemptOutcome::Timeout, Some(error)), failed)
        }
        Fetched::Connection(error) => (record(AttemptOutcome::Connection, Some(error)), failed),
        Fetched::Refused(error) => (record(AttemptOutcome::Refused, Some(error)), failed),
    }
}

fn answered(
    answer: Answer,
    dialect: Dialect,
    duration: Duration,
    now: Timestamp,
) -> (AttemptRecord, Verdict) {
    let (accepts, expected) = match dialect {
        Dialect::Cloudlayer => (answer.status == 200, "200"),
        Dialect::IterationLayer => ((200..300).contains(&answer.status), "200 to 299"),
    };
    let (outcome, error, verdict) = if accepts {
        (AttemptOutcome::Delivered, None, Verdict::Accepted)
    } else {
        let error = format!(
            "the endpoint answered {}; {expected} is expected",
            answer.status
        );
        let hint = answer.retry_after.as_deref();
        let retry_after = hint.and_then(|hint| schedule::retry_after(hint, now));
        let verdict = match answer.status {
            410 => Verdict::Gone,
            _ => Verdict::Failed { retry_after },
        };
        (AttemptOutcome::Rejected, Some(error), verdict)
    };
    let record = AttemptRecord {
        outcome,
        status: Some(answer.status),
        error,
        excerpt: Some(answer.excerpt).filter(|text| !text.is_empty()),
        duration,
    };
    (record, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn check(dialect: Dialect, status: u16, accepted: bool) {
        let answer = Answer {
            status,
            retry_after: Some("7".to_owned()),
            excerpt: String::new(),
        };
        let (record, verdict) = judge(Fetched::Answered(answer), dialect, Duration::ZERO, NOW);
        let expected = if accepted {
            (AttemptOutcome::Delivered, Verdict::Accepted)
        } else if status == 410 {
            (AttemptOutcome::Rejected, Verdict::Gone)
        } else {
            let retry_after = Some(Duration::from_secs(7));
            (AttemptOutcome::Rejected, Verdict::Failed { retry_after })
        };
        assert_eq!((record.outcome, verdict), expected, "{dialect} {status}");
        assert_eq!(record.error.is_none(), accepted);
        assert_eq!((record.status, record.excerpt), (Some(status), None));
    }

    #[test]
    fn each_dialect_has_its_own_idea_of_success() {
        for (status, cloudlayer, iterationlayer) in [
            (200, true, true),
            (201, false, true),
            (204, false, true),
            (302, false, false),
            (410, false, false),
            (500, false, false),
        ] {
            check(Dialect::Cloudlayer, status, cloudlayer);
            check(Dialect::IterationLayer, status, iterationlayer);
        }
    }

    #[test]
    fn no_answer_is_a_failure_that_says_how() {
        for (fetched, outcome) in [
            (Fetched::Timeout, AttemptOutcome::Timeout),
            (Fetched::Connection("x".into()), AttemptOutcome::Connection),
            (Fetched::Refused("x".into()), AttemptOutcome::Refused),
        ] {
            let (record, verdict) = judge(fetched, Dialect::Cloudlayer, Duration::ZERO, NOW);
            assert_eq!((record.outcome, record.status), (outcome, None));
            assert!(record.error.is_some());
            assert_eq!(verdict, Verdict::Failed { retry_after: None });
        }
    }
}
