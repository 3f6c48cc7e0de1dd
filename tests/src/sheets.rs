//! PDF files that a customer brings.

use std::fmt::Write as _;
use std::process::Command;

/// A PDF with a page for each text, and in its outline an item for each page, of the same name.
pub fn sheets(texts: &[&str]) -> Vec<u8> {
    let count = texts.len();
    let page = |place: usize| 5 + 3 * place;
    let refer = |number: usize| format!("{number} 0 R");
    let kids: Vec<_> = (0..count).map(|place| refer(page(place))).collect();
    let (first, last) = (page(0) + 2, page(count - 1) + 2);
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {count}/Kids[{}]>>", kids.join(" ")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        format!("<</Type/Outlines/Count {count}/First {first} 0 R/Last {last} 0 R>>"),
    ];
    for (place, text) in texts.iter().enumerate() {
        let drawing = format!("BT /F 20 Tf 40 300 Td ({text}) Tj ET");
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Resources<</Font<</F 3 0 R>>>>/Contents {} 0 R>>",
            page(place) + 1
        ));
        let length = drawing.len();
        objects.push(format!(
            "<</Length {length}>>\nstream\n{drawing}\nendstream"
        ));
        let mut item = format!(
            "<</Title({text})/Parent 4 0 R/Dest[{} 0 R/Fit]",
            page(place)
        );
        if place > 0 {
            write!(item, "/Prev {} 0 R", page(place - 1) + 2).expect("text can be written");
        }
        if place + 1 < count {
            write!(item, "/Next {} 0 R", page(place + 1) + 2).expect("text can be written");
        }
        objects.push(item + ">>");
    }
    file(&objects)
}

/// A short file whose tree of pages leads to one page two to the power of thirty times.
pub fn doubling() -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids 3 0 R>>".to_owned(),
    ];
    for below in 4..34 {
        let node = format!("<</Type/Pages/Count 1/Kids {below} 0 R>>");
        objects.push(format!("[{node}{node}]"));
    }
    objects.push("[<</Type/Page/MediaBox[0 0 300 400]>>]".to_owned());
    file(&objects)
}

/// The same file, for nobody without the password.
///
/// # Panics
///
/// When qpdf can't be run.
pub fn encrypted(pdf: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (from, to) = (folder.path().join("from.pdf"), folder.path().join("to.pdf"));
    std::fs::write(&from, pdf).expect("a file can be written");
    let status = Command::new("qpdf")
        .args(["--encrypt", "secret", "owner", "256", "--"])
        .args([&from, &to])
        .status()
        .unwrap_or_else(|error| panic!("qpdf can't be run ({error}): install qpdf"));
    assert!(status.success());
    std::fs::read(to).expect("qpdf has written it")
}

fn file(objects: &[String]) -> Vec<u8> {
    let (mut out, mut places) = ("%PDF-1.4\n".to_owned(), String::new());
    for (place, object) in objects.iter().enumerate() {
        writeln!(places, "{:010} 00000 n ", out.len()).expect("text can be written");
        write!(out, "{} 0 obj\n{object}\nendobj\n", place + 1).expect("text can be written");
    }
    let (start, size) = (out.len(), objects.len() + 1);
    write!(
        out,
        "xref\n0 {size}\n0000000000 65535 f \n{places}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    )
    .expect("text can be written");
    out.into_bytes()
}
