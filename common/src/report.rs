//! How a run went: where its time went, and what its page complained of. For the job's owner alone.
//!
//! A report explains and decides nothing: it is bounded, and one that can't be read is an empty one.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::artifact::Artifact;
use crate::clock::Timestamp;
use crate::job::Phase;
use crate::plain::plain;

/// The most bytes of a report as JSON, as it travels and as it is kept.
pub const REPORT_LIMIT: usize = 16 * 1024;

/// The most bytes of one text in a report.
pub const TEXT_LIMIT: usize = 300;

/// The most entries of each of its lists of complaints.
const ENTRIES: usize = 20;

/// The most phases: those of an ordinary run several times over, or of the most pages of a batch.
const PHASES: usize = 100;

/// How a run went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What it did one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Lap>,
    /// Errors on the page's console, and exceptions that nobody caught.
    #[serde(default, skip_serializing_if = "Noted::is_empty")]
    pub console: Noted<Complaint>,
    /// What the page asked for and did not get.
    #[serde(default, skip_serializing_if = "Noted::is_empty")]
    pub requests: Noted<FailedRequest>,
    /// A picture of what the browser showed when the run failed, if one was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot: Option<Artifact>,
}

/// A phase of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lap {
    /// Which.
    pub phase: Phase,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

impl Lap {
    /// How long it took.
    pub const fn took(&self) -> Duration {
        Duration::from_micros(self.took_us)
    }

    /// When it ended.
    pub fn end(&self) -> Timestamp {
        self.at + self.took()
    }
}

/// The first of many things, and how many more there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted<T> {
    /// The first ones.
    pub entries: Vec<T>,
    /// How many were left out.
    #[serde(default)]
    pub more: u64,
}

/// An error on the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Whether it is an exception that nobody caught.
    pub uncaught: bool,
    /// What it says.
    pub text: String,
    /// Which line of which script says so, such as `https://example.com/a.js:12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A request that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRequest {
    /// What for, without credentials and without its query; a bare host where no more is known.
    pub url: String,
    /// The answer's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether pages of this installation may not call that host.
    pub refused: bool,
}

impl<T> Default for Noted<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            more: 0,
        }
    }
}

impl<T> Noted<T> {
    /// Adds one, or counts it.
    pub fn note(&mut self, entry: T) {
        if self.entries.len() < ENTRIES {
            self.entries.push(entry);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Adds what others there were.
    pub fn append(&mut self, others: Self) {
        others
            .entries
            .into_iter()
            .for_each(|entry| self.note(entry));
        self.more = self.more.saturating_add(others.more);
    }

    /// Whether there was nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.more == 0
    }

    /// Leaves out the last one, but counts it; false if there is none.
    fn leave_out(&mut self) -> bool {
        let left_out = self.entries.pop().is_some();
        self.more = self.more.saturating_add(u64::from(left_out));
        left_out
    }

    fn bound(&mut self, shorten: impl Fn(&mut T)) {
        while self.entries.len() > ENTRIES && self.leave_out() {}
        self.entries.iter_mut().for_each(shorten);
    }
}

impl Report {
    /// Adds a phase; one too many is left out.
    pub fn passed(&mut self, lap: Lap) {
        if self.phases.len() < PHASES {
            self.phases.push(lap);
        }
    }

    /// The report within its limits; whoever writes it down can't trust that it was.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.phases.truncate(PHASES);
        self.console.bound(|complaint| {
            cut(&mut complaint.text);
            complaint.place.iter_mut().for_each(cut);
        });
        self.requests.bound(|request| {
            cut(&mut request.url);
            request.error.iter_mut().for_each(cut);
        });
        // Some characters take twice their room in JSON.
        while self.size() > REPORT_LIMIT {
            let longer = self.console.entries.len() >= self.requests.entries.len();
            let left_out = if longer {
                self.console.leave_out()
            } else {
                self.requests.leave_out()
            };
            if !left_out {
                self.phases.clear();
                return self;
            }
        }
        self
    }

    /// Bytes as JSON.
    fn size(&self) -> usize {
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len())
    }
}

/// Cuts a text to its limit, between two characters, and makes it one plain line.
fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(TEXT_LIMIT));
    *text = plain(text);
}

/// Reads a report, or takes what a renderer of a later version has written for none: the end of its
/// job must not be lost over it.
pub(crate) fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Report, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Reads a stored report just as leniently: services of a later version may have written it.
#[cfg(any(test, feature = "store"))]
pub(crate) fn stored(json: &str) -> Report {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests;
