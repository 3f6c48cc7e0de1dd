//! Requests in, canvases out: new spellings, old ones, Go's empty structs.

mod lengths;
mod refused;

use common::task::layers::{
    Align, Alignment, Background, Color, Content, Corners, Direction, Extent, FileSource, Layer,
    LayerSize, Weight,
};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// One transparent pixel would do; nothing decodes it here.
const PNG: &str = "iVBORw0KGgo=";

fn read(body: &Value) -> Result<Request, Invalid> {
    parse(body.to_string().as_bytes(), &Terms::default())
}

/// What an installation with models makes of it.
fn read_with_models(body: &Value) -> Result<Request, Invalid> {
    let terms = Terms {
        removes_backgrounds: true,
        ..Terms::default()
    };
    parse(body.to_string().as_bytes(), &terms)
}

fn request(layers: &Value) -> Value {
    json!({ "dimensions": { "width_in_px": 1200, "height_in_px": 630 }, "layers": layers })
}

#[track_caller]
fn canvas(layers: &Value) -> Canvas {
    read(&request(layers))
        .unwrap_or_else(|invalid| panic!("{layers}: {invalid}"))
        .canvas
}

#[track_caller]
fn only(layer: &Value) -> Layer {
    let mut layers = canvas(&json!([layer])).layers;
    assert_eq!(layers.len(), 1);
    layers.remove(0)
}

fn with(mut layer: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        layer[name] = value.clone();
    }
    layer
}

fn solid(more: &Value) -> Value {
    with(
        json!({ "type": "solid-color", "index": 0, "hex_color": "#1A1A2E" }),
        more,
    )
}

fn words(more: &Value) -> Value {
    let text = json!({
        "type": "text", "index": 1, "text": "Hello", "font_name": "Helvetica",
        "font_size_in_px": 48, "text_color": "#ffffff",
        "position": { "x_in_px": 50, "y_in_px": 40.5 },
        "dimensions": { "width_in_px": 600, "height_in_px": 100 },
    });
    with(text, more)
}

fn qr(more: &Value) -> Value {
    let qr = json!({
        "type": "qr-code", "index": 2, "value": "https://example.com",
        "foreground_hex_color": "#000000", "background_hex_color": "#FFFFFF",
        "position": { "x_in_px": 1, "y_in_px": 2 },
        "dimensions": { "width_in_px": 200, "height_in_px": 200 },
    });
    with(qr, more)
}

fn px(number: f64) -> Extent {
    number.try_into().unwrap()
}

fn sides(width: f64, height: f64) -> LayerSize {
    LayerSize {
        width: Some(px(width)),
        height: Some(px(height)),
    }
}

#[test]
fn layers_are_sorted_by_index_and_keep_their_place_in_the_request() {
    let canvas = canvas(&json!([
        qr(&json!({})),
        words(&json!({})),
        solid(&json!({}))
    ]));
    let labels: Vec<_> = canvas
        .layers
        .iter()
        .map(|layer| layer.label.as_str())
        .collect();
    assert_eq!(labels, ["layers[2]", "layers[1]", "layers[0]"]);
    assert_eq!((canvas.size.width(), canvas.size.height()), (1200, 630));
    assert_eq!(canvas.format, PictureFormat::Png);
}

