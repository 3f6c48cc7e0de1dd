//! Copies what one source's pages lead to, under new numbers.

use std::collections::HashMap;
use std::time::Instant;

use hayro::hayro_syntax::object::{Dict, MaybeRef, Name, Object, ObjectIdentifier};
use hayro::hayro_syntax::xref::XRef;

use super::JoinError;
use super::destinations::Destinations;
use super::pages::{INHERITED, Page};
use super::values;
use super::writer::Writer;

/// Keys that lead into the tags of a source, which are not taken along.
const OF_TAGS: [&[u8]; 4] = [b"StructParent", b"StructParents", b"SE", b"SD"];

/// What is said anew of a page, and `B`, the threads of articles, which lead through the whole of a source.
const NOT_OF_PAGE: [&[u8]; 3] = [b"Type", b"Parent", b"B"];

/// The size of a sheet where a page does not say it: a letter, as readers take it.
const SHEET: &[u8] = b"/MediaBox[0 0 612 792]";

/// Objects that are copied between two looks at the clock.
const STRETCH: u32 = 256;

/// Copies from one source.
pub(super) struct Copier<'a, 'w> {
    pub(super) xref: &'a XRef,
    pub(super) writer: &'w mut Writer,
    destinations: Destinations<'a>,
    numbers: HashMap<ObjectIdentifier, u32>,
    /// Numbered, and not yet written.
    waiting: Vec<(ObjectIdentifier, u32)>,
    until: Instant,
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
            until,
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
        let mut stretch = 0;
        while let Some((id, number)) = self.waiting.pop() {
            stretch += 1;
            if stretch % STRETCH == 0 && Instant::now() > self.until {
                return Err(JoinError::Late);
            }
            self.copy(id, number)?;
        }
        if Instant::now() > self.until {
            return Err(JoinError::Late);
        }
        Ok(())
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

    /// Writes a dictionary but for some entries and its closing brackets.
    pub(super) fn begin_dict(&mut self, out: &mut Vec<u8>, dict: &Dict<'a>, without: &[&[u8]]) {
        out.extend(b"<<");
        for (key, value) in dict.entries() {
            if !without.contains(&key.as_ref()) {
                self.entry(out, dict, &key, &value);
            }
        }
    }

    fn entry(
        &mut self,
        out: &mut Vec<u8>,
        dict: &Dict<'a>,
        key: &Name<'a>,
        value: &MaybeRef<Object<'a>>,
    ) {
        if OF_TAGS.contains(&key.as_ref()) {
            return;
        }
        values::name(out, key);
        out.push(b' ');
        match self.named_place(dict, key, value) {
            Some(place) => self.object(out, &place),
            None => self.value(out, value),
        }
    }

    /// The place that an entry names, if it does.
    fn named_place(
        &self,
        dict: &Dict<'a>,
        key: &Name<'a>,
        value: &MaybeRef<Object<'a>>,
    ) -> Option<Object<'a>> {
        let may_name = match key.as_ref() {
            b"Dest" => true,
            b"D" => dict
                .get::<Name<'_>>(b"S")
                .is_some_and(|kind| kind.as_ref() == b"GoTo"),
            _ => false,
        };
        if !may_name {
            return None;
        }
        let resolved;
        let object = match value {
            MaybeRef::Ref(id) => {
                resolved = self.xref.get::<Object<'a>>((*id).into())?;
                &resolved
            }
            MaybeRef::NotRef(object) => object,
        };
        let place = match object {
            Object::Name(name) => self.destinations.place(name),
            Object::String(name) => self.destinations.place(name),
            Object::Null(_)
            | Object::Boolean(_)
            | Object::Number(_)
            | Object::Dict(_)
            | Object::Array(_)
            | Object::Stream(_) => None,
        };
        place.cloned()
    }

    /// Writes a value of an entry or an array.
    pub(super) fn value(&mut self, out: &mut Vec<u8>, value: &MaybeRef<Object<'a>>) {
        match value {
            MaybeRef::Ref(id) => {
                let number = self.number((*id).into());
                values::reference(out, number);
            }
            MaybeRef::NotRef(object) => self.object(out, object),
        }
    }

    fn object(&mut self, out: &mut Vec<u8>, object: &Object<'a>) {
        match object {
            // A stream is never a value itself.
            Object::Null(_) | Object::Stream(_) => out.extend(b"null"),
            Object::Boolean(value) => out.extend(value.to_string().as_bytes()),
            Object::Number(number) => values::number(out, *number),
            Object::String(string) => values::string(out, string),
            Object::Name(name) => values::name(out, name),
            Object::Dict(dict) => {
                self.begin_dict(out, dict, &[]);
                out.extend(b">>");
            }
            Object::Array(array) => {
                out.push(b'[');
                for item in array.raw_iter() {
                    self.value(out, &item);
                    out.push(b' ');
                }
                out.push(b']');
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
