//! What a bucket keeps beside an object and sends with it; a local folder keeps nothing.

use object_store::{Attribute, Attributes};

/// What is said of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Its media type.
    pub content_type: Option<String>,
    /// Its `Content-Disposition`; visible ASCII.
    pub disposition: Option<String>,
}

impl Label {
    /// Says what the object is, and no more.
    pub(super) fn typed(content_type: &str) -> Self {
        Self {
            content_type: Some(content_type.to_owned()),
            disposition: None,
        }
    }

    pub(super) fn attributes(&self) -> Attributes {
        let said = [
            (Attribute::ContentType, &self.content_type),
            (Attribute::ContentDisposition, &self.disposition),
        ];
        let said = said.into_iter().filter_map(|(name, value)| {
            let value = value.clone()?;
            Some((name, value))
        });
        said.collect()
    }
}
