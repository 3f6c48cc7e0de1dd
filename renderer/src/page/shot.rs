//! Photographs the page: its window, the whole of it, or one element.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::task::{Area, ImageFormat, ImageOptions, PageOptions};
use headless_chrome::protocol::cdp::Page as PageDomain;
use serde::Deserialize;

use super::area::{self, Rect};
use super::script::literal;
use super::{Page, PageError};
use crate::spool::Spool;
use crate::trim::{self, ContentBox};

/// Photographs the page into the spool.
pub(super) async fn take(
    page: &Page,
    options: &ImageOptions,
    shown: &PageOptions,
    spool: &mut Spool,
) -> Result<(), PageError> {
    settle(page, &options.area).await?;
    let scale = shown
        .viewport
        .map_or(1.0, |viewport| viewport.device_scale_factor);
    let area = area::find(page, options, scale).await?;
    let part = if options.trim {
        content(page, area, scale).await?.or(area)
    } else {
        area
    };
    let view = View {
        part,
        is_beyond: area.is_some(),
    };
    let bytes = capture(page, options.format, options.quality, view).await?;
    spool.write(&bytes).await?;
    Ok(())
}

/// The window as it is, as PNG.
pub(super) async fn window(page: &Page) -> Result<Vec<u8>, PageError> {
    capture(page, ImageFormat::Png, 100, View::default()).await
}

/// Waits until the images of the area are loaded and decoded: lazy ones do not hold the load event back.
async fn settle(page: &Page, area: &Area) -> Result<(), PageError> {
    const SCRIPT: &str = "async wanted => {
        await Promise.all([...document.images].filter(wanted).map(image => {
            image.loading = 'eager';
            return image.decode().catch(() => {});
        }));
        return true;
    }";
    const IN_SIGHT: &str = "image => {
        const box = image.getBoundingClientRect();
        return box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    }";
    let (wanted, selector) = match area {
        Area::Window => (IN_SIGHT.to_owned(), None),
        Area::Page => ("() => true".to_owned(), None),
        Area::Element(selector) => {
            let selected = format!("document.querySelector({})", literal(selector));
            (
                format!("image => {selected}?.contains(image)"),
                Some(selector),
            )
        }
    };
    let settled = page
        .main_frame()
        .evaluate::<bool>(&format!("({SCRIPT})({wanted})"))
        .await;
    settled.map(drop).map_err(|error| match selector {
        Some(selector) => error.about_selector(selector),
        None => error,
    })
}

/// The box of the content of an area; `None` when there is nothing but border.
async fn content(page: &Page, area: Option<Rect>, scale: f64) -> Result<Option<Rect>, PageError> {
    let view = View {
        part: area,
        is_beyond: area.is_some(),
    };
    let png = capture(page, ImageFormat::Png, 100, view).await?;
    let found = tokio::task::spawn_blocking(move || trim::content_box(&png))
        .await
        .map_err(|error| PageError::Internal(format!("trimming failed: {error}")))?
        .map_err(|error| PageError::Internal(format!("trimming failed: {error}")))?;
    let (x, y) = area.map_or((0.0, 0.0), |area| (area.x, area.y));
    Ok(found.map(|found| within(found, (x, y), scale)))
}

/// A box of pixels, in the document whose corner of the picture is at `x` and `y`.
fn within(found: ContentBox, (x, y): (f64, f64), scale: f64) -> Rect {
    Rect {
        x: x + f64::from(found.x) / scale,
        y: y + f64::from(found.y) / scale,
        width: f64::from(found.width) / scale,
        height: f64::from(found.height) / scale,
    }
}

/// What is captured: the window, unless a part is named, which may lie beyond it.
#[derive(Debug, Clone, Copy, Default)]
struct View {
    part: Option<Rect>,
    is_beyond: bool,
}

fn clip(part: Rect) -> PageDomain::Viewport {
    PageDomain::Viewport {
        x: part.x,
        y: part.y,
        width: part.width,
        height: part.height,
        scale: 1.0,
    }
}

#[derive(Deserialize)]
struct Shot<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

async fn capture(
    page: &Page,
    format: ImageFormat,
    quality: u8,
    view: View,
) -> Result<Vec<u8>, PageError> {
    use PageDomain::CaptureScreenshotFormatOption::{Jpeg, Png, Webp};
    let (format, quality) = match format {
        ImageFormat::Png => (Png, None),
        ImageFormat::Jpeg => (Jpeg, Some(u32::from(quality))),
        ImageFormat::WebP => (Webp, Some(u32::from(quality))),
    };
    let answer = page
        .session
        .call_raw(PageDomain::CaptureScreenshot {
            format: Some(format),
            quality,
            clip: view.part.map(clip),
            from_surface: None,
            capture_beyond_viewport: view.is_beyond.then_some(true),
            optimize_for_speed: None,
        })
        .await?;
    let unreadable = |error: &dyn std::fmt::Display| {
        PageError::Internal(format!("the browser's picture can't be read: {error}"))
    };
    let shot: Shot<'_> = serde_json::from_slice(&answer).map_err(|error| unreadable(&error))?;
    STANDARD
        .decode(shot.data.as_bytes())
        .map_err(|error| unreadable(&error))
}
