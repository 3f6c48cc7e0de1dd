//! Parses an image generation request into a canvas that is already right (reference iterationlayer,
//! sections 5, 10.3 and 13.1).
//!
//! Pure: what it accepts can be painted, what it refuses names the field and what would be right.
//! Unknown fields are ignored, `null` is the same as absent, and so are the empty structs of Go's client.

mod body;
mod code;
mod file;
mod geometry;
mod layer;
mod layout;
mod picture;
mod shape;
mod text;

use common::egress::{Policy, check_address};
use common::task::Canvas;
use common::task::layers::{CanvasSize, PictureFormat};
use serde_json::{Value, json};

use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

use self::layer::Reader;

/// What this installation allows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    /// Which addresses may be named.
    pub(crate) policy: Policy,
    /// Whether its renderers have a model that removes backgrounds.
    pub(crate) removes_backgrounds: bool,
}

/// A request that is right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// What to paint. Files are inline, however long; whoever seals the work moves long ones out.
    pub(crate) canvas: Canvas,
    /// Where the result goes, if the caller does not wait.
    pub(crate) webhook: Option<String>,
    /// What is kept of the request: none of its content.
    pub(crate) params: Value,
}

/// Parses the body. Fails with the first thing that is wrong.
pub(crate) fn parse(body: &[u8], terms: &Terms) -> Result<Request, Invalid> {
    let policy = &terms.policy;
    let map = body::read(body)?;
    let fields = Fields::root(&map);
    let webhook = webhook(&fields, policy)?;
    let size = fields.require(
        "dimensions",
        "an object with width_in_px and height_in_px",
        canvas_size,
    )?;
    let mut reader = Reader::new(terms);
    let layers = reader.top(&fields)?;
    let canvas = Canvas {
        size,
        format: fields
            .maybe("output_format", output_format)?
            .unwrap_or(PictureFormat::Png),
        layers,
        fonts: file::fonts(&fields, policy)?,
    };
    Ok(Request {
        params: params(&fields, &canvas),
        canvas,
        webhook,
    })
}

fn webhook(fields: &Fields<'_>, policy: &Policy) -> Result<Option<String>, Invalid> {
    let address = |field: &Field<'_>| {
        if field.text()?.is_empty() {
            return Ok(None);
        }
        let url = check_address(field.line(2048)?, policy);
        url.map(|url| Some(url.into()))
            .map_err(|refused| field.invalid(refused.to_string()))
    };
    Ok(fields.maybe("webhook_url", address)?.flatten())
}

fn canvas_size(field: &Field<'_>) -> Result<CanvasSize, Invalid> {
    let sides = field.object()?;
    let side = |new: &str, old: &str| {
        let name = if sides.get(new).is_some() { new } else { old };
        sides
            .maybe(name, |field| field.whole(1..=CanvasSize::MAX_SIDE))?
            .ok_or_else(|| {
                let most = CanvasSize::MAX_SIDE;
                sides.invalid(new, format!("must be a whole number from 1 to {most}"))
            })
    };
    let (width, height) = (
        side("width_in_px", "width")?,
        side("height_in_px", "height")?,
    );
    CanvasSize::new(width, height)
        .map_err(|error| field.invalid(format!("must be smaller: {error}")))
}

fn output_format(field: &Field<'_>) -> Result<PictureFormat, Invalid> {
    let text = field.text()?;
    let found = match text.to_ascii_lowercase().as_str() {
        "" => Some(PictureFormat::Png),
        "jpg" => PictureFormat::parse("jpeg"),
        name => PictureFormat::parse(name),
    };
    found.ok_or_else(|| field.unlike("one of png, jpeg, webp, tiff, gif, avif"))
}

/// What job reads show: sizes and kinds. Customers' content is not kept.
fn params(fields: &Fields<'_>, canvas: &Canvas) -> Value {
    let kinds = canvas
        .layers
        .iter()
        .map(|layer| layer::kind(&layer.content));
    json!({
        "dimensions": {
            "width_in_px": canvas.size.width(),
            "height_in_px": canvas.size.height(),
        },
        "output_format": canvas.format.extension(),
        "layers": kinds.collect::<Vec<_>>(),
        "fonts": canvas.fonts.len(),
        "webhook_url": fields.get("webhook_url").map(|_| "..."),
    })
}

#[cfg(test)]
mod tests;
