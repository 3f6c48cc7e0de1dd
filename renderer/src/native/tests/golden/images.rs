//! Images, and the formats that change what is seen.

use super::*;

/// A landscape: sky, a sun on the left, hills.
fn landscape(width: u32, height: u32) -> Vec<u8> {
    let (w, h) = (f64::from(width), f64::from(height));
    let picture = RgbaImage::from_fn(width, height, |x, y| {
        let (across, down) = (f64::from(x) / w, f64::from(y) / h);
        let (left, top) = (f64::from(x) - 0.25 * w, f64::from(y) - 0.3 * h);
        let hill = 0.65 + 0.12 * (across * 9.0).sin();
        let near = 0.8 + 0.08 * (across * 5.0 + 2.0).cos();
        let color = if down > near {
            [20.0, 83.0, 45.0]
        } else if down > hill {
            [77.0, 124.0 + 60.0 * down, 15.0]
        } else if left.hypot(top) < 0.12 * h {
            [254.0, 240.0, 138.0]
        } else {
            [96.0 + 110.0 * down, 165.0 + 50.0 * down, 250.0]
        };
        let [red, green, blue] = color.map(|it: f64| it as u8);
        Rgba([red, green, blue, 255])
    });
    png(&picture)
}

/// A ring that fades to its outside.
fn ring() -> Vec<u8> {
    png(&RgbaImage::from_fn(80, 80, |x, y| {
        let distance = (f64::from(x) - 39.5).hypot(f64::from(y) - 39.5);
        let alpha = (255.0 - (distance - 25.0).abs() * 20.0).clamp(0.0, 255.0);
        Rgba([220, 38, 38, alpha as u8])
    }))
}

const SVG: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80">
<defs><linearGradient id="g"><stop stop-color="#22d3ee"/><stop offset="1" stop-color="#6d28d9"/></linearGradient></defs>
<circle cx="40" cy="40" r="32" fill="url(#g)"/><path d="M70 70 L95 12 L115 70 Z" fill="none" stroke="#b45309" stroke-width="5"/>
<text x="22" y="46" font-family="Inter" font-size="16" fill="white">SVG</text></svg>"##;

fn shown(bytes: Vec<u8>, change: impl FnOnce(&mut Image)) -> Content {
    let mut image = picture(bytes);
    change(&mut image);
    Content::Image(image)
}

fn photo() -> Content {
    shown(landscape(360, 240), |_| {})
}

fn in_format(name: &str, clear: bool) -> Canvas {
    let ring = boxed(shown(ring(), |_| {}), 150.0, 10.0, 80.0, 80.0);
    let layers = vec![boxed(photo(), 10.0, 10.0, 130.0, 140.0), ring];
    let plain = if clear {
        canvas(240, 160, layers)
    } else {
        page(layers)
    };
    Canvas {
        format: PictureFormat::parse(name).unwrap(),
        ..plain
    }
}

pub(super) fn cases() -> Cases {
    let tall = |smart| {
        let content = shown(landscape(480, 120), |it| it.smart_crop = smart);
        sheet((120, 120), vec![Layer::new(content)])
    };
    let middle = |content| boxed(content, 50.0, 20.0, 140.0, 120.0);
    let round = shown(landscape(360, 240), |it| {
        it.corners = Corners::all(px(70.0));
    });
    let radii = Corners {
        top_left: px(50.0),
        bottom_right: px(25.0),
        ..Corners::default()
    };
    let radii = shown(landscape(360, 240), |it| it.corners = radii);
    let small = shown(landscape(24, 16), |_| {});
    vec![
        ("image-canvas", page(vec![Layer::new(photo())])),
        (
            "image-cover-wide",
            page(vec![boxed(photo(), 10.0, 50.0, 220.0, 60.0)]),
        ),
        (
            "image-cover-tall",
            page(vec![boxed(photo(), 90.0, 10.0, 60.0, 140.0)]),
        ),
        ("image-plain-crop", tall(false)),
        ("image-smart-crop", tall(true)),
        ("image-radius", page(vec![middle(round)])),
        ("image-radii", page(vec![middle(radii)])),
        ("image-turned", page(vec![turned(middle(photo()), 12.0)])),
        ("image-opacity", page(vec![faded(middle(photo()), 35.0)])),
        (
            "image-own-size",
            page(vec![at(
                Layer::new(shown(landscape(90, 60), |_| {})),
                20.0,
                30.0,
            )]),
        ),
        ("image-enlarged", page(vec![Layer::new(small)])),
        (
            "image-fading",
            page(vec![
                boxed(photo(), 0.0, 0.0, 240.0, 80.0),
                boxed(shown(ring(), |_| {}), 60.0, 20.0, 120.0, 120.0),
            ]),
        ),
        (
            "image-fading-on-nothing",
            canvas(
                100,
                100,
                vec![boxed(shown(ring(), |_| {}), 10.0, 10.0, 80.0, 80.0)],
            ),
        ),
        (
            "image-svg",
            page(vec![boxed(
                shown(SVG.into(), |_| {}),
                0.0,
                0.0,
                240.0,
                160.0,
            )]),
        ),
        ("format-jpeg", in_format("jpeg", true)),
        ("format-webp", in_format("webp", true)),
        ("format-tiff", in_format("tiff", true)),
        ("format-gif", in_format("gif", true)),
        ("format-gif-opaque", in_format("gif", false)),
    ]
}
