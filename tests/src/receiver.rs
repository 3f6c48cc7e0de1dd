//! A customer's webhook endpoint.

use serde_json::Value;

use crate::{Reply, Seen, Site, eventually};

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

    /// Waits for the first call about a job, and gives the bodies of all of them.
    pub async fn told_of(&self, mark: &Mark) -> Vec<Value> {
        eventually(&format!("the webhook of {}", mark.job), || async {
            let told = self.told(mark);
            (!told.is_empty()).then_some(told)
        })
        .await
    }

    /// The bodies of the calls about a job so far.
    pub fn told(&self, mark: &Mark) -> Vec<Value> {
        let calls = self.site.seen_that(PATH, |call| mark.fits(call));
        calls.iter().map(payload).collect()
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Seen> {
        self.site.seen(PATH)
    }
}

/// What calls about a job are known by.
#[derive(Debug)]
pub struct Mark {
    /// The job's id, which one dialect writes into the body.
    pub job: String,
    /// The query of the webhook's address, which a test may choose for each job.
    pub query: Option<String>,
}

impl Mark {
    fn fits(&self, call: &Seen) -> bool {
        match &self.query {
            Some(query) => call.query == *query,
            // Reading all that came as JSON for each of hundreds of jobs would take minutes.
            None => {
                let text = str::from_utf8(&call.body);
                text.is_ok_and(|text| text.contains(&self.job))
                    && payload(call)["jobId"] == self.job.as_str()
            }
        }
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
