//! What a page is told about its reader, beside time zone and media: colours, language, place.

use platen_tests::*;
use serde_json::json;

#[tokio::test]
async fn the_page_is_shown_in_the_colours_that_were_asked_for() {
    let api = tenant().await;
    let body = html(
        "<style>html{background:#ff0000} @media (prefers-color-scheme:dark){html{background:#0000ff}}</style>Words",
    );
    for (scheme, colour) in [
        (json!(null), [255, 0, 0]),
        (json!("light"), [255, 0, 0]),
        (json!("dark"), [0, 0, 255]),
    ] {
        let options = json!({ "html": body, "colorScheme": scheme });
        assert!(api.picture(options).await.has(colour), "picture, {scheme}");
        let options = json!({ "html": body, "colorScheme": scheme, "emulateMediaType": "screen", "printBackground": true });
        assert!(
            api.pdf(options).await.picture().has(colour),
            "PDF, {scheme}"
        );
    }
}

#[tokio::test]
async fn the_page_writes_and_is_asked_for_in_the_readers_language() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page(
        "/",
        "<script>document.write((1234.5).toLocaleString() + ' in ' + navigator.language)</script>",
    );
    let options = json!({ "url": site.url("/"), "locale": "de_DE" });
    let text = api.pdf(options).await.text();
    assert!(text.contains("1.234,5 in de-DE"), "{text}");
    let asked = site.seen("/")[0].header("accept-language").to_owned();
    assert!(asked.starts_with("de-DE"), "{asked}");
    assert!(site.seen("/")[0].header("user-agent").contains("Chrome"));
    let document = "<script>document.write((1234.5).toLocaleString())</script>";
    let options = json!({ "html": html(document), "locale": "fr-CH" });
    let text = api.pdf(options).await.text();
    assert!(!text.contains("1,234.5") && text.contains("234"), "{text}");
}

#[tokio::test]
async fn the_page_knows_the_place_and_a_frame_of_another_origin_does_not() {
    let (api, site, other) = (
        tenant().await,
        Site::start().await,
        Site::on("127.0.0.3").await,
    );
    let ask = "<p id=text>asked</p><script>navigator.geolocation.getCurrentPosition(
        ({ coords }) => { text.textContent = `at ${coords.latitude} ${coords.longitude} within ${coords.accuracy}` },
        () => { text.textContent = 'not told' })</script>";
    let frame = format!("<iframe src={}></iframe>", other.url("/"));
    site.page("/", &format!("{ask}{frame}"));
    other.page("/", ask);
    let place = json!({ "latitude": 46.5, "longitude": 7.25, "accuracy": 20 });
    let options =
        json!({ "url": site.url("/"), "geolocation": place, "waitUntil": "networkidle0" });
    let text = api.pdf(options).await.text();
    assert!(text.contains("at 46.5 7.25 within 20"), "{text}");
    assert_eq!(text.matches("at 46.5").count(), 1, "{text}");
}
