//! Messages as JSON, and back.

use lapin::BasicProperties;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Kept on disk by the server.
const PERSISTENT: u8 = 2;

/// The most bytes of a message: far above what is ever made, far below what a server refuses.
const LIMIT: usize = 1024 * 1024;

/// Why a body can't be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it has {0} bytes, more than any message")]
    TooLong(usize),
    #[error("it is not the JSON of its kind of message")]
    Json(#[from] serde_json::Error),
}

pub(super) fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(message)
}

pub(super) fn decode<M: DeserializeOwned>(body: &[u8]) -> Result<M, Unreadable> {
    if body.len() > LIMIT {
        return Err(Unreadable::TooLong(body.len()));
    }
    Ok(serde_json::from_slice(body)?)
}

/// What goes along with a body; the id tells a returned message from others.
pub(super) fn properties(id: u64) -> BasicProperties {
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type("application/json".into())
        .with_message_id(id.to_string().into())
}
