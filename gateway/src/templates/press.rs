//! Where documents are made: in processes of their own, few at a time. A template can build values in few steps
//! that take for ever to compare or to print, which no count of steps sees; a process can be ended.

pub(super) mod child;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use common::id::AccountId;
use tokio::sync::Semaphore;

use self::child::Errand;
use super::data::Data;
use super::error::TemplateError;
use crate::accept::Turns;
use crate::error::ApiError;

/// How many documents are made at the same time. Each takes some milliseconds, and memory that must fit beside the
/// gateway's own.
const PLACES: usize = 2;

/// How many of them for one account, so that the others have a place too.
const PLACES_OF_ONE: usize = 1;

/// The longest wait for a place.
const PATIENCE: Duration = Duration::from_secs(10);

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
    #[error("templates can't be worked on: {0}")]
    Broken(String),
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
            Self::Broken(_) => ApiError::internal(self),
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
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            turns: Turns::new(PLACES_OF_ONE),
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
        let errand = Errand {
            source: source.into_owned(),
            data: Some(data),
        };
        self.run(account, errand).await
    }

    /// Gives a template back if it can be understood.
    pub(crate) async fn checked(
        &self,
        account: AccountId,
        source: String,
    ) -> Result<String, PressError> {
        let errand = Errand { source, data: None };
        self.run(account, errand.clone()).await?;
        Ok(errand.source)
    }

    async fn run(&self, account: AccountId, errand: Errand) -> Result<String, PressError> {
        let place = async {
            let turn = self.turns.next(account).await;
            let place = Arc::clone(&self.places).acquire_owned().await;
            (turn, place)
        };
        let place = tokio::time::timeout(PATIENCE, place).await;
        let _place = place.map_err(|_| PressError::Busy)?;
        if cfg!(test) {
            // The program of these tests has nothing but tests.
            let made = tokio::task::spawn_blocking(move || child::in_thread(errand)).await;
            return made.map_err(|error| PressError::Broken(error.to_string()))?;
        }
        child::run(&errand).await
    }
}

/// Says whether a template can be understood, and blocks until it is known; for templates of the operator.
pub(super) fn understands(source: &str) -> Result<(), PressError> {
    let source = source.to_owned();
    child::in_thread(Errand { source, data: None }).map(drop)
}

/// Makes a document, and blocks until it is there; for templates of the operator.
pub(super) fn make(source: Cow<'static, str>, data: Data) -> Result<String, PressError> {
    let source = source.into_owned();
    let data = Some(data);
    child::in_thread(Errand { source, data })
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_account_has_one_place_and_leaves_the_other_to_others() {
        let (press, busy) = (Press::default(), AccountId::new());
        let turn = press.turns.next(busy).await;
        let _place = Arc::clone(&press.places).acquire_owned().await.unwrap();
        assert!(press.turns.next(busy).now_or_never().is_none());
        let made = press.checked(AccountId::new(), "a".to_owned()).await;
        assert_eq!(made.unwrap(), "a");
        drop(turn);
        assert!(press.turns.next(busy).now_or_never().is_some());
    }
}
