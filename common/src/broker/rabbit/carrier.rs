//! Messages as JSON, and back; where in a trace they were sent is a header.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::Carried;
use crate::telemetry::{TRACEPARENT, TraceContext};

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

pub(super) fn decode<M: DeserializeOwned + Carried>(
    body: &[u8],
    properties: &BasicProperties,
) -> Result<M, Unreadable> {
    if body.len() > LIMIT {
        return Err(Unreadable::TooLong(body.len()));
    }
    let mut message: M = serde_json::from_slice(body)?;
    message.set_trace(properties.headers().as_ref().and_then(trace));
    Ok(message)
}

/// What goes along with a body; the id tells a returned message from others.
pub(super) fn properties(id: u64, trace: Option<TraceContext>) -> BasicProperties {
    let properties = BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type("application/json".into())
        .with_message_id(id.to_string().into());
    let Some(trace) = trace else {
        return properties;
    };
    let mut headers = FieldTable::default();
    let trace = LongString::from(trace.to_string());
    headers.insert(TRACEPARENT.into(), AMQPValue::LongString(trace));
    properties.with_headers(headers)
}

/// A header that can't be read costs the trace and not the message. Other programs write texts in other
/// types than ours.
fn trace(headers: &FieldTable) -> Option<TraceContext> {
    let value = headers.inner().get(TRACEPARENT)?;
    let text = if let AMQPValue::LongString(text) = value {
        text.as_bytes()
    } else if let AMQPValue::ShortString(text) = value {
        text.as_str().as_bytes()
    } else if let AMQPValue::ByteArray(bytes) = value {
        bytes.as_slice()
    } else {
        return None;
    };
    TraceContext::read(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::id::{AccountId, JobId};
    use crate::job::{Lane, Mode};
    use crate::message::{JobMessage, SealedTask};

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn message(trace: Option<TraceContext>) -> JobMessage {
        JobMessage {
            job: JobId::new(),
            account: AccountId::new(),
            lane: Lane::Browser,
            mode: Mode::Async,
            task: SealedTask(Vec::new()),
            expires_at: Timestamp::from_micros(0),
            published_at: None,
            trace,
        }
    }

    fn read(value: AMQPValue) -> Option<TraceContext> {
        let mut headers = FieldTable::default();
        headers.insert(TRACEPARENT.into(), value);
        trace(&headers)
    }

    #[test]
    fn a_message_comes_with_its_trace_which_is_not_in_its_body() {
        let sent = message(TRACE.parse().ok());
        let body = encode(&sent).unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("trace"));
        let got: JobMessage = decode(&body, &properties(1, sent.trace)).unwrap();
        assert_eq!(got, sent);
        let got: JobMessage = decode(&body, &properties(1, None)).unwrap();
        assert_eq!(got.trace, None);
    }

    #[test]
    fn a_trace_is_read_from_any_type_of_text_and_what_is_none_is_passed_over() {
        for value in [
            AMQPValue::LongString(TRACE.into()),
            AMQPValue::ShortString(TRACE.into()),
            AMQPValue::ByteArray(TRACE.as_bytes().into()),
        ] {
            assert_eq!(read(value), TRACE.parse().ok());
        }
        for value in [
            AMQPValue::Void,
            AMQPValue::Boolean(true),
            AMQPValue::LongString("00-x".into()),
            AMQPValue::LongString("x".repeat(100_000).into()),
            AMQPValue::ByteArray([0xff; 55].as_slice().into()),
        ] {
            assert_eq!(read(value), None);
        }
    }
}
