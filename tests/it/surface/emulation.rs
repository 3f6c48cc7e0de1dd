//! What a page is told about its reader: time zone and media.

use platen_tests::*;
use serde_json::json;

#[tokio::test]
async fn the_page_lives_in_the_time_zone_that_was_asked_for() {
    let api = tenant().await;
    let body = html(
        "<script>document.write(new Date(0).getHours() + 'h in ' + Intl.DateTimeFormat().resolvedOptions().timeZone)</script>",
    );
    for (zone, hour) in [("Asia/Tokyo", 9), ("America/New_York", 19), ("UTC", 0)] {
        let text = api
            .pdf(json!({ "html": body, "timeZone": zone }))
            .await
            .text();
        assert!(
            text.contains(&format!("{hour}h in {zone}")),
            "{zone}: {text}"
        );
    }
}

#[tokio::test]
async fn media_follow_the_output_unless_they_are_emulated() {
    let api = tenant().await;
    let colours = "<style>@media print{html{background:#0000ff}} @media screen{html{background:#ff0000}}</style>Words";
    let (print, screen) = ([0, 0, 255], [255, 0, 0]);
    for (media, wanted) in [
        (None, print),
        (Some(json!(null)), print),
        (Some(json!("print")), print),
        (Some(json!("screen")), screen),
    ] {
        let mut options = json!({ "html": html(colours), "printBackground": true });
        if let Some(media) = &media {
            options["emulateMediaType"] = media.clone();
        }
        assert!(
            api.pdf(options).await.picture().has(wanted),
            "PDF, {media:?}"
        );
    }
    for (media, wanted) in [
        (None, screen),
        (Some(json!(null)), screen),
        (Some(json!("print")), print),
        (Some(json!("screen")), screen),
    ] {
        let mut options = json!({ "html": html(colours) });
        if let Some(media) = &media {
            options["emulateMediaType"] = media.clone();
        }
        assert!(api.picture(options).await.has(wanted), "picture, {media:?}");
    }
}
