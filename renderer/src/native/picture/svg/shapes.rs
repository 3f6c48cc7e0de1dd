//! What an SVG is made of, and its pixels. What is counted here is refused soon and in words; what escapes it ends the
//! process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::ImageFormat;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Group, ImageHrefResolver, ImageKind, Node, Options, Tree};

use super::super::apart::View;
use super::super::{PictureError, Raster};
use crate::native::number::single;

/// The most groups, paths, texts and pictures.
const NODES: usize = 50_000;

/// The most filters.
const FILTERS: usize = 100;

/// The most pixels of all groups inside of each other that need a picture of their own.
const GROUP_PIXELS: u64 = 128 * 1024 * 1024;

/// The most bytes of all pictures inside of it together, each counted as often as it is used.
const EMBEDDED: usize = 64 * 1024 * 1024;

/// A drawing that is understood.
pub(in super::super) struct Shapes {
    tree: Tree,
    /// How many pictures of itself are in memory at once.
    groups: u64,
}

impl Shapes {
    /// Reads it; pictures inside of it have at most `limit` pixels.
    pub(in super::super) fn parse(
        bytes: &[u8],
        limit: u64,
        fonts: Database,
    ) -> Result<Self, PictureError> {
        // usvg unpacks a picture anew for each use of it, and keeps all of them.
        let handed = AtomicUsize::new(0);
        let options = Options {
            font_family: "sans-serif".to_owned(),
            fontdb: Arc::new(fonts),
            image_href_resolver: ImageHrefResolver {
                resolve_data: Box::new(|_, bytes, _| embedded(bytes, limit, &handed)),
                resolve_string: Box::new(|_, _| None),
            },
            ..Options::default()
        };
        let tree = Tree::from_data(bytes, &options)
            .map_err(|error| PictureError::Broken(error.to_string()))?;
        if handed.load(Ordering::Relaxed) > EMBEDDED {
            return Err(PictureError::TooComplex);
        }
        let mut nodes = 0;
        let groups = weigh(tree.root(), &mut nodes);
        if nodes > NODES || tree.filters().len() > FILTERS {
            return Err(PictureError::TooComplex);
        }
        Ok(Self { tree, groups })
    }

    pub(in super::super) fn size(&self) -> (f64, f64) {
        let size = self.tree.size();
        (size.width().into(), size.height().into())
    }

    pub(in super::super) fn draw(&self, view: View) -> Result<Pixmap, PictureError> {
        let ((width, height), (left, top)) = (view.size, view.corner);
        if (self.groups + 1) * u64::from(width) * u64::from(height) > GROUP_PIXELS {
            return Err(PictureError::TooComplex);
        }
        let mut pixmap = Pixmap::new(width, height).ok_or(PictureError::TooComplex)?;
        let scale = single(view.scale);
        let transform =
            Transform::from_scale(scale, scale).post_translate(single(-left), single(-top));
        resvg::render(&self.tree, transform, &mut pixmap.as_mut());
        Ok(pixmap)
    }
}

/// A picture inside of the SVG, unless it or all that were `handed` out are too large.
fn embedded(bytes: Arc<Vec<u8>>, limit: u64, handed: &AtomicUsize) -> Option<ImageKind> {
    let before = handed.fetch_add(bytes.len(), Ordering::Relaxed);
    if before.saturating_add(bytes.len()) > EMBEDDED {
        return None;
    }
    let format = image::guess_format(&bytes).ok()?;
    Raster::open(bytes.to_vec().into(), limit).ok()?;
    let kinds: [(_, fn(_) -> _); 4] = [
        (ImageFormat::Png, ImageKind::PNG),
        (ImageFormat::Jpeg, ImageKind::JPEG),
        (ImageFormat::Gif, ImageKind::GIF),
        (ImageFormat::WebP, ImageKind::WEBP),
    ];
    let (_, kind) = kinds.into_iter().find(|(known, _)| *known == format)?;
    Some(kind(bytes))
}

/// Counts nodes; returns how many groups that need a picture of their own are inside of each other.
fn weigh(group: &Group, nodes: &mut usize) -> u64 {
    let mut deepest = 0;
    for node in group.children() {
        *nodes += 1;
        if let Node::Group(inner) = node {
            deepest = deepest.max(weigh(inner, nodes));
        }
    }
    deepest + u64::from(group.should_isolate())
}
