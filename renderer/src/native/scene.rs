//! Paints arranged layers onto pixels.

use std::sync::Arc;

use common::task::layers::{Background, CanvasSize, Image, Solid};
use vello_cpu::kurbo::{Affine, BezPath, Rect, Shape as _, Size};
use vello_cpu::peniko::ImageSampler;
use vello_cpu::{ImageSource, Pixmap, RenderContext};

use super::arrange::{Group, Node, Shown, needs_clip};
use super::code::Modules;
use super::cover::{CoverError, cover};
use super::fonts::Desk;
use super::ink;
use super::number::{side, single};
use super::picture::Picture;
use super::shape::{angled, color, gradient, rounded};
use super::{Limits, PaintError};
use crate::models::Models;

/// Paints nodes, the first at the back.
pub(super) fn paint(
    size: CanvasSize,
    nodes: &[Node<'_>],
    desk: &mut Desk,
    models: &Models,
    limits: &Limits,
) -> Result<Pixmap, PaintError> {
    let mut painter = Painter {
        context: RenderContext::new(size.width(), size.height()),
        desk,
        models,
        limits,
        size,
        left: limits.painted_pixels,
    };
    for node in nodes {
        painter.node(node, Affine::IDENTITY)?;
    }
    let Painter {
        mut context, desk, ..
    } = painter;
    context.flush();
    let mut pixmap = Pixmap::new(size.width(), size.height());
    context.render(&mut pixmap, &mut desk.painter);
    Ok(pixmap)
}

struct Painter<'a> {
    context: RenderContext,
    desk: &'a mut Desk,
    models: &'a Models,
    limits: &'a Limits,
    size: CanvasSize,
    /// Pixels that may still be covered.
    left: u64,
}

