//! What a source says of itself as a whole and its pages need: form fields, and layers that can be
//! switched off.

use std::collections::HashSet;

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};

use super::JoinError;
use super::copy::Copier;
use super::form::Form;
use super::values;

/// The form and the layers of the new file.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    form: Form,
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
            self.form.add(&form, copier)?;
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

    /// What the catalog says of them.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = self.form.finish();
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
