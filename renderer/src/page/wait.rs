//! What is waited for between the end of loading and the capture.

use std::time::Duration;

use common::task::{PageOptions, SelectorState, SelectorWait};

use super::script::{Frame, literal};
use super::{Content, Page, PageError, frames, scroll};

/// The longest wait for web fonts; a font that does not come is printed in its fallback.
const FONTS: Duration = Duration::from_secs(10);

/// Waits until the page is ready as its options want it.
pub(super) async fn ready(
    page: &Page,
    options: &PageOptions,
    content: Content<'_>,
) -> Result<(), PageError> {
    let main = page.main_frame();
    if let Some(wait) = &options.wait_for_selector {
        selector(&main, wait).await?;
    }
    frames::ready(page, &options.frames).await?;
    if options.auto_scroll {
        scroll::to_bottom(&main).await?;
    }
    if may_use_fonts(content) {
        fonts(&main).await?;
    }
    if !options.delay.is_zero() {
        tokio::time::sleep(options.delay).await;
    }
    Ok(())
}

/// Whether web fonts are possible at all: a document that holds no way to get one need not be asked,
/// and a long one is asked in less time than it takes to look.
fn may_use_fonts(content: Content<'_>) -> bool {
    const WAYS: &[&str] = &[
        "@font-face",
        "@import",
        "<link",
        "<script",
        "<iframe",
        "fontface",
    ];
    const LONG: usize = 256 * 1024;
    let Content::Html(html) = content else {
        return true;
    };
    html.len() > LONG || {
        let html = html.to_ascii_lowercase();
        WAYS.iter().any(|way| html.contains(way))
    }
}

/// Resolves when the web fonts that the page uses are there.
async fn fonts(frame: &Frame<'_>) -> Result<(), PageError> {
    // Fonts start to load when the layout first needs them, so it is made first.
    const SCRIPT: &str = "(async () => {
        if (document.fonts.size) { document.documentElement?.getBoundingClientRect(); await document.fonts.ready; }
        return true;
    })()";
    if let Ok(done) = tokio::time::timeout(FONTS, frame.evaluate::<bool>(SCRIPT)).await {
        return done.map(drop);
    }
    tracing::debug!("a page's fonts did not come in time");
    Ok(())
}

/// Waits for an element of the frame.
pub(super) async fn selector(frame: &Frame<'_>, wait: &SelectorWait) -> Result<(), PageError> {
    let script = format!(
        "({SELECTOR})({}, {})",
        literal(&wait.selector),
        literal(word(wait.state))
    );
    bounded(wait, async {
        let found: bool = frame
            .evaluate(&script)
            .await
            .map_err(|error| error.about_selector(&wait.selector))?;
        tracing::trace!(found, "selector");
        Ok(())
    })
    .await
}

/// Gives a wait for a selector the caller's own time limit.
pub(super) async fn bounded(
    wait: &SelectorWait,
    waiting: impl Future<Output = Result<(), PageError>>,
) -> Result<(), PageError> {
    match tokio::time::timeout(wait.timeout, waiting).await {
        Ok(result) => result,
        Err(_) => Err(PageError::Timeout(format!(
            "waiting for the selector `{}` to be {} took longer than {}ms",
            wait.selector,
            word(wait.state),
            wait.timeout.as_millis()
        ))),
    }
}

const fn word(state: SelectorState) -> &'static str {
    match state {
        SelectorState::Attached => "attached",
        SelectorState::Visible => "visible",
        SelectorState::Hidden => "hidden",
    }
}

/// Looks after every change of the document; visibility also depends on style and layout, which no
/// observer reports, so those two states look at every frame that is drawn.
const SELECTOR: &str = "(selector, state) => new Promise((resolve, reject) => {
    const visible = element => {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        return style.visibility === 'visible' && box.width > 0 && box.height > 0;
    };
    const holds = () => {
        const element = document.querySelector(selector);
        if (state === 'attached') return !!element;
        return state === 'visible' ? !!element && visible(element) : !element || !visible(element);
    };
    let observer;
    const look = () => {
        let done;
        try { done = holds(); } catch (error) { observer?.disconnect(); reject(error); return true; }
        if (done) { observer?.disconnect(); resolve(true); }
        return done;
    };
    if (look()) return;
    observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    if (state === 'attached') return;
    const frame = () => { if (!look()) requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
})";
