//! Unpacks font files: TTF, OTF, WOFF and WOFF2.

use bytes::Bytes;

use super::sfnt;

/// The most bytes of a font, packed or not: as much as is fetched of any file, and the largest CJK collections are
/// below it.
const LIMIT: usize = 50 * 1024 * 1024;

/// Bytes of WOFF's header, and of what its directory says of each table (WOFF 1.0, sections 3 and 4).
const HEADER: usize = 44;
const ENTRY: usize = 20;

/// The plain font, if it is one.
pub(super) fn open(bytes: Bytes) -> Option<Bytes> {
    if bytes.len() > LIMIT {
        return None;
    }
    let font = match bytes.get(..4)? {
        b"wOFF" if unpacked(&bytes)? > LIMIT as u64 => return None,
        b"wOFF" => wuff::decompress_woff1(&bytes).ok()?.into(),
        b"wOF2" => wuff::decompress_woff2(&bytes).ok()?.into(),
        [0, 1, 0, 0] | b"OTTO" | b"true" => bytes,
        _ => return None,
    };
    sfnt::units_per_em(&font, 0)?;
    (font.len() <= LIMIT).then_some(font)
}

/// How many bytes the tables of a WOFF file say that they have unpacked: wuff takes as many, and no more, unless one is
/// longer packed, which WOFF forbids.
fn unpacked(bytes: &[u8]) -> Option<u64> {
    let tables = u16::from_be_bytes(bytes.get(12..14)?.try_into().ok()?);
    let entries = bytes.get(HEADER..)?.chunks_exact(ENTRY);
    let lengths = entries.take(tables.into()).map(|entry| {
        let number = |at: usize| Some(u32::from_be_bytes(entry.get(at..at + 4)?.try_into().ok()?));
        let (packed, plain) = (number(8)?, number(12)?);
        (packed <= plain).then_some(u64::from(plain))
    });
    lengths.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WOFF file whose tables say that they have so many bytes, packed and unpacked.
    fn woff(tables: &[(u32, u32)]) -> Vec<u8> {
        let mut file = vec![0; HEADER];
        file[..4].copy_from_slice(b"wOFF");
        file[13] = u8::try_from(tables.len()).unwrap();
        for (packed, plain) in tables {
            let mut entry = [0; ENTRY];
            entry[8..12].copy_from_slice(&packed.to_be_bytes());
            entry[12..16].copy_from_slice(&plain.to_be_bytes());
            file.extend_from_slice(&entry);
        }
        file
    }

    #[test]
    fn what_a_font_unpacks_to_is_known_before_it_is_unpacked() {
        assert_eq!(
            unpacked(&woff(&[(7, 7), (1, u32::MAX), (0, 1)])),
            Some(u64::from(u32::MAX) + 8)
        );
        assert_eq!(unpacked(b"wOFF"), None);
        assert_eq!(unpacked(&woff(&[(1, 2), (8, 7)])), None);
        assert!(open(woff(&[(1, u32::MAX); 3]).into()).is_none());
        assert!(open(woff(&[(7, 7)]).into()).is_none());
    }
}
