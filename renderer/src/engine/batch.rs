//! Several pages, printed one after the other and joined into one PDF as they come.

use std::time::Duration;

use common::task::{Batch, Source, Task, join};

use super::{Failure, QUEUE, Rendered, Renderer, Time};
use crate::join::{JoinError, Joiner};
use crate::notes::Notes;
use crate::page::{Content, PageError};
use crate::spool::Spool;

/// How much longer than the pages themselves the joining of them may take.
const JOINING: Duration = Duration::from_mins(1);

impl Renderer {
    /// Does a batch; its time is that of all pages together.
    pub(crate) async fn render_batch(
        &self,
        batch: &Batch,
        notes: &Notes,
    ) -> Result<Rendered, Failure> {
        let folder = self.pool.folder();
        let file = tempfile::tempfile_in(folder).map_err(PageError::from)?;
        let until = std::time::Instant::now() + batch.first.timeout + QUEUE + JOINING;
        let mut joiner = Joiner::new(file, until).map_err(PageError::from)?;
        let mut time = Time::of(&batch.first);
        let tasks: Vec<Task> = batch.tasks().collect();
        for (place, task) in tasks.iter().enumerate() {
            let Source::Url(url) = &task.source else {
                return Err(Failure::internal("a batch holds what is no address"));
            };
            let label = format!(
                "page {} of {} ({})",
                place + 1,
                batch.count(),
                join::shown(url)
            );
            let mut spool = Spool::new(folder);
            self.run(task, Content::Url(url), (&mut spool, notes), &mut time)
                .await
                .map_err(|error| error.about_page(&label))?;
            let printed = spool.into_bytes().await.map_err(PageError::from)?;
            let adding = move || {
                joiner.add(printed.into())?;
                Ok::<_, JoinError>(joiner)
            };
            joiner = aside(adding)
                .await?
                .map_err(|error| failed(&error, &label))?;
        }
        let (file, size) = aside(|| joiner.finish())
            .await?
            .map_err(|error| failed(&error, "the last page"))?;
        Ok(Rendered {
            spool: Spool::of_file(folder, file, size),
            content_type: "application/pdf",
            extension: "pdf",
        })
    }
}

/// Does what holds a core for a while.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "joining pages panicked");
        Failure::internal("the pages could not be joined")
    })
}

fn failed(error: &JoinError, label: &str) -> Failure {
    match error {
        JoinError::Pages | JoinError::Long(_) => {
            PageError::Rendering(format!("{label} {error}")).into()
        }
        JoinError::Late
        | JoinError::Broken(_)
        | JoinError::Encrypted
        | JoinError::Tool(_)
        | JoinError::Kept(_) => {
            tracing::error!(%error, "printed pages can't be joined");
            Failure::internal("the pages could not be joined")
        }
    }
}