#[test]
fn the_old_spellings_are_the_new_ones() {
    let old = json!({
        "dimensions": { "width": 1200, "height": 630 },
        "layers": [
            { "type": "solid-color-background", "index": 0, "hex_color": "#1A1A2E" },
            { "type": "rectangle", "index": 1, "hex_color": "#1A1A2E",
              "position": { "x": 5, "y": 6 }, "dimensions": { "width": 7, "height": 8 } },
            { "type": "static-image", "index": 2, "buffer": PNG,
              "position": { "x": 5, "y": 6 }, "dimensions": { "width": 7, "height": 8 } },
            { "type": "image-overlay", "index": 3, "file": { "base64": PNG },
              "position": { "x": 5, "y": 6 }, "dimensions": { "width": 7, "height": 8 } },
        ],
    });
    let place = json!({ "x_in_px": 5, "y_in_px": 6 });
    let size = json!({ "width_in_px": 7, "height_in_px": 8 });
    let file = json!({ "type": "base64", "name": "a.png", "base64": PNG });
    let new = request(&json!([
        { "type": "solid-color", "index": 0, "hex_color": "#1A1A2E" },
        { "type": "solid-color", "index": 1, "hex_color": "#1A1A2E", "position": place, "dimensions": size },
        { "type": "image", "index": 2, "file": file, "position": place, "dimensions": size },
        { "type": "image", "index": 3, "file": file },
    ]));
    assert_eq!(read(&old).unwrap().canvas, read(&new).unwrap().canvas);
}

#[test]
fn what_go_sends_for_nothing_is_nothing() {
    let zero = json!({
        "position": { "x_in_px": 0, "y_in_px": 0 },
        "dimensions": { "width_in_px": 0, "height_in_px": 0 },
    });
    assert_eq!(only(&solid(&zero)), only(&solid(&json!({}))));
    let empty = json!({ "position": {}, "dimensions": {} });
    assert_eq!(only(&solid(&empty)), only(&solid(&json!({}))));
    let file = json!({ "type": "base64", "name": "a.png", "base64": PNG, "fetch_options": {} });
    let image = only(&with(
        json!({ "type": "image", "index": 0, "file": file }),
        &zero,
    ));
    assert_eq!((image.position, image.size), (None, LayerSize::default()));
}

#[test]
fn text_has_the_defaults_of_the_reference_and_words_in_any_case() {
    let layer = only(&words(&json!({})));
    assert_eq!(layer.size, sides(600.0, 100.0));
    let Content::Text(text) = layer.content else {
        panic!("no text");
    };
    assert!(text.wrap && !text.auto_scale && !text.font.italic);
    assert_eq!(
        (text.font.weight, text.align),
        (Weight::Regular, Align::Left)
    );
    let layer = only(&words(&json!({
        "font_weight": "Bold", "font_style": "Italic", "text_align": "CENTER",
        "vertical_align": "bottom", "is_splitting_lines": false, "should_auto_scale": true,
    })));
    let Content::Text(text) = layer.content else {
        panic!("no text");
    };
    assert!(!text.wrap && text.auto_scale && text.font.italic);
    assert_eq!(
        (text.font.weight, text.align),
        (Weight::Bold, Align::Center)
    );
    assert_eq!(text.vertical_align, Alignment::End);
}

#[test]
fn a_layout_holds_layers_that_hold_layers() {
    let layer = only(&json!({
        "type": "layout", "index": 0, "direction": "vertical", "gap": 12, "padding_left": 3,
        "horizontal_alignment": "center", "vertical_alignment": "end", "border_radius": 4,
        "background_color": "#ffffff",
        "background_layers": [solid(&json!({ "index": 5 })), solid(&json!({ "index": 1, "opacity": 50 }))],
        "layers": [
            words(&json!({ "index": null, "dimensions": { "width": "auto", "height_in_px": 40 } })),
            { "type": "layout", "layers": [qr(&json!({}))] },
        ],
    }));
    let Content::Layout(layout) = layer.content else {
        panic!("no layout");
    };
    assert_eq!(
        (layout.direction, layout.gap),
        (Direction::Vertical, px(12.0))
    );
    assert_eq!(
        (layout.horizontal, layout.vertical),
        (Alignment::Center, Alignment::End)
    );
    assert_eq!(
        (layout.padding.left, layout.padding.top),
        (px(3.0), Extent::ZERO)
    );
    assert_eq!(layout.corners, Corners::all(px(4.0)));
    let Background::Layers(behind) = &layout.background else {
        panic!("layers win over a colour");
    };
    assert_eq!(behind[0].label, "layers[0].background_layers[1]");
    assert_eq!(
        layout.children[0].size,
        LayerSize {
            width: None,
            height: Some(px(40.0))
        }
    );
    assert_eq!(layout.children[1].label, "layers[0].layers[1]");
}

