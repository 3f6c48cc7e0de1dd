//! Paints a picture in a process of its own: this program again, told so by its first argument. Fonts that a caller
//! brings along are programs of a kind, and a small one can make what reads it take any memory or time; a picture
//! without them is painted in place, which saves the reading of the installed fonts.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::process::again;
use common::task::layers::{Canvas, FileSource};
use serde::{Deserialize, Serialize};

use super::{Files, Fonts, Limits, PaintError, paint};
use crate::child;
use crate::child::talk::{self, End, NOT_BEGUN};
use crate::models::Models;

/// The argument that makes this program such a process.
const ARGUMENT: &str = "--paint-a-picture";

/// Bytes of address space: a picture as large as any, with its pictures and fonts, and a model.
const MEMORY: u64 = 3 * 1024 * 1024 * 1024;

/// Layouts and fonts nest. Of this only what is used is ever taken.
const STACK: usize = 64 * 1024 * 1024;

/// The most seconds of a processor.
const PROCESSOR: u64 = 120;

/// The most bytes of an answer: of a picture of noise as large as any, and of words.
const MOST: usize = 256 * 1024 * 1024;

/// What is to be painted, as a line of JSON; the bytes of its files follow.
#[derive(Debug, Serialize, Deserialize)]
struct Errand {
    canvas: Canvas,
    /// Each with how many bytes it has.
    files: Vec<(FileSource, usize)>,
    /// Where fonts are installed.
    folders: Vec<PathBuf>,
    models: Option<PathBuf>,
    /// Seconds of a processor.
    within: u64,
}

/// What the process says, as a line of JSON.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    /// A file of so many bytes, which follows.
    Painted(usize),
    /// There is no time left.
    Late,
    /// There is none, for this reason.
    Refused { message: String, is_callers: bool },
}

/// Paints a canvas whose files have been fetched, with the fonts of these folders and the models of that one, and
/// makes a file of it. Blocks for as long as that takes.
pub(crate) fn painted(
    canvas: Canvas,
    files: &Files,
    fonts: &Fonts,
    models: Option<&Path>,
    limits: &Limits,
) -> Result<Vec<u8>, PaintError> {
    let left = limits
        .until
        .map(|until| until.saturating_duration_since(Instant::now()));
    let left = left.map_or(PROCESSOR, |left| left.as_secs().clamp(1, PROCESSOR));
    let errand = Errand {
        canvas,
        files: files
            .iter()
            .map(|(file, bytes)| (file.clone(), bytes.len()))
            .collect(),
        folders: fonts.folders().to_vec(),
        models: models.map(Path::to_owned),
        within: left,
    };
    let mut told = serde_json::to_vec(&errand).map_err(io::Error::from)?;
    told.push(b'\n');
    let mut sent: Vec<&[u8]> = vec![&told];
    sent.extend(files.iter().map(|(_, bytes)| bytes.as_ref()));
    let command = child::again(ARGUMENT, "native::apart::tests::painter").into_std();
    let said = talk::ask(command, &sent, MOST, Duration::from_secs(left))?;
    if let Some(meant) = talk::heard(&said.output).and_then(meant) {
        return meant;
    }
    tracing::info!(end = ?said.end, "a picture ended the process that painted it");
    Err(match said.end {
        _ if limits.is_late() => PaintError::Late,
        End::TooMuch => PaintError::Panicked,
        End::Exit(code) if code != i32::from(NOT_BEGUN) => PaintError::Panicked,
        End::Exit(_) | End::Stopped => {
            io::Error::other("the process that paints can't do its work").into()
        }
    })
}

/// What an answer means, and the bytes that follow it; none if the file is not whole.
fn meant((answer, file): (Answer, &[u8])) -> Option<Result<Vec<u8>, PaintError>> {
    Some(match answer {
        Answer::Painted(length) => Ok(file.get(..length)?.to_vec()),
        Answer::Late => Err(PaintError::Late),
        Answer::Refused {
            message,
            is_callers,
        } => Err(PaintError::Apart {
            message,
            is_callers,
        }),
    })
}

/// If this process was started to paint a picture, does that; `None` otherwise. To be asked first thing.
pub(crate) fn painter() -> Option<ExitCode> {
    again::told(ARGUMENT)?;
    Some(ExitCode::from(serve()))
}

/// Does what it is told; gives the exit code.
fn serve() -> u8 {
    let Some((errand, files)) = begin() else {
        return NOT_BEGUN;
    };
    let said = again::with_stack(STACK, move || errand.run(&files));
    let said = said.and_then(|(answer, file)| talk::say(&answer, &file).ok());
    u8::from(said.is_none())
}

