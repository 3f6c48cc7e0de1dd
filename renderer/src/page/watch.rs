//! Follows a page's events: answers dialogs, counts requests, and publishes the page's state to
//! whoever waits for something of it.

pub(super) mod events;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use headless_chrome::protocol::cdp::{Log, Network, Page, Runtime};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

pub(crate) use state::{Progress, Quiet, State};

use super::PageError;
use super::complaints::Complaints;
use super::credentials::{self, Credentials};
use crate::cdp::{Event, Events, Session};
use crate::proxy::MARK;
use state::{Asker, End};

/// What the browser calls an answer that a page may not read.
const BLOCKED: &str = "net::ERR_BLOCKED_BY_ORB";

/// How many characters of a request's address are kept while it is open: more than is ever shown.
const URL_KEPT: usize = 1000;

/// The lowest status that is a refusal.
pub(super) const REFUSAL: u16 = 400;

/// A page's state, kept up to date by a task that ends with this value.
#[derive(Debug)]
pub(super) struct Watch {
    state: watch::Receiver<State>,
    credentials: Arc<OnceLock<Credentials>>,
    complaints: Arc<Mutex<Complaints>>,
    _task: AbortOnDropHandle<()>,
}

impl Watch {
    /// Starts to follow a page, whose target is also its main frame.
    pub(super) fn start(main: String, session: Session, events: Events) -> Self {
        let (sender, state) = watch::channel(State::default());
        let (credentials, complaints) = (Arc::default(), Arc::default());
        let watcher = Watcher {
            main,
            session,
            state: sender,
            credentials: Arc::clone(&credentials),
            complaints: Arc::clone(&complaints),
        };
        let task = AbortOnDropHandle::new(tokio::spawn(watcher.run(events)));
        Self {
            state,
            credentials,
            complaints,
            _task: task,
        }
    }

    /// Reads something of the page's state at this moment.
    pub(super) fn now<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.borrow())
    }

    /// What the page has complained of until now.
    pub(super) fn complaints(&self) -> Complaints {
        lock(&self.complaints).clone()
    }

    /// Credentials for the page's own origin, given when asked for from now on.
    pub(super) fn set_credentials(&self, credentials: Credentials) {
        if self.credentials.set(credentials).is_err() {
            tracing::warn!("a page was given credentials twice");
        }
    }

    /// Waits until the state is as wanted and gives what `pick` picks of it.
    pub(super) async fn until<T>(
        &self,
        mut pick: impl FnMut(&State) -> Option<T>,
    ) -> Result<T, PageError> {
        let mut state = self.state.clone();
        let mut picked = None;
        let found = state
            .wait_for(|state| {
                picked = pick(state);
                picked.is_some()
            })
            .await
            .is_ok();
        match picked {
            Some(value) if found => Ok(value),
            _ => Err(self.now(State::end).unwrap_or(PageError::BrowserGone)),
        }
    }

    /// Waits until the page has ended, and says why.
    pub(super) async fn ended(&self) -> PageError {
        match self.until(State::end).await {
            Ok(end) | Err(end) => end,
        }
    }
}

struct Watcher {
    main: String,
    session: Session,
    state: watch::Sender<State>,
    credentials: Arc<OnceLock<Credentials>>,
    complaints: Arc<Mutex<Complaints>>,
}

impl Watcher {
    async fn run(self, mut events: Events) {
        while let Some(event) = events.recv().await {
            match self.take(&event) {
                Ok(()) => {}
                // Text that is no Unicode is the page's doing, and it may do so for ever.
                Err(error) if event.is_chatter() => {
                    tracing::trace!(%error, event = event.method, "a complaint can't be read");
                    let uncaught = event.method == "Runtime.exceptionThrown";
                    lock(&self.complaints).unreadable(uncaught);
                }
                Err(error) => {
                    tracing::warn!(%error, event = event.method, "an event of an unknown shape");
                }
            }
        }
        let end = if self.session.is_closed() {
            End::BrowserGone
        } else {
            End::Flooded
        };
        self.change(|state| state.ended(end));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(change);
    }

    fn take(&self, event: &Event) -> Result<(), serde_json::Error> {
        match event.method.as_str() {
            "Page.lifecycleEvent" => self.lifecycle(&event.params()?),
            "Page.frameAttached" => {
                let attached: events::FrameAttached = event.params()?;
                self.change(|state| state.attached(attached.frame_id));
            }
            "Page.frameDetached" => self.detached(&event.params()?),
            "Page.frameNavigated" => self.navigated(event.params()?),
            "Page.javascriptDialogOpening" => self.dialog(&event.params()?),
            "Network.requestWillBeSent" => self.sent(event.params()?),
            "Network.responseReceived" => self.answered(event.params()?),
            "Network.responseReceivedExtraInfo" => {
                self.raw_answer(&event.params()?);
            }
            "Network.loadingFailed" => self.failed(&event.params()?),
            "Network.loadingFinished" => {
                let ended: events::RequestEnded<'_> = event.params()?;
                self.change(|state| state.finished(ended.request_id));
            }
            "Fetch.requestPaused" | "Fetch.authRequired" => {
                credentials::answer(&self.session, event, self.credentials.get())?;
            }
            "Log.entryAdded" | "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" => {
                complain(&self.complaints, event)?;
            }
            "Target.attachedToTarget" => self.child(event.params()?),
            "Inspector.targetCrashed" => self.crashed(event),
            "Inspector.detached" => self.change(|state| state.ended(End::Closed)),
            _ => {}
        }
        Ok(())
    }

