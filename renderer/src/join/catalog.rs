//! What a source says of itself as a whole and its pages need: form fields, and layers that can be
//! switched off.

use std::collections::{HashMap, HashSet};

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, String};

use super::JoinError;
use super::copy::Copier;
use super::values;

/// The form and the layers of the new file.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// References to the fields at the top.
    fields: Vec<u8>,
    /// Their names, so that no two are the same field.
    names: HashSet<Vec<u8>>,
    /// Up to which number each name was given again.
    numbers: HashMap<Vec<u8>, u32>,
    /// What fields are drawn with when they are filled, as the first source with a form says.
    drawing: Option<Vec<u8>>,
    /// Readers are to draw the fields anew.
    redraw: bool,
    /// References to all layers, and to those that are off at first.
    layers: Vec<u8>,
    off: Vec<u8>,
}

impl Catalog {
    /// Adds a source's.
    pub(super) fn add<'a>(
        &mut self,
        catalog: &Dict<'a>,
        copier: &mut Copier<'a, '_>,
    ) -> Result<(), JoinError> {
        if let Some(form) = catalog.get::<Dict<'a>>(b"AcroForm") {
            self.add_form(&form, copier)?;
        }
        if let Some(properties) = catalog.get::<Dict<'a>>(b"OCProperties") {
            let state = properties.get::<Dict<'a>>(b"D").unwrap_or_default();
            refer_to_each(&mut self.layers, &properties, b"OCGs", copier);
            if state
                .get::<Name<'_>>(b"BaseState")
                .is_some_and(|base| base.as_ref() == b"OFF")
            {
                refer_to_those_off(&mut self.off, (&properties, &state), copier);
            } else {
                refer_to_each(&mut self.off, &state, b"OFF", copier);
            }
        }
        Ok(())
    }

    fn add_form<'a>(
        &mut self,
        form: &Dict<'a>,
        copier: &mut Copier<'a, '_>,
    ) -> Result<(), JoinError> {
        let fields = form.get::<Array<'a>>(b"Fields");
        for id in fields
            .iter()
            .flat_map(Array::raw_iter)
            .filter_map(|field| field.as_obj_ref())
        {
            self.add_field(id.into(), copier)?;
        }
        self.redraw |= form.get::<bool>(b"NeedAppearances").unwrap_or(false);
        if self.drawing.is_none() {
            let mut drawing = Vec::new();
            for key in [b"DR".as_slice(), b"DA"] {
                if let Some(value) = form.get_raw::<Object<'a>>(key) {
                    values::name(&mut drawing, key);
                    drawing.push(b' ');
                    copier.value(&mut drawing, &value);
                }
            }
            self.drawing = Some(drawing);
        }
        Ok(())
    }

    /// Two fields of one name would be one field to readers, so a later one gets a number.
    fn add_field(
        &mut self,
        id: ObjectIdentifier,
        copier: &mut Copier<'_, '_>,
    ) -> Result<(), JoinError> {
        let Some(field) = copier.xref.get::<Dict<'_>>(id) else {
            return Ok(());
        };
        let given = field
            .get::<String<'_>>(b"T")
            .map(|name| name.as_bytes().to_vec());
        let given = given.unwrap_or_default();
        let name = self.names.contains(&given).then(|| self.free(&given));
        let number = match name {
            None => copier.number(id),
            Some(ref name) => {
                let Some(number) = copier.claim(id) else {
                    return Ok(());
                };
                let mut out = Vec::new();
                copier.begin_dict(&mut out, &field, &[b"T"]);
                values::name(&mut out, b"T");
                values::string(&mut out, name);
                out.extend(b">>");
                copier.writer.put(number, &out)?;
                number
            }
        };
        self.names.insert(name.unwrap_or(given));
        values::reference(&mut self.fields, number);
        self.fields.push(b' ');
        Ok(())
    }

    /// A name like this one that no field has.
    fn free(&mut self, given: &[u8]) -> Vec<u8> {
        let number = self.numbers.entry(given.to_vec()).or_insert(1);
        loop {
            *number += 1;
            let name = numbered(given, *number);
            if !self.names.contains(&name) {
                return name;
            }
        }
    }

    /// What the catalog says of them.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.fields.is_empty() {
            out.extend(b"/AcroForm<</Fields[");
            out.extend(self.fields);
            out.push(b']');
            out.extend(self.drawing.unwrap_or_default());
            if self.redraw {
                out.extend(b"/NeedAppearances true");
            }
            out.extend(b">>");
        }
        if !self.layers.is_empty() {
            out.extend(b"/OCProperties<</OCGs[");
            out.extend(&self.layers);
            out.extend(b"]/D<</Order[");
            out.extend(&self.layers);
            out.extend(b"]/OFF[");
            out.extend(self.off);
            out.extend(b"]>>>>");
        }
        out
    }
}

/// A name with a number, in UTF-16 if it is.
fn numbered(name: &[u8], number: u32) -> Vec<u8> {
    let suffix = format!("-{number}");
    let mut name = name.to_vec();
    if name.starts_with(&[0xfe, 0xff]) {
        name.extend(suffix.bytes().flat_map(|byte| [0, byte]));
    } else {
        name.extend(suffix.bytes());
    }
    name
}

fn references<'a>(dict: &Dict<'a>, key: &[u8]) -> Vec<ObjectIdentifier> {
    let array = dict.get::<Array<'a>>(key);
    let items = array.iter().flat_map(Array::raw_iter);
    items
        .filter_map(|item: MaybeRef<Object<'a>>| item.as_obj_ref().map(ObjectIdentifier::from))
        .collect()
}

fn refer_to_each<'a>(out: &mut Vec<u8>, dict: &Dict<'a>, key: &[u8], copier: &mut Copier<'a, '_>) {
    for id in references(dict, key) {
        values::reference(out, copier.number(id));
        out.push(b' ');
    }
}

/// Where layers are off unless they are said to be on.
fn refer_to_those_off<'a>(
    out: &mut Vec<u8>,
    (properties, state): (&Dict<'a>, &Dict<'a>),
    copier: &mut Copier<'a, '_>,
) {
    let on: HashSet<_> = references(state, b"ON").into_iter().collect();
    for id in references(properties, b"OCGs") {
        if !on.contains(&id) {
            values::reference(out, copier.number(id));
            out.push(b' ');
        }
    }
}
