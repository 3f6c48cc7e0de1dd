//! What the commands print: text for people or JSON for programs on standard output, errors on
//! standard error.

use std::io::{self, Write as _};
use std::process::ExitCode;

use common::plain::plain;
use serde::Serialize;
use serde_json::json;

/// Prints in the form that was asked for.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints one answer: `value` as one line of JSON, or what `text` makes of it.
    pub(crate) fn print<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        let line = if self.json {
            serde_json::to_string(value)?
        } else {
            text(value)
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{}", line.trim_end())?;
        out.flush()?;
        Ok(())
    }

    /// Prints an error with its causes and gives the exit code 1.
    pub(crate) fn failure(&self, error: &anyhow::Error) -> ExitCode {
        self.complain(&format!("{error:#}"));
        ExitCode::FAILURE
    }

    /// Prints what is wrong with the arguments and gives the exit code 2.
    pub(crate) fn misuse(&self, text: &str) -> ExitCode {
        self.complain(text);
        ExitCode::from(2)
    }

    fn complain(&self, text: &str) {
        let line = if self.json {
            json!({ "error": text }).to_string()
        } else {
            format!("platen: {text}")
        };
        // Nothing is left to be told if standard error is closed.
        let told = writeln!(io::stderr(), "{line}").is_ok();
        tracing::trace!(told, "failed");
    }
}

/// Lays rows out in columns, each as wide as its widest cell. Cells are plain: some are from outside.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let plain_row = |row: &Vec<String>| row.iter().map(|cell| plain(cell)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(plain_row).collect();
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain(head.get(column).map(|cell| cell.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_from_outside_neither_steers_the_terminal_nor_begins_a_line() {
        let rows = [vec!["a\u{1b}[2J\nb".to_owned(), "c\u{202e}d".to_owned()]];
        let shown = table(&["X", "Y"], &rows);
        assert_eq!(shown, "X        Y\na [2J b  c d");
    }
}
