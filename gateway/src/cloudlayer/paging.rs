//! Which rows a list shows: `limit`, `offset` and `startAfterId` (reference cloudlayer 8.4).

use std::ops::RangeInclusive;

use common::store::Page;
use http::Uri;

use crate::error::ApiError;

/// Rows of a list when nothing is said: the ten most recent.
const DEFAULT: u32 = 10;
const LIMIT: RangeInclusive<u32> = 1..=100;
const OFFSET: RangeInclusive<u32> = 0..=1_000_000;

/// Reads the query; `is_id` says whether a text is an id of the listed kind.
pub(crate) fn page(uri: &Uri, is_id: fn(&str) -> bool) -> Result<Page, ApiError> {
    let mut page = Page {
        limit: DEFAULT,
        offset: 0,
        start_after: None,
    };
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match name.as_ref() {
            "limit" => page.limit = number("limit", &value, LIMIT)?,
            "offset" => page.offset = number("offset", &value, OFFSET)?,
            "startAfterId" if value.is_empty() => {}
            "startAfterId" if is_id(&value) => page.start_after = Some(value.into_owned()),
            "startAfterId" => {
                let message = "`startAfterId` must be the id of the last entry that was listed";
                return Err(ApiError::field("startAfterId", message));
            }
            _ => {}
        }
    }
    Ok(page)
}

fn number(field: &str, value: &str, allowed: RangeInclusive<u32>) -> Result<u32, ApiError> {
    let number = value.parse().ok().filter(|number| allowed.contains(number));
    number.ok_or_else(|| {
        let (least, most) = (allowed.start(), allowed.end());
        let message = format!("`{field}` must be a whole number from {least} to {most}");
        ApiError::field(field, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<(u32, u32, Option<String>), String> {
        let uri = format!("/v2/jobs{query}").parse().unwrap();
        let page = page(&uri, |id| id.starts_with("job_")).map_err(|error| error.to_string())?;
        Ok((page.limit, page.offset, page.start_after))
    }

    #[test]
    fn nothing_said_gives_the_ten_most_recent() {
        assert_eq!(read(""), Ok((10, 0, None)));
        assert_eq!(read("?x=1&startAfterId="), Ok((10, 0, None)));
    }

    #[test]
    fn all_three_parameters_are_read() {
        let expected = (100, 5, Some("job_1".to_owned()));
        assert_eq!(read("?limit=100&offset=5&startAfterId=job_1"), Ok(expected));
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for (query, part) in [
            ("?limit=0", "`limit` must be a whole number from 1 to 100"),
            ("?limit=101", "`limit`"),
            ("?limit=ten", "`limit`"),
            ("?offset=-1", "`offset`"),
            ("?startAfterId=ast_1", "`startAfterId`"),
        ] {
            let error = read(query).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
