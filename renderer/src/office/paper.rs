//! The sheets that pages of a text document are on: one for each size.

use roxmltree::Node;

use super::pages::NotLaidOut;
use super::sheets::Sheet;

/// What names of sheets begin with, which LibreOffice gives to nothing.
const OURS: &str = "Platen";

/// The sheets of a document.
#[derive(Debug)]
pub(super) struct Paper {
    /// Width and height of each, as they are written.
    sizes: Vec<(String, String)>,
    /// Which of them each page is on.
    of_page: Vec<usize>,
}

impl Paper {
    /// For pages of these sizes.
    pub(super) fn new(sheets: &[Sheet]) -> Self {
        let mut kinds: Vec<Sheet> = Vec::new();
        let of_page = sheets.iter().map(|sheet| {
            let known = kinds.iter().position(|kind| kind == sheet);
            known.unwrap_or_else(|| {
                kinds.push(*sheet);
                kinds.len() - 1
            })
        });
        let of_page = of_page.collect();
        let tenths = |side: u32| format!("{}.{}pt", side / 10, side % 10);
        let sizes = kinds
            .iter()
            .map(|kind| (tenths(kind.width), tenths(kind.height)));
        Self {
            sizes: sizes.collect(),
            of_page,
        }
    }

    /// For any number of pages as large as the sheet that LibreOffice has made last, by the root of its styles.
    pub(super) fn like_the_last(styles: Node<'_, '_>) -> Result<Self, NotLaidOut> {
        let side = |node: &Node<'_, '_>, name| {
            let found = node.attributes().find(|it| it.name() == name);
            found.map(|side| side.value().to_owned())
        };
        let mut layouts = styles.descendants().filter_map(|node| {
            let width = side(&node, "page-width")?;
            Some((width, side(&node, "page-height")?))
        });
        let last = layouts.next_back();
        Ok(Self {
            sizes: vec![last.ok_or(NotLaidOut::Unexpected("the document has no sheet"))?],
            of_page: Vec::new(),
        })
    }

    /// How many pages there are, of which `found` or fewer have something on them.
    pub(super) fn pages(&self, found: usize) -> usize {
        if self.of_page.is_empty() {
            found.max(1)
        } else {
            self.of_page.len()
        }
    }

    /// The style of the paragraph that begins a page, counted from 0.
    pub(super) fn style(&self, page: usize) -> String {
        let kind = self.of_page.get(page).copied().unwrap_or_default();
        format!("{OURS}Page{kind}")
    }

    /// The styles of such paragraphs.
    pub(super) fn styles(&self) -> String {
        let each = (0..self.sizes.len()).map(|kind| {
            format!(
                "<style:style style:name=\"{OURS}Page{kind}\" style:family=\"paragraph\" \
                 style:parent-style-name=\"Standard\" style:master-page-name=\"{OURS}Sheet{kind}\"/>"
            )
        });
        each.collect()
    }

    /// The sizes of the sheets.
    pub(super) fn layouts(&self) -> String {
        let each = self.sizes.iter().enumerate().map(|(kind, (width, height))| {
            let margins = ["top", "bottom", "left", "right"]
                .map(|side| format!(" fo:margin-{side}=\"10mm\""))
                .concat();
            format!(
                "<style:page-layout style:name=\"{OURS}Layout{kind}\"><style:page-layout-properties \
                 fo:page-width=\"{width}\" fo:page-height=\"{height}\"{margins}/></style:page-layout>"
            )
        });
        each.collect()
    }

    /// The sheets.
    pub(super) fn masters(&self) -> String {
        let each = (0..self.sizes.len()).map(|kind| {
            format!(
                "<style:master-page style:name=\"{OURS}Sheet{kind}\" \
                 style:page-layout-name=\"{OURS}Layout{kind}\"/>"
            )
        });
        each.collect()
    }
}
