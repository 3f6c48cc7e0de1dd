//! What a source's names of destinations stand for. Two sources may use the same name for different
//! places (pages of one web site do), so each name is replaced by its place.

use std::collections::{HashMap, HashSet};

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Object, ObjectIdentifier, String};
use hayro::hayro_syntax::xref::XRef;

/// Nodes of the tree of names that are looked at; a file within its limit has far fewer.
const MOST_NODES: usize = 200_000;

/// The places by their names. A name may be written as a name or as a string, of the same bytes.
pub(super) struct Destinations<'a>(HashMap<Vec<u8>, Array<'a>>);

impl<'a> Destinations<'a> {
    pub(super) fn of(xref: &'a XRef, catalog: &Dict<'a>) -> Self {
        let mut found = HashMap::new();
        // The way of PDF 1.1, which browsers still write.
        if let Some(dests) = catalog.get::<Dict<'a>>(b"Dests") {
            for (name, place) in dests.entries() {
                if let Some(place) = place_of(xref, place) {
                    found.insert(name.as_ref().to_vec(), place);
                }
            }
        }
        let names = catalog.get::<Dict<'a>>(b"Names");
        if let Some(tree) = names.and_then(|names| names.get::<Dict<'a>>(b"Dests")) {
            read(xref, tree, &mut found);
        }
        Self(found)
    }

    /// The place that a name, written either way, stands for.
    pub(super) fn named_by(&self, object: &Object<'a>) -> Option<&Array<'a>> {
        match object {
            Object::Name(name) => self.0.get(&**name),
            Object::String(name) => self.0.get(name.as_bytes()),
            Object::Null(_)
            | Object::Boolean(_)
            | Object::Number(_)
            | Object::Dict(_)
            | Object::Array(_)
            | Object::Stream(_) => None,
        }
    }
}

/// Reads a tree of names, whatever it leads to.
fn read<'a>(xref: &'a XRef, root: Dict<'a>, found: &mut HashMap<Vec<u8>, Array<'a>>) {
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let (mut nodes, mut left) = (vec![root], MOST_NODES);
    while let Some(node) = nodes.pop() {
        if let Some(pairs) = node.get::<Array<'a>>(b"Names") {
            let mut pairs = pairs.raw_iter();
            while let (Some(name), Some(place)) = (pairs.next(), pairs.next()) {
                let name = match name {
                    MaybeRef::Ref(id) => xref.get::<String<'a>>(id.into()),
                    MaybeRef::NotRef(object) => object.into_string(),
                };
                if let (Some(name), Some(place)) = (name, place_of(xref, place)) {
                    found.insert(name.as_bytes().to_vec(), place);
                }
            }
        }
        let kids = node.get::<Array<'a>>(b"Kids");
        for kid in kids.iter().flat_map(Array::raw_iter) {
            let Some(id) = kid.as_obj_ref().map(ObjectIdentifier::from) else {
                continue;
            };
            if left == 0 || !seen.insert(id) {
                continue;
            }
            left -= 1;
            nodes.extend(xref.get::<Dict<'a>>(id));
        }
    }
}

/// The place itself: an array, or one within a dictionary.
fn place_of<'a>(xref: &'a XRef, place: MaybeRef<Object<'a>>) -> Option<Array<'a>> {
    let place = match place {
        MaybeRef::Ref(id) => xref.get::<Object<'a>>(id.into())?,
        MaybeRef::NotRef(object) => object,
    };
    match place {
        Object::Array(place) => Some(place),
        Object::Dict(around) => around.get::<Array<'a>>(b"D"),
        Object::Null(_)
        | Object::Boolean(_)
        | Object::Number(_)
        | Object::String(_)
        | Object::Name(_)
        | Object::Stream(_) => None,
    }
}
