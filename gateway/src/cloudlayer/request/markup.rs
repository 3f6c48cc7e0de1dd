//! What the HTML of a header or footer may hold. An outside style sheet, font or SVG paint in it makes
//! printing fail or kills the browser, and nothing else loads there (pitfalls 4.8), so everything that
//! loads, runs or nests is refused.
//!
//! It does not need to know how a browser nests the text: every place where a tag could begin is read
//! as if one did, so what a browser sees is always among what is judged.

mod reference;

use super::css;

/// The most tags of one template.
const MOST_TAGS: usize = 1_000;

/// Elements that load, run, change or nest, or that make the text after them mean something else.
const FORBIDDEN: &[&str] = &[
    "animate",
    "animatemotion",
    "animatetransform",
    "applet",
    "base",
    "embed",
    "frame",
    "frameset",
    "iframe",
    "link",
    "meta",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "portal",
    "script",
    "set",
    "template",
    "textarea",
    "title",
    "xmp",
];

/// Attributes whose value is loaded.
const LOADING: &[&str] = &[
    "action",
    "background",
    "data",
    "formaction",
    "href",
    "poster",
    "src",
    "srcset",
    "xlink:href",
];

/// Judges a template; the fault goes on after the field's name.
pub(super) fn check(html: &str) -> Result<(), String> {
    let html = html.to_ascii_lowercase();
    let starts = html
        .match_indices('<')
        .map(|(at, _)| &html[at + 1..])
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    for (count, rest) in starts.enumerate() {
        if count == MOST_TAGS {
            return Err(format!("must have at most {MOST_TAGS} tags"));
        }
        check_tag(rest)?;
    }
    Ok(())
}

/// Judges a tag and, for a style, what follows it.
fn check_tag(text: &str) -> Result<(), String> {
    let mut tag = Tag { rest: text };
    let name = tag.take_until(|c| is_space(c) || c == '/' || c == '>');
    if FORBIDDEN.contains(&name) {
        return Err(format!(
            "must not contain `<{name}`: nothing is loaded or run in a header or footer; \
             use inline styles and `data:` URLs"
        ));
    }
    while let Some((attribute, value)) = tag.next_attribute() {
        check_attribute(name, attribute, value)?;
    }
    if name == "style" {
        check_style(tag.rest)
    } else {
        Ok(())
    }
}

fn check_attribute(tag: &str, name: &str, value: &str) -> Result<(), String> {
    if name.starts_with("on") {
        let name: String = name.chars().take(40).collect();
        return Err(format!(
            "must not contain the event handler `{name}`: no script runs there"
        ));
    }
    // Not only `style`: SVG takes a URL as a `fill`, a `filter`, a `mask` and more.
    css::check_urls(&reference::resolved(value))?;
    let is_link = name == "href" && (tag == "a" || tag == "area");
    if is_link || !LOADING.contains(&name) {
        return Ok(());
    }
    let value = value.trim();
    let stays_inside = value.is_empty() || value.starts_with('#') || value.starts_with("data:");
    if !stays_inside {
        return Err(format!(
            "must not load `{name}` of `<{tag}>` from outside: only `data:` URLs work in a header or footer"
        ));
    }
    Ok(())
}

/// Judges what stands in a style element. Browsers read `<` and `&` in it in two ways, so neither is taken.
fn check_style(text: &str) -> Result<(), String> {
    let end = text
        .match_indices("</style")
        .map(|(at, found)| (at, &text[at + found.len()..]));
    let end = end
        .filter(|(_, after)| after.starts_with(|c| is_space(c) || c == '/' || c == '>'))
        .map(|(at, _)| at)
        .next();
    let sheet = &text[..end.unwrap_or(text.len())];
    if sheet.contains(['<', '&']) {
        return Err("must not contain `<` or `&` inside `<style>`".to_owned());
    }
    css::check_sheet(sheet)
}

/// The white space of HTML.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// A tag that is being read, as the HTML standard's tokenizer reads it.
struct Tag<'a> {
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// The next attribute and its value; at the end of the tag, none.
    fn next_attribute(&mut self) -> Option<(&'a str, &'a str)> {
        self.rest = self.rest.trim_start_matches(|c| is_space(c) || c == '/');
        if self.rest.is_empty() {
            return None;
        }
        if let Some(after) = self.rest.strip_prefix('>') {
            self.rest = after;
            return None;
        }
        let name = self.take_name();
        self.skip_space();
        let Some(after) = self.rest.strip_prefix('=') else {
            return Some((name, ""));
        };
        self.rest = after;
        self.skip_space();
        Some((name, self.take_value()))
    }

    /// A name; a leading equals sign belongs to it.
    fn take_name(&mut self) -> &'a str {
        let whole = self.rest;
        self.rest = whole.strip_prefix('=').unwrap_or(whole);
        self.take_until(|c| is_space(c) || matches!(c, '/' | '>' | '='));
        &whole[..whole.len() - self.rest.len()]
    }

    fn take_value(&mut self) -> &'a str {
        for quote in ['"', '\''] {
            if let Some(after) = self.rest.strip_prefix(quote) {
                self.rest = after;
                let value = self.take_until(|c| c == quote);
                self.rest = self.rest.strip_prefix(quote).unwrap_or(self.rest);
                return value;
            }
        }
        self.take_until(|c| is_space(c) || c == '>')
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self
            .rest
            .split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }
}

#[cfg(test)]
mod tests;
