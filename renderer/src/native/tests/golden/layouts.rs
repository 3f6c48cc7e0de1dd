//! Layouts.

use super::*;

fn tile(hex: &str, width: f64, height: f64) -> Layer {
    sized(Layer::new(solid(hex)), width, height)
}

fn tiles() -> Vec<Layer> {
    vec![
        tile("#dc2626", 40.0, 40.0),
        tile("#16a34a", 20.0, 60.0),
        tile("#2563eb", 50.0, 25.0),
    ]
}

fn group(children: Vec<Layer>, change: impl FnOnce(&mut Layout)) -> Layer {
    let mut layout = Layout {
        direction: Direction::Horizontal,
        gap: Extent::ZERO,
        horizontal: Alignment::Start,
        vertical: Alignment::Start,
        padding: Padding::default(),
        background: Background::Color(color("#e5e7eb")),
        corners: Corners::default(),
        children,
    };
    change(&mut layout);
    Layer::new(Content::Layout(layout))
}

/// In a box of a given size.
fn aligned(direction: Direction, horizontal: Alignment, vertical: Alignment) -> Canvas {
    let layer = group(tiles(), |it| {
        it.direction = direction;
        it.gap = px(6.0);
        (it.horizontal, it.vertical) = (horizontal, vertical);
    });
    page(vec![at(sized(layer, 220.0, 146.0), 10.0, 7.0)])
}

fn label(text: &str) -> Layer {
    Layer::new(words(text, 18.0, |it| it.font.weight = Weight::SemiBold))
}

/// A badge: a dot and words in a pill.
fn badge(text: &str, hex: &str) -> Layer {
    let dot = Content::Solid(Solid {
        color: color(hex),
        corners: Corners::all(px(6.0)),
        angled_edges: Vec::new(),
    });
    let children = vec![sized(Layer::new(dot), 12.0, 12.0), label(text)];
    group(children, |it| {
        it.gap = px(8.0);
        it.vertical = Alignment::Center;
        it.padding = Padding::all(px(8.0));
        it.corners = Corners::all(px(20.0));
    })
}

pub(super) fn cases() -> Cases {
    use Alignment::{Center, End, Start};
    use Direction::{Horizontal, Vertical};
    let free = |layer| page(vec![at(layer, 20.0, 15.0)]);
    let padding = Padding {
        top: px(2.0),
        right: px(40.0),
        bottom: px(20.0),
        left: px(10.0),
    };
    let stops = [("#fde68a", 0.0), ("#f472b6", 100.0)].map(|(hex, at)| GradientStop {
        color: color(hex),
        at: Percent::try_from(at).unwrap(),
    });
    let behind = Content::Gradient(Gradient {
        shape: GradientShape::Linear {
            angle: Degrees::ZERO,
        },
        stops: stops.to_vec(),
        corners: Corners::default(),
    });
    let behind = Background::Layers(vec![Layer::new(behind)]);
    let rounded = group(tiles(), |it| {
        it.padding = Padding::all(px(12.0));
        it.background = behind;
        it.corners = Corners::all(px(24.0));
    });
    let nested = group(
        vec![badge("Passed", "#16a34a"), badge("Failed", "#dc2626")],
        |it| {
            it.direction = Vertical;
            it.gap = px(10.0);
            it.padding = Padding::all(px(10.0));
            it.background = Background::Color(color("#1e293b"));
            it.horizontal = End;
        },
    );
    let faded_group = faded(
        group(vec![tile("#dc2626", 80.0, 80.0)], |it| {
            it.padding = Padding::all(px(20.0));
        }),
        50.0,
    );
    vec![
        ("layout-row", free(group(tiles(), |it| it.gap = px(10.0)))),
        (
            "layout-column",
            free(group(tiles(), |it| {
                (it.direction, it.gap) = (Vertical, px(4.0));
            })),
        ),
        (
            "layout-padding",
            free(group(tiles(), |it| it.padding = padding)),
        ),
        ("layout-row-center", aligned(Horizontal, Center, Center)),
        ("layout-row-end", aligned(Horizontal, End, End)),
        ("layout-column-center", aligned(Vertical, Center, Start)),
        ("layout-column-end", aligned(Vertical, End, End)),
        ("layout-background-layers-radius", free(rounded)),
        ("layout-badge", free(badge("In review", "#f59e0b"))),
        ("layout-nested", free(nested)),
        (
            "layout-clip",
            page(vec![at(
                sized(group(tiles(), |it| it.gap = px(10.0)), 90.0, 45.0),
                20.0,
                15.0,
            )]),
        ),
        (
            "layout-opacity",
            page(vec![
                boxed(solid("#facc15"), 0.0, 0.0, 120.0, 160.0),
                at(faded_group, 60.0, 20.0),
            ]),
        ),
    ]
}
