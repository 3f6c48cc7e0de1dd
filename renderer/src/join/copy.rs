//! Copies what one source's pages lead to, under new numbers.

mod parts;

use std::collections::HashMap;
use std::time::Instant;

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier};
use hayro::hayro_syntax::xref::XRef;

use super::JoinError;
use super::destinations::Destinations;
use super::pages::{INHERITED, Page};
use super::values;
use super::writer::Writer;

/// What is said anew of a page, and `B`, the threads of articles, which lead through the whole of a source.
const NOT_OF_PAGE: [&[u8]; 3] = [b"Type", b"Parent", b"B"];

/// The size of a sheet where a page does not say it: a letter, as readers take it.
const SHEET: &[u8] = b"/MediaBox[0 0 612 792]";

/// Objects, and values within them, that are copied between two looks at the clock.
const STRETCH: u32 = 256;

/// Copies from one source.
pub(super) struct Copier<'a, 'w> {
    pub(super) xref: &'a XRef,
    pub(super) writer: &'w mut Writer,
    destinations: Destinations<'a>,
    numbers: HashMap<ObjectIdentifier, u32>,
    /// Numbered, and not yet written.
    waiting: Vec<(ObjectIdentifier, u32)>,
    /// What references to names of destinations lead to, each looked at once.
    places: HashMap<ObjectIdentifier, Option<Array<'a>>>,
    /// How deep within an object the value is that is being written.
    depth: u32,
    steps: u32,
    until: Instant,
    is_late: bool,
}

impl<'a, 'w> Copier<'a, 'w> {
    pub(super) fn new(
        xref: &'a XRef,
        catalog: &Dict<'a>,
        writer: &'w mut Writer,
        until: Instant,
    ) -> Self {
        Self {
            xref,
            writer,
            destinations: Destinations::of(xref, catalog),
            numbers: HashMap::new(),
            waiting: Vec::new(),
            places: HashMap::new(),
            depth: 0,
            steps: 0,
            until,
            is_late: false,
        }
    }

    /// Gives the pages their numbers, before anything can lead to one.
    pub(super) fn pages(&mut self, pages: &[Page<'a>]) -> Vec<u32> {
        let mut number = |page: &Page<'a>| {
            let number = self.writer.reserve();
            if let Some(id) = page.id {
                self.numbers.insert(id, number);
            }
            number
        };
        pages.iter().map(&mut number).collect()
    }

    /// Writes the pages under their one parent.
    pub(super) fn put_pages(
        &mut self,
        pages: &[Page<'a>],
        numbers: &[u32],
        parent: u32,
    ) -> Result<(), JoinError> {
        for (page, &number) in pages.iter().zip(numbers) {
            let mut out = b"<</Type/Page/Parent ".to_vec();
            values::reference(&mut out, parent);
            for (key, value) in page.dict.entries() {
                if !NOT_OF_PAGE.contains(&key.as_ref()) {
                    self.entry(&mut out, &page.dict, &key, &value);
                }
            }
            for (key, node) in INHERITED.into_iter().zip(&page.from) {
                let value = node
                    .as_ref()
                    .and_then(|node| node.get_raw::<Object<'a>>(key));
                if let Some(value) = value.filter(|_| !page.dict.contains_key(key)) {
                    values::name(&mut out, key);
                    out.push(b' ');
                    self.value(&mut out, &value);
                } else if key == b"MediaBox" && !page.dict.contains_key(key) {
                    out.extend(SHEET);
                }
            }
            out.extend(b">>");
            self.writer.put(number, &out)?;
            // Streams of this page before the next, so that readers need not jump.
            self.drain()?;
        }
        Ok(())
    }

    /// The new number of an object, which is copied in its time.
    pub(super) fn number(&mut self, id: ObjectIdentifier) -> u32 {
        if let Some(&number) = self.numbers.get(&id) {
            return number;
        }
        let number = self.writer.reserve();
        self.numbers.insert(id, number);
        self.waiting.push((id, number));
        number
    }

    /// The number of an object that the caller writes; none if it has one already, and is copied.
    pub(super) fn claim(&mut self, id: ObjectIdentifier) -> Option<u32> {
        if self.numbers.contains_key(&id) {
            return None;
        }
        let number = self.writer.reserve();
        self.numbers.insert(id, number);
        Some(number)
    }

    /// Copies everything that waits, and what that leads to.
    pub(super) fn drain(&mut self) -> Result<(), JoinError> {
        while let Some((id, number)) = self.waiting.pop() {
            self.step();
            self.copy(id, number)?;
            if self.is_late {
                return Err(JoinError::Late);
            }
        }
        if Instant::now() > self.until {
            return Err(JoinError::Late);
        }
        Ok(())
    }

    /// Looks at the clock from time to time, for those who go through what a source lists.
    pub(super) fn look(&mut self) -> Result<(), JoinError> {
        self.step();
        if self.is_late {
            return Err(JoinError::Late);
        }
        Ok(())
    }

    /// Looks at the clock from time to time.
    fn step(&mut self) {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(STRETCH) && Instant::now() > self.until {
            self.is_late = true;
        }
    }

    fn copy(&mut self, id: ObjectIdentifier, number: u32) -> Result<(), JoinError> {
        // One that is not there is null, as is one that is not written.
        let Some(object) = self.xref.get::<Object<'a>>(id) else {
            return Ok(());
        };
        let mut out = Vec::new();
        match &object {
            Object::Stream(stream) => {
                self.begin_dict(&mut out, stream.dict(), &[b"Length"]);
                self.writer.put_stream(number, &out, &stream.raw_data())
            }
            Object::Dict(dict) if is_beyond(dict) => Ok(()),
            Object::Dict(dict) => {
                self.begin_dict(&mut out, dict, &[]);
                out.extend(b">>");
                self.writer.put(number, &out)
            }
            Object::Null(_)
            | Object::Boolean(_)
            | Object::Number(_)
            | Object::String(_)
            | Object::Name(_)
            | Object::Array(_) => {
                self.object(&mut out, &object);
                self.writer.put(number, &out)
            }
        }
    }
}

/// Whether a dictionary that something leads to belongs to what is not taken along: a page outside of the
/// tree, the tree itself, tags.
fn is_beyond(dict: &Dict<'_>) -> bool {
    const KINDS: [&[u8]; 5] = [
        b"Page",
        b"Pages",
        b"Catalog",
        b"StructElem",
        b"StructTreeRoot",
    ];
    dict.get::<Name<'_>>(b"Type")
        .is_some_and(|kind| KINDS.contains(&kind.as_ref()))
}
