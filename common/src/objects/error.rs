//! Why the object store did not do as asked, in what a caller can do about it.

use super::ObjectKey;

/// Why an object could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// No such object.
    #[error("no object at {0}")]
    Missing(ObjectKey),
    /// Longer than the caller is ready to hold.
    #[error("the object at {key} is longer than {limit} bytes")]
    TooLong {
        /// Where it is.
        key: ObjectKey,
        /// The most that was asked for.
        limit: u64,
    },
    /// The store is away or failed; the same call may succeed later.
    #[error("the object store failed")]
    Store(#[source] object_store::Error),
    /// The store does not let us in; the same call succeeds once the operator has seen to it.
    #[error(
        "the object store refuses access: check the access key, what it is allowed to do, and this machine's clock"
    )]
    Refused(#[source] object_store::Error),
    /// The folder of a local store can't be used.
    #[error("the folder {path} can't hold objects")]
    Folder {
        /// The folder.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl ObjectError {
    /// Of any call but one that reads: what is missing then is a bucket or a folder, never the object.
    pub(super) fn new(error: object_store::Error) -> Self {
        let refused = matches!(
            error,
            object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }
        );
        if refused {
            return Self::Refused(error);
        }
        Self::Store(error)
    }

    pub(super) fn not_read(key: &ObjectKey, error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Self::Missing(key.clone());
        }
        Self::new(error)
    }
}
