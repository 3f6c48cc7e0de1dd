//! The form fields of all sources, as those of one form.

use std::collections::{HashMap, HashSet};

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Object, ObjectIdentifier, String};

use super::JoinError;
use super::copy::Copier;
use super::values;

/// What a form says for those of its fields that do not say it themselves: how text is drawn, and on which side it
/// stands. Each field takes it along, since another source's form says it differently.
const FOR_FIELDS: [&[u8]; 2] = [b"DA", b"Q"];

/// The form of the new file.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// References to the fields at the top.
    fields: Vec<u8>,
    /// Their names, so that no two are the same field.
    names: HashSet<Vec<u8>>,
    /// Up to which number each name was given again.
    numbers: HashMap<Vec<u8>, u32>,
    /// The fonts that fields are drawn with when they are filled, and their names; the first of a name stays.
    fonts: Vec<u8>,
    known_fonts: HashSet<Vec<u8>>,
    /// What else they are drawn with, as the first source says that has any.
    resources: Option<Vec<u8>>,
    /// How fields are drawn that say it nowhere, as the first source says.
    appearance: Option<Vec<u8>>,
    /// Readers are to draw the fields anew.
    redraw: bool,
    /// Whether there are signatures, as bits (ISO 32000-1, 12.7.2).
    signatures: u32,
}

impl Form {
    /// Adds a source's.
    pub(super) fn add<'a>(
        &mut self,
        form: &Dict<'a>,
        copier: &mut Copier<'a, '_>,
    ) -> Result<(), JoinError> {
        let fields = form.get::<Array<'a>>(b"Fields");
        let mut seen = HashSet::new();
        for id in fields
            .iter()
            .flat_map(Array::raw_iter)
            .filter_map(|field| field.as_obj_ref())
        {
            copier.look()?;
            if seen.insert(id) {
                self.add_field(id.into(), form, copier)?;
            }
        }
        self.redraw |= form.get::<bool>(b"NeedAppearances").unwrap_or(false);
        self.signatures |= form.get::<u32>(b"SigFlags").unwrap_or(0);
        self.add_resources(form, copier);
        Ok(())
    }

    /// Two fields of one name would be one field to readers, so a later one gets a number.
    fn add_field<'a>(
        &mut self,
        id: ObjectIdentifier,
        form: &Dict<'a>,
        copier: &mut Copier<'a, '_>,
    ) -> Result<(), JoinError> {
        let Some(field) = copier.xref.get::<Dict<'a>>(id) else {
            return Ok(());
        };
        let given = field
            .get::<String<'_>>(b"T")
            .map(|name| name.as_bytes().to_vec());
        let given = given.unwrap_or_default();
        let name = self.names.contains(&given).then(|| self.free(&given));
        let lacking = lacking(&field, form);
        let is_changed = name.is_some() || !lacking.is_empty();
        let number = match is_changed.then(|| copier.claim(id)).flatten() {
            Some(number) => {
                let body = anew(&field, name.as_deref(), lacking, copier);
                copier.writer.put(number, &body)?;
                number
            }
            None if name.is_none() => copier.number(id),
            // Something else has led to it before, so it is there under the name of another.
            None => return Ok(()),
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

    fn add_resources<'a>(&mut self, form: &Dict<'a>, copier: &mut Copier<'a, '_>) {
        if self.appearance.is_none()
            && let Some(value) = form.get_raw::<Object<'a>>(b"DA")
        {
            let mut out = b"/DA ".to_vec();
            copier.value(&mut out, &value);
            self.appearance = Some(out);
        }
        let Some(resources) = form.get::<Dict<'a>>(b"DR") else {
            return;
        };
        if self.resources.is_none() {
            let mut out = b"/DR".to_vec();
            copier.begin_dict(&mut out, &resources, &[b"Font"]);
            self.resources = Some(out);
        }
        let fonts = resources.get::<Dict<'a>>(b"Font").unwrap_or_default();
        for (name, font) in fonts.entries() {
            if self.known_fonts.insert(name.as_ref().to_vec()) {
                values::name(&mut self.fonts, &name);
                self.fonts.push(b' ');
                copier.value(&mut self.fonts, &font);
            }
        }
    }

    /// What the catalog says of it.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.fields.is_empty() {
            return out;
        }
        out.extend(b"/AcroForm<</Fields[");
        out.extend(self.fields);
        out.push(b']');
        if let Some(resources) = self.resources {
            out.extend(resources);
            out.extend(b"/Font<<");
            out.extend(self.fonts);
            out.extend(b">>>>");
        }
        out.extend(self.appearance.unwrap_or_default());
        if self.redraw {
            out.extend(b"/NeedAppearances true");
        }
        if self.signatures != 0 {
            out.extend(format!("/SigFlags {}", self.signatures).as_bytes());
        }
        out.extend(b">>");
        out
    }
}

/// Entries of a dictionary.
type Entries<'a> = Vec<(&'static [u8], MaybeRef<Object<'a>>)>;

/// What a field leaves to its form.
fn lacking<'a>(field: &Dict<'a>, form: &Dict<'a>) -> Entries<'a> {
    let left = FOR_FIELDS
        .into_iter()
        .filter(|key| !field.contains_key(key));
    left.filter_map(|key| Some((key, form.get_raw::<Object<'a>>(key)?)))
        .collect()
}

/// A field with another name, and with what it lacks.
fn anew<'a>(
    field: &Dict<'a>,
    name: Option<&[u8]>,
    lacking: Entries<'a>,
    copier: &mut Copier<'a, '_>,
) -> Vec<u8> {
    let mut out = Vec::new();
    let without: &[&[u8]] = if name.is_some() { &[b"T"] } else { &[] };
    copier.begin_dict(&mut out, field, without);
    if let Some(name) = name {
        values::name(&mut out, b"T");
        values::string(&mut out, name);
    }
    for (key, value) in lacking {
        values::name(&mut out, key);
        out.push(b' ');
        copier.value(&mut out, &value);
    }
    out.extend(b">>");
    out
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
