//! The description of both dialects in OpenAPI 3.1, for programs (`/openapi.json`) and for people (`/docs`).
//!
//! Requests are described by types of their own, one group of fields to a file, since the parsers read by hand to name what is
//! wrong; a test holds both together (`tests/openapi`). Answers are described by the types that are answered, and errors by
//! what the dialects make of real ones. To add a field, add it to its type; to add an endpoint, add an [`Operation`].

#[expect(
    dead_code,
    reason = "these types are never values: the description is made of their shape"
)]
mod cloudlayer;
mod document;
mod header;
#[expect(
    dead_code,
    reason = "these types are never values: the description is made of their shape"
)]
mod iterationlayer;
mod link;
mod operation;
#[expect(
    clippy::format_push_string,
    reason = "it is short, is made once, and reads best so"
)]
mod page;
mod parameter;
mod query;
mod schemas;
mod served;
mod service;
mod trouble;

use self::operation::Operation;

#[cfg(test)]
pub(crate) use self::document::describe;
pub(crate) use self::served::{Description, json, page, style};

/// Everything that is described.
fn operations() -> Vec<Operation> {
    let mut all = cloudlayer::operations();
    all.push(link::operation());
    all.extend(iterationlayer::operations());
    all.extend(service::operations());
    all
}
