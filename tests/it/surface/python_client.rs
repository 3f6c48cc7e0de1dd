//! The official Python client of the second dialect, by one run of `python_client.py`.

use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgba, RgbaImage};
use platen_tests::*;
use serde_json::{Value, json};

const GREEN: [u8; 3] = [0, 255, 0];
const SUBJECT: [u8; 3] = [255, 240, 220];
const INK: [u8; 3] = [0x10, 0x20, 0x30];

/// The size of a layer's canvas.
const SIZE: (u32, u32) = (240, 160);

/// Much darker than the font that takes the place of unknown ones, and by Debian's package for it.
const FONT: &str = "/usr/share/fonts/opentype/inter/Inter-Black.otf";

/// What the client prints of its calls.
async fn calls(told: &Value) -> Value {
    let python = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python"));
    assert!(python.exists(), "`make test` makes {}", python.display());
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("told.json");
    std::fs::write(&input, told.to_string()).expect("it is written");
    let mut command = tokio::process::Command::new(python);
    command
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/it/surface/python_client.py"
        ))
        .arg(&input)
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ran = within("the client's end", command.output()).await;
    let ran = ran.expect("it starts");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    serde_json::from_slice(&ran.stdout).expect("it prints JSON")
}

/// A PNG in base64.
fn png(picture: &RgbaImage) -> String {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let written = picture.write_to(&mut bytes, ImageFormat::Png);
    written.expect("a PNG is made");
    STANDARD.encode(bytes.into_inner())
}

fn opaque([red, green, blue]: [u8; 3]) -> Rgba<u8> {
    Rgba([red, green, blue, 255])
}

fn green() -> String {
    png(&RgbaImage::from_pixel(30, 30, opaque(GREEN)))
}

/// A bright square on the left of a dark ground, which the tests' model removes.
fn cutout() -> String {
    png(&RgbaImage::from_fn(160, 80, |x, y| {
        let is_subject = (20..60).contains(&x) && (20..60).contains(&y);
        opaque(if is_subject { SUBJECT } else { [30, 40, 30] })
    }))
}

fn picture(told: &Value, mime: &str, size: (u32, u32)) -> Picture {
    assert_eq!(told["mime_type"], mime);
    let bytes = STANDARD.decode(api::text(told, "buffer"));
    let picture = Picture::decode(&bytes.expect("standard base64"));
    assert_eq!(picture.size(), size);
    picture
}

/// Every layer type, each on white of its own.
fn assert_layers(of: impl Fn(&str) -> Picture) {
    let near = |name: &str, places: &[(u32, u32)], colour| {
        let picture = of(name);
        for &(x, y) in places {
            let found = picture.at(x, y);
            assert!(picture::is_near(found, colour), "{name} {x} {y}: {found:?}");
        }
    };
    let white = [255; 3];
    near("solid", &[(100, 80), (25, 80)], [0xcc, 0x33, 0x66]);
    near("solid", &[(10, 80), (22, 12), (218, 148)], white);
    near("gradient", &[(5, 0), (235, 0)], [255, 0, 0]);
    near("gradient", &[(5, 159), (235, 159)], [0, 0, 255]);
    let text = of("text");
    assert!(text.has(INK), "there are letters");
    near("text", &[(1, 1), (120, 150), (238, 80)], white);
    near("image", &[(41, 41), (198, 118)], GREEN);
    near("image", &[(38, 80), (202, 80)], white);
    near("image by address", &[(0, 0), (239, 159)], GREEN);
    near("cutout", &[(80, 80), (74, 86)], SUBJECT);
    near(
        "cutout",
        &[(44, 44), (80, 46), (140, 80), (195, 115)],
        white,
    );
    assert_eq!(
        of("qr").code().as_deref(),
        Some("https://example.com/tickets/42")
    );
    assert_eq!(of("barcode").code().as_deref(), Some("4006381333931"));
    near("layout", &[(25, 25), (25, 100)], [0x33, 0x66, 0x99]);
    near("layout", &[(31, 31), (128, 58)], [0xff, 0xcc, 0]);
    near("layout", &[(15, 60), (150, 60)], white);
}

