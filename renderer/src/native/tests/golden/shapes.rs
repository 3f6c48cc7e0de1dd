//! Solid colours and gradients.

use super::*;

fn shape(change: impl FnOnce(&mut Solid)) -> Layer {
    let mut solid = Solid {
        color: color("#0f766e"),
        corners: Corners::default(),
        angled_edges: Vec::new(),
    };
    change(&mut solid);
    boxed(Content::Solid(solid), 40.0, 30.0, 160.0, 100.0)
}

fn corners() -> Corners {
    Corners {
        top_left: px(0.0),
        top_right: px(10.0),
        bottom_right: px(30.0),
        bottom_left: px(60.0),
    }
}

fn edge(edge: Edge, angle: f64) -> AngledEdge {
    AngledEdge {
        edge,
        angle: angle.try_into().unwrap(),
    }
}

fn flow(shape: GradientShape, stops: &[(&str, f64)]) -> Gradient {
    let stop = |(hex, at): &(&str, f64)| GradientStop {
        color: color(hex),
        at: (*at).try_into().unwrap(),
    };
    Gradient {
        shape,
        stops: stops.iter().map(stop).collect(),
        corners: Corners::default(),
    }
}

fn linear(angle: f64) -> Layer {
    let shape = GradientShape::Linear {
        angle: angle.try_into().unwrap(),
    };
    let stops = [("#f59e0b", 0.0), ("#be123c", 50.0), ("#1e1b4b", 100.0)];
    whole(flow(shape, &stops))
}

fn whole(gradient: Gradient) -> Layer {
    boxed(Content::Gradient(gradient), 0.0, 0.0, 240.0, 160.0)
}

pub(super) fn cases() -> Cases {
    let sun = [("#fef9c3", 0.0), ("#facc15", 30.0), ("#0369a1", 100.0)];
    let radial = || flow(GradientShape::Radial, &sun);
    let uneven = [
        ("#ffffff", 20.0),
        ("#111827", 20.0),
        ("#111827", 80.0),
        ("#38bdf8", 80.0),
    ];
    let rounded = Gradient {
        corners: Corners::all(px(40.0)),
        ..radial()
    };
    let rounded = boxed(Content::Gradient(rounded), 20.0, 10.0, 200.0, 140.0);
    let steps = flow(
        GradientShape::Linear {
            angle: 30.0.try_into().unwrap(),
        },
        &uneven,
    );
    let slanted = |angles: [f64; 4]| {
        let [left, right, top, bottom] = angles;
        page(vec![shape(|it| {
            it.angled_edges = vec![
                edge(Edge::Left, left),
                edge(Edge::Right, right),
                edge(Edge::Top, top),
                edge(Edge::Bottom, bottom),
            ];
        })])
    };
    let between = boxed(solid("#7c3aed"), 20.5, 20.25, 99.5, 59.75);
    vec![
        ("solid", page(vec![shape(|_| {})])),
        (
            "solid-see-through",
            canvas(
                120,
                80,
                vec![faded(boxed(solid("#dc2626"), 20.0, 20.0, 80.0, 40.0), 50.0)],
            ),
        ),
        ("solid-between-pixels", sheet((140, 100), vec![between])),
        (
            "solid-radius",
            page(vec![shape(|it| it.corners = Corners::all(px(24.0)))]),
        ),
        (
            "solid-radius-too-large",
            page(vec![shape(|it| it.corners = Corners::all(px(400.0)))]),
        ),
        (
            "solid-radii",
            page(vec![shape(|it| it.corners = corners())]),
        ),
        ("solid-angled", slanted([12.0, 8.0, 6.0, 10.0])),
        (
            "solid-angled-other-way",
            slanted([-12.0, -8.0, -6.0, -10.0]),
        ),
        (
            "solid-angled-radius",
            page(vec![shape(|it| {
                it.corners = Corners::all(px(24.0));
                it.angled_edges = vec![edge(Edge::Right, 25.0)];
            })]),
        ),
        (
            "solid-turned",
            page(vec![turned(shape(|it| it.corners = corners()), 20.0)]),
        ),
        (
            "solid-opacity",
            page(vec![linear(0.0), faded(shape(|_| {}), 40.0)]),
        ),
        ("gradient-linear", page(vec![linear(0.0)])),
        ("gradient-linear-down", page(vec![linear(90.0)])),
        ("gradient-linear-slanted", page(vec![linear(135.0)])),
        ("gradient-linear-steps", page(vec![whole(steps)])),
        ("gradient-radial", page(vec![whole(radial())])),
        ("gradient-radius", page(vec![rounded.clone()])),
        (
            "gradient-turned",
            page(vec![turned(rounded.clone(), -15.0)]),
        ),
        (
            "gradient-opacity",
            page(vec![shape(|_| {}), faded(rounded, 60.0)]),
        ),
    ]
}
