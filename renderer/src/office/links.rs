//! What a part of a document wants from elsewhere (Open Packaging Conventions, section 9.3): pictures, objects,
//! templates and whole documents by their address. All of it is left out; what a reader may follow by
//! hand, a hyperlink, is no more than text.

use roxmltree::{Document, Node};
use url::Url;

/// The most attributes of an element; a relationship has four.
const MOST_ATTRIBUTES: usize = 300;

/// A relationships part that is not well formed, or no such part.
#[derive(Debug)]
pub(super) struct Broken;

/// The part without what leads elsewhere, and how much that was.
pub(super) fn left_out(part: &[u8]) -> Result<(String, usize), Broken> {
    let text = str::from_utf8(part).map_err(|_| Broken)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Each attribute is compared with all before it.
    if text
        .split('<')
        .any(|tag| tag.matches('=').count() > MOST_ATTRIBUTES)
    {
        return Err(Broken);
    }
    let document = Document::parse(text).map_err(|_| Broken)?;
    let root = document.root_element();
    let space = root.tag_name().namespace().unwrap_or_default();
    let mut kept = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
    open(&mut kept, "Relationships", &[("xmlns", space)]);
    kept.push('>');
    let mut count = 0;
    for relation in root.children().filter(Node::is_element) {
        if leads_elsewhere(relation) {
            count += 1;
            continue;
        }
        let attributes: Vec<_> = relation
            .attributes()
            .filter(|attribute| attribute.namespace().is_none())
            .map(|attribute| (attribute.name(), attribute.value()))
            .collect();
        open(&mut kept, "Relationship", &attributes);
        kept.push_str("/>");
    }
    kept.push_str("</Relationships>");
    Ok((kept, count))
}

/// A target with a scheme leads elsewhere whatever it calls itself: parts have none.
fn leads_elsewhere(relation: Node<'_, '_>) -> bool {
    let mode = relation.attribute("TargetMode").unwrap_or_default();
    let target = relation.attribute("Target").unwrap_or_default().trim();
    let kind = relation.attribute("Type").unwrap_or_default();
    let is_external = mode.eq_ignore_ascii_case("external") || Url::parse(target).is_ok();
    is_external && !kind.ends_with("/hyperlink")
}

fn open(text: &mut String, name: &str, attributes: &[(&str, &str)]) {
    text.push('<');
    text.push_str(name);
    for (name, value) in attributes {
        text.extend([" ", name, "=\"", &escaped(value), "\""]);
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(kind: &str, target: &str, mode: &str) -> String {
        format!("<Relationship Id=\"r\" Type=\"http://x/{kind}\" Target=\"{target}\"{mode}/>")
    }

    fn kept(relations: &str) -> (String, usize) {
        let part =
            format!("\u{feff}<Relationships xmlns=\"http://ns\">{relations}</Relationships>");
        left_out(part.as_bytes()).unwrap()
    }

    #[test]
    fn what_leads_elsewhere_is_left_out_and_the_rest_stays() {
        let external = " TargetMode=\"External\"";
        let stays = [
            relation("image", "media/a.png", ""),
            relation("hyperlink", "https://a.example/?a=1&amp;b=&quot;", external),
        ];
        for stays in &stays {
            let (text, count) = kept(stays);
            assert_eq!(count, 0, "{stays}");
            assert!(text.contains(stays), "{text}");
        }
        for goes in [
            relation("image", "http://a.example/a.png", external),
            relation("image", "file:///etc/passwd", " TargetMode=\"external\""),
            relation("subDocument", "file:///etc/passwd", ""),
            relation("attachedTemplate", "\\\\server\\a.dotx", external),
        ] {
            let (text, count) = kept(&[goes.as_str(), &stays[0]].concat());
            assert_eq!(count, 1, "{goes}");
            assert!(text.contains(&stays[0]) && !text.contains(&goes), "{text}");
        }
    }

    #[test]
    fn what_is_no_such_part_is_not_passed_on() {
        for part in [
            "".as_bytes(),
            b"<Relationships>",
            b"<!DOCTYPE a [<!ENTITY b \"c\">]><Relationships/>",
            b"\xff\xfe<\0",
            format!("<Relationships {}/>", "a=\"\" ".repeat(301)).as_bytes(),
        ] {
            assert!(left_out(part).is_err(), "{part:?}");
        }
    }
}
