//! What is said of files before an office suite sees them, and what it sees then.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::docx::repack;

const GOOD: [(&str, &str); 2] = [
    ("[Content_Types].xml", "<Types/>"),
    ("word/document.xml", "<document>words</document>"),
];

/// A ZIP archive of these parts, packed.
fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// What comes of a file: its parts as an office suite sees them, or a complaint.
fn packed(bytes: &[u8]) -> Result<(Vec<(String, String)>, usize), String> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, bytes).unwrap();
    let left_out = repack(&from, &to).map_err(|error| error.to_string())?;
    let mut archive = ZipArchive::new(std::fs::File::open(to).unwrap()).unwrap();
    let parts = (0..archive.len()).map(|number| {
        let mut part = archive.by_index(number).unwrap();
        let name = part.name().to_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (name, text)
    });
    Ok((parts.collect(), left_out))
}

fn complaint(bytes: &[u8]) -> String {
    packed(bytes).expect_err("it is refused")
}

#[test]
fn a_document_is_packed_anew_without_what_leads_elsewhere() {
    let relations = r#"<Relationships xmlns="http://ns"><Relationship Id="a" Type="http://x/image" Target="http://a.example/" TargetMode="External"/></Relationships>"#;
    let with = [
        GOOD[0],
        GOOD[1],
        ("word/_rels/document.xml.rels", relations),
    ];
    let (parts, left_out) = packed(&archive(&with)).unwrap();
    assert_eq!(left_out, 1);
    for (part, expected) in parts.iter().zip(GOOD) {
        assert_eq!((part.0.as_str(), part.1.as_str()), expected);
    }
    assert_eq!(parts[2].0, "word/_rels/document.xml.rels");
    assert!(parts[2].1.contains("http://ns") && !parts[2].1.contains("a.example"));
}

#[test]
fn what_is_no_whole_text_document_is_refused_by_what_it_is() {
    let whole = archive(&GOOD);
    let many: Vec<String> = (0..10_001).map(|number| format!("word/{number}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "")).collect();
    for (bytes, words) in [
        (whole[..whole.len() - 30].to_vec(), "the end of the archive"),
        (whole[..20].to_vec(), "the end of the archive"),
        (
            archive(&[("mimetype", "a"), ("content.xml", "b")]),
            "OpenDocument",
        ),
        (archive(&[GOOD[0], ("xl/workbook.xml", "b")]), "a workbook"),
        (archive(&[GOOD[1]]), "no text document"),
        (archive(&many), "more than 10000 parts"),
        (archive(&[]), "an empty one"),
        (
            archive(&[GOOD[0], GOOD[1], ("word/_rels/a.rels", "<a")]),
            "`word/_rels/a.rels`",
        ),
        (b"%PDF-1.7".to_vec(), "this is a PDF"),
        (b"{\\rtf1".to_vec(), "this is RTF"),
        (b"<html>".to_vec(), "a page or other markup"),
        (vec![0xd0, 0xcf, 0x11, 0xe0, 0, 0], "Word 97 to 2003"),
        (Vec::new(), "this is empty"),
    ] {
        let complaint = complaint(&bytes);
        assert!(complaint.contains(words), "{complaint}");
    }
}

#[test]
fn a_bomb_is_refused_by_what_it_unpacks_to_and_not_by_what_it_says() {
    let zeros = "0".repeat(3 * 1024 * 1024);
    let bomb = archive(&[GOOD[0], GOOD[1], ("word/media/a.png", &zeros)]);
    assert!(bomb.len() < 20_000);
    let refused = complaint(&bomb);
    assert!(
        refused.contains("`word/media/a.png` is more than is taken"),
        "{refused}"
    );
    // As much in many parts, each of which says that it is short.
    let names: Vec<String> = (0..400).map(|number| format!("word/{number}")).collect();
    let part = "0".repeat(1024 * 1024);
    let parts = names.iter().map(|name| (name.as_str(), part.as_str()));
    let mut bomb = archive(&GOOD.into_iter().chain(parts).collect::<Vec<_>>());
    let entries: Vec<usize> = (0..bomb.len() - 4)
        .filter(|at| bomb[*at..].starts_with(b"PK\x01\x02"))
        .collect();
    for at in entries {
        bomb[at + 24..at + 28].copy_from_slice(&7_u32.to_le_bytes());
    }
    let refused = complaint(&bomb);
    assert!(refused.contains("`word/"), "{refused}");
}

#[test]
fn any_damage_gets_an_answer() {
    let whole = archive(&GOOD);
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    for place in 0..whole.len() {
        for byte in [0, 0xff, b'P'] {
            let mut damaged = whole.clone();
            damaged[place] = byte;
            std::fs::write(&from, &damaged).unwrap();
            // Whatever comes of it, it is no panic, and no complaint without words.
            if let Err(error) = repack(&from, &to) {
                assert!(error.to_string().len() > 10, "{error}");
            }
        }
    }
}
