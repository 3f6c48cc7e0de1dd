//! Small files that are plain and still take any memory, or any time: each ends the process that joins it.

use std::io::Write as _;

use super::made::FONT;
use super::*;
use crate::join::apart::{NotJoined, TOO_MUCH, join};

/// What the process that joins files makes of some that qpdf has made plain.
async fn joined_apart(sources: &[Vec<u8>], within: Duration) -> Result<u64, NotJoined> {
    let folder = tempfile::tempdir().unwrap();
    let until = tokio::time::Instant::now() + Duration::from_mins(1);
    let mut plain = Vec::new();
    for (place, source) in sources.iter().enumerate() {
        let from = folder.path().join("source.pdf");
        std::fs::write(&from, source).unwrap();
        let to = folder.path().join(format!("plain-{place}.pdf"));
        qpdf::plain(&from, &to, until).await.unwrap();
        plain.push(to);
    }
    let to = folder.path().join("joined.pdf");
    let until = tokio::time::Instant::now() + within;
    let length = join(plain.clone(), &to, until).await?;
    assert_eq!(std::fs::metadata(&to).unwrap().len(), length);
    assert!(plain.iter().all(|path| !path.exists()));
    Ok(length)
}

/// A tree of pages that has this leaf two to the power of thirty times, which no reference shows.
fn doubling(leaf: &str) -> Vec<u8> {
    let mut made = Made::of(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids 3 0 R>>",
    ]);
    for below in 4..34 {
        let node = format!("<</Type/Pages/Count 1/Kids {below} 0 R>>");
        made.add(&format!("[{node}{node}]"));
    }
    made.add(&format!("[{leaf}]"));
    made.bytes()
}

/// Pages that share one dictionary, which is read again for each of them.
fn sharing() -> Vec<u8> {
    let fonts: Vec<_> = (0..20_000)
        .map(|number| format!("/F{number} 3 0 R"))
        .collect();
    let kids: Vec<_> = (5..4005).map(|page| format!("{page} 0 R")).collect();
    let mut made = Made::of(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        &format!("<</Type/Pages/Count 4000/Kids[{}]>>", kids.join(" ")),
        FONT,
        &format!("<</Font<<{}>>>>", fonts.concat()),
    ]);
    for _ in 0..4000 {
        made.add("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources 4 0 R>>");
    }
    made.bytes()
}

/// A catalog for which a reader looks through the whole file, and in that a packed stream of packed spaces.
fn packed_twice() -> Vec<u8> {
    let pack = |bytes: &[u8], times: usize| {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..times {
            packed.write_all(bytes).unwrap();
        }
        packed.finish().unwrap()
    };
    let stream = pack(&pack(&vec![b' '; 1 << 20], 2048), 1);
    let mut file = b"%PDF-1.5\n".to_vec();
    let mut places = Vec::new();
    let mut objects = vec![
        b"<</Type/Catalog/Pages<</Type/Pages/Count 1/Kids[2 0 R]>>/Other 3 0 R>>".to_vec(),
        b"<</Type/Page/MediaBox[0 0 9 9]>>".to_vec(),
    ];
    let length = stream.len();
    let dict = format!(
        "<</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length {length}>>\nstream\n"
    );
    objects.push([dict.as_bytes(), &stream, b"\nendstream"].concat());
    for (place, object) in objects.into_iter().enumerate() {
        places.push(file.len());
        writeln!(file, "{} 0 obj", place + 1).unwrap();
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    file.extend(b"xref\n0 4\n0000000000 65535 f \n");
    for place in places {
        writeln!(file, "{place:010} 00000 n ").unwrap();
    }
    write!(
        file,
        "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    file
}

#[tokio::test]
async fn a_small_file_that_takes_any_memory_ends_its_own_process_alone_and_is_named() {
    let good = Made::pages("", &["good"]).bytes();
    let page = "<</Type/Page/MediaBox[0 0 9 9]>>";
    for hostile in [doubling(page), sharing(), packed_twice()] {
        let sources = [good.clone(), hostile, good.clone()];
        let refused = joined_apart(&sources, Duration::from_mins(1)).await;
        let refused = refused.unwrap_err();
        let words = refused.error.to_string();
        assert!(words.ends_with(TOO_MUCH), "{words}");
        assert_eq!(refused.source, 1);
    }
}

#[tokio::test]
async fn a_small_file_that_takes_any_time_ends_with_the_time_of_its_merge() {
    let endless = doubling("");
    let refused = joined_apart(&[endless], Duration::from_secs(2)).await;
    let refused = refused.unwrap_err().error;
    assert!(matches!(refused, JoinError::Late), "{refused}");
}

#[tokio::test]
async fn a_field_that_is_listed_without_end_is_one() {
    let fields = "6 0 R ".repeat(300_000);
    let mut made = Made::pages(&format!("/AcroForm<</Fields[{fields}]>>"), &["a"]);
    made.add("<</FT/Tx/T(a)>>");
    let length = joined_apart(&[made.bytes()], Duration::from_mins(1)).await;
    assert!(length.unwrap() < 2000);
}
