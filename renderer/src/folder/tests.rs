//! What a folder serves, and what it keeps.

use std::os::unix::fs::symlink;

use futures::TryStreamExt;
use tempfile::TempDir;

use super::*;

/// A folder `page` with files in it, beside a secret that is not in it.
fn disk() -> TempDir {
    let disk = tempfile::tempdir().unwrap();
    let page = disk.path().join("page");
    std::fs::create_dir_all(page.join("img/.hidden")).unwrap();
    std::fs::write(disk.path().join("secret"), "secret").unwrap();
    std::fs::write(page.join("page.HTML"), "<p>here").unwrap();
    std::fs::write(page.join("img/a b.svg"), "<svg/>").unwrap();
    std::fs::write(page.join("img/.hidden/key"), "secret").unwrap();
    std::fs::write(page.join(".env"), "secret").unwrap();
    std::fs::write(page.join("..odd"), "secret").unwrap();
    symlink(disk.path().join("secret"), page.join("out")).unwrap();
    symlink(disk.path(), page.join("up")).unwrap();
    symlink(page.join(".env"), page.join("to-hidden")).unwrap();
    symlink("page.HTML", page.join("in.html")).unwrap();
    disk
}

async fn folder(disk: &TempDir) -> Folder {
    Folder::new(&disk.path().join("page")).await.unwrap()
}

async fn read(folder: &Folder, path: &str) -> Result<(&'static str, String), FolderError> {
    let served = folder.open(path).await?;
    let (content_type, length) = (served.content_type, served.length);
    let chunks: Vec<Bytes> = served.stream().try_collect().await.unwrap();
    let text = String::from_utf8(chunks.concat()).unwrap();
    assert_eq!(u64::try_from(text.len()).unwrap(), length);
    Ok((content_type, text))
}

#[tokio::test]
async fn files_are_served_with_their_type() {
    let disk = disk();
    let folder = folder(&disk).await;
    for (path, content_type, text) in [
        ("/page.HTML", "text/html", "<p>here"),
        ("/in.html", "text/html", "<p>here"),
        ("/img/a%20b.svg", "image/svg+xml", "<svg/>"),
        ("/img/../page.HTML", "text/html", "<p>here"),
        ("/../../page.HTML", "text/html", "<p>here"),
    ] {
        assert_eq!(
            read(&folder, path).await.unwrap(),
            (content_type, text.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nothing_outside_and_nothing_hidden_is_served() {
    let disk = disk();
    let folder = folder(&disk).await;
    let secret = disk.path().join("secret");
    let absolute = format!("/{}", secret.display());
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/%2e%2e%2fsecret",
        "/img/..%2f..%2fsecret",
        "/img%2f..%2f..%2fsecret",
        "/..\\secret",
        "/..%5csecret",
        "/img/%2e%2e/%2e%2e/secret",
        "//secret",
        "/out",
        "/up/secret",
        "/up/page/page.HTML/../../../secret",
        "/to-hidden",
        "/.env",
        "/%2eenv",
        "/..odd",
        "/img/.hidden/key",
        "/missing",
        "/page.HTML%00.png",
        "",
        "secret",
        absolute.as_str(),
        "/file:///etc/passwd",
        "/etc/passwd",
    ] {
        assert!(folder.open(path).await.is_err(), "{path}");
    }
}

#[tokio::test]
async fn folders_and_pipes_are_no_files() {
    let disk = disk();
    let made = std::process::Command::new("mkfifo")
        .arg(disk.path().join("page/pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    let folder = folder(&disk).await;
    for path in ["/", "/img", "/img/", "/pipe"] {
        let error = folder.open(path).await.unwrap_err();
        assert!(matches!(error, FolderError::NotAFile), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_file_is_no_folder() {
    let disk = disk();
    let error = Folder::new(&disk.path().join("secret")).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
}
