//! Text in HTML.

/// The text with what HTML would take for its own replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The text with what stands between backticks as code.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for (place, part) in text.split('`').enumerate() {
        let part = escaped(part);
        if place % 2 == 1 {
            html.push_str(&format!("<code>{part}</code>"));
        } else {
            html.push_str(&part);
        }
    }
    html
}

/// The text as paragraphs; an empty line parts them.
pub(super) fn paragraphs(text: &str) -> String {
    let parts = text.split("\n\n").filter(|part| !part.trim().is_empty());
    let parts = parts.map(|part| format!("<p>{}</p>", inline(part)));
    parts.collect::<Vec<_>>().concat()
}

/// A path that may be broken at its slashes.
pub(super) fn breakable(path: &str) -> String {
    escaped(path).replace('/', "/<wbr>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_is_text() {
        assert_eq!(
            inline("a `<b>` & \"c\""),
            "a <code>&lt;b&gt;</code> &amp; &quot;c&quot;"
        );
        assert_eq!(paragraphs("a\n\n<b>"), "<p>a</p><p>&lt;b&gt;</p>");
        assert_eq!(breakable("/v2/<a>"), "/<wbr>v2/<wbr>&lt;a&gt;");
    }
}
