//! Decides how large every layer is and where: the step before painting.

use std::sync::Arc;

use common::task::layers::{
    Barcode, Canvas, Content, Corners, Gradient, Image, Layer, LayerSize, Position, QrCode, Solid,
    Text,
};
use vello_cpu::kurbo::{Point, Size};

use super::code::{self, Modules};
use super::fonts::Desk;
use super::layout;
use super::picture::{Picture, Pictures};
use super::text::{self, Block};
use super::{Files, Fonts, Limits, PaintError};

/// A layer that knows its place.
pub(super) struct Node<'a> {
    /// Its top left corner, from that of what it is in.
    pub(super) at: Point,
    pub(super) size: Size,
    pub(super) layer: &'a Layer,
    pub(super) shown: Shown<'a>,
}

/// What is painted.
pub(super) enum Shown<'a> {
    Solid(&'a Solid),
    Gradient(&'a Gradient),
    /// Lines, and how far below the top of the box they begin.
    Text(Block, f64),
    Image(Arc<Picture>, &'a Image),
    Qr(Modules, &'a QrCode),
    Barcode(Modules, &'a Barcode),
    Layout(Group<'a>),
}

/// What is painted of a layout.
pub(super) struct Group<'a> {
    pub(super) layout: &'a common::task::layers::Layout,
    pub(super) behind: Vec<Node<'a>>,
    pub(super) children: Vec<Node<'a>>,
    /// Its size was given, so what is larger is cut off.
    pub(super) clips: bool,
}

/// The room that a layer is in; a side may depend on its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) width: Option<f64>,
    pub(super) height: Option<f64>,
    /// The layer is placed by a layout.
    pub(super) flows: bool,
}

/// What is needed to decide.
pub(super) struct Arranger<'a> {
    files: &'a Files,
    fonts: &'a Fonts,
    desk: &'a mut Desk,
    limits: &'a Limits,
    pictures: Pictures,
    letters: usize,
    pixels: u64,
}

/// Arranges all layers of a canvas.
pub(super) fn arrange<'a>(
    canvas: &'a Canvas,
    files: &Files,
    (fonts, desk): (&Fonts, &mut Desk),
    limits: &Limits,
) -> Result<Vec<Node<'a>>, PaintError> {
    let mut arranger = Arranger {
        files,
        fonts,
        desk,
        limits,
        pictures: Pictures::default(),
        letters: 0,
        pixels: 0,
    };
    let room = Room {
        width: Some(canvas.size.width().into()),
        height: Some(canvas.size.height().into()),
        flows: false,
    };
    arranger.all(&canvas.layers, room)
}

