//! Changes of single places in an XML text, all else of which stays as it is.

use std::ops::Range;

use roxmltree::Node;

/// Changes of a text, in any order; none of them overlap.
pub(super) struct Edits<'a> {
    text: &'a str,
    made: Vec<(Range<usize>, String)>,
}

impl<'a> Edits<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self {
            text,
            made: Vec::new(),
        }
    }

    /// Puts other text in the place of a stretch.
    pub(super) fn put(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.made.push((range, text.into()));
    }

    /// Adds an attribute, written as in XML, to an element.
    pub(super) fn attribute(&mut self, node: Node<'_, '_>, attribute: &str) {
        let start = node.range().start;
        let tag = self.text.get(node.range()).unwrap_or_default();
        let name = tag.find(|c: char| c.is_whitespace() || c == '/' || c == '>');
        if let Some(name) = name {
            let place = start + name;
            self.put(place..place, format!(" {attribute}"));
        }
    }

    /// Adds to the end of what an element holds.
    pub(super) fn append(&mut self, node: Node<'_, '_>, addition: &str) {
        let range = node.range();
        let element = self.text.get(range.clone()).unwrap_or_default();
        if let Some(tag) = element.strip_suffix("/>") {
            let name = tag.trim_start_matches('<').split_whitespace().next();
            let closed = format!("{tag}>{addition}</{}>", name.unwrap_or_default());
            self.put(range, closed);
        } else if let Some(end) = element.rfind("</") {
            let place = range.start + end;
            self.put(place..place, addition);
        }
    }

    /// A stretch of the text as the changes within it make it.
    pub(super) fn applied(mut self, within: Range<usize>) -> String {
        self.made.sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = String::with_capacity(within.len());
        let mut at = within.start;
        for (range, new) in &self.made {
            text.push_str(self.text.get(at..range.start).unwrap_or_default());
            text.push_str(new);
            at = range.end;
        }
        text.push_str(self.text.get(at..within.end).unwrap_or_default());
        text
    }
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;

    #[test]
    fn what_is_not_changed_stays_as_it_is() {
        let text = r#"<a x="1"> <b/><c  y='2'>words &amp; more</c></a>"#;
        let document = Document::parse(text).unwrap();
        let root = document.root_element();
        let elements: Vec<_> = root.children().filter(Node::is_element).collect();
        let mut edits = Edits::of(text);
        edits.append(root, "<d/>");
        edits.attribute(elements[1], "z=\"3\"");
        edits.append(elements[0], "new");
        edits.put(root.attributes().next().unwrap().range_value(), "one");
        assert_eq!(
            edits.applied(0..text.len()),
            r#"<a x="one"> <b>new</b><c z="3"  y='2'>words &amp; more</c><d/></a>"#
        );
    }
}
