//! Prepares a page ahead of demand, and judges its browser by what comes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::OwnedPermit;
use tokio::time::timeout;

use super::{Browser, Options};
use crate::page::{Page, PageError};

/// The longest time that preparing a page may take before the process counts as hung.
pub(super) const PREPARING: Duration = Duration::from_secs(15);

/// How long a browser that has crashed may take to close its pipe.
const CRASHING: Duration = Duration::from_secs(1);

/// A browser of which so many pages in a row die while they are prepared is ended: one may be killed by
/// the system, but so many are its own doing.
const MOST_DEATHS: u32 = 3;

/// How many pages of a browser have died in a row while they were prepared.
#[derive(Debug, Clone, Default)]
pub(super) struct Deaths(Arc<AtomicU32>);

impl Deaths {
    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Notes another; whether there were too many.
    fn add(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_DEATHS
    }
}

/// Prepares a page for a place; a browser that can't is ended, which brings its replacement.
pub(super) async fn fill(
    place: OwnedPermit<Page>,
    browser: Browser,
    deaths: Deaths,
    options: Arc<Options>,
) {
    let preparing = Page::prepare(&browser, &options.network);
    match timeout(PREPARING, preparing).await {
        Ok(Ok(page)) => {
            deaths.clear();
            place.send(page);
            return;
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "a page can't be prepared");
            // Counted at once: pages that live come in the moment that follows.
            let is_pages_own = matches!(error, PageError::Rendering(_));
            let too_many = is_pages_own && deaths.add();
            // One that has crashed closes its pipe in a moment, and did not hang. The moment is also what
            // keeps a machine on which every page dies from trying without a pause.
            let closed = browser.connection().closed();
            let has_crashed = timeout(CRASHING, closed).await.is_ok();
            if has_crashed || (is_pages_own && !too_many) {
                return;
            }
            if too_many {
                tracing::warn!(
                    "a browser is ended: {MOST_DEATHS} of its pages in a row died while they were prepared"
                );
            }
        }
        Err(_) => tracing::warn!("a browser does not prepare a page in time"),
    }
    browser.kill();
    // The place is free again only when the tender can see that this browser is not.
    browser.connection().closed().await;
}

#[cfg(test)]
mod tests {
    use common::egress::Policy;
    use rustix::process::{Pid, Signal, kill_process};
    use tokio::sync::mpsc;
    use tokio::task::spawn_blocking;
    use tokio_util::sync::CancellationToken;

    use super::super::{Profiles, memory};
    use super::*;
    use crate::Config;
    use crate::testing::run;

    /// A browser whose places are filled by hand.
    struct Scene {
        browser: Browser,
        deaths: Deaths,
        options: Arc<Options>,
    }

    impl Scene {
        async fn new() -> Self {
            let config = Config::default();
            let options = config.options(Policy::default());
            let profiles = Profiles::new(&config.temp_dir()).unwrap();
            Self {
                browser: Browser::launch(&options, &profiles).await.unwrap(),
                deaths: Deaths::default(),
                options: Arc::new(options),
            }
        }

        /// The page that came of it, if it lived.
        async fn fill(&self) -> Option<Page> {
            let (places, mut ready) = mpsc::channel(1);
            let place = places.reserve_owned().await.unwrap();
            let (browser, deaths) = (self.browser.clone(), self.deaths.clone());
            fill(place, browser, deaths, Arc::clone(&self.options)).await;
            ready.recv().await
        }

        /// The same while all processes of pages are killed as soon as there are any.
        async fn fill_and_kill(&self) -> Option<Page> {
            let (browser, end) = (self.browser.0.process.id(), CancellationToken::new());
            let ending = end.clone().drop_guard();
            let killing = spawn_blocking(move || {
                while !end.is_cancelled() {
                    memory::tree(browser).into_iter().for_each(kill_page);
                    std::thread::yield_now();
                }
            });
            let filled = self.fill().await;
            drop(ending);
            killing.await.unwrap();
            filled
        }
    }

    fn kill_page(process: u32) {
        let line = std::fs::read_to_string(format!("/proc/{process}/cmdline"));
        if line.is_ok_and(|line| line.contains("--type=renderer")) {
            let pid = Pid::from_raw(process.try_into().unwrap()).unwrap();
            // It may have ended by itself.
            kill_process(pid, Signal::KILL).ok();
        }
    }

    #[test]
    fn only_deaths_in_a_row_count() {
        let deaths = Deaths::default();
        let add = || deaths.add();
        assert_eq!([add(), add()], [false, false]);
        deaths.clear();
        assert_eq!([add(), add(), add()], [false, false, true]);
    }

    #[test]
    fn a_page_that_dies_while_it_is_prepared_frees_its_place_and_its_browser_lives() {
        run(async {
            let scene = Scene::new().await;
            while scene.fill_and_kill().await.is_some() {}
            assert!(!scene.browser.is_gone());
            assert!(scene.fill().await.is_some());
        });
    }

    #[test]
    fn a_browser_whose_pages_die_in_a_row_is_ended() {
        run(async {
            let scene = Scene::new().await;
            while !scene.browser.is_gone() {
                scene.fill_and_kill().await;
            }
            assert!(scene.browser.was_killed());
        });
    }
}
