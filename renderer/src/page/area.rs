//! Which part of a page is in its picture, in CSS pixels from the document's corner.

use common::task::{Area, ImageFormat, ImageOptions};
use headless_chrome::protocol::cdp::Page as PageDomain;
use serde::Deserialize;

use super::script::literal;
use super::{Page, PageError};

/// The most pixels of a side: the browser draws no larger surface, and repeats itself beyond.
const MOST_OF_SIDE: f64 = 16_384.0;

/// The same for WebP, which can't say a larger number.
const MOST_OF_WEBP: f64 = 16_383.0;

/// The most pixels of a picture, as of a window.
const MOST: f64 = 100_000_000.0;

/// A part of the document.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where the picture is to be taken; `None` is the window, wherever it stands.
pub(super) async fn find(
    page: &Page,
    options: &ImageOptions,
    scale: f64,
) -> Result<Option<Rect>, PageError> {
    let rect = match &options.area {
        Area::Window => return Ok(None),
        Area::Page => whole(page).await?,
        Area::Element(selector) => element(page, selector).await?,
    };
    check(rect, options, scale)?;
    Ok(Some(rect))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    css_content_size: Rect,
}

async fn whole(page: &Page) -> Result<Rect, PageError> {
    let answer = page
        .session
        .call_raw(PageDomain::GetLayoutMetrics(None))
        .await?;
    let metrics: Metrics = serde_json::from_slice(&answer)
        .map_err(|error| PageError::Internal(format!("the page's size can't be read: {error}")))?;
    Ok(metrics.css_content_size)
}

async fn element(page: &Page, selector: &str) -> Result<Rect, PageError> {
    let script = format!("({BOX})({})", literal(selector));
    let found: Option<Rect> = page
        .main_frame()
        .evaluate(&script)
        .await
        .map_err(|error| error.about_selector(selector))?;
    let rect = found.ok_or_else(|| {
        PageError::Rendering(format!("the `selector` `{selector}` matches no element"))
    })?;
    if rect.width < 1.0 || rect.height < 1.0 {
        return Err(PageError::Rendering(format!(
            "the element that the `selector` `{selector}` matches has no size"
        )));
    }
    Ok(rect)
}

/// Both edges are rounded, so that no half pixel of a neighbour is in the picture.
const BOX: &str = "selector => {
    const element = document.querySelector(selector);
    if (!element) return null;
    const box = element.getBoundingClientRect();
    const left = Math.round(box.left + scrollX), top = Math.round(box.top + scrollY);
    return { x: left, y: top, width: Math.round(box.right + scrollX) - left, height: Math.round(box.bottom + scrollY) - top };
}";

fn check(rect: Rect, options: &ImageOptions, scale: f64) -> Result<(), PageError> {
    let (width, height) = ((rect.width * scale).ceil(), (rect.height * scale).ceil());
    let most_of_side = match options.format {
        ImageFormat::WebP => MOST_OF_WEBP,
        ImageFormat::Png | ImageFormat::Jpeg => MOST_OF_SIDE,
    };
    if width <= most_of_side && height <= most_of_side && width * height <= MOST {
        return Ok(());
    }
    Err(PageError::Rendering(format!(
        "the picture would have {width} × {height} pixels, and it may have at most {most_of_side} on a side and \
         {} million in all: use a smaller `deviceScaleFactor`, a `selector`, or make a PDF",
        MOST / 1e6
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_held_to_what_browsers_and_formats_can_do() {
        let fits = |format, width, height, scale| {
            let options = ImageOptions {
                format,
                ..ImageOptions::default()
            };
            let rect = Rect {
                x: 0.0,
                y: 0.0,
                width,
                height,
            };
            check(rect, &options, scale).is_ok()
        };
        assert!(fits(ImageFormat::Png, 800.0, 16_384.0, 1.0));
        assert!(!fits(ImageFormat::WebP, 800.0, 16_384.0, 1.0));
        assert!(!fits(ImageFormat::Png, 800.0, 16_385.0, 1.0));
        assert!(!fits(ImageFormat::Jpeg, 800.0, 9000.0, 2.0));
        assert!(!fits(ImageFormat::Png, 11_000.0, 11_000.0, 1.0));
    }
}
