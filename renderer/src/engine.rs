//! One task in, one result out: what the worker and the command line both stand on.

mod batch;

use std::path::Path;
use std::time::Duration;

use common::clock::Clock;
use common::egress::Policy;
use common::job::{FailureKind, Lane, Phase};
use common::task::{Document, Output, Source, Task};
use tokio::time::Instant;

use crate::browser::{Pool, Profiles};
use crate::config::Config;
use crate::folder::Folder;
use crate::notes::Notes;
use crate::page::{Content, Page, PageError};
use crate::spool::Spool;

/// The longest wait for a page to be prepared, before the task's own time begins.
pub(crate) const QUEUE: Duration = Duration::from_mins(1);

/// The longest that a picture of a failed page is waited for, and the most bytes of it.
const LOOK: Duration = Duration::from_secs(2);
const LOOK_LIMIT: usize = 8 * 1024 * 1024;

/// Browsers, and what they can do.
#[derive(Debug)]
pub struct Renderer {
    pool: Pool,
    /// Whether a page that fails is photographed.
    looks_at_failures: bool,
}

/// A finished result.
#[derive(Debug)]
pub struct Rendered {
    /// Its bytes.
    pub spool: Spool,
    /// Its media type.
    pub content_type: &'static str,
    /// Its usual file extension, without a dot.
    pub extension: &'static str,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// What the customer reads.
    pub message: String,
}

impl From<PageError> for Failure {
    fn from(error: PageError) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
        }
    }
}

impl Failure {
    /// A failure of ours.
    pub fn internal(message: &str) -> Self {
        PageError::Internal(message.to_owned()).into()
    }
}

impl Renderer {
    /// Starts the browsers; returns once the first of them answers.
    pub async fn launch(config: &Config, policy: Policy) -> anyhow::Result<Self> {
        let profiles = Profiles::new(&config.temp_dir())?;
        let pool = Pool::start(config.options(policy), profiles).await?;
        Ok(Self::of(pool, config))
    }

    /// As [`Renderer::launch`], with a made-up `host` that serves the files of a folder over http.
    pub async fn launch_with_folder(
        config: &Config,
        policy: Policy,
        host: &str,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let profiles = Profiles::new(&config.temp_dir())?;
        let mut options = config.options(policy);
        options.network.folder = Some((host.to_owned(), Folder::new(folder).await?));
        let pool = Pool::start(options, profiles).await?;
        Ok(Self::of(pool, config))
    }

    fn of(pool: Pool, config: &Config) -> Self {
        Self {
            pool,
            looks_at_failures: config.failure_screenshot,
        }
    }

    /// Whether at least one browser is up.
    pub fn is_ready(&self) -> bool {
        self.pool.is_ready()
    }

    /// A prepared, empty page, for those who drive it by themselves.
    pub async fn page(&self) -> Result<Page, Failure> {
        Ok(self.pool.page().await?)
    }

    /// Does a task; `document` is the text of one that is kept outside of it.
    pub async fn render(&self, task: &Task, document: Option<&str>) -> Result<Rendered, Failure> {
        let unread = Notes::new(Lane::Browser, Clock::system(), tracing::Span::none());
        self.render_noting(task, document, &unread).await
    }

    /// The same, and notes how it went.
    pub(crate) async fn render_noting(
        &self,
        task: &Task,
        document: Option<&str>,
        notes: &Notes,
    ) -> Result<Rendered, Failure> {
        let content = match (&task.source, document) {
            (Source::Url(url), _) => Content::Url(url),
            (Source::Html(Document::Inline(html)), _) => Content::Html(html),
            (Source::Html(Document::Stored(_)), Some(html)) => Content::Html(html),
            (Source::Html(Document::Stored(_)), None) => {
                return Err(Failure::internal("the document was not read"));
            }
        };
        let mut spool = Spool::new(self.pool.folder());
        let mut time = Time::of(task);
        self.run(task, content, (&mut spool, notes), &mut time)
            .await?;
        let (content_type, extension) = match &task.output {
            Output::Pdf(_) => ("application/pdf", "pdf"),
            Output::Image(image) => (image.format.content_type(), image.format.extension()),
        };
        Ok(Rendered {
            spool,
            content_type,
            extension,
        })
    }

