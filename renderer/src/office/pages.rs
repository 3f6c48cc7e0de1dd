//! Gives each page of a PDF a page of its own in the text document that LibreOffice makes of it. What stands on a page
//! it anchors to the page's number, which DOCX knows nothing of: all pages would lie on the first one. Here
//! each page becomes a paragraph on a sheet of the page's size, which carries what stands on it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;

use roxmltree::{Attribute, Document, Node, ParsingOptions};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::edits::Edits;
use super::paper::Paper;
use super::sheets::Sheet;

/// The most bytes of a part that is read: of a page full of small print some 40 KB.
const PART_LIMIT: u64 = 48 * 1024 * 1024;

/// The most nodes of it.
const NODES_LIMIT: u32 = 3_000_000;

/// How much wider a line may be in another font.
const WIDER: f64 = 1.4;

/// Where the words of the document are, and where its sheets.
const CONTENT: &str = "content.xml";
const STYLES: &str = "styles.xml";

/// Why a document has no pages of its own.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotLaidOut {
    #[error("its pages hold more than can be converted")]
    Large,
    #[error("{0}")]
    Unexpected(&'static str),
    #[error(transparent)]
    Archive(#[from] ZipError),
    #[error(transparent)]
    Unkept(#[from] io::Error),
}

/// Writes the document at `from` to `to`, each page on a sheet of its size; where no sizes are known, all are alike.
pub(super) fn lay_out(from: &Path, to: &Path, sheets: &[Sheet]) -> Result<(), NotLaidOut> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(from)?))?;
    let content = read(&mut archive, CONTENT)?;
    let styles = read(&mut archive, STYLES)?;
    let (content, styles) = laid_out(&content, &styles, sheets)?;
    let mut packed = ZipWriter::new(BufWriter::new(File::create(to)?));
    for number in 0..archive.len() {
        let part = archive.by_index_raw(number)?;
        let changed = match part.name() {
            CONTENT => &content,
            STYLES => &styles,
            _ => {
                packed.raw_copy_file(part)?;
                continue;
            }
        };
        packed.start_file(part.name(), SimpleFileOptions::default())?;
        packed.write_all(changed.as_bytes())?;
    }
    packed.finish()?.flush()?;
    Ok(())
}

fn laid_out(content: &str, styles: &str, sheets: &[Sheet]) -> Result<(String, String), NotLaidOut> {
    let document = parsed(styles)?;
    let root = document.root_element();
    let paper = match sheets {
        [] => Paper::like_the_last(root)?,
        sheets => Paper::new(sheets),
    };
    let mut edits = Edits::of(styles);
    edits.append(inside(root, "automatic-styles")?, &paper.layouts());
    edits.append(inside(root, "master-styles")?, &paper.masters());
    Ok((with_pages(content, &paper)?, edits.applied(0..styles.len())))
}

fn with_pages(text: &str, paper: &Paper) -> Result<String, NotLaidOut> {
    let document = parsed(text)?;
    let root = document.root_element();
    let body = inside(inside(root, "body")?, "text")?;
    let automatic = inside(root, "automatic-styles")?;
    let mut edits = Edits::of(text);
    for style in automatic.descendants() {
        if style.tag_name().name() == "graphic-properties" {
            set_free(&mut edits, style);
        }
    }
    let first = body.first_element_child();
    let first = first.ok_or(NotLaidOut::Unexpected("the document is empty"))?;
    let mut start = first.range().start;
    let mut on_page: BTreeMap<usize, String> = BTreeMap::new();
    for node in body.children().filter(Node::is_element) {
        if let Some(page) = named(node, "anchor-page-number") {
            let number = page.value().parse::<usize>().unwrap_or(1);
            let page = on_page.entry(number.saturating_sub(1)).or_default();
            page.push_str(&anchored(text, node));
            edits.put(node.range(), "");
        } else if node.tag_name().name() == "sequence-decls" {
            // They must come first.
            start = node.range().end;
        } else if node.first_child().is_none() {
            // The paragraph that no document is without.
            edits.put(node.range(), "");
        }
    }
    let found = on_page.keys().next_back().map_or(0, |last| last + 1);
    let count = paper.pages(found);
    let mut pages = String::new();
    for page in 0..count {
        // What would lie beyond the last page stays on it.
        let end = if page + 1 == count {
            usize::MAX
        } else {
            page + 1
        };
        let stands: String = on_page
            .range(page..end)
            .map(|(_, it)| it.as_str())
            .collect();
        let style = paper.style(page);
        let paragraph = [
            "<text:p text:style-name=\"",
            &style,
            "\">",
            &stands,
            "</text:p>",
        ];
        pages.extend(paragraph);
    }
    edits.put(start..start, pages);
    edits.append(automatic, &paper.styles());
    Ok(edits.applied(0..text.len()))
}

