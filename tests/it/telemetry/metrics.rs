//! Known work is done, every process is scraped, and each figure is compared.

use std::collections::BTreeSet;

use common::telemetry::metrics::Metric;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;
use serde_json::{Value, json};

/// Attempts of a webhook that is never taken, by the schedule below.
const ATTEMPTS: u64 = 4;

/// What the three processes say.
struct Figures {
    gateway: Exposition,
    renderer: Exposition,
    dispatcher: Exposition,
}

impl Figures {
    async fn read(services: &Services) -> Self {
        Self {
            gateway: services.gateways[0].metrics().await,
            renderer: services.renderers[0].metrics().await,
            dispatcher: services.dispatchers[0].metrics().await,
        }
    }

    fn all(&self) -> [&Exposition; 3] {
        [&self.gateway, &self.renderer, &self.dispatcher]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_that_of_the_work_that_was_done() {
    let start = Start::open()
        .measured()
        .variable("PLATEN_WEBHOOK_RETRY_SCHEDULE", "100ms,100ms,100ms");
    let services = Services::start(Ground::shared(), Size::ONE, &start).await;
    work(&services).await;
    // Figures follow what they count: the last of it is a slot that is free and a letter that is dead.
    let figures = eventually("the end of the work", || async {
        let figures = Figures::read(&services).await;
        let dispatcher = &figures.dispatcher;
        let letters = dispatcher.find("platen_dead_letters_total", &[("queue", "deliver")]);
        let attempts = dispatcher.find("platen_deliveries_total", &[]);
        let busy = figures.renderer.find("platen_slots_busy", &[]);
        let is_over = (letters, attempts, busy) == (Some(1.0), Some(3.0 + 4.0), Some(0.0));
        is_over.then_some(figures)
    })
    .await;
    accepted(&figures.gateway);
    rendered(&figures.renderer);
    settled_and_delivered(&figures.dispatcher);
    for figures in figures.all() {
        assert_eq!(figures.count("platen_broker_connected", &[]), 1);
        assert_eq!(figures.count("platen_broker_blocked", &[]), 0);
        assert!(figures.count("platen_broker_confirm_duration_seconds_count", &[]) > 0);
        assert_eq!(figures.complaints(), "", "promtool has nothing to say");
        for private in [services.account(), services.key(), "127.0.0.1", "job_"] {
            assert!(!figures.text().contains(private), "{private} is a label");
        }
    }
    assert_eq!(exposed(&figures), declared());
}

/// Three conversions that are waited for and three that are not, one of which nobody wants to hear of;
/// a page that can't be reached; and two requests that come to nothing.
async fn work(services: &Services) {
    let api = services.api(0);
    let (takes, refuses) = (
        Receiver::start().await,
        Receiver::answering(vec![Reply::status(500)]).await,
    );
    for number in 0..3 {
        let page = html(&format!("Page {number}"));
        api.convert("/v2/html/pdf", json!({ "html": page })).await;
    }
    let submit = async |path: &str, mut body: Value, receiver: &Receiver| {
        body["webhook"] = receiver.url().into();
        api.submit(path, body).await
    };
    let page = json!({ "html": html("Later") });
    let away = json!({ "url": format!("http://127.0.0.1:{}/", port::free()) });
    let mut jobs = Vec::new();
    for receiver in [&takes, &takes, &refuses] {
        jobs.push(submit("/v2/html/pdf", page.clone(), receiver).await);
    }
    let failing = submit("/v2/url/pdf", away, &takes).await;
    for job in &jobs {
        api.succeeded(job).await;
    }
    assert_eq!(api.finished(&failing).await["status"], "error");
    takes.wait_for(3).await;
    refuses
        .wait_for(usize::try_from(ATTEMPTS).expect("it is small"))
        .await;
    let stranger = api.with_key("nobody's");
    stranger.post("/v2/html/pdf", &page).await.expect(401);
    api.get("/v2/nothing/here").await.expect(404);
}

fn accepted(gateway: &Exposition) {
    for (mode, jobs) in [("sync", 3), ("async", 4)] {
        let labels = [("lane", "browser"), ("mode", mode)];
        assert_eq!(gateway.count("platen_jobs_accepted_total", &labels), jobs);
        let timed = gateway.count("platen_accept_duration_seconds_count", &[("mode", mode)]);
        assert_eq!(timed, jobs, "{mode}");
    }
    let native = [("lane", "native")];
    assert_eq!(gateway.count("platen_jobs_accepted_total", &native), 0);
    let requests = |route, status| {
        let labels = [("http_route", route), ("http_response_status_code", status)];
        gateway.count("http_server_request_duration_seconds_count", &labels)
    };
    assert_eq!(requests("/v2/html/pdf", "401"), 1);
    assert_eq!(requests("unknown", "404"), 1);
    let posts = [("http_request_method", "POST")];
    let posted = gateway.count("http_server_request_duration_seconds_count", &posts);
    assert_eq!(posted, 3 + 3 + 1 + 1);
}

fn rendered(renderer: &Exposition) {
    let runs = |outcome| {
        let labels = [("lane", "browser"), ("outcome", outcome)];
        renderer.count("platen_jobs_rendered_total", &labels)
    };
    assert_eq!((runs("success"), runs("navigation")), (6, 1));
    assert_eq!(renderer.count("platen_jobs_rendered_total", &[]), 7);
    for (mode, jobs) in [("sync", 3), ("async", 4)] {
        let labels = [("lane", "browser"), ("mode", mode)];
        let waits = renderer.count("platen_queue_wait_seconds_count", &labels);
        assert_eq!(waits, jobs, "{mode}");
    }
    // One of the seven was never shown, so it had nothing to print or to store.
    for (phase, runs) in [("start", 7), ("navigate", 7), ("print", 6), ("store", 6)] {
        let labels = [("lane", "browser"), ("phase", phase)];
        let passed = renderer.count("platen_phase_duration_seconds_count", &labels);
        assert_eq!(passed, runs, "{phase}");
    }
    for lane in ["browser", "native"] {
        let lane = [("lane", lane)];
        assert!(renderer.count("platen_slots", &lane) > 0);
        assert_eq!(renderer.count("platen_slots_busy", &lane), 0);
    }
    assert_eq!(renderer.count("platen_browser_restarts_total", &[]), 0);
}

fn settled_and_delivered(dispatcher: &Exposition) {
    assert_eq!(dispatcher.count("platen_settle_lag_seconds_count", &[]), 7);
    let attempts = |outcome| {
        let labels = [("outcome", outcome)];
        dispatcher.count("platen_deliveries_total", &labels)
    };
    assert_eq!((attempts("delivered"), attempts("rejected")), (3, ATTEMPTS));
    assert_eq!(dispatcher.count("platen_deliveries_total", &[]), 7);
    assert_eq!(
        dispatcher.count("platen_delivery_lag_seconds_count", &[]),
        7
    );
    assert_eq!(dispatcher.count("platen_dead_letters_total", &[]), 1);
    assert_eq!(dispatcher.count("platen_reconciler_repairs_total", &[]), 0);
    assert_eq!(dispatcher.count("platen_ledger_drift_credits", &[]), 0);
    assert_eq!(dispatcher.count("platen_breakers_open", &[]), 0);
}

/// What the processes show, but for what the exporter adds of itself.
fn exposed(figures: &Figures) -> BTreeSet<String> {
    let names = figures.all().into_iter().flat_map(Exposition::names);
    names.filter(|name| name != "target_info").collect()
}

/// What the tables say.
fn declared() -> BTreeSet<String> {
    let tables = [
        common::broker::metrics::TABLE,
        gateway::metrics::TABLE,
        renderer::metrics::TABLE,
        dispatcher::metrics::TABLE,
    ];
    let all = tables.into_iter().flatten();
    all.map(Metric::exposed).collect()
}