impl Arranger<'_> {
    /// Arranges layers that share a room.
    pub(super) fn all<'a>(
        &mut self,
        layers: &'a [Layer],
        room: Room,
    ) -> Result<Vec<Node<'a>>, PaintError> {
        layers.iter().map(|layer| self.one(layer, room)).collect()
    }

    fn one<'a>(&mut self, layer: &'a Layer, room: Room) -> Result<Node<'a>, PaintError> {
        if self.limits.is_late() {
            return Err(PaintError::Late);
        }
        let (size, shown) = match &layer.content {
            Content::Solid(solid) => (filling(layer.size, room), Shown::Solid(solid)),
            Content::Gradient(gradient) => (filling(layer.size, room), Shown::Gradient(gradient)),
            Content::Text(text) => self.text(layer, text, room)?,
            Content::Image(image) => self.image(layer, image, room)?,
            Content::Qr(code) => qr(layer, code)?,
            Content::Barcode(code) => barcode(layer, code, room)?,
            Content::Layout(layout) => {
                let (size, group) = layout::arrange(self, layout, layer.size)?;
                (size, Shown::Layout(group))
            }
        };
        let at = layer.position.filter(|_| !room.flows).unwrap_or_default();
        Ok(Node {
            at: point(at),
            size,
            layer,
            shown,
        })
    }

    fn text<'a>(
        &mut self,
        layer: &Layer,
        text: &Text,
        room: Room,
    ) -> Result<(Size, Shown<'a>), PaintError> {
        let spans = text.paragraphs.iter().flat_map(|it| &it.spans);
        self.letters += spans.map(|span| span.text.chars().count()).sum::<usize>();
        if self.letters > self.limits.letters {
            return Err(PaintError::TooMuchText {
                layer: layer.label.clone(),
                limit: self.limits.letters,
            });
        }
        if self.fonts.families() == 0 {
            return Err(PaintError::NoFonts);
        }
        let width = layer.size.width.map(f64::from);
        let height = layer.size.height.map(f64::from);
        let block = text::set(text, self.desk, (width, height), room.width);
        let size = Size::new(
            width.unwrap_or_else(|| block.width.ceil()),
            height.unwrap_or(block.height),
        );
        let top = text::offset(text.vertical_align, size.height - block.height);
        Ok((size, Shown::Text(block, top)))
    }

    fn image<'a>(
        &mut self,
        layer: &Layer,
        image: &'a Image,
        room: Room,
    ) -> Result<(Size, Shown<'a>), PaintError> {
        let bytes = self.files.get(&image.file);
        let bytes = bytes.ok_or_else(|| PaintError::NotFetched {
            layer: layer.label.clone(),
        })?;
        let (file, limits) = ((&image.file, bytes), self.limits);
        let picture = self.pictures.open(file, limits, self.fonts);
        let picture = picture.map_err(|source| PaintError::Picture {
            layer: layer.label.clone(),
            source,
        })?;
        let size = image_size(layer, &picture, room);
        self.pixels = self.pixels.saturating_add(area(size));
        if self.pixels > self.limits.layer_pixels {
            return Err(PaintError::TooManyPixels {
                layer: layer.label.clone(),
                limit: self.limits.layer_pixels,
            });
        }
        Ok((size, Shown::Image(picture, image)))
    }
}

fn area(size: Size) -> u64 {
    use super::number::pixels;
    u64::from(pixels(size.width)) * u64::from(pixels(size.height))
}

fn point(position: Position) -> Point {
    Point::new(position.x.get(), position.y.get())
}

/// As large as its room where it does not say.
fn filling(size: LayerSize, room: Room) -> Size {
    let or = |own: Option<_>, room: Option<f64>| own.map_or(room.unwrap_or(0.0), f64::from);
    Size::new(or(size.width, room.width), or(size.height, room.height))
}

fn image_size(layer: &Layer, picture: &Picture, room: Room) -> Size {
    let (width, height) = picture.size();
    let (natural, own) = (Size::new(width, height), layer.size);
    match (own.width.map(f64::from), own.height.map(f64::from)) {
        (Some(width), Some(height)) => Size::new(width, height),
        (Some(width), None) => Size::new(width, width * natural.height / natural.width),
        (None, Some(height)) => Size::new(height * natural.width / natural.height, height),
        (None, None) if layer.position.is_none() && !room.flows => filling(own, room),
        (None, None) => natural,
    }
}

fn qr<'a>(layer: &Layer, code: &'a QrCode) -> Result<(Size, Shown<'a>), PaintError> {
    /// Pixels of a module that has no size given.
    const MODULE: f64 = 4.0;
    let modules = code::qr(code).ok_or_else(|| unencodable(layer))?;
    let width = layer.size.width.or(layer.size.height).map(f64::from);
    let height = layer.size.height.or(layer.size.width).map(f64::from);
    let own = modules.width() * MODULE;
    let size = Size::new(width.unwrap_or(own), height.unwrap_or(own));
    Ok((size, Shown::Qr(modules, code)))
}

fn barcode<'a>(
    layer: &Layer,
    code: &'a Barcode,
    room: Room,
) -> Result<(Size, Shown<'a>), PaintError> {
    let modules = code::barcode(code).ok_or_else(|| unencodable(layer))?;
    Ok((filling(layer.size, room), Shown::Barcode(modules, code)))
}

fn unencodable(layer: &Layer) -> PaintError {
    PaintError::Code {
        layer: layer.label.clone(),
    }
}

/// Whether any corner is rounded or something larger than the box must be cut off.
pub(super) fn needs_clip(corners: &Corners, clips: bool) -> bool {
    clips || !corners.is_sharp()
}
