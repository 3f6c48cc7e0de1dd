//! How large the pages of a PDF are. LibreOffice does not say which page has which size, so the file is read here:
//! by a process of its own, this program again, since a hostile file can make a reader take any memory and any time.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use common::process::again::{self, limit};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::{Page, Rotation};
use rustix::process::Resource;
use tokio::time::Instant;

use super::pdf::MOST_PAGES;
use crate::child::{self, Bounds};

/// The argument that makes this program such a process.
const ARGUMENT: &str = "--tell-the-sizes-of-pages";

/// Bytes of address space.
const MEMORY: u64 = 512 * 1024 * 1024;

/// Values may nest deeply. Of this only what is used is ever taken.
const STACK: usize = 16 * 1024 * 1024;

/// It has nothing to write.
const FILE: u64 = 1024 * 1024;

/// Seconds of a processor; a file of 50 MB takes one.
const PROCESSOR: u64 = 20;

/// The sides that a page may have in a text document, in points: a little, and what LibreOffice takes.
const LEAST: f64 = 20.0;
const MOST: f64 = 8500.0;

/// How the answer begins.
const ANSWER: &str = "sizes: ";

/// A page's width and height, in tenths of a point, so that pages of one size are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Sheet {
    /// As near as a text document comes to it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within bounds by then"
    )]
    fn of((width, height): (f64, f64)) -> Self {
        let tenths = |side: f64| (side.clamp(LEAST, MOST) * 10.0).round() as u32;
        Self {
            width: tenths(width),
            height: tenths(height),
        }
    }
}

/// The size of each page of the PDF at `path`; none where it can't be told.
pub(super) async fn of(path: &Path, until: Instant) -> Vec<Sheet> {
    let mut command = child::again(ARGUMENT, "office::sheets::tests::teller");
    command.arg(path);
    let bounds = Bounds {
        memory: MEMORY,
        file: FILE,
        until,
    };
    match child::run(command, bounds).await {
        Ok(ended) => {
            let answer = ended
                .output
                .lines()
                .find_map(|line| line.strip_prefix(ANSWER));
            let sheets = answer.and_then(read);
            if sheets.is_none() {
                tracing::info!(code = ?ended.code, "the sizes of a file's pages were not told");
            }
            sheets.unwrap_or_default()
        }
        Err(error) => {
            tracing::info!(%error, "the sizes of a file's pages were not told");
            Vec::new()
        }
    }
}

/// Of all of the page, as LibreOffice places what stands on it: also what a reader crops.
fn dimensions(page: &Page<'_>) -> (f64, f64) {
    let whole = page.media_box();
    match page.rotation() {
        Rotation::None | Rotation::Flipped => (whole.width(), whole.height()),
        Rotation::Horizontal | Rotation::FlippedHorizontal => (whole.height(), whole.width()),
    }
}

fn read(answer: &str) -> Option<Vec<Sheet>> {
    let sheets = answer.split_whitespace().map(|sheet| {
        let (width, height) = sheet.split_once('x')?;
        Some(Sheet {
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        })
    });
    sheets.collect()
}

/// If this process was started to tell the sizes of pages, does that; `None` otherwise. To be asked first thing.
pub(crate) fn teller() -> Option<ExitCode> {
    let told = again::told(ARGUMENT)?;
    let told = told.first().and_then(|path| tell(Path::new(path)));
    Some(match told {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn tell(path: &Path) -> Option<()> {
    limit(Resource::Cpu, PROCESSOR)?;
    // Nothing of it is worth a core file.
    limit(Resource::Core, 0)?;
    let bytes = fs::read(path).ok()?;
    let answer = again::with_stack(STACK, move || {
        let pdf = Pdf::new(bytes).ok()?;
        let pages = pdf.pages().iter().take(MOST_PAGES);
        let sheets = pages.map(|page| Sheet::of(dimensions(page)));
        let sheets = sheets.map(|sheet| format!("{}x{}", sheet.width, sheet.height));
        Some(sheets.collect::<Vec<_>>().join(" "))
    })??;
    writeln!(io::stdout(), "{ANSWER}{answer}").ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// No test, but the process that tells sizes, when one of them has asked for it.
    #[test]
    fn teller() {
        let mut told = std::env::args().skip_while(|it| it != "--").skip(1);
        if let Some(path) = told.next() {
            // The harness has begun a line.
            writeln!(io::stdout()).unwrap();
            tell(Path::new(&path)).unwrap();
        }
    }

    async fn told(bytes: &[u8]) -> Vec<Sheet> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        fs::write(&path, bytes).unwrap();
        of(&path, Instant::now() + Duration::from_secs(30)).await
    }

    #[tokio::test]
    async fn each_page_has_its_size_as_it_is_turned() {
        let file = b"%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Count 3/MediaBox[0 0 300 400.04]/Kids[3 0 R 4 0 R 5 0 R]>> endobj
3 0 obj <</Type/Page/Parent 2 0 R>> endobj
4 0 obj <</Type/Page/Parent 2 0 R/Rotate 90/CropBox[100 100 200 200]>> endobj
5 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 90000]>> endobj
trailer <</Root 1 0 R>>";
        let sheet = |width, height| Sheet { width, height };
        let expected = [sheet(3000, 4000), sheet(4000, 3000), sheet(200, 85_000)];
        assert_eq!(told(file).await, expected);
    }

    #[tokio::test]
    async fn of_what_is_no_pdf_nothing_is_told() {
        assert_eq!(told(b"%PDF-1.7 and nothing more").await, []);
        assert_eq!(told(b"").await, []);
    }
}
