//! A text as a QR code that every reader reads back. The crate's own choice of segments won't do: it takes UTF-8 that
//! looks like Shift JIS for kanji, which reads back as other letters, and of many short runs it makes more bits than
//! of one.

use qrcode::bits::Bits;
use qrcode::optimize::{Optimizer, Parser, Segment, total_encoded_len};
use qrcode::types::Mode;
use qrcode::{EcLevel, QrCode, Version};

/// The largest version (ISO/IEC 18004).
const LARGEST: i16 = 40;

/// The smallest code of a value, at the strongest error correction of medium and low that holds it.
pub(super) fn encode(value: &[u8]) -> Option<QrCode> {
    at(value, EcLevel::M).or_else(|| at(value, EcLevel::L))
}

fn at(value: &[u8], level: EcLevel) -> Option<QrCode> {
    (1..=LARGEST).map(Version::Normal).find_map(|version| {
        let runs = Parser::new(value).map(without_kanji);
        let runs: Vec<Segment> = Optimizer::new(runs, version).collect();
        let one = vec![whole(value)];
        let shorter = total_encoded_len(&one, version) < total_encoded_len(&runs, version);
        let mut bits = Bits::new(version);
        let chosen = if shorter { one } else { runs };
        bits.push_segments(value, chosen.into_iter()).ok()?;
        bits.push_terminator(level).ok()?;
        QrCode::with_bits(bits, level).ok()
    })
}

/// Readers take kanji for Shift JIS, and texts are UTF-8.
fn without_kanji(run: Segment) -> Segment {
    let mode = match run.mode {
        Mode::Kanji => Mode::Byte,
        mode @ (Mode::Numeric | Mode::Alphanumeric | Mode::Byte) => mode,
    };
    Segment { mode, ..run }
}

/// All of it in one segment.
fn whole(value: &[u8]) -> Segment {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let is_sign =
        |byte: &u8| byte.is_ascii_uppercase() || is_digit(byte) || b" $%*+-./:".contains(byte);
    let mode = if value.iter().all(is_digit) {
        Mode::Numeric
    } else if value.iter().all(is_sign) {
        Mode::Alphanumeric
    } else {
        Mode::Byte
    };
    Segment {
        mode,
        begin: 0,
        end: value.len(),
    }
}
