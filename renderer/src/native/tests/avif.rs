//! AVIF pictures, made by an encoder in every way that planes can lie.

use rav1e::prelude::*;
use ravif::{BitDepth, ColorModel, Img, RGBA8};

use super::*;

/// What a flat picture is made of.
struct Flat {
    sampling: ChromaSampling,
    range: PixelRange,
    matrix: MatrixCoefficients,
    /// Luma, and the shares of blue and red.
    color: [u8; 3],
}

/// An AVIF of odd sides that has one colour.
fn flat(flat: &Flat) -> Vec<u8> {
    let (width, height) = (61, 35);
    let mut config = EncoderConfig::with_speed_preset(10);
    (config.width, config.height) = (width, height);
    config.bit_depth = 8;
    config.still_picture = true;
    config.quantizer = 20;
    config.chroma_sampling = flat.sampling;
    config.pixel_range = flat.range;
    config.color_description = Some(ColorDescription {
        color_primaries: ColorPrimaries::BT709,
        transfer_characteristics: TransferCharacteristics::SRGB,
        matrix_coefficients: flat.matrix,
    });
    let config = Config::new().with_encoder_config(config).with_threads(1);
    let mut context: Context<u8> = config.new_context().unwrap();
    let mut frame = context.new_frame();
    for (plane, value) in frame.planes.iter_mut().zip(flat.color) {
        let (columns, rows) = (plane.cfg.width, plane.cfg.height);
        // Of gray there are no others.
        if columns == 0 {
            continue;
        }
        plane.copy_from_raw_u8(&vec![value; columns * rows], columns, 1);
    }
    context.send_frame(frame).unwrap();
    context.flush();
    let packet = loop {
        match context.receive_packet() {
            Ok(packet) => break packet,
            Err(EncoderStatus::Encoded) => {}
            Err(error) => panic!("{error}"),
        }
    };
    let (width, height) = (width.try_into().unwrap(), height.try_into().unwrap());
    avif_serialize::serialize_to_vec(&packet.data, None, width, height, 8)
}

fn shown(avif: Vec<u8>) -> RgbaImage {
    painted(&canvas(
        40,
        20,
        vec![Layer::new(Content::Image(picture(avif)))],
    ))
}

fn near(found: [u8; 4], expected: [u8; 4]) -> bool {
    found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 12)
}

#[test]
fn all_samplings_ranges_and_matrices_show_their_colour() {
    use {ChromaSampling as Cs, MatrixCoefficients as Mc, PixelRange::*};
    let (red, gray) = ([255, 0, 0, 255], [128, 128, 128, 255]);
    for (sampling, range, matrix, color, expected) in [
        (Cs::Cs420, Full, Mc::BT601, [76, 85, 255], red),
        (Cs::Cs420, Limited, Mc::BT709, [63, 102, 240], red),
        (Cs::Cs422, Full, Mc::BT709, [54, 99, 255], red),
        (Cs::Cs444, Full, Mc::BT601, [76, 85, 255], red),
        (Cs::Cs444, Full, Mc::Identity, [0, 0, 255], red),
        (Cs::Cs444, Limited, Mc::BT2020NCL, [74, 97, 240], red),
        (Cs::Cs400, Full, Mc::BT601, [128, 0, 0], gray),
        (Cs::Cs400, Limited, Mc::BT709, [126, 0, 0], gray),
    ] {
        let image = shown(flat(&Flat {
            sampling,
            range,
            matrix,
            color,
        }));
        for (x, y) in [(0, 0), (20, 10), (39, 19)] {
            let found = pixel(&image, x, y);
            assert!(
                near(found, expected),
                "{sampling:?} {range:?} {matrix:?} {found:?}"
            );
        }
    }
}

#[test]
fn places_depths_and_alpha_are_those_of_the_picture() {
    let colors = [
        [255, 0, 0, 255],
        [0, 255, 0, 255],
        [0, 0, 255, 255],
        [255, 255, 255, 0],
    ];
    let places = (0..100).flat_map(|y| (0..200).map(move |x| x / 100 + 2 * (y / 50)));
    let pixels = places.map(|place: usize| colors[place]);
    let pixels: Vec<RGBA8> = pixels.map(|[r, g, b, a]| RGBA8::new(r, g, b, a)).collect();
    for (depth, model) in [
        (BitDepth::Eight, ColorModel::YCbCr),
        (BitDepth::Ten, ColorModel::YCbCr),
        (BitDepth::Ten, ColorModel::RGB),
    ] {
        let encoder = ravif::Encoder::new()
            .with_quality(95.0)
            .with_alpha_quality(95.0)
            .with_speed(10)
            .with_bit_depth(depth)
            .with_internal_color_model(model)
            .with_num_threads(Some(1));
        let avif = encoder.encode_rgba(Img::new(&pixels, 200, 100)).unwrap();
        let image = shown(avif.avif_file);
        for (x, y, expected) in [(5, 5, colors[0]), (35, 5, colors[1]), (5, 15, colors[2])] {
            let found = pixel(&image, x, y);
            assert!(near(found, expected), "{depth:?} {model:?}: {found:?}");
        }
        assert_eq!(pixel(&image, 35, 15)[3], 0, "{depth:?} {model:?}");
    }
}

#[test]
fn an_avif_that_is_cut_off_or_too_large_is_refused_by_its_layer() {
    let whole = flat(&Flat {
        sampling: ChromaSampling::Cs420,
        range: PixelRange::Full,
        matrix: MatrixCoefficients::BT601,
        color: [76, 85, 255],
    });
    let refused = |bytes: Vec<u8>, picture_pixels: u64| {
        let canvas = canvas(9, 9, vec![Layer::new(Content::Image(picture(bytes)))]);
        let limits = Limits {
            picture_pixels,
            ..Limits::default()
        };
        let painted = file_within(&canvas, &limits);
        let error = painted.unwrap_err();
        assert!(error.is_callers());
        error.to_string()
    };
    assert_eq!(
        refused(whole.clone(), 1000),
        "layer.file must be an image of at most 1000 pixels, not 61 x 35"
    );
    for length in [40, whole.len() / 2, whole.len() - 5] {
        let error = refused(whole[..length].to_vec(), 1_000_000);
        let words = "layer.file must be an image that can be decoded";
        assert!(error.starts_with(words), "{length}: {error}");
    }
    let mut noise = whole;
    let begin = noise.len() - 20;
    noise[begin..].fill(0x5a);
    let canvas = canvas(9, 9, vec![Layer::new(Content::Image(picture(noise)))]);
    // Shown or refused, it ends nobody.
    if let Err(error) = file(&canvas) {
        assert!(error.is_callers(), "{error}");
    }
}
