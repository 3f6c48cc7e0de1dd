//! Drawings that are more than they look: they are read by a process of its own, which ends in their place.

use std::fmt::Write as _;

use super::*;

fn refused(svg: &str) -> String {
    drawn(svg).unwrap_err().to_string()
}

/// Draws it with a second of a processor.
fn drawn(svg: &str) -> Result<Vec<u8>, PaintError> {
    let layer = Layer::new(Content::Image(picture(svg.as_bytes().to_vec())));
    let limits = Limits {
        drawing: Duration::from_secs(1),
        ..Limits::default()
    };
    let canvas = canvas(900, 900, vec![layer]);
    file_within(&canvas, &limits)
}

fn svg(inside: &str) -> String {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900">{inside}</svg>"#)
}

#[track_caller]
fn assert_too_complex(inside: &str) {
    let error = drawn(&svg(inside)).unwrap_err();
    let words = "layer.file must be a simpler SVG image";
    assert!(error.is_callers() && error.to_string() == words, "{error}");
}

/// Each is painted by what shows its neighbour: a to b to c and so on.
fn chain(kind: &str, length: usize, last: &str) -> String {
    let mut chain = String::new();
    for link in 0..length {
        let next = if link + 1 < length {
            format!("m{}", link + 1)
        } else {
            last.to_owned()
        };
        write!(chain, r#"<{kind} id="m{link}" {kind}="url(#{next})"><rect width="9" height="9" {kind}="url(#{next})"/></{kind}>"#).unwrap();
    }
    chain + &format!(r#"<rect width="9" height="9" {kind}="url(#m0)"/>"#)
}

#[test]
fn what_asks_for_any_memory_ends_its_own_process() {
    assert_too_complex(
        r#"<pattern id="p" patternUnits="userSpaceOnUse" width="4e8" height="1e8"><rect width="9" height="9"/></pattern><rect width="900" height="900" fill="url(#p)"/>"#,
    );
}

#[test]
fn what_leads_back_to_itself_ends_its_own_process() {
    assert_too_complex(&chain("mask", 3, "m0"));
    assert_too_complex(&chain("mask", 50_000, "m0"));
}

#[test]
fn what_takes_any_time_ends_its_own_process() {
    for filter in [
        r#"<feMorphology operator="dilate" radius="400"/>"#,
        r#"<feTurbulence baseFrequency="0.5" numOctaves="2000000000"/>"#,
    ] {
        assert_too_complex(&format!(
            r#"<filter id="f" x="0" y="0" width="1" height="1">{filter}</filter><rect width="900" height="900" filter="url(#f)"/>"#
        ));
    }
}

#[test]
fn what_multiplies_itself_ends_its_own_process() {
    let marker = r#"<rect width="1" height="1"/>"#.repeat(1000);
    let path = "L1 1L2 2".repeat(50_000);
    assert_too_complex(&format!(
        r#"<marker id="m">{marker}</marker><path d="M0 0{path}" marker-mid="url(#m)" stroke="red"/>"#
    ));
}

#[test]
fn svg_reads_no_files_and_survives_nesting() {
    let outside = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image width="9" height="9" href="/usr/share/pixmaps/debian-logo.png"/></svg>"#;
    let image = painted(&canvas(
        9,
        9,
        vec![Layer::new(Content::Image(picture(outside.into())))],
    ));
    assert_eq!(ink(&image), None);
    for (depth, opacity) in [(900, "1"), (900, "0.5"), (100_000, "1")] {
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900">{}<rect width="9" height="9"/>{}</svg>"#,
            format!(r#"<g opacity="{opacity}">"#).repeat(depth),
            "</g>".repeat(depth),
        );
        let layer = Layer::new(Content::Image(picture(svg.into())));
        let refused = file(&canvas(900, 900, vec![layer])).is_err();
        assert_eq!(
            refused,
            depth > 900 || opacity == "0.5",
            "{depth} {opacity}"
        );
    }
}

#[test]
fn references_that_multiply_are_refused() {
    let mut svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect id="a0" width="1" height="1"/>"#.to_owned();
    for level in 1..20 {
        let uses = format!(r##"<use href="#a{}"/>"##, level - 1).repeat(10);
        write!(svg, r#"<g id="a{level}">{uses}</g>"#).unwrap();
    }
    svg.push_str("</svg>");
    let error = refused(&svg);
    assert!(error.starts_with("layer.file must be"), "{error}");
}

/// An SVG that shows a picture of 2 MiB, kept in it once, as often as said.
fn used(times: usize) -> Vec<u8> {
    let mut bytes = png(&RgbaImage::new(1, 1));
    bytes.resize(2 * 1024 * 1024, 0);
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let uses = r##"<use href="#a"/>"##.repeat(times);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><defs><image id="a" width="9" height="9" href="data:image/png;base64,{data}"/></defs>{uses}</svg>"#
    )
    .into()
}

#[test]
fn a_picture_that_a_drawing_uses_often_is_counted_as_often() {
    let shown = |times| {
        let layer = Layer::new(Content::Image(picture(used(times))));
        file(&canvas(9, 9, vec![layer]))
    };
    assert!(shown(3).is_ok());
    let error = shown(40).unwrap_err();
    let words = "layer.file must be a simpler SVG image";
    assert!(error.is_callers() && error.to_string() == words, "{error}");
}
