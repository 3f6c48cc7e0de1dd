//! Photographs the page's window.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::task::{ImageFormat, ImageOptions, PageOptions};
use headless_chrome::protocol::cdp::Page as PageDomain;
use serde::Deserialize;

use super::{Page, PageError};
use crate::spool::Spool;
use crate::trim::{self, ContentBox};

/// Photographs the page's window into the spool.
pub(super) async fn take(
    page: &Page,
    options: &ImageOptions,
    shown: &PageOptions,
    spool: &mut Spool,
) -> Result<(), PageError> {
    settle(page).await?;
    let clip = if options.trim {
        content(page, shown).await?
    } else {
        None
    };
    let bytes = capture(page, options.format, options.quality, clip).await?;
    spool.write(&bytes).await?;
    Ok(())
}

/// The window as it is, as PNG.
pub(super) async fn window(page: &Page) -> Result<Vec<u8>, PageError> {
    capture(page, ImageFormat::Png, 100, None).await
}

/// Waits until the images in sight are loaded and decoded: lazy ones do not hold the load event back.
async fn settle(page: &Page) -> Result<(), PageError> {
    const SCRIPT: &str = "(async () => {
        const seen = image => {
            const box = image.getBoundingClientRect();
            return box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
        };
        await Promise.all([...document.images].filter(seen).map(image => {
            image.loading = 'eager';
            return image.decode().catch(() => {});
        }));
        return true;
    })()";
    page.main_frame().evaluate::<bool>(SCRIPT).await.map(drop)
}

/// The box of the content in CSS pixels; `None` when there is nothing but border.
async fn content(
    page: &Page,
    shown: &PageOptions,
) -> Result<Option<PageDomain::Viewport>, PageError> {
    let png = capture(page, ImageFormat::Png, 100, None).await?;
    let found = tokio::task::spawn_blocking(move || trim::content_box(&png))
        .await
        .map_err(|error| PageError::Internal(format!("trimming failed: {error}")))?
        .map_err(|error| PageError::Internal(format!("trimming failed: {error}")))?;
    let scale = shown
        .viewport
        .map_or(1.0, |viewport| viewport.device_scale_factor);
    Ok(found.map(|found| clip(found, scale)))
}

fn clip(found: ContentBox, scale: f64) -> PageDomain::Viewport {
    PageDomain::Viewport {
        x: f64::from(found.x) / scale,
        y: f64::from(found.y) / scale,
        width: f64::from(found.width) / scale,
        height: f64::from(found.height) / scale,
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
    clip: Option<PageDomain::Viewport>,
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
            clip,
            from_surface: None,
            capture_beyond_viewport: None,
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
