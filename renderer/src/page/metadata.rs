//! What a PDF says of itself, which the browser takes from the document's title alone. It is written as an
//! incremental update (ISO 32000-1, 7.5.6): a few hundred bytes behind the file, whatever its length.

use common::task::Metadata;

use super::PageError;
use crate::spool::Spool;

/// Where the end of a file is looked for, and where its information, in bytes.
const TAIL: usize = 2048;
const HEAD: usize = 64 * 1024;

/// Adds the metadata to the PDF in the spool.
pub(super) async fn write(metadata: &Metadata, spool: &mut Spool) -> Result<(), PageError> {
    if metadata.is_empty() {
        return Ok(());
    }
    let size = spool.size();
    let tail = spool.part(size.saturating_sub(TAIL as u64), TAIL).await?;
    let end = End::read(&tail).ok_or_else(|| {
        PageError::Internal("the browser's PDF ends in a way that is not known".to_owned())
    })?;
    let head = spool.part(0, HEAD).await?;
    spool.write(&update(metadata, &end, &head, size)).await?;
    Ok(())
}

/// How a PDF ends.
#[derive(Debug, PartialEq, Eq)]
struct End {
    /// How many objects there are.
    size: String,
    /// The reference to the document.
    root: String,
    /// The number of the object that holds the information.
    info: String,
    /// The file's identifier, if it has one.
    id: Option<String>,
    /// Where the last table of objects begins.
    table: u64,
}

impl End {
    fn read(tail: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(tail);
        let (before, after) = text.rsplit_once("startxref")?;
        let trailer = before.rsplit_once("trailer")?.1;
        let value = |name: &str| {
            let rest = trailer.split_once(name)?.1.trim_start();
            let end = rest.find(['/', '>', '\n', '\r']).unwrap_or(rest.len());
            Some(rest[..end].trim().to_owned())
        };
        let id = trailer.split_once("/ID").and_then(|(_, rest)| {
            let end = rest.find(']')?;
            Some(rest[..=end].trim().to_owned())
        });
        Some(Self {
            size: value("/Size")?,
            root: value("/Root")?,
            info: value("/Info")?.strip_suffix(" 0 R")?.to_owned(),
            id,
            table: after.split_whitespace().next()?.parse().ok()?,
        })
    }
}

/// What is to be put behind a file of `size` bytes.
fn update(metadata: &Metadata, end: &End, head: &[u8], size: u64) -> Vec<u8> {
    let said = [
        ("Title", &metadata.title),
        ("Author", &metadata.author),
        ("Subject", &metadata.subject),
        ("Keywords", &metadata.keywords),
    ];
    let End {
        size: objects,
        root,
        info,
        id,
        table,
    } = end;
    let mut update = format!("\n{info} 0 obj\n<<").into_bytes();
    for (name, text) in said {
        if let Some(text) = text {
            update.extend(format!("/{name} {}\n", encoded(text)).bytes());
        }
    }
    for (name, value) in entries(head, info) {
        let is_said =
            |(said, text): &(&str, &Option<String>)| said.as_bytes() == name && text.is_some();
        if !said.iter().any(is_said) {
            update.extend([b"/".as_slice(), name, b" ", value, b"\n"].concat());
        }
    }
    update.extend(b">>\nendobj\n");
    let object = size + 1;
    let new_table = size + update.len() as u64;
    let id = id
        .as_ref()
        .map_or_else(String::new, |id| format!("\n/ID {id}"));
    let rest = format!(
        "xref\n{info} 1\n{object:010} 00000 n \ntrailer\n<</Size {objects}\n/Root {root}\n\
         /Info {info} 0 R\n/Prev {table}{id}>>\nstartxref\n{new_table}\n%%EOF\n"
    );
    update.extend(rest.bytes());
    update
}

/// A text as PDF writes any: UTF-16 in hexadecimal digits.
fn encoded(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("{unit:04X}"));
    format!("<FEFF{}>", units.collect::<String>())
}

/// What the information says already, as far as it is texts.
fn entries<'a>(head: &'a [u8], info: &str) -> Vec<(&'a [u8], &'a [u8])> {
    let start = format!("\n{info} 0 obj\n<<");
    let mut places = head.windows(start.len());
    let Some(at) = places.position(|place| place == start.as_bytes()) else {
        return Vec::new();
    };
    let mut rest = head[at + start.len()..].trim_ascii_start();
    let mut found = Vec::new();
    while let Some(entry) = rest.strip_prefix(b"/") {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"(<[/>".contains(byte);
        let Some(end) = entry.iter().position(is_end) else {
            break;
        };
        let (name, value) = entry.split_at(end);
        let value = value.trim_ascii_start();
        let Some(length) = text_length(value) else {
            break;
        };
        let (value, after) = value.split_at(length);
        found.push((name, value));
        rest = after.trim_ascii_start();
    }
    found
}

/// The length of the text that begins here; `None` for what is no text, or has no end.
fn text_length(value: &[u8]) -> Option<usize> {
    let (first, _) = value.split_first()?;
    match first {
        b'<' => Some(value.iter().position(|byte| *byte == b'>')? + 1),
        b'(' => {
            let (mut depth, mut escaped) = (0_usize, false);
            for (at, byte) in value.iter().enumerate() {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            None
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "%PDF-1.4\n%x\n1 0 obj\n<</Title (a \\) (b))\n/Creator (Chromium)\n/Producer <FEFF>>>\nendobj\n\
        xref\n0 15\n0000000000 65535 f \ntrailer\n<</Size 15\n/Root 10 0 R\n/Info 1 0 R>>\nstartxref\n77\n%%EOF\n";

    #[test]
    fn the_update_says_what_is_new_and_keeps_the_rest() {
        let end = End::read(FILE.as_bytes()).unwrap();
        let metadata = Metadata {
            title: Some("Ü".to_owned()),
            keywords: Some("a".to_owned()),
            ..Metadata::default()
        };
        let size = FILE.len() as u64;
        let update = update(&metadata, &end, FILE.as_bytes(), size);
        let text = String::from_utf8(update).unwrap();
        let table = FILE.len() + text.find("xref").unwrap();
        let object = size + 1;
        assert_eq!(
            text,
            format!(
                "\n1 0 obj\n<</Title <FEFF00DC>\n/Keywords <FEFF0061>\n/Creator (Chromium)\n/Producer <FEFF>\n\
                 >>\nendobj\nxref\n1 1\n{object:010} 00000 n \ntrailer\n<</Size 15\n/Root 10 0 R\n/Info 1 0 R\n\
                 /Prev 77>>\nstartxref\n{table}\n%%EOF\n"
            )
        );
    }

    #[test]
    fn an_identifier_is_kept_and_an_unknown_end_is_none() {
        let with_id = FILE.replace("/Info 1 0 R", "/Info 1 0 R\n/ID [<00> <01>]");
        let id = End::read(with_id.as_bytes()).unwrap().id;
        assert_eq!(id.as_deref(), Some("[<00> <01>]"));
        assert_eq!(End::read(b"%PDF-1.7\nstartxref\n9\n%%EOF"), None);
    }

    #[test]
    fn half_an_information_is_left_alone() {
        let broken = "\n1 0 obj\n<</Creator (Chromium)\n/Author (never ends";
        let found = entries(broken.as_bytes(), "1");
        assert_eq!(found, [(b"Creator".as_slice(), b"(Chromium)".as_slice())]);
        assert!(entries(b"nothing", "1").is_empty());
    }
}
