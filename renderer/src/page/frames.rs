//! Waits that concern the page's iframes.

use common::task::{FrameWait, SelectorWait, WaitUntil};
use futures::FutureExt as _;
use futures::future::{join_all, select_all};

use super::script::Frame;
use super::watch::{Progress, Quiet, State};
use super::{Page, PageError, load, wait};

/// Waits for everything that the options want of the iframes.
pub(super) async fn ready(page: &Page, options: &FrameWait) -> Result<(), PageError> {
    if options.attached {
        page.watch
            .until(|state| (!state.frames.is_empty()).then_some(()))
            .await?;
    }
    if options.loaded {
        page.watch.until(all_loaded).await?;
    }
    if let Some(until) = options.navigation {
        navigated(page, until).await?;
    }
    if options.images {
        images(page).await?;
    }
    if let Some(selector) = &options.selector {
        wait::bounded(selector, find(page, selector)).await?;
    }
    Ok(())
}

fn all_loaded(state: &State) -> Option<()> {
    let loaded = state.frames.values().all(|frame| frame.loaded);
    (loaded && !state.frames.is_empty()).then_some(())
}

/// Waits until any iframe has reached the event.
async fn navigated(page: &Page, until: WaitUntil) -> Result<(), PageError> {
    let any = |state: &State, reached: fn(&Progress) -> bool| {
        state.frames.values().any(reached).then_some(())
    };
    let loaded = |frame: &Progress| frame.loaded;
    let parsed = |frame: &Progress| frame.parsed;
    match until {
        WaitUntil::Load => page.watch.until(|state| any(state, loaded)).await,
        WaitUntil::DomContentLoaded => page.watch.until(|state| any(state, parsed)).await,
        WaitUntil::NetworkIdle => {
            page.watch.until(|state| any(state, parsed)).await?;
            load::quiet(page, Quiet::Full).await
        }
        WaitUntil::NetworkAlmostIdle => {
            page.watch.until(|state| any(state, parsed)).await?;
            load::quiet(page, Quiet::Almost).await
        }
    }
}

/// Waits until the images of all iframes have loaded, or failed to.
async fn images(page: &Page) -> Result<(), PageError> {
    page.watch.until(all_loaded).await?;
    let frames = page.iframes();
    join_all(frames.iter().map(images_of))
        .await
        .into_iter()
        .collect()
}

async fn images_of(frame: &Frame<'_>) -> Result<(), PageError> {
    match frame.evaluate::<bool>(IMAGES).await {
        // A frame that has gone has no images to wait for.
        Ok(_) | Err(PageError::Internal(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Resolves when every image of the document has loaded or failed; lazy ones are told to load now.
const IMAGES: &str = "Promise.all([...document.images].map(image => {
    image.loading = 'eager';
    return image.complete || new Promise(done => { image.addEventListener('load', done); image.addEventListener('error', done); });
})).then(() => true)";

/// Waits until any iframe has the element; iframes that come later are looked into too.
async fn find(page: &Page, selector: &SelectorWait) -> Result<(), PageError> {
    loop {
        let known = page
            .watch
            .until(|state| (!state.frames.is_empty()).then(|| names(state)))
            .await?;
        let frames = page.iframes();
        let mut searches: Vec<_> = frames
            .iter()
            .map(|frame| wait::selector(frame, selector).boxed())
            .collect();
        let changed = page
            .watch
            .until(|state| (names(state) != known).then_some(()));
        let search = async {
            while !searches.is_empty() {
                let (found, _, rest) = select_all(std::mem::take(&mut searches)).await;
                match found {
                    Ok(()) => return Ok(()),
                    // The frame is gone, or is not to be looked into; another may have the element.
                    Err(PageError::Internal(_)) => searches = rest,
                    Err(error) => return Err(error),
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            found = search => return found,
            changed = changed => changed?,
        }
    }
}

fn names(state: &State) -> Vec<String> {
    let mut names: Vec<String> = state.frames.keys().cloned().collect();
    names.sort_unstable();
    names
}
