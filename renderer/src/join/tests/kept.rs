//! What of the sources is in the joined file.

use super::made::{FONT, content, page};
use super::*;
use crate::testing;

/// The text of every page.
async fn texts(joined: &Joined) -> Vec<String> {
    let text = testing::text(&joined.bytes).await;
    let pages = text.trim_end_matches('\u{c}').split('\u{c}');
    pages.map(|page| page.trim().to_owned()).collect()
}

#[tokio::test]
async fn pages_come_in_order_with_what_they_inherit() {
    let nested = Made::of(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 2/Kids[4 0 R 7 0 R]/MediaBox[0 0 500 600]/Resources<</Font<</F 3 0 R>>>>/Rotate 90>>",
        FONT,
        "<</Type/Pages/Parent 2 0 R/Count 1/Kids[5 0 R]/CropBox[0 0 400 400]>>",
        "<</Type/Page/Parent 4 0 R/Contents 6 0 R/Rotate 0>>",
        &content("deep one"),
        "<</Type/Page/Parent 2 0 R/Contents 8 0 R>>",
        &content("deep two"),
    ]);
    let flat = Made::pages("", &["flat one", "flat two"]);
    let joined = joined(&[flat.bytes(), nested.bytes(), flat.bytes()]).unwrap();
    let expected = [
        "flat one", "flat two", "deep one", "deep two", "flat one", "flat two",
    ];
    assert_eq!(texts(&joined).await, expected);
    let sizes: Vec<_> = (0..6)
        .map(|place| {
            let shown = joined.pdf.pages()[place].render_dimensions();
            (shown.0.round(), shown.1.round())
        })
        .collect();
    let flat = (300.0, 400.0);
    assert_eq!(
        sizes,
        [flat, flat, (400.0, 400.0), (600.0, 500.0), flat, flat]
    );
}

#[test]
fn a_name_leads_to_the_place_that_it_had_in_its_own_source() {
    let link = |to: &str| format!("/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]{to}>>]");
    // As browsers write it: a dictionary, and a name.
    let with_dict =
        Made::pages("/Dests<</here 8 0 R>>", &["a", "b"]).set(4, &page(2, 5, &link("/Dest/here")));
    let mut with_dict = with_dict;
    with_dict.add("[6 0 R/XYZ 0 100 0]");
    // As others do: a tree, and a string; its place within a dictionary.
    let with_tree = Made::pages("/Names<</Dests 10 0 R>>", &["c", "d", "e"])
        .set(4, &page(2, 5, &link("/A<</S/GoTo/D(here)>>")))
        .set(6, &page(2, 7, &link("/A 12 0 R")));
    let mut with_tree = with_tree;
    with_tree.add("<</Kids[11 0 R]>>");
    with_tree.add("<</Limits[(here)(here)]/Names[(here)<</D[8 0 R/Fit]>>]>>");
    with_tree.add("<</S/GoTo/D[4 0 R/Fit]>>");
    let joined = joined(&[with_dict.bytes(), with_tree.bytes(), with_dict.bytes()]).unwrap();
    assert_eq!(joined.links(0), [1]);
    assert_eq!((joined.links(2), joined.links(3)), (vec![4], vec![2]));
    assert_eq!(joined.links(5), [6]);
    assert!(!joined.catalog().contains_key(b"Dests") && !joined.catalog().contains_key(b"Names"));
}

#[test]
fn outlines_follow_one_another_with_what_lies_beneath() {
    let outlined = |title: &str| {
        let mut made = Made::pages("/Outlines 8 0 R/Dests<</d[6 0 R/Fit]>>", &["a", "b"]);
        made.add("<</Type/Outlines/First 9 0 R/Last 11 0 R/Count 3>>");
        made.add(&format!("<</Title({title} 1)/Parent 8 0 R/Next 11 0 R/First 10 0 R/Last 10 0 R/Count 1/Dest[4 0 R/Fit]/SE 3 0 R>>"));
        made.add(&format!("<</Title({title} 1.1)/Parent 9 0 R/Dest/d>>"));
        made.add(&format!(
            "<</Title({title} 2)/Parent 8 0 R/Prev 9 0 R/Dest[6 0 R/Fit]>>"
        ));
        made.bytes()
    };
    let plain = Made::pages("", &["no outline"]).bytes();
    let joined = joined(&[outlined("A"), plain, outlined("B")]).unwrap();
    let expected = [
        ("A 1", 0),
        ("A 1.1", 1),
        ("A 2", 1),
        ("B 1", 3),
        ("B 1.1", 4),
        ("B 2", 4),
    ];
    let expected = expected.map(|(title, page)| (title.to_owned(), page));
    assert_eq!(joined.outline(), expected);
    let root: Dict<'_> = joined.catalog().get(b"Outlines").unwrap();
    assert_eq!(root.get::<i32>(b"Count"), Some(6));
}

