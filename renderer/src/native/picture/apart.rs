//! The process that reads one SVG or AVIF, and draws it if it is to: this program again, told so by its first argument.
//! It is held to a memory, a stack and a time, and what is too much for it is the picture's fault.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use common::process::again;
use serde::{Deserialize, Serialize};

use super::PictureError;
use super::avif;
use super::svg::{Shapes, read_faces};
use crate::child;
use crate::child::talk::{self, End, NOT_BEGUN};
use crate::native::Limits;

/// The argument that makes this program such a process.
const ARGUMENT: &str = "--draw-a-picture";

/// Bytes of address space. What is drawn takes up to a half of it (see [`Shapes`]), stacks and this program the
/// rest. As many as there are native slots must fit beside the renderer in its container.
const MEMORY: u64 = 1280 * 1024 * 1024;

/// What deep nesting takes: the parser goes down 1024 levels. Of this only what is used is ever taken.
const STACK: usize = 64 * 1024 * 1024;

/// How many times the seconds of a processor it is waited for: others may have the processor.
const PATIENCE: u32 = 10;

/// The most bytes of an answer without its pixels.
const WORDS: usize = 64 * 1024;

/// A picture that is handed over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handed<'a> {
    /// What text of an SVG is written in; nothing if there is none.
    pub(super) faces: &'a [u8],
    /// The file.
    pub(super) bytes: &'a [u8],
    pub(super) limits: &'a Limits,
}

/// What is to be done with the picture that follows on standard input.
#[derive(Debug, Serialize, Deserialize)]
struct Errand {
    work: Work,
    /// Bytes of what text is written in, before the drawing itself.
    faces: usize,
    /// Pixels of a picture inside of it.
    limit: u64,
    /// Seconds of a processor.
    within: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Work {
    MeasureSvg,
    DrawSvg(View),
    MeasureAvif,
    DecodeAvif,
}

/// How an SVG is drawn.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct View {
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// How many pixels one of its own units takes.
    pub(super) scale: f64,
    /// What is cut off at the left and at the top, in pixels.
    pub(super) corner: (f64, f64),
}

/// What the process says: a line of JSON.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    /// Its natural size.
    Size(f64, f64),
    /// It is drawn: as many bytes follow as its pixels have.
    Drawn { see_through: bool },
    /// It can't be read.
    Broken(String),
    /// It takes more than it is worth.
    TooComplex,
    /// It has more pixels than are taken.
    TooLarge(u32, u32),
}

/// The natural size of an SVG.
pub(super) fn measure_svg(svg: Handed<'_>) -> Result<(f64, f64), PictureError> {
    measured(svg, Work::MeasureSvg)
}

/// The pixels of an SVG, multiplied with their alpha.
pub(super) fn draw_svg(svg: Handed<'_>, view: View) -> Result<Vec<u8>, PictureError> {
    let (pixels, _) = drawn(svg, Work::DrawSvg(view), view.size)?;
    Ok(pixels)
}

/// The size of an AVIF.
pub(super) fn measure_avif(avif: Handed<'_>) -> Result<(f64, f64), PictureError> {
    measured(avif, Work::MeasureAvif)
}

/// The pixels of an AVIF of this size, and whether one of them may be see-through.
pub(super) fn decode_avif(
    avif: Handed<'_>,
    size: (u32, u32),
) -> Result<(Vec<u8>, bool), PictureError> {
    drawn(avif, Work::DecodeAvif, size)
}

fn measured(picture: Handed<'_>, work: Work) -> Result<(f64, f64), PictureError> {
    match ask(picture, work, 0)? {
        (Answer::Size(width, height), _) => Ok((width, height)),
        (other, _) => Err(refused(other, picture.limits)),
    }
}

fn drawn(
    picture: Handed<'_>,
    work: Work,
    size: (u32, u32),
) -> Result<(Vec<u8>, bool), PictureError> {
    let pixels = u64::from(size.0) * u64::from(size.1);
    let length = usize::try_from(pixels.saturating_mul(4)).map_err(|_| PictureError::TooComplex)?;
    match ask(picture, work, length)? {
        (Answer::Drawn { see_through }, pixels) => Ok((pixels, see_through)),
        (other, _) => Err(refused(other, picture.limits)),
    }
}

fn refused(answer: Answer, limits: &Limits) -> PictureError {
    match answer {
        Answer::Broken(why) => PictureError::Broken(why),
        Answer::TooComplex => PictureError::TooComplex,
        Answer::TooLarge(width, height) => PictureError::TooLarge {
            limit: limits.picture_pixels,
            width,
            height,
        },
        Answer::Size(..) | Answer::Drawn { .. } => unreadable(),
    }
}

fn unreadable() -> PictureError {
    PictureError::Broken("it can't be read".to_owned())
}

