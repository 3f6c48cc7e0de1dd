//! Writes the values of one object, with references under their new numbers, and places in place of their
//! names.

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object};

use super::{Copier, values};

/// Values within one another; what lies deeper is read again for each level above it, and is left out.
const DEEPEST: u32 = 64;

/// The parts of a place: a page, a word, four numbers (ISO 32000-1, 12.3.2.2).
const PLACE: usize = 6;

/// The longest word of a place, in bytes.
const WORD: usize = 16;

impl<'a> Copier<'a, '_> {
    /// Writes a dictionary but for some entries and its closing brackets.
    pub(in super::super) fn begin_dict(
        &mut self,
        out: &mut Vec<u8>,
        dict: &Dict<'a>,
        without: &[&[u8]],
    ) {
        out.extend(b"<<");
        for (key, value) in dict.entries() {
            if !without.contains(&key.as_ref()) {
                self.entry(out, dict, &key, &value);
            }
        }
    }

    pub(super) fn entry(
        &mut self,
        out: &mut Vec<u8>,
        dict: &Dict<'a>,
        key: &Name<'a>,
        value: &MaybeRef<Object<'a>>,
    ) {
        if leads_to_tags(dict, key) {
            return;
        }
        values::name(out, key);
        out.push(b' ');
        match self.named_place(dict, key, value) {
            Some(place) => self.place(out, &place),
            None => self.value(out, value),
        }
    }

    /// The place that an entry names, if it does.
    fn named_place(
        &mut self,
        dict: &Dict<'a>,
        key: &Name<'a>,
        value: &MaybeRef<Object<'a>>,
    ) -> Option<Array<'a>> {
        let may_name = match key.as_ref() {
            b"Dest" => true,
            b"D" => goes_to_place(dict),
            _ => false,
        };
        if !may_name {
            return None;
        }
        let id = match value {
            MaybeRef::NotRef(object) => return self.destinations.named_by(object).cloned(),
            MaybeRef::Ref(id) => (*id).into(),
        };
        if let Some(known) = self.places.get(&id) {
            return known.clone();
        }
        let object = self.xref.get::<Object<'a>>(id);
        let place = object.and_then(|object| self.destinations.named_by(&object).cloned());
        self.places.insert(id, place.clone());
        place
    }

    /// Writes a place once for each of its names. It is short, and leads to nothing but its page.
    fn place(&mut self, out: &mut Vec<u8>, place: &Array<'a>) {
        out.push(b'[');
        for part in place.raw_iter().take(PLACE) {
            match &part {
                MaybeRef::NotRef(Object::Name(word)) if word.len() <= WORD => {
                    values::name(out, word);
                }
                MaybeRef::Ref(_) | MaybeRef::NotRef(Object::Number(_)) => self.value(out, &part),
                MaybeRef::NotRef(_) => out.extend(b"null"),
            }
            out.push(b' ');
        }
        out.push(b']');
    }

    /// Writes a value of an entry or an array.
    pub(in super::super) fn value(&mut self, out: &mut Vec<u8>, value: &MaybeRef<Object<'a>>) {
        match value {
            MaybeRef::Ref(id) => {
                let number = self.number((*id).into());
                values::reference(out, number);
            }
            MaybeRef::NotRef(object) => self.object(out, object),
        }
    }

    pub(super) fn object(&mut self, out: &mut Vec<u8>, object: &Object<'a>) {
        self.step();
        if self.is_late || self.depth > DEEPEST {
            out.extend(b"null");
            return;
        }
        self.depth += 1;
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
        self.depth -= 1;
    }
}

/// Whether an entry leads into the tags of a source, which are not taken along: of an item of an outline, and of
/// an action that goes to a place, in words that mean other things elsewhere.
fn leads_to_tags(dict: &Dict<'_>, key: &Name<'_>) -> bool {
    match key.as_ref() {
        b"StructParent" | b"StructParents" => true,
        b"SE" => dict.contains_key(b"Title"),
        b"SD" => goes_to_place(dict),
        _ => false,
    }
}

fn goes_to_place(action: &Dict<'_>) -> bool {
    let kind = action.get::<Name<'_>>(b"S");
    kind.is_some_and(|kind| kind.as_ref() == b"GoTo")
}
