//! The outlines of all sources, one after the other at the top level.

use std::collections::HashSet;

use hayro::hayro_syntax::object::{Dict, ObjectIdentifier};

use super::JoinError;
use super::copy::Copier;
use super::values;
use super::writer::Writer;

/// What is said anew of an item at the top.
const ANEW: [&[u8]; 3] = [b"Parent", b"Prev", b"Next"];

/// The outline of the new file.
#[derive(Debug)]
pub(super) struct Outline {
    root: u32,
    first: Option<u32>,
    /// The last item so far: it is written once the one after it is known.
    last: Option<(u32, Vec<u8>)>,
    /// Items that are seen when the file is opened.
    open: i64,
}

impl Outline {
    pub(super) fn new(writer: &mut Writer) -> Self {
        Self {
            root: writer.reserve(),
            first: None,
            last: None,
            open: 0,
        }
    }

    /// Adds what a source has at the top of its outline; what lies beneath is copied with it.
    pub(super) fn add<'a>(
        &mut self,
        catalog: &Dict<'a>,
        copier: &mut Copier<'a, '_>,
    ) -> Result<(), JoinError> {
        let Some(outlines) = catalog.get::<Dict<'a>>(b"Outlines") else {
            return Ok(());
        };
        let items = at_the_top(&outlines, copier);
        let top = i64::try_from(items.len()).unwrap_or(0);
        // A negative count would be that of a closed item, which the top never is.
        let open = outlines.get::<i32>(b"Count").map_or(top, i64::from);
        self.open += open.max(top);
        for (number, item) in items {
            let mut out = Vec::new();
            copier.begin_dict(&mut out, &item, &ANEW);
            refer(&mut out, b"Parent", self.root);
            if let Some((last, mut before)) = self.last.take() {
                refer(&mut out, b"Prev", last);
                refer(&mut before, b"Next", number);
                before.extend(b">>");
                copier.writer.put(last, &before)?;
            }
            self.first.get_or_insert(number);
            self.last = Some((number, out));
        }
        Ok(())
    }

    /// Writes what is left, and gives what the catalog says of the outline.
    pub(super) fn finish(mut self, writer: &mut Writer) -> Result<Vec<u8>, JoinError> {
        let (Some(first), Some((last, mut item))) = (self.first, self.last.take()) else {
            return Ok(Vec::new());
        };
        item.extend(b">>");
        writer.put(last, &item)?;
        let mut root = format!("<</Type/Outlines/Count {}", self.open).into_bytes();
        refer(&mut root, b"First", first);
        refer(&mut root, b"Last", last);
        root.extend(b">>");
        writer.put(self.root, &root)?;
        let mut entry = Vec::new();
        refer(&mut entry, b"Outlines", self.root);
        Ok(entry)
    }
}

/// The items at the top with their new numbers, each once, whatever they lead to.
fn at_the_top<'a>(outlines: &Dict<'a>, copier: &mut Copier<'a, '_>) -> Vec<(u32, Dict<'a>)> {
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut items = Vec::new();
    let mut next = outlines.get_ref(b"First");
    while let Some(id) = next
        .map(ObjectIdentifier::from)
        .filter(|id| seen.insert(*id))
    {
        let Some(item) = copier.xref.get::<Dict<'a>>(id) else {
            break;
        };
        let Some(number) = copier.claim(id) else {
            break;
        };
        next = item.get_ref(b"Next");
        items.push((number, item));
    }
    items
}

fn refer(out: &mut Vec<u8>, key: &[u8], number: u32) {
    values::name(out, key);
    out.push(b' ');
    values::reference(out, number);
}
