//! SVG pictures: no files and no network, and no more work than a logo or a chart is worth.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::ImageFormat;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Group, ImageHrefResolver, ImageKind, Node, Options, Tree};

use super::PictureError;
use crate::native::Fonts;
use crate::native::number::single;

/// The most bytes of an SVG.
const BYTES: usize = 8 * 1024 * 1024;

/// The most groups, paths, texts and pictures.
const NODES: usize = 50_000;

/// The most filters.
const FILTERS: usize = 100;

/// The most pixels of all groups inside of each other that need a picture of their own.
const GROUP_PIXELS: u64 = 128 * 1024 * 1024;

/// The most bytes of all pictures inside of it together, each counted as often as it is used.
const EMBEDDED: usize = 64 * 1024 * 1024;

/// What deep nesting takes: the parser goes down 1024 levels.
const STACK: usize = 64 * 1024 * 1024;

/// A picture of shapes.
pub(in crate::native) struct Drawing {
    tree: Tree,
    /// How many pictures of itself are in memory at once.
    groups: u64,
}

/// Whether it looks like one.
pub(super) fn is_svg(bytes: &[u8]) -> bool {
    let head = bytes.get(..4096.min(bytes.len())).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('<') && (head.contains("<svg") || head.contains(":svg"))
}

impl Drawing {
    pub(super) fn parse(bytes: &[u8], limit: u64, fonts: &Fonts) -> Result<Self, PictureError> {
        if bytes.len() > BYTES {
            return Err(PictureError::TooComplex);
        }
        // usvg unpacks a picture anew for each use of it, and keeps all of them.
        let handed = AtomicUsize::new(0);
        let options = Options {
            font_family: "sans-serif".to_owned(),
            fontdb: fonts.for_svg(),
            image_href_resolver: ImageHrefResolver {
                resolve_data: Box::new(|_, bytes, _| embedded(bytes, limit, &handed)),
                resolve_string: Box::new(|_, _| None),
            },
            ..Options::default()
        };
        let tree = deep(|| Tree::from_data(bytes, &options))?
            .map_err(|error| PictureError::Broken(error.to_string()))?;
        if handed.load(Ordering::Relaxed) > EMBEDDED {
            return Err(PictureError::TooComplex);
        }
        let mut nodes = 0;
        let groups = deep(|| weigh(tree.root(), &mut nodes))?;
        if nodes > NODES || tree.filters().len() > FILTERS {
            return Err(PictureError::TooComplex);
        }
        Ok(Self { tree, groups })
    }

    pub(in crate::native) fn size(&self) -> (f64, f64) {
        let size = self.tree.size();
        (size.width().into(), size.height().into())
    }

    /// Its pixels, scaled, then moved to the left and up.
    pub(in crate::native) fn draw(
        &self,
        (width, height): (u32, u32),
        scale: f64,
        (left, top): (f64, f64),
    ) -> Result<Pixmap, PictureError> {
        if (self.groups + 1) * u64::from(width) * u64::from(height) > GROUP_PIXELS {
            return Err(PictureError::TooComplex);
        }
        let mut pixmap = Pixmap::new(width, height).ok_or(PictureError::TooComplex)?;
        let scale = single(scale);
        let transform =
            Transform::from_scale(scale, scale).post_translate(single(-left), single(-top));
        deep(|| resvg::render(&self.tree, transform, &mut pixmap.as_mut()))?;
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
    super::Raster::open(bytes.to_vec().into(), limit).ok()?;
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

/// Runs on a stack of its own, which no nesting overflows.
fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, PictureError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("svg".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        let broken = || PictureError::Broken("the SVG can't be read".to_owned());
        thread.map_err(|_| broken())?.join().map_err(|_| broken())
    })
}
