//! Where faces are.

use std::path::Path;

use image::RgbaImage;

use super::error::{ModelError, ModelsError};
use super::input::{Description, Scale};
use super::network::{Contract, Network};

/// What the numbers of the detector's input mean: 127 becomes 0, 255 becomes 1.
const SCALE: Scale = Scale {
    mean: [127.0 / 255.0; 3],
    std: [128.0 / 255.0; 3],
};

const CONTRACT: Contract = Contract {
    expected: "a model with one input [1, 3, height, width] and two outputs, [1, n, 2] with the \
               chances of no face and of a face, and [1, n, 4] with boxes (left, top, right, bottom, \
               from 0 to 1), such as Ultra-Light-Fast RFB-320",
    outputs: 2,
};

/// The most boxes that a model may tell of.
const BOXES: usize = 100_000;

/// How likely a face must be.
const LIKELY: f32 = 0.7;

/// The most of two boxes, by the area of both, that may lie on each other if they are two faces.
const SHARED: f64 = 0.3;

/// The most faces of a picture.
const MOST: usize = 200;

/// A face, in shares of the width and the height of its picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Its left side.
    pub left: f64,
    /// Its upper side.
    pub top: f64,
    /// Its right side.
    pub right: f64,
    /// Its lower side.
    pub bottom: f64,
}

/// A detector such as Ultra-Light-Fast RFB-320: a picture, as large as fits into its input, in;
/// chances and boxes out.
#[derive(Debug)]
pub struct Faces {
    network: Network,
    scale: Scale,
    /// Which output has the chances, and which the boxes.
    chances: usize,
    boxes: usize,
}

impl Faces {
    pub(super) fn load(file: &Path) -> Result<Self, ModelsError> {
        let description = Description::beside(file)?;
        let network = Network::load(file, CONTRACT, &description)?;
        let shapes = network.outputs();
        let rows = |shape: &[usize], columns| match shape {
            &[1, rows, found] if found == columns && rows <= BOXES => Some(rows),
            _ => None,
        };
        let place = |columns| {
            shapes
                .iter()
                .position(|shape| rows(shape, columns).is_some())
        };
        let alike = |(chances, boxes): &(usize, usize)| {
            let of = |place: usize, columns| shapes.get(place).and_then(|it| rows(it, columns));
            of(*chances, 2) == of(*boxes, 4)
        };
        let places = place(2).zip(place(4)).filter(alike);
        let (chances, boxes) = places.ok_or_else(|| ModelsError::Unfit {
            file: file.to_owned(),
            problem: format!("its outputs are {shapes:?}"),
            expected: CONTRACT.expected,
        })?;
        Ok(Self {
            scale: description.scale(SCALE),
            network,
            chances,
            boxes,
        })
    }

    /// The size of what it looks at; the picture must fit into it, and may be smaller.
    pub const fn size(&self) -> (u32, u32) {
        self.network.size()
    }

    /// The faces of a picture, the likeliest first. Blocks for as long as the model takes.
    pub fn find(&self, picture: &RgbaImage) -> Result<Vec<Face>, ModelError> {
        let (width, height) = self.network.size();
        let input = self.scale.input(picture, (width, height));
        let found = self.network.run(&input)?;
        let output = |place: usize| found.get(place).map(Vec::as_slice).unwrap_or_default();
        let across = f64::from(width) / f64::from(picture.width());
        let down = f64::from(height) / f64::from(picture.height());
        let rows = output(self.chances)
            .chunks_exact(2)
            .zip(output(self.boxes).chunks_exact(4));
        let likely = rows.filter_map(|(chances, sides)| {
            let (&[_, chance], &[left, top, right, bottom]) = (chances, sides) else {
                return None;
            };
            let share = |side: f32, of: f64| (f64::from(side) * of).clamp(0.0, 1.0);
            let face = Face {
                left: share(left, across),
                top: share(top, down),
                right: share(right, across),
                bottom: share(bottom, down),
            };
            (chance >= LIKELY && face.area() > 0.0).then_some((chance, face))
        });
        Ok(apart(likely.collect()))
    }
}

/// Of boxes that lie on each other the likeliest.
pub(super) fn apart(mut likely: Vec<(f32, Face)>) -> Vec<Face> {
    likely.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let mut faces: Vec<Face> = Vec::new();
    for (_, face) in likely {
        if faces.len() == MOST {
            break;
        }
        if faces.iter().all(|other| face.shared(other) <= SHARED) {
            faces.push(face);
        }
    }
    faces
}

impl Face {
    /// Its share of the picture's area.
    pub fn area(&self) -> f64 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    /// The share of the area of both that both have.
    fn shared(&self, other: &Self) -> f64 {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        both.area() / (self.area() + other.area() - both.area())
    }
}
