//! Keeps every context at the one page that it was made for: popups are closed at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use headless_chrome::protocol::cdp::Target;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cdp::{CallError, Connection, Event, Events};

/// Which page belongs to which context.
#[derive(Debug, Clone, Default)]
pub(crate) struct Targets(Arc<Mutex<HashMap<String, Option<String>>>>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detached {
    session_id: String,
}

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "targetInfo")]
    info: Info,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    target_id: String,
    #[serde(rename = "type")]
    kind: String,
    browser_context_id: Option<String>,
}

impl Targets {
    /// Starts watching a browser's pages.
    pub(super) async fn watch(connection: &Connection) -> Result<Self, CallError> {
        let targets = Self::default();
        let events = connection.events();
        let pages = Target::FilterEntry {
            exclude: None,
            Type: Some("page".to_owned()),
        };
        connection
            .call(Target::SetDiscoverTargets {
                discover: true,
                filter: Some(vec![pages]),
            })
            .await?;
        tokio::spawn(targets.clone().follow(connection.clone(), events));
        Ok(targets)
    }

    /// Expects one page in a fresh context.
    pub(crate) fn expect(&self, context: &str) {
        self.lock().insert(context.to_owned(), None);
    }

    pub(super) fn forget(&self, context: &str) {
        self.lock().remove(context);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Option<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first page of a context is ours: it is made before any script can run there.
    fn is_popup(&self, info: &Info) -> bool {
        let Some(context) = &info.browser_context_id else {
            return false;
        };
        match self.lock().get_mut(context) {
            Some(Some(page)) => *page != info.target_id,
            Some(page) => {
                *page = Some(info.target_id.clone());
                false
            }
            None => false,
        }
    }

    async fn follow(self, connection: Connection, mut events: Events) {
        while let Some(event) = events.recv().await {
            if let Some(session) = detached(&event) {
                connection.detached(&session);
            }
            let Some(info) = created(&event) else {
                continue;
            };
            if info.kind == "page" && self.is_popup(&info) {
                tracing::debug!("a popup is closed");
                let close = Target::CloseTarget {
                    target_id: info.target_id,
                };
                if let Err(error) = connection.call(close).await {
                    tracing::debug!(%error, "a popup was gone already");
                }
            }
        }
    }
}

fn created(event: &Event) -> Option<Info> {
    read::<Created>(event, "Target.targetCreated").map(|created| created.info)
}

fn detached(event: &Event) -> Option<String> {
    read::<Detached>(event, "Target.detachedFromTarget").map(|detached| detached.session_id)
}

fn read<T: DeserializeOwned>(event: &Event, method: &str) -> Option<T> {
    if event.method != method {
        return None;
    }
    event
        .params()
        .inspect_err(|error| tracing::warn!(%error, method, "an event of an unknown shape"))
        .ok()
}
