//! What a page may call: nothing that the operator has not opened, by whatever way it is named.

use std::time::Duration;

use platen_tests::shared::{CLOSED_ADDRESS, OPEN_ADDRESS};
use platen_tests::*;
use serde_json::json;
use tokio::net::UdpSocket;

/// Converts an address that is refused, at acceptance or by the job: what is said.
async fn refusal(api: &Tenant, url: &str) -> String {
    let answer = api
        .post(
            "/v2/url/pdf",
            &json!({ "url": url, "async": false, "timeout": 10_000 }),
        )
        .await;
    assert!([400, 500].contains(&answer.status), "{url}: {answer:?}");
    assert_eq!(api.credit().await, Tenant::CREDIT, "{url}");
    answer.message()
}

async fn check_refused(api: &Tenant, forms: &[&str]) {
    let site = Site::start().await;
    site.page("/", "Secret");
    for form in forms {
        let url = form.replace("PORT", site.port());
        let message = refusal(api, &url).await;
        assert!(message.contains("--allow-network"), "{url}: {message}");
        assert_eq!(site.connections(), 0, "{url}");
    }
}

#[tokio::test]
async fn the_loopback_is_refused_by_whatever_name() {
    let forms = [
        "http://localhost:PORT/",
        "http://127.0.0.1:PORT/",
        "http://127.1:PORT/",
        "http://0x7f.1:PORT/",
        "http://2130706433:PORT/",
        "http://0177.0.0.1:PORT/",
        "http://[::1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::ffff:7f00:1]:PORT/",
        "http://[::127.0.0.1]:PORT/",
        "http://[64:ff9b::7f00:1]:PORT/",
        "http://0.0.0.0:PORT/",
        "http://localhost.:PORT/",
        "https://127.0.0.1:PORT/",
    ];
    check_refused(&guarded_tenant().await, &forms).await;
}

#[tokio::test]
async fn nothing_private_is_open_unless_the_operator_says_so() {
    let platen = Start::closed().start().await;
    let api = platen.tenant().await;
    let forms = [
        "http://127.0.0.1:PORT/",
        "http://127.0.0.2:PORT/",
        "http://localhost:PORT/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
    ];
    check_refused(&api, &forms).await;
    assert!(
        api.pdf(json!({ "html": html("No network needed") }))
            .await
            .text()
            .contains("No network needed")
    );
}

/// A page on the open address, and a target on the closed one.
async fn open_and_closed() -> (Site, Site) {
    let (open, closed) = (Site::on(OPEN_ADDRESS).await, Site::on(CLOSED_ADDRESS).await);
    serve_target(&closed);
    (open, closed)
}

fn serve_target(site: &Site) {
    site.page("/frame", "Secret")
        .reply("/redirected", Reply::page("Secret"));
    for path in ["/picture", "/fetched", "/beacon"] {
        site.reply(
            path,
            Reply::picture().header("access-control-allow-origin", "*"),
        );
    }
}

#[tokio::test]
async fn an_open_address_is_reached() {
    let (api, (open, _)) = (guarded_tenant().await, open_and_closed().await);
    open.page("/", "Open to all");
    assert!(
        api.pdf(json!({ "url": open.url("/") }))
            .await
            .text()
            .contains("Open to all")
    );
}

#[tokio::test]
async fn a_redirect_leads_nowhere_that_is_closed() {
    let (api, (open, closed)) = (guarded_tenant().await, open_and_closed().await);
    open.reply("/", Reply::redirect(closed.url("/redirected")));
    let message = refusal(&api, &open.url("/")).await;
    assert!(message.starts_with("Navigation: "), "{message}");
    assert_eq!(closed.connections(), 0);
}

#[tokio::test]
async fn a_page_that_moves_itself_arrives_nowhere_that_is_closed() {
    let (api, (open, closed)) = (guarded_tenant().await, open_and_closed().await);
    let moves = [
        format!(
            "<meta http-equiv=refresh content='0;url={}'>",
            closed.url("/frame")
        ),
        format!("<script>location = '{}'</script>", closed.url("/frame")),
    ];
    for body in moves {
        open.page("/", &format!("Words{body}"));
        let answer = api
            .post(
                "/v2/url/pdf",
                &json!({ "url": open.url("/"), "async": false, "delay": 500, "timeout": 10_000 }),
            )
            .await;
        if answer.status == 200 {
            let file = api
                .download(&api::text(&answer.json(), "assetUrl"))
                .await
                .expect(200);
            assert!(!Pdf::new(&file.body).text().contains("Secret"));
        }
        assert_eq!(closed.connections(), 0, "{body}");
    }
}

