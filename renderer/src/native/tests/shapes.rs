//! Solid boxes and gradients.

use super::*;

const RED: [u8; 4] = [255, 0, 0, 255];
const CLEAR: [u8; 4] = [0, 0, 0, 0];

fn red() -> Solid {
    Solid {
        color: color("#ff0000"),
        corners: Corners::default(),
        angled_edges: Vec::new(),
    }
}

fn gradient(shape: GradientShape) -> Content {
    let stop = |hex, at: f64| GradientStop {
        color: color(hex),
        at: at.try_into().unwrap(),
    };
    Content::Gradient(Gradient {
        shape,
        // Out of order, as callers may send them.
        stops: vec![stop("#0000ff", 100.0), stop("#ff0000", 0.0)],
        corners: Corners::default(),
    })
}

#[test]
fn a_canvas_without_layers_is_transparent() {
    let image = painted(&canvas(7, 5, Vec::new()));
    assert_eq!(image.dimensions(), (7, 5));
    assert!(image.pixels().all(|pixel| pixel.0 == CLEAR));
}

#[test]
fn a_solid_fills_its_box_or_the_canvas() {
    let all = painted(&canvas(20, 10, vec![Layer::new(solid("#ff0000"))]));
    assert!(all.pixels().all(|pixel| pixel.0 == RED));
    let part = painted(&canvas(
        20,
        10,
        vec![boxed(solid("#ff0000"), 5.0, 2.0, 4.0, 3.0)],
    ));
    assert_eq!(ink(&part), Some((5, 2, 9, 5)));
}

#[test]
fn later_layers_lie_in_front_and_opacity_mixes() {
    let mut front = Layer::new(solid("#0000ff"));
    front.opacity = 50.0.try_into().unwrap();
    let image = painted(&canvas(4, 4, vec![Layer::new(solid("#ff0000")), front]));
    let [r, g, b, a] = pixel(&image, 1, 1);
    assert!(r.abs_diff(128) <= 1 && g == 0 && b.abs_diff(128) <= 1 && a == 255);
}

#[test]
fn rotation_is_clockwise_about_the_centre() {
    let mut bar = boxed(solid("#ff0000"), 10.0, 40.0, 80.0, 20.0);
    bar.rotation = 90.0.try_into().unwrap();
    assert_eq!(
        ink(&painted(&canvas(100, 100, vec![bar.clone()]))),
        Some((40, 10, 60, 90))
    );
    bar.rotation = 45.0.try_into().unwrap();
    let image = painted(&canvas(100, 100, vec![bar]));
    assert_eq!((pixel(&image, 75, 75), pixel(&image, 25, 25)), (RED, RED));
    assert_eq!(
        (pixel(&image, 75, 25), pixel(&image, 25, 75)),
        (CLEAR, CLEAR)
    );
}

#[test]
fn corners_are_rounded_one_by_one_and_never_overlap() {
    let mut one = red();
    one.corners.bottom_right = px(10.0);
    let image = painted(&canvas(40, 40, vec![Layer::new(Content::Solid(one))]));
    assert_eq!(
        (
            pixel(&image, 0, 0),
            pixel(&image, 39, 0),
            pixel(&image, 0, 39)
        ),
        (RED, RED, RED)
    );
    assert_eq!(pixel(&image, 39, 39), CLEAR);
    let mut all = red();
    all.corners = Corners::all(px(9999.0));
    let image = painted(&canvas(40, 20, vec![Layer::new(Content::Solid(all))]));
    assert_eq!(
        (
            pixel(&image, 20, 0),
            pixel(&image, 20, 19),
            pixel(&image, 1, 10)
        ),
        (RED, RED, RED)
    );
    assert_eq!((pixel(&image, 1, 1), pixel(&image, 38, 18)), (CLEAR, CLEAR));
}

#[test]
fn edges_are_cut_at_their_angles_and_stay_inside() {
    for (edge, angle, gone, kept) in [
        (Edge::Top, 30.0, (98, 1), (1, 3)),
        (Edge::Top, -30.0, (1, 1), (98, 3)),
        (Edge::Right, 30.0, (98, 98), (96, 1)),
        (Edge::Right, -30.0, (98, 1), (96, 98)),
        (Edge::Bottom, 30.0, (1, 98), (98, 96)),
        (Edge::Bottom, -30.0, (98, 98), (1, 96)),
        (Edge::Left, 30.0, (1, 1), (3, 98)),
        (Edge::Left, -30.0, (1, 98), (3, 1)),
    ] {
        let mut cut = red();
        cut.angled_edges = vec![AngledEdge {
            edge,
            angle: angle.try_into().unwrap(),
        }];
        let image = painted(&canvas(100, 100, vec![Layer::new(Content::Solid(cut))]));
        let at = |(x, y)| pixel(&image, x, y);
        assert_eq!((at(gone), at(kept)), (CLEAR, RED), "{edge:?} {angle}");
        // tan 30° of 100 pixels: 57.7.
        let filled = image.pixels().filter(|pixel| pixel.0 == RED).count();
        assert!((7000..7200).contains(&filled), "{edge:?} {angle}: {filled}");
    }
}

#[test]
fn a_linear_gradient_turns_clockwise() {
    let colors = |angle: f64| {
        let angle = angle.try_into().unwrap();
        let image = painted(&canvas(
            101,
            101,
            vec![Layer::new(gradient(GradientShape::Linear { angle }))],
        ));
        [(0, 50), (100, 50), (50, 0), (50, 100), (50, 50)].map(|(x, y)| pixel(&image, x, y)[0])
    };
    let close = |found: [u8; 5], expected: [u8; 5]| {
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3);
        assert!(near, "{found:?} is not {expected:?}");
    };
    close(colors(0.0), [255, 0, 128, 128, 128]);
    close(colors(90.0), [128, 128, 255, 0, 128]);
    close(colors(180.0), [0, 255, 128, 128, 128]);
    close(colors(45.0), [191, 64, 191, 64, 128]);
}

#[test]
fn a_radial_gradient_ends_at_the_sides() {
    let image = painted(&canvas(
        101,
        51,
        vec![Layer::new(gradient(GradientShape::Radial))],
    ));
    assert!(pixel(&image, 50, 25)[0] > 245);
    for (x, y) in [(0, 25), (100, 25), (50, 0), (50, 50), (0, 0), (100, 50)] {
        assert!(pixel(&image, x, y)[0] < 12, "{x} {y}");
    }
}