    fn lifecycle(&self, event: &events::Lifecycle<'_>) {
        self.change(|state| {
            if event.frame_id == self.main {
                state.main.advance(event.loader_id, event.name);
            } else if let Some(frame) = state.frames.get_mut(event.frame_id) {
                frame.advance(event.loader_id, event.name);
            }
        });
    }

    fn detached(&self, event: &events::FrameDetached<'_>) {
        if event.reason != "swap" {
            self.change(|state| state.detached(event.frame_id));
        }
    }

    fn navigated(&self, event: events::FrameNavigated) {
        let frame = event.frame;
        let is_main = frame.id == self.main;
        self.change(|state| {
            state.moved(&frame.id, is_main, &frame.loader_id);
            if is_main {
                state.unreachable = frame.unreachable_url;
            }
        });
    }

    /// Nobody sits before the page: alerts go away, questions are answered with no, leaving is allowed.
    fn dialog(&self, dialog: &events::Dialog<'_>) {
        let answer = Page::HandleJavaScriptDialog {
            accept: matches!(dialog.kind, "alert" | "beforeunload"),
            prompt_text: None,
        };
        if let Err(error) = self.session.tell(&answer) {
            tracing::debug!(%error, "a dialog stays open");
        }
    }

    /// Streams of events never end and beacons concern nobody, so neither keeps a page from being idle.
    fn sent(&self, request: events::RequestSent) {
        if !matches!(request.kind.as_str(), "EventSource" | "Ping") {
            let asker = Asker {
                frame: request.frame_id,
                loader: request.loader_id,
                url: request.request.url.chars().take(URL_KEPT).collect(),
                status: None,
            };
            self.change(|state| state.started(request.request_id, asker));
        }
    }

    /// The browser's log tells of all failures but one: what another origin answered to an image or a script, such as
    /// a page that says that there is no such image.
    fn failed(&self, failed: &events::RequestFailed<'_>) {
        if failed.error_text != BLOCKED {
            self.change(|state| state.finished(failed.request_id));
            return;
        }
        let asked = |asker: &Asker| (asker.url.clone(), asker.status);
        let asked = self.state.borrow().asker(failed.request_id).map(asked);
        if let Some((url, status)) = asked {
            let status = status.filter(|status| *status >= REFUSAL);
            lock(&self.complaints).blocked(&url, status, failed.error_text);
        }
        self.change(|state| state.blocked(failed.request_id));
    }

    /// The status comes by another way than the rest, and may be the last to come.
    fn raw_answer(&self, raw: &events::RawAnswer<'_>) {
        self.change(|state| state.raw_answer(raw.request_id, raw.status_code));
        if raw.status_code < REFUSAL {
            return;
        }
        let blocked = self
            .state
            .borrow()
            .blocked_url(raw.request_id)
            .map(str::to_owned);
        if let Some(url) = blocked {
            lock(&self.complaints).blocked_with(&url, raw.status_code, BLOCKED);
        }
    }

    fn answered(&self, event: events::ResponseReceived) {
        if event.kind != "Document" || event.frame_id != self.main {
            return;
        }
        let ours = event
            .response
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case(MARK.as_str()));
        let response = event.response;
        self.change(|state| {
            state.proxied = ours.then(|| response.url.clone());
            state.answered = Some((response.url, response.status));
        });
    }

    /// An iframe in another process: its events are as good as the page's own.
    fn child(&self, event: events::Attached) {
        let Some(child) = self.session.child(event.session_id) else {
            return;
        };
        let calls = [
            child.tell(&Page::Enable {
                enable_file_chooser_opened_event: None,
            }),
            child.tell(&Page::SetLifecycleEventsEnabled { enabled: true }),
            child.tell(&network()),
            child.tell(&Log::Enable(None)),
            child.tell(&Runtime::Enable(None)),
        ];
        if let Some(error) = calls.into_iter().find_map(Result::err) {
            tracing::debug!(%error, "a frame is not followed");
        }
        self.change(|state| {
            state.sessions.insert(event.target_info.target_id, child);
        });
    }

    /// Only the page's own crash ends it; a frame's leaves a hole in it.
    fn crashed(&self, event: &Event) {
        if event.session.as_deref() == Some(self.session.id()) {
            self.change(|state| state.ended(End::Crashed));
        }
    }
}

/// Notes what the page complains of; of what is no complaint only the kind is read.
fn complain(complaints: &Mutex<Complaints>, event: &Event) -> Result<(), serde_json::Error> {
    match event.method.as_str() {
        "Log.entryAdded" => {
            let read: events::LogLevel = event.params()?;
            if read.entry.level == "error" {
                let logged = event.params()?;
                lock(complaints).logged(&logged);
            }
        }
        "Runtime.consoleAPICalled" => {
            let read: events::CallKind = event.params()?;
            if matches!(read.kind.as_str(), "error" | "assert") {
                let called = event.params()?;
                lock(complaints).called(&called);
            }
        }
        _ => {
            let thrown = event.params()?;
            lock(complaints).thrown(&thrown);
        }
    }
    Ok(())
}

fn lock(complaints: &Mutex<Complaints>) -> MutexGuard<'_, Complaints> {
    complaints.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reports requests without keeping their bodies.
pub(super) fn network() -> Network::Enable {
    Network::Enable {
        max_total_buffer_size: Some(0),
        max_resource_buffer_size: Some(0),
        max_post_data_size: Some(0),
        report_direct_socket_traffic: None,
        enable_durable_messages: None,
    }
}