/// Every way in which a page calls another server.
fn calls(target: &Site) -> String {
    let (origin, socket) = (target.origin(), target.origin().replace("http:", "ws:"));
    format!(
        "Words
        <img src='{origin}/picture'><iframe src='{origin}/frame'></iframe><object data='{origin}/frame'></object><embed src='{origin}/frame'>
        <link rel=stylesheet href='{origin}/fetched'><link rel=prefetch href='{origin}/fetched'><link rel=preconnect href='{origin}'>
        <style>@import url({origin}/fetched); body {{ background: url({origin}/picture) }} @font-face {{ font-family: f; src: url({origin}/fetched) }} p {{ font-family: f }}</style>
        <p>In a strange font</p><script src='{origin}/fetched'></script><video src='{origin}/fetched' autoplay></video>
        <form id=form action='{origin}/frame' target=inner><input name=a></form><iframe name=inner></iframe>
        <script>
            fetch('{origin}/fetched').catch(() => {{}});
            fetch('{origin}/fetched', {{ mode: 'no-cors', method: 'POST', body: 'x' }}).catch(() => {{}});
            navigator.sendBeacon('{origin}/beacon', 'x');
            new EventSource('{origin}/fetched');
            new WebSocket('{socket}/socket');
            new Worker(URL.createObjectURL(new Blob([`fetch('{origin}/fetched')`])));
            window.open('{origin}/frame');
            form.submit();
        </script>"
    )
}

#[tokio::test]
async fn nothing_that_a_page_loads_or_opens_reaches_a_closed_address() {
    let (api, (open, closed), reachable) = (
        guarded_tenant().await,
        open_and_closed().await,
        Site::on(OPEN_ADDRESS).await,
    );
    serve_target(&reachable);
    open.page("/", &calls(&reachable));
    let control = json!({ "url": open.url("/"), "delay": 500, "waitUntil": "load" });
    assert!(api.pdf(control).await.text().contains("Words"));
    for path in ["/picture", "/frame", "/fetched", "/socket"] {
        assert!(
            !reachable.seen(path).is_empty(),
            "the test's own page does call {path} where it may"
        );
    }
    assert_eq!(reachable.seen("/socket")[0].header("upgrade"), "websocket");
    open.page("/hostile", &calls(&closed));
    let hostile = json!({ "url": open.url("/hostile"), "delay": 500, "waitUntil": "load" });
    let text = api.pdf(hostile).await.text();
    assert!(text.contains("Words") && !text.contains("Secret"), "{text}");
    assert_eq!(closed.connections(), 0);
}

#[tokio::test]
async fn frames_of_another_site_reach_nothing_that_is_closed_either() {
    let (api, (open, closed)) = (guarded_tenant().await, open_and_closed().await);
    let middle = Site::on(OPEN_ADDRESS).await;
    middle.page("/", &calls(&closed));
    open.page(
        "/",
        &format!("Outside<iframe src='{}'></iframe>", middle.url("/")),
    );
    let text = api
        .pdf(json!({ "url": open.url("/"), "delay": 500, "waitUntil": "load" }))
        .await
        .text();
    assert!(
        text.contains("Outside") && !text.contains("Secret"),
        "{text}"
    );
    assert!(!middle.seen("/").is_empty());
    assert_eq!(closed.connections(), 0);
}

#[tokio::test]
async fn webrtc_sends_no_packet() {
    let (api, socket) = (
        guarded_tenant().await,
        UdpSocket::bind((CLOSED_ADDRESS, 0))
            .await
            .expect("a loopback port is free"),
    );
    let server = socket.local_addr().expect("it is bound");
    let script = format!(
        "<p id=text>Words</p><script>
        const peer = new RTCPeerConnection({{ iceServers: [{{ urls: 'stun:{server}' }}] }});
        peer.createDataChannel('a');
        peer.onicegatheringstatechange = () => {{ if (peer.iceGatheringState === 'complete') text.id = 'gathered' }};
        peer.createOffer().then(offer => peer.setLocalDescription(offer));
        </script>"
    );
    let wait = json!({ "selector": "#gathered", "options": { "timeout": 10_000 } });
    let gathered = api
        .post(
            "/v2/html/pdf",
            &json!({ "html": html(&script), "waitForSelector": wait, "async": false }),
        )
        .await;
    assert!([200, 500].contains(&gathered.status), "{gathered:?}");
    let packet =
        tokio::time::timeout(Duration::from_millis(200), socket.recv_from(&mut [0; 64])).await;
    assert!(packet.is_err(), "a packet arrived: {packet:?}");
}

#[tokio::test]
async fn the_servers_own_files_and_pages_of_the_browser_stay_closed() {
    let api = guarded_tenant().await;
    let body = "Words<iframe src='file:///etc/passwd'></iframe><iframe src='chrome://version'></iframe><object data='file:///etc/passwd'></object><img src='file:///etc/hostname'>
        <p id=text></p><script>fetch('file:///etc/passwd').then(answer => answer.text()).then(found => { text.textContent = found }).catch(() => { text.textContent = 'refused' })</script>";
    let text = api
        .pdf(json!({ "html": html(body), "delay": 300 }))
        .await
        .text();
    assert!(
        text.contains("refused") && !text.contains("root:"),
        "{text}"
    );
}

#[tokio::test]
async fn a_document_reaches_open_addresses_by_their_full_names() {
    let (api, (open, _)) = (guarded_tenant().await, open_and_closed().await);
    serve_target(&open);
    let picture = api
        .picture(json!({ "html": html(&format!("<img src='{}'>", open.url("/picture"))) }))
        .await;
    assert!(picture.has([0, 255, 0]));
}
