//! The description of the API against whatever may be sent: schemathesis makes requests of it, right ones and wrong ones, and
//! finds each answer as it is described.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use common::clock::Timestamp;
use common::id::StorageId;
use common::storage::{Place, SealedKeys};
use common::store::{MOST_STORAGES, SavedStorage, Storage};
use platen_tests::described::document;
use platen_tests::html::encoded;
use platen_tests::*;
use serde_json::{Value, json};
use tokio::process::Command;

/// How long a run of schemathesis may take before it is an error; it takes a small part of it.
const LONGEST: Duration = Duration::from_mins(3);

const CHECKS: &str = "no_fault_of_ours,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance";

/// What the first version answers as the second does.
const TWINS: &str = "^/v1/(?!me)";

/// Makes every field of this name, wherever it stands, one of these values.
fn only(document: &mut Value, name: &str, values: &Value) {
    match document {
        Value::Object(map) => {
            let field = map
                .get_mut("properties")
                .and_then(|fields| fields.get_mut(name));
            // Answers tell addresses too, which are not ours to choose.
            if let Some(field) = field.filter(|field| name != "url" || field["format"] == "uri") {
                *field = json!({ "enum": values });
            }
            if map.get("in") == Some(&json!("query")) && map.get("name") == Some(&json!(name)) {
                map.insert("schema".to_owned(), json!({ "enum": values }));
            }
            map.values_mut().for_each(|inner| only(inner, name, values));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| only(inner, name, values)),
        _ => {}
    }
}

/// Makes every field of this name one that is needed.
fn need(document: &mut Value, name: &str) {
    match document {
        Value::Object(map) => {
            let is_field = map
                .get("properties")
                .is_some_and(|fields| !fields[name].is_null());
            if is_field {
                let needed = map.entry("required").or_insert_with(|| json!([]));
                let needed = needed.as_array_mut().expect("a list of names");
                needed.push(json!(name));
            }
            if map.get("in") == Some(&json!("query")) && map.get("name") == Some(&json!(name)) {
                map.insert("required".to_owned(), json!(true));
            }
            map.values_mut().for_each(|inner| need(inner, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| need(inner, name)),
        _ => {}
    }
}

/// Runs schemathesis over a description; what it says when it has found something.
async fn schemathesis(api: &Api, document: &Value, arguments: &[&str]) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/st");
    assert!(Path::new(program).exists(), "`make test` makes {program}");
    let hooks = concat!(env!("CARGO_MANIFEST_DIR"), "/it/embedded/described.py");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, document.to_string()).expect("it is written");
    let run = Command::new(program)
        .arg("run")
        .arg(&file)
        .args(["--url", api.base()])
        .args(["--header", &format!("X-API-Key: {}", api.key())])
        .args(["--workers", "1", "--request-timeout", "20", "--seed", "1"])
        .args(["--no-color", "--generation-database", "none"])
        .args([
            "--suppress-health-check",
            "all",
            "--warnings",
            "off",
            "--max-redirects",
            "0",
            "--no-shrink",
        ])
        .args(arguments)
        .env("SCHEMATHESIS_HOOKS", hooks)
        .env("NO_PROXY", "*")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = tokio::time::timeout(LONGEST, run)
        .await
        .expect("schemathesis ends in time")
        .expect("it starts");
    let said = String::from_utf8_lossy(&ended.stdout);
    println!("{said}");
    assert!(
        ended.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

/// As many buckets as an account may have, so that no bucket that is made up is ever tried.
async fn fill_storages(server: &Embedded, account: &str) {
    let store = server.store().await;
    for place in 0..MOST_STORAGES {
        let storage = Storage {
            id: StorageId::new(),
            account: account.parse().expect("an account id"),
            title: format!("A bucket that is there, number {place}"),
            place: Place {
                endpoint: None,
                region: "nowhere".to_owned(),
                bucket: "none".to_owned(),
            },
            keys: SealedKeys(Vec::new()),
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        };
        let saved = store.save_storage(&storage).await.expect("it is saved");
        assert_eq!(saved, SavedStorage::Saved);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_is_answered_as_it_is_described_and_never_by_a_fault_of_ours() {
    let (server, site) = (Embedded::start(Start::open()).await, Site::start().await);
    site.page("/", "<p>x").reply("/hook", Reply::status(200));
    // Without credit nothing is rendered, and all the rest is as ever.
    let poor = server.cli().account("without credit", "0").await;
    fill_storages(&server, &poor).await;
    let api = server.api().with_key(&server.cli().key(&poor).await.0);
    let mut document = document(&api, &site).await;
    // Nothing that is made up may be called.
    only(&mut document, "url", &json!([site.url("/")]));
    let both = json!([site.url("/"), site.url("/")]);
    only(&mut document, "batch", &json!([both, { "urls": both }]));
    for hook in ["webhook", "webhook_url"] {
        only(&mut document, hook, &json!([site.url("/hook")]));
    }
    // Each end of each range, and each thing missing: of conversions there are thousands, which the parsers' own tests try.
    let checks = format!("{CHECKS},unsupported_method,ignored_auth");
    let both = ["--checks", &checks, "--exclude-path-regex"];
    let but_conversions = format!("{TWINS}|(pdf|image|generate|merge|render|docx|html)$");
    let ends = [&both[..], &[&but_conversions, "--phases", "coverage"]].concat();
    schemathesis(&api, &document, &ends).await;
    let whatever = [
        &both[..],
        &[TWINS, "--phases", "fuzzing", "--max-examples", "2"],
    ]
    .concat();
    schemathesis(&api, &document, &whatever).await;
    // With a little credit conversions are accepted, which have a page that works.
    let rich = server.cli().account("with some credit", "24").await;
    let api = server.api().with_key(&server.cli().key(&rich).await.0);
    only(&mut document, "html", &json!([encoded("<p>x")]));
    only(&mut document, "template", &json!([encoded("<p>{{ x }}")]));
    only(&mut document, "templateId", &json!(["receipt"]));
    // No job takes long, whatever it waits for.
    only(&mut document, "selector", &json!(["p"]));
    only(&mut document, "delay", &json!([0]));
    only(&mut document, "timeout", &json!([2_000]));
    need(&mut document, "timeout");
    let accepted = [
        "--checks",
        CHECKS,
        "--include-path-regex",
        "(pdf|image|generate|merge|docx|html)$",
        "--phases",
        "fuzzing",
        "--mode",
        "positive",
        "--max-examples",
        "2",
    ];
    schemathesis(&api, &document, &accepted).await;
    let ledger = server.ledger(&rich).await;
    assert!(ledger.len() > 10, "conversions were accepted: {ledger:?}");
}
