//! Conversions that are asked for by GET.

use hyper::Method;
use hyper::body::Bytes;
use platen_tests::api::text;
use platen_tests::*;

#[tokio::test]
async fn a_get_makes_what_a_post_makes() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page("/", "Asked for by GET");
    let url = format!("url={}", site.url("/"));
    let file = api
        .get(&format!(
            "/v1/url/pdf?{url}&landscape=true&format=a4&margin=%7B%22top%22:0%7D"
        ))
        .await
        .expect(200);
    assert_eq!(file.header("cache-control"), "no-store");
    let pdf = Pdf::new(&file.body);
    assert!(pdf.text().contains("Asked for by GET"));
    pdf.assert_size((842, 595), &"A4, landscape");
    let job = api.get(&format!("/v2/url/image?{url}&timeout=20000")).await;
    let job = api.succeeded(&text(&job.expect(202).json(), "jobId")).await;
    let picture = api.download(&text(&job, "assetUrl")).await.expect(200);
    assert_eq!(Picture::decode(&picture.body).size(), (800, 600));
    assert_eq!(job["params"]["timeout"], 20_000);
    assert_eq!(api.credit().await, Tenant::CREDIT - 2.0);
}

#[tokio::test]
async fn a_head_opens_no_page_and_costs_nothing() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page("/", "Words");
    let path = format!("/v2/url/pdf?url={}", site.url("/"));
    let answer = api.send(Method::HEAD, &path, &[], Bytes::new()).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,POST"));
    assert_eq!(
        (api.jobs().await.len(), api.credit().await),
        (0, Tenant::CREDIT)
    );
    assert_eq!(site.connections(), 0);
}
