//! Which deliveries a list shows: the filter, in the query beside the page.

use std::str::FromStr;

use common::clock::Timestamp;
use common::store::DeliveryFilter;
use http::Uri;

use crate::error::ApiError;

/// Reads the filter; other parameters are the page's.
pub(super) fn filter(uri: &Uri) -> Result<DeliveryFilter, ApiError> {
    let mut filter = DeliveryFilter::default();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if value.is_empty() {
            continue;
        }
        match name.as_ref() {
            "state" => {
                filter.state = Some(read(
                    "state",
                    &value,
                    "must be pending, parked, delivered or failed",
                )?);
            }
            "url" => filter.url = Some(value.into_owned()),
            "jobId" => {
                filter.job = Some(read("jobId", &value, "must be the id of a job")?);
            }
            "since" => filter.since = Some(moment("since", &value)?),
            "until" => filter.until = Some(moment("until", &value)?),
            _ => {}
        }
    }
    Ok(filter)
}

/// Reads a moment.
pub(super) fn moment(field: &str, text: &str) -> Result<Timestamp, ApiError> {
    read(field, text, "must be a moment such as 2026-01-31T08:30:00Z")
}

fn read<T: FromStr>(field: &str, text: &str, expected: &str) -> Result<T, ApiError> {
    text.parse()
        .map_err(|_| ApiError::field(field, format!("`{field}` {expected}")))
}

#[cfg(test)]
mod tests {
    use common::id::JobId;
    use common::job::DeliveryState;

    use super::*;

    fn read(query: &str) -> Result<DeliveryFilter, String> {
        let uri = format!("/v2/deliveries{query}").parse().unwrap();
        filter(&uri).map_err(|error| error.to_string())
    }

    #[test]
    fn every_part_of_the_filter_is_read() {
        assert_eq!(read("?limit=3&state="), Ok(DeliveryFilter::default()));
        let job = JobId::new();
        let query = format!(
            "?state=parked&url=https%3A%2F%2Fa.example%2F&jobId={job}&since=2024-01-15T10:30:00Z&until=2024-01-15T10:30:00.5Z"
        );
        let since = Timestamp::from_micros(1_705_314_600_000_000);
        let expected = DeliveryFilter {
            state: Some(DeliveryState::Parked),
            url: Some("https://a.example/".to_owned()),
            job: Some(job),
            since: Some(since),
            until: Some(Timestamp::from_micros(1_705_314_600_500_000)),
        };
        assert_eq!(read(&query), Ok(expected));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        for (query, part) in [
            (
                "?state=dead",
                "`state` must be pending, parked, delivered or failed",
            ),
            ("?jobId=7", "`jobId`"),
            ("?since=yesterday", "`since` must be a moment such as"),
            ("?until=1705314600", "`until`"),
        ] {
            let error = read(query).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
