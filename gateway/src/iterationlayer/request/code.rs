//! QR codes and barcodes. A value that can't be encoded is 422, all else 400 (reference 1.5).

use common::task::layers::{Barcode, BarcodeFormat, Content, QrCode};

use super::shape::required_color;
use super::text::something;
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

/// The colours of a code, by their fields.
const FOREGROUND: &str = "foreground_hex_color";
const BACKGROUND: &str = "background_hex_color";

/// A QR code.
pub(super) fn qr(fields: &Fields<'_>) -> Result<Content, Invalid> {
    let value = something(fields, "value")?;
    let (dark, light) = (
        required_color(fields, FOREGROUND)?,
        required_color(fields, BACKGROUND)?,
    );
    QrCode::new(value.to_owned(), dark, light)
        .map(Content::Qr)
        .map_err(|error| fields.invalid("value", error.to_string()).unprocessable())
}

/// A barcode.
pub(super) fn barcode(fields: &Fields<'_>) -> Result<Content, Invalid> {
    let value = something(fields, "value")?;
    let format = fields.require("format", "the format of the barcode", format)?;
    let (dark, light) = (
        required_color(fields, FOREGROUND)?,
        required_color(fields, BACKGROUND)?,
    );
    Barcode::new(format, value, dark, light)
        .map(Content::Barcode)
        .map_err(|error| fields.invalid("value", error.to_string()).unprocessable())
}

fn format(field: &Field<'_>) -> Result<BarcodeFormat, Invalid> {
    BarcodeFormat::parse(field.text()?)
        .ok_or_else(|| field.unlike("one of code128, ean13, ean8, code39, itf, codabar"))
}
