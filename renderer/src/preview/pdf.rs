//! A PDF's first page, drawn on white.

use std::sync::Arc;

use common::task::Preview;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::dict::keys::{HEIGHT, IMAGE, SUBTYPE, WIDTH};
use hayro::hayro_syntax::object::{Name, Object};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};
use image::{DynamicImage, RgbImage};

use super::PreviewError;
use super::size::fitted;

/// The most pixels of a picture in the file: each takes several bytes once it is unpacked.
const PICTURE_LIMIT: u64 = 40_000_000;

/// Draws the first page in the size that a preview wants.
pub(super) fn first_page(bytes: &[u8], preview: &Preview) -> Result<DynamicImage, PreviewError> {
    let pdf = Pdf::new(Arc::new(bytes.to_vec())).map_err(|_| PreviewError::Pdf("not a PDF"))?;
    if has_huge_picture(&pdf) {
        return Err(PreviewError::Pdf("it holds too large a picture"));
    }
    let page = pdf.pages().first().ok_or(PreviewError::Pdf("no pages"))?;
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return Err(PreviewError::Pdf("its page has no size"));
    }
    let (wide, high) = fitted(width, height, preview);
    let scale = Affine::scale_non_uniform(f64::from(wide) / width, f64::from(high) / height);
    let pixmap = drawn(page, scale, (wide, high))?;
    let pixels = pixmap
        .data()
        .iter()
        .flat_map(|pixel| [pixel.r, pixel.g, pixel.b]);
    RgbImage::from_raw(wide, high, pixels.collect())
        .map(DynamicImage::ImageRgb8)
        .ok_or(PreviewError::Pdf("its page has no size"))
}

fn drawn(page: &Page<'_>, scale: Affine, size: (u32, u32)) -> Result<Pixmap, PreviewError> {
    let (Ok(width), Ok(height)) = (u16::try_from(size.0), u16::try_from(size.1)) else {
        return Err(PreviewError::Pdf("its page is too large"));
    };
    let cache = RenderCache::new();
    let transform = scale * page.initial_transform(true).to_kurbo();
    let mut context = RenderContext::new(width, height);
    render_into(
        page,
        &cache,
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &mut context,
        transform,
    );
    context.flush();
    let mut pixmap = Pixmap::new(width, height);
    let settings = RasterizerSettings {
        target_init: TargetInit::Clear(WHITE),
        ..RasterizerSettings::default()
    };
    context.render_with(&mut pixmap, &mut Resources::default(), settings);
    Ok(pixmap)
}

fn has_huge_picture(pdf: &Pdf) -> bool {
    pdf.objects().into_iter().any(|object| {
        let Object::Stream(stream) = object else {
            return false;
        };
        let dict = stream.dict();
        let is_picture = dict
            .get::<Name<'_>>(SUBTYPE)
            .is_some_and(|name| &*name == IMAGE);
        let side = |key| u64::from(dict.get::<u32>(key).unwrap_or(0));
        is_picture && side(WIDTH).saturating_mul(side(HEIGHT)) > PICTURE_LIMIT
    })
}
