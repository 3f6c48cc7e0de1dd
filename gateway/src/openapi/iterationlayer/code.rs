//! QR codes and barcodes.

use serde::Serialize;
use utoipa::ToSchema;

use super::layer::Placed;
use super::size::BoxSize;

/// A QR code.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "qr-code",
    "value": "https://example.com/tickets/42",
    "foreground_hex_color": "#000000",
    "background_hex_color": "#ffffff",
    "dimensions": { "width_in_px": 180, "height_in_px": 180 },
}))]
pub(in crate::openapi) struct QrLayer {
    /// What it is.
    r#type: QrType,
    /// What it says: at most 7089 digits, or 4296 of the characters 0-9 A-Z space $ % * + - . / :, or 2953 bytes of any
    /// other text.
    #[schema(min_length = 1, max_length = 7089)]
    value: String,
    #[serde(flatten)]
    code: Code,
    #[serde(flatten)]
    placed: Placed,
}

/// The word for a QR code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum QrType {
    /// The only one.
    QrCode,
}

/// A barcode.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "barcode",
    "format": "code128",
    "value": "PLATEN-42",
    "foreground_hex_color": "#000000",
    "background_hex_color": "#ffffff",
    "dimensions": { "width_in_px": 240, "height_in_px": 80 },
}))]
pub(in crate::openapi) struct BarcodeLayer {
    /// What it is.
    r#type: BarcodeType,
    /// The sort of barcode.
    format: BarcodeFormat,
    /// What it says, as its format can: digits for `ean13`, `ean8` and `itf`; `A1234B` for `codabar`. The check digit of an
    /// EAN may be left out.
    #[schema(min_length = 1, max_length = 80)]
    value: String,
    #[serde(flatten)]
    code: Code,
    #[serde(flatten)]
    placed: Placed,
}

/// The word for a barcode.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BarcodeType {
    /// The only one.
    Barcode,
}

/// A sort of barcode.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum BarcodeFormat {
    /// Printable ASCII.
    Code128,
    /// 12 or 13 digits.
    Ean13,
    /// 7 or 8 digits.
    Ean8,
    /// Upper-case letters, digits and a few signs.
    Code39,
    /// An even number of digits.
    Itf,
    /// Digits between two of A, B, C and D.
    Codabar,
}

/// The look of a code.
#[derive(Serialize, ToSchema)]
pub(super) struct Code {
    /// The colour of its dark parts: six hexadecimal digits.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    foreground_hex_color: String,
    /// The colour of its light parts: six hexadecimal digits.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    background_hex_color: String,
    /// Its size, with the quiet zone around it.
    dimensions: BoxSize,
}
