//! Where documents are made: on threads of their own, few at a time, so that no template stalls the
//! process and none takes all of it.

use std::borrow::Cow;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::id::AccountId;
use minijinja::value::{Serde, Value, ValueKind};
use tokio::sync::{Semaphore, oneshot};

use super::engine::{check, render};
use super::error::TemplateError;
use super::totals;
use crate::accept::Turns;
use crate::error::ApiError;

/// A template can nest values as deep as its fuel lasts, and each level takes some stack when the value
/// goes. Of this only what is used is ever taken.
const STACK: usize = 256 * 1024 * 1024;

/// The longest wait for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// What goes into a template.
#[derive(Debug, Clone)]
pub(crate) enum Data {
    /// As it was sent: maps keep their order.
    Plain(Value),
    /// For a template whose sums are filled in.
    Totals(serde_json::Map<String, serde_json::Value>),
}

impl Data {
    /// Reads a JSON object. The error goes on after the field's name.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidData> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| InvalidData::Json(error.to_string()))?;
        if value.kind() != ValueKind::Map {
            return Err(InvalidData::Kind);
        }
        Ok(Self::Plain(value))
    }

    /// The same, for a template whose sums are filled in.
    pub(crate) fn with_totals(text: &str) -> Result<Self, InvalidData> {
        match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(map)) => Ok(Self::Totals(map)),
            Ok(_) => Err(InvalidData::Kind),
            Err(error) => Err(InvalidData::Json(error.to_string())),
        }
    }
}

/// A text that is no data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidData {
    /// Not JSON.
    #[error("must be a JSON object, and is not JSON: {0}")]
    Json(String),
    /// Something else than an object.
    #[error("must be a JSON object, such as {{\"name\": \"Ada\"}}")]
    Kind,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PressError {
    /// The template, or what it does with its data.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Too many documents are being made.
    #[error("too many templates are being worked on")]
    Busy,
    /// Ours.
    #[error("a template's thread ended early")]
    Broken,
}

impl PressError {
    /// What the caller is told; `field` names the template.
    pub(crate) fn about(self, field: &str) -> ApiError {
        match self {
            Self::Template(error) => ApiError::field(
                field,
                format!("`{field}` can't be made a document: {error}"),
            ),
            Self::Busy => ApiError::Unavailable {
                message: "too many templates are being worked on at the moment",
                retry_after: Duration::from_secs(2),
                cause: None,
            },
            Self::Broken => ApiError::internal(self),
        }
    }
}

/// Makes documents.
pub(crate) struct Press {
    places: Arc<Semaphore>,
    /// So that one account does not take all places.
    turns: Turns,
}

impl Default for Press {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(2, usize::from);
        Self {
            places: Arc::new(Semaphore::new(threads.max(2))),
            turns: Turns::default(),
        }
    }
}

impl Press {
    /// Makes a document, and waits for a place first.
    pub(crate) async fn document(
        &self,
        account: AccountId,
        source: Cow<'static, str>,
        data: Data,
    ) -> Result<String, PressError> {
        self.run(account, move || render_data(&source, data)).await
    }

    /// Gives a template back if it can be understood.
    pub(crate) async fn checked(
        &self,
        account: AccountId,
        source: String,
    ) -> Result<String, PressError> {
        self.run(account, move || check(&source).map(|()| source))
            .await
    }

    async fn run<T: Send + 'static>(
        &self,
        account: AccountId,
        work: impl FnOnce() -> Result<T, TemplateError> + Send + 'static,
    ) -> Result<T, PressError> {
        let place = async {
            let turn = self.turns.next(account).await;
            let place = Arc::clone(&self.places).acquire_owned().await;
            (turn, place)
        };
        let place = tokio::time::timeout(PATIENCE, place).await;
        let place = place.map_err(|_| PressError::Busy)?;
        let (done, waiting) = oneshot::channel();
        spawn(move || {
            let made = work();
            drop(place);
            // Nobody waits any more if the caller has hung up.
            done.send(made).ok();
        })?;
        Ok(waiting.await.map_err(|_| PressError::Broken)??)
    }
}

/// Says whether a template can be understood, and blocks until it is known.
pub(super) fn understands(source: &str) -> Result<(), PressError> {
    let source = source.to_owned();
    let thread = spawn(move || check(&source))?;
    Ok(thread.join().map_err(|_| PressError::Broken)??)
}

/// Makes a document, and blocks until it is there.
pub(super) fn make(source: Cow<'static, str>, data: Data) -> Result<String, PressError> {
    let thread = spawn(move || render_data(&source, data))?;
    Ok(thread.join().map_err(|_| PressError::Broken)??)
}

fn spawn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<thread::JoinHandle<T>, PressError> {
    let builder = thread::Builder::new()
        .name("template".to_owned())
        .stack_size(STACK);
    builder.spawn(work).map_err(|_| PressError::Busy)
}

fn render_data(source: &str, data: Data) -> Result<String, TemplateError> {
    let data = match data {
        Data::Plain(value) => value,
        Data::Totals(mut map) => {
            totals::fill(&mut map);
            Value::from(Serde(map))
        }
    };
    render(source, data)
}
