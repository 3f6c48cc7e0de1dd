//! Why a template makes no document, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is wrong with a template, or with it and its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TemplateError {
    /// What is wrong; goes on after "the template".
    message: String,
    /// The line and, where it is known, the column; both count from 1, columns in characters.
    place: Option<(usize, Option<usize>)>,
}

impl TemplateError {
    pub(super) fn without_place(message: String) -> Self {
        Self {
            message,
            place: None,
        }
    }

    pub(super) fn in_line(message: String, line: Option<usize>) -> Self {
        Self {
            message,
            place: line.map(|line| (line, None)),
        }
    }

    /// At this byte of the source.
    pub(super) fn at(message: String, source: &str, offset: usize) -> Self {
        let mut end = offset.min(source.len());
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let before = source.get(..end).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        Self {
            message,
            place: Some((line, Some(column))),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, Some(column))) => {
                write!(f, "line {line}, column {column}: {}", self.message)
            }
            Some((line, None)) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for TemplateError {}
