//! Accounts see nothing of each other.

use platen_tests::api::text;
use platen_tests::*;
use serde_json::json;

#[tokio::test]
async fn jobs_and_assets_belong_to_their_account_alone() {
    let (owner, other) = (tenant().await, tenant().await);
    let job = owner
        .submit("/v2/html/pdf", json!({ "html": html("Mine") }))
        .await;
    let job = owner.succeeded(&job).await;
    let (id, asset) = (text(&job, "id"), text(&job, "assetId"));
    for path in [
        format!("/v2/jobs/{id}"),
        format!("/v1/jobs/{id}"),
        format!("/v2/assets/{asset}"),
    ] {
        owner.get(&path).await.expect(200);
        other.get(&path).await.expect(404);
    }
    for list in ["/v2/jobs", "/v2/assets"] {
        assert_eq!(other.get(list).await.expect(200).json(), json!([]));
    }
    let cursor = other.get(&format!("/v2/jobs?startAfterId={id}")).await;
    assert!(
        !String::from_utf8_lossy(&cursor.body).contains("html-pdf"),
        "{cursor:?}"
    );
    let account = other.get("/v2/account").await.expect(200).json();
    assert_eq!(
        (&account["totalJobs"], other.credit().await),
        (&json!(0), Tenant::CREDIT)
    );
}

#[tokio::test]
async fn one_accounts_flood_does_not_shut_another_out() {
    let (busy, other, site, gate) = (
        tenant().await,
        tenant().await,
        Site::start().await,
        Gate::default(),
    );
    busy.cli()
        .run(&["account", "set", busy.account(), "--in-flight", "1"])
        .await;
    site.reply("/", Reply::page("Slow").behind(&gate));
    let mut jobs = Vec::new();
    for _ in 0..20 {
        jobs.push(
            busy.submit("/v2/url/pdf", json!({ "url": site.url("/") }))
                .await,
        );
    }
    site.wait_for("/", 1).await;
    let mine = other
        .submit("/v2/html/pdf", json!({ "html": html("Mine") }))
        .await;
    other.succeeded(&mine).await;
    assert_eq!(site.seen("/").len(), 1, "the flood is held at its cap");
    gate.open();
    for job in jobs {
        busy.succeeded(&job).await;
    }
}
