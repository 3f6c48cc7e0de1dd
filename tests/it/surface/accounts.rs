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
