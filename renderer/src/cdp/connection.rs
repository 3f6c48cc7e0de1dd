//! One browser's debugging pipe: a task that reads, a task that writes, and the calls in between.
//!
//! A caller that is dropped leaves nothing behind; when the pipe closes, every call errs at once.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use headless_chrome::protocol::cdp::types::Method;
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::wire::{self, Event, Frames, Message, Refusal};
use super::{CallError, Session};

/// Events of one session, in order; ends when the browser has ended or too many lie unread.
pub type Events = mpsc::Receiver<Event>;

/// The most events that may lie unread; a page that makes them faster than they are read is cut off.
const UNREAD: usize = 16 * 1024;

/// The most messages of a console that may lie unread, and the most bytes of each: a page that floods its
/// console loses some of them, and is not cut off for it.
const CHATTER: usize = 1024;
const CHATTER_LENGTH: usize = 64 * 1024;

/// A browser's debugging pipe; clones share it, and the last one to go closes it.
#[derive(Debug, Clone)]
pub struct Connection(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    next: AtomicU32,
    outbox: mpsc::UnboundedSender<Vec<u8>>,
    routes: Mutex<Routes>,
    closed: CancellationToken,
}

type Answer = Result<Bytes, Refusal>;

#[derive(Debug, Default)]
struct Routes {
    calls: HashMap<u32, oneshot::Sender<Answer>>,
    events: HashMap<String, mpsc::Sender<Event>>,
    root: Option<mpsc::Sender<Event>>,
}

impl Shared {
    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Speaks over the two ends of a browser's pipe.
    pub fn new(to_browser: pipe::Sender, from_browser: pipe::Receiver) -> Self {
        let (outbox, calls) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            next: AtomicU32::new(1),
            outbox,
            routes: Mutex::default(),
            closed: CancellationToken::new(),
        });
        tokio::spawn(write(to_browser, calls));
        tokio::spawn(read(from_browser, Arc::downgrade(&shared)));
        Self(shared)
    }

    /// Whether the browser has ended.
    pub fn is_closed(&self) -> bool {
        self.0.closed.is_cancelled()
    }

    /// Waits until the browser has ended.
    pub async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// Calls a method of the browser itself.
    pub async fn call<M>(&self, method: M) -> Result<M::ReturnObject, CallError>
    where
        M: Method + Serialize + Send + Sync,
    {
        let answer = self.call_on(None, &method).await?;
        parse::<M>(&answer)
    }

    /// The events of the browser itself; a second caller takes them from the first.
    pub fn events(&self) -> Events {
        let (sender, events) = mpsc::channel(UNREAD);
        self.0.routes().root = Some(sender);
        events
    }

    /// A handle to a session that was attached with `flatten`, and its events.
    pub fn session(&self, id: String) -> (Session, Events) {
        let (sender, events) = mpsc::channel(UNREAD);
        (self.join(id, sender), events)
    }

    /// A handle to a session whose events go where another's go.
    pub(super) fn join(&self, id: String, events: mpsc::Sender<Event>) -> Session {
        self.0.routes().events.insert(id.clone(), events);
        Session::new(self.clone(), id)
    }

    pub(super) fn events_of(&self, id: &str) -> Option<mpsc::Sender<Event>> {
        self.0.routes().events.get(id).cloned()
    }

    /// Ends a session whose target has gone: its events end after one that says so.
    pub fn detached(&self, id: &str) {
        if let Some(events) = self.0.routes().events.remove(id)
            && events.try_send(Event::detached(id)).is_err()
        {
            tracing::debug!("nobody hears that a session has ended");
        }
    }

    /// Forgets a session that has ended.
    pub fn forget(&self, id: &str) {
        self.0.routes().events.remove(id);
    }

    /// Makes a call and gives the bare answer.
    pub(super) async fn call_on<M>(
        &self,
        session: Option<&str>,
        method: &M,
    ) -> Result<Bytes, CallError>
    where
        M: Method + Serialize + Send + Sync,
    {
        let (pending, answer) = self.register()?;
        self.send(pending.id, session, method)?;
        let answer = answer.await.map_err(|_| CallError::Closed)?;
        answer.map_err(|refusal| CallError::Refused {
            method: M::NAME,
            refusal,
        })
    }

    /// Makes a call whose answer nobody waits for.
    pub(super) fn tell_on<M>(&self, session: Option<&str>, method: &M) -> Result<(), CallError>
    where
        M: Method + Serialize + Send + Sync,
    {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.send(id, session, method)
    }

    fn register(&self) -> Result<(Pending, oneshot::Receiver<Answer>), CallError> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        let mut routes = self.0.routes();
        // Checked under the lock that the reader takes to drop the calls, so that none slips in after.
        if self.is_closed() {
            return Err(CallError::Closed);
        }
        routes.calls.insert(id, sender);
        drop(routes);
        let shared = Arc::downgrade(&self.0);
        Ok((Pending { id, shared }, answer))
    }

    fn send<M>(&self, id: u32, session: Option<&str>, method: &M) -> Result<(), CallError>
    where
        M: Method + Serialize + Send + Sync,
    {
        let bytes =
            wire::encode(id, M::NAME, method, session).map_err(|source| CallError::Shape {
                method: M::NAME,
                source,
            })?;
        self.0.outbox.send(bytes).map_err(|_| CallError::Closed)
    }

    #[cfg(test)]
    pub(super) fn calls_in_flight(&self) -> usize {
        self.0.routes().calls.len()
    }
}