#[test]
fn fields_of_one_name_stay_two_and_layers_stay_off() {
    let filled = || {
        let mut made = Made::pages(
            "/AcroForm<</Fields[6 0 R]/DA(/F 9 Tf)/NeedAppearances true>>/OCProperties<</OCGs[7 0 R 8 0 R]/D<</OFF[8 0 R]>>>>",
            &["a"],
        )
        .set(4, &page(2, 5, "/Annots[6 0 R]"));
        made.add("<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(x)/Rect[0 0 9 9]/P 4 0 R>>");
        made.add("<</Type/OCG/Name(on)>>");
        made.add("<</Type/OCG/Name(off)>>");
        made.bytes()
    };
    let joined = joined(&[filled(), filled()]).unwrap();
    let form: Dict<'_> = joined.catalog().get(b"AcroForm").unwrap();
    let fields: Array<'_> = form.get(b"Fields").unwrap();
    let names: Vec<_> = fields
        .iter::<Dict<'_>>()
        .map(|field| {
            field
                .get::<PdfString<'_>>(b"T")
                .unwrap()
                .as_bytes()
                .to_vec()
        })
        .collect();
    assert_eq!(names, [b"name".to_vec(), b"name-2".to_vec()]);
    assert_eq!(form.get::<bool>(b"NeedAppearances"), Some(true));
    // The field is the very annotation that its page shows.
    let second: Array<'_> = joined.page(1).get(b"Annots").unwrap();
    assert_eq!(
        second.raw_iter().next().unwrap().as_obj_ref(),
        fields.raw_iter().nth(1).unwrap().as_obj_ref()
    );
    let layers: Dict<'_> = joined.catalog().get(b"OCProperties").unwrap();
    let state: Dict<'_> = layers.get(b"D").unwrap();
    let off: Array<'_> = state.get(b"OFF").unwrap();
    let off: Vec<_> = off
        .iter::<Dict<'_>>()
        .map(|layer| {
            layer
                .get::<PdfString<'_>>(b"Name")
                .unwrap()
                .as_bytes()
                .to_vec()
        })
        .collect();
    assert_eq!(off, [b"off".to_vec(), b"off".to_vec()]);
    assert_eq!(
        layers.get::<Array<'_>>(b"OCGs").unwrap().raw_iter().count(),
        4
    );
}

