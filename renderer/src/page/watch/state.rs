//! What is known of a page at a moment.

use std::collections::HashMap;

use crate::cdp::Session;
use crate::page::PageError;

/// The most frames and the most requests in flight that are followed.
const FRAMES: usize = 1000;
const REQUESTS: usize = 20_000;

/// As many blocked requests are remembered.
const BLOCKED: usize = 100;

/// How far a frame's document has come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Counts the documents that the frame has shown.
    pub(crate) documents: u64,
    /// The document is parsed.
    pub(crate) parsed: bool,
    /// The document and what it needs are loaded.
    pub(crate) loaded: bool,
    loader: String,
}

/// On whose behalf a request is made.
#[derive(Debug, Clone, Default)]
pub(super) struct Asker {
    pub(super) frame: String,
    pub(super) loader: String,
    /// What is asked for, or the beginning of its address.
    pub(super) url: String,
    /// The status that came over the network, once it has.
    pub(super) status: Option<u16>,
}

/// How a page has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Crashed,
    Closed,
    Flooded,
    BrowserGone,
}

/// What is known of a page at a moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The page's own document.
    pub(crate) main: Progress,
    /// Its iframes, by the protocol's name.
    pub(crate) frames: HashMap<String, Progress>,
    /// The sessions of those iframes that live in another process.
    pub(crate) sessions: HashMap<String, Session>,
    /// The address that the main frame could not show.
    pub(crate) unreachable: Option<String>,
    /// The address of the main document, if our own proxy answered for its host.
    pub(crate) proxied: Option<String>,
    /// The address of the main document, and the status that it came with.
    pub(crate) answered: Option<(String, u16)>,
    in_flight: HashMap<String, Asker>,
    /// The addresses of requests that were blocked, since their status may come after that.
    blocked: HashMap<String, String>,
    /// How often the number of requests in flight rose above 0, and above 2.
    rises: [u64; 2],
    end: Option<End>,
}

/// How many requests may be in flight while a page counts as idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// None.
    Full,
    /// Two.
    Almost,
}

impl Quiet {
    const fn limit(self) -> usize {
        match self {
            Self::Full => 0,
            Self::Almost => 2,
        }
    }
}

impl State {
    /// Why the page has ended, if it has.
    pub(crate) fn end(&self) -> Option<PageError> {
        let text = match self.end? {
            End::Crashed => "the page crashed (most often it needed too much memory)",
            End::Closed => "the page closed itself",
            End::Flooded => "the page made more events than can be followed",
            End::BrowserGone => return Some(PageError::BrowserGone),
        };
        Some(PageError::Rendering(text.to_owned()))
    }

    /// Whether few enough requests are in flight.
    pub(crate) fn is_quiet(&self, quiet: Quiet) -> bool {
        self.in_flight.len() <= quiet.limit()
    }

    /// Changes whenever quiet was broken, however shortly.
    pub(crate) fn rises(&self, quiet: Quiet) -> u64 {
        let [full, almost] = self.rises;
        match quiet {
            Quiet::Full => full,
            Quiet::Almost => almost,
        }
    }

    /// The first end counts.
    pub(super) fn ended(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    pub(super) fn started(&mut self, request: String, asker: Asker) {
        let room = self.in_flight.len() < REQUESTS;
        // A redirected request starts again under its name.
        if room && self.in_flight.insert(request, asker).is_none() {
            let [full, almost] = &mut self.rises;
            match self.in_flight.len() {
                1 => *full += 1,
                3 => *almost += 1,
                _ => {}
            }
        }
    }

    pub(super) fn raw_answer(&mut self, request: &str, status: u16) {
        if let Some(asker) = self.in_flight.get_mut(request) {
            asker.status = Some(status);
        }
    }

    /// Who has asked for what, while it is open.
    pub(super) fn asker(&self, request: &str) -> Option<&Asker> {
        self.in_flight.get(request)
    }

    pub(super) fn finished(&mut self, request: &str) {
        self.in_flight.remove(request);
    }

    /// It has ended, and what it asked for is still known.
    pub(super) fn blocked(&mut self, request: &str) {
        if let Some((id, asker)) = self.in_flight.remove_entry(request)
            && self.blocked.len() < BLOCKED
        {
            self.blocked.insert(id, asker.url);
        }
    }

    /// What a request asked for that was blocked.
    pub(super) fn blocked_url(&self, request: &str) -> Option<&str> {
        self.blocked.get(request).map(String::as_str)
    }

    pub(super) fn attached(&mut self, frame: String) {
        if self.frames.len() < FRAMES {
            self.frames.entry(frame).or_default();
        }
    }

    pub(super) fn detached(&mut self, frame: &str) {
        self.frames.remove(frame);
        self.sessions.remove(frame);
        self.in_flight.retain(|_, asker| asker.frame != frame);
    }

    /// A frame shows another document: the end of what its old one asked for may never be reported.
    pub(super) fn moved(&mut self, frame: &str, is_main: bool, loader: &str) {
        self.in_flight
            .retain(|_, asker| asker.loader == loader || (!is_main && asker.frame != frame));
    }
}

impl Progress {
    /// Notes a lifecycle event of this frame.
    pub(super) fn advance(&mut self, loader: &str, name: &str) {
        match name {
            // Also sent when a document is opened anew for writing, under the same loader.
            "init" => {
                *self = Self {
                    documents: self.documents + 1,
                    loader: loader.to_owned(),
                    ..Self::default()
                };
            }
            "DOMContentLoaded" if self.loader == loader => self.parsed = true,
            "load" if self.loader == loader => self.loaded = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_document_starts_over_and_an_old_ones_events_are_ignored() {
        let mut progress = Progress::default();
        for (loader, name) in [("a", "init"), ("a", "DOMContentLoaded"), ("a", "load")] {
            progress.advance(loader, name);
        }
        assert!(progress.parsed && progress.loaded);
        progress.advance("b", "init");
        progress.advance("a", "load");
        assert!(!progress.loaded);
        assert_eq!(progress.documents, 2);
    }

    #[test]
    fn quiet_knows_none_from_two_and_remembers_a_short_noise() {
        let mut state = State::default();
        let start = |state: &mut State, name: &str| state.started(name.into(), Asker::default());
        start(&mut state, "1");
        start(&mut state, "2");
        assert!(!state.is_quiet(Quiet::Full) && state.is_quiet(Quiet::Almost));
        let before = state.rises(Quiet::Almost);
        start(&mut state, "3");
        state.finished("3");
        assert!(state.is_quiet(Quiet::Almost));
        assert_ne!(state.rises(Quiet::Almost), before);
        start(&mut state, "2");
        assert_eq!(state.rises(Quiet::Full), 1);
    }

    #[test]
    fn requests_end_with_the_document_that_asked() {
        let mut state = State::default();
        for (request, frame, loader) in
            [("1", "main", "a"), ("2", "child", "b"), ("3", "main", "c")]
        {
            let asker = Asker {
                frame: frame.into(),
                loader: loader.into(),
                ..Asker::default()
            };
            state.started(request.into(), asker);
        }
        state.moved("child", false, "d");
        assert_eq!(state.in_flight.len(), 2);
        state.moved("main", true, "c");
        assert_eq!(state.in_flight.keys().collect::<Vec<_>>(), ["3"]);
        state.detached("main");
        assert!(state.is_quiet(Quiet::Full));
    }
}
