//! Money inside Platen: whole thousandths of a credit, so halves and sums are exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An amount of credit in thousandths. Negative only as a ledger amount, never as a balance.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct Credits(i64);

/// A text that is not an amount of credits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an amount of credits: write a number with at most three decimals, such as 100 or 0.5"
)]
pub struct ParseCreditsError(String);

impl Credits {
    /// No credit at all.
    pub const ZERO: Self = Self(0);

    /// Whole credits; saturates at the largest amount.
    pub const fn whole(credits: i64) -> Self {
        Self(credits.saturating_mul(1000))
    }

    /// From thousandths of a credit.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// Thousandths of a credit.
    pub const fn as_thousandths(self) -> i64 {
        self.0
    }

    /// For JSON answers, which carry plain numbers. Exact up to 2^53 thousandths.
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts are far below 2^53 thousandths"
    )]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Add for Credits {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Credits {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Credits {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Credits {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let thousandths = self.0.unsigned_abs();
        let (whole, part) = (thousandths / 1000, thousandths % 1000);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{part:03}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl FromStr for Credits {
    type Err = ParseCreditsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseCreditsError(text.to_owned());
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(part) || part.len() > 3 {
            return Err(error());
        }
        let whole: i64 = whole.parse().map_err(|_| error())?;
        let part: i64 = format!("{part:0<3}").parse().map_err(|_| error())?;
        let amount = whole
            .checked_mul(1000)
            .and_then(|w| w.checked_add(part))
            .ok_or_else(error)?;
        Ok(Self(if negative { -amount } else { amount }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_halves_are_exact() {
        for (text, thousandths) in [
            ("1", 1000),
            ("0.5", 500),
            ("12.345", 12_345),
            ("-2.5", -2500),
        ] {
            let credits: Credits = text.parse().unwrap();
            assert_eq!(credits.as_thousandths(), thousandths);
            assert_eq!(credits.to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "1e3",
            "0.0001",
            "+1",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Credits>().is_err(), "{text}");
        }
    }
}
