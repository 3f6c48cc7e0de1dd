//! A few hundred mixed requests of programs that do what they should: each repeats its request with
//! the same Idempotency-Key until it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt as _;
use platen_tests::sheets::sheets;
use platen_tests::*;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How many requests are in hand at the same time.
const AT_ONCE: usize = 12;

/// What the site has beside the page `/`.
const LEAF: &str = "/leaf";
const SHEET: &str = "/sheet.pdf";

/// Requests that are being sent.
pub(super) struct Load {
    answered: watch::Receiver<usize>,
    task: JoinHandle<Sent>,
}

/// What was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) requests: usize,
    /// Those of a page that can't be rendered.
    pub(super) meant_to_fail: usize,
}

struct Sender {
    apis: Vec<Api>,
    /// Where the pages and files are.
    site: String,
    hook: String,
    answered: watch::Sender<usize>,
}

struct Request {
    path: &'static str,
    body: Value,
    fails: bool,
}

impl Load {
    pub(super) fn start(apis: Vec<Api>, requests: usize, site: &Site, receiver: &Receiver) -> Self {
        site.page(LEAF, "A leaf");
        site.reply(SHEET, Reply::new("application/pdf", sheets(&["A sheet"])));
        let (answers, answered) = watch::channel(0);
        let sender = Arc::new(Sender {
            apis,
            site: site.origin().to_owned(),
            hook: receiver.url(),
            answered: answers,
        });
        let task = tokio::spawn(async move {
            let sending = (0..requests).map(|number| {
                let sender = Arc::clone(&sender);
                async move { sender.send(number).await }
            });
            let failing = futures::stream::iter(sending).buffer_unordered(AT_ONCE);
            let meant_to_fail = failing
                .filter(|fails| std::future::ready(*fails))
                .count()
                .await;
            Sent {
                requests,
                meant_to_fail,
            }
        });
        Self { answered, task }
    }

    /// Waits until so many requests are answered.
    pub(super) async fn answered(&mut self, count: usize) {
        let enough = self.answered.wait_for(|answered| *answered >= count);
        within("answers", enough).await.expect("the load goes on");
    }

    /// Waits until every request is answered.
    pub(super) async fn finished(mut self) -> Sent {
        let mut before = *self.answered.borrow();
        while !self.task.is_finished() {
            // As long as answers come, it may take its time.
            let progress = self.answered.wait_for(|answered| *answered > before);
            if within("one more answer", progress).await.is_err() {
                break;
            }
            before = *self.answered.borrow();
        }
        self.task.await.expect("the load ends well")
    }
}

/// How many of so many requests have the site's page rendered.
pub(super) fn pages(requests: usize) -> usize {
    (0..requests)
        .filter(|number| matches!(kind(*number), (0, 1 | 5)))
        .count()
}

/// Which kind of request it is: every eighth needs a browser.
const fn kind(number: usize) -> (usize, usize) {
    (number % 8, number / 8 % 8)
}

/// A document that is too long to travel with its job.
fn long() -> Value {
    const TOO_LONG: usize = 64 * 1024;
    html(&format!("Words<!--{}-->", "x".repeat(TOO_LONG)))
}

impl Sender {
    /// Sends a request until it is answered; whether it was meant to fail.
    async fn send(&self, number: usize) -> bool {
        let request = self.request(number);
        let key = format!("request-{number}");
        let api = |attempt: usize| &self.apis[(number + attempt) % self.apis.len()];
        let attempts = AtomicUsize::new(0);
        let answer = eventually(&format!("an answer to request {number}"), || {
            let api = api(attempts.fetch_add(1, Ordering::Relaxed));
            let (request, key) = (&request, &key);
            async move {
                let headers = [("idempotency-key", key.as_str())];
                let sent = api
                    .try_post_with(request.path, &headers, &request.body)
                    .await;
                // Whoever is away or has no room says so with 503, and may be asked again.
                sent.ok().filter(|answer| answer.status != 503)
            }
        })
        .await;
        let expected: &[u16] = if request.fails {
            &[200, 202, 500]
        } else {
            &[200, 201, 202]
        };
        assert!(expected.contains(&answer.status), "{number}: {answer:?}");
        self.answered.send_modify(|answered| *answered += 1);
        request.fails
    }

    /// The address of a page or file.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    fn request(&self, number: usize) -> Request {
        let hook = format!("{}?{number}", self.hook);
        let picture = "/image-generation/v1/generate";
        let layers = json!([{ "type": "solid-color", "index": 0, "hex_color": "#335577" }]);
        let size = json!({ "width": 120, "height": 80 });
        // Few need a browser: a page takes a hundred times the processor of a small picture.
        let (path, body) = match kind(number) {
            (0, 0) => (
                "/v2/html/pdf",
                json!({ "html": html("Words"), "webhook": hook }),
            ),
            (0, 1 | 5) => (
                "/v2/url/pdf",
                json!({ "url": self.at("/"), "async": false }),
            ),
            (0, 2) => (
                "/v2/html/image",
                json!({ "html": html("Never"), "webhook": hook, "waitForSelector":
                    { "selector": "#nowhere", "options": { "timeout": 100 } } }),
            ),
            (0, 4) => ("/v2/html/pdf", json!({ "html": long(), "webhook": hook })),
            (0, 6) => {
                let urls = [self.at(LEAF), self.at(LEAF)];
                ("/v2/url/pdf", json!({ "batch": urls, "webhook": hook }))
            }
            (0, _) => (
                "/v1/html/image",
                json!({ "html": html("Seen"), "async": false }),
            ),
            (1 | 5, _) => (picture, json!({ "dimensions": size, "layers": layers })),
            (3, 0 | 4) => {
                let urls = [self.at(SHEET), self.at(SHEET)];
                ("/v2/pdf/merge", json!({ "batch": urls, "webhook": hook }))
            }
            _ => (
                picture,
                json!({ "dimensions": size, "layers": layers, "webhook_url": hook }),
            ),
        };
        let fails = kind(number) == (0, 2);
        Request { path, body, fails }
    }
}
