//! Joins PDFs into one: the pages in order, and with them outlines, links, form fields and layers.
//!
//! Sources come one after the other, each is copied object by object into the file that grows, and
//! forgotten: memory is that of one source. Names of destinations, which two sources may share, become
//! the places that they stand for. Not taken along: tags (a source's structure tree), page labels,
//! attachments, and scripts and actions of a document as a whole.
//!
//! Files of strangers are joined in a process of its own ([`apart`]), after another ([`qpdf`]) made them plain.

pub(crate) mod apart;
mod catalog;
mod copy;
mod destinations;
mod error;
mod form;
mod information;
mod outline;
mod pages;
pub(crate) mod qpdf;
mod values;
mod writer;

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use common::task::Metadata;
use hayro::hayro_syntax::object::Dict;
use hayro::hayro_syntax::{LoadPdfError, Pdf};

use catalog::Catalog;
use copy::Copier;
use information::Information;
use outline::Outline;
use writer::Writer;

pub(crate) use error::JoinError;

/// The most pages of a joined file.
pub(crate) const MOST_PAGES: usize = 20_000;

/// The most dictionaries of one source: about a gigabyte of memory, were each of them a page.
const MOST_DICTS: usize = 1_000_000;

/// A file that grows by sources.
#[derive(Debug)]
pub(crate) struct Joiner {
    writer: Writer,
    /// The number of the one page tree node.
    root: u32,
    /// The numbers of the pages, in order.
    pages: Vec<u32>,
    outline: Outline,
    catalog: Catalog,
    information: Information,
    until: Instant,
}

impl Joiner {
    /// Begins a file, which is written `until` then.
    pub(crate) fn new(file: File, until: Instant) -> io::Result<Self> {
        let mut writer = Writer::new(file)?;
        let root = writer.reserve();
        Ok(Self {
            outline: Outline::new(&mut writer),
            writer,
            root,
            pages: Vec::new(),
            catalog: Catalog::default(),
            information: Information::default(),
            until,
        })
    }

    /// What the file is to say of itself; of what is not said, what its first source says.
    pub(crate) fn describe(&mut self, metadata: &Metadata) {
        self.information.say(metadata);
    }

    /// Adds all pages of a source. After an error the file is good for nothing.
    pub(crate) fn add(&mut self, source: Vec<u8>) -> Result<(), JoinError> {
        if !source[..source.len().min(1024)]
            .windows(5)
            .any(|start| start == b"%PDF-")
        {
            return Err(JoinError::broken("it does not begin like one"));
        }
        // Its pages are all looked at when it is opened, and each of them is one.
        if source.windows(2).filter(|bytes| bytes == b"<<").count() > MOST_DICTS {
            return Err(JoinError::Parts);
        }
        let pdf = Pdf::new(Arc::new(source)).map_err(|error| match error {
            LoadPdfError::Decryption(_) => JoinError::Encrypted,
            LoadPdfError::Invalid => JoinError::broken("its structure is damaged"),
        })?;
        self.information.complete(pdf.metadata());
        let xref = pdf.xref();
        let catalog: Dict<'_> = xref
            .get(xref.root_id())
            .ok_or(JoinError::broken("it has no catalog"))?;
        let room = MOST_PAGES - self.pages.len();
        let pages = pages::of(xref, &catalog, room, self.until)?;
        let mut copier = Copier::new(xref, &catalog, &mut self.writer, self.until);
        let numbers = copier.pages(&pages);
        self.pages.extend(&numbers);
        self.outline.add(&catalog, &mut copier)?;
        self.catalog.add(&catalog, &mut copier)?;
        copier.put_pages(&pages, &numbers, self.root)?;
        copier.drain()
    }

    /// Ends the file and gives it with its length in bytes.
    pub(crate) fn finish(mut self) -> Result<(File, u64), JoinError> {
        let kids = self.pages.iter().map(|page| format!("{page} 0 R"));
        let kids: Vec<String> = kids.collect();
        let count = kids.len();
        let tree = format!("<</Type/Pages/Count {count}/Kids[{}]>>", kids.join(" "));
        self.writer.put(self.root, tree.as_bytes())?;
        let mut catalog = format!("<</Type/Catalog/Pages {} 0 R", self.root).into_bytes();
        catalog.extend(self.outline.finish(&mut self.writer)?);
        catalog.extend(self.catalog.finish());
        catalog.extend(b">>");
        let number = self.writer.reserve();
        self.writer.put(number, &catalog)?;
        let information = self.information.finish(&mut self.writer)?;
        self.writer.finish(number, information)
    }
}

#[cfg(test)]
mod tests;
