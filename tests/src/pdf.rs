//! A PDF that came out, read back by the tools of poppler and qpdf.

use std::fmt;
use std::io::Write as _;
use std::process::Command;

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::Picture;

/// A PDF file.
#[derive(Debug)]
pub struct Pdf {
    file: NamedTempFile,
    bytes: Vec<u8>,
}

/// A word and its box on its page, in points from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Its letters.
    pub text: String,
    /// Its page, from 1.
    pub page: usize,
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Pdf {
    /// Takes the bytes of a file.
    ///
    /// # Panics
    ///
    /// When they do not begin like a PDF.
    pub fn new(bytes: &[u8]) -> Self {
        assert!(
            bytes.starts_with(b"%PDF-"),
            "not a PDF: {:?}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(300)])
        );
        let mut file = NamedTempFile::new().expect("a temporary file can be made");
        file.write_all(bytes).expect("it can be written");
        Self {
            file,
            bytes: bytes.to_vec(),
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.run("pdftotext", &["-layout"], &["-"])
    }

    /// The text of each page, trimmed.
    pub fn page_texts(&self) -> Vec<String> {
        let text = self.text();
        let text = text.strip_suffix('\u{c}').unwrap_or(&text);
        text.split('\u{c}')
            .map(|page| page.trim().to_owned())
            .collect()
    }

    /// Every word with its place.
    pub fn words(&self) -> Vec<Word> {
        let text = self.run("pdftotext", &["-bbox"], &["-"]);
        let mut page = 0;
        let mut words = Vec::new();
        for line in text.lines() {
            page += usize::from(line.contains("<page "));
            if line.contains("<word ") {
                words.push(word(line, page));
            }
        }
        words
    }

    /// The first such word.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn word(&self, text: &str) -> Word {
        let words = self.words();
        let found = words.iter().find(|word| word.text == text);
        found
            .unwrap_or_else(|| panic!("no word `{text}` among {words:?}"))
            .clone()
    }

    /// How many pages it has.
    pub fn pages(&self) -> usize {
        self.info("Pages").parse().expect("a number of pages")
    }

    /// Width and height of its first page, in whole points.
    pub fn size(&self) -> (i64, i64) {
        let size = self.info("Page size");
        let mut numbers = size
            .split_whitespace()
            .filter_map(|part| part.parse::<f64>().ok());
        let mut next = || numbers.next().expect("a page has a size").round() as i64;
        (next(), next())
    }

    /// Asserts the size of its pages in points, to one, since the browser rounds lengths to its own pixels.
    ///
    /// # Panics
    ///
    /// When it is another one; `what` says of what.
    pub fn assert_size(&self, (width, height): (i64, i64), what: &dyn fmt::Display) {
        let (is_width, is_height) = self.size();
        let near = is_width.abs_diff(width) <= 1 && is_height.abs_diff(height) <= 1;
        assert!(
            near,
            "{what}: {is_width} × {is_height} points, not {width} × {height}"
        );
    }

    /// The links within it: the page that each of them stands on, and the one that it leads to, from 1.
    pub fn link_targets(&self) -> Vec<(usize, usize)> {
        let json = self.json("pages");
        let numbers = json["pages"].as_array().expect("qpdf tells the pages");
        let objects = &self.json("qpdf")["qpdf"][1];
        let object =
            |name: &Value| &objects[format!("obj:{}", name.as_str().unwrap_or_default())]["value"];
        let resolved = |value: &Value| match object(value) {
            Value::Null => value.clone(),
            found => found.clone(),
        };
        let mut found = Vec::new();
        for (place, page) in numbers.iter().enumerate() {
            let links = resolved(&object(&page["object"])["/Annots"]);
            for link in links.as_array().into_iter().flatten() {
                let link = resolved(link);
                let action = resolved(&link["/A"]);
                let target = [resolved(&link["/Dest"]), resolved(&action["/D"])];
                let target = target.iter().find_map(|target| target.get(0).cloned());
                let leads = |page: &Value| Some(&page["object"]) == target.as_ref();
                if let Some(target) = numbers.iter().position(leads) {
                    found.push((place + 1, target + 1));
                }
            }
        }
        found
    }

    /// What qpdf tells of it under a key.
    fn json(&self, key: &str) -> Value {
        let text = self.run("qpdf", &["--json=2", &format!("--json-key={key}")], &[]);
        serde_json::from_str(&text).expect("qpdf writes JSON")
    }

    /// Whether it carries a tag tree.
    pub fn is_tagged(&self) -> bool {
        self.info("Tagged") == "yes"
    }

    /// Its first page at 72 pixels to the inch, so that a pixel is a point.
    pub fn picture(&self) -> Picture {
        let mut command = Command::new("pdftoppm");
        command
            .args(["-r", "72", "-png", "-f", "1", "-l", "1"])
            .arg(self.file.path());
        Picture::decode(&output(&mut command))
    }

    /// Its bookmarks, whatever their depth, with the pages that they lead to.
    pub fn bookmarks(&self) -> Vec<(usize, String)> {
        let xml = self.run("pdftohtml", &["-xml", "-stdout", "-i"], &[]);
        let items = xml.split("<item page=\"").skip(1);
        let item = |item: &str| {
            let (page, rest) = item.split_once("\">")?;
            Some((page.parse().ok()?, rest.split('<').next()?.to_owned()))
        };
        let items = items.map(|text| item(text).expect("a bookmark has a page and a title"));
        items.collect()
    }

    /// Insists that a reader of another make finds no fault with it.
    ///
    /// # Panics
    ///
    /// When it finds one.
    pub fn assert_sound(&self) {
        let said = Command::new("pdfinfo").arg(self.file.path()).output();
        let said = said.expect("poppler-utils are installed");
        let faults = String::from_utf8_lossy(&said.stderr);
        assert!(faults.is_empty(), "{faults}");
    }

    /// What it says of itself under a key of `pdfinfo`.
    ///
    /// # Panics
    ///
    /// When it says nothing.
    pub fn info(&self, key: &str) -> String {
        let all = self.run("pdfinfo", &[], &[]);
        let value = all
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        value
            .unwrap_or_else(|| panic!("no `{key}` in {all}"))
            .trim()
            .to_owned()
    }

    fn run(&self, tool: &str, before: &[&str], after: &[&str]) -> String {
        let bytes = output(
            Command::new(tool)
                .args(before)
                .arg(self.file.path())
                .args(after),
        );
        String::from_utf8(bytes).expect("the tools write UTF-8")
    }
}

fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?} can't be run ({error}): install poppler-utils and qpdf")
    });
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn word(line: &str, page: usize) -> Word {
    let number = |name: &str| -> f64 {
        let value = line
            .split(&format!("{name}=\""))
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        value
            .and_then(|value| value.parse().ok())
            .expect("a word has a box")
    };
    let text = line
        .split('>')
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap_or_default();
    Word {
        text: text.to_owned(),
        page,
        left: number("xMin"),
        top: number("yMin"),
        right: number("xMax"),
        bottom: number("yMax"),
    }
}
