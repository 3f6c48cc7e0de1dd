//! What goes wrong is seen in the figures while it does.

use platen_tests::process::signal;
use platen_tests::services::{Ground, Member, Services, Size};
use platen_tests::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_takes_nothing_or_is_away_is_shown_until_it_is_back() {
    let size = Size {
        gateways: 1,
        renderers: 0,
        dispatchers: 0,
    };
    let start = Start::open().measured();
    let services = Services::start(Ground::private(), size, &start).await;
    let gateway = &services.gateways[0];
    let rabbit = &services.ground().servers().rabbit;
    shows(gateway, (1, 0)).await;
    rabbit.starve(true);
    shows(gateway, (1, 1)).await;
    rabbit.starve(false);
    shows(gateway, (1, 0)).await;
    rabbit.stop();
    shows(gateway, (0, 0)).await;
    rabbit.start_again();
    shows(gateway, (1, 0)).await;
}

/// Waits until a process says whether it is connected and whether it is blocked.
async fn shows(member: &Member, (connected, blocked): (u64, u64)) {
    let what = format!("{member} to show {connected} and {blocked}");
    eventually(&what, || async {
        let figures = member.metrics().await;
        let shown = (
            figures.count("platen_broker_connected", &[]),
            figures.count("platen_broker_blocked", &[]),
        );
        (shown == (connected, blocked)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_dies_is_counted_when_it_is_replaced() {
    let size = Size {
        gateways: 1,
        renderers: 1,
        dispatchers: 0,
    };
    let start = Start::open().measured();
    let services = Services::start(Ground::shared(), size, &start).await;
    let renderer = &services.renderers[0];
    let browsers = renderer.browsers("--remote-debugging-pipe");
    assert!(!browsers.is_empty(), "a browser runs");
    browsers.into_iter().for_each(|pid| signal(pid, "KILL"));
    eventually("a browser that is replaced", || async {
        let figures = renderer.metrics().await;
        let crashed = [("reason", "crashed")];
        let restarts = figures.count("platen_browser_restarts_total", &crashed);
        (restarts > 0).then_some(())
    })
    .await;
}
