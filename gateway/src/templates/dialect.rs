//! Turns a Nunjucks template into one that minijinja understands: the two languages are sisters, and what
//! differs is rewritten tag by tag. Places stay known, so that an error names the line that was sent.
//!
//! Rewritten are: `===`, `!==`, comparisons with `null` and `undefined`; `elseif`, `verbatim`, `asyncEach`,
//! `asyncAll`; `{% for key, value in map %}`; `.length`; names as keys, as in `{name: 1}`; and variables that
//! a loop sets and that are also set outside of it, which live on after the loop in Nunjucks.

mod carried;
mod tokens;

use self::carried::Carried;
use self::tokens::{Kind, Section, Tag, Token, sections};

/// The name of the object that carries variables out of loops.
const CARRIER: &str = "platen_carried";

/// A template in minijinja's words, and where each of its parts came from.
#[derive(Debug)]
pub(crate) struct Translated {
    /// The text for minijinja.
    pub(crate) text: String,
    /// Offsets in the text and in what was sent, ascending: from there on both run alike.
    marks: Vec<(usize, usize)>,
}

impl Translated {
    /// Where in what was sent this offset of the text comes from.
    pub(crate) fn origin(&self, offset: usize) -> usize {
        let after = self.marks.partition_point(|(at, _)| *at <= offset);
        let mark = after.checked_sub(1).and_then(|last| self.marks.get(last));
        mark.map_or(offset, |(at, origin)| origin + (offset - at))
    }
}

/// Tags of a template. The compiler follows chains of `elif` tag by tag, each inside of the one before.
const MOST_TAGS: usize = 10_000;

/// Tokens of a tag. The compiler does the same with operators.
const MOST_TOKENS: usize = 2_000;

/// A template that would take the compiler too deep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooMuch {
    /// What there is too much of.
    pub(crate) message: String,
    /// Where it is.
    pub(crate) offset: usize,
}

/// Translates; what it does not understand is left for the compiler to complain of.
pub(crate) fn translate(source: &str) -> Result<Translated, TooMuch> {
    let sections = sections(source);
    check_size(&sections)?;
    let carried = Carried::find(source, &sections);
    let mut edits = Edits {
        source,
        translated: Translated {
            text: String::with_capacity(source.len() + 64),
            marks: Vec::new(),
        },
        done: 0,
    };
    if !carried.is_empty() {
        // They begin with what the data says, if it says anything.
        let names: Vec<_> = carried
            .names()
            .map(|name| format!("{name}={name}"))
            .collect();
        let names = names.join(", ");
        edits.put(0, 0, &format!("{{% set {CARRIER} = namespace({names}) %}}"));
    }
    let mut in_macro = 0_usize;
    for section in &sections {
        match section {
            Section::Word { start, end, word } => edits.put(*start, *end, word),
            Section::Tag(tag) => {
                match tag.name(source) {
                    "macro" => in_macro += 1,
                    "endmacro" => in_macro = in_macro.saturating_sub(1),
                    _ => {}
                }
                let names = (in_macro == 0).then_some(&carried);
                Rewriting { source, tag, names }.run(&mut edits);
            }
        }
    }
    Ok(edits.finish())
}

fn check_size(sections: &[Section]) -> Result<(), TooMuch> {
    let tags = sections.iter().filter_map(|section| match section {
        Section::Tag(tag) => Some(tag),
        Section::Word { .. } => None,
    });
    for (number, tag) in tags.enumerate() {
        let message = if number >= MOST_TAGS {
            format!("a template has at most {MOST_TAGS} tags")
        } else if tag.tokens.len() > MOST_TOKENS {
            format!("a tag has at most {MOST_TOKENS} words and signs")
        } else {
            continue;
        };
        let offset = tag
            .tokens
            .first()
            .map_or(tag.inner_end, |token| token.start);
        return Err(TooMuch { message, offset });
    }
    Ok(())
}

/// The text as it grows.
struct Edits<'a> {
    source: &'a str,
    translated: Translated,
    /// How much of the source is copied or replaced.
    done: usize,
}

impl Edits<'_> {
    /// Replaces what stands from `start` to `end`; edits come in the order of their places.
    fn put(&mut self, start: usize, end: usize, replacement: &str) {
        self.copy_to(start);
        self.mark(start);
        self.translated.text.push_str(replacement);
        self.done = self.done.max(end);
    }

    fn copy_to(&mut self, end: usize) {
        if self.done < end {
            self.mark(self.done);
            let part = self.source.get(self.done..end).unwrap_or_default();
            self.translated.text.push_str(part);
            self.done = end;
        }
    }

    fn mark(&mut self, origin: usize) {
        self.translated
            .marks
            .push((self.translated.text.len(), origin));
    }

    fn finish(mut self) -> Translated {
        let end = self.source.len();
        self.copy_to(end);
        self.mark(end);
        self.translated
    }
}

