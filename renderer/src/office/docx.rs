//! Packs a DOCX anew before an office suite sees it: a DOCX is a ZIP archive, and this one is ours then, whole,
//! of bounded length however it was packed, and without what leads elsewhere.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::links;

/// The most bytes that all parts may unpack to.
const UNPACKED_LIMIT: u64 = 256 * 1024 * 1024;

/// The most bytes of one part that is XML: a suite takes ten times as much to read it.
const XML_LIMIT: u64 = 32 * 1024 * 1024;

/// The same of a part that names relationships.
const RELATIONS_LIMIT: u64 = 4 * 1024 * 1024;

/// How many times its length a part may unpack to, if it is no short one; text comes to about 20.
const RATIO: u64 = 400;
const SHORT: u64 = 1024 * 1024;

/// The most parts.
const MOST_PARTS: usize = 10_000;

/// The end of an archive: 22 bytes, and a comment of at most 64 KiB.
const END: u64 = 22 + 65_535;
const END_MARK: &[u8] = b"PK\x05\x06";

/// Why a file is not passed on. The text goes on after its name.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotDocx {
    #[error("is not a DOCX: a DOCX is a ZIP archive, and this is {0}")]
    Other(&'static str),
    #[error("is not a DOCX: the archive holds {0}")]
    NoDocument(&'static str),
    #[error("is not a whole DOCX: the end of the archive is missing or damaged")]
    Cut,
    #[error("is damaged: its part `{0}` can't be unpacked")]
    Damaged(String),
    #[error("is protected by a password: send it without one")]
    Protected,
    #[error("has more than {MOST_PARTS} parts, which is the most that is taken")]
    Crowded,
    #[error("unpacks to too much: its part `{0}` is more than is taken")]
    Large(String),
    #[error("can't be kept")]
    Unkept(#[from] io::Error),
}

/// Packs the file at `from` to `to`, and gives the number of links that were left out.
pub(super) fn repack(from: &Path, to: &Path) -> Result<usize, NotDocx> {
    let mut file = BufReader::new(File::open(from)?);
    check_ends(&mut file)?;
    let mut archive = ZipArchive::new(file).map_err(|_| NotDocx::Cut)?;
    if archive.len() > MOST_PARTS {
        return Err(NotDocx::Crowded);
    }
    check_kind(&archive)?;
    let mut packed = ZipWriter::new(BufWriter::new(File::create(to)?));
    let (mut left, mut left_out) = (UNPACKED_LIMIT, 0);
    for number in 0..archive.len() {
        let Some(mut part) = read(&mut archive, number, left)? else {
            continue;
        };
        left -= part.bytes.len() as u64;
        if part.is_relations() {
            let damaged = |_| NotDocx::Damaged(shown(&part.name));
            let (kept, count) = links::left_out(&part.bytes).map_err(damaged)?;
            part.bytes = kept.into_bytes();
            left_out += count;
        }
        // Nobody keeps it for long, so packing is not worth the time.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let started = packed.start_file(part.name.as_str(), options);
        started.map_err(|_| NotDocx::Damaged(shown(&part.name)))?;
        packed.write_all(&part.bytes)?;
    }
    let mut written = packed.finish().map_err(io::Error::other)?;
    written.flush()?;
    Ok(left_out)
}

/// A part, unpacked.
struct Part {
    name: String,
    bytes: Vec<u8>,
}

impl Part {
    fn is_relations(&self) -> bool {
        has_extension(&self.name, "rels")
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    let found = Path::new(name).extension();
    found.is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Unpacks a part of at most `left` bytes; a folder is none.
fn read(
    archive: &mut ZipArchive<BufReader<File>>,
    number: usize,
    left: u64,
) -> Result<Option<Part>, NotDocx> {
    let name = name(archive, number);
    let packed = match archive.by_index(number) {
        Ok(packed) => packed,
        Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
            return Err(NotDocx::Protected);
        }
        Err(_) => return Err(NotDocx::Damaged(shown(&name))),
    };
    if packed.is_dir() {
        return Ok(None);
    }
    let own = if has_extension(&name, "rels") {
        RELATIONS_LIMIT
    } else if has_extension(&name, "xml") {
        XML_LIMIT
    } else {
        UNPACKED_LIMIT
    };
    let ratio = packed.compressed_size().saturating_mul(RATIO).max(SHORT);
    let limit = own.min(ratio).min(left);
    // What the directory says of its length is not believed.
    let mut bytes = Vec::new();
    let unpacked = packed.take(limit + 1).read_to_end(&mut bytes);
    unpacked.map_err(|_| NotDocx::Damaged(shown(&name)))?;
    if bytes.len() as u64 > limit {
        return Err(NotDocx::Large(shown(&name)));
    }
    Ok(Some(Part { name, bytes }))
}

/// A part's name; none of ours has the empty one.
fn name(archive: &ZipArchive<BufReader<File>>, number: usize) -> String {
    archive
        .name_for_index(number)
        .unwrap_or_default()
        .to_owned()
}

/// A name as it may be repeated to whoever chose it.
fn shown(name: &str) -> String {
    let visible = name.chars().filter(|c| !c.is_control());
    visible.take(100).collect()
}

/// Looks at the first bytes, and at the end, which tells how many parts there are before they are read.
fn check_ends(file: &mut BufReader<File>) -> Result<(), NotDocx> {
    let mut start = Vec::new();
    file.by_ref().take(8).read_to_end(&mut start)?;
    if !start.starts_with(b"PK\x03\x04") {
        return Err(NotDocx::Other(kind(&start)));
    }
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let mut counts = end
        .windows(END_MARK.len() + 8)
        .filter_map(|bytes| bytes.strip_prefix(END_MARK))
        .map(|rest| usize::from(u16::from_le_bytes([rest[6], rest[7]])))
        .peekable();
    if counts.peek().is_none() {
        return Err(NotDocx::Cut);
    }
    if counts.any(|count| count > MOST_PARTS) {
        return Err(NotDocx::Crowded);
    }
    file.rewind()?;
    Ok(())
}

/// Whether the parts are those of a text document.
fn check_kind(archive: &ZipArchive<BufReader<File>>) -> Result<(), NotDocx> {
    let names = || (0..archive.len()).filter_map(|number| archive.name_for_index(number));
    let has = |start: &str| names().any(|name| name.starts_with(start));
    if has("[Content_Types].xml") && has("word/") {
        return Ok(());
    }
    Err(NotDocx::NoDocument(if has("xl/") {
        "a workbook (XLSX)"
    } else if has("ppt/") {
        "slides (PPTX)"
    } else if has("mimetype") {
        "an OpenDocument file or a book"
    } else {
        "no text document"
    }))
}

/// What a file is by its first bytes.
fn kind(start: &[u8]) -> &'static str {
    match start {
        [] => "empty",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            "a file of Word 97 to 2003, or one that is protected by a password"
        }
        [b'{', b'\\', b'r', b't', b'f', ..] => "RTF",
        [b'P', b'K', ..] => "an empty one, or a part of one",
        [b'<', ..] => "a page or other markup",
        _ => "something else",
    }
}