pub(super) fn parse<M: Method>(answer: &[u8]) -> Result<M::ReturnObject, CallError> {
    serde_json::from_slice(answer).map_err(|source| CallError::Shape {
        method: M::NAME,
        source,
    })
}

/// A call that waits for its answer; dropping it forgets the call.
struct Pending {
    id: u32,
    shared: Weak<Shared>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.routes().calls.remove(&self.id);
        }
    }
}

async fn write(mut pipe: pipe::Sender, mut calls: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(call) = calls.recv().await {
        if let Err(error) = pipe.write_all(&call).await {
            tracing::debug!(%error, "the browser's pipe no longer takes calls");
            return;
        }
    }
}

async fn read(mut pipe: pipe::Receiver, shared: Weak<Shared>) {
    let end = receive(&mut pipe, &shared).await;
    if let Err(error) = end {
        tracing::debug!(%error, "the browser's pipe has ended badly");
    }
    if let Some(shared) = shared.upgrade() {
        let mut routes = shared.routes();
        shared.closed.cancel();
        *routes = Routes::default();
    }
}

async fn receive(pipe: &mut pipe::Receiver, shared: &Weak<Shared>) -> io::Result<()> {
    let mut frames = Frames::default();
    while pipe.read_buf(frames.buffer()).await? > 0 {
        while let Some(message) = frames.next() {
            let Some(shared) = shared.upgrade() else {
                return Ok(());
            };
            match wire::decode(&message) {
                Ok(message) => route(&mut shared.routes(), message),
                Err(error) => tracing::warn!(%error, "the browser sent what is no message"),
            }
        }
    }
    Ok(())
}

fn route(routes: &mut Routes, message: Message) {
    match message {
        Message::Answer { id, answer } => {
            let waiting = routes.calls.remove(&id);
            let heard = waiting.is_some_and(|caller| caller.send(answer).is_ok());
            tracing::trace!(id, heard, "answer");
        }
        Message::Event(event) => {
            let id = event.session.clone();
            let sender = match &id {
                Some(id) => routes.events.get(id),
                None => routes.root.as_ref(),
            };
            let cut = sender.is_some_and(|sender| {
                let unread = sender.max_capacity() - sender.capacity();
                let spared =
                    event.is_chatter() && (unread >= CHATTER || event.length() > CHATTER_LENGTH);
                !spared && sender.try_send(event).is_err()
            });
            if cut {
                match id {
                    Some(id) => drop(routes.events.remove(&id)),
                    None => routes.root = None,
                }
            }
        }
    }
}
