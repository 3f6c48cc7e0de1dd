//! Text documents that a customer brings: DOCX files.

use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;

const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

const KINDS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A picture of 2.5 cm, by its relationship.
const PICTURE: &str = r#"<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="a"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="r1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"#;

/// A4 across, in twentieths of a point.
const LANDSCAPE: &str =
    r#"<w:sectPr><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/></w:sectPr>"#;

/// A document with these paragraphs on A4 across.
pub fn docx(paragraphs: &[&str]) -> Vec<u8> {
    let body: String = paragraphs.iter().map(|text| paragraph(text)).collect();
    archive(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", PACKAGE),
        ("word/document.xml", &document(&(body + LANDSCAPE))),
    ])
}

/// A document that wants pictures, a template, parts of itself and a file of the machine, by relationships, by fields, and
/// by a drawing in it; `file` is a picture on the machine. Half of the drawing is green whatever becomes of that.
pub fn docx_with_links(text: &str, origin: &str, file: &str) -> Vec<u8> {
    let outward = [
        ("r1", "image", format!("{origin}/picture.png")),
        ("r2", "oleObject", format!("{origin}/object.bin")),
        ("r3", "subDocument", format!("{origin}/sub.docx")),
        ("r4", "aFChunk", format!("{origin}/chunk.html")),
        ("r5", "attachedTemplate", format!("{origin}/template.dotx")),
        ("r6", "subDocument", format!("file://{file}")),
    ];
    let relations: String = outward
        .iter()
        .fold(String::new(), |mut all, (id, kind, target)| {
            write!(all, r#"<Relationship Id="{id}" Type="{KINDS}/{kind}" Target="{target}" TargetMode="External"/>"#)
                .expect("text can be written");
            all
        });
    let drawn = format!(r#"<Relationship Id="r7" Type="{KINDS}/image" Target="media/a.png"/>"#);
    let drawing = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100"><rect width="100" height="50" fill="#00c800"/><image xlink:href="file://{file}" y="50" width="100" height="50"/></svg>"##
    );
    let space = format!("xmlns:r=\"{KINDS}\"");
    let fields = [
        format!(r#"INCLUDEPICTURE "{origin}/field.png" \d"#),
        format!(r#"INCLUDETEXT "{origin}/text.docx""#),
        format!(r#"INCLUDETEXT "file://{file}""#),
        format!(r#"INCLUDETEXT "{file}""#),
    ]
    .map(|field| self::field(&field))
    .concat();
    let body = [
        paragraph(text),
        PICTURE.to_owned(),
        PICTURE.replace(r#"r:link="r1""#, r#"r:embed="r7""#),
        format!(r#"<w:subDoc {space} r:id="r3"/><w:subDoc {space} r:id="r6"/><w:altChunk {space} r:id="r4"/>"#),
        fields,
    ]
    .concat();
    let relations = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}{drawn}</Relationships>"#
    );
    archive(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", PACKAGE),
        ("word/document.xml", &document(&body)),
        ("word/_rels/document.xml.rels", &relations),
        ("word/media/a.png", &drawing),
    ])
}

/// An archive of these parts, packed.
///
/// # Panics
///
/// Never: it is written to memory.
pub fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        writer.start_file(*name, options).expect("a short archive");
        writer
            .write_all(content.as_bytes())
            .expect("a short archive");
    }
    let written = writer.finish().expect("a short archive");
    written.into_inner()
}

/// What the main part of a document holds, as XML.
///
/// # Panics
///
/// When it is no document.
pub fn main_part(document: &[u8]) -> String {
    let mut archive = ZipArchive::new(Cursor::new(document)).expect("it is an archive");
    let mut part = archive
        .by_name("word/document.xml")
        .expect("it is a text document");
    let mut text = String::new();
    part.read_to_string(&mut text).expect("it is UTF-8");
    text
}

fn paragraph(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn field(instruction: &str) -> String {
    format!(
        r#"<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>"#
    )
}

fn document(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>"#
    )
}
