//! QR codes and barcodes: which modules are dark, and how large they are in their box.

mod qr;

use barcoders::sym::codabar::Codabar;
use barcoders::sym::code39::Code39;
use barcoders::sym::code128::Code128;
use barcoders::sym::ean8::EAN8;
use barcoders::sym::ean13::EAN13;
use barcoders::sym::tf::TF;
use common::task::layers::{Barcode, BarcodeFormat, QrCode};
use vello_cpu::kurbo::{BezPath, Rect, Size};

use super::number::count;

/// The light modules that the standard wants around a QR code.
const QR_QUIET: f64 = 4.0;

/// Modules of whole pixels look best and scan best, unless that wastes more than this share of the box.
const WASTE: f64 = 0.1;

/// From this size on, in pixels, one pixel more or less in a module disturbs no scanner.
const LARGE: f64 = 4.0;

/// How the modules of one line of a box are cut out of its pixels.
#[derive(Clone, Copy)]
struct Ruler {
    start: f64,
    scale: f64,
    /// Every border is moved to the next whole pixel.
    whole: bool,
}

impl Ruler {
    /// For a number of modules along a side.
    fn new(side: f64, modules: f64, scale: f64) -> Self {
        let fits = |scale: f64| Self {
            start: ((side - modules * scale) / 2.0).floor(),
            scale,
            whole: true,
        };
        if scale >= 1.0 && scale.fract() / scale <= WASTE {
            return fits(scale.floor());
        }
        Self {
            start: (side - modules * scale) / 2.0,
            scale,
            whole: scale >= LARGE,
        }
    }

    fn at(self, module: f64) -> f64 {
        let place = self.start + module * self.scale;
        if self.whole { place.round() } else { place }
    }
}

/// Dark and light modules, row by row.
pub(super) struct Modules {
    dark: Vec<bool>,
    columns: usize,
    /// Light modules on the left, on the right, above and below.
    quiet: [f64; 4],
    /// Modules are as high as they are wide; otherwise as the box.
    square: bool,
}

/// The modules of a QR code; none if it can't hold the value.
pub(super) fn qr(code: &QrCode) -> Option<Modules> {
    let code = qr::encode(code.value().as_bytes())?;
    Some(Modules {
        columns: code.width(),
        dark: code
            .to_colors()
            .iter()
            .map(|it| it.select(true, false))
            .collect(),
        quiet: [QR_QUIET; 4],
        square: true,
    })
}

/// The modules of a barcode.
pub(super) fn barcode(code: &Barcode) -> Option<Modules> {
    let value = code.value();
    // The quiet zones are those of GS1's general specifications.
    let (bars, left, right) = match code.format() {
        BarcodeFormat::Code128 => (Code128::new(code128(value)).ok()?.encode(), 10.0, 10.0),
        BarcodeFormat::Ean13 => (EAN13::new(value).ok()?.encode(), 11.0, 7.0),
        BarcodeFormat::Ean8 => (EAN8::new(value).ok()?.encode(), 7.0, 7.0),
        BarcodeFormat::Code39 => (Code39::new(value).ok()?.encode(), 10.0, 10.0),
        BarcodeFormat::Itf => (TF::interleaved(value).ok()?.encode(), 10.0, 10.0),
        BarcodeFormat::Codabar => (Codabar::new(value).ok()?.encode(), 10.0, 10.0),
    };
    Some(Modules {
        columns: bars.len(),
        dark: bars.iter().map(|bar| *bar == 1).collect(),
        quiet: [left, right, 0.0, 0.0],
        square: false,
    })
}

/// The value with the signs that switch between the sets B and C: pairs of digits take one symbol in C.
fn code128(value: &str) -> String {
    const SET_B: char = '\u{181}';
    const SET_C: char = '\u{106}';
    let all_pairs = value.len().is_multiple_of(2) && value.bytes().all(|it| it.is_ascii_digit());
    let set = if all_pairs { SET_C } else { SET_B };
    format!("{set}{value}")
}

impl Modules {
    /// How many modules there are from left to right, quiet zones included.
    pub(super) fn width(&self) -> f64 {
        let [left, right, ..] = self.quiet;
        left + count(self.columns) + right
    }

    /// The dark modules in a box.
    pub(super) fn outline(&self, size: Size) -> BezPath {
        let [left, _, above, below] = self.quiet;
        let columns = self.columns.max(1);
        let rows = above + count(self.dark.len() / columns) + below;
        let mut scale = size.width / self.width();
        if self.square {
            scale = scale.min(size.height / rows);
        }
        let across = Ruler::new(size.width, self.width(), scale);
        let down = Ruler::new(size.height, rows, scale);
        let mut path = BezPath::new();
        for (row, modules) in self.dark.chunks(columns).enumerate() {
            let row = above + count(row);
            let (y0, y1) = if self.square {
                (down.at(row), down.at(row + 1.0))
            } else {
                (0.0, size.height)
            };
            for (from, to) in runs(modules) {
                let (x0, x1) = (across.at(left + count(from)), across.at(left + count(to)));
                rectangle(&mut path, Rect::new(x0, y0, x1, y1));
            }
        }
        path
    }
}

/// Where dark modules begin and end.
fn runs(modules: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in modules.iter().enumerate().filter(|(_, dark)| **dark) {
        match runs.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

fn rectangle(path: &mut BezPath, rect: Rect) {
    path.move_to((rect.x0, rect.y0));
    path.line_to((rect.x1, rect.y0));
    path.line_to((rect.x1, rect.y1));
    path.line_to((rect.x0, rect.y1));
    path.close_path();
}
