//! Bytes that travel as base64 inside of JSON.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Standard base64, with or without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// Without a digit.
    Empty,
    /// More bytes than are wanted.
    TooLarge,
    /// Not base64.
    Wrong,
}

/// The bytes, at most `most` of them; white space is skipped and the URL-safe alphabet is understood.
pub(crate) fn decode(text: &str, most: usize) -> Result<Vec<u8>, DecodeError> {
    let digits: Vec<u8> = text.bytes().filter_map(digit).collect();
    if digits.is_empty() {
        return Err(DecodeError::Empty);
    }
    // Four digits carry three bytes.
    if digits.len() / 4 * 3 > most.saturating_add(3) {
        return Err(DecodeError::TooLarge);
    }
    let bytes = LENIENT.decode(digits).map_err(|_| DecodeError::Wrong)?;
    if bytes.len() > most {
        return Err(DecodeError::TooLarge);
    }
    Ok(bytes)
}

/// One digit in the standard alphabet; white space is skipped, the URL-safe digits are translated.
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b' ' | b'\t' | b'\r' | b'\n' => None,
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        other => Some(other),
    }
}
