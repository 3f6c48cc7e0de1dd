//! Scrolls to the bottom and back, so that content which loads on sight loads.

use super::PageError;
use super::script::Frame;

/// Windows that are scrolled through; a page that grows for ever is left there.
const MOST: u32 = 200;

/// Scrolls window by window, one step for each drawn frame, until the page no longer grows, waits for
/// the images that came into sight, and goes back to the top.
pub(super) async fn to_bottom(frame: &Frame<'_>) -> Result<(), PageError> {
    let reached: bool = frame.evaluate(&format!("({SCRIPT})({MOST})")).await?;
    tracing::trace!(reached, "scrolled");
    Ok(())
}

const SCRIPT: &str = "async most => {
    const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const shown = image => image.complete || image.loading === 'lazy' && image.getBoundingClientRect().top > innerHeight
        || new Promise(done => { image.addEventListener('load', done); image.addEventListener('error', done); });
    const root = () => document.scrollingElement || document.documentElement;
    const atEnd = () => !root() || root().scrollTop + innerHeight >= root().scrollHeight - 1;
    for (let step = 0; step < most; step++) {
        if (atEnd()) {
            await Promise.all([...document.images].map(shown));
            await drawn();
            if (atEnd()) break;
        }
        window.scrollBy({ top: innerHeight, behavior: 'instant' });
        await drawn();
    }
    const ended = atEnd();
    window.scrollTo({ top: 0, behavior: 'instant' });
    await drawn();
    return ended;
}";
