//! Gets the files that a canvas is made of: from the object store, and from the hosts that it names.

use std::collections::HashSet;

use bytes::Bytes;
use common::fetch::{Client, GetError, REDIRECTS, Step};
use common::job::FailureKind;
use common::objects::Objects;
use common::task::Canvas;
use common::task::layers::{Background, Content, FileSource, Layer};
use futures::StreamExt as _;
use tokio::time::Instant;
use url::Url;

use super::super::Studio;
use super::super::job::patiently;
use super::robots::Kept;
use crate::Failure;
use crate::native::Files;

/// The most bytes of one file (reference iterationlayer 1.7).
const FILE_LIMIT: usize = 50_000_000;

/// The most bytes of all files of one picture.
const TOTAL_LIMIT: usize = 150_000_000;

/// The longest that one file may take.
const FETCH_TIME: std::time::Duration = std::time::Duration::from_mins(1);

/// Files that are fetched at the same time.
const AT_ONCE: usize = 4;

/// Gets every file, each of them once.
pub(super) async fn gather(
    canvas: &Canvas,
    objects: &Objects,
    studio: &Studio,
) -> Result<Files, Failure> {
    let wanted: HashSet<FileSource> = canvas.files().into_iter().cloned().collect();
    let getting = futures::stream::iter(wanted.into_iter().map(|file| async {
        let got = match &file {
            // Fonts are not what a robots.txt speaks of.
            FileSource::Url(url) if of_layers(&canvas.layers, &file).is_some() => {
                picture(url, studio).await
            }
            FileSource::Url(_) | FileSource::Inline(_) | FileSource::Stored(_) => {
                get(&file, objects, &studio.client).await
            }
        };
        (file, got)
    }));
    let mut getting = std::pin::pin!(getting.buffer_unordered(AT_ONCE));
    let (mut files, mut total) = (Files::default(), 0_usize);
    while let Some((file, got)) = getting.next().await {
        let bytes = got.map_err(|error| error.named(canvas, &file))?;
        total += bytes.len();
        if total > TOTAL_LIMIT {
            return Err(Failure {
                kind: FailureKind::Rendering,
                message: format!(
                    "the files of one picture must be at most {TOTAL_LIMIT} bytes together"
                ),
            });
        }
        files.insert(file, bytes);
    }
    Ok(files)
}

/// Why a file is not there.
enum Absent {
    /// Its host does not give it to programs.
    Kept(Kept),
    /// Its host did not give it.
    Fetch(GetError),
    /// The fault is ours.
    Ours(Failure),
}

impl Absent {
    /// With the path of the field that names the file.
    fn named(self, canvas: &Canvas, file: &FileSource) -> Failure {
        let why = match self {
            Self::Kept(kept) => kept.to_string(),
            Self::Fetch(error) => error.to_string(),
            Self::Ours(failure) => return failure,
        };
        Failure {
            kind: FailureKind::Navigation,
            message: format!("{}.file.url {why}", owner(canvas, file)),
        }
    }
}

/// A picture, if each host on the way to it lets programs have it.
async fn picture(url: &Url, studio: &Studio) -> Result<Bytes, Absent> {
    let until = Instant::now() + FETCH_TIME;
    let mut url = url.clone();
    for _ in 0..=REDIRECTS {
        let allowed = studio.hosts.check(&url, &studio.client).await;
        allowed.map_err(Absent::Kept)?;
        let left = until.saturating_duration_since(Instant::now());
        let step = studio.client.step(&url, FILE_LIMIT, left).await;
        match step.map_err(Absent::Fetch)? {
            Step::File(bytes) => return Ok(bytes.into()),
            Step::Elsewhere(there) => url = there,
        }
    }
    Err(Absent::Fetch(GetError::Redirects))
}

async fn get(file: &FileSource, objects: &Objects, client: &Client) -> Result<Bytes, Absent> {
    match file {
        FileSource::Inline(blob) => Ok(blob.0.clone()),
        FileSource::Stored(key) => {
            let limit = u64::try_from(FILE_LIMIT).unwrap_or(u64::MAX);
            let read = patiently(|| objects.read(key, limit)).await;
            read.map_err(Absent::Ours)
        }
        FileSource::Url(url) => {
            let got = client.get(url, FILE_LIMIT, FETCH_TIME).await;
            got.map(Bytes::from).map_err(Absent::Fetch)
        }
    }
}

/// The path of the first thing in the request that a file belongs to.
fn owner(canvas: &Canvas, file: &FileSource) -> String {
    let of_font = canvas.fonts.iter().position(|font| font.file == *file);
    let of_font = of_font.map(|place| format!("fonts[{place}]"));
    of_font
        .or_else(|| of_layers(&canvas.layers, file))
        .unwrap_or_else(|| "layers".to_owned())
}

fn of_layers(layers: &[Layer], file: &FileSource) -> Option<String> {
    layers.iter().find_map(|layer| match &layer.content {
        Content::Image(image) => (image.file == *file).then(|| layer.label.clone()),
        Content::Layout(layout) => {
            let behind = match &layout.background {
                Background::Layers(layers) => of_layers(layers, file),
                Background::None | Background::Color(_) => None,
            };
            behind.or_else(|| of_layers(&layout.children, file))
        }
        Content::Solid(_)
        | Content::Gradient(_)
        | Content::Text(_)
        | Content::Qr(_)
        | Content::Barcode(_) => None,
    })
}
