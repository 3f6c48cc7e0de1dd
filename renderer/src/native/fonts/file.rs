//! Unpacks font files: TTF, OTF, WOFF and WOFF2.

use bytes::Bytes;

use super::sfnt;

/// The most bytes of a font, packed or not: the largest CJK collections are below it.
const LIMIT: usize = 32 * 1024 * 1024;

/// The plain font, if it is one.
pub(super) fn open(bytes: Bytes) -> Option<Bytes> {
    if bytes.len() > LIMIT {
        return None;
    }
    let font = match bytes.get(..4)? {
        b"wOFF" => wuff::decompress_woff1(&bytes).ok()?.into(),
        b"wOF2" => wuff::decompress_woff2(&bytes).ok()?.into(),
        [0, 1, 0, 0] | b"OTTO" | b"true" => bytes,
        _ => return None,
    };
    sfnt::units_per_em(&font, 0)?;
    (font.len() <= LIMIT).then_some(font)
}
