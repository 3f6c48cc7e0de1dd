//! QR codes and barcodes, whose values are known to be encodable.

use serde::{Deserialize, Serialize};

use super::Color;

/// The longest value of a barcode, in characters: longer ones can't be scanned anyway.
pub const MAX_BARCODE: usize = 80;

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    value: String,
    /// The dark modules.
    pub foreground: Color,
    /// The light modules and the quiet zone.
    pub background: Color,
}

/// A value that no QR code holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// Empty.
    #[error("must be a non-empty text")]
    Empty,
    /// Too long.
    #[error(
        "must be at most {} digits, or {} of the characters 0-9 A-Z space $ % * + - . / :, or {} bytes of any other text, which is all that a QR code holds",
        QrCode::MAX_DIGITS,
        QrCode::MAX_ALPHANUMERIC,
        QrCode::MAX
    )]
    TooLong,
}

impl QrCode {
    /// The most bytes of any text that the largest QR code holds, at the lowest error correction.
    pub const MAX: usize = 2953;
    /// The most characters, if all of them are among the 45 of which such a code writes two in eleven bits.
    pub const MAX_ALPHANUMERIC: usize = 4296;
    /// The most digits, if it has nothing else.
    pub const MAX_DIGITS: usize = 7089;

    /// Checks the value.
    pub fn new(value: String, foreground: Color, background: Color) -> Result<Self, QrError> {
        if value.is_empty() {
            return Err(QrError::Empty);
        }
        if value.len() > Self::most(&value) {
            return Err(QrError::TooLong);
        }
        Ok(Self {
            value,
            foreground,
            background,
        })
    }

    /// What it says.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The most bytes of a text of these characters.
    fn most(value: &str) -> usize {
        if value.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::MAX_DIGITS
        } else if value.bytes().all(is_alphanumeric) {
            Self::MAX_ALPHANUMERIC
        } else {
            Self::MAX
        }
    }
}

/// Whether it is one of the 45.
const fn is_alphanumeric(byte: u8) -> bool {
    matches!(
        byte,
        b'0'..=b'9' | b'A'..=b'Z' | b' ' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'/' | b':'
    )
}

/// A barcode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barcode {
    format: BarcodeFormat,
    value: String,
    /// The bars.
    pub foreground: Color,
    /// The spaces and the quiet zones.
    pub background: Color,
}

/// A kind of barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarcodeFormat {
    /// Code 128: printable ASCII.
    Code128,
    /// EAN-13.
    Ean13,
    /// EAN-8.
    Ean8,
    /// Code 39.
    Code39,
    /// Interleaved 2 of 5.
    Itf,
    /// Codabar.
    Codabar,
}

/// A value that a barcode of its format can't hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeError {
    /// Empty, or longer than a scanner takes.
    #[error("must be a text of 1 to {MAX_BARCODE} characters")]
    Length,
    /// Letters that the format does not have, or a count that it does not take.
    #[error("must be {0}")]
    Shape(&'static str),
    /// A wrong last digit.
    #[error("must end in the check digit {expected}, not {found}")]
    CheckDigit {
        /// What it should be.
        expected: char,
        /// What it is.
        found: char,
    },
}

impl BarcodeFormat {
    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "code128" => Self::Code128,
            "ean13" => Self::Ean13,
            "ean8" => Self::Ean8,
            "code39" => Self::Code39,
            "itf" => Self::Itf,
            "codabar" => Self::Codabar,
            _ => return None,
        })
    }
}

impl Barcode {
    /// Checks the value against its format, and adds the check digit of an EAN that lacks it.
    pub fn new(
        format: BarcodeFormat,
        value: &str,
        foreground: Color,
        background: Color,
    ) -> Result<Self, BarcodeError> {
        if value.is_empty() || value.chars().count() > MAX_BARCODE {
            return Err(BarcodeError::Length);
        }
        Ok(Self {
            format,
            value: checked(format, value)?,
            foreground,
            background,
        })
    }

    /// Its kind.
    pub const fn format(&self) -> BarcodeFormat {
        self.format
    }

    /// What it says; an EAN with its check digit.
    pub fn value(&self) -> &str {
        &self.value
    }
}

fn checked(format: BarcodeFormat, value: &str) -> Result<String, BarcodeError> {
    let only = |fits: fn(u8) -> bool, shape| {
        if value.bytes().all(fits) {
            return Ok(value.to_owned());
        }
        Err(BarcodeError::Shape(shape))
    };
    match format {
        BarcodeFormat::Code128 => only(
            |byte| matches!(byte, b' '..=b'~'),
            "printable ASCII characters only for code128",
        ),
        BarcodeFormat::Code39 => only(
            |byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b' ' | b'$' | b'/' | b'+' | b'%'),
            "uppercase letters, digits and the characters - . space $ / + % for code39",
        ),
        BarcodeFormat::Itf => {
            let shape = "an even number of digits for itf";
            if !value.len().is_multiple_of(2) {
                return Err(BarcodeError::Shape(shape));
            }
            only(|byte| byte.is_ascii_digit(), shape)
        }
        BarcodeFormat::Codabar => codabar(value),
        BarcodeFormat::Ean13 => ean(value, 13, "12 or 13 digits for ean13"),
        BarcodeFormat::Ean8 => ean(value, 8, "7 or 8 digits for ean8"),
    }
}

fn codabar(value: &str) -> Result<String, BarcodeError> {
    let guard = |byte: &u8| matches!(byte, b'A'..=b'D');
    let inner = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'$' | b':' | b'/' | b'.' | b'+');
    match value.as_bytes() {
        [first, middle @ .., last]
            if guard(first) && guard(last) && middle.iter().all(inner) && !middle.is_empty() =>
        {
            Ok(value.to_owned())
        }
        _ => Err(BarcodeError::Shape(
            "A, B, C or D, then digits or - $ : / . +, then A, B, C or D for codabar",
        )),
    }
}

fn ean(value: &str, length: usize, shape: &'static str) -> Result<String, BarcodeError> {
    let digits: Option<Vec<u32>> = value.chars().map(|digit| digit.to_digit(10)).collect();
    let digits = digits.ok_or(BarcodeError::Shape(shape))?;
    if digits.len() != length && digits.len() + 1 != length {
        return Err(BarcodeError::Shape(shape));
    }
    // The digit before the check digit weighs 3, the one before it 1, and so on.
    let sum: u32 = digits
        .iter()
        .take(length - 1)
        .rev()
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    let expected = char::from_digit((10 - sum % 10) % 10, 10).unwrap_or('0');
    match value.chars().nth(length - 1) {
        None => Ok(format!("{value}{expected}")),
        Some(found) if found == expected => Ok(value.to_owned()),
        Some(found) => Err(BarcodeError::CheckDigit { expected, found }),
    }
}
