//! Writes a PDF file object by object, and at its end where each of them begins.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};

use super::JoinError;
use crate::spool;

/// The version, and a comment that tells transports that the file is binary.
const HEAD: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";

/// A PDF file that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    out: BufWriter<File>,
    length: u64,
    /// Where each object begins, the first of them first; none for one that was never written, which is
    /// null to readers.
    places: Vec<Option<u64>>,
}

impl Writer {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        out.write_all(HEAD)?;
        Ok(Self {
            out,
            length: HEAD.len() as u64,
            places: Vec::new(),
        })
    }

    /// A number for an object to come.
    pub(super) fn reserve(&mut self) -> u32 {
        self.places.push(None);
        // A file of the most bytes has far fewer objects.
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Writes an object.
    pub(super) fn put(&mut self, number: u32, body: &[u8]) -> Result<(), JoinError> {
        self.begin(number)?;
        self.write(body)?;
        self.write(b"\nendobj\n")
    }

    /// Writes a stream; `dict` ends before its length and its closing brackets.
    pub(super) fn put_stream(
        &mut self,
        number: u32,
        dict: &[u8],
        data: &[u8],
    ) -> Result<(), JoinError> {
        self.begin(number)?;
        self.write(dict)?;
        self.write(format!("/Length {}>>\nstream\n", data.len()).as_bytes())?;
        self.write(data)?;
        self.write(b"\nendstream\nendobj\n")
    }

    /// Ends the file and gives it, at its beginning, with its length.
    pub(super) fn finish(
        mut self,
        catalog: u32,
        information: Option<u32>,
    ) -> Result<(File, u64), JoinError> {
        let information = information.map_or_else(String::new, |at| format!("/Info {at} 0 R"));
        let (start, size) = (self.length, self.places.len() + 1);
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes();
        for place in std::mem::take(&mut self.places) {
            match place {
                Some(place) => writeln!(table, "{place:010} 00000 n ")?,
                None => table.extend(b"0000000000 00000 f \n"),
            }
        }
        write!(
            table,
            "trailer\n<</Size {size}/Root {catalog} 0 R{information}>>\nstartxref\n{start}\n%%EOF\n"
        )?;
        self.write(&table)?;
        let mut file = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok((file, self.length))
    }

    fn begin(&mut self, number: u32) -> Result<(), JoinError> {
        let place = usize::try_from(number).unwrap_or(0).saturating_sub(1);
        if let Some(slot) = self.places.get_mut(place) {
            *slot = Some(self.length);
        }
        self.write(format!("{number} 0 obj\n").as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JoinError> {
        self.length += bytes.len() as u64;
        if self.length > spool::LIMIT {
            return Err(JoinError::Long(spool::LIMIT));
        }
        Ok(self.out.write_all(bytes)?)
    }
}
