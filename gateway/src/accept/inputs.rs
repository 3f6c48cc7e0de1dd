//! Long inputs: moved out of the work into the object store before the job is accepted.

use std::time::Duration;

use bytes::Bytes;
use common::id::JobId;
use common::objects::{ObjectError, ObjectKey};
use common::task::layers::{Background, Content, FileSource, Layer};
use common::task::{
    Canvas, CanvasWork, DESCRIPTION_LIMIT, Document, INLINE_LIMIT, OPTIONS_LIMIT, Source, Work,
};
use futures::StreamExt as _;
use futures::stream;
use tokio::task::spawn_blocking;

use crate::app::App;
use crate::body::LONG_BODY_LIMIT;
use crate::error::ApiError;

/// How many of them are deleted at the same time.
const AT_ONCE: usize = 16;

/// Moves what is long, and says where it is now.
pub(super) async fn store(
    app: &App,
    job: JobId,
    work: &mut Work,
) -> Result<Vec<ObjectKey>, ApiError> {
    let mut inputs = Vec::new();
    let work = match work {
        Work::Own(own) => &mut own.work,
        work @ (Work::Page(_)
        | Work::Canvas(_)
        | Work::File(_)
        | Work::Batch(_)
        | Work::Merge(_)
        | Work::Check(_)) => work,
    };
    let stored = match work {
        Work::Page(task) => store_document(app, job, &mut task.source, &mut inputs).await,
        Work::Canvas(canvas) => store_canvas(app, job, canvas, &mut inputs).await,
        // What was sent is there already, and the job's from now on.
        work @ Work::File(_) => {
            inputs.extend(work.uploaded().cloned());
            Ok(())
        }
        // Work that joins has addresses alone, whose renderer gets what lies there; work of an own bucket is
        // not nested.
        Work::Batch(_) | Work::Merge(_) | Work::Own(_) | Work::Check(_) => Ok(()),
    };
    if stored.is_err() {
        discard(app, &inputs).await;
    }
    stored.map(|()| inputs)
}

/// Deletes the inputs of a job that was not accepted, or has ended, and is with nobody.
pub(crate) async fn discard(app: &App, inputs: &[ObjectKey]) {
    let deleting = stream::iter(inputs).for_each_concurrent(AT_ONCE, async |key| {
        if let Err(error) = app.objects.delete(key).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, %key, "the input of a refused request is left to the sweep");
        }
    });
    deleting.await;
}

async fn store_document(
    app: &App,
    job: JobId,
    source: &mut Source,
    inputs: &mut Vec<ObjectKey>,
) -> Result<(), ApiError> {
    let Source::Html(Document::Inline(text)) = source else {
        return Ok(());
    };
    if text.len() <= INLINE_LIMIT {
        return Ok(());
    }
    let key = ObjectKey::input(job, "page.html");
    put(app, &key, Bytes::from(std::mem::take(text)), inputs).await?;
    *source = Source::Html(Document::Stored(key));
    Ok(())
}

/// Long files first, each for itself; then the description with all that is still in it, if that is long.
/// Short files stay there: a thousand of them would be a thousand objects.
async fn store_canvas(
    app: &App,
    job: JobId,
    work: &mut CanvasWork,
    inputs: &mut Vec<ObjectKey>,
) -> Result<(), ApiError> {
    let key = ObjectKey::input(job, "canvas.json");
    let canvas = std::mem::replace(work, CanvasWork::Stored(key.clone()));
    let CanvasWork::Inline(mut canvas) = canvas else {
        *work = canvas;
        return Ok(());
    };
    let mut files = inline_files(&mut canvas);
    for (number, file) in files.iter_mut().enumerate() {
        let FileSource::Inline(blob) = &mut **file else {
            continue;
        };
        if blob.0.len() > INLINE_LIMIT {
            let key = ObjectKey::input(job, &format!("file-{number}"));
            put(app, &key, std::mem::take(&mut blob.0), inputs).await?;
            **file = FileSource::Stored(key);
        }
    }
    let left: usize = files.iter().map(|file| length(file)).sum();
    // Off the async threads: megabytes of files may be left in it.
    let written = spawn_blocking(move || (serde_json::to_vec(&canvas), canvas));
    let (description, canvas) = written.await.map_err(ApiError::internal)?;
    let description = description.map_err(ApiError::internal)?;
    // What is inline by now travels in base64.
    if left > INLINE_LIMIT || description.len() > OPTIONS_LIMIT + INLINE_LIMIT / 3 * 4 {
        put(app, &key, description.into(), inputs).await?;
    } else {
        *work = CanvasWork::Inline(canvas);
    }
    Ok(())
}

async fn put(
    app: &App,
    key: &ObjectKey,
    bytes: Bytes,
    inputs: &mut Vec<ObjectKey>,
) -> Result<(), ApiError> {
    app.objects.put(key, bytes).await.map_err(away)?;
    inputs.push(key.clone());
    Ok(())
}

fn inline_files(canvas: &mut Canvas) -> Vec<&mut FileSource> {
    let mut files: Vec<_> = canvas.fonts.iter_mut().map(|font| &mut font.file).collect();
    collect(&mut canvas.layers, &mut files);
    files.retain(|file| matches!(file, FileSource::Inline(_)));
    files
}

fn collect<'a>(layers: &'a mut [Layer], files: &mut Vec<&'a mut FileSource>) {
    for layer in layers {
        match &mut layer.content {
            Content::Image(image) => files.push(&mut image.file),
            Content::Layout(layout) => {
                if let Background::Layers(behind) = &mut layout.background {
                    collect(behind, files);
                }
                collect(&mut layout.children, files);
            }
            Content::Solid(_)
            | Content::Gradient(_)
            | Content::Text(_)
            | Content::Qr(_)
            | Content::Barcode(_) => {}
        }
    }
}

fn length(file: &FileSource) -> usize {
    match file {
        FileSource::Inline(blob) => blob.0.len(),
        FileSource::Stored(_) | FileSource::Url(_) => 0,
    }
}

// What travels in base64 was in the body, in base64 too.
const _: () = assert!((LONG_BODY_LIMIT / 4 * 5) as u64 <= DESCRIPTION_LIMIT);

fn away(error: ObjectError) -> ApiError {
    ApiError::Unavailable {
        message: "documents can't be stored at the moment",
        retry_after: Duration::from_secs(5),
        cause: Some(error.into()),
    }
}
