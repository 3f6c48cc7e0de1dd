//! Lengths, as CSS writes them.

use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A length of at most 1000 in.
#[derive(Serialize)]
pub(super) struct Length;

/// A side of a sheet: a length from 0.1 to 1000 in.
#[derive(Serialize)]
pub(super) struct Side;

impl ToSchema for Length {}

impl PartialSchema for Length {
    fn schema() -> RefOr<Schema> {
        pixels_or_text(0.0, "A length from 0 to 1000 in.")
    }
}

impl ToSchema for Side {}

impl PartialSchema for Side {
    fn schema() -> RefOr<Schema> {
        pixels_or_text(9.6, "A side of a sheet, from 0.1 to 1000 in.")
    }
}

fn pixels_or_text(least: f64, text: &str) -> RefOr<Schema> {
    let pixels = ObjectBuilder::new()
        .schema_type(Type::Number)
        .minimum(Some(least))
        .maximum(Some(96_000.0))
        .description(Some("Pixels, 96 to the inch."));
    let written = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(
            r"^\s*(\d+\.?\d*|\.\d+)\s*([pP][xX]|[iI][nN]|[cC][mM]|[mM][mM])?\s*$",
        ))
        .examples(["1.25in"])
        .description(Some(
            "A number with `px`, `in`, `cm` or `mm`; pixels without one.",
        ));
    OneOfBuilder::new()
        .item(pixels)
        .item(written)
        .description(Some(text))
        .into()
}
