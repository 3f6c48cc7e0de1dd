//! Lengths of time as people write them in options: `500ms`, `30s`, `5m`, `1h`, `30d`.

use std::time::Duration;

/// A text that is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a length of time: write a whole number and a unit (ms, s, m, h or d), such as 30s or 5m"
)]
pub struct ParseDurationError(String);

/// Reads a length of time; fits clap's `value_parser`.
pub fn parse(text: &str) -> Result<Duration, ParseDurationError> {
    let error = || ParseDurationError(text.to_owned());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| error())?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(error()),
    };
    number
        .checked_mul(millis)
        .map(Duration::from_millis)
        .ok_or_else(error)
}

/// As [`parse`], but refuses zero: for limits that would otherwise end everything at once.
pub fn parse_positive(text: &str) -> Result<Duration, ParseDurationError> {
    let duration = parse(text)?;
    if duration.is_zero() {
        return Err(ParseDurationError(text.to_owned()));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_unit_are_read() {
        for (text, seconds) in [
            ("30s", 30),
            ("5m", 300),
            ("1h", 3600),
            ("30d", 2_592_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        for text in [
            "",
            "30",
            "s",
            "1.5s",
            "-1s",
            " 1s",
            "1 s",
            "1w",
            "1S",
            "99999999999999999d",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("such as 30s"), "{error}");
        }
        assert!(parse_positive("0ms").is_err());
        assert_eq!(parse_positive("1ms"), Ok(Duration::from_millis(1)));
    }
}
