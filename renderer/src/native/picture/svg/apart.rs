//! The process that reads one SVG, and draws it if it is to: this program again, told so by its first argument. It is
//! held to a memory, a stack and a time, and what is too much for it is the picture's fault.

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use common::process::again;
use serde::{Deserialize, Serialize};

use super::super::PictureError;
use super::Drawing;
use super::faces;
use super::shapes::Shapes;
use crate::child;
use crate::child::talk::{self, End, NOT_BEGUN};
use crate::native::Limits;

/// The argument that makes this program such a process.
const ARGUMENT: &str = "--draw-an-svg";

/// Bytes of address space. What is drawn takes up to a half of it (see [`super::shapes`]), stacks and this program the
/// rest. As many as there are native slots must fit beside the renderer in its container.
const MEMORY: u64 = 1280 * 1024 * 1024;

/// What deep nesting takes: the parser goes down 1024 levels. Of this only what is used is ever taken.
const STACK: usize = 64 * 1024 * 1024;

/// How many times the seconds of a processor it is waited for: others may have the processor.
const PATIENCE: u32 = 10;

/// The most bytes of an answer without its pixels.
const WORDS: usize = 64 * 1024;

/// What is to be done with the drawing that follows on standard input.
#[derive(Debug, Serialize, Deserialize)]
struct Errand {
    /// How it is to be drawn; it is only measured otherwise.
    view: Option<View>,
    /// Bytes of what text is written in, before the drawing itself.
    faces: usize,
    /// Pixels of a picture inside of it.
    limit: u64,
    /// Seconds of a processor.
    within: u64,
}

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
    Drawn,
    /// It can't be read.
    Broken(String),
    /// It takes more than it is worth.
    TooComplex,
}

/// The natural size of a drawing.
pub(super) fn measure(drawing: &Drawing) -> Result<(f64, f64), PictureError> {
    match ask(drawing, None, 0)? {
        (Answer::Size(width, height), _) => Ok((width, height)),
        (other, _) => Err(refused(other)),
    }
}

/// Its pixels, multiplied with their alpha.
pub(super) fn draw(
    drawing: &Drawing,
    size: (u32, u32),
    scale: f64,
    corner: (f64, f64),
) -> Result<Vec<u8>, PictureError> {
    let view = View {
        size,
        scale,
        corner,
    };
    let pixels = u64::from(size.0) * u64::from(size.1);
    let length = usize::try_from(pixels.saturating_mul(4)).map_err(|_| PictureError::TooComplex)?;
    match ask(drawing, Some(view), length)? {
        (Answer::Drawn, pixels) => Ok(pixels),
        (other, _) => Err(refused(other)),
    }
}

fn refused(answer: Answer) -> PictureError {
    match answer {
        Answer::Broken(why) => PictureError::Broken(why),
        Answer::TooComplex => PictureError::TooComplex,
        Answer::Size(..) | Answer::Drawn => unreadable(),
    }
}

fn unreadable() -> PictureError {
    PictureError::Broken("the SVG can't be read".to_owned())
}

/// Starts the process, and reads its answer and the `more` bytes that follow it.
fn ask(
    drawing: &Drawing,
    view: Option<View>,
    more: usize,
) -> Result<(Answer, Vec<u8>), PictureError> {
    let errand = Errand {
        view,
        faces: drawing.faces.len(),
        limit: drawing.limits.picture_pixels,
        within: within(&drawing.limits),
    };
    let told = serde_json::to_string(&errand).map_err(io::Error::from)?;
    let test = "native::picture::svg::apart::tests::drawer";
    let mut command = child::again(ARGUMENT, test).into_std();
    command.arg(told);
    let sent: [&[u8]; 2] = [&drawing.faces, &drawing.bytes];
    let wait = Duration::from_secs(errand.within) * PATIENCE;
    let said = talk::ask(command, &sent, WORDS.saturating_add(more), wait)?;
    if let Some(heard) = heard(&said.output, more) {
        return Ok(heard);
    }
    tracing::info!(end = ?said.end, "an SVG ended the process that read it");
    Err(match said.end {
        End::TooMuch => PictureError::TooComplex,
        // Of a panic.
        End::Exit(code) if code != i32::from(NOT_BEGUN) => unreadable(),
        End::Exit(_) | End::Stopped => {
            io::Error::other("the process that reads SVGs can't do its work").into()
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

/// The first line that is an answer, and at most `more` bytes of what follows it.
fn heard(said: &[u8], more: usize) -> Option<(Answer, Vec<u8>)> {
    let mut rest = said;
    loop {
        let mut parts = rest.splitn(2, |byte| *byte == b'\n');
        let (line, after) = (parts.next()?, parts.next()?);
        if let Ok(answer) = serde_json::from_slice(line) {
            // As long as it must be to the byte: a painter takes no vector with room to spare.
            return Some((answer, after.get(..more).unwrap_or(after).to_vec()));
        }
        rest = after;
    }
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
    let said = done.and_then(|(answer, pixels)| say(&answer, &pixels).ok());
    u8::from(said.is_none())
}

fn begin(told: &OsStr) -> Option<(Errand, Vec<u8>)> {
    let errand: Errand = serde_json::from_str(told.to_str()?).ok()?;
    talk::bounded(MEMORY, errand.within)?;
    let mut sent = Vec::new();
    io::stdin().lock().read_to_end(&mut sent).ok()?;
    Some((errand, sent))
}

fn say(answer: &Answer, pixels: &[u8]) -> io::Result<()> {
    let answer = serde_json::to_string(answer)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{answer}")?;
    out.write_all(pixels)?;
    out.flush()
}

impl Errand {
    fn run(&self, sent: &[u8]) -> (Answer, Vec<u8>) {
        match self.work(sent) {
            Ok(done) => done,
            Err(PictureError::TooComplex) => (Answer::TooComplex, Vec::new()),
            Err(PictureError::Broken(why)) => (Answer::Broken(why), Vec::new()),
            Err(other) => (Answer::Broken(other.to_string()), Vec::new()),
        }
    }

    fn work(&self, sent: &[u8]) -> Result<(Answer, Vec<u8>), PictureError> {
        let (faces, drawing) = sent.split_at_checked(self.faces).ok_or_else(unreadable)?;
        let shapes = Shapes::parse(drawing, self.limit, faces::read(faces))?;
        let Some(view) = self.view else {
            let (width, height) = shapes.size();
            return Ok((Answer::Size(width, height), Vec::new()));
        };
        Ok((Answer::Drawn, shapes.draw(view)?.take()))
    }
}

#[cfg(test)]
mod tests {
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
    fn an_answer_is_found_behind_noise_and_its_pixels_behind_it() {
        let (answer, pixels) = heard(b"noise\n\n\"Drawn\"\n\x01\n\x02ok\n", 3).unwrap();
        assert!(matches!(answer, Answer::Drawn));
        assert_eq!(pixels, b"\x01\n\x02");
        assert!(heard(b"noise\n\"Drawn\"", 3).is_none());
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
