//! Thumbnails.

use image::ImageFormat;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::{Value, json};

const BODY: &str = "<style>html{background:#ff0000}</style><h1>Words</h1>";

async fn preview(api: &Api, path: &str, options: Value) -> Picture {
    let job = api.convert(path, options).await;
    let file = api.download(&text(&job, "previewUrl")).await.expect(200);
    let picture = Picture::decode(&file.body);
    assert_eq!(file.header("content-type"), picture.format.to_mime_type());
    picture
}

#[tokio::test]
async fn a_pdfs_first_page_fits_into_the_default_box_as_webp() {
    let api = tenant().await;
    let options = json!({ "html": html(BODY), "printBackground": true, "margin": { "top": 0, "left": 0, "right": 0, "bottom": 0 }, "generatePreview": true });
    let picture = preview(&api, "/v2/html/pdf", options).await;
    let (width, height) = picture.size();
    assert_eq!(picture.format, ImageFormat::WebP);
    assert!(
        width <= 600 && height <= 776 && (width == 600 || height == 776),
        "{width} × {height}"
    );
    assert!(picture.has([255, 0, 0]));
}

#[tokio::test]
async fn a_box_is_filled_when_the_ratio_need_not_be_kept() {
    let api = tenant().await;
    let wanted = json!({ "width": 90, "height": 70, "type": "png", "quality": 50, "maintainAspectRatio": false });
    let picture = preview(
        &api,
        "/v2/html/pdf",
        json!({ "html": html(BODY), "generatePreview": wanted }),
    )
    .await;
    assert_eq!(
        (picture.format, picture.size()),
        (ImageFormat::Png, (90, 70))
    );
}

#[tokio::test]
async fn a_picture_gets_a_thumbnail_and_one_side_is_enough() {
    let api = tenant().await;
    let options = json!({
        "html": html(BODY), "viewPort": { "width": 400, "height": 200 },
        "generatePreview": { "width": 100, "type": "jpg", "quality": 60 },
    });
    let picture = preview(&api, "/v2/html/image", options).await;
    assert_eq!(
        (picture.format, picture.size()),
        (ImageFormat::Jpeg, (100, 50))
    );
    assert!(picture.has([255, 0, 0]));
}

#[tokio::test]
async fn the_asset_and_the_webhook_know_the_preview() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    let options = json!({ "html": html(BODY), "generatePreview": true, "webhook": receiver.url() });
    let job = api.submit("/v2/html/pdf", options).await;
    let payload = &receiver.payloads(1).await[0];
    let job = api.succeeded(&job).await;
    assert_eq!(
        api.download(&text(payload, "previewUrl")).await.status,
        200,
        "{payload}"
    );
    let asset = api
        .get(&format!("/v2/assets/{}", text(&job, "assetId")))
        .await
        .expect(200)
        .json();
    assert_eq!(asset["previewExt"], "webp", "{asset}");
    assert_eq!(
        api.download(&text(&asset, "previewUrl"))
            .await
            .header("content-type"),
        "image/webp"
    );
}
