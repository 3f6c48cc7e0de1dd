//! One operation on the page.

use serde_json::Value;

use super::kind::{kind, row};
use super::text::{breakable, escaped, inline, paragraphs};
use super::{Document, Place, example, fields, word};

/// As many parameters are shown at once; more are folded up.
const FEW: usize = 10;

/// The operation.
pub(super) fn write(page: &mut String, document: Document<'_>, place: Place<'_>) {
    let operation = place.operation;
    let id = escaped(word(&operation["operationId"]));
    page.push_str(&format!(
        "<article id=\"{id}\"><h3>{}{}</h3><p class=\"address\"><span class=\"method {method}\">{method}</span> <code>{}</code></p>",
        inline(word(&operation["summary"])),
        mark(operation),
        breakable(place.path),
        method = place.method,
    ));
    page.push_str(&paragraphs(word(&operation["description"])));
    twin(page, document, place);
    example::requests(page, document, place);
    parameters(page, document, operation);
    bodies(page, document, operation);
    answers(page, document, operation);
    example::errors(page, operation);
    page.push_str("</article>");
}

fn mark(value: &Value) -> &'static str {
    if value["x-platen-extension"] == true {
        " <span class=\"mark extension\">extension</span>"
    } else {
        ""
    }
}

fn bodies(page: &mut String, document: Document<'_>, operation: &Value) {
    let content = operation["requestBody"]["content"].as_object();
    for (media, body) in content.into_iter().flatten() {
        let title = if media == "application/json" {
            "Body".to_owned()
        } else {
            format!("Or as <code>{}</code>", escaped(media))
        };
        page.push_str(&format!("<h4>{title}</h4>"));
        fields::write(page, document, &body["schema"]);
    }
}

/// The same in the first version, where it differs in words only.
fn twin(page: &mut String, document: Document<'_>, place: Place<'_>) {
    let path = place
        .path
        .strip_prefix("/v2")
        .map(|rest| format!("/v1{rest}"));
    let Some(path) = path.filter(|path| !document.0["paths"][path].is_null()) else {
        return;
    };
    let other = word(&document.0["paths"][&path][place.method]["description"]);
    let differs = other != word(&place.operation["description"]);
    page.push_str(&format!(
        "<p class=\"twin\">Also under <code>{}</code>{}</p>",
        breakable(&path),
        if differs {
            format!(": {}", inline(other))
        } else {
            ".".to_owned()
        },
    ));
}

fn parameters(page: &mut String, document: Document<'_>, operation: &Value) {
    let parameters = operation["parameters"].as_array();
    let Some(parameters) = parameters else {
        return;
    };
    let is_long = parameters.len() > FEW;
    page.push_str("<h4>Parameters</h4>");
    if is_long {
        page.push_str(&format!(
            "<details class=\"group\"><summary>The fields of the POST <span>{}</span></summary>",
            parameters.len()
        ));
    }
    page.push_str("<div class=\"scroll\"><table class=\"fields\"><thead><tr><th>Name<th>Value<th>Meaning</thead><tbody>");
    for parameter in parameters {
        let needed = if parameter["required"] == true && parameter["in"] != "path" {
            " <span class=\"mark needed\">needed</span>"
        } else {
            ""
        };
        let place = format!(
            " <span class=\"mark\">{}</span>{needed}{}",
            escaped(word(&parameter["in"])),
            mark(parameter)
        );
        let text = word(&parameter["description"]);
        page.push_str(&row(
            document,
            word(&parameter["name"]),
            &place,
            schema_of(parameter),
            text,
        ));
    }
    page.push_str("</tbody></table></div>");
    if is_long {
        page.push_str("</details>");
    }
}

/// Of a parameter that is written as JSON it stands in its content.
fn schema_of(parameter: &Value) -> &Value {
    let json = &parameter["content"]["application/json"]["schema"];
    if json.is_null() {
        &parameter["schema"]
    } else {
        json
    }
}

fn answers(page: &mut String, document: Document<'_>, operation: &Value) {
    page.push_str("<h4>Answers</h4><div class=\"scroll\"><table class=\"answers\"><thead><tr><th>Status<th>Meaning<th>Body<th>Headers</thead><tbody>");
    let answers = operation["responses"].as_object().into_iter().flatten();
    for (status, answer) in answers {
        let content = answer["content"].as_object().into_iter().flatten();
        let bodies = content.map(|(media, content)| {
            if content["schema"].is_null() {
                format!("<code>{}</code>", escaped(media))
            } else {
                kind(document, &content["schema"])
            }
        });
        let headers = answer["headers"].as_object().into_iter().flatten();
        let headers = headers
            .filter(|(name, _)| *name != "X-Request-Id")
            .map(|(name, _)| format!("<code>{}</code>", escaped(name)));
        page.push_str(&format!(
            "<tr class=\"s{}\"><th scope=\"row\">{status}</th><td>{}</td><td class=\"kind\">{}</td><td class=\"headers\">{}</td></tr>",
            &status[..1],
            inline(word(&answer["description"])),
            bodies.collect::<Vec<_>>().join(", "),
            headers.collect::<Vec<_>>().join(" "),
        ));
    }
    page.push_str("</tbody></table></div>");
}
