//! A painting ends in time, and takes once what it needs often.

use super::*;
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
