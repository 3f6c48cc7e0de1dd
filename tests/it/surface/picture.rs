//! Pictures of pages: size, format, borders, transparency.

use image::ImageFormat;
use platen_tests::*;
use serde_json::json;

const RED_BOX: &str = "<div style='margin:40px;width:100px;height:50px;background:#ff0000'></div>";
const RED: [u8; 3] = [255, 0, 0];

#[tokio::test]
async fn the_viewport_is_the_picture() {
    let api = tenant().await;
    let default = api.picture(json!({ "html": html(RED_BOX) })).await;
    assert_eq!(
        (default.size(), default.format),
        ((800, 600), ImageFormat::Png)
    );
    let small = api
        .picture(json!({ "html": html(RED_BOX), "viewPort": { "width": 300, "height": 200 } }))
        .await;
    assert_eq!(small.size(), (300, 200));
    assert!(picture::is_near(small.at(41, 41), RED) && picture::is_near(small.at(139, 89), RED));
    assert!(
        picture::is_near(small.at(38, 60), [255, 255, 255])
            && picture::is_near(small.at(142, 60), [255, 255, 255])
    );
}

#[tokio::test]
async fn the_device_scale_factor_multiplies_the_pixels() {
    let api = tenant().await;
    let viewport = json!({ "width": 300, "height": 200, "deviceScaleFactor": 2 });
    let picture = api
        .picture(json!({ "html": html(RED_BOX), "viewPort": viewport }))
        .await;
    assert_eq!(picture.size(), (600, 400));
    assert!(
        picture::is_near(picture.at(82, 82), RED) && picture::is_near(picture.at(278, 178), RED)
    );
}

#[tokio::test]
async fn the_page_sees_the_device_that_was_asked_for() {
    let api = tenant().await;
    let body = html(
        "<p id=seen></p><script>seen.textContent = `w${innerWidth} touch${matchMedia('(pointer:coarse)').matches} ${screen.orientation.type}`</script>",
    );
    let viewport = json!({ "width": 412, "height": 300, "hasTouch": true, "isMobile": true, "isLandscape": true });
    let body = json!({ "html": body, "viewPort": viewport, "emulateMediaType": "screen" });
    let text = api.pdf(body).await.text();
    assert!(
        text.contains("touchtrue") && text.contains("landscape"),
        "{text}"
    );
}

#[tokio::test]
async fn every_format_decodes_and_quality_changes_the_size() {
    let api = tenant().await;
    let body = html(
        "<div style='width:800px;height:600px;background:repeating-conic-gradient(#ff0000 0 1deg,#00ff00 0 2deg)'></div>",
    );
    let picture = async |kind: &str, quality: u32| {
        api.picture(json!({ "html": body, "imageType": kind, "quality": quality }))
            .await
    };
    for (kind, format) in [
        ("png", ImageFormat::Png),
        ("jpg", ImageFormat::Jpeg),
        ("jpeg", ImageFormat::Jpeg),
        ("webp", ImageFormat::WebP),
    ] {
        let picture = picture(kind, 80).await;
        assert_eq!(
            (picture.format, picture.size()),
            (format, (800, 600)),
            "{kind}"
        );
    }
    for kind in ["jpg", "webp"] {
        let (low, high) = (picture(kind, 5).await.bytes, picture(kind, 95).await.bytes);
        assert!(
            low * 2 < high,
            "{kind}: {low} bytes at quality 5, {high} at 95"
        );
    }
}

#[tokio::test]
async fn trim_cuts_the_border() {
    let api = tenant().await;
    for kind in ["png", "webp"] {
        let picture = api
            .picture(json!({ "html": html(RED_BOX), "trim": true, "imageType": kind }))
            .await;
        assert_eq!(picture.size(), (100, 50), "{kind}");
        assert!(
            picture::is_near(picture.at(0, 0), RED) && picture::is_near(picture.at(99, 49), RED),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_transparent_picture_has_no_background() {
    let api = tenant().await;
    for kind in ["png", "webp"] {
        let picture = api
            .picture(json!({ "html": html(RED_BOX), "transparent": true, "imageType": kind }))
            .await;
        assert_eq!(picture.at(5, 5)[3], 0, "{kind}");
        assert!(picture::is_near(picture.at(60, 60), RED), "{kind}");
    }
    let opaque = api.picture(json!({ "html": html(RED_BOX) })).await;
    assert!(picture::is_near(opaque.at(5, 5), [255, 255, 255]));
}

#[tokio::test]
async fn transparent_and_trim_together_leave_the_box() {
    let api = tenant().await;
    let picture = api
        .picture(json!({ "html": html(RED_BOX), "transparent": true, "trim": true }))
        .await;
    assert_eq!(picture.size(), (100, 50));
}
