//! The pages of a source, in order, with what they inherit from the nodes above them.

use std::collections::HashSet;
use std::time::Instant;

use hayro::hayro_syntax::object::array::ArrayIter;
use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use hayro::hayro_syntax::xref::XRef;

use super::JoinError;

/// What a page that does not say it itself has from the nearest node above that does.
pub(super) const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// Nodes above one another; real trees have a handful.
const DEEPEST: usize = 256;

/// Pages and nodes between two looks at the clock.
const STRETCH: u32 = 256;

/// A page.
pub(super) struct Page<'a> {
    /// By which it is referred to; none if nothing can.
    pub(super) id: Option<ObjectIdentifier>,
    pub(super) dict: Dict<'a>,
    /// For each of [`INHERITED`] the node that says it.
    pub(super) from: From<'a>,
}

type From<'a> = [Option<Dict<'a>>; 4];

/// A node whose children are being looked at.
struct Node<'a> {
    kids: ArrayIter<'a>,
    from: From<'a>,
}

/// Every page, at most `room` of them, found `until` then.
pub(super) fn of<'a>(
    xref: &'a XRef,
    catalog: &Dict<'a>,
    room: usize,
    until: Instant,
) -> Result<Vec<Page<'a>>, JoinError> {
    let tree: Dict<'a> = catalog
        .get(b"Pages")
        .ok_or(JoinError::broken("it has no pages"))?;
    let (mut pages, mut seen, mut looks) = (Vec::new(), HashSet::new(), 0_u32);
    seen.extend(catalog.get_ref(b"Pages").map(ObjectIdentifier::from));
    let mut above = vec![node(&tree, [const { None }; 4])?];
    while let Some(parent) = above.last_mut() {
        let Some(kid) = parent.kids.next() else {
            above.pop();
            continue;
        };
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(STRETCH) && Instant::now() > until {
            return Err(JoinError::Late);
        }
        let (id, dict) = page_or_node(xref, kid)?;
        if id.is_some_and(|id| !seen.insert(id)) {
            return Err(JoinError::broken("a page is in it twice"));
        }
        let from = parent.from.clone();
        let is_node = dict.get::<Name<'_>>(b"Type").map_or_else(
            || dict.contains_key(b"Kids"),
            |name| name.as_ref() == b"Pages",
        );
        if is_node {
            if above.len() == DEEPEST {
                return Err(JoinError::broken("its tree of pages is too deep"));
            }
            above.push(node(&dict, from)?);
        } else if pages.len() == room {
            return Err(JoinError::Pages);
        } else {
            pages.push(Page { id, dict, from });
        }
    }
    if pages.is_empty() {
        return Err(JoinError::broken("it has no pages"));
    }
    Ok(pages)
}

fn node<'a>(dict: &Dict<'a>, mut from: From<'a>) -> Result<Node<'a>, JoinError> {
    for (key, slot) in INHERITED.into_iter().zip(&mut from) {
        if dict.contains_key(key) {
            *slot = Some(dict.clone());
        }
    }
    let kids: Array<'a> = dict
        .get(b"Kids")
        .ok_or(JoinError::broken("its tree of pages is damaged"))?;
    let kids = kids.raw_iter();
    Ok(Node { kids, from })
}

/// A file that was cut off often keeps its tree, and lacks what that names.
fn page_or_node<'a>(
    xref: &'a XRef,
    kid: MaybeRef<Object<'a>>,
) -> Result<(Option<ObjectIdentifier>, Dict<'a>), JoinError> {
    let (id, dict) = match kid {
        MaybeRef::Ref(id) => (Some(id.into()), xref.get::<Dict<'a>>(id.into())),
        MaybeRef::NotRef(object) => (None, object.into_dict()),
    };
    let dict = dict.ok_or(JoinError::broken("a page of it is missing"))?;
    Ok((id, dict))
}
