//! Files that are made here by hand, joined, and read back by another reader.

mod apart;
mod hostile;
mod kept;
mod made;

use std::time::{Duration, Instant};

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, ObjectIdentifier, String as PdfString};

use super::*;
use made::Made;

/// A joined file, and where its pages are.
struct Joined {
    pdf: Pdf,
    bytes: Vec<u8>,
}

fn joined(sources: &[Vec<u8>]) -> Result<Joined, JoinError> {
    let file = tempfile::tempfile().unwrap();
    let mut joiner = Joiner::new(file, Instant::now() + Duration::from_mins(1)).unwrap();
    for source in sources {
        joiner.add(source.clone())?;
    }
    let (mut file, length) = joiner.finish()?;
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, length);
    let pdf = Pdf::new(Arc::new(bytes.clone())).unwrap();
    Ok(Joined { pdf, bytes })
}

impl Joined {
    fn catalog(&self) -> Dict<'_> {
        self.pdf.xref().get(self.pdf.xref().root_id()).unwrap()
    }

    /// The pages' numbers as objects.
    fn pages(&self) -> Vec<ObjectIdentifier> {
        let tree: Dict<'_> = self.catalog().get(b"Pages").unwrap();
        let kids: Array<'_> = tree.get(b"Kids").unwrap();
        let kids: Vec<_> = kids
            .raw_iter()
            .map(|kid| kid.as_obj_ref().unwrap().into())
            .collect();
        assert_eq!(tree.get::<u32>(b"Count"), u32::try_from(kids.len()).ok());
        kids
    }

    fn page(&self, place: usize) -> Dict<'_> {
        self.pdf.xref().get(self.pages()[place]).unwrap()
    }

    /// Which page a destination leads to, from 0.
    fn target(&self, place: &Array<'_>) -> usize {
        let page = place.raw_iter().next().unwrap().as_obj_ref().unwrap();
        let page = ObjectIdentifier::from(page);
        self.pages()
            .iter()
            .position(|known| *known == page)
            .unwrap()
    }

    /// Where the links of a page lead to.
    fn links(&self, place: usize) -> Vec<usize> {
        let annotations: Array<'_> = self.page(place).get(b"Annots").unwrap();
        let target = |link: Dict<'_>| {
            let direct = link.get::<Array<'_>>(b"Dest");
            let action = || link.get::<Dict<'_>>(b"A")?.get::<Array<'_>>(b"D");
            self.target(&direct.or_else(action).unwrap())
        };
        annotations.iter::<Dict<'_>>().map(target).collect()
    }

    /// Titles with the pages that they lead to, each before what lies beneath it.
    fn outline(&self) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        if let Some(root) = self.catalog().get::<Dict<'_>>(b"Outlines") {
            self.read_outline(&root, &mut found);
        }
        found
    }

    fn read_outline(&self, above: &Dict<'_>, found: &mut Vec<(String, usize)>) {
        let (mut next, mut before) = (above.get_ref(b"First"), None);
        while let Some(id) = next {
            let item: Dict<'_> = self.pdf.xref().get(id.into()).unwrap();
            assert_eq!(item.get_ref(b"Prev"), before);
            assert_eq!(item.get_ref(b"Parent").map(Into::into), above.obj_id());
            let title = item.get::<PdfString<'_>>(b"Title").unwrap();
            let title = String::from_utf8(title.as_bytes().to_vec()).unwrap();
            found.push((title, self.target(&item.get::<Array<'_>>(b"Dest").unwrap())));
            self.read_outline(&item, found);
            (next, before) = (item.get_ref(b"Next"), Some(id));
        }
        assert_eq!(above.get_ref(b"Last"), before);
    }
}
