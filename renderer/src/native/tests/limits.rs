//! A painting ends in time, and takes once what it needs often.

use std::sync::Arc;

use super::*;
use crate::native::arrange::Shown;
use crate::native::cover::{CoverError, cover};
use crate::native::picture::Picture;
use crate::native::{arrange, scene};

/// No time is left.
fn over() -> Limits {
    Limits {
        until: Some(Instant::now()),
        ..Limits::default()
    }
}

#[test]
fn past_its_end_nothing_is_arranged_and_nothing_is_painted() {
    let canvas = canvas(9, 9, vec![Layer::new(solid("#ffffff"))]);
    let (files, models) = (Files::default(), Models::default());
    let fonts: &Fonts = &FONTS;
    let late = paint(&canvas, &files, fonts, &models, &over());
    assert!(matches!(late, Err(PaintError::Late)));
    let mut desk = fonts.desk(&canvas.fonts, &files);
    let late = arrange::arrange(&canvas, &files, (fonts, &mut desk), &over());
    assert!(matches!(late, Err(PaintError::Late)));
    let in_time = Limits::default();
    let nodes = arrange::arrange(&canvas, &files, (fonts, &mut desk), &in_time).unwrap();
    let late = scene::paint(canvas.size, &nodes, &mut desk, &models, &over());
    assert!(matches!(late, Err(PaintError::Late)));
    assert!(scene::paint(canvas.size, &nodes, &mut desk, &models, &in_time).is_ok());
}

#[test]
fn past_its_end_no_picture_is_decoded() {
    let bytes = png(&RgbaImage::new(4, 4));
    let image = picture(bytes.clone());
    let opened = Picture::open(bytes.into(), 100, &FONTS).unwrap();
    let covered = |limits: &Limits| cover(&opened, (2, 2), &image, &Models::default(), limits);
    assert!(matches!(covered(&over()), Err(CoverError::Late)));
    assert!(covered(&Limits::default()).is_ok());
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

#[test]
fn a_file_that_many_layers_show_is_opened_once() {
    let source = FileSource::Url("https://example.com/a.png".parse().unwrap());
    let mut files = Files::default();
    files.insert(source.clone(), png(&RgbaImage::new(4, 4)).into());
    let shown = Image {
        file: source,
        ..picture(Vec::new())
    };
    let images = [
        shown.clone(),
        shown,
        picture(png(&RgbaImage::new(2, 2))),
        picture(png(&RgbaImage::new(2, 2))),
    ];
    let layers = images.map(|image| Layer::new(Content::Image(image)));
    let canvas = canvas(9, 9, layers.to_vec());
    let fonts: &Fonts = &FONTS;
    let mut desk = fonts.desk(&canvas.fonts, &files);
    let tools = (fonts, &mut desk);
    let nodes = arrange::arrange(&canvas, &files, tools, &Limits::default()).unwrap();
    let pictures = nodes.iter().map(|node| {
        let Shown::Image(picture, _) = &node.shown else {
            panic!("all layers are images");
        };
        picture
    });
    let pictures: Vec<&Arc<Picture>> = pictures.collect();
    let [one, same, inline, alike] = pictures.as_slice() else {
        panic!("{} layers", pictures.len());
    };
    assert!(Arc::ptr_eq(one, same) && Arc::ptr_eq(inline, alike));
    assert!(!Arc::ptr_eq(one, inline));
}
