//! Every way to be wrong, the field that is named, and the words that help.

use common::task::layers::{MAX_CUTOUTS, MAX_LAYERS, QrCode};
use serde_json::json;

use super::*;
use crate::invalid::Fault;

#[track_caller]
fn refused(body: &Value, field: &str, words: &str) -> Invalid {
    let invalid = read(body).expect_err(&body.to_string());
    assert_eq!(invalid.field, field, "{body}: {invalid}");
    assert!(invalid.message.contains(words), "{body}: {invalid}");
    invalid
}

#[test]
fn a_wrong_request_names_its_field() {
    let good = request(&json!([solid(&json!({}))]));
    for (name, value, field, words) in [
        ("layers", json!(null), "layers", "must be a non-empty list"),
        ("layers", json!([]), "layers", "must be a non-empty list"),
        ("layers", json!({}), "layers", "must be a non-empty list"),
        ("layers", json!([3]), "layers[0]", "must be an object"),
        ("dimensions", json!(null), "dimensions", "width_in_px"),
        (
            "dimensions",
            json!({ "width": 5 }),
            "dimensions.height_in_px",
            "whole number",
        ),
        (
            "dimensions",
            json!({ "width_in_px": 0, "height": 5 }),
            "dimensions.width_in_px",
            "from 1",
        ),
        (
            "dimensions",
            json!({ "width_in_px": 1.5, "height": 5 }),
            "dimensions.width_in_px",
            "whole",
        ),
        (
            "dimensions",
            json!({ "width": 16000, "height": 16000 }),
            "dimensions",
            "pixels",
        ),
        ("output_format", json!("bmp"), "output_format", "avif"),
        (
            "webhook_url",
            json!("http://example.com"),
            "webhook_url",
            "https",
        ),
        ("webhook_url", json!("hook"), "webhook_url", "https"),
        (
            "fonts",
            json!([{ "name": "A", "buffer": "*" }]),
            "fonts[0].buffer",
            "base64",
        ),
        (
            "fonts",
            json!([{ "name": "A" }]),
            "fonts[0].file",
            "missing",
        ),
        (
            "fonts",
            json!([{ "buffer": PNG }]),
            "fonts[0].name",
            "missing",
        ),
    ] {
        refused(&with(good.clone(), &json!({ name: value })), field, words);
    }
}

/// A line for a case: the base layer and what is put on top, the field that is named, words of the
/// message.
const WRONG_LAYERS: &str = r##"
{} => type => missing
{"type": "video"} => type => `solid-color`
{"type": "solid-color"} => hex_color => #FF5500
solid {"hex_color": "#FFF"} => hex_color => #FF5500
solid {"index": -1} => index => whole number
solid {"opacity": 101} => opacity => between 0 and 100
solid {"rotation_in_degrees": "x"} => rotation_in_degrees => a number
solid {"position": {"x_in_px": 1e9}} => position.x_in_px => between
solid {"dimensions": {"width": 5}} => dimensions.height_in_px => greater than 0
solid {"dimensions": {"width": "auto", "height": 5}} => dimensions.width => a number
solid {"border_radius": 3, "border_top_left_radius": 3} => border_radius => combined
solid {"angled_edges": [{"edge": "left", "angle_in_degrees": 60}]} => angled_edges[0].angle_in_degrees => -45 to 45
{"type": "gradient", "gradient_type": "linear", "colors": []} => colors => must be a non-empty list
words {"text": ""} => text => non-empty
words {"font_name": null} => font_name => missing
words {"font_size_in_px": 0} => font_size_in_px => greater than 0
words {"font_weight": "heavy"} => font_weight => semibold
words {"dimensions": {}} => dimensions => width_in_px
qr {"value": ""} => value => non-empty
qr {"value": null} => value => missing
qr {"type": "barcode", "format": "code128", "value": ""} => value => non-empty
qr {"type": "barcode"} => format => missing
qr {"type": "barcode", "format": "pdf417"} => format => codabar
{"type": "image"} => file => missing
{"type": "image", "file": {"base64": "a b*"}} => file.base64 => valid standard base64
{"type": "image", "file": {"type": "url", "url": "http://example.com"}} => file.url => https
{"type": "image", "file": {"type": "path"}} => file.type => `base64`
{"type": "layout", "layers": []} => layers => must be a non-empty list
{"type": "layout", "padding": 1, "padding_top": 2, "layers": [{}]} => padding => combined
{"type": "layout", "layers": [{"type": "layout", "layers": [{"type": "x"}]}]} => layers[0].layers[0].type => one of
"##;

#[test]
fn a_wrong_layer_names_its_field() {
    for line in WRONG_LAYERS.trim().lines() {
        let cells: Vec<_> = line.split(" => ").collect();
        let [layer, field, parts] = cells.try_into().expect(line);
        let (base, more) = layer.split_at(layer.find('{').expect(line));
        let more = serde_json::from_str(more).expect(line);
        let layer = match base.trim() {
            "solid" => solid(&more),
            "words" => words(&more),
            "qr" => qr(&more),
            _ => more,
        };
        let field = format!("layers[0].{field}");
        let invalid = refused(&request(&json!([layer])), &field, parts);
        assert_eq!(invalid.fault, Fault::Wrong, "{invalid}");
    }
}

