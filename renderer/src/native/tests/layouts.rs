//! Where layouts put their children.

use super::*;

fn layout(change: impl FnOnce(&mut Layout)) -> Layer {
    let tile = |hex, width, height| sized(Layer::new(solid(hex)), width, height);
    let mut layout = Layout {
        direction: Direction::Horizontal,
        gap: Extent::ZERO,
        horizontal: Alignment::Start,
        vertical: Alignment::Start,
        padding: Padding::default(),
        background: Background::None,
        corners: Corners::default(),
        children: vec![tile("#ff0000", 10.0, 20.0), tile("#0000ff", 30.0, 8.0)],
    };
    change(&mut layout);
    Layer::new(Content::Layout(layout))
}

/// Where the pixels of a colour are.
fn area(image: &RgbaImage, wanted: [u8; 3]) -> Option<(u32, u32, u32, u32)> {
    let mut only = image.clone();
    for pixel in only.pixels_mut() {
        if pixel.0[..3] != wanted {
            pixel.0 = [0; 4];
        }
    }
    ink(&only)
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

#[test]
fn children_stand_in_a_row_or_a_column() {
    let row = painted(&canvas(
        100,
        100,
        vec![at(layout(|it| it.gap = px(5.0)), 3.0, 4.0)],
    ));
    assert_eq!(area(&row, RED), Some((3, 4, 13, 24)));
    assert_eq!(area(&row, BLUE), Some((18, 4, 48, 12)));
    let column = layout(|it| {
        it.direction = Direction::Vertical;
        it.gap = px(5.0);
    });
    let column = painted(&canvas(100, 100, vec![column]));
    assert_eq!(area(&column, RED), Some((0, 0, 10, 20)));
    assert_eq!(area(&column, BLUE), Some((0, 25, 30, 33)));
}

#[test]
fn spare_room_is_shared_by_the_alignments() {
    let aligned = |direction, horizontal, vertical| {
        let layer = layout(|it| {
            it.direction = direction;
            it.horizontal = horizontal;
            it.vertical = vertical;
        });
        let image = painted(&canvas(100, 100, vec![sized(layer, 100.0, 50.0)]));
        (area(&image, RED).unwrap(), area(&image, BLUE).unwrap())
    };
    let (red, blue) = aligned(Direction::Horizontal, Alignment::Center, Alignment::End);
    assert_eq!((red, blue), ((30, 30, 40, 50), (40, 42, 70, 50)));
    let (red, blue) = aligned(Direction::Horizontal, Alignment::End, Alignment::Center);
    assert_eq!((red, blue), ((60, 15, 70, 35), (70, 21, 100, 29)));
    let (red, blue) = aligned(Direction::Vertical, Alignment::Center, Alignment::End);
    assert_eq!((red, blue), ((45, 22, 55, 42), (35, 42, 65, 50)));
}

#[test]
fn an_open_side_fits_the_content_and_its_padding() {
    let layer = layout(|it| {
        it.padding = Padding {
            top: px(1.0),
            right: px(2.0),
            bottom: px(3.0),
            left: px(4.0),
        };
        it.background = Background::Color(color("#00ff00"));
    });
    let image = painted(&canvas(100, 100, vec![at(layer, 10.0, 10.0)]));
    assert_eq!(ink(&image), Some((10, 10, 56, 34)));
    assert_eq!(area(&image, RED), Some((14, 11, 24, 31)));
}

#[test]
fn what_is_larger_than_a_given_size_is_cut_off() {
    let image = painted(&canvas(100, 100, vec![sized(layout(|_| {}), 25.0, 10.0)]));
    assert_eq!(ink(&image), Some((0, 0, 25, 10)));
}

#[test]
fn corners_clip_all_that_is_inside() {
    let layer = layout(|it| {
        it.corners = Corners::all(px(8.0));
        it.children.truncate(1);
    });
    let image = painted(&canvas(20, 30, vec![layer]));
    assert_eq!((pixel(&image, 0, 0)[3], pixel(&image, 5, 10)[3]), (0, 255));
}

#[test]
fn background_layers_see_the_layout_as_their_canvas() {
    let layer = layout(|it| {
        it.background = Background::Layers(vec![
            Layer::new(solid("#00ff00")),
            boxed(solid("#ffff00"), 2.0, 15.0, 5.0, 4.0),
        ]);
        it.children.remove(0);
        it.padding = Padding::all(px(6.0));
    });
    let image = painted(&canvas(100, 100, vec![at(layer, 20.0, 30.0)]));
    assert_eq!(ink(&image), Some((20, 30, 62, 50)));
    assert_eq!(area(&image, [255, 255, 0]), Some((22, 45, 27, 49)));
    assert_eq!(area(&image, BLUE), Some((26, 36, 56, 44)));
}

#[test]
fn layouts_nest_and_are_see_through_as_one() {
    let inner = layout(|it| it.gap = px(2.0));
    let mut outer = layout(|it| {
        it.direction = Direction::Vertical;
        it.background = Background::Color(color("#ffffff"));
        it.children = vec![inner.clone(), inner];
        it.gap = px(10.0);
    });
    outer.opacity = 50.0.try_into().unwrap();
    let image = painted(&canvas(100, 100, vec![outer]));
    assert_eq!(ink(&image), Some((0, 0, 42, 50)));
    let [r, g, b, a] = pixel(&image, 5, 35);
    assert!(
        r > 250 && g == 0 && b == 0 && a.abs_diff(128) <= 1,
        "{r} {g} {b} {a}"
    );
}