fn assert_pictures(pictures: &Value) {
    let of = |name: &str| picture(&pictures[name], "image/png", SIZE);
    assert_layers(of);
    picture(&pictures["jpeg"], "image/jpeg", SIZE);
    let font = of("font");
    let own = font.part((0, 0), (240, 80)).count(INK);
    let other = font.part((0, 80), (240, 80)).count(INK);
    assert!(other > 0 && own > other * 3 / 2, "{own} {other}");
}

/// The picture of the webhook: all layers in rows of three.
fn assert_tiles(payload: &Value, tiles: &Value) {
    assert_eq!(payload["success"], true, "{payload}");
    assert_eq!(payload["api"], "image_generation");
    let (width, height) = SIZE;
    let whole = picture(&payload["data"], "image/png", (3 * width, 3 * height));
    let tiles = api::array(tiles.clone());
    assert_layers(|name| {
        let place = (0..).zip(&tiles).find(|(_, tile)| **tile == *name);
        let (place, _): (u32, _) = place.expect("a tile for each layer");
        whole.part((place % 3 * width, place / 3 * height), SIZE)
    });
}

fn assert_errors(errors: &Value) {
    for (name, status, words) in [
        ("nobody", 401, "Invalid API key"),
        ("poor", 402, "Insufficient credits"),
        ("capped", 402, "Budget cap exceeded"),
        ("limited", 429, "Rate limit exceeded"),
        ("empty", 400, "layers must be a non-empty list"),
        (
            "color",
            400,
            "layers[1].hex_color must be a hex color of six digits such as #FF5500",
        ),
        (
            "code",
            422,
            "layers[1].value must end in the check digit 1, not 0",
        ),
        (
            "long code",
            422,
            "layers[1].value must be at most 7089 digits",
        ),
        (
            "empty code",
            400,
            "layers[1].value must be a non-empty string",
        ),
        (
            "missing file",
            400,
            "layers[1].file.url could not be fetched",
        ),
        ("no picture", 422, "layers[1].file must be a PNG"),
        ("nobody, async", 401, "Invalid API key"),
        ("empty, async", 400, "layers must be a non-empty list"),
        (
            "code, async",
            422,
            "layers[1].value must end in the check digit 1, not 0",
        ),
        ("webhook", 400, "webhook_url"),
    ] {
        let raised = &errors[name];
        assert_eq!(raised["status"], status, "{name}: {raised}");
        let message = api::text(raised, "message");
        assert!(message.starts_with(words), "{name}: {message}");
        assert_eq!(
            raised["text"],
            format!("Iteration Layer API error ({status}): {message}")
        );
    }
}

#[tokio::test]
async fn the_official_python_client_gets_every_layer_type_its_webhook_and_its_errors() {
    let (api, receiver, site) = (tenant().await, Receiver::start().await, Site::start().await);
    site.reply("/green.svg", Reply::picture());
    let (poor, limited) = (tenant().await, tenant().await);
    let all = format!("-{}", Tenant::CREDIT);
    let cli = api.cli();
    cli.run(&["account", "credit", poor.account(), &all]).await;
    cli.run(&["account", "set", limited.account(), "--rate", "1"])
        .await;
    let create = [
        "project",
        "create",
        api.account(),
        "capped",
        "--budget",
        "0.5",
    ];
    let project = api::text(&cli.run(&create).await, "project_id");
    let create = ["key", "create", api.account(), "--project", &project];
    let told = json!({
        "base_url": api.base(),
        "key": api.key(),
        "poor_key": poor.key(),
        "limited_key": limited.key(),
        "capped_key": api::text(&cli.run(&create).await, "api_key"),
        "png": green(),
        "cutout": cutout(),
        "font": STANDARD.encode(std::fs::read(FONT).expect("fonts-inter is installed")),
        "file_url": site.url("/green.svg"),
        "missing_url": site.url("/missing.png"),
        "webhook_url": receiver.url(),
    });
    let came = calls(&told).await;
    assert_pictures(&came["pictures"]);
    assert_errors(&came["errors"]);
    assert_eq!(
        came["accepted"],
        json!({
            "async": true,
            "message": "Request accepted. Results will be delivered to the provided webhook URL.",
        })
    );
    assert_tiles(&receiver.payloads(1).await[0], &came["tiles"]);
    // Eleven pictures and the one by webhook; what failed cost nothing.
    assert_eq!(api.credit().await, Tenant::CREDIT - 12.0);
}
