//! The bytes on the pipe: JSON messages that end with a NUL byte.

use bytes::{Buf as _, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What the browser answers to a call that it does not carry out.
#[derive(Debug, Clone, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Refusal {
    /// The protocol's number, such as -32000.
    pub code: i64,
    /// What was wrong.
    #[serde(default)]
    pub message: String,
}

/// Something that happened in the browser.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name, such as `Page.lifecycleEvent`.
    pub method: String,
    /// The session that it came on; `None` for the browser's own.
    pub session: Option<String>,
    params: Bytes,
}

impl Event {
    /// The event by which a session learns that its target has gone.
    pub(super) fn detached(session: &str) -> Self {
        Self {
            method: "Inspector.detached".to_owned(),
            session: Some(session.to_owned()),
            params: Bytes::from_static(b"{}"),
        }
    }

    /// Whether it only tells what a page's console shows.
    pub(crate) fn is_chatter(&self) -> bool {
        matches!(
            self.method.as_str(),
            "Log.entryAdded" | "Runtime.consoleAPICalled" | "Runtime.exceptionThrown"
        )
    }

    /// Bytes of its parameters.
    pub(super) fn length(&self) -> usize {
        self.params.len()
    }

    /// Reads the event's parameters.
    pub fn params<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.params)
    }
}

/// A message from the browser.
#[derive(Debug)]
pub(super) enum Message {
    Answer {
        id: u32,
        answer: Result<Bytes, Refusal>,
    },
    Event(Event),
}

#[derive(Serialize)]
struct Call<'a, P> {
    id: u32,
    method: &'static str,
    params: &'a P,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
}

/// Writes a call as it goes onto the pipe.
pub(super) fn encode<P: Serialize>(
    id: u32,
    method: &'static str,
    params: &P,
    session: Option<&str>,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec(&Call {
        id,
        method,
        params,
        session,
    })?;
    bytes.push(0);
    Ok(bytes)
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<u32>,
    method: Option<&'a str>,
    #[serde(rename = "sessionId")]
    session: Option<&'a str>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

/// Reads one message; large payloads are slices of it, not copies.
pub(super) fn decode(message: &Bytes) -> Result<Message, serde_json::Error> {
    let envelope: Envelope<'_> = serde_json::from_slice(message)?;
    let slice = |raw: Option<&RawValue>| {
        raw.map_or(Bytes::from_static(b"{}"), |raw| {
            message.slice_ref(raw.get().as_bytes())
        })
    };
    let Some(id) = envelope.id else {
        return Ok(Message::Event(Event {
            method: envelope.method.unwrap_or_default().to_owned(),
            session: envelope.session.map(str::to_owned),
            params: slice(envelope.params),
        }));
    };
    let answer = match envelope.error {
        Some(refusal) => Err(refusal),
        None => Ok(slice(envelope.result)),
    };
    Ok(Message::Answer { id, answer })
}

/// Cuts a stream of bytes into messages.
#[derive(Debug, Default)]
pub(super) struct Frames {
    buffer: BytesMut,
    searched: usize,
}

impl Frames {
    /// Where the next bytes go.
    pub(super) fn buffer(&mut self) -> &mut BytesMut {
        self.buffer.reserve(64 * 1024);
        &mut self.buffer
    }

    /// The next whole message, without its end mark.
    pub(super) fn next(&mut self) -> Option<Bytes> {
        let fresh = self.buffer.get(self.searched..)?;
        let Some(at) = fresh.iter().position(|&byte| byte == 0) else {
            self.searched = self.buffer.len();
            return None;
        };
        let message = self.buffer.split_to(self.searched + at).freeze();
        self.buffer.advance(1);
        self.searched = 0;
        Some(message)
    }
}
