//! A customer's webhook endpoint.

use serde_json::Value;

use crate::{Reply, Seen, Site};

const PATH: &str = "/hook";

/// An endpoint that takes webhooks and answers by a script.
#[derive(Debug)]
pub struct Receiver {
    site: Site,
}

impl Receiver {
    /// An endpoint that accepts everything.
    pub async fn start() -> Self {
        Self::answering(vec![Reply::status(200)]).await
    }

    /// An endpoint that gives these answers in turn; the last one stays.
    pub async fn answering(replies: Vec<Reply>) -> Self {
        let site = Site::start().await;
        site.script(PATH, replies);
        Self { site }
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.site.url(PATH)
    }

    /// Waits for so many calls, and gives all of them.
    pub async fn wait_for(&self, count: usize) -> Vec<Seen> {
        self.site.wait_for(PATH, count).await
    }

    /// Waits for so many calls, and gives their bodies.
    pub async fn payloads(&self, count: usize) -> Vec<Value> {
        self.wait_for(count).await.iter().map(payload).collect()
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Seen> {
        self.site.seen(PATH)
    }
}

/// The body of a call.
///
/// # Panics
///
/// When it is not JSON.
pub fn payload(call: &Seen) -> Value {
    serde_json::from_slice(&call.body)
        .unwrap_or_else(|error| panic!("a webhook's body is JSON ({error}): {:?}", call.body))
}
