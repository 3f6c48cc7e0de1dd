//! `platen render`: one page, one file, no server.

use std::path::Path;

use image::{ImageFormat, RgbImage};
use platen_tests::cli::{Ended, run};
use platen_tests::*;
use tempfile::TempDir;

/// A folder with a page in `site/`, a stylesheet and a picture beside it, and a secret above it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let site = folder.path().join("site");
    std::fs::create_dir(&site).expect("a folder can be made");
    let save = |path: &Path, colour: [u8; 3]| {
        RgbImage::from_pixel(20, 20, image::Rgb(colour))
            .save(path)
            .expect("a picture can be written")
    };
    save(&site.join("own.png"), [0, 255, 0]);
    save(&folder.path().join("secret.png"), [255, 0, 255]);
    let page = html::document(
        "<link rel=stylesheet href=style.css><h1>From a file</h1><img src=own.png><img src=../secret.png><iframe src=../secret.txt></iframe>",
    );
    for (path, text) in [
        ("site/page.html", page.as_str()),
        ("site/style.css", "h1 { background: #0000ff }"),
        ("secret.txt", "Above the folder"),
    ] {
        std::fs::write(folder.path().join(path), text).expect("a file can be written");
    }
    folder
}

async fn render(folder: &TempDir, args: &[&str]) -> Ended {
    run(folder.path(), ["render"].iter().chain(args)).await
}

async fn rendered(folder: &TempDir, args: &[&str], output: &str) -> Vec<u8> {
    let ended = render(folder, args).await;
    assert_eq!(ended.code, 0, "{args:?}: {ended:?}");
    std::fs::read(folder.path().join(output)).expect("the output was written")
}

#[tokio::test]
async fn a_file_becomes_a_pdf_with_its_neighbours_and_nothing_above_them() {
    let folder = folder();
    let pdf = Pdf::new(&rendered(&folder, &["site/page.html", "-o", "out.pdf"], "out.pdf").await);
    let text = pdf.text();
    assert!(
        text.contains("From a file") && !text.contains("Above the folder"),
        "{text}"
    );
    let picture = pdf.picture();
    assert!(picture.has([0, 255, 0]) && !picture.has([255, 0, 255]));
}

#[tokio::test]
async fn the_outputs_ending_chooses_the_format() {
    let folder = folder();
    for (output, format) in [
        ("out.png", ImageFormat::Png),
        ("out.jpg", ImageFormat::Jpeg),
        ("out.webp", ImageFormat::WebP),
    ] {
        let picture =
            Picture::decode(&rendered(&folder, &["site/page.html", "-o", output], output).await);
        assert_eq!(picture.format, format);
        assert!(
            picture.has([0, 0, 255]) && picture.has([0, 255, 0]) && !picture.has([255, 0, 255]),
            "{output}"
        );
    }
}

#[tokio::test]
async fn a_url_opens_its_own_host_and_no_other() {
    let (folder, site, other) = (
        folder(),
        Site::start().await,
        Site::on(shared::CLOSED_ADDRESS).await,
    );
    other.reply("/pixel.svg", Reply::picture());
    site.page(
        "/",
        &format!("From a server<img src='{}'>", other.url("/pixel.svg")),
    );
    let pdf = Pdf::new(&rendered(&folder, &[&site.url("/"), "-o", "out.pdf"], "out.pdf").await);
    assert!(pdf.text().contains("From a server"));
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn what_cannot_be_done_is_told_and_leaves_no_file() {
    let folder = folder();
    for (args, words) in [
        (["site/missing.html", "-o", "out.pdf"], "missing.html"),
        (["site/page.html", "-o", "out.gif"], "out.gif"),
        (["site/page.html", "-o", "nowhere/out.pdf"], "nowhere"),
        (["http://127.0.0.1:9/", "-o", "out.pdf"], "Navigation"),
    ] {
        let ended = render(&folder, &args).await;
        assert_ne!(ended.code, 0, "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{args:?}: {ended:?}");
        assert!(!folder.path().join(args[2]).exists(), "{args:?}");
    }
}