#[test]
fn files_are_bytes_or_addresses_and_fonts_have_both_spellings() {
    let file = |file: &Value| {
        let layer = only(&json!({ "type": "image", "index": 0, "file": file }));
        let Content::Image(image) = layer.content else {
            panic!("no image");
        };
        image.file
    };
    let bytes = FileSource::Inline(common::task::layers::Blob(b"\x89PNG\r\n\x1a\n"[..].into()));
    assert_eq!(
        file(&json!({ "type": "base64", "name": "a", "base64": PNG })),
        bytes
    );
    let address = FileSource::Url("https://example.com/a.png".parse().unwrap());
    assert_eq!(
        file(&json!({ "url": "https://example.com/a.png" })),
        address
    );
    let mut body = request(&json!([solid(&json!({}))]));
    body["fonts"] = json!([
        { "name": "Own", "weight": "Bold", "style": "Italic", "buffer": PNG },
        { "name": "Own", "file": { "type": "base64", "name": "a.ttf", "base64": PNG } },
    ]);
    let fonts = read(&body).unwrap().canvas.fonts;
    assert_eq!((fonts[0].weight, fonts[0].italic), (Weight::Bold, true));
    assert_eq!((fonts[1].weight, fonts[1].italic), (Weight::Regular, false));
    assert_eq!((&fonts[0].file, &fonts[1].file), (&bytes, &bytes));
}

#[test]
fn the_whole_request_has_its_own_fields() {
    let mut body = request(&json!([solid(&json!({ "opacity": 40 }))]));
    for (sent, expected) in [
        (json!("jpeg"), "image/jpeg"),
        (json!("JPG"), "image/jpeg"),
        (json!("avif"), "image/avif"),
        (json!(""), "image/png"),
        (json!(null), "image/png"),
    ] {
        body["output_format"] = sent;
        assert_eq!(read(&body).unwrap().canvas.format.content_type(), expected);
    }
    assert_eq!(read(&body).unwrap().webhook, None);
    body["webhook_url"] = json!("https://example.com/hook?token=secret");
    let request = read(&body).unwrap();
    assert_eq!(
        request.webhook.as_deref(),
        Some("https://example.com/hook?token=secret")
    );
    let expected = json!({
        "dimensions": { "width_in_px": 1200, "height_in_px": 630 }, "output_format": "png",
        "layers": ["solid-color"], "fonts": 0, "webhook_url": "...",
    });
    assert_eq!(request.params, expected);
    let Content::Solid(solid) = &request.canvas.layers[0].content else {
        panic!("no colour");
    };
    assert_eq!(solid.color, Color::new(0x1a, 0x1a, 0x2e));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~]{0,8}".prop_map(Value::from),
        Just(json!("auto")),
        Just(json!("#00ff00")),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "width_in_px": 5, "height_in_px": -1 })),
        Just(json!([{ "type": "text" }])),
    ];
    leaf.boxed()
}

proptest! {
    #[test]
    fn no_layer_breaks_the_reader(
        of in prop::sample::select(vec!["solid-color", "gradient", "text", "image", "qr-code", "barcode", "layout"]),
        parts in prop::collection::vec((prop::sample::select(vec![
            "index", "hex_color", "position", "dimensions", "opacity", "rotation_in_degrees", "text",
            "font_name", "font_size_in_px", "text_color", "value", "format", "file", "layers", "colors",
            "gradient_type", "padding", "gap", "background_layers", "angled_edges", "border_radius",
        ]), any_value()), 0..8),
    ) {
        let mut layer = json!({ "type": of });
        for (name, value) in parts {
            layer[name] = value;
        }
        if let Err(invalid) = read(&request(&json!([layer]))) {
            prop_assert!(invalid.message.contains(&invalid.field) && !invalid.message.is_empty());
        }
    }
}
