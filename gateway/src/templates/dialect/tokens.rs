//! Takes a template apart: its tags, and of each its tokens, all by their places.

/// A part of a template that may be rewritten.
#[derive(Debug)]
pub(super) enum Section {
    /// A tag whose inside is an expression or a statement.
    Tag(Tag),
    /// A word that is another one in minijinja.
    Word {
        start: usize,
        end: usize,
        word: &'static str,
    },
}

/// `{{ … }}` or `{% … %}`.
#[derive(Debug)]
pub(super) struct Tag {
    /// Whether it is a statement.
    pub(super) is_block: bool,
    pub(super) tokens: Vec<Token>,
    /// Where its end marker begins, or the white space before it.
    pub(super) inner_end: usize,
}

impl Tag {
    /// The first word of a statement; empty for others.
    pub(super) fn name<'a>(&self, source: &'a str) -> &'a str {
        let first = self.tokens.first().filter(|_| self.is_block);
        first.map_or("", |token| {
            source.get(token.start..token.end).unwrap_or_default()
        })
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Operator,
    /// A number or a string.
    Other,
}

/// A token and its place.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// It stands in braces, where names before a colon are keys.
    pub(super) is_key: bool,
}

/// Takes the template apart. Comments and raw parts are left out.
pub(super) fn sections(source: &str) -> Vec<Section> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = source.get(at..).and_then(|rest| rest.find('{')) {
        let start = at + offset;
        let rest = source.get(start..).unwrap_or_default();
        if rest.starts_with("{#") {
            let Some(end) = rest.find("#}") else { break };
            at = start + end + 2;
        } else if rest.starts_with("{{") || rest.starts_with("{%") {
            let mut lexer = Lexer::new(source, start);
            let tag = lexer.tag();
            at = lexer.at;
            match tag.name(source) {
                name @ ("raw" | "verbatim") => at = raw(source, &tag, name, at, &mut found),
                _ => found.push(Section::Tag(tag)),
            }
        } else {
            at = start + 1;
        }
    }
    found
}

/// Passes over a raw part, renaming its tags; gives where it ends.
fn raw(source: &str, tag: &Tag, name: &str, from: usize, found: &mut Vec<Section>) -> usize {
    let mut rename = |token: Option<&Token>, word| {
        if let Some(&Token { start, end, .. }) = token {
            found.push(Section::Word { start, end, word });
        }
    };
    rename(tag.tokens.first(), "raw");
    let closing = format!("end{name}");
    let mut at = from;
    while let Some(offset) = source.get(at..).and_then(|rest| rest.find("{%")) {
        let mut lexer = Lexer::new(source, at + offset);
        let tag = lexer.tag();
        if tag.name(source) == closing {
            rename(tag.tokens.first(), "endraw");
            return lexer.at;
        }
        at += offset + 2;
    }
    source.len()
}

/// Reads one tag.
struct Lexer<'a> {
    source: &'a str,
    at: usize,
    is_block: bool,
    open: Vec<u8>,
}

impl<'a> Lexer<'a> {
    fn new(source: &'a str, start: usize) -> Self {
        let rest = source.get(start..).unwrap_or_default();
        let skip = if matches!(rest.as_bytes().get(2), Some(b'-' | b'+')) {
            3
        } else {
            2
        };
        Self {
            source,
            at: start + skip,
            is_block: rest.starts_with("{%"),
            open: Vec::new(),
        }
    }

    fn tag(&mut self) -> Tag {
        let mut tag = Tag {
            is_block: self.is_block,
            tokens: Vec::new(),
            inner_end: self.at,
        };
        while let Some(byte) = self.peek(0) {
            if byte.is_ascii_whitespace() {
                self.at += 1;
                continue;
            }
            if self.ends() {
                break;
            }
            let start = self.at;
            let is_key = self.open.last() == Some(&b'{');
            let kind = self.token(byte);
            tag.tokens.push(Token {
                kind,
                start,
                end: self.at,
                is_key,
            });
            tag.inner_end = self.at;
        }
        tag
    }

    /// Passes over the end marker if it is here.
    fn ends(&mut self) -> bool {
        let marker: &[u8] = if self.is_block { b"%}" } else { b"}}" };
        let rest = self.source.as_bytes().get(self.at..).unwrap_or_default();
        let skip = usize::from(matches!(rest.first(), Some(b'-' | b'+')));
        let is_end =
            self.open.is_empty() && rest.get(skip..).is_some_and(|r| r.starts_with(marker));
        if is_end {
            self.at += skip + marker.len();
        }
        is_end
    }

    fn token(&mut self, byte: u8) -> Kind {
        match byte {
            b'"' | b'\'' => {
                self.string(byte);
                Kind::Other
            }
            b'0'..=b'9' => {
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                Kind::Other
            }
            _ if is_name(byte) => {
                self.skip_while(is_name);
                Kind::Name
            }
            _ => {
                self.operator(byte);
                Kind::Operator
            }
        }
    }

    fn operator(&mut self, byte: u8) {
        match byte {
            b'(' | b'[' | b'{' => self.open.push(byte),
            b')' | b']' | b'}' => {
                self.open.pop();
            }
            _ => {}
        }
        let rest = self.source.as_bytes().get(self.at..).unwrap_or_default();
        let long: [&[u8]; 8] = [b"===", b"!==", b"==", b"!=", b">=", b"<=", b"//", b"**"];
        let found = long.iter().find(|operator| rest.starts_with(operator));
        self.at += found.map_or(1, |operator| operator.len());
    }

    fn string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == quote {
                break;
            }
        }
        self.at = self.at.min(self.source.len());
        while !self.source.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn skip_while(&mut self, is_part: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&is_part) {
            self.at += 1;
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }
}

/// A byte of a name; those of other scripts are all taken for letters.
const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}