#[test]
fn what_can_not_be_done_is_told_from_what_is_wrong() {
    let barcode = qr(&json!({ "type": "barcode", "format": "ean13", "value": "4006381333930" }));
    let invalid = refused(
        &request(&json!([barcode])),
        "layers[0].value",
        "check digit 1",
    );
    assert_eq!(invalid.fault, Fault::Unprocessable);
    let long = qr(&json!({ "value": "x".repeat(QrCode::MAX + 1) }));
    let limits = "at most 7089 digits, or 4296 of the characters 0-9 A-Z space $ % * + - . / :, or 2953 bytes";
    let invalid = refused(&request(&json!([long])), "layers[0].value", limits);
    assert_eq!(invalid.fault, Fault::Unprocessable);
    let image =
        json!({ "type": "image", "should_remove_background": true, "file": { "base64": PNG } });
    let field = "layers[0].should_remove_background";
    let invalid = refused(&request(&json!([image])), field, "--features models");
    assert_eq!(invalid.fault, Fault::Unprocessable);
    assert!(invalid.message.contains("--model-dir"), "{invalid}");
}

#[test]
fn a_qr_code_of_few_kinds_of_characters_is_longer() {
    let digits = "7".repeat(QrCode::MAX_DIGITS);
    let signs = "A".repeat(QrCode::MAX_ALPHANUMERIC);
    for value in [digits, signs] {
        let Content::Qr(code) = only(&qr(&json!({ "value": value }))).content else {
            panic!("no QR code");
        };
        assert_eq!(code.value(), value);
    }
}

#[test]
fn with_a_model_the_backgrounds_of_a_few_images_are_removed() {
    let image =
        json!({ "type": "image", "should_remove_background": true, "file": { "base64": PNG } });
    let group = json!({ "type": "layout", "layers": vec![image.clone(); MAX_CUTOUTS - 1] });
    let few = read_with_models(&request(&json!([image, group]))).unwrap();
    let Content::Image(first) = &few.canvas.layers[0].content else {
        panic!("{:?}", few.canvas.layers[0]);
    };
    assert!(first.remove_background && !first.smart_crop);
    let crowd = read_with_models(&request(&json!([group, image, image]))).unwrap_err();
    assert_eq!(crowd.field, "layers[2].should_remove_background");
    assert!(crowd.message.contains("at most 8"), "{crowd}");
    assert_eq!(crowd.fault, Fault::Wrong);
}

#[test]
fn crowds_depths_and_lengths_are_bounded() {
    let many = vec![solid(&json!({})); MAX_LAYERS + 1];
    refused(&request(&json!(many)), "", "at most 1000");
    assert_eq!(canvas(&json!(many[1..])).layers.len(), MAX_LAYERS);
    let mut deep = solid(&json!({}));
    for _ in 0..17 {
        deep = json!({ "type": "layout", "layers": [deep] });
    }
    let invalid = read(&request(&json!([deep]))).unwrap_err();
    assert!(invalid.message.contains("16 layouts deep"), "{invalid}");
    let crowd = format!("[{}0]", "0,".repeat(200_000));
    let invalid = parse(crowd.as_bytes(), &Terms::default()).unwrap_err();
    assert_eq!(invalid.fault, Fault::TooLarge);
    for body in ["", "[]", "null", "{", "{\"a\":1}{"] {
        assert!(parse(body.as_bytes(), &Terms::default()).is_err(), "{body}");
    }
}

/// A field of a good layer, a wrong value, and the field's whole name below the layer.
const WRONG_FIELDS: &str = r#"
type 7 type
type "hologram" type
index -2 index
opacity 100.5 opacity
rotation_in_degrees "much" rotation_in_degrees
position {"x_in_px": "left"} position.x_in_px
position {"y": []} position.y
dimensions {"width_in_px": -5, "height_in_px": 5} dimensions.width_in_px
"#;

/// The same for layers of one type.
const WRONG_FIELDS_OF: &str = r##"
solid hex_color "red" hex_color
solid dimensions {"height": 5} dimensions.width_in_px
qr dimensions {"height": 5} dimensions.width_in_px
solid hex_color null hex_color
solid angled_edges [{"edge": "left", "angle_in_degrees": 1}, {"edge": "middle"}] angled_edges[1].edge
solid border_top_left_radius -1 border_top_left_radius
words text "" text
words text 5 text
words text_color "#12345" text_color
words font_size_in_px 0 font_size_in_px
words text_align "justify" text_align
words is_splitting_lines "yes" is_splitting_lines
qr value "" value
qr foreground_hex_color "#ggg000" foreground_hex_color
qr background_hex_color null background_hex_color
"##;

proptest! {
    #[test]
    fn one_wrong_field_anywhere_is_the_one_that_is_named(
        kinds in prop::collection::vec(0..3_usize, 1..6),
        place in any::<prop::sample::Index>(),
        wrong in any::<prop::sample::Index>(),
        nested in any::<bool>(),
    ) {
        let names = ["solid", "words", "qr"];
        let mut layers: Vec<_> = kinds
            .iter()
            .map(|kind| [solid, words, qr][*kind](&json!({})))
            .collect();
        prop_assert!(read(&request(&json!(layers))).is_ok());
        let place = place.index(layers.len());
        let own = WRONG_FIELDS_OF.trim().lines().filter_map(|line| {
            line.strip_prefix(names[kinds[place]])?.strip_prefix(' ')
        });
        let cases: Vec<&str> = WRONG_FIELDS.trim().lines().chain(own).collect();
        let case = cases[wrong.index(cases.len())];
        let (name, rest) = case.split_once(' ').unwrap();
        let (value, field) = rest.rsplit_once(' ').unwrap();
        layers[place][name] = serde_json::from_str(value).unwrap();
        let (layers, path) = if nested && name != "position" && name != "index" {
            let layout = json!({ "type": "layout", "index": 0, "layers": layers });
            (json!([layout]), "layers[0].layers")
        } else {
            (json!(layers), "layers")
        };
        let invalid = read(&request(&layers)).unwrap_err();
        prop_assert_eq!(&invalid.field, &format!("{path}[{place}].{field}"));
        prop_assert!(invalid.message.starts_with(&format!("`{}` ", invalid.field)), "{}", invalid);
    }
}
