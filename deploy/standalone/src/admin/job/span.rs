//! Lengths of time for people.

use std::time::Duration;

/// With about three digits, and the unit that fits.
pub(super) fn span(length: Duration) -> String {
    let seconds = length.as_secs_f64();
    let whole = length.as_secs();
    match whole {
        0 if seconds < 0.01 => format!("{:.1} ms", seconds * 1000.0),
        0 => format!("{:.0} ms", seconds * 1000.0),
        1..60 => format!("{seconds:.2} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_the_unit_that_fits() {
        for (micros, text) in [
            (0, "0.0 ms"),
            (340, "0.3 ms"),
            (12_400, "12 ms"),
            (999_000, "999 ms"),
            (1_234_000, "1.23 s"),
            (75_000_000, "1 min 15 s"),
            (7_500_000_000, "2 h 5 min"),
        ] {
            assert_eq!(span(Duration::from_micros(micros)), text);
        }
    }
}
