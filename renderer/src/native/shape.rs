//! Outlines of boxes, and what flows inside of them.

use common::task::layers::{AngledEdge, Color, Corners, Edge, Gradient, GradientShape};
use vello_cpu::color::{AlphaColor, DynamicColor, Srgb};
use vello_cpu::kurbo::{
    Affine, BezPath, Point, Rect, RoundedRect, RoundedRectRadii, Shape as _, Size, Vec2,
};
use vello_cpu::peniko::{self, ColorStop, ColorStops};

use super::number::single;

/// How far an outline may be from the true curve, in pixels.
const TOLERANCE: f64 = 0.05;

/// A colour for the painter.
pub(super) fn color(color: Color) -> AlphaColor<Srgb> {
    AlphaColor::from_rgb8(color.red, color.green, color.blue)
}

/// A box with rounded corners.
pub(super) fn rounded(rect: Rect, corners: &Corners) -> BezPath {
    let radii = [
        corners.top_left,
        corners.top_right,
        corners.bottom_right,
        corners.bottom_left,
    ];
    let [top_left, top_right, bottom_right, bottom_left] =
        radii.map(common::task::layers::Extent::get);
    // As CSS: all shrink alike until no side is shorter than its two radii.
    let fit = |side: f64, sum: f64| if sum > side { side / sum } else { 1.0 };
    let scale = fit(rect.width(), top_left + top_right)
        .min(fit(rect.width(), bottom_left + bottom_right))
        .min(fit(rect.height(), top_left + bottom_left))
        .min(fit(rect.height(), top_right + bottom_right));
    let radii = RoundedRectRadii::new(
        top_left * scale,
        top_right * scale,
        bottom_right * scale,
        bottom_left * scale,
    );
    RoundedRect::from_rect(rect, radii).to_path(TOLERANCE)
}

/// A box whose sides are cut off at angles; empty when nothing is left of it.
pub(super) fn angled(size: Size, edges: &[AngledEdge]) -> BezPath {
    let rect = size.to_rect();
    let mut corners = vec![
        Point::new(rect.x0, rect.y0),
        Point::new(rect.x1, rect.y0),
        Point::new(rect.x1, rect.y1),
        Point::new(rect.x0, rect.y1),
    ];
    for edge in edges {
        corners = cut(&corners, rect, edge);
    }
    let mut path = BezPath::new();
    let Some((first, others)) = corners.split_first() else {
        return path;
    };
    path.move_to(*first);
    for corner in others {
        path.line_to(*corner);
    }
    path.close_path();
    path
}

/// Keeps what is inside of the line that the edge becomes when it is turned about that of its ends
/// which keeps the other end inside of the box.
fn cut(corners: &[Point], rect: Rect, edge: &AngledEdge) -> Vec<Point> {
    let clockwise = edge.angle.get() >= 0.0;
    // The way along the edge, in the direction in which the inside is to the right.
    let (start, end) = match edge.edge {
        Edge::Top => ((rect.x0, rect.y0), (rect.x1, rect.y0)),
        Edge::Right => ((rect.x1, rect.y0), (rect.x1, rect.y1)),
        Edge::Bottom => ((rect.x1, rect.y1), (rect.x0, rect.y1)),
        Edge::Left => ((rect.x0, rect.y1), (rect.x0, rect.y0)),
    };
    let (start, end) = (Point::from(start), Point::from(end));
    // Turned clockwise about its start, its end goes to the right, which is inside.
    let pivot = if clockwise { start } else { end };
    let along = Affine::rotate(edge.angle.get().to_radians()) * (end - start).to_point();
    let inside = |point: &Point| along.to_vec2().cross(*point - pivot) >= -1e-9;
    clip(corners, inside, |from, to| {
        crossing(from, to, pivot, along.to_vec2())
    })
}

/// One step of Sutherland and Hodgman's: a polygon against a half plane.
fn clip(
    corners: &[Point],
    inside: impl Fn(&Point) -> bool,
    crossing: impl Fn(Point, Point) -> Point,
) -> Vec<Point> {
    let mut kept = Vec::with_capacity(corners.len() + 1);
    let before = corners.iter().cycle().skip(corners.len().saturating_sub(1));
    for (from, to) in before.zip(corners) {
        if inside(from) != inside(to) {
            kept.push(crossing(*from, *to));
        }
        if inside(to) {
            kept.push(*to);
        }
    }
    kept
}

fn crossing(from: Point, to: Point, pivot: Point, along: Vec2) -> Point {
    let way = to - from;
    let share = along.cross(pivot - from) / along.cross(way);
    if share.is_finite() {
        from + way * share
    } else {
        to
    }
}

/// A gradient for the painter, and how the painter's plane lies on the box.
pub(super) fn gradient(gradient: &Gradient, size: Size) -> (peniko::Gradient, Affine) {
    let stops = stops(gradient);
    match gradient.shape {
        GradientShape::Linear { angle } => {
            let direction = Vec2::from_angle(angle.get().to_radians());
            let (across, down) = (
                direction.x.abs() * size.width,
                direction.y.abs() * size.height,
            );
            let reach = f64::midpoint(across, down);
            let centre = size.to_rect().center();
            let line = peniko::Gradient::new_linear(
                centre - direction * reach,
                centre + direction * reach,
            );
            (peniko::Gradient { stops, ..line }, Affine::IDENTITY)
        }
        GradientShape::Radial => {
            let circle = peniko::Gradient::new_radial((0.0, 0.0), 1.0);
            let place = Affine::translate(size.to_rect().center().to_vec2())
                * Affine::scale_non_uniform(size.width / 2.0, size.height / 2.0);
            (peniko::Gradient { stops, ..circle }, place)
        }
    }
}

fn stops(gradient: &Gradient) -> ColorStops {
    let mut sorted: Vec<_> = gradient.stops.iter().collect();
    sorted.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    let stops = sorted.into_iter().map(|stop| ColorStop {
        offset: single(stop.at.fraction()),
        color: DynamicColor::from_alpha_color(color(stop.color)),
    });
    let mut list = ColorStops::new();
    list.extend(stops);
    list
}
