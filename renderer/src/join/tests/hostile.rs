//! Sources that mean no good, or are damaged.

use std::io::Write as _;
use std::path::Path;

use super::made::{content, page};
use super::*;

fn refusal(source: &[u8]) -> String {
    let good = Made::pages("", &["good"]).bytes();
    match joined(&[good, source.to_vec()]) {
        Ok(_) => panic!("it was joined"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_no_whole_pdf_is_refused_by_what_is_wrong() {
    let good = || Made::pages("", &["a", "b"]);
    let whole = good().bytes();
    let cases = [
        (b"<html>not found</html>".to_vec(), "begin like one"),
        (b"%PDF-1.7\nnothing else".to_vec(), "structure is damaged"),
        (
            good()
                .set(2, "<</Type/Pages/Count 1/Kids[4 0 R 99 0 R]>>")
                .bytes(),
            "missing",
        ),
        (
            good()
                .set(2, "<</Type/Pages/Count 2/Kids[4 0 R 4 0 R]>>")
                .bytes(),
            "twice",
        ),
        (
            good().set(2, "<</Type/Pages/Count 1/Kids[2 0 R]>>").bytes(),
            "twice",
        ),
        (
            good().set(2, "<</Type/Pages/Count 0/Kids[]>>").bytes(),
            "no pages",
        ),
        (whole[..whole.len() / 3].to_vec(), ""),
    ];
    for (source, what) in cases {
        let refusal = refusal(&source);
        assert!(refusal.contains(what), "{refusal}");
    }
}

#[test]
fn circles_come_to_an_end() {
    let mut made = Made::pages("/Outlines 6 0 R/Dests 8 0 R/Names<</Dests 9 0 R>>", &["a"])
        .set(4, &page(2, 5, "/Annots[8 0 R]/Loop 10 0 R"));
    made.add("<</Type/Outlines/First 7 0 R/Last 7 0 R>>");
    made.add("<</Title(round)/Parent 6 0 R/Next 7 0 R/First 7 0 R/Dest[4 0 R/Fit]>>");
    made.add("<</Dest 8 0 R/a 8 0 R/D 8 0 R>>");
    made.add("<</Kids[9 0 R 9 0 R]/Names[(a)9 0 R(b)]>>");
    made.add("[10 0 R[10 0 R]]");
    let joined = joined(&[made.bytes(), made.bytes()]).unwrap();
    assert_eq!(joined.pages().len(), 2);
}

#[test]
fn a_name_within_the_place_that_it_stands_for_is_not_followed() {
    // The place of `a` holds a link to `a`, and is long.
    let long = "(x)".repeat(1000);
    let mut made = Made::pages("/Dests<</a 6 0 R>>", &["a"])
        .set(4, &page(2, 5, "/Annots[<</Subtype/Link/Dest/a>>]"));
    made.add(&format!("[4 0 R/Fit<</Dest/a>>[/a]{long}]"));
    let joined = joined(&[made.bytes()]).unwrap();
    assert_eq!(joined.links(0), [0]);
    assert!(joined.bytes.len() < 2000, "{}", joined.bytes.len());
}

#[test]
fn what_lies_too_deep_is_left_out() {
    let deep = format!("/Deep {}(bottom){}", "[".repeat(400), "]".repeat(400));
    let made = Made::pages("", &["a"]).set(4, &page(2, 5, &deep));
    let joined = joined(&[made.bytes()]).unwrap();
    let bottom = b"<626f74746f6d>";
    let has = |words: &[u8]| joined.bytes.windows(words.len()).any(|at| at == words);
    assert!(!has(bottom) && has(b"/Deep [[[["));
}

#[test]
fn many_fields_of_one_name_get_their_numbers_in_time() {
    let fields: Vec<_> = (6..20_006).map(|number| format!("{number} 0 R")).collect();
    let fields = fields.join(" ");
    let mut made = Made::pages(&format!("/AcroForm<</Fields[{fields}]>>"), &["a"]);
    for _ in 0..20_000 {
        made.add("<</FT/Tx/T(a)>>");
    }
    let joined = joined(&[made.bytes()]).unwrap();
    let form: Dict<'_> = joined.catalog().get(b"AcroForm").unwrap();
    let fields: Array<'_> = form.get(b"Fields").unwrap();
    let last = fields.iter::<Dict<'_>>().last().unwrap();
    let name = last.get::<PdfString<'_>>(b"T").unwrap();
    assert_eq!(name.as_bytes(), b"a-20000");
}

#[test]
fn more_pages_than_are_joined_are_refused_and_ten_thousand_are_not() {
    let many = |count| {
        let texts = vec!["x"; count];
        Made::pages("", &texts).bytes()
    };
    let ten_thousand = many(10_000);
    let joined = joined(&[ten_thousand.clone(), Made::pages("", &["last"]).bytes()]).unwrap();
    assert_eq!(joined.pages().len(), 10_001);
    let refusal = self::joined(&[ten_thousand.clone(), ten_thousand, many(1)]);
    assert!(matches!(refusal, Err(JoinError::Pages)));
}

#[test]
fn damage_anywhere_never_panics() {
    let mut made = Made::pages("/Outlines 6 0 R/Dests<</d[4 0 R/Fit]>>", &["a"])
        .set(4, &page(2, 5, "/Annots[<</Subtype/Link/Dest/d>>]"));
    made.add("<</Type/Outlines/First 7 0 R/Last 7 0 R>>");
    made.add("<</Title(a)/Parent 6 0 R/Dest/d>>");
    made.add(&content("unused"));
    let whole = made.bytes();
    for place in 0..whole.len() {
        for byte in [b'0', b'/', b'>', 0xff] {
            let mut damaged = whole.clone();
            damaged[place] = byte;
            let file = tempfile::tempfile().unwrap();
            let mut joiner = Joiner::new(file, Instant::now() + Duration::from_mins(1)).unwrap();
            drop(joiner.add(damaged).and_then(|()| joiner.finish()));
        }
    }
}

#[test]
fn a_file_that_comes_late_is_not_written() {
    let file = tempfile::tempfile().unwrap();
    let mut joiner = Joiner::new(file, Instant::now()).unwrap();
    let late = joiner.add(Made::pages("", &["a"]).bytes());
    assert!(matches!(late, Err(JoinError::Late)));
}

/// What qpdf makes of a file.
async fn plain(source: &[u8]) -> Result<Vec<u8>, JoinError> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from.pdf"), folder.path().join("to.pdf"));
    std::fs::write(&from, source).unwrap();
    let until = tokio::time::Instant::now() + Duration::from_mins(1);
    qpdf::plain(&from, &to, until).await?;
    Ok(std::fs::read(to).unwrap())
}

/// The file after a run of qpdf with these options.
fn rewritten(source: &[u8], options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("in.pdf"), source).unwrap();
    let run = |from: &Path, to: &Path| {
        let mut command = std::process::Command::new("qpdf");
        command.args(options).args([from, to]).status().unwrap()
    };
    assert!(run(&path("in.pdf"), &path("out.pdf")).success());
    std::fs::read(path("out.pdf")).unwrap()
}

#[tokio::test]
async fn a_packed_file_is_unpacked_and_an_encrypted_one_refused() {
    let source = Made::pages("/Outlines 8 0 R", &["a", "b"]);
    let mut source = source;
    source.add("<</Type/Outlines/First 9 0 R/Last 9 0 R>>");
    source.add("<</Title(A)/Parent 8 0 R/Dest[6 0 R/Fit]>>");
    let packed = rewritten(&source.bytes(), &["--object-streams=generate"]);
    let unpacked = plain(&packed).await.unwrap();
    assert!(!unpacked.windows(7).any(|bytes| bytes == b"/ObjStm"));
    let joined = joined(&[unpacked]).unwrap();
    assert_eq!(joined.outline(), [("A".to_owned(), 1)]);
    for user in ["secret", ""] {
        let options = ["--encrypt", user, "owner", "256", "--"];
        let encrypted = rewritten(&source.bytes(), &options);
        assert!(
            matches!(plain(&encrypted).await, Err(JoinError::Encrypted)),
            "{user}"
        );
    }
}

#[tokio::test]
async fn a_bomb_ends_its_own_process_alone() {
    // An object stream of one gigabyte, in one megabyte.
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"20 0 ").unwrap();
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..1024 {
        packed.write_all(&spaces).unwrap();
    }
    let packed = packed.finish().unwrap();
    let mut file = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 20 0 R>>\nendobj\n".to_vec();
    let stream = file.len();
    let length = packed.len();
    write!(
        file,
        "2 0 obj\n<</Type/ObjStm/N 1/First 5/Filter/FlateDecode/Length {length}>>\nstream\n"
    )
    .unwrap();
    file.extend(packed);
    file.extend(b"\nendstream\nendobj\n");
    let table = file.len();
    let mut entries: Vec<u8> = vec![0, 0, 0, 0, 0, 0];
    entries.extend([&[1_u8][..], &9_u32.to_be_bytes(), &[0]].concat());
    entries.extend(
        [
            &[1_u8][..],
            &u32::try_from(stream).unwrap().to_be_bytes(),
            &[0],
        ]
        .concat(),
    );
    entries.extend([&[2_u8][..], &2_u32.to_be_bytes(), &[0]].concat());
    write!(
        file,
        "3 0 obj\n<</Type/XRef/Size 21/W[1 4 1]/Index[0 3 20 1]/Root 1 0 R/Length {}>>\nstream\n",
        entries.len()
    )
    .unwrap();
    file.extend(&entries);
    write!(file, "\nendstream\nendobj\nstartxref\n{table}\n%%EOF\n").unwrap();
    // qpdf leaves out what it can't unpack, and with it the pages.
    let refused = match plain(&file).await {
        Ok(plain) => joined(&[plain]).err().unwrap(),
        Err(refused) => refused,
    };
    assert!(matches!(refused, JoinError::Broken(_)), "{refused}");
}

#[test]
fn pages_are_looked_for_no_longer_than_there_is_time() {
    let kids = "<</Type/Page>>".repeat(1000);
    let many = Made::pages("", &["a"]).set(2, &format!("<</Type/Pages/Count 1/Kids[{kids}]>>"));
    let pdf = Pdf::new(Arc::new(many.bytes())).unwrap();
    let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id()).unwrap();
    let late = pages::of(pdf.xref(), &catalog, MOST_PAGES, Instant::now());
    assert!(matches!(late, Err(JoinError::Late)));
}

#[tokio::test]
async fn a_file_of_nothing_but_parts_is_refused_before_it_is_read() {
    assert!(matches!(
        plain(b"%PDF-1.7 nothing").await,
        Err(JoinError::Broken(_))
    ));
    let kids = "<<>>".repeat(MOST_DICTS);
    let crowded = Made::pages("", &["a"]).set(2, &format!("<</Type/Pages/Count 1/Kids[{kids}]>>"));
    assert!(refusal(&crowded.bytes()).contains("too many parts"));
}
