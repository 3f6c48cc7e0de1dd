//! The `cl-*` and rate headers of conversion answers (reference cloudlayer 4.1 and 4.2).

use common::credits::Credits;
use common::store::Job;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::jobs::process_time;
use crate::accept::Receipt;
use crate::error::rate_headers;
use crate::idempotency;

/// One installation is one cluster.
const CLUSTER: &str = "platen";

/// The headers of a conversion's answer; `job` once it has ended.
pub(super) fn of(receipt: &Receipt, job: Option<&Job>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("cl-worker-job-id", receipt.job.to_string());
    set("cl-cluster-id", CLUSTER.to_owned());
    set("cl-api-credit-cost", receipt.price.to_string());
    set(
        "cl-calls-remaining",
        calls(receipt.accepted.balance, receipt.price).to_string(),
    );
    if let Some(job) = job {
        set("cl-worker", job.worker.clone().unwrap_or_default());
        set("cl-bandwidth", job.size.unwrap_or(0).to_string());
        set(
            "cl-process-time",
            process_time(job).unwrap_or(0).to_string(),
        );
        // Time and bytes are not charged: a conversion has one price.
        for name in [
            "cl-charged-time",
            "cl-bandwidth-cost",
            "cl-process-time-cost",
        ] {
            set(name, "0".to_owned());
        }
    }
    if receipt.repeated {
        idempotency::mark(&mut headers);
    }
    if let Some(window) = &receipt.accepted.rate {
        headers.extend(rate_headers(window));
    }
    headers
}

/// How many more calls at this price the balance pays; -1 where they cost nothing.
fn calls(balance: Credits, price: Credits) -> i64 {
    let remaining = balance.as_thousandths().checked_div(price.as_thousandths());
    remaining.unwrap_or(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_calls_are_counted() {
        let half = Credits::from_thousandths(500);
        assert_eq!(calls(Credits::from_thousandths(1999), Credits::whole(1)), 1);
        assert_eq!(calls(Credits::whole(2), half), 4);
        assert_eq!(calls(Credits::whole(2), Credits::ZERO), -1);
    }
}