    /// The task's time begins when its page is there. A browser that ends under it, or a page before it
    /// shows anything of it, is no fault that we can tell from another job's, so the task gets one more try on a process of its own: there it
    /// can take nobody with it, and nobody else can take it.
    async fn run(
        &self,
        task: &Task,
        content: Content<'_>,
        (spool, notes): (&mut Spool, &Notes),
        time: &mut Time,
    ) -> Result<(), PageError> {
        let asked = Instant::now();
        let page = tokio::time::timeout(time.waiting, self.pool.page());
        let page = notes.during(Phase::Start, page).await;
        let page =
            page.map_err(|_| PageError::Internal("no browser became free in time".to_owned()))??;
        let began = Instant::now();
        time.waiting = time.waiting.saturating_sub(began - asked);
        let attempt = Attempt {
            task,
            content,
            deadline: began + time.rendering,
            whole: time.whole,
            notes,
            looks: self.looks_at_failures,
        };
        let first = attempt.on(page, spool).await;
        time.rendering = time.rendering.saturating_sub(began.elapsed());
        if !matches!(first, Err(PageError::BrowserGone)) {
            return first;
        }
        tracing::warn!("a browser or its page ended under a job; it is tried again apart");
        spool.clear();
        let apart = tokio::time::timeout_at(attempt.deadline, self.pool.page_apart());
        let page = notes.during(Phase::Start, apart).await;
        let page = page.map_err(|_| too_long(time.whole))??;
        let second = attempt.on(page, spool).await;
        time.rendering = attempt.deadline.saturating_duration_since(Instant::now());
        second
    }
}

/// What is left of the time of a job, over all of its pages.
struct Time {
    /// For a page to be prepared.
    waiting: Duration,
    /// For the task itself.
    rendering: Duration,
    /// What the task had for itself at first.
    whole: Duration,
}

impl Time {
    fn of(task: &Task) -> Self {
        Self {
            waiting: QUEUE,
            rendering: task.timeout,
            whole: task.timeout,
        }
    }
}

/// What is done with a page.
struct Attempt<'a> {
    task: &'a Task,
    content: Content<'a>,
    deadline: Instant,
    /// What the caller gave the job, for messages.
    whole: Duration,
    notes: &'a Notes,
    looks: bool,
}

impl Attempt<'_> {
    async fn on(&self, page: Page, spool: &mut Spool) -> Result<(), PageError> {
        let shown = page.documents();
        let run = Box::pin(page.run(self.task, self.content, spool, self.notes));
        let ended = tokio::time::timeout_at(self.deadline, run)
            .await
            .unwrap_or_else(|_| Err(too_long(self.whole)));
        self.notes.complained(page.complaints());
        if self.looks && ended.is_err() && !page.is_gone() {
            self.look(&page).await;
        }
        match ended {
            // It died while it was kept ready, and nothing of the task has ever been in it.
            Err(_) if page.is_gone() && page.documents() == shown => Err(PageError::BrowserGone),
            ended => ended,
        }
    }

    /// Photographs a page that has failed; one that no longer draws is left alone.
    async fn look(&self, page: &Page) {
        match tokio::time::timeout(LOOK, page.look()).await {
            Ok(Ok(png)) if png.len() <= LOOK_LIMIT => self.notes.looked(png.into()),
            Ok(Ok(_)) => tracing::debug!("the screenshot of a failed page is too large"),
            Ok(Err(error)) => tracing::debug!(%error, "a failed page can't be photographed"),
            Err(_) => tracing::debug!("a failed page does not draw in time"),
        }
    }
}

/// The seed's own words.
fn too_long(time: Duration) -> PageError {
    let millis = time.as_millis();
    PageError::Timeout(format!("page took longer than {millis}ms to load"))
}

#[cfg(test)]
mod tests;
