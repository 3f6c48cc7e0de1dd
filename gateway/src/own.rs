//! Customers' own buckets: what opens them, and links to what lies in them. The gateway calls none of
//! them: a link is made, and followed by whoever asked for it.

use std::time::Duration;

use common::artifact::Artifact;
use common::id::{AccountId, StorageId};
use common::objects::{ObjectKey, Objects};
use common::storage::Target;
use common::store::Storage;
use url::Url;

use crate::app::App;
use crate::error::ApiError;

/// The bucket with its keys.
pub(crate) fn target(app: &App, storage: &Storage) -> Result<Target, ApiError> {
    let row = (storage.account, storage.id);
    let keys = app.seal.open_keys(row, &storage.place, &storage.keys);
    Ok(Target {
        storage: storage.id,
        place: storage.place.clone(),
        keys: keys.map_err(|_| unreadable(storage))?,
    })
}

/// As after a change of the installation's key.
fn unreadable(storage: &Storage) -> ApiError {
    tracing::warn!(storage.id = %storage.id, "the keys of a customer's bucket can't be opened");
    ApiError::Unprocessable {
        field: Some("storage.id".to_owned()),
        message: "the keys of this storage can't be opened any more: save it again with the same title, bucket and endpoint".to_owned(),
    }
}

/// A link to an artifact of an account that lies in a bucket of its own under `key`.
pub(crate) async fn link(
    app: &App,
    (account, storage, key): (AccountId, StorageId, &ObjectKey),
    (artifact, disposition): (&Artifact, &str),
    valid_for: Duration,
) -> Result<Url, ApiError> {
    let storage = app.store.storage(account, storage).await?;
    let storage = storage.ok_or(ApiError::NotFound(
        "storage of this file any more; the file itself is where it was, in its bucket",
    ))?;
    let target = target(app, &storage)?;
    let bucket = Objects::own_for_links(&target).map_err(ApiError::internal)?;
    let link = bucket.presigned(key, disposition, &artifact.content_type, valid_for);
    let link = link.await.map_err(ApiError::internal)?;
    link.ok_or_else(|| ApiError::internal("a bucket gives links"))
}
