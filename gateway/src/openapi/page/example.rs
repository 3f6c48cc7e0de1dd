//! Examples: requests as curl sends them, and answers.

use serde_json::Value;

use super::text::escaped;
use super::{Document, Place, word};

/// The requests of an operation.
pub(super) fn requests(page: &mut String, document: Document<'_>, place: Place<'_>) {
    let content = &place.operation["requestBody"]["content"]["application/json"];
    let examples = content["examples"].as_object();
    let Some(examples) = examples.filter(|examples| !examples.is_empty()) else {
        page.push_str(&figure("Request", &command(document, place, None)));
        return;
    };
    for example in examples.values() {
        let body = pretty(&example["value"]);
        page.push_str(&figure(
            word(&example["summary"]),
            &command(document, place, Some(&body)),
        ));
    }
}

fn figure(title: &str, text: &str) -> String {
    format!(
        "<figure><figcaption>{}</figcaption><pre tabindex=\"0\"><code>{}</code></pre></figure>",
        escaped(title),
        escaped(text)
    )
}

/// A command line that can be pasted.
fn command(document: Document<'_>, place: Place<'_>, body: Option<&str>) -> String {
    let server = word(&document.0["servers"][0]["url"]);
    let mut command = "curl".to_owned();
    if place.method != "get" && !(place.method == "post" && body.is_some()) {
        command.push_str(&format!(" -X {}", place.method.to_ascii_uppercase()));
    }
    if place.operation["security"].is_null() {
        let key = if place.operation["tags"][0] == "Image generation"
            || place.operation["tags"][0] == "Key"
        {
            "Authorization: Bearer $PLATEN_KEY"
        } else {
            "X-API-Key: $PLATEN_KEY"
        };
        command.push_str(&format!(" -H \"{key}\""));
    }
    if let Some(body) = body {
        // A quote inside of a quoted text of the shell.
        let body = body.replace('\'', "'\\''");
        command.push_str(&format!(
            " -H \"Content-Type: application/json\" \\\n  -d '{body}'"
        ));
    }
    let address = format!("{server}{}", address(place));
    // A shell takes `&` and `?` for its own.
    if address.contains('?') {
        command.push_str(&format!(" \\\n  '{address}'"));
    } else {
        command.push_str(&format!(" \\\n  {address}"));
    }
    command
}

/// The path with an example in each of its places, and with what is needed of its query.
fn address(place: Place<'_>) -> String {
    let mut path = place.path.to_owned();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let parameters = place.operation["parameters"].as_array();
    for parameter in parameters.into_iter().flatten() {
        let (name, schema) = (word(&parameter["name"]), &parameter["schema"]);
        let example = schema["examples"][0]
            .as_str()
            .or(schema["example"].as_str());
        let Some(example) = example else {
            continue;
        };
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), example);
        } else if parameter["required"] == true || name == "url" {
            query.append_pair(name, example);
        }
    }
    let query = query.finish();
    if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    }
}

/// The bodies of errors, each status folded up.
pub(super) fn errors(page: &mut String, operation: &Value) {
    let answers = operation["responses"].as_object().into_iter().flatten();
    for (status, answer) in answers {
        let examples = answer["content"]["application/json"]["examples"].as_object();
        let Some(examples) = examples else {
            continue;
        };
        page.push_str(&format!(
            "<details class=\"error\"><summary>Body of a {status}</summary>"
        ));
        for example in examples.values() {
            page.push_str(&format!(
                "<pre tabindex=\"0\"><code>{}</code></pre>",
                escaped(&pretty(&example["value"]))
            ));
        }
        page.push_str("</details>");
    }
}

pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
