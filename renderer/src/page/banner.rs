//! Headers and footers, as HTML for the print command, which loads nothing from outside by itself.

mod extract;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::task::{Banner, BannerSource, Margins};

use super::{Page, PageError};

/// The markup of a header or footer.
pub(super) async fn markup(
    page: &Page,
    banner: Option<&Banner>,
) -> Result<Option<String>, PageError> {
    let Some(banner) = banner else {
        return Ok(None);
    };
    let content = match &banner.source {
        BannerSource::Template(html) => html.clone(),
        BannerSource::Extract(selector) => extract::element(page, selector).await?,
    };
    Ok(Some(wrap(banner, &content)))
}

/// Puts the content into its container. Without an exact colour the browser would print no background.
fn wrap(banner: &Banner, content: &str) -> String {
    let mut style = "box-sizing:border-box;width:100%;print-color-adjust:exact;".to_owned();
    if let Some(margin) = &banner.margin {
        style.push_str(&inches(margin));
        // A width of its own would push the container's right margin off the sheet.
        style.push_str("width:auto;flex:1;");
    }
    style.push_str(&declarations(&banner.style, ""));
    let mut html = String::new();
    if !banner.image_style.is_empty() {
        // An extracted image has its computed style inline, which would win otherwise.
        let images = declarations(&banner.image_style, "!important");
        html = format!("<style>.platen-banner img{{{images}}}</style>");
    }
    let style = escape(&style);
    html + &format!(r#"<div class="platen-banner" style="{style}">{content}</div>"#)
}

fn inches(margin: &Margins) -> String {
    let Margins {
        top,
        right,
        bottom,
        left,
    } = margin;
    let [top, right, bottom, left] = [top, right, bottom, left].map(|side| side.as_inches());
    format!("margin:{top}in {right}in {bottom}in {left}in;")
}

/// CSS declarations. Values were checked where the task was made; one that could end its declaration
/// is left out all the same, since here it would end up in a style sheet.
fn declarations(style: &BTreeMap<String, String>, priority: &str) -> String {
    let mut text = String::new();
    for (name, value) in style {
        if !value.contains(['<', '{', '}', ';']) {
            let name = hyphenated(name);
            let priority = if value.contains('!') { "" } else { priority };
            let written = write!(text, "{name}:{value}{priority};");
            debug_assert!(written.is_ok(), "a string takes any text");
        }
    }
    text
}

/// `fontSize` is `font-size` in a style sheet.
fn hyphenated(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use common::task::Length;

    use super::*;

    #[test]
    fn the_container_carries_margin_and_style_and_nothing_breaks_out() {
        let style = |pairs: &[(&str, &str)]| {
            let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
            pairs.iter().map(owned).collect::<BTreeMap<_, _>>()
        };
        let banner = Banner {
            source: BannerSource::Template(String::new()),
            margin: Some(Margins {
                top: Length::inches(0.5),
                ..Margins::default()
            }),
            style: style(&[
                ("fontSize", "12px"),
                ("font-family", "\"A\""),
                ("x", "1;} body{"),
            ]),
            image_style: style(&[("width", "20px"), ("y", "</style>")]),
        };
        assert_eq!(
            wrap(&banner, "<b>hi</b>"),
            "<style>.platen-banner img{width:20px!important;}</style><div class=\"platen-banner\" style=\"\
             box-sizing:border-box;width:100%;print-color-adjust:exact;margin:0.5in 0in 0in 0in;\
             width:auto;flex:1;font-family:&quot;A&quot;;font-size:12px;\"><b>hi</b></div>"
        );
    }
}
