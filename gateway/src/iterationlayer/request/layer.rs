//! A list of layers, and what all layers have.

use common::task::layers::{
    Content, Layer, LayerSize, MAX_CUTOUTS, MAX_DEPTH, MAX_LAYERS, MAX_LETTERS, Position,
};

use super::geometry::{Auto, opacity, position, required_size, rotation, size};
use super::{Terms, code, layout, picture, shape, text};
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

/// What a layer's `type` may be, the old words among them (reference 5.3 and 13.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Solid,
    FullSolid,
    Gradient,
    Text,
    Image,
    FullImage,
    Qr,
    Barcode,
    Layout,
}

const TYPES: &[(&str, Type)] = &[
    ("solid-color", Type::Solid),
    ("gradient", Type::Gradient),
    ("text", Type::Text),
    ("image", Type::Image),
    ("qr-code", Type::Qr),
    ("barcode", Type::Barcode),
    ("layout", Type::Layout),
    ("solid-color-background", Type::FullSolid),
    ("rectangle", Type::Solid),
    ("static-image", Type::Image),
    ("image-overlay", Type::FullImage),
];

/// Reads layers, and counts them.
pub(super) struct Reader<'t> {
    terms: &'t Terms,
    count: usize,
    depth: usize,
    cutouts: usize,
    /// Characters of texts.
    letters: usize,
}

impl<'t> Reader<'t> {
    pub(super) const fn new(terms: &'t Terms) -> Self {
        Self {
            terms,
            count: 0,
            depth: 0,
            cutouts: 0,
            letters: 0,
        }
    }

    /// The layers of the canvas, from the back to the front.
    pub(super) fn top(&mut self, fields: &Fields<'_>) -> Result<Vec<Layer>, Invalid> {
        self.stacked(&some(fields, "layers")?)
    }

    /// Layers in the order of their `index`, and of the list where it is equal or absent.
    pub(super) fn stacked(&mut self, items: &[Field<'_>]) -> Result<Vec<Layer>, Invalid> {
        let mut layers = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let fields = item.object()?;
            let index = fields.maybe("index", |field| field.whole(0..=u64::from(u32::MAX)))?;
            let place = u64::try_from(place).unwrap_or(u64::MAX);
            layers.push((index.unwrap_or(place), self.layer(item, &fields)?));
        }
        layers.sort_by_key(|(index, _)| *index);
        Ok(layers.into_iter().map(|(_, layer)| layer).collect())
    }

    /// The children of a layout, in the order of the list.
    pub(super) fn flowing(&mut self, fields: &Fields<'_>) -> Result<Vec<Layer>, Invalid> {
        let items = some(fields, "layers")?;
        items
            .iter()
            .map(|item| self.layer(item, &item.object()?))
            .collect()
    }

    fn layer(&mut self, item: &Field<'_>, fields: &Fields<'_>) -> Result<Layer, Invalid> {
        self.count += 1;
        if self.count > MAX_LAYERS {
            let message =
                format!("layers must be at most {MAX_LAYERS}, those inside of layouts counted");
            return Err(Invalid::body(message));
        }
        let of = fields.require("type", "the type of the layer", |field| field.word(TYPES))?;
        let (content, size) = self.content(of, fields)?;
        let place = place(of, fields)?;
        Ok(Layer {
            label: item.path().to_owned(),
            position: place,
            size,
            opacity: opacity(fields)?,
            rotation: rotation(fields)?,
            content,
        })
    }

    fn content(&mut self, of: Type, fields: &Fields<'_>) -> Result<(Content, LayerSize), Invalid> {
        let nested = self.depth > 0;
        Ok(match of {
            Type::Solid => (shape::solid(fields)?, size(fields, Auto::Refused)?),
            Type::FullSolid => (shape::solid(fields)?, LayerSize::default()),
            Type::Gradient => (
                shape::gradient(fields)?,
                required_size(fields, Auto::Refused)?,
            ),
            Type::Text if nested => (self.text(fields)?, size(fields, Auto::Allowed)?),
            Type::Text => (self.text(fields)?, required_size(fields, Auto::Allowed)?),
            Type::Image => (self.image(fields)?, size(fields, Auto::Refused)?),
            Type::FullImage => (self.image(fields)?, LayerSize::default()),
            Type::Qr => (code::qr(fields)?, required_size(fields, Auto::Refused)?),
            Type::Barcode => (
                code::barcode(fields)?,
                required_size(fields, Auto::Refused)?,
            ),
            Type::Layout => (self.layout(fields)?, size(fields, Auto::Allowed)?),
        })
    }

    fn text(&mut self, fields: &Fields<'_>) -> Result<Content, Invalid> {
        let words = text::words(fields)?;
        // Each is told apart by its style later, which takes many times its length.
        self.letters += words.chars().count();
        if self.letters > MAX_LETTERS {
            let message = format!(
                "must be shorter: all texts of a picture have at most {MAX_LETTERS} characters"
            );
            return Err(fields.invalid("text", message));
        }
        text::read(fields, words)
    }

    fn image(&mut self, fields: &Fields<'_>) -> Result<Content, Invalid> {
        let image = picture::read(fields, self.terms)?;
        self.cutouts += usize::from(image.remove_background);
        if self.cutouts > MAX_CUTOUTS {
            let message = format!("must be true for at most {MAX_CUTOUTS} layers");
            return Err(fields.invalid(picture::REMOVE_BACKGROUND, message));
        }
        Ok(Content::Image(image))
    }

    fn layout(&mut self, fields: &Fields<'_>) -> Result<Content, Invalid> {
        if self.depth == MAX_DEPTH {
            let message = format!("must not be nested more than {MAX_DEPTH} layouts deep");
            return Err(fields.invalid("layers", message));
        }
        self.depth += 1;
        let layout = layout::read(fields, self);
        self.depth -= 1;
        layout
    }
}

/// A list that must hold something: the vendor's own words.
pub(super) fn some<'a>(fields: &Fields<'a>, name: &str) -> Result<Vec<Field<'a>>, Invalid> {
    let items = fields.get(name).filter(|field| {
        field
            .value()
            .as_array()
            .is_some_and(|list| !list.is_empty())
    });
    match items {
        Some(items) => items.list(usize::MAX),
        None => Err(fields.invalid(name, "must be a non-empty list")),
    }
}

/// What fills the canvas has no place of its own.
fn place(of: Type, fields: &Fields<'_>) -> Result<Option<Position>, Invalid> {
    match of {
        Type::FullSolid | Type::FullImage => Ok(None),
        Type::Solid
        | Type::Gradient
        | Type::Text
        | Type::Image
        | Type::Qr
        | Type::Barcode
        | Type::Layout => position(fields),
    }
}

/// The dialect's word for a layer.
pub(super) const fn kind(content: &Content) -> &'static str {
    match content {
        Content::Solid(_) => "solid-color",
        Content::Gradient(_) => "gradient",
        Content::Text(_) => "text",
        Content::Image(_) => "image",
        Content::Qr(_) => "qr-code",
        Content::Barcode(_) => "barcode",
        Content::Layout(_) => "layout",
    }
}
