//! The keys of customers' buckets, encrypted under a key of their own and bound to their row: moved to
//! another account, configuration, endpoint or bucket they do not open.

use super::{SealError, SealKey, decrypt, encrypt};
use crate::id::{AccountId, StorageId};
use crate::storage::{Keys, Place, SealedKeys};

impl SealKey {
    /// Seals the keys of an account's bucket for its row.
    pub fn seal_keys(
        &self,
        (account, storage): (AccountId, StorageId),
        place: &Place,
        keys: &Keys,
    ) -> Result<SealedKeys, SealError> {
        let text = serde_json::to_vec(keys).map_err(|_| SealError::Unknown)?;
        let sealed = encrypt(&self.storages, &text, &row(account, storage, place)?)?;
        Ok(SealedKeys(sealed))
    }

    /// Opens what [`SealKey::seal_keys`] made, for the same row only.
    pub fn open_keys(
        &self,
        (account, storage): (AccountId, StorageId),
        place: &Place,
        sealed: &SealedKeys,
    ) -> Result<Keys, SealError> {
        let text = decrypt(&self.storages, &sealed.0, &row(account, storage, place)?)?;
        serde_json::from_slice(&text).map_err(|_| SealError::Unknown)
    }
}

/// What the keys are bound to.
fn row(account: AccountId, storage: StorageId, place: &Place) -> Result<Vec<u8>, SealError> {
    serde_json::to_vec(&(account, storage, place)).map_err(|_| SealError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_open_in_their_own_row_only() {
        let (seal, account, storage) = (SealKey::new(b"one"), AccountId::new(), StorageId::new());
        let place = Place {
            endpoint: "https://s3.example".parse().ok(),
            region: "eu-1".into(),
            bucket: "mine".into(),
        };
        let keys = Keys {
            id: "an id".into(),
            secret: "very secret".into(),
        };
        let sealed = seal.seal_keys((account, storage), &place, &keys).unwrap();
        assert!(!sealed.0.windows(6).any(|bytes| bytes == b"secret"));
        let open = |owner, place: &Place| seal.open_keys(owner, place, &sealed);
        assert_eq!(open((account, storage), &place), Ok(keys.clone()));
        let elsewhere = Place {
            bucket: "yours".into(),
            ..place.clone()
        };
        for (owner, place) in [
            ((AccountId::new(), storage), &place),
            ((account, StorageId::new()), &place),
            ((account, storage), &elsewhere),
        ] {
            assert_eq!(open(owner, place), Err(SealError::Unreadable));
        }
        let other = SealKey::new(b"two").open_keys((account, storage), &place, &sealed);
        assert_eq!(other, Err(SealError::Unreadable));
        assert!(!format!("{keys:?}{sealed:?}").contains("secret"));
    }
}
