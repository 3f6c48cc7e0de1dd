//! A side that may be left to the content.

use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A number of pixels, or as much as the content needs.
#[derive(Serialize)]
pub(super) struct AutoExtent;

impl ToSchema for AutoExtent {}

impl PartialSchema for AutoExtent {
    fn schema() -> RefOr<Schema> {
        let pixels = ObjectBuilder::new()
            .schema_type(Type::Number)
            .exclusive_minimum(Some(0.0))
            .maximum(Some(65_535.0));
        let auto = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["auto"]));
        OneOfBuilder::new()
            .item(pixels)
            .item(auto)
            .description(Some("Pixels, or `auto`: as much as the content needs."))
            .into()
    }
}
