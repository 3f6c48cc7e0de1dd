//! Image generation, and whose key it is.

use serde_json::{Value, json};

use super::answer::{AcceptedEnvelope, FileEnvelope, MeEnvelope};
use super::picture::ImageGeneration;
use crate::openapi::operation::{Example, Operation};
use crate::openapi::parameter::Parameter;
use crate::openapi::trouble::{Speaker, Trouble};

const RATE: &[&str] = &[
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

const TROUBLES: &[Trouble] = &[
    Trouble::Wrong("layers[3].hex_color"),
    Trouble::Key,
    Trouble::Credit,
    Trouble::Budget,
    Trouble::Swept,
    Trouble::TooLong,
    Trouble::Unusable,
    Trouble::KeyReused,
    Trouble::Rate,
    Trouble::InFlight,
    Trouble::Internal,
    Trouble::Away,
    Trouble::GaveUp,
];

/// Their operations.
pub(super) fn operations() -> Vec<Operation> {
    let me = Operation::new("get", "/v1/me", "readMe", "Whose key it is")
        .tag("Key")
        .gives::<MeEnvelope>(200, "The account.")
        .with_headers(200, RATE)
        .fails(
            Speaker::IterationLayer,
            &[Trouble::Key, Trouble::Internal, Trouble::Away],
        );
    vec![
        generation("generate", "generateImage"),
        generation("render", "renderImage"),
        me,
    ]
}

fn generation(word: &str, id: &str) -> Operation {
    Operation::new(
        "post",
        format!("/image-generation/v1/{word}"),
        id,
        "A picture from layers",
    )
    .tag("Image generation")
    .text("Paints layers from the back to the front. With `webhook_url` the answer is 201 at once and the result is posted there; \
           otherwise the caller waits for it. `generate` and `render` are the same. A picture that was made and can't be read is a 503 \
           that says so; it is charged, and a repeat with the same `Idempotency-Key` gives it.")
    .parameter(Parameter::idempotency_key())
    .takes::<ImageGeneration>(true, examples())
    .gives::<FileEnvelope>(200, "The picture.")
    .with_headers(200, &["Idempotent-Replayed"])
    .with_headers(200, RATE)
    .gives::<AcceptedEnvelope>(201, "The request was accepted; the picture goes to the webhook.")
    .with_headers(201, &["Idempotent-Replayed"])
    .with_headers(201, RATE)
    .fails(Speaker::IterationLayer, TROUBLES)
}

fn examples() -> Vec<Example> {
    vec![
        Example {
            name: "card",
            summary: "A card with a text and a QR code",
            body: card(),
        },
        Example {
            name: "webhook",
            summary: "One colour; the result is posted to a webhook",
            body: json!({
                "dimensions": { "width_in_px": 64, "height_in_px": 64 },
                "output_format": "webp",
                "layers": [{ "type": "solid-color", "index": 0, "hex_color": "#e94560" }],
                "webhook_url": "https://example.com/hooks/platen",
            }),
        },
    ]
}

fn card() -> Value {
    json!({
        "dimensions": { "width_in_px": 600, "height_in_px": 315 },
        "output_format": "png",
        "layers": [
            {
                "type": "gradient", "index": 0, "gradient_type": "linear", "angle_in_degrees": 45,
                "colors": [
                    { "hex_color": "#1a1a2e", "position": 0 },
                    { "hex_color": "#4a2c6d", "position": 100 },
                ],
                "position": { "x_in_px": 0, "y_in_px": 0 },
                "dimensions": { "width_in_px": 600, "height_in_px": 315 },
            },
            {
                "type": "text", "index": 1, "text": "Hello **World**",
                "font_name": "Inter", "font_size_in_px": 48, "text_color": "#ffffff",
                "position": { "x_in_px": 40, "y_in_px": 40 },
                "dimensions": { "width_in_px": 340, "height_in_px": 120 },
            },
            {
                "type": "qr-code", "index": 2, "value": "https://example.com/tickets/42",
                "foreground_hex_color": "#000000", "background_hex_color": "#ffffff",
                "position": { "x_in_px": 400, "y_in_px": 100 },
                "dimensions": { "width_in_px": 160, "height_in_px": 160 },
            },
        ],
    })
}