fn begin() -> Option<(Errand, Files)> {
    // Before it knows its own time, which is no more.
    talk::bounded(MEMORY, PROCESSOR)?;
    let mut sent = Vec::new();
    io::stdin().lock().read_to_end(&mut sent).ok()?;
    let end = sent.iter().position(|byte| *byte == b'\n')?;
    let errand: Errand = serde_json::from_slice(sent.get(..end)?).ok()?;
    talk::bounded(MEMORY, errand.within)?;
    let mut rest = Bytes::from(sent).split_off(end + 1);
    let mut files = Files::default();
    for (file, length) in &errand.files {
        if rest.len() < *length {
            return None;
        }
        files.insert(file.clone(), rest.split_to(*length));
    }
    Some((errand, files))
}

impl Errand {
    fn run(&self, files: &Files) -> (Answer, Vec<u8>) {
        match self.paint(files) {
            Ok(file) => (Answer::Painted(file.len()), file),
            Err(PaintError::Late) => (Answer::Late, Vec::new()),
            Err(error) => {
                let refused = Answer::Refused {
                    message: error.to_string(),
                    is_callers: error.is_callers(),
                };
                (refused, Vec::new())
            }
        }
    }

    fn paint(&self, files: &Files) -> Result<Vec<u8>, PaintError> {
        let fonts = Fonts::load_only(&self.folders);
        let models = match &self.models {
            Some(folder) => Models::load(folder).map_err(io::Error::other)?,
            None => Models::default(),
        };
        let limits = Limits {
            until: Some(Instant::now() + Duration::from_secs(self.within)),
            ..Limits::default()
        };
        paint(&self.canvas, files, &fonts, &models, &limits)?.encode()
    }
}

#[cfg(test)]
mod tests {
    use common::task::layers::{
        Blob, CanvasSize, Content, FontFile, Layer, PictureFormat, Text, Weight,
    };

    use std::io::Write as _;

    use super::*;

    /// No test, but the process that paints, when one of them has asked for it.
    #[test]
    fn painter() {
        if std::env::args()
            .next_back()
            .is_some_and(|last| last == "--")
        {
            // The harness has begun a line.
            writeln!(io::stdout()).unwrap();
            assert_eq!(serve(), 0);
        }
    }

    fn written(font: Vec<u8>, files: &mut Files) -> Canvas {
        let mut text = Text::plain("Words", 20.0).unwrap();
        text.font.family = "Mine".to_owned();
        let file = FileSource::Url("https://example.com/font".parse().unwrap());
        files.insert(file.clone(), font.into());
        Canvas {
            size: CanvasSize::new(80, 30).unwrap(),
            format: PictureFormat::Png,
            layers: vec![Layer::new(Content::Text(text))],
            fonts: vec![FontFile {
                name: "Mine".to_owned(),
                weight: Weight::Regular,
                italic: false,
                file,
            }],
        }
    }

    #[test]
    fn a_process_of_its_own_paints_the_same_picture() {
        let (mut files, fonts) = (Files::default(), Fonts::load(&[]));
        let font = std::fs::read("/usr/share/fonts/opentype/inter/Inter-Black.otf").unwrap();
        let canvas = written(font, &mut files);
        let limits = Limits::default();
        let here = paint(&canvas, &files, &fonts, &Models::default(), &limits);
        let here = here.unwrap().encode().unwrap();
        let apart = painted(canvas.clone(), &files, &fonts, None, &limits).unwrap();
        assert_eq!(apart, here);
        // In Inter, as without the font, it is another.
        let mut plain = canvas;
        plain.fonts.clear();
        assert_ne!(painted(plain, &files, &fonts, None, &limits).unwrap(), here);
    }

    #[test]
    fn what_is_wrong_with_a_picture_is_told_by_its_process() {
        let (mut files, fonts) = (Files::default(), Fonts::load(&[]));
        let mut canvas = written(Vec::new(), &mut files);
        let wrong = FileSource::Inline(Blob(b"no picture".to_vec().into()));
        let image = common::task::layers::Image {
            file: wrong,
            smart_crop: false,
            remove_background: false,
            corners: common::task::layers::Corners::default(),
        };
        canvas.layers.push(Layer::new(Content::Image(image)));
        let error = painted(canvas, &files, &fonts, None, &Limits::default()).unwrap_err();
        assert!(error.is_callers());
        let words = "layer.file must be a PNG, JPEG, WebP, GIF, AVIF or SVG image";
        assert_eq!(error.to_string(), words);
    }
}
