//! Paints set text.

use glifo::FontEmbolden;
use parley::{GlyphRun, PositionedLayoutItem};
use vello_cpu::color::{AlphaColor, Srgb};
use vello_cpu::kurbo::{Affine, Diagonal2};
use vello_cpu::{Glyph, RenderContext, Resources};

use super::fonts::sfnt;
use super::text::Block;

/// How much an outline grows on each side, in shares of its size, where the font has no bold.
const EMBOLDEN: f64 = 1.0 / 60.0;

/// Paints a block of text in a colour; coloured letters, such as emoji, keep theirs.
pub(super) fn write(
    context: &mut RenderContext,
    resources: &mut Resources,
    block: &Block,
    (place, color): (Affine, AlphaColor<Srgb>),
) {
    context.set_paint(color);
    for (layout, top) in &block.paragraphs {
        context.set_transform(place * Affine::translate((0.0, *top)));
        for item in layout.lines().flat_map(|line| line.items()) {
            if let PositionedLayoutItem::GlyphRun(run) = item {
                glyphs(context, resources, &run);
            }
        }
    }
}

fn glyphs(context: &mut RenderContext, resources: &mut Resources, glyphs: &GlyphRun<'_, ()>) {
    let run = glyphs.run();
    let (size, synthesis) = (run.font_size(), run.synthesis());
    let axes: Vec<i16> = run
        .normalized_coords()
        .iter()
        .map(|it| it.to_bits())
        .collect();
    let mut builder = context
        .glyph_run(resources, run.font())
        .font_size(size)
        .hint(false)
        .normalized_coords(&axes);
    if let Some(angle) = synthesis.skew() {
        let slant = f64::from(angle).to_radians().tan();
        builder = builder.glyph_transform(Affine::skew(-slant, 0.0));
    }
    if synthesis.embolden() {
        // Outlines grow before they are scaled.
        let font = run.font();
        let units = sfnt::units_per_em(font.data.as_ref(), font.index).unwrap_or(1000);
        let grow = f64::from(units) * EMBOLDEN;
        builder = builder.font_embolden(FontEmbolden::new(Diagonal2::new(grow, grow)));
    }
    let letters = glyphs.positioned_glyphs().map(|glyph| Glyph {
        id: glyph.id,
        x: glyph.x,
        y: glyph.y,
    });
    // A letter that the font has no picture of leaves its room empty.
    if let Err(error) = builder.fill_glyphs(letters) {
        tracing::debug!(%error, "some letters were not painted");
    }
}
