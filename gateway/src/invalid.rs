//! Why a request was refused, in any dialect.

use crate::error::ApiError;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Invalid {
    /// The path of the field, such as `cookies[1].name`; empty for the body as a whole.
    pub(crate) field: String,
    /// What is wrong, with the name of the field, and what would be right.
    pub(crate) message: String,
    /// What sort of refusal.
    pub(crate) fault: Fault,
}

/// What sort of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Wrong (400).
    Wrong,
    /// Too long (413).
    TooLarge,
    /// Right, but not to be done (422).
    Unprocessable,
}

impl Invalid {
    /// `predicate` goes on after the field's name: "must be …".
    pub(crate) fn new(field: &str, predicate: impl AsRef<str>) -> Self {
        Self {
            field: field.to_owned(),
            message: format!("`{field}` {}", predicate.as_ref()),
            fault: Fault::Wrong,
        }
    }

    /// About no field in particular; `message` is the whole text.
    pub(crate) fn body(message: impl Into<String>) -> Self {
        Self {
            field: String::new(),
            message: message.into(),
            fault: Fault::Wrong,
        }
    }

    /// Refused for its size alone.
    pub(crate) fn too_large(self) -> Self {
        Self {
            fault: Fault::TooLarge,
            ..self
        }
    }

    /// Right in its form.
    pub(crate) fn unprocessable(self) -> Self {
        Self {
            fault: Fault::Unprocessable,
            ..self
        }
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        let field = (!invalid.field.is_empty()).then_some(invalid.field);
        let message = invalid.message;
        match invalid.fault {
            Fault::Wrong => Self::Invalid { field, message },
            Fault::TooLarge => Self::TooLarge { field, message },
            Fault::Unprocessable => Self::Unprocessable { field, message },
        }
    }
}
