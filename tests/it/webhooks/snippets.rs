//! The receivers' code of docs/webhooks.md, run against a real webhook with stock libraries.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use platen_tests::*;
use serde_json::{Value, json};

const DOCS: &str = include_str!("../../../docs/webhooks.md");

/// What a webhook was, for a program to read.
struct Sent {
    secret: String,
    headers: HashMap<String, String>,
    body: String,
}

/// A real webhook of a real job.
async fn sent() -> Sent {
    let (tenant, receiver) = (tenant().await, Receiver::start().await);
    let secret = tenant.get("/v2/webhook/secret").await.expect(200).json();
    let body = json!({
        "dimensions": { "width": 20, "height": 10 },
        "layers": [{ "type": "solid-color", "index": 0, "hex_color": "#335577" }],
        "webhook_url": receiver.url(),
    });
    tenant
        .post("/image-generation/v1/generate", &body)
        .await
        .expect(201);
    let call = receiver.wait_for(1).await.remove(0);
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    Sent {
        secret: api::text(&secret, "secret"),
        headers: names
            .map(|name| (name.to_owned(), call.header(name).to_owned()))
            .into(),
        body: String::from_utf8(call.body.to_vec()).expect("a webhook is text"),
    }
}

/// The first block of this language.
fn snippet(language: &str) -> &'static str {
    let begin = format!("```{language}\n");
    let start = DOCS.find(&begin).expect("the language is there") + begin.len();
    let end = DOCS[start..].find("\n```").expect("the block ends");
    &DOCS[start..start + end]
}

/// Runs a program with the webhook as its input; what it prints, or how it failed.
fn run(program: &Path, arguments: &[&str], sent: &Sent) -> Result<Value, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("webhook.json");
    let text = json!({ "secret": sent.secret, "headers": sent.headers, "body": sent.body });
    std::fs::write(&input, text.to_string()).expect("it is written");
    let ran = Command::new(program)
        .args(arguments)
        .arg(&input)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("it starts");
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&ran.stdout).expect("it prints JSON"))
}

fn assert_told(told: &Value) {
    assert_eq!(
        (&told["success"], &told["api"]),
        (&json!(true), &json!("image_generation"))
    );
}

fn forged(sent: &Sent) -> Sent {
    Sent {
        secret: sent.secret.clone(),
        headers: sent.headers.clone(),
        body: sent.body.replace("true", "false"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_snippet_takes_a_real_webhook_and_no_forged_one() {
    let python = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python"));
    assert!(python.exists(), "`make test` makes {}", python.display());
    let program = format!(
        "{}\nimport json, sys\nsent = json.load(open(sys.argv[1]))\n\
         print(json.dumps(read_webhook(sent['secret'], sent['headers'], sent['body'].encode())))\n",
        snippet("python")
    );
    let sent = sent().await;
    assert_told(&run(&python, &["-c", &program], &sent).unwrap());
    let refused = run(&python, &["-c", &program], &forged(&sent)).unwrap_err();
    assert!(refused.contains("WebhookVerificationError"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_snippet_takes_a_real_webhook_and_no_forged_one() {
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/standardwebhooks");
    if !Path::new(library).exists() {
        println!("npm is not installed here; the snippet for Node was not run");
        return;
    }
    let program = format!(
        "{}\nimport fs from 'node:fs';\n\
         const sent = JSON.parse(fs.readFileSync(process.argv.at(-1), 'utf8'));\n\
         console.log(JSON.stringify(readWebhook(sent.secret, sent.headers, sent.body)));\n",
        snippet("js")
    );
    let node = PathBuf::from("node");
    let sent = sent().await;
    let arguments = ["--input-type=module", "-e", &program];
    assert_told(&run(&node, &arguments, &sent).unwrap());
    let refused = run(&node, &arguments, &forged(&sent)).unwrap_err();
    assert!(refused.contains("WebhookVerificationError"), "{refused}");
}

/// As the documentation has it.
#[rustfmt::skip]
mod rust {
use standardwebhooks::{Webhook, WebhookError};

/// The payload, if it is from Platen.
fn read_webhook(
    secret: &str,
    headers: &http::HeaderMap,
    body: &[u8],
) -> Result<serde_json::Value, WebhookError> {
    Webhook::new(secret)?.verify(body, headers)?;
    serde_json::from_slice(body).map_err(|_| WebhookError::InvalidPayload)
}

    pub(super) fn run(sent: &super::Sent) -> Result<serde_json::Value, WebhookError> {
        let headers = sent.headers.iter().map(|(name, value)| {
            let name: http::HeaderName = name.parse().expect("a header's name");
            (name, http::HeaderValue::try_from(value).expect("a header's value"))
        });
        read_webhook(&sent.secret, &headers.collect(), sent.body.as_bytes())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_snippet_takes_a_real_webhook_and_no_forged_one() {
    assert!(
        include_str!("snippets.rs").contains(snippet("rust")),
        "it is the snippet"
    );
    let sent = sent().await;
    assert_told(&rust::run(&sent).unwrap());
    assert!(rust::run(&forged(&sent)).is_err());
}
