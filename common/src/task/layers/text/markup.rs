//! `**bold**` and `*italic*`: `CommonMark`'s rules for stars, and nothing else of it.

use super::{Paragraph, Span};

/// A run of stars that is still looking for a partner.
struct Opener {
    /// Where its unused stars end: the inner ones are used first.
    end: usize,
    /// How many are unused.
    stars: usize,
}

/// How a byte of the text is to be shown.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    /// It is a star that meant something.
    marker: bool,
    bold: bool,
    italic: bool,
}

pub(super) fn parse(text: &str) -> Vec<Paragraph> {
    let text = text.replace("\r\n", "\n");
    let styles = styles(&text);
    let mut paragraphs = vec![Paragraph::default()];
    for (at, letter) in text.char_indices() {
        if letter == '\n' || letter == '\r' {
            paragraphs.push(Paragraph::default());
            continue;
        }
        let style = styles.get(at).copied().unwrap_or_default();
        let Some(paragraph) = paragraphs.last_mut().filter(|_| !style.marker) else {
            continue;
        };
        match paragraph.spans.last_mut() {
            Some(span) if (span.bold, span.italic) == (style.bold, style.italic) => {
                span.text.push(letter);
            }
            _ => paragraph.spans.push(Span {
                text: letter.to_string(),
                bold: style.bold,
                italic: style.italic,
            }),
        }
    }
    paragraphs
}

fn styles(text: &str) -> Vec<Style> {
    let mut marker = vec![false; text.len()];
    // What begins (+1) and ends (-1) before each byte.
    let mut bold = vec![0_i32; text.len() + 1];
    let mut italic = bold.clone();
    let mut openers: Vec<Opener> = Vec::new();
    for (start, end) in runs(text) {
        let (before, after) = (&text[..start], &text[end..]);
        let closes = before
            .chars()
            .next_back()
            .is_some_and(|c| !c.is_whitespace());
        let opens = after.chars().next().is_some_and(|c| !c.is_whitespace());
        let (mut from, mut unused) = (start, end - start);
        while let Some(opener) = openers.last_mut().filter(|_| closes && unused > 0) {
            let used = if opener.stars >= 2 && unused >= 2 {
                2
            } else {
                1
            };
            let changes = if used == 2 { &mut bold } else { &mut italic };
            changes[opener.end] += 1;
            changes[from] -= 1;
            marker[opener.end - used..opener.end].fill(true);
            marker[from..from + used].fill(true);
            opener.end -= used;
            opener.stars -= used;
            if opener.stars == 0 {
                openers.pop();
            }
            from += used;
            unused -= used;
        }
        if opens && unused > 0 {
            openers.push(Opener { end, stars: unused });
        }
    }
    sweep(&marker, &bold, &italic)
}

/// Where runs of stars begin and end.
fn runs(text: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.match_indices('*') {
        match runs.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

fn sweep(marker: &[bool], bold: &[i32], italic: &[i32]) -> Vec<Style> {
    let (mut bolds, mut italics) = (0, 0);
    marker
        .iter()
        .zip(bold.iter().zip(italic))
        .map(|(&marker, (bold, italic))| {
            bolds += bold;
            italics += italic;
            Style {
                marker,
                bold: bolds > 0,
                italic: italics > 0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let paragraphs = parse(text);
        let lines: Vec<String> = paragraphs
            .iter()
            .map(|paragraph| paragraph.spans.iter().map(tagged).collect())
            .collect();
        lines.join("|")
    }

    fn tagged(span: &Span) -> String {
        match (span.bold, span.italic) {
            (false, false) => span.text.clone(),
            (true, false) => format!("<b>{}</b>", span.text),
            (false, true) => format!("<i>{}</i>", span.text),
            (true, true) => format!("<bi>{}</bi>", span.text),
        }
    }

    #[test]
    fn stars_mean_what_markdown_means() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a **b** c", "a <b>b</b> c"),
            ("a *b* c", "a <i>b</i> c"),
            ("***both***", "<bi>both</bi>"),
            (
                "**bold *and italic* here**",
                "<b>bold </b><bi>and italic</bi><b> here</b>",
            ),
            ("*italic **and bold***", "<i>italic </i><bi>and bold</bi>"),
            ("**a** **b**", "<b>a</b> <b>b</b>"),
            ("un**frigging**believable", "un<b>frigging</b>believable"),
            ("**über** *日本*", "<b>über</b> <i>日本</i>"),
            ("**two\nlines**", "<b>two</b>|<b>lines</b>"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn stars_without_a_partner_stay() {
        for text in [
            "5 * 3 * 2",
            "* item",
            "**open",
            "close**",
            "*",
            "****",
            "a ** b **",
        ] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(shown("**half*"), "*<i>half</i>");
    }

    #[test]
    fn every_kind_of_line_break_ends_a_paragraph() {
        assert_eq!(shown("a\nb\r\nc\rd\n\ne"), "a|b|c|d||e");
    }
}