/// What stands on a page, anchored to the paragraph that it is put into.
fn anchored(text: &str, node: Node<'_, '_>) -> String {
    let mut edits = Edits::of(text);
    if let Some(kind) = named(node, "anchor-type") {
        edits.put(kind.range_value(), "paragraph");
    }
    if let Some(page) = named(node, "anchor-page-number") {
        edits.put(page.range(), "");
    }
    let has_text = node.children().any(|it| it.tag_name().name() == "text-box");
    if let Some(width) = named(node, "width").filter(|_| has_text)
        && let Some(wider) = wider(width.value())
    {
        edits.put(width.range_value(), wider);
    }
    edits.applied(node.range())
}

/// A line has room for letters that are wider than the PDF's own: its last word would be out of sight without.
fn wider(width: &str) -> Option<String> {
    let unit = width.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = width.split_at(unit);
    let number: f64 = number.parse().ok()?;
    Some(format!("{:.4}{unit}", number * WIDER))
}

/// It stands where it stood on the page, whatever else is there.
fn set_free(edits: &mut Edits<'_>, style: Node<'_, '_>) {
    for (name, value) in [
        ("wrap", "run-through"),
        ("horizontal-rel", "page"),
        ("vertical-rel", "page"),
    ] {
        match named(style, name) {
            Some(there) => edits.put(there.range_value(), value),
            None => edits.attribute(style, &format!("style:{name}=\"{value}\"")),
        }
    }
}

fn read(archive: &mut ZipArchive<BufReader<File>>, name: &str) -> Result<String, NotLaidOut> {
    let mut text = String::new();
    let mut part = archive.by_name(name)?.take(PART_LIMIT + 1);
    part.read_to_string(&mut text)?;
    if text.len() as u64 > PART_LIMIT {
        return Err(NotLaidOut::Large);
    }
    Ok(text)
}

fn parsed(text: &str) -> Result<Document<'_>, NotLaidOut> {
    let options = ParsingOptions {
        nodes_limit: NODES_LIMIT,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| {
        if matches!(error, roxmltree::Error::NodesLimitReached) {
            return NotLaidOut::Large;
        }
        NotLaidOut::Unexpected("a part of the document can't be read")
    })
}

fn inside<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>, NotLaidOut> {
    let mut children = node.children();
    let found = children.find(|child| child.tag_name().name() == name);
    found.ok_or(NotLaidOut::Unexpected(
        "a part of the document lacks what it must have",
    ))
}

fn named<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Attribute<'a, 'i>> {
    node.attributes().find(|attribute| attribute.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLES: &str = r#"<s><automatic-styles><page-layout><props page-width="3in" page-height="4in"/></page-layout></automatic-styles><master-styles/></s>"#;

    const CONTENT: &str = r#"<c xmlns:text="t" xmlns:style="s"><automatic-styles><style:style><style:graphic-properties style:horizontal-rel="paragraph"/></style:style></automatic-styles><body><text:text><text:sequence-decls/><f text:anchor-type="page" text:anchor-page-number="2">two</f><f text:anchor-type="page" text:anchor-page-number="1" width="1.5in"><text-box>one</text-box></f><f text:anchor-type="page" text:anchor-page-number="9">more</f><text:p/></text:text></body></c>"#;

    fn sheet(width: u32, height: u32) -> Sheet {
        Sheet { width, height }
    }

    #[test]
    fn what_stands_on_a_page_is_in_the_paragraph_that_begins_it() {
        let sheets = [sheet(3000, 4001), sheet(4000, 3000), sheet(3000, 4001)];
        let (content, styles) = laid_out(CONTENT, STYLES, &sheets).unwrap();
        let expected = [
            r#"<text:sequence-decls/><text:p text:style-name="PlatenPage0"><f text:anchor-type="paragraph"  width="2.1000in"><text-box>one</text-box></f></text:p>"#,
            r#"<text:p text:style-name="PlatenPage1"><f text:anchor-type="paragraph" >two</f></text:p>"#,
            r#"<text:p text:style-name="PlatenPage0"><f text:anchor-type="paragraph" >more</f></text:p></text:text>"#,
        ];
        assert!(content.contains(&expected.concat()), "{content}");
        let free = r#"style:wrap="run-through""#;
        assert!(content.contains(free), "{content}");
        assert!(
            content.contains(r#"style:horizontal-rel="page""#),
            "{content}"
        );
        assert_eq!(content.matches("style:master-page-name").count(), 2);
        assert_eq!(styles.matches("PlatenSheet").count(), 2, "{styles}");
        let size = r#"fo:page-width="300.0pt" fo:page-height="400.1pt""#;
        assert!(styles.contains(size), "{styles}");
    }

    #[test]
    fn pages_of_unknown_sizes_are_on_the_sheet_that_is_there() {
        let (content, styles) = laid_out(CONTENT, STYLES, &[]).unwrap();
        assert_eq!(content.matches("\"PlatenPage0\"").count(), 9 + 1);
        assert!(styles.contains(r#"fo:page-width="3in" fo:page-height="4in""#));
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        for content in ["", "<c/>", "<c><body/><automatic-styles/></c>"] {
            assert!(laid_out(content, STYLES, &[]).is_err(), "{content}");
        }
        assert!(laid_out(CONTENT, "<s><automatic-styles/></s>", &[]).is_err());
    }
}
