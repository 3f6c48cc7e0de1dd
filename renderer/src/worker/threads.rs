//! Threads for work that holds a core for long: as many as slots, so that such work never takes the
//! threads that carry everybody's requests.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

/// Layouts and fonts may nest deeply, and a thread that ends for want of stack ends the process.
const STACK: usize = 16 * 1024 * 1024;

type Piece = Box<dyn FnOnce() + Send>;

/// A fixed number of threads.
#[derive(Debug)]
pub(super) struct Threads(Sender<Piece>);

impl Threads {
    /// Starts them; they end when this is dropped and their work is done.
    pub(super) fn start(name: &str, count: usize) -> io::Result<Self> {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..count {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new()
                .name(format!("{name}-{number}"))
                .stack_size(STACK)
                .spawn(move || work(&receiver))?;
        }
        Ok(Self(sender))
    }

    /// Does a piece of work on one of them; `None` if it panicked. Work whose caller has gone before
    /// its turn is left undone.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        piece: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, result) = oneshot::channel();
        let piece = Box::new(move || {
            if !done.is_closed() {
                // Who waited may have gone meanwhile.
                drop(done.send(piece()));
            }
        });
        self.0.send(piece).ok()?;
        result.await.ok()
    }
}

fn work(receiver: &Mutex<Receiver<Piece>>) {
    loop {
        let next = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(piece) = next else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(piece)).is_err() {
            tracing::error!("a piece of work panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_costs_one_piece_of_work() {
        let threads = Threads::start("test", 1).unwrap();
        let none: Option<()> = threads.run(|| panic!("as a test does")).await;
        assert_eq!(none, None);
        assert_eq!(threads.run(|| 7).await, Some(7));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_left_undone() {
        let threads = Arc::new(Threads::start("test", 1).unwrap());
        let (open, gate) = channel::<()>();
        let (says_so, is_busy) = oneshot::channel();
        let busy = tokio::spawn({
            let threads = Arc::clone(&threads);
            let wait = move || says_so.send(()).is_ok() && gate.recv().is_ok();
            async move { threads.run(wait).await }
        });
        is_busy.await.unwrap();
        let given_up = threads.run(|| panic!("nobody waits"));
        assert!(
            tokio::time::timeout(std::time::Duration::ZERO, given_up)
                .await
                .is_err()
        );
        open.send(()).unwrap();
        assert_eq!(busy.await.unwrap(), Some(true));
        assert_eq!(threads.run(|| 7).await, Some(7));
    }
}
