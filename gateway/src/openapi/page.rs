//! The description as a page for people: made of the document alone, readable without any script.

mod example;
mod fields;
mod kind;
mod operation;
mod overview;
mod text;
mod types;

use serde_json::Value;

use self::text::{escaped, paragraphs};

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("page/style.css");

/// The document, and what is looked up in it.
#[derive(Clone, Copy)]
pub(super) struct Document<'a>(&'a Value);

/// An operation and where it is.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a str,
    method: &'a str,
    operation: &'a Value,
}

impl<'a> Document<'a> {
    /// The schema that a reference names, and its name; any other schema is itself.
    fn resolve(self, schema: &'a Value) -> (Option<&'a str>, &'a Value) {
        let reference = schema["$ref"].as_str();
        let Some(name) = reference.and_then(|text| text.rsplit('/').next()) else {
            return (None, schema);
        };
        (Some(name), &self.0["components"]["schemas"][name])
    }

    /// Operations of one group. What both versions of a path do is shown once.
    fn of_tag(self, tag: &'a str) -> impl Iterator<Item = Place<'a>> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        let places = paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| Place {
                path,
                method,
                operation,
            })
        });
        places
            .filter(move |place| place.operation["tags"][0] == tag)
            .filter(move |place| {
                let twin = place
                    .path
                    .strip_prefix("/v1")
                    .map(|rest| format!("/v2{rest}"));
                twin.is_none_or(|twin| self.0["paths"][twin].is_null())
            })
    }

    fn tags(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let tags = self.0["tags"].as_array().into_iter().flatten();
        tags.map(|tag| (word(&tag["name"]), word(&tag["description"])))
    }
}

/// A text, or nothing.
fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A name as an address inside of the page.
fn slug(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "-")
}

/// The whole page.
pub(super) fn render(document: &Value) -> String {
    let document = Document(document);
    let mut page = String::with_capacity(512 * 1024);
    let title = escaped(word(&document.0["info"]["title"]));
    page.push_str("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.push_str(&format!("<title>{title} API</title>"));
    page.push_str("<link rel=\"stylesheet\" href=\"docs/style.css\"></head><body>");
    navigation(&mut page, document);
    page.push_str("<main>");
    overview::write(&mut page, document);
    for (tag, about) in document.tags() {
        page.push_str(&format!(
            "<section><h2 id=\"{}\">{}</h2>",
            slug(tag),
            escaped(tag)
        ));
        page.push_str(&paragraphs(about));
        for place in document.of_tag(tag) {
            operation::write(&mut page, document, place);
        }
        page.push_str("</section>");
    }
    types::write(&mut page, document);
    page.push_str("</main></body></html>\n");
    page
}

fn navigation(page: &mut String, document: Document<'_>) {
    let version = escaped(word(&document.0["info"]["version"]));
    page.push_str(&format!(
        "<nav aria-label=\"Contents\"><p class=\"brand\"><a href=\"#start\">Platen</a> <span>{version}</span></p>"
    ));
    page.push_str("<ul class=\"top\"><li><a href=\"#start\">Start</a><li><a href=\"#keys\">Keys</a><li><a href=\"#errors\">Errors</a></ul>");
    for (tag, _) in document.tags() {
        page.push_str(&format!(
            "<p><a href=\"#{}\">{}</a></p><ul>",
            slug(tag),
            escaped(tag)
        ));
        for place in document.of_tag(tag) {
            let (id, path) = (word(&place.operation["operationId"]), place.path);
            page.push_str(&format!(
                "<li><a href=\"#{}\"><span class=\"method {method}\">{method}</span> <code>{}</code></a>",
                escaped(id),
                text::breakable(path),
                method = place.method,
            ));
        }
        page.push_str("</ul>");
    }
    page.push_str("<p><a href=\"#objects\">Objects</a></p></nav>");
}
