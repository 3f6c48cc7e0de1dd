//! One attached target, usually a page.

use std::sync::Arc;

use bytes::Bytes;
use headless_chrome::protocol::cdp::types::Method;
use serde::Serialize;

use super::connection::parse;
use super::{CallError, Connection};

/// A session with one target; clones share it.
#[derive(Debug, Clone)]
pub struct Session {
    connection: Connection,
    id: Arc<str>,
}

impl Session {
    pub(super) fn new(connection: Connection, id: String) -> Self {
        Self {
            connection,
            id: id.into(),
        }
    }

    /// The protocol's name of the session.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the browser has ended.
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Calls a method of the target.
    pub async fn call<M>(&self, method: M) -> Result<M::ReturnObject, CallError>
    where
        M: Method + Serialize + Send + Sync,
    {
        let answer = self.call_raw(method).await?;
        parse::<M>(&answer)
    }

    /// Calls a method of the target and gives its answer as JSON, for answers too large to copy.
    pub async fn call_raw<M>(&self, method: M) -> Result<Bytes, CallError>
    where
        M: Method + Serialize + Send + Sync,
    {
        self.connection.call_on(Some(&self.id), &method).await
    }

    /// Calls a method of the target without waiting for its answer.
    pub fn tell<M>(&self, method: &M) -> Result<(), CallError>
    where
        M: Method + Serialize + Send + Sync,
    {
        self.connection.tell_on(Some(&self.id), method)
    }

    /// A child session (an isolated iframe's), whose events go where this session's go.
    pub fn child(&self, id: String) -> Option<Session> {
        let events = self.connection.events_of(&self.id)?;
        Some(self.connection.join(id, events))
    }

    /// Forgets the session, and with it its events.
    pub fn forget(&self) {
        self.connection.forget(&self.id);
    }
}
