//! Base64 of bytes that come in pieces.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt as _};

/// So many bytes become four characters without padding.
const GROUP: usize = 3;

/// How many characters so many bytes become.
pub const fn length(bytes: u64) -> u64 {
    bytes.div_ceil(GROUP as u64) * 4
}

/// The text of the bytes of all pieces together. Whole groups go out with their piece; what is left of
/// a group waits for the next.
pub fn base64<E>(
    pieces: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, E>> + Send + 'static
where
    E: Send + 'static,
{
    let ended = stream::once(async { None });
    let pieces = pieces.map(Some).chain(ended);
    pieces.scan(Vec::new(), |left: &mut Vec<u8>, piece| {
        let text = match piece {
            Some(Ok(piece)) => {
                left.extend_from_slice(&piece);
                let whole = left.len() - left.len() % GROUP;
                let rest = left.split_off(whole);
                let group = std::mem::replace(left, rest);
                Ok(STANDARD.encode(group).into())
            }
            Some(Err(error)) => Err(error),
            None => Ok(STANDARD.encode(&left).into()),
        };
        std::future::ready(Some(text))
    })
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;

    use super::*;

    async fn encoded(bytes: &[u8], size: usize) -> Vec<u8> {
        let pieces: Vec<_> = bytes
            .chunks(size)
            .map(Bytes::copy_from_slice)
            .map(Ok)
            .collect();
        let pieces = base64(stream::iter(pieces));
        let pieces: Vec<Bytes> = pieces
            .try_collect::<Vec<_>>()
            .await
            .map_err(|e: ()| e)
            .unwrap();
        pieces.concat()
    }

    #[tokio::test]
    async fn pieces_of_every_size_give_the_text_of_the_whole() {
        let bytes: Vec<u8> = (0..=255).collect();
        for end in 0..20 {
            let whole = STANDARD.encode(&bytes[..end]);
            assert_eq!(length(end as u64), whole.len() as u64);
            for size in 1..8 {
                assert_eq!(
                    encoded(&bytes[..end], size).await,
                    whole.as_bytes(),
                    "{end} {size}"
                );
            }
        }
    }
}
