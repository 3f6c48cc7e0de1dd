//! Keeps pages ready ahead of demand on several browser processes, and replaces each process before
//! it grows old.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::fill::{Deaths, PREPARING, fill};
use super::{Browser, LaunchError, Options, Profiles};
use crate::metrics::{Restart, Restarts};
use crate::page::{Page, PageError};

/// Pauses between launches that fail.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a process's memory is looked at, in pages.
const MEMORY_EVERY: u32 = 8;

/// Pages that wait for jobs.
#[derive(Debug)]
pub struct Pool {
    ready: Mutex<mpsc::Receiver<Page>>,
    options: Arc<Options>,
    profiles: Profiles,
    up: Arc<AtomicUsize>,
    _tending: DropGuard,
}

impl Pool {
    /// Starts the processes; fails if the first of them does not come up.
    pub async fn start(options: Options, profiles: Profiles) -> Result<Self, LaunchError> {
        let options = Arc::new(options);
        let (sender, ready) = mpsc::channel(options.ready_pages.max(1));
        let ending = CancellationToken::new();
        let up = Arc::new(AtomicUsize::new(0));
        let restarts = Restarts::new();
        let mut first = Some(Browser::launch(&options, &profiles).await?);
        for _ in 0..options.browsers.max(1) {
            let tender = Tender {
                options: Arc::clone(&options),
                profiles: profiles.clone(),
                ready: sender.clone(),
                up: Arc::clone(&up),
                restarts: restarts.clone(),
            };
            let first = first.take().map(|browser| tender.up(browser));
            let tending = tender.run(first);
            tokio::spawn(ending.clone().run_until_cancelled_owned(tending));
        }
        Ok(Self {
            ready: Mutex::new(ready),
            options,
            profiles,
            up,
            _tending: ending.drop_guard(),
        })
    }

    /// Whether at least one process is up, however many pages it has to give at the moment.
    pub fn is_ready(&self) -> bool {
        self.up.load(Ordering::Relaxed) > 0
    }

    /// A page for one job; waits until one is ready.
    pub async fn page(&self) -> Result<Page, PageError> {
        loop {
            let page = self.ready.lock().await.recv().await;
            match page {
                Some(page) if page.is_gone() => {}
                Some(page) => return Ok(page),
                None => return Err(PageError::BrowserGone),
            }
        }
    }

    /// A page on a process that no other job shares, for a job whose browser ended under it.
    pub async fn page_apart(&self) -> Result<Page, PageError> {
        let browser = Browser::launch(&self.options, &self.profiles)
            .await
            .map_err(|error| PageError::Internal(error.to_string()))?;
        let prepared = Page::prepare(&browser, &self.options.network).await;
        prepared.map_err(|error| match error {
            // Nothing of the job was in it.
            PageError::Rendering(_) => PageError::BrowserGone,
            PageError::Timeout(_)
            | PageError::Navigation(_)
            | PageError::BrowserGone
            | PageError::Internal(_) => error,
        })
    }

    /// Where temporary files may lie.
    pub fn folder(&self) -> &std::path::Path {
        self.profiles.path()
    }
}

/// Looks after one process at a time.
struct Tender {
    options: Arc<Options>,
    profiles: Profiles,
    ready: mpsc::Sender<Page>,
    up: Arc<AtomicUsize>,
    restarts: Restarts,
}

/// A process, counted among those that are up for as long as it is looked after.
struct Up {
    browser: Browser,
    deaths: Deaths,
    count: Arc<AtomicUsize>,
}

impl Drop for Up {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Tender {
    /// Prepares a page for every free place, several at a time: one after the other they would come
    /// more slowly than jobs take them.
    async fn run(self, first: Option<Up>) {
        let mut up = match first {
            Some(up) => up,
            None => self.launch().await,
        };
        let mut pages = 0;
        loop {
            let place = tokio::select! {
                () = up.browser.connection().closed() => None,
                place = self.ready.clone().reserve_owned() => match place {
                    Ok(place) => Some(place),
                    Err(_) => return,
                },
            };
            if up.browser.is_gone() {
                let stderr = up.browser.stderr();
                tracing::warn!(stderr, "a browser has ended; it is replaced");
                self.count_end(&up.browser);
                drop(up);
                (up, pages) = (self.launch().await, 0);
            } else if let Some(reason) = self.worn(&up.browser, pages) {
                self.restarts.count(reason);
                // The old one goes when its last page does, after its replacement has come up.
                (up, pages) = (self.launch().await, 0);
            }
            if let Some(place) = place {
                pages += 1;
                let (browser, deaths) = (up.browser.clone(), up.deaths.clone());
                tokio::spawn(fill(place, browser, deaths, Arc::clone(&self.options)));
            }
        }
    }

    /// Counts a browser that ended, or is ended, before it was worn.
    fn count_end(&self, browser: &Browser) {
        let has_crashed = browser.is_gone() && !browser.was_killed();
        self.restarts.count(if has_crashed {
            Restart::Crashed
        } else {
            Restart::Hung
        });
    }

    fn up(&self, browser: Browser) -> Up {
        self.up.fetch_add(1, Ordering::Relaxed);
        let count = Arc::clone(&self.up);
        Up {
            browser,
            deaths: Deaths::default(),
            count,
        }
    }

    /// Whether the process has grown old, and by what.
    fn worn(&self, browser: &Browser, pages: u32) -> Option<Restart> {
        let options = &self.options;
        let is_weighed = pages > 0 && pages.is_multiple_of(MEMORY_EVERY);
        if pages >= options.recycle_after {
            Some(Restart::Pages)
        } else if browser.age() > options.recycle_age {
            Some(Restart::Age)
        } else if is_weighed && browser.memory() > options.recycle_memory {
            Some(Restart::Memory)
        } else {
            None
        }
    }

    /// Prints once, so that the first job does not pay for the browser's own preparations (fonts, the
    /// printing service), which take twice as long as an ordinary job. A browser whose page can't be made is an error; one
    /// that is only slow is judged by its next pages.
    async fn warm(&self, browser: &Browser) -> Result<(), PageError> {
        let warming = async {
            let page = Page::prepare(browser, &self.options.network).await?;
            if let Err(error) = page.warm(self.profiles.path()).await {
                tracing::warn!(%error, "a browser could not be warmed up");
            }
            Ok(())
        };
        tokio::time::timeout(PREPARING, warming)
            .await
            .unwrap_or_else(|_| {
                tracing::warn!("a browser did not warm up in time");
                Ok(())
            })
    }

    async fn launch(&self) -> Up {
        let mut pause = FIRST_PAUSE;
        loop {
            match Browser::launch(&self.options, &self.profiles).await {
                Ok(browser) => match self.warm(&browser).await {
                    Ok(()) => return self.up(browser),
                    Err(error) => {
                        tracing::error!(%error, "a browser makes no page; trying another");
                        self.count_end(&browser);
                    }
                },
                Err(error) => tracing::error!(%error, "a browser can't be started; trying again"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
