//! The few conversions between numbers that painting needs, each saying what happens at its ends.

/// A whole number of pixels, rounded; 0 for what is negative or no number, saturating above.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates and makes NaN zero, which is what is wanted"
)]
pub(super) const fn pixels(number: f64) -> u32 {
    number.round() as u32
}

/// As [`pixels`], for sides that the painter counts in 16 bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates and makes NaN zero, which is what is wanted"
)]
pub(super) const fn side(number: f64) -> u16 {
    number.round() as u16
}

/// The nearest single-precision number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "text and colours need no more precision"
)]
pub(super) const fn single(number: f64) -> f32 {
    number as f32
}

/// A count as a number; exact below 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of pixels are far below 2^53"
)]
pub(super) const fn count(count: usize) -> f64 {
    count as f64
}
