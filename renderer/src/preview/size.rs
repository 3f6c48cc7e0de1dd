//! How large a thumbnail is. Pure.

use common::task::Preview;

/// The most pixels of a side, as for the request.
const SIDE_LIMIT: f64 = 4_000.0;

/// The thumbnail's width and height in pixels, for something of this size in any unit.
pub(super) fn fitted(width: f64, height: f64, preview: &Preview) -> (u32, u32) {
    let (wide, high) = match (preview.width, preview.height) {
        (None, None) => {
            let default = Preview::default();
            (default.width.map(f64::from), default.height.map(f64::from))
        }
        (wide, high) => (wide.map(f64::from), high.map(f64::from)),
    };
    if let (Some(wide), Some(high), false) = (wide, high, preview.keep_ratio) {
        return (pixels(wide), pixels(high));
    }
    let scale = [
        wide.unwrap_or(SIDE_LIMIT).min(SIDE_LIMIT) / width,
        high.unwrap_or(SIDE_LIMIT).min(SIDE_LIMIT) / height,
    ];
    let scale = scale[0].min(scale[1]);
    (pixels(width * scale), pixels(height * scale))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits; a float that is no number becomes 0, then 1"
)]
fn pixels(length: f64) -> u32 {
    (length.round().clamp(1.0, SIDE_LIMIT) as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(size: (f64, f64), asked: (Option<u32>, Option<u32>), keep_ratio: bool) -> (u32, u32) {
        let preview = Preview {
            width: asked.0,
            height: asked.1,
            keep_ratio,
            ..Preview::default()
        };
        fitted(size.0, size.1, &preview)
    }

    #[test]
    fn a_thumbnail_fits_its_box_or_fills_it() {
        let letter = (612.0, 792.0);
        assert_eq!(check(letter, (Some(600), Some(776)), true), (600, 776));
        assert_eq!(check(letter, (Some(300), Some(776)), true), (300, 388));
        assert_eq!(check(letter, (Some(300), None), true), (300, 388));
        assert_eq!(check(letter, (None, Some(388)), true), (300, 388));
        assert_eq!(check(letter, (None, None), true), (600, 776));
        assert_eq!(check(letter, (Some(100), Some(100)), false), (100, 100));
        assert_eq!(check(letter, (Some(300), None), false), (300, 388));
    }

    #[test]
    fn no_side_is_empty_or_endless() {
        assert_eq!(
            check((1.0, 14_400.0), (Some(600), Some(776)), true),
            (1, 776)
        );
        assert_eq!(check((1.0, 14_400.0), (Some(600), None), true), (1, 4_000));
        assert_eq!(
            check((14_400.0, 1.0), (None, Some(4_000)), true),
            (4_000, 1)
        );
        assert_eq!(check((f64::NAN, 1.0), (Some(10), None), true).0, 1);
    }
}
