//! Which variables live on after a loop that sets them: those that are set outside of it too, as in
//! `{% set total = 0 %}{% for item in items %}{% set total = total + item.price %}{% endfor %}`.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Section, Tag};

/// The names.
#[derive(Debug, Default)]
pub(super) struct Carried<'a>(BTreeSet<&'a str>);

impl<'a> Carried<'a> {
    pub(super) fn find(source: &'a str, sections: &[Section]) -> Self {
        let mut search = Search::default();
        for section in sections {
            if let Section::Tag(tag) = section {
                search.visit(source, tag);
            }
        }
        let names = search
            .depths
            .iter()
            .filter(|(name, (least, most))| least < most && !search.shadowed.contains(*name));
        Self(names.map(|(name, _)| *name).collect())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that data can have, too.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().copied().filter(|name| is_plain(name))
    }
}

/// Whether the compiler reads this as the name of a variable.
fn is_plain(name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let begins = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    begins && name.chars().all(is_part) && !WORDS.contains(&name)
}

/// Values and an operator that look like names.
const WORDS: &[&str] = &["False", "None", "True", "false", "none", "not", "true"];

#[derive(Default)]
struct Search<'a> {
    /// Loops around the place.
    loops: usize,
    macros: usize,
    /// Of each name that is set: in how few and in how many loops.
    depths: BTreeMap<&'a str, (usize, usize)>,
    /// Names that loops give, which hide what is outside.
    shadowed: BTreeSet<&'a str>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, source: &'a str, tag: &Tag) {
        let text = |at: usize| {
            let token = tag.tokens.get(at);
            token.map_or("", |token| {
                source.get(token.start..token.end).unwrap_or_default()
            })
        };
        match tag.name(source) {
            "for" | "asyncEach" | "asyncAll" => {
                self.loops += 1;
                let names = (1..)
                    .map(text)
                    .take_while(|text| !matches!(*text, "in" | ""));
                self.shadowed.extend(names);
            }
            "endfor" | "endeach" | "endall" => self.loops = self.loops.saturating_sub(1),
            "macro" => self.macros += 1,
            "endmacro" => self.macros = self.macros.saturating_sub(1),
            "set" if self.macros == 0 && matches!(text(2), "=" | "") => {
                let (least, most) = self
                    .depths
                    .entry(text(1))
                    .or_insert((self.loops, self.loops));
                *least = self.loops.min(*least);
                *most = self.loops.max(*most);
            }
            _ => {}
        }
    }
}