/// One tag that is being rewritten.
struct Rewriting<'a> {
    source: &'a str,
    tag: &'a Tag,
    /// The variables that are carried, where they are seen.
    names: Option<&'a Carried<'a>>,
}

impl Rewriting<'_> {
    fn run(&self, edits: &mut Edits<'_>) {
        let tokens = &self.tag.tokens;
        let pairs_from = self.pairs_from();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += match token.kind {
                Kind::Operator => self.operator(at, token, edits),
                Kind::Name => self.name(at, token, edits),
                Kind::Other => 1,
            };
            if pairs_from == Some(at - 1) {
                edits.put(token.end, token.end, " (");
            }
        }
        if pairs_from.is_some() {
            edits.put(self.tag.inner_end, self.tag.inner_end, ")|platen_pairs ");
        }
    }

    /// The `in` of a loop over several names, which takes maps apart in Nunjucks.
    fn pairs_from(&self) -> Option<usize> {
        if !matches!(self.tag.name(self.source), "for" | "asyncEach" | "asyncAll") {
            return None;
        }
        let is_in = |token: &Token| self.text(token) == "in";
        let at = self.tag.tokens.iter().position(is_in)?;
        let mut before = self.tag.tokens.iter().take(at);
        before.any(|token| self.text(token) == ",").then_some(at)
    }

    /// Rewrites an operator, and gives how many tokens are done with.
    fn operator(&self, at: usize, token: &Token, edits: &mut Edits<'_>) -> usize {
        let text = self.text(token);
        match text {
            "==" | "===" | "!=" | "!==" => {
                let next = self.tag.tokens.get(at + 1);
                let is_strict = text.len() == 3;
                let asked = match (next.map(|next| self.text(next)), is_strict) {
                    (Some("null" | "none" | "undefined"), false) => "platen_nullish",
                    (Some("null" | "none"), true) => "none",
                    (Some("undefined"), true) => "undefined",
                    _ => {
                        edits.put(token.start, token.end, text.get(..2).unwrap_or(text));
                        return 1;
                    }
                };
                let not = if text.starts_with('!') { " not" } else { "" };
                let end = next.map_or(token.end, |next| next.end);
                edits.put(token.start, end, &format!(" is{not} {asked}"));
                2
            }
            "." if self.is_length(at) => {
                let end = self.tag.tokens.get(at + 1).map_or(token.end, |t| t.end);
                edits.put(token.start, end, "|platen_length");
                2
            }
            // A member: its name is nobody's variable.
            "." => 2,
            _ => 1,
        }
    }

    /// Whether `.length` stands here, of something else than the loop.
    fn is_length(&self, at: usize) -> bool {
        let text = |at: usize| self.tag.tokens.get(at).map_or("", |token| self.text(token));
        let owner = at.checked_sub(1).map_or("", text);
        let is_loop = owner == "loop" && at.checked_sub(2).map_or("", text) != ".";
        text(at + 1) == "length" && !matches!(text(at + 2), "(" | "=") && !is_loop
    }

    /// Rewrites a name, and gives how many tokens are done with.
    fn name(&self, at: usize, token: &Token, edits: &mut Edits<'_>) -> usize {
        let text = self.text(token);
        let before = at.checked_sub(1).and_then(|at| self.tag.tokens.get(at));
        let before = before.map_or("", |token| self.text(token));
        let after = self.tag.tokens.get(at + 1);
        let after = after.map_or("", |token| self.text(token));
        if at == 0 && self.tag.is_block {
            let word = match text {
                "elseif" => "elif",
                "asyncEach" | "asyncAll" => "for",
                "endeach" | "endall" => "endfor",
                _ => return 1,
            };
            edits.put(token.start, token.end, word);
        } else if token.is_key && after == ":" && matches!(before, "{" | ",") {
            edits.put(token.start, token.end, &format!("\"{text}\""));
        } else if matches!(before, "|" | "is") {
            // The name of a filter or a test.
        } else if text == "null" && after != "=" {
            edits.put(token.start, token.end, "none");
        } else {
            let is_target = at == 1 && self.tag.name(self.source) == "set";
            let is_carried = self.names.is_some_and(|names| names.has(text));
            if is_carried && (is_target || after != "=") {
                edits.put(token.start, token.end, &format!("{CARRIER}.{text}"));
            }
        }
        1
    }

    fn text(&self, token: &Token) -> &str {
        self.source.get(token.start..token.end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
