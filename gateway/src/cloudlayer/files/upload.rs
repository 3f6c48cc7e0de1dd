//! A form that brings a file: it streams into the object store as it arrives, bounded in length, in time and
//! in memory, before anything is charged. What of it no job owns in the end is deleted again.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use common::id::JobId;
use common::objects::{ObjectError, ObjectKey, Writer};
use common::task::file::UPLOAD_LIMIT;
use futures::{Stream, stream};
use http::request::Parts as Head;
use http_body_util::BodyExt as _;
use multer::Field;
use tokio::sync::Mutex;

use super::super::request::{Parts, broken_form};
use super::{Sent, require_office};
use crate::accept;
use crate::app::App;
use crate::body::{Posted, Share, discard};
use crate::error::ApiError;
use crate::idempotency::Arriving;
use crate::invalid::Invalid;

/// The most bytes of all options together.
const OPTIONS_LIMIT: usize = 512 * 1024;

/// The most bytes of a form: a file, its options, and what stands between.
const FORM_LIMIT: usize = UPLOAD_LIMIT + 1_000_000;

/// The longest that a form may take to arrive.
const FORM_TIME: Duration = Duration::from_mins(5);

/// The most that a file takes in memory on its way: a part of its upload, and the one that is sent.
const ON_ITS_WAY: usize = 16 * 1024 * 1024;

/// Reads a form of whoever has a key.
pub(super) async fn receive(app: &App, request: Request) -> Result<Sent, ApiError> {
    let (head, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body));
    let form = Parts::new(
        &head.headers,
        pieces(Arc::clone(&body)),
        (FORM_LIMIT, OPTIONS_LIMIT),
    );
    let mut arrival = Arrival {
        app,
        form,
        key: ObjectKey::input(JobId::new(), "file"),
        has_file: false,
    };
    let reading = tokio::time::timeout(FORM_TIME, arrival.read(&head));
    let read = reading.await.unwrap_or_else(|_| Err(too_slow()));
    match read {
        Ok(posted) => Ok(Sent {
            posted,
            file: arrival.has_file.then_some(arrival.key),
            options: arrival.form.into_options(),
        }),
        Err(error) => {
            let sent = arrival.has_file.then(|| arrival.key.clone());
            accept::discard(app, sent.as_slice()).await;
            drop(arrival);
            // So that the caller gets the answer, and not a broken connection.
            discard(&mut *body.lock().await).await;
            Err(error)
        }
    }
}

/// A form on its way.
struct Arrival<'a> {
    app: &'a App,
    form: Parts,
    /// Where its file will lie.
    key: ObjectKey,
    has_file: bool,
}

impl Arrival<'_> {
    async fn read(&mut self, head: &Head) -> Result<Posted, ApiError> {
        let caller = self.app.keys.caller_of(head).await?;
        require_office(self.app)?;
        let mut arriving = Arriving::new(head, &self.app.seal)?;
        let mut share = self.app.room.share(caller.account);
        while let Some(file) = self.form.file().await? {
            if self.has_file {
                return Err(Invalid::new("file", "must be sent once").into());
            }
            self.keep(file, &mut arriving, &mut share).await?;
        }
        if let Some(arriving) = &mut arriving {
            // Without the boundary, which clients make up anew each time.
            arriving.update(self.form.text().as_bytes());
        }
        Ok(Posted {
            // The file has left the memory.
            share: self.app.room.share(caller.account),
            caller,
            body: Vec::new(),
            repeatable: arriving.map(Arriving::finish),
        })
    }

    /// Puts the file into the object store.
    async fn keep(
        &mut self,
        mut file: Field<'static>,
        arriving: &mut Option<Arriving>,
        share: &mut Share,
    ) -> Result<(), ApiError> {
        let mut writer = self.app.objects.writer(self.key.clone());
        let written = self.write(&mut file, &mut writer, arriving, share).await;
        if let Err(error) = written {
            if let Err(error) = writer.abort().await {
                tracing::debug!(%error, "a broken upload is left to the store");
            }
            return Err(error);
        }
        writer.finish().await.map_err(away)?;
        self.has_file = true;
        Ok(())
    }

    async fn write(
        &mut self,
        file: &mut Field<'static>,
        writer: &mut Writer,
        arriving: &mut Option<Arriving>,
        share: &mut Share,
    ) -> Result<(), ApiError> {
        let mut length = 0;
        while let Some(piece) = file.chunk().await.map_err(|error| broken_form(&error))? {
            self.form.took();
            length += piece.len();
            if length > UPLOAD_LIMIT {
                let message = format!("must be at most {UPLOAD_LIMIT} bytes long");
                return Err(Invalid::new("file", message).too_large().into());
            }
            share.cover(length.min(ON_ITS_WAY))?;
            if let Some(arriving) = arriving {
                arriving.update(&piece);
            }
            writer.write(&piece).await.map_err(away)?;
        }
        if length == 0 {
            return Err(Invalid::new("file", "must not be empty").into());
        }
        Ok(())
    }
}

/// The pieces of a body; whoever holds it too may read on where they end.
fn pieces(body: Arc<Mutex<Body>>) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    stream::unfold(body, |body| async move {
        loop {
            let frame = body.lock().await.frame().await?;
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => return Some((Err(error), body)),
            };
            // Trailers say nothing to us.
            if let Ok(data) = frame.into_data() {
                return Some((Ok(data), body));
            }
        }
    })
}

fn too_slow() -> ApiError {
    let seconds = FORM_TIME.as_secs();
    Invalid::body(format!(
        "The request body took longer than {seconds} s to arrive."
    ))
    .into()
}

fn away(error: ObjectError) -> ApiError {
    ApiError::Unavailable {
        message: "files can't be stored at the moment; nothing was charged",
        retry_after: Duration::from_secs(5),
        cause: Some(error.into()),
    }
}
