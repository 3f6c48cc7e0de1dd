//! An asynchronous DevTools session over the browser's debugging pipe: many calls in flight, events
//! routed by session, nothing polled. The methods and their answers are the typed ones of
//! [`headless_chrome::protocol::cdp`].

mod connection;
mod session;
mod wire;

pub use connection::{Connection, Events};
pub use session::Session;
pub use wire::{Event, Refusal};

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The pipe is closed: the browser has ended.
    #[error("the browser has ended")]
    Closed,
    /// The browser refused the call.
    #[error("{method}: {refusal}")]
    Refused {
        /// The call.
        method: &'static str,
        /// What the browser said.
        #[source]
        refusal: Refusal,
    },
    /// The call or its answer is not of the shape that this version knows.
    #[error("{method}: the call or its answer has an unknown shape")]
    Shape {
        /// The call.
        method: &'static str,
        /// Where it differs.
        #[source]
        source: serde_json::Error,
    },
}

#[cfg(test)]
mod tests;
