//! What comes first on the page: what it is, how to be let in, what errors look like.

use serde_json::Value;

use super::example::pretty;
use super::text::{escaped, paragraphs};
use super::{Document, word};

/// The beginning.
pub(super) fn write(page: &mut String, document: Document<'_>) {
    let info = &document.0["info"];
    let server = escaped(word(&document.0["servers"][0]["url"]));
    page.push_str(&format!(
        "<header id=\"start\"><h1>{} API</h1>{}<p class=\"server\">Base URL <code>{server}</code> · \
         <a href=\"openapi.json\">OpenAPI 3.1 description</a></p></header>",
        escaped(word(&info["title"])),
        paragraphs(word(&info["description"])),
    ));
    page.push_str(&format!(
        "<section id=\"keys\"><h2>Keys</h2><p>The operator makes keys. Put yours into a variable, and every example below can be pasted:</p>\
         <pre tabindex=\"0\"><code>export PLATEN_KEY=cl-…\ncurl -H &quot;X-API-Key: $PLATEN_KEY&quot; {server}/v2/account</code></pre></section>"
    ));
    page.push_str("<section id=\"errors\"><h2>Errors</h2><p>An error names the field that it is about and says what would be right; nothing that was refused \
                   costs anything. 429 and 503 carry <code>Retry-After</code>, in seconds. Every answer carries <code>X-Request-Id</code>.</p>\
                   <div class=\"pair\">");
    for (title, path) in [
        ("cloudlayer dialect", "/v2/html/pdf"),
        ("Iteration Layer dialect", "/image-generation/v1/generate"),
    ] {
        let answer = &document.0["paths"][path]["post"]["responses"]["400"];
        let body = &answer["content"]["application/json"]["examples"]["field"]["value"];
        page.push_str(&figure(title, body));
    }
    page.push_str("</div></section>");
}

fn figure(title: &str, body: &Value) -> String {
    format!(
        "<figure><figcaption>{}</figcaption><pre tabindex=\"0\"><code>{}</code></pre></figure>",
        escaped(title),
        escaped(&pretty(body))
    )
}