impl Painter<'_> {
    fn node(&mut self, node: &Node<'_>, base: Affine) -> Result<(), PaintError> {
        if self.limits.is_late() {
            return Err(PaintError::Late);
        }
        let opacity = node.layer.opacity.fraction();
        if opacity <= 0.0 {
            return Ok(());
        }
        self.pay(node, opacity < 1.0)?;
        let place = placed(node, base);
        if opacity < 1.0 {
            self.context.push_opacity_layer(single(opacity));
        }
        match &node.shown {
            Shown::Solid(solid) => self.solid(solid, node.size, place),
            Shown::Gradient(layer) => {
                let (paint, across) = gradient(layer, node.size);
                self.context.set_transform(place);
                self.context.set_paint(paint);
                self.context.set_paint_transform(across);
                self.context
                    .fill_path(&rounded(node.size.to_rect(), &layer.corners));
                self.context.reset_paint_transform();
            }
            Shown::Text(block, top) => {
                let place = snapped(place * Affine::translate((0.0, *top)));
                let ink = color(block.color);
                ink::write(
                    &mut self.context,
                    &mut self.desk.painter,
                    block,
                    (place, ink),
                );
            }
            Shown::Image(picture, image) => self.image(picture, image, node, place)?,
            Shown::Qr(modules, code) => {
                self.modules(
                    modules,
                    (code.foreground, code.background),
                    node.size,
                    place,
                );
            }
            Shown::Barcode(modules, code) => {
                self.modules(
                    modules,
                    (code.foreground, code.background),
                    node.size,
                    place,
                );
            }
            Shown::Layout(group) => self.group(group, node.size, place)?,
        }
        if opacity < 1.0 {
            self.context.pop_layer();
        }
        Ok(())
    }

    /// Takes what a layer covers, at most all of the canvas, off what may be covered.
    fn pay(&mut self, node: &Node<'_>, twice: bool) -> Result<(), PaintError> {
        let inside = |length: f64, most: u16| u64::from(side(length.min(most.into())));
        let covered = inside(node.size.width, self.size.width())
            * inside(node.size.height, self.size.height())
            + self.letters(node);
        let left = self
            .left
            .checked_sub(if twice { 2 * covered } else { covered });
        self.left = left.ok_or_else(|| PaintError::TooMuchPaint {
            layer: node.layer.label.clone(),
            limit: self.limits.painted_pixels,
        })?;
        Ok(())
    }

    /// What the letters of a text cover: each a square of its size, wherever it lies, since many may lie in one place.
    fn letters(&self, node: &Node<'_>) -> u64 {
        let Shown::Text(block, _) = &node.shown else {
            return 0;
        };
        let most = u64::from(self.size.width()) * u64::from(self.size.height());
        let runs = block.runs().map(|(count, size)| {
            let side = u64::from(side(size));
            u64::from(count).saturating_mul((side * side).min(most))
        });
        runs.sum()
    }

    fn fill(&mut self, path: &BezPath, fill: common::task::layers::Color, place: Affine) {
        self.context.set_transform(place);
        self.context.set_paint(color(fill));
        self.context.fill_path(path);
    }

    fn solid(&mut self, solid: &Solid, size: Size, place: Affine) {
        let outline = rounded(size.to_rect(), &solid.corners);
        if solid.angled_edges.is_empty() {
            self.fill(&outline, solid.color, place);
            return;
        }
        self.context.set_transform(place);
        self.context.push_clip_layer(&outline);
        self.fill(&angled(size, &solid.angled_edges), solid.color, place);
        self.context.pop_layer();
    }

    fn group(&mut self, group: &Group<'_>, size: Size, place: Affine) -> Result<(), PaintError> {
        let clips = needs_clip(&group.layout.corners, group.clips);
        if clips {
            self.context.set_transform(place);
            self.context
                .push_clip_layer(&rounded(size.to_rect(), &group.layout.corners));
        }
        if let Background::Color(behind) = group.layout.background {
            self.fill(&size.to_rect().to_path(0.1), behind, place);
        }
        for node in group.behind.iter().chain(&group.children) {
            self.node(node, place)?;
        }
        if clips {
            self.context.pop_layer();
        }
        Ok(())
    }

    fn modules(
        &mut self,
        modules: &Modules,
        (dark, light): (common::task::layers::Color, common::task::layers::Color),
        size: Size,
        place: Affine,
    ) {
        let place = snapped(place);
        self.fill(&size.to_rect().to_path(0.1), light, place);
        self.fill(&modules.outline(size), dark, place);
    }

    /// Unturned, a picture lies on whole pixels, so that it stays sharp.
    fn image(
        &mut self,
        picture: &Picture,
        image: &Image,
        node: &Node<'_>,
        place: Affine,
    ) -> Result<(), PaintError> {
        let (place, rect) = match upright(place) {
            Some((x, y)) => {
                let (left, top) = (x.round(), y.round());
                let right = (x + node.size.width).round();
                let bottom = (y + node.size.height).round();
                let rect = Rect::new(0.0, 0.0, right - left, bottom - top);
                (Affine::translate((left, top)), rect)
            }
            None => (place, node.size.to_rect()),
        };
        let (width, height) = (side(rect.width()), side(rect.height()));
        if width == 0 || height == 0 {
            return Ok(());
        }
        let pixels = cover(picture, (width, height), image, self.models, self.limits);
        let pixels = pixels.map_err(|error| blamed(&node.layer.label, error))?;
        self.context.set_transform(place);
        self.context.set_paint(vello_cpu::Image {
            image: ImageSource::Pixmap(Arc::new(pixels)),
            sampler: ImageSampler::default(),
        });
        self.context.set_paint_transform(Affine::scale_non_uniform(
            rect.width() / f64::from(width),
            rect.height() / f64::from(height),
        ));
        self.context.fill_path(&rounded(rect, &image.corners));
        self.context.reset_paint_transform();
        Ok(())
    }
}

fn blamed(layer: &str, error: CoverError) -> PaintError {
    let layer = layer.to_owned();
    match error {
        CoverError::Picture(source) => PaintError::Picture { layer, source },
        CoverError::NoModel => PaintError::NoModel { layer },
        CoverError::Model(source) => PaintError::Model { layer, source },
        CoverError::Late => PaintError::Late,
    }
}

/// Where a node's own coordinates are on the canvas.
fn placed(node: &Node<'_>, base: Affine) -> Affine {
    let place = base * Affine::translate(node.at.to_vec2());
    let angle = node.layer.rotation.get();
    if angle == 0.0 {
        return place;
    }
    place * Affine::rotate_about(angle.to_radians(), node.size.to_rect().center())
}

/// How far something is moved that is neither turned nor scaled.
fn upright(place: Affine) -> Option<(f64, f64)> {
    let way = place.translation();
    (place == Affine::translate(way)).then_some((way.x, way.y))
}

/// On whole pixels, unless it is turned.
fn snapped(place: Affine) -> Affine {
    upright(place).map_or(place, |(x, y)| Affine::translate((x.round(), y.round())))
}
