//! The `Range` header (RFC 9110, 14.2): one range of bytes; anything else gets the whole file.

use std::ops::Range;

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// These bytes.
    Part(Range<u64>),
    /// Not one range of bytes, so the header is ignored.
    Whole,
    /// No byte of the file.
    Outside,
}

/// Reads the header for a file of `size` bytes.
pub(super) fn parse(text: &str, size: u64) -> Wanted {
    let Some((first, last)) = text
        .trim()
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.trim().is_empty() => first..size,
        (None, Some(length)) if first.trim().is_empty() => size.saturating_sub(length)..size,
        _ => return Wanted::Whole,
    };
    if range.is_empty() {
        return Wanted::Outside;
    }
    Wanted::Part(range)
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number beyond all files is as good as the largest.
    plain.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &Wanted) {
        assert_eq!(&parse(text, 10), expected, "{text}");
    }

    #[test]
    fn one_range_is_cut_to_the_file() {
        check("bytes=0-4", &Wanted::Part(0..5));
        check("bytes=5-", &Wanted::Part(5..10));
        check("bytes=-3", &Wanted::Part(7..10));
        check("bytes=-30", &Wanted::Part(0..10));
        check("bytes=8-99999999999999999999", &Wanted::Part(8..10));
    }

    #[test]
    fn a_range_behind_the_end_holds_nothing() {
        check("bytes=10-", &Wanted::Outside);
        check("bytes=10-12", &Wanted::Outside);
        check("bytes=-0", &Wanted::Outside);
        assert_eq!(parse("bytes=0-", 0), Wanted::Outside);
    }

    #[test]
    fn what_is_not_one_range_is_ignored() {
        for text in [
            "bytes=1-2,4-5",
            "bytes=5-4",
            "bytes=a-b",
            "bytes=--1",
            "lines=1-2",
            "bytes=-",
            "bytes=+1-2",
        ] {
            check(text, &Wanted::Whole);
        }
    }
}
