//! The shapes of the events that a page's watcher reads: only the fields that it needs, so that
//! another browser version can't break them by adding some.

use std::collections::HashMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Lifecycle<'a> {
    pub(super) frame_id: &'a str,
    pub(super) loader_id: &'a str,
    pub(super) name: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameAttached {
    pub(super) frame_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameDetached<'a> {
    pub(super) frame_id: &'a str,
    /// `remove`, or `swap` when the frame moves to another process.
    #[serde(default)]
    pub(super) reason: &'a str,
}

#[derive(Deserialize)]
pub(super) struct FrameNavigated {
    pub(super) frame: Frame,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Frame {
    pub(super) id: String,
    #[serde(default)]
    pub(super) loader_id: String,
    /// Set when the frame shows the browser's own error page instead of this address.
    pub(super) unreachable_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Dialog<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestSent {
    pub(super) request_id: String,
    #[serde(default)]
    pub(super) loader_id: String,
    #[serde(default)]
    pub(super) frame_id: String,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) request: Asked,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestEnded<'a> {
    pub(super) request_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestFailed<'a> {
    pub(super) request_id: &'a str,
    #[serde(default)]
    pub(super) error_text: &'a str,
}

/// An answer as it came over the network, also one that the page does not get.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawAnswer<'a> {
    pub(super) request_id: &'a str,
    #[serde(default)]
    pub(super) status_code: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponseReceived {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) frame_id: String,
    pub(super) response: Response,
}

#[derive(Deserialize)]
pub(super) struct Response {
    pub(super) url: String,
    #[serde(default)]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attached {
    pub(super) session_id: String,
    pub(super) target_info: TargetInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetInfo {
    pub(super) target_id: String,
}

/// What is read of an entry in the log before the rest of it: its level.
#[derive(Deserialize)]
pub(super) struct LogLevel {
    pub(super) entry: Level,
}

#[derive(Deserialize)]
pub(super) struct Level {
    #[serde(default)]
    pub(super) level: String,
}

/// What is read of a call of the console before the rest of it: its kind.
#[derive(Deserialize)]
pub(super) struct CallKind {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
}

#[derive(Deserialize)]
pub(in crate::page) struct Logged {
    pub(in crate::page) entry: LogEntry,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::page) struct LogEntry {
    #[serde(default)]
    pub(in crate::page) text: String,
    pub(in crate::page) url: Option<String>,
    pub(in crate::page) line_number: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::page) struct Called {
    #[serde(default)]
    pub(in crate::page) args: Vec<Remote>,
    pub(in crate::page) stack_trace: Option<Stack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::page) struct Thrown {
    pub(in crate::page) exception_details: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::page) struct Details {
    #[serde(default)]
    pub(in crate::page) text: String,
    pub(in crate::page) url: Option<String>,
    pub(in crate::page) line_number: Option<i64>,
    pub(in crate::page) exception: Option<Remote>,
}

/// A value in the page.
#[derive(Deserialize)]
pub(in crate::page) struct Remote {
    #[serde(rename = "type", default)]
    pub(in crate::page) kind: String,
    pub(in crate::page) subtype: Option<String>,
    pub(in crate::page) value: Option<serde_json::Value>,
    pub(in crate::page) description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::page) struct Stack {
    #[serde(default)]
    pub(in crate::page) call_frames: Vec<Place>,
}

/// A line of a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::page) struct Place {
    #[serde(default)]
    pub(in crate::page) url: String,
    /// From 0; -1 where there is none.
    #[serde(default)]
    pub(in crate::page) line_number: i64,
}

impl Place {
    /// Where an event says that it comes from, if it does.
    pub(in crate::page) fn of(url: Option<&str>, line: Option<i64>) -> Option<Self> {
        let url = url.filter(|url| !url.is_empty())?.to_owned();
        let line_number = line.unwrap_or_default();
        Some(Self { url, line_number })
    }
}
