//! What is on the card: a gradient, two texts, a photo with a radius, and a QR code.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::task::layers::{
    Blob, Canvas, CanvasSize, Color, Content, Corners, FileSource, Gradient, GradientShape,
    GradientStop, Image, Layer, LayerSize, PictureFormat, Position, QrCode, Text, Weight,
};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

/// Pixels of the card.
const SIZE: (u32, u32) = (1200, 630);

/// Pixels of the photo's file; a camera's picture scaled for the web.
const PHOTO: (u32, u32) = (1024, 768);

const TITLE: &str = "Ship the release notes with a picture of their own";
const LINE: &str = "Platen paints cards from layers, without a browser";
const LINK: &str = "https://example.com/releases/42?from=card";

/// Left, top, width, height.
type Place = (f64, f64, f64, f64);

const TITLE_PLACE: Place = (64.0, 72.0, 620.0, 260.0);
const LINE_PLACE: Place = (64.0, 360.0, 620.0, 90.0);
const PHOTO_PLACE: Place = (744.0, 72.0, 392.0, 294.0);
const CODE_PLACE: Place = (976.0, 398.0, 160.0, 160.0);

/// The card's words and pictures.
pub struct Sketch {
    photo: Vec<u8>,
}

impl Sketch {
    /// Makes the photo: soft shapes and grain, as in a photograph.
    pub fn new() -> anyhow::Result<Self> {
        let (width, height) = PHOTO;
        let mut grain = 1_u32;
        let picture = RgbImage::from_fn(width, height, |x, y| {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (across, down) = (
                f64::from(x) / f64::from(width),
                f64::from(y) / f64::from(height),
            );
            let wave = ((across * 14.0).sin() + (down * 11.0 + across * 4.0).cos()) * 30.0;
            let noise = f64::from(grain >> 28);
            let channel = |base: f64| (base + wave + noise).clamp(0.0, 255.0) as u8;
            Rgb([
                channel(70.0 + 120.0 * down),
                channel(90.0 + 60.0 * across),
                channel(170.0 - 90.0 * down),
            ])
        });
        let mut file = Cursor::new(Vec::new());
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, 85))?;
        Ok(Self {
            photo: file.into_inner(),
        })
    }

    /// As the painter takes it.
    pub fn canvas(&self) -> anyhow::Result<Canvas> {
        let stop = |color, at: f64| {
            Ok::<_, anyhow::Error>(GradientStop {
                color,
                at: at.try_into()?,
            })
        };
        let gradient = Gradient {
            shape: GradientShape::Linear {
                angle: 45.0.try_into()?,
            },
            stops: vec![
                stop(Color::new(0x0f, 0x17, 0x2a), 0.0)?,
                stop(Color::new(0x1e, 0x40, 0xaf), 100.0)?,
            ],
            corners: Corners::default(),
        };
        let mut title = Text::plain(TITLE, 60.0)?;
        title.color = Color::WHITE;
        title.font.weight = Weight::Bold;
        let mut line = Text::plain(LINE, 30.0)?;
        line.color = Color::new(0xcb, 0xd5, 0xe1);
        let photo = Image {
            file: FileSource::Inline(Blob(self.photo.clone().into())),
            smart_crop: false,
            remove_background: false,
            corners: Corners::all(24.0.try_into()?),
        };
        let code = QrCode::new(LINK.to_owned(), Color::BLACK, Color::WHITE)?;
        let (width, height) = SIZE;
        let whole = (0.0, 0.0, f64::from(width), f64::from(height));
        Ok(Canvas {
            size: CanvasSize::new(width, height)?,
            format: PictureFormat::Png,
            layers: vec![
                placed(Content::Gradient(gradient), whole)?,
                placed(Content::Text(title), TITLE_PLACE)?,
                placed(Content::Text(line), LINE_PLACE)?,
                placed(Content::Image(photo), PHOTO_PLACE)?,
                placed(Content::Qr(code), CODE_PLACE)?,
            ],
            fonts: Vec::new(),
        })
    }

    /// As a customer asks for it.
    pub fn request(&self) -> Value {
        let layer = |index: u32, kind: &str, (x, y, width, height): Place, more: Value| {
            let mut layer = json!({
                "index": index,
                "type": kind,
                "position": { "x_in_px": x, "y_in_px": y },
                "dimensions": { "width_in_px": width, "height_in_px": height },
            });
            let more = more.as_object().into_iter().flatten();
            for (name, value) in more {
                layer[name] = value.clone();
            }
            layer
        };
        let (width, height) = SIZE;
        let whole = (0.0, 0.0, f64::from(width), f64::from(height));
        let colors = json!([
            { "hex_color": "#0f172a", "position": 0 },
            { "hex_color": "#1e40af", "position": 100 },
        ]);
        let photo = json!({ "type": "base64", "name": "photo.jpg", "base64": STANDARD.encode(&self.photo) });
        json!({
            "dimensions": { "width_in_px": width, "height_in_px": height },
            "layers": [
                layer(0, "gradient", whole, json!({ "gradient_type": "linear", "angle_in_degrees": 45, "colors": colors })),
                layer(1, "text", TITLE_PLACE, json!({ "text": TITLE, "font_name": "Inter", "font_weight": "bold", "font_size_in_px": 60, "text_color": "#ffffff" })),
                layer(2, "text", LINE_PLACE, json!({ "text": LINE, "font_name": "Inter", "font_size_in_px": 30, "text_color": "#cbd5e1" })),
                layer(3, "image", PHOTO_PLACE, json!({ "file": photo, "border_radius": 24 })),
                layer(4, "qr-code", CODE_PLACE, json!({ "value": LINK, "foreground_hex_color": "#000000", "background_hex_color": "#ffffff" })),
            ],
        })
    }

    /// As the other side takes it: words, a photo and places.
    pub fn told(&self) -> Value {
        json!({
            "size": SIZE,
            "title": TITLE,
            "line": LINE,
            "link": LINK,
            "photo": format!("data:image/jpeg;base64,{}", STANDARD.encode(&self.photo)),
            "places": { "title": TITLE_PLACE, "line": LINE_PLACE, "photo": PHOTO_PLACE, "code": CODE_PLACE },
        })
    }
}

fn placed(content: Content, (x, y, width, height): Place) -> anyhow::Result<Layer> {
    Ok(Layer {
        position: Some(Position {
            x: x.try_into()?,
            y: y.try_into()?,
        }),
        size: LayerSize {
            width: Some(width.try_into()?),
            height: Some(height.try_into()?),
        },
        ..Layer::new(content)
    })
}