/// Starts the process, and reads its answer and the `more` bytes that follow it.
fn ask(picture: Handed<'_>, work: Work, more: usize) -> Result<(Answer, Vec<u8>), PictureError> {
    let errand = Errand {
        work,
        faces: picture.faces.len(),
        limit: picture.limits.picture_pixels,
        within: within(picture.limits),
    };
    let told = serde_json::to_string(&errand).map_err(io::Error::from)?;
    let test = "native::picture::apart::tests::drawer";
    let mut command = child::again(ARGUMENT, test).into_std();
    command.arg(told);
    let sent = [picture.faces, picture.bytes];
    let wait = Duration::from_secs(errand.within) * PATIENCE;
    let said = talk::ask(command, &sent, WORDS.saturating_add(more), wait)?;
    if let Some((answer, after)) = talk::heard(&said.output) {
        // As long as it must be to the byte: a painter takes no vector with room to spare.
        return Ok((answer, after.get(..more).unwrap_or(after).to_vec()));
    }
    tracing::info!(?work, end = ?said.end, "a picture ended the process that read it");
    Err(match (said.end, work) {
        (End::TooMuch, Work::MeasureSvg | Work::DrawSvg(_)) => PictureError::TooComplex,
        // That of a panic too: the decoder's own functions let none pass.
        (End::TooMuch, Work::MeasureAvif | Work::DecodeAvif) => {
            PictureError::Broken("it takes too much to be decoded".to_owned())
        }
        // Of a panic.
        (End::Exit(code), _) if code != i32::from(NOT_BEGUN) => unreadable(),
        (End::Exit(_) | End::Stopped, _) => {
            io::Error::other("the process that reads pictures can't do its work").into()
        }
    })
}

/// Seconds of a processor: what a drawing is worth, as far as there is time; at least one.
fn within(limits: &Limits) -> u64 {
    let left = limits
        .until
        .map(|until| until.saturating_duration_since(Instant::now()));
    let within = left.map_or(limits.drawing, |left| left.min(limits.drawing));
    within.as_secs().max(1)
}

/// If this process was started to draw an SVG, does that; `None` otherwise. To be asked first thing.
pub(crate) fn drawer() -> Option<ExitCode> {
    let told = again::told(ARGUMENT)?;
    Some(told.first().map_or(ExitCode::from(NOT_BEGUN), |errand| {
        ExitCode::from(serve(errand))
    }))
}

/// Does what it is told; gives the exit code.
fn serve(told: &OsStr) -> u8 {
    let Some((errand, sent)) = begin(told) else {
        return NOT_BEGUN;
    };
    let done = again::with_stack(STACK, move || errand.run(&sent));
    let said = done.and_then(|(answer, pixels)| talk::say(&answer, &pixels).ok());
    u8::from(said.is_none())
}

fn begin(told: &OsStr) -> Option<(Errand, Vec<u8>)> {
    let errand: Errand = serde_json::from_str(told.to_str()?).ok()?;
    talk::bounded(MEMORY, errand.within)?;
    let mut sent = Vec::new();
    io::stdin().lock().read_to_end(&mut sent).ok()?;
    Some((errand, sent))
}

impl Errand {
    fn run(&self, sent: &[u8]) -> (Answer, Vec<u8>) {
        let refused = match self.work(sent) {
            Ok(done) => return done,
            Err(PictureError::TooComplex) => Answer::TooComplex,
            Err(PictureError::TooLarge { width, height, .. }) => Answer::TooLarge(width, height),
            Err(PictureError::Broken(why)) => Answer::Broken(why),
            Err(other) => Answer::Broken(other.to_string()),
        };
        (refused, Vec::new())
    }

    fn work(&self, sent: &[u8]) -> Result<(Answer, Vec<u8>), PictureError> {
        let (faces, file) = sent.split_at_checked(self.faces).ok_or_else(unreadable)?;
        let shapes = || Shapes::parse(file, self.limit, read_faces(faces));
        Ok(match self.work {
            Work::MeasureSvg => {
                let (width, height) = shapes()?.size();
                (Answer::Size(width, height), Vec::new())
            }
            Work::DrawSvg(view) => {
                let pixels = shapes()?.draw(view)?.take();
                (Answer::Drawn { see_through: true }, pixels)
            }
            Work::MeasureAvif => {
                let (width, height) = avif::size(file, self.limit)?;
                (Answer::Size(width.into(), height.into()), Vec::new())
            }
            Work::DecodeAvif => {
                let (pixels, see_through) = avif::decode(file, self.limit)?;
                (Answer::Drawn { see_through }, pixels)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// No test, but the process that draws, when one of them has asked for it.
    #[test]
    fn drawer() {
        let errand = std::env::args_os().next_back().unwrap();
        if errand.to_string_lossy().starts_with('{') {
            // The harness has begun a line.
            writeln!(io::stdout()).unwrap();
            let code = serve(&errand);
            assert_eq!(code, 0);
        }
    }

    #[test]
    fn a_process_has_what_is_left_of_the_time_of_its_picture() {
        let limits = |until| Limits {
            drawing: Duration::from_secs(7),
            until,
            ..Limits::default()
        };
        assert_eq!(within(&limits(None)), 7);
        assert_eq!(within(&limits(Some(Instant::now()))), 1);
        let long = Instant::now() + Duration::from_hours(1);
        assert_eq!(within(&limits(Some(long))), 7);
    }
}
