//! PDF files written object by object.

use std::fmt::Write as _;

/// A PDF file that is made here: numbered objects, of which the first is the catalog.
#[derive(Default)]
pub(super) struct Made(Vec<String>);

impl Made {
    /// One with these objects.
    pub(super) fn of(objects: &[&str]) -> Self {
        Self(objects.iter().map(|&object| object.to_owned()).collect())
    }

    /// A page for each text, in a flat tree: object 2, and from 4 on a page and its content in turn.
    pub(super) fn pages(catalog: &str, texts: &[&str]) -> Self {
        let mut made = Self::of(&[
            &format!("<</Type/Catalog/Pages 2 0 R {catalog}>>"),
            "",
            FONT,
        ]);
        let mut kids = String::new();
        for (place, text) in texts.iter().enumerate() {
            let number = 4 + 2 * place;
            write!(kids, "{number} 0 R ").unwrap();
            made.add(&page(2, number + 1, ""));
            made.add(&content(text));
        }
        made.0[1] = format!("<</Type/Pages/Count {}/Kids[{kids}]>>", texts.len());
        made
    }

    /// Adds an object and gives its number.
    pub(super) fn add(&mut self, object: &str) -> usize {
        self.0.push(object.to_owned());
        self.0.len()
    }

    /// Replaces an object.
    pub(super) fn set(mut self, number: usize, object: &str) -> Self {
        object.clone_into(&mut self.0[number - 1]);
        self
    }

    /// The file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = "%PDF-1.4\n".to_owned();
        let mut places = Vec::new();
        for (place, object) in self.0.iter().enumerate() {
            places.push(out.len());
            write!(out, "{} 0 obj\n{object}\nendobj\n", place + 1).unwrap();
        }
        let (start, size) = (out.len(), self.0.len() + 1);
        write!(out, "xref\n0 {size}\n0000000000 65535 f \n").unwrap();
        for place in places {
            writeln!(out, "{place:010} 00000 n ").unwrap();
        }
        write!(
            out,
            "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
        )
        .unwrap();
        out.into_bytes()
    }
}

/// A font, object 3 of all that is made here.
pub(super) const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

/// A page with its own size and resources.
pub(super) fn page(parent: usize, content: usize, more: &str) -> String {
    format!(
        "<</Type/Page/Parent {parent} 0 R/MediaBox[0 0 300 400]/Resources<</Font<</F 3 0 R>>>>\
         /Contents {content} 0 R {more}>>"
    )
}

/// A page's content that shows a text.
pub(super) fn content(text: &str) -> String {
    let drawing = format!("BT /F 20 Tf 30 300 Td ({text}) Tj ET");
    format!(
        "<</Length {}>>\nstream\n{drawing}\nendstream",
        drawing.len()
    )
}
