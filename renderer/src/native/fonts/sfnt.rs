//! The little that must be known of a font file before libraries trust it.

/// The smallest and the largest grid that the standard allows.
const UNITS: std::ops::RangeInclusive<u16> = 16..=16_384;

/// The grid that a font's outlines are drawn on, in units to its size; nothing for a font without one.
/// `index` is that of the font in a collection.
pub(in crate::native) fn units_per_em(file: &[u8], index: u32) -> Option<u16> {
    let start = match file.get(..4)? {
        b"ttcf" => number(file, 12 + 4 * usize::try_from(index).ok()?)?,
        _ => 0,
    };
    let tables = file.get(start + 4..start + 6)?.try_into().ok()?;
    let mut entries = file.get(start + 12..)?.chunks_exact(16);
    let head = entries
        .by_ref()
        .take(u16::from_be_bytes(tables).into())
        .find(|entry| entry.starts_with(b"head"))?;
    let (at, length) = (number(head, 8)?, number(head, 12)?);
    let head = file.get(at..at.checked_add(length)?)?;
    let units = u16::from_be_bytes(head.get(18..20)?.try_into().ok()?);
    // The standard's 54 bytes, which readers take for granted.
    (head.len() >= 54 && UNITS.contains(&units)).then_some(units)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let number = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(number)).ok()
}
