//! Takes an element out of the page and makes it stand by itself: its styles become inline, its
//! images become data.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use headless_chrome::protocol::cdp::Page as PageDomain;
use serde::Deserialize;

use crate::page::script::literal;
use crate::page::{Page, PageError};

/// The most elements that are taken; each carries all of its styles.
const MOST: u32 = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Taken {
    /// Markup, in which `platen-image:N;` stands for the N-th of the images' addresses.
    Element {
        html: String,
        images: Vec<String>,
    },
    Missing,
    TooLarge,
}

/// The markup of the element; it is no longer in the page afterwards.
pub(super) async fn element(page: &Page, selector: &str) -> Result<String, PageError> {
    let script = format!("({SCRIPT})({}, {MOST})", literal(selector));
    let taken = page.main_frame().evaluate(&script).await;
    let (html, images) = match taken {
        Ok(Taken::Element { html, images }) => (html, images),
        Ok(Taken::Missing) => {
            return Err(PageError::Rendering(format!(
                "the selector `{selector}` of the header or footer matches no element"
            )));
        }
        Ok(Taken::TooLarge) => {
            return Err(PageError::Rendering(format!(
                "the element `{selector}` of the header or footer holds more than {MOST} elements"
            )));
        }
        Err(error) => return Err(error.about_selector(selector)),
    };
    let data = join_all(images.iter().map(|address| data(page, address))).await;
    let filled = data.iter().enumerate().fold(html, |html, (number, data)| {
        html.replace(&format!("platen-image:{number};"), data)
    });
    Ok(filled)
}

/// What the page has loaded from an address, as a data URL; nothing if it is no longer there.
async fn data(page: &Page, address: &str) -> String {
    let loaded = page
        .session
        .call(PageDomain::GetResourceContent {
            frame_id: page.target.clone(),
            url: address.to_owned(),
        })
        .await;
    match loaded {
        Ok(loaded) => {
            let content = if loaded.base_64_encoded {
                loaded.content
            } else {
                STANDARD.encode(loaded.content)
            };
            format!("data:{};base64,{content}", kind(&content))
        }
        Err(error) => {
            tracing::debug!(%error, "an image of a header is missing");
            "data:,".to_owned()
        }
    }
}

/// The media type, by the first bytes as they look in base64.
fn kind(base64: &str) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("iVBORw0KGgo", "image/png"),
        ("/9j/", "image/jpeg"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
        ("Qk", "image/bmp"),
    ];
    KINDS
        .iter()
        .find(|(start, _)| base64.starts_with(start))
        .map_or("image/svg+xml", |(_, kind)| kind)
}

/// Computed values are taken before layout, so that an automatic width stays automatic on the sheet.
const SCRIPT: &str = r"(selector, most) => {
    const element = document.querySelector(selector);
    if (!element) return 'missing';
    const originals = [element, ...element.querySelectorAll('*')];
    if (originals.length > most) return 'too_large';
    const wanted = /^(align-|aspect-ratio|background|border|bottom|box-|clear|clip|color$|column|content$|direction|display|fill|flex|float|font|gap|grid|height|hyphens|inset|justify|left|letter|line|list|margin|max-|min-|object|opacity|order|outline|overflow|padding|position|right|row|rotate|scale|stroke|tab-size|table|text|top|transform|translate|unicode|vertical|visibility|white-space|width|word|writing|z-index)/;
    const copy = element.cloneNode(true);
    const copies = [copy, ...copy.querySelectorAll('*')];
    const images = [];
    originals.forEach((original, index) => {
        const target = copies[index];
        const style = [];
        for (const [name, values] of original.computedStyleMap()) {
            const value = values.map(String).join(', ');
            if (wanted.test(name) && !/url\((?!.?data:)/.test(value)) style.push(name + ':' + value);
        }
        const source = original instanceof HTMLImageElement ? original.currentSrc || original.src : '';
        for (const { name } of [...target.attributes])
            if (/^(on.*|id|style|srcset|sizes|loading)$/i.test(name)) target.removeAttribute(name);
        target.setAttribute('style', style.join(';'));
        if (source && !source.startsWith('data:')) {
            target.setAttribute('src', 'platen-image:' + images.length + ';');
            images.push(source);
        }
    });
    const unwanted = 'script,style,link,meta,base,iframe,object,embed,video,audio,noscript,template,source';
    copy.querySelectorAll(unwanted).forEach(node => node.remove());
    element.remove();
    return { element: { html: copy.outerHTML, images } };
}";
