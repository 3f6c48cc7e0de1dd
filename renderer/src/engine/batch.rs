//! Several pages, printed one after the other and joined into one PDF as they come.

use std::time::Duration;

use common::task::{Batch, Metadata, Output, Source, Task, join};

use super::{Failure, QUEUE, Rendered, Renderer, Time};
use crate::join::{JoinError, Joiner};
use crate::notes::Notes;
use crate::page::{Content, PageError};
use crate::spool::Spool;

/// How much longer than the pages themselves the joining of them may take.
const JOINING: Duration = Duration::from_mins(1);

/// The most bytes of one printed page, which are in memory while they are joined.
const PAGE_LIMIT: u64 = 128 * 1024 * 1024;

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
        let mut left = u32::try_from(batch.count()).unwrap_or(u32::MAX);
        for (place, mut task) in batch.tasks().enumerate() {
            // Each page may take all the time that is left; a best effort counts with its share alone.
            task.timeout = time.rendering / left;
            left -= 1;
            joiner.describe(&take_metadata(&mut task));
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
            notes.next_page();
            self.run(&task, Content::Url(url), (&mut spool, notes), &mut time)
                .await
                .map_err(|error| error.about_page(&label))?;
            if spool.size() > PAGE_LIMIT {
                let message = format!(
                    "{label} is printed to more than {PAGE_LIMIT} bytes, which is the most that are joined"
                );
                return Err(PageError::Rendering(message).into());
            }
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

/// What the whole file is to say of itself, which its parts need not.
fn take_metadata(task: &mut Task) -> Metadata {
    match &mut task.output {
        Output::Pdf(options) => std::mem::take(&mut options.metadata),
        Output::Image(_) => Metadata::default(),
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
        JoinError::Parts | JoinError::Pages | JoinError::Long(_) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_too_much_to_be_joined_is_named() {
        let failure = failed(&JoinError::Parts, "page 2 of 3 (a.test/)");
        let words = "page 2 of 3 (a.test/) has too many parts";
        assert!(failure.message.contains(words), "{failure:?}");
    }
}
