//! One page: prepared ahead of demand in a browser context of its own, driven through one job, and
//! thrown away.

mod area;
pub mod banner;
mod complaints;
mod credentials;
mod effort;
mod emulate;
mod error;
mod frames;
mod load;
mod metadata;
mod pdf;
mod prepare;
mod reader;
mod rules;
mod script;
mod scroll;
mod scrub;
mod shot;
mod wait;
mod watch;

use std::future::Future;
use std::time::Duration;

use common::job::Phase;
use common::task::{Output, PageOptions, PdfOptions, Task};
use tokio::time::timeout;

pub use error::PageError;

pub(crate) use complaints::Complaints;

use crate::browser::Browser;
use crate::cdp::Session;
use crate::notes::Notes;
use crate::proxy::Proxy;
use crate::spool::Spool;
use effort::Effort;
use watch::Watch;

/// How long a page's end may be told after a refusal that came of it.
const LATER: Duration = Duration::from_millis(100);

/// What a job's page shows.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// A page on the network, http or https.
    Url(&'a url::Url),
    /// A document that the caller sent.
    Html(&'a str),
}

/// A page that shows nothing yet; dropping it closes its context.
#[derive(Debug)]
pub struct Page {
    context: Context,
    /// The protocol's name of the page and of its main frame, which are the same.
    target: String,
    session: Session,
    watch: Watch,
    proxy: Proxy,
}

/// A browser context, disposed when dropped.
#[derive(Debug)]
struct Context {
    browser: Browser,
    id: String,
}

impl Page {
    /// Loads the content, waits until it is ready and writes what the task asks for.
    pub(crate) async fn run(
        &self,
        task: &Task,
        content: Content<'_>,
        spool: &mut Spool,
        notes: &Notes,
    ) -> Result<(), PageError> {
        let show = async {
            emulate::apply(self, task, content).await?;
            load::open(self, &task.page, content).await?;
            load::check(self)
        };
        let wait = async {
            wait::ready(self, &task.page, content).await?;
            // It may have moved on while it was waited for.
            load::check(self)
        };
        let print = async {
            match &task.output {
                Output::Pdf(options) => pdf::print(self, options, spool).await,
                Output::Image(options) => shot::take(self, options, &task.page, spool).await,
            }
        };
        let effort = Effort::begin(self, task.page.best_effort, task.timeout);
        self.alive(async {
            let ready = async {
                notes.during(Phase::Navigate, show).await?;
                notes.during(Phase::Wait, wait).await
            };
            // Each holds all that its phases may wait for.
            Box::pin(effort.ready(Box::pin(ready))).await?;
            rules::check(self, task.page.fail_on)?;
            let print = Box::pin(notes.during(Phase::Print, print));
            effort.made(print).await
        })
        .await
    }

    /// What the page has complained of until now.
    pub(crate) fn complaints(&self) -> Complaints {
        self.watch.complaints().explained(&self.proxy)
    }

    /// A PNG of what the window shows at this moment, whatever state the page is in.
    pub(crate) async fn look(&self) -> Result<Vec<u8>, PageError> {
        self.alive(shot::window(self)).await
    }

    /// Prints a little of everything and forgets it.
    pub(crate) async fn warm(&self, folder: &std::path::Path) -> Result<(), PageError> {
        let content = Content::Html("<p style='font-family:sans-serif'>a <b>b</b> <i>c</i></p>");
        let mut spool = Spool::new(folder);
        self.alive(async {
            load::open(self, &PageOptions::default(), content).await?;
            pdf::print(self, &PdfOptions::default(), &mut spool).await
        })
        .await
    }

    /// The browser that the page lives in.
    pub fn browser(&self) -> &Browser {
        &self.context.browser
    }

    /// Whether the page can no longer be used.
    pub fn is_gone(&self) -> bool {
        self.browser().is_gone() || self.watch.now(|state| state.end().is_some())
    }

    /// Counts the documents that the page has shown.
    pub(crate) fn documents(&self) -> u64 {
        self.watch.now(|state| state.main.documents)
    }

    /// The page's session, for what this type does not offer.
    pub fn session(&self) -> &Session {
        &self.session
    }

    async fn alive<T>(
        &self,
        step: impl Future<Output = Result<T, PageError>>,
    ) -> Result<T, PageError> {
        alive(&self.watch, step).await
    }
}

/// Runs a step unless the page ends first: after a crash the browser answers no pending call, and
/// a print would take the whole process down.
async fn alive<T>(
    watch: &Watch,
    step: impl Future<Output = Result<T, PageError>>,
) -> Result<T, PageError> {
    let (result, ended) = tokio::select! {
        biased;
        end = watch.ended() => (Err(end), true),
        result = step => (result, false),
    };
    // A call that was refused because the page ended says less than the end itself, which may come by another way
    // a little later.
    if matches!(result, Err(PageError::Internal(_))) && !ended {
        return Err(match timeout(LATER, watch.ended()).await {
            Ok(end) => end,
            Err(_) => return result,
        });
    }
    result
}

impl Drop for Context {
    fn drop(&mut self) {
        let (browser, id) = (self.browser.clone(), std::mem::take(&mut self.id));
        if !browser.is_gone() {
            tokio::spawn(async move { browser.dispose(id).await });
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.session.forget();
    }
}
