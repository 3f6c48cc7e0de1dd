//! Holds a result between the browser and its place, so that the page is free as soon as it is
//! printed: in memory while it is short, in a temporary file when it is long.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// The most bytes that are held in memory.
const MEMORY: usize = 8 * 1024 * 1024;

/// The most bytes of a result.
pub(crate) const LIMIT: u64 = 512 * 1024 * 1024;

/// Bytes read from the file at a time.
const CHUNK: usize = 1024 * 1024;

/// A result on its way.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    memory: Vec<u8>,
    file: Option<File>,
    size: u64,
}

impl Spool {
    /// An empty one, whose file would be made in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            memory: Vec::new(),
            file: None,
            size: 0,
        }
    }

    /// One that holds a file of `size` bytes.
    pub(crate) fn of_file(folder: &Path, file: std::fs::File, size: u64) -> Self {
        Self {
            file: Some(File::from_std(file)),
            size,
            ..Self::new(folder)
        }
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Forgets everything, for another try.
    pub fn clear(&mut self) {
        *self = Self::new(&self.folder);
    }

    /// Adds bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        if self.size > LIMIT {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the result is larger than {LIMIT} bytes"),
            ));
        }
        if self.file.is_none() && self.memory.len() + bytes.len() > MEMORY {
            let mut file = File::from_std(tempfile::tempfile_in(&self.folder)?);
            file.write_all(&std::mem::take(&mut self.memory)).await?;
            self.file = Some(file);
        }
        if let Some(file) = &mut self.file {
            return file.write_all(bytes).await;
        }
        self.memory.extend_from_slice(bytes);
        Ok(())
    }

    /// Bytes of it from a place on, at most `length` of them; what is written next still goes to the end.
    pub async fn part(&mut self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        let Some(file) = &mut self.file else {
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            let rest = self.memory.get(from..).unwrap_or_default();
            return Ok(rest.iter().copied().take(length).collect());
        };
        file.flush().await?;
        file.seek(SeekFrom::Start(from)).await?;
        let mut bytes = Vec::new();
        let limit = u64::try_from(length).unwrap_or(u64::MAX);
        (&mut *file).take(limit).read_to_end(&mut bytes).await?;
        file.seek(SeekFrom::End(0)).await?;
        Ok(bytes)
    }

    /// Starts to read from the beginning.
    pub async fn rewind(&mut self) -> io::Result<Reader<'_>> {
        if let Some(file) = &mut self.file {
            file.flush().await?;
            file.rewind().await?;
        }
        Ok(Reader {
            memory: Some(&self.memory),
            file: self.file.as_mut(),
        })
    }

    /// All of it in memory, for those who need it whole.
    pub async fn into_bytes(mut self) -> io::Result<Bytes> {
        let Some(mut file) = self.file.take() else {
            return Ok(self.memory.into());
        };
        file.flush().await?;
        file.rewind().await?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        file.read_to_end(&mut bytes).await?;
        Ok(bytes.into())
    }
}

/// Gives a spool's bytes piece by piece.
#[derive(Debug)]
pub struct Reader<'a> {
    memory: Option<&'a [u8]>,
    file: Option<&'a mut File>,
}

impl Reader<'_> {
    /// The next piece; empty at the end.
    pub async fn next(&mut self) -> io::Result<Bytes> {
        let Some(file) = &mut self.file else {
            let rest = self.memory.take().unwrap_or_default();
            return Ok(Bytes::copy_from_slice(rest));
        };
        let mut piece = Vec::with_capacity(CHUNK);
        let limit = u64::try_from(CHUNK).unwrap_or(u64::MAX);
        file.take(limit).read_to_end(&mut piece).await?;
        Ok(piece.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_result_comes_back_whole_and_again() {
        let folder = tempfile::tempdir().unwrap();
        for pieces in [1_u8, 12] {
            let mut spool = Spool::new(folder.path());
            for piece in 0..pieces {
                spool.write(&vec![piece; MEMORY / 8]).await.unwrap();
                let last = spool.part(spool.size() - 1, 9).await.unwrap();
                assert_eq!(last, [piece]);
                assert_eq!(spool.part(0, 2).await.unwrap(), [0, 0]);
            }
            for _ in 0..2 {
                let mut reader = spool.rewind().await.unwrap();
                let mut total = 0_u64;
                loop {
                    let piece = reader.next().await.unwrap();
                    if piece.is_empty() {
                        break;
                    }
                    total += piece.len() as u64;
                }
                assert_eq!(total, spool.size());
            }
            let size = spool.size();
            assert_eq!(spool.into_bytes().await.unwrap().len() as u64, size);
        }
    }
}
