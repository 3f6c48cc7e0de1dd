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
    let mut desk = fonts
        .desk(&canvas.fonts, &files, &Limits::default())
        .unwrap();
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
    let opened = Picture::open(bytes.into(), &Limits::default(), &FONTS).unwrap();
    let covered = |limits: &Limits| cover(&opened, (2, 2), &image, &Models::default(), limits);
    assert!(matches!(covered(&over()), Err(CoverError::Late)));
    assert!(covered(&Limits::default()).is_ok());
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
    let mut desk = fonts
        .desk(&canvas.fonts, &files, &Limits::default())
        .unwrap();
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

#[test]
fn what_layers_cover_together_is_bounded() {
    let see_through = |opacity: f64| Layer {
        opacity: opacity.try_into().unwrap(),
        ..boxed(solid("#ffffff"), 0.0, 0.0, 50.0, 50.0)
    };
    let covered = |layers: Vec<Layer>| {
        let limits = Limits {
            painted_pixels: 300,
            ..Limits::default()
        };
        let canvas = canvas(10, 10, layers);
        file_within(&canvas, &limits).map(drop)
    };
    covered(vec![see_through(100.0); 3]).unwrap();
    covered(vec![see_through(50.0), see_through(100.0)]).unwrap();
    // Letters may all lie in one place, so each counts as a square of its size.
    let letters = boxed(words("xxxx", 10.0, |_| {}), 0.0, 0.0, 10.0, 10.0);
    for layers in [
        vec![see_through(100.0); 4],
        vec![see_through(50.0); 2],
        vec![letters],
    ] {
        let error = covered(layers).unwrap_err();
        let words =
            "layer is one too many: all layers of a picture cover at most 300 pixels together";
        assert!(error.is_callers() && error.to_string() == words, "{error}");
    }
}

#[test]
fn a_font_is_unpacked_once_by_however_many_names_it_goes_and_all_are_bounded() {
    let font = |place: usize, bytes: &[u8]| FontFile {
        name: format!("Font {place}"),
        weight: Weight::Regular,
        italic: false,
        file: FileSource::Inline(Blob(bytes.to_vec().into())),
    };
    let mut inter = std::fs::read("/usr/share/fonts/opentype/inter/Inter-Regular.otf").unwrap();
    inter.resize(30 * 1024 * 1024, 0);
    let fonts: &Fonts = &FONTS;
    let desk = |own: &[FontFile]| {
        fonts
            .desk(own, &Files::default(), &Limits::default())
            .map(drop)
    };
    desk(&(0..50).map(|place| font(place, &inter)).collect::<Vec<_>>()).unwrap();
    let different = |place: usize| {
        let last = inter.len() - 1;
        let mut bytes = inter.clone();
        bytes[last] = u8::try_from(place).unwrap();
        font(place, &bytes)
    };
    let error = desk(&(0..5).map(different).collect::<Vec<_>>()).unwrap_err();
    let words = "fonts[4].file must be smaller: all fonts of a picture have at most 134217728 bytes unpacked";
    assert!(error.is_callers() && error.to_string() == words, "{error}");
}
