//! The files of one folder and of the folders in it, for a page on disk; nothing above it, nothing
//! hidden, nothing that a symbolic link leads out to.

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use futures::Stream;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;
use url::Url;

/// The most bytes of one file.
const FILE_LIMIT: u64 = 512 * 1024 * 1024;

/// Why a file is not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// The path leads out of the folder, or to something hidden.
    #[error("the path is not one inside the folder")]
    Outside,
    /// It is a folder or a device.
    #[error("it is not a file")]
    NotAFile,
    /// It is too long.
    #[error("the file is longer than {FILE_LIMIT} bytes")]
    TooLong,
    /// It can't be read.
    #[error("the file can't be read")]
    Unreadable(#[from] io::Error),
}

/// A folder whose files may be read.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// Without symbolic links.
    root: PathBuf,
}

/// A file on its way out.
#[derive(Debug)]
pub(crate) struct Served {
    /// Its media type, by its extension.
    pub(crate) content_type: &'static str,
    /// Its length in bytes.
    pub(crate) length: u64,
    file: File,
}

impl Folder {
    /// The folder at a path, which must exist.
    pub(crate) async fn new(path: &Path) -> io::Result<Self> {
        let root = tokio::fs::canonicalize(path).await?;
        if !tokio::fs::metadata(&root).await?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root })
    }

    /// Opens the file at the path of a URL (percent-encoded, without a query).
    pub(crate) async fn open(&self, path: &str) -> Result<Served, FolderError> {
        let inside = inside(path).ok_or(FolderError::Outside)?;
        let real = tokio::fs::canonicalize(self.root.join(inside)).await?;
        // Judged again without links: one may lead out, or to something hidden.
        let below = real
            .strip_prefix(&self.root)
            .map_err(|_| FolderError::Outside)?;
        if !is_plain(below) {
            return Err(FolderError::Outside);
        }
        // Before opening: to open a pipe would wait for its writer.
        if !tokio::fs::metadata(&real).await?.is_file() {
            return Err(FolderError::NotAFile);
        }
        let content_type = content_type(&real);
        let file = File::open(&real).await?;
        let length = file.metadata().await?.len();
        if length > FILE_LIMIT {
            return Err(FolderError::TooLong);
        }
        Ok(Served {
            content_type,
            length,
            file,
        })
    }
}

impl Served {
    /// Its bytes, as many as its length says, even while somebody writes to it.
    pub(crate) fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        ReaderStream::new(self.file.take(self.length))
    }
}

/// The path below the folder that a URL's path names; the URL parser takes its dots away and decodes it.
fn inside(path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    let decoded = Url::parse(&format!("file:///{path}"))
        .ok()?
        .to_file_path()
        .ok()?;
    let below = decoded.strip_prefix("/").ok()?.to_path_buf();
    is_plain(&below).then_some(below)
}

/// Whether every part is an ordinary name that is not hidden.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| match part {
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            false
        }
    })
}

/// The media type by the extension. HTML, CSS and scripts get no character set: as on disk, the
/// document says it by itself.
fn content_type(path: &Path) -> &'static str {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase);
    match extension.as_deref().unwrap_or_default() {
        "html" | "htm" => "text/html",
        "xhtml" => "application/xhtml+xml",
        "css" => "text/css",
        "js" | "mjs" => "text/javascript",
        "json" | "map" => "application/json",
        "txt" | "md" | "csv" => "text/plain; charset=utf-8",
        "xml" => "text/xml",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/vnd.microsoft.icon",
        "bmp" => "image/bmp",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}