#[test]
fn each_field_takes_along_what_its_own_form_says_for_it() {
    let filled = |appearance: &str, side: i32, font: &str, signatures: i32| {
        let form = format!(
            "/AcroForm<</Fields[6 0 R 7 0 R]/DA({appearance})/Q {side}/SigFlags {signatures}\
             /DR<</Font<</Shared 3 0 R/{font} 3 0 R>>/Encoding<<>>>>>>"
        );
        let mut made = Made::pages(&form, &["a"]).set(4, &page(2, 5, "/Annots[6 0 R 7 0 R]"));
        made.add("<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]>>");
        made.add("<</Type/Annot/Subtype/Widget/FT/Tx/T(b)/DA(own)/Q 2/Rect[0 0 9 9]>>");
        made.bytes()
    };
    let sources = [filled("one", 0, "One", 1), filled("two", 1, "Two", 2)];
    let joined = joined(&sources).unwrap();
    let form: Dict<'_> = joined.catalog().get(b"AcroForm").unwrap();
    let fields: Array<'_> = form.get(b"Fields").unwrap();
    let said: Vec<_> = fields
        .iter::<Dict<'_>>()
        .map(|field| {
            let appearance = field.get::<PdfString<'_>>(b"DA").unwrap();
            let appearance = String::from_utf8(appearance.as_bytes().to_vec()).unwrap();
            (appearance, field.get::<i32>(b"Q").unwrap())
        })
        .collect();
    let expected = [("one", 0), ("own", 2), ("two", 1), ("own", 2)];
    assert_eq!(said, expected.map(|(words, side)| (words.to_owned(), side)));
    assert_eq!(form.get::<i32>(b"SigFlags"), Some(3));
    let resources: Dict<'_> = form.get(b"DR").unwrap();
    assert!(resources.contains_key(b"Encoding"));
    let fonts: Dict<'_> = resources.get(b"Font").unwrap();
    assert_eq!(fonts.len(), 3);
    for font in ["One", "Shared", "Two"] {
        let font: Dict<'_> = fonts.get(font).unwrap();
        assert!(font.contains_key(b"BaseFont"));
    }
}

#[test]
fn tags_alone_are_left_out_by_the_words_that_lead_to_them() {
    let action = "/AA<</O<</S/GoTo/D[4 0 R/Fit]/SD[3 0 R]>>>>";
    let other = "/PieceInfo<</SE(kept)/SD(kept)>>";
    let made = Made::pages("", &["a"]).set(4, &page(2, 5, &[action, other].concat()));
    let joined = joined(&[made.bytes()]).unwrap();
    let other: Dict<'_> = joined.page(0).get(b"PieceInfo").unwrap();
    assert!(other.contains_key(b"SE") && other.contains_key(b"SD"));
    let actions: Dict<'_> = joined.page(0).get(b"AA").unwrap();
    let action: Dict<'_> = actions.get(b"O").unwrap();
    assert!(action.contains_key(b"D") && !action.contains_key(b"SD"));
}

#[test]
fn a_file_says_of_itself_what_is_wanted_else_what_its_first_source_says() {
    let described = |title: &str, author: Option<&str>, sources: &[Vec<u8>]| {
        let file = tempfile::tempfile().unwrap();
        let mut joiner = Joiner::new(file, Instant::now() + Duration::from_mins(1)).unwrap();
        joiner.describe(&Metadata {
            title: Some(title.to_owned()),
            author: author.map(str::to_owned),
            ..Metadata::default()
        });
        for source in sources {
            joiner.add(source.clone()).unwrap();
        }
        let (mut file, _) = joiner.finish().unwrap();
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        bytes
    };
    let page = Made::pages("", &["a"]).bytes();
    let first = described("First", Some("A"), std::slice::from_ref(&page));
    let second = described("Second", Some("B"), &[page]);
    let both = Pdf::new(Arc::new(described("All", None, &[first, second]))).unwrap();
    let said = both.metadata();
    assert_eq!(said.title.as_deref(), Some(&b"\xfe\xff\0A\0l\0l"[..]));
    assert_eq!(said.author.as_deref(), Some(&b"\xfe\xff\0A"[..]));
    assert_eq!(said.subject, None);
}

#[tokio::test]
async fn what_leads_out_of_the_pages_is_left_behind() {
    let mut made = Made::pages(
        "/StructTreeRoot 6 0 R/OpenAction<</S/JavaScript/JS(secret)>>",
        &["a"],
    )
    .set(4, &page(2, 5, "/StructParents 0/B[7 0 R]/PieceInfo 8 0 R"));
    made.add("<</Type/StructTreeRoot/K[]/Secret(secret)>>");
    made.add("<</Secret(secret)>>");
    // A page that is in no tree, and the catalog.
    made.add("[9 0 R 1 0 R 6 0 R]");
    made.add("<</Type/Page/Secret(secret)>>");
    let joined = joined(&[made.bytes()]).unwrap();
    let secret = b"<736563726574>";
    assert!(
        !joined
            .bytes
            .windows(secret.len())
            .any(|bytes| bytes == secret)
    );
    assert_eq!(texts(&joined).await, ["a"]);
}
