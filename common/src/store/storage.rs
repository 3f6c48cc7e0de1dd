//! Customers' own buckets: where results may be put beside our own store.

use std::time::Duration;

use url::Url;

use crate::clock::Timestamp;
use crate::id::{AccountId, JobId, StorageId};
use crate::job::JobKind;
use crate::storage::{Place, SealedKeys};

use super::column::{Int, Text};
use super::engine::{Tx, from_row, on};
use super::{Store, StoreError, account};

/// The most buckets of an account.
pub const MOST_STORAGES: u32 = 20;

/// The most trials of an account in a minute, and at the same time: they cost nothing and dial hosts that the
/// caller names, so they are for people.
const MOST_TRIALS: u32 = 10;
const MOST_TRIALS_AT_ONCE: u32 = 2;
const TRIAL_WINDOW: Duration = Duration::from_mins(1);

/// A customer's bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Which one.
    pub id: StorageId,
    /// Whose.
    pub account: AccountId,
    /// What its owner calls it; one of a kind in the account.
    pub title: String,
    /// Where it is.
    pub place: Place,
    /// What opens it, sealed for this row.
    pub keys: SealedKeys,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its keys were last set.
    pub updated_at: Timestamp,
}

/// What came of saving a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedStorage {
    /// It is there, with these keys.
    Saved,
    /// The account has another one of this title.
    TitleTaken,
    /// The account has as many as it may.
    TooMany,
    /// There is no such account.
    NoSuchAccount,
}

macro_rules! storage_columns {
    () => {
        "id, account_id, title, endpoint, region, bucket, keys, created_at, updated_at"
    };
}

from_row!(Storage, row => {
    let endpoint: Option<String> = row.try_get("endpoint")?;
    let endpoint: Option<Url> = endpoint
        .map(|text| text.parse())
        .transpose()
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Storage {
        id: row.try_get("id")?,
        account: row.try_get("account_id")?,
        title: row.try_get("title")?,
        place: Place {
            endpoint,
            region: row.try_get("region")?,
            bucket: row.try_get("bucket")?,
        },
        keys: SealedKeys(row.try_get("keys")?),
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    }
});

impl Store {
    /// Whether an account may try another bucket now.
    pub async fn may_try_storage(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // By ids, which sort by time, since those of an account have an index.
        const SQL: &str = "select count(*), \
            cast(coalesce(sum(case when finished_at is null then 1 else 0 end), 0) as bigint) \
            from jobs where account_id = $1 and id > $3 and kind = $2";
        let (recent, open): (Int<u32>, Int<u32>) = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(JobKind::StorageCheck)
            .bind(JobId::bound(now - TRIAL_WINDOW))
            .fetch_one(db)
            .await)?;
        Ok(recent.0 < MOST_TRIALS && open.0 < MOST_TRIALS_AT_ONCE)
    }

    /// Saves a bucket; of one that is there already, by its id, the keys are replaced and nothing else.
    pub async fn save_storage(&self, storage: &Storage) -> Result<SavedStorage, StoreError> {
        let mut tx = self.begin().await?;
        // Two that save at once take their turns.
        let saved = match account::lock(&mut tx, storage.account).await? {
            Some(_) => save(&mut tx, storage).await?,
            None => SavedStorage::NoSuchAccount,
        };
        match saved {
            SavedStorage::Saved => tx.commit().await?,
            SavedStorage::TitleTaken | SavedStorage::TooMany | SavedStorage::NoSuchAccount => {
                tx.rollback().await?;
            }
        }
        Ok(saved)
    }

    /// Reads a bucket of an account.
    pub async fn storage(
        &self,
        account: AccountId,
        id: StorageId,
    ) -> Result<Option<Storage>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            storage_columns!(),
            " from storages where id = $1 and account_id = $2"
        );
        let storage = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(account)
            .fetch_optional(db)
            .await)?;
        Ok(storage)
    }

    /// Reads the buckets of an account, oldest first.
    pub async fn storages(&self, account: AccountId) -> Result<Vec<Storage>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            storage_columns!(),
            " from storages where account_id = $1 order by id"
        );
        let storages =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(account).fetch_all(db).await)?;
        Ok(storages)
    }

    /// Forgets a bucket of an account and its keys; false if there is none. What lies in it stays there.
    pub async fn remove_storage(
        &self,
        account: AccountId,
        id: StorageId,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "delete from storages where id = $1 and account_id = $2";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(account)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }
}

async fn save(tx: &mut Tx, storage: &Storage) -> sqlx::Result<SavedStorage> {
    const TITLED: &str = "select count(*) from storages where account_id = $1 and title = $2";
    const ALL: &str = "select count(*) from storages where account_id = $1";
    if replace(tx, storage).await? {
        return Ok(SavedStorage::Saved);
    }
    let title = Text(&storage.title);
    let titled: Int<u32> = on!(tx.db(), db => sqlx::query_scalar(TITLED)
        .bind(storage.account)
        .bind(title)
        .fetch_one(db)
        .await)?;
    if titled.0 > 0 {
        return Ok(SavedStorage::TitleTaken);
    }
    let all: Int<u32> = on!(tx.db(), db => sqlx::query_scalar(ALL)
        .bind(storage.account)
        .fetch_one(db)
        .await)?;
    if all.0 >= MOST_STORAGES {
        return Ok(SavedStorage::TooMany);
    }
    insert(tx, storage).await?;
    Ok(SavedStorage::Saved)
}

async fn replace(tx: &mut Tx, storage: &Storage) -> sqlx::Result<bool> {
    const SQL: &str =
        "update storages set keys = $3, updated_at = $4 where id = $1 and account_id = $2";
    let rows = on!(tx.db(), db => sqlx::query(SQL)
        .bind(storage.id)
        .bind(storage.account)
        .bind(storage.keys.0.as_slice())
        .bind(storage.updated_at)
        .execute(db)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

async fn insert(tx: &mut Tx, storage: &Storage) -> sqlx::Result<()> {
    const SQL: &str = "insert into storages (id, account_id, title, endpoint, region, bucket, keys, \
        created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let place = &storage.place;
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(storage.id)
        .bind(storage.account)
        .bind(Text(&storage.title))
        .bind(place.endpoint.as_ref().map(Url::as_str))
        .bind(Text(&place.region))
        .bind(Text(&place.bucket))
        .bind(storage.keys.0.as_slice())
        .bind(storage.created_at)
        .bind(storage.updated_at)
        .execute(db)
        .await
        .map(drop))
}
