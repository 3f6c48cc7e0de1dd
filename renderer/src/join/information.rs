//! What the new file says of itself: what the caller wants, else what its first source says.

use common::task::Metadata;
use hayro::hayro_syntax::metadata::Metadata as Said;

use super::JoinError;
use super::values;
use super::writer::Writer;

/// The most bytes of a text that is taken from a source.
const LONGEST: usize = 64 * 1024;

/// Texts by their names in the file.
#[derive(Debug, Default)]
pub(super) struct Information {
    texts: Vec<(&'static [u8], Vec<u8>)>,
    is_complete: bool,
}

impl Information {
    /// What the caller wants.
    pub(super) fn say(&mut self, metadata: &Metadata) {
        for (name, text) in [
            (b"Title".as_slice(), &metadata.title),
            (b"Author", &metadata.author),
            (b"Subject", &metadata.subject),
            (b"Keywords", &metadata.keywords),
        ] {
            let text = text.as_deref().map(utf16);
            self.put(name, text);
        }
    }

    /// Takes the rest from the first source, and from none after it.
    pub(super) fn complete(&mut self, said: &Said) {
        if std::mem::replace(&mut self.is_complete, true) {
            return;
        }
        for (name, text) in [
            (b"Title".as_slice(), &said.title),
            (b"Author", &said.author),
            (b"Subject", &said.subject),
            (b"Keywords", &said.keywords),
        ] {
            let text = text.as_ref().filter(|text| text.len() <= LONGEST);
            self.put(name, text.map(|text| text.to_vec()));
        }
    }

    fn put(&mut self, name: &'static [u8], text: Option<Vec<u8>>) {
        let is_new = !self.texts.iter().any(|(known, _)| *known == name);
        self.texts
            .extend(text.filter(|_| is_new).map(|text| (name, text)));
    }

    /// Writes it, if there is anything, and gives its number.
    pub(super) fn finish(self, writer: &mut Writer) -> Result<Option<u32>, JoinError> {
        if self.texts.is_empty() {
            return Ok(None);
        }
        let mut out = b"<<".to_vec();
        for (name, text) in &self.texts {
            values::name(&mut out, name);
            values::string(&mut out, text);
        }
        out.extend(b">>");
        let number = writer.reserve();
        writer.put(number, &out)?;
        Ok(Some(number))
    }
}

/// A text as PDF writes any.
fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_be_bytes);
    [0xfe, 0xff].into_iter().chain(units).collect()
}
