//! The command line beside a running server: accounts, keys, webhooks.

use platen_tests::api::{array, text};
use platen_tests::*;
use serde_json::json;

#[tokio::test]
async fn an_account_is_created_listed_and_credited() {
    let (platen, cli) = (shared::shared().await, shared::shared().await.cli());
    let created = cli
        .run(&[
            "account",
            "create",
            "Paper Ltd",
            "--email",
            "paper@example.com",
            "--credits",
            "2.5",
        ])
        .await;
    let id = text(&created, "account_id");
    assert_eq!(
        (&created["name"], &created["credits"]),
        (&json!("Paper Ltd"), &json!(2.5)),
        "{created}"
    );
    let all = array(cli.run(&["account", "list"]).await);
    assert!(
        all.iter()
            .any(|account| account["account_id"] == created["account_id"]),
        "{all:?}"
    );
    assert_eq!(
        cli.run(&["account", "credit", &id, "10"]).await["credits"],
        12.5
    );
    let (key, _) = cli.key(&id).await;
    let account = Api::new(&platen.url(), &key)
        .get("/v2/account")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&account["credit"], &account["email"], &account["uid"]),
        (&json!(12.5), &json!("paper@example.com"), &json!(id)),
        "{account}"
    );
}

#[tokio::test]
async fn a_project_holds_keys_back_that_spent_its_budget() {
    let api = tenant().await;
    let (cli, account) = (api.cli(), api.account());
    let create = ["project", "create", account, "the shop", "--budget", "1"];
    let project = text(&cli.run(&create).await, "project_id");
    let key = ["key", "create", account, "--project", &project];
    let key = text(&cli.run(&key).await, "api_key");
    let shop = api.with_key(&key);
    let pixel = json!({
        "dimensions": { "width_in_px": 1, "height_in_px": 1 },
        "layers": [{ "type": "solid-color", "index": 0, "hex_color": "#335577" }],
    });
    let path = "/image-generation/v1/generate";
    shop.post(path, &pixel).await.expect(200);
    let refused = shop.post(path, &pixel).await.expect(402).json();
    assert_eq!(
        refused,
        json!({ "success": false, "error": "Budget cap exceeded" })
    );
    let page = json!({ "html": html("Words") });
    let refused = shop.post("/v2/html/pdf", &page).await.expect(402).json();
    assert_eq!(refused["message"], "Budget cap exceeded");
    api.post(path, &pixel).await.expect(200);
    let listed = array(cli.run(&["project", "list", account]).await);
    assert_eq!(
        (&listed[0]["budget"], &listed[0]["spent"]),
        (&json!(1.0), &json!(1.0))
    );
    let set = ["project", "set", &project, "--budget", "2.5"];
    assert_eq!(cli.run(&set).await["budget"], 2.5);
    shop.post(path, &pixel).await.expect(200);
    let reset = ["project", "set", &project, "--reset"];
    assert_eq!(cli.run(&reset).await["spent"], 0.0);
    let keys = array(cli.run(&["key", "list", account]).await);
    assert!(keys.iter().any(|key| key["project_id"] == project.as_str()));
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_soon_and_the_others_still_do() {
    let api = tenant().await;
    let (key, id) = api.cli().key(api.account()).await;
    let second = api.with_key(&key);
    second.get("/v2/account").await.expect(200);
    let listed = array(api.cli().run(&["key", "list", api.account()]).await);
    assert_eq!(listed.len(), 2);
    assert!(
        !json!(listed).to_string().contains(&key),
        "a key is shown once"
    );
    let revoked = api.cli().run(&["key", "revoke", &id]).await;
    assert_eq!(revoked["key_id"], id, "{revoked}");
    eventually("the end of the key", || async {
        (second.get("/v2/account").await.status == 401).then_some(())
    })
    .await;
    api.get("/v2/account").await.expect(200);
    let again = api.cli().fail(&["key", "revoke", &id]).await;
    assert!(again.contains(&id), "{again}");
}

#[tokio::test]
async fn a_webhook_is_set_shown_and_taken_away() {
    let api = tenant().await;
    let show = async || api.cli().run(&["webhook", "show", api.account()]).await["webhook"].clone();
    assert_eq!(show().await, json!(null));
    api.cli()
        .run(&["webhook", "set", api.account(), "https://example.com/hook"])
        .await;
    assert_eq!(show().await, "https://example.com/hook");
    api.cli()
        .run(&["webhook", "set", api.account(), "none"])
        .await;
    assert_eq!(show().await, json!(null));
}

#[tokio::test]
async fn what_is_wrong_on_the_command_line_is_told() {
    let api = tenant().await;
    let unknown = format!("acc_{}", "0".repeat(32));
    let nobodys = format!("prj_{}", "0".repeat(32));
    for (args, words) in [
        (vec!["account", "credit", &unknown, "1"], unknown.as_str()),
        (vec!["account", "credit", api.account(), "much"], "much"),
        (vec!["account", "credit", "me", "1"], "me"),
        (
            vec!["account", "set", api.account(), "--rate", "0"],
            "--rate",
        ),
        (
            vec!["account", "set", api.account(), "--in-flight", "0"],
            "--in-flight",
        ),
        (vec!["key", "create", &unknown], &unknown),
        (vec!["project", "list", &unknown], &unknown),
        (
            vec!["key", "create", api.account(), "--project", &nobodys],
            &nobodys,
        ),
        (vec!["project", "set", &nobodys, "--reset"], &nobodys),
        (vec!["project", "set", &nobodys], "--budget"),
        (
            vec!["project", "create", api.account(), "x", "--budget", "-1"],
            "--budget",
        ),
        (
            vec!["webhook", "set", api.account(), "http://example.com/"],
            "https",
        ),
        (vec!["webhook", "show", &unknown], &unknown),
        (vec!["account", "create"], "NAME"),
        (vec!["dance"], "dance"),
    ] {
        let said = api.cli().fail(&args).await;
        assert!(said.contains(words), "{args:?}: {said}");
    }
}
