//! The contract of the object store, claim by claim, in a local folder and on S3; and what S3 alone
//! does.

mod contract;
mod links;
mod outage;
mod own;
mod s3;

use common::id::{JobId, RunId};
use common::objects::{ObjectError, ObjectKey, Objects};
use futures::TryStreamExt as _;

const MIB: usize = 1024 * 1024;

fn artifact(name: &str) -> ObjectKey {
    ObjectKey::artifact(JobId::new(), RunId::new(), name)
}

/// So many bytes, of which no two kilobytes are alike.
fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![b'.'; length];
    for (number, block) in bytes.chunks_mut(1024).enumerate() {
        let text = number.to_string();
        block[..text.len()].copy_from_slice(text.as_bytes());
    }
    bytes
}

/// Writes an object in pieces of an odd size.
async fn write(objects: &Objects, key: &ObjectKey, content: &[u8]) -> Result<u64, ObjectError> {
    let mut writer = objects.writer(key.clone()).typed("application/pdf");
    for piece in content.chunks(MIB + 1) {
        writer.write(piece).await?;
    }
    writer.finish().await
}

/// Every key, in order.
async fn keys(objects: &Objects) -> Vec<ObjectKey> {
    let listed: Vec<_> = objects.list().try_collect().await.unwrap();
    let mut keys: Vec<_> = listed.into_iter().map(|object| object.key).collect();
    keys.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    keys
}

#[track_caller]
fn assert_missing<T: std::fmt::Debug>(result: Result<T, ObjectError>, key: &ObjectKey) {
    match result {
        Err(ObjectError::Missing(missing)) => assert_eq!(missing, *key),
        other => panic!("{key} should be missing: {other:?}"),
    }
}
