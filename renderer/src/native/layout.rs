//! Places a layout's children beside or below each other.

use common::task::layers::{Alignment, Background, Direction, LayerSize, Layout, Padding};
use vello_cpu::kurbo::{Insets, Point, Size};

use super::PaintError;
use super::arrange::{Arranger, Group, Node, Room};
use super::number::count;
use super::text::offset;

/// Arranges a layout's children, and says how large it is.
pub(super) fn arrange<'a>(
    arranger: &mut Arranger<'_>,
    layout: &'a Layout,
    own: LayerSize,
) -> Result<(Size, Group<'a>), PaintError> {
    let padding = insets(layout.padding);
    let inner = |side: Option<f64>, padding: f64| side.map(|side| (side - padding).max(0.0));
    let room = Room {
        width: inner(own.width.map(f64::from), padding.x_value()),
        height: inner(own.height.map(f64::from), padding.y_value()),
        flows: true,
    };
    let mut children = arranger.all(&layout.children, room)?;
    let content = content_size(layout, &children);
    let size = Size::new(
        own.width
            .map_or(content.width + padding.x_value(), f64::from),
        own.height
            .map_or(content.height + padding.y_value(), f64::from),
    );
    let spare = size - content - Size::new(padding.x_value(), padding.y_value());
    place(layout, &mut children, content, spare);
    let behind = match &layout.background {
        Background::None | Background::Color(_) => Vec::new(),
        Background::Layers(layers) => {
            let room = Room {
                width: Some(size.width),
                height: Some(size.height),
                flows: false,
            };
            arranger.all(layers, room)?
        }
    };
    let clips = own.width.is_some() || own.height.is_some();
    Ok((
        size,
        Group {
            layout,
            behind,
            children,
            clips,
        },
    ))
}

fn insets(padding: Padding) -> Insets {
    Insets::new(
        padding.left.get(),
        padding.top.get(),
        padding.right.get(),
        padding.bottom.get(),
    )
}

fn content_size(layout: &Layout, children: &[Node<'_>]) -> Size {
    let gaps = layout.gap.get() * count(children.len().saturating_sub(1));
    let widths = children.iter().map(|child| child.size.width);
    let heights = children.iter().map(|child| child.size.height);
    match layout.direction {
        Direction::Horizontal => Size::new(widths.sum::<f64>() + gaps, heights.fold(0.0, f64::max)),
        Direction::Vertical => Size::new(widths.fold(0.0, f64::max), heights.sum::<f64>() + gaps),
    }
}

/// Along the direction the children are moved together, across it each by itself. What is larger than
/// its room begins at the start of it, whatever the alignment: its beginning is worth more.
fn place(layout: &Layout, children: &mut [Node<'_>], content: Size, spare: Size) {
    let offset = |align: Alignment, spare: f64| offset(align, spare.max(0.0));
    let mut x = layout.padding.left.get();
    let mut y = layout.padding.top.get();
    match layout.direction {
        Direction::Horizontal => {
            x += offset(layout.horizontal, spare.width);
            let height = content.height + spare.height;
            for child in children {
                let down = offset(layout.vertical, height - child.size.height);
                child.at = Point::new(x, y + down);
                x += child.size.width + layout.gap.get();
            }
        }
        Direction::Vertical => {
            y += offset(layout.vertical, spare.height);
            let width = content.width + spare.width;
            for child in children {
                let right = offset(layout.horizontal, width - child.size.width);
                child.at = Point::new(x + right, y);
                y += child.size.height + layout.gap.get();
            }
        }
    }
}
