//! Gets the PDFs of a merge into files: from the object store, and from the hosts that it names.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::fetch::{Client, Credentials, GetError};
use common::objects::{ObjectError, ObjectKey, Objects};
use common::task::{Address, LONGEST_TIMEOUT, PdfSource};
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::super::job::patiently;
use super::unkept;
use crate::Failure;
use crate::page::PageError;

/// The most bytes of one source.
const FILE_LIMIT: usize = 50_000_000;

/// The most bytes of all sources of one merge.
const TOTAL_LIMIT: usize = 250_000_000;

/// Sources that are fetched at the same time.
const AT_ONCE: usize = 4;

/// No single fetch takes longer than the whole job may.
const FETCH_TIME: Duration = LONGEST_TIMEOUT;

/// A source that is here.
pub(super) struct Fetched {
    /// Which it is, for messages: `source 2 of 3 (example.com/a.pdf)`.
    pub(super) label: String,
    pub(super) path: PathBuf,
}

/// Gets every source into a file in `folder`, in order.
pub(super) async fn gather(
    sources: &[PdfSource],
    folder: &Path,
    objects: &Objects,
    client: &Client,
) -> Result<Vec<Fetched>, Failure> {
    let count = sources.len();
    let mut getting = Vec::with_capacity(count);
    for (place, source) in sources.iter().enumerate() {
        let fetched = Fetched {
            label: format!("source {} of {count} ({})", place + 1, source.name()),
            path: folder.join(format!("source-{place}.pdf")),
        };
        getting.push(fetch(source, fetched, objects, client));
    }
    let mut getting = std::pin::pin!(futures::stream::iter(getting).buffered(AT_ONCE));
    let (mut fetched, mut total) = (Vec::with_capacity(count), 0_usize);
    while let Some((source, length)) = getting.try_next().await? {
        total += length;
        if total > TOTAL_LIMIT {
            let message = format!("the sources must be at most {TOTAL_LIMIT} bytes together");
            return Err(PageError::Rendering(message).into());
        }
        fetched.push(source);
    }
    Ok(fetched)
}

async fn fetch(
    source: &PdfSource,
    fetched: Fetched,
    objects: &Objects,
    client: &Client,
) -> Result<(Fetched, usize), Failure> {
    let length = get(source, &fetched.label, &fetched.path, objects, client).await?;
    Ok((fetched, length))
}

async fn get(
    source: &PdfSource,
    label: &str,
    path: &Path,
    objects: &Objects,
    client: &Client,
) -> Result<usize, Failure> {
    match source {
        PdfSource::Url { address, cookie } => {
            let mut file = File::create(path).await.map_err(|error| unkept(&error))?;
            let credentials = credentials(address, cookie.clone());
            let url = &address.url;
            let got = client.get_into(&mut file, url, &credentials, (FILE_LIMIT, FETCH_TIME));
            got.await.map_err(|error| named(&error, label))
        }
        PdfSource::Stored { key, .. } => {
            let size = match objects.size(key).await {
                Err(ObjectError::Missing(_)) => {
                    let message = format!("{label} was deleted at the end of its retention time");
                    return Err(PageError::Navigation(message).into());
                }
                Ok(size) => size,
                // Whoever reads it tries again for a while.
                Err(_) => 0,
            };
            if size > FILE_LIMIT as u64 {
                return Err(named(&GetError::TooLong(FILE_LIMIT), label));
            }
            patiently(|| copy(objects, key, path)).await
        }
    }
}

async fn copy(objects: &Objects, key: &ObjectKey, path: &Path) -> Result<usize, ObjectError> {
    let unwritten = |source| ObjectError::Folder {
        path: path.display().to_string(),
        source,
    };
    let mut file = File::create(path).await.map_err(unwritten)?;
    let mut reading = objects.open(key, None).await?;
    let mut length = 0;
    while let Some(piece) = reading.stream.try_next().await? {
        length += piece.len();
        if length > FILE_LIMIT {
            let (key, limit) = (key.clone(), FILE_LIMIT as u64);
            return Err(ObjectError::TooLong { key, limit });
        }
        file.write_all(&piece).await.map_err(unwritten)?;
    }
    file.flush().await.map_err(unwritten)?;
    Ok(length)
}

fn credentials(address: &Address, cookie: Option<String>) -> Credentials {
    let authorization = address.basic.as_ref().map(|basic| {
        let pair = format!("{}:{}", basic.username, basic.password);
        format!("Basic {}", BASE64_STANDARD.encode(pair))
    });
    Credentials {
        authorization,
        cookie,
    }
}

fn named(error: &GetError, label: &str) -> Failure {
    let message = format!("{label} {error}");
    match error {
        GetError::TooLong(_) => PageError::Rendering(message),
        GetError::Timeout => PageError::Timeout(message),
        GetError::Kept(_) => PageError::Internal(message),
        GetError::Status(_)
        | GetError::Connection(_)
        | GetError::Refused(_)
        | GetError::Redirects => PageError::Navigation(message),
    }
    .into()
}
