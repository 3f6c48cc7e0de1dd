//! Assets: results that are kept, listed or not, until they expire.

use crate::artifact::Artifact;
use crate::clock::Timestamp;
use crate::id::{AccountId, AssetId, JobId};
use crate::objects::ObjectKey;

use super::column::{Int, Json, Text};
use super::engine::{Tx, from_row, on};
use super::job::Page;
use super::{Store, StoreError};

/// A stored result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Which one.
    pub id: AssetId,
    /// Whose.
    pub account: AccountId,
    /// What it came of.
    pub job: JobId,
    /// The caller's name for it.
    pub name: Option<String>,
    /// What it is called when it is downloaded.
    pub file_name: String,
    /// Its media type.
    pub content_type: String,
    /// Its file extension, without a dot.
    pub extension: String,
    /// Bytes.
    pub size: u64,
    /// Where it is.
    pub key: ObjectKey,
    /// Its thumbnail.
    pub preview: Option<Artifact>,
    /// Whether a browser shows it instead of saving it.
    pub inline: bool,
    /// Whether its owner sees it in listings; others are only kept for a short while.
    pub listed: bool,
    /// The caller's project.
    pub project_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it may be swept.
    pub expires_at: Timestamp,
}

/// The columns that an [`Asset`] is read from, under names that do not clash in a join.
macro_rules! asset_columns {
    () => {
        "a.id as asset_id, a.account_id as asset_account, a.job_id as asset_job, \
         a.name as asset_name, a.file_name as asset_file_name, a.content_type, a.extension, \
         a.size as asset_size, a.object_key, a.preview, a.inline, a.listed, \
         a.project_id as asset_project, a.created_at as asset_created_at, \
         a.expires_at as asset_expires_at"
    };
}

pub(super) use asset_columns;

from_row!(Asset, row => Asset {
    id: row.try_get("asset_id")?,
    account: row.try_get("asset_account")?,
    job: row.try_get("asset_job")?,
    name: row.try_get("asset_name")?,
    file_name: row.try_get("asset_file_name")?,
    content_type: row.try_get("content_type")?,
    extension: row.try_get("extension")?,
    size: row.try_get::<Int<u64>, _>("asset_size")?.0,
    key: row.try_get("object_key")?,
    preview: row.try_get::<Option<Json<Artifact>>, _>("preview")?.map(|preview| preview.0),
    inline: row.try_get("inline")?,
    listed: row.try_get("listed")?,
    project_id: row.try_get("asset_project")?,
    created_at: row.try_get("asset_created_at")?,
    expires_at: row.try_get("asset_expires_at")?,
});

impl Store {
    /// Reads a listed asset of an account.
    pub async fn asset(
        &self,
        account: AccountId,
        id: AssetId,
    ) -> Result<Option<Asset>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            asset_columns!(),
            " from assets a where a.id = $1 and a.account_id = $2 and a.listed"
        );
        let asset = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(account)
            .fetch_optional(db)
            .await)?;
        Ok(asset)
    }

    /// Reads the listed assets of an account, newest first.
    pub async fn assets(&self, account: AccountId, page: &Page) -> Result<Vec<Asset>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            asset_columns!(),
            " from assets a where a.account_id = $1 and a.listed and a.id < $2 \
             order by a.id desc limit $3 offset $4"
        );
        let assets = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(Text(page.before()))
            .bind(Int(page.limit))
            .bind(Int(page.offset))
            .fetch_all(db)
            .await)?;
        Ok(assets)
    }

    /// Reads an asset for whoever holds a signed link to it, listed or not.
    pub async fn asset_for_link(&self, id: AssetId) -> Result<Option<Asset>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            asset_columns!(),
            " from assets a where a.id = $1"
        );
        let asset =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)?;
        Ok(asset)
    }

    /// Reads assets whose time is over, those whose was over first at first, and none whose job still
    /// has an open delivery. Begins behind the asset `after`, the last of an earlier call.
    pub async fn expired_assets(
        &self,
        now: Timestamp,
        after: Option<&Asset>,
        limit: u32,
    ) -> Result<Vec<Asset>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            asset_columns!(),
            " from assets a where a.expires_at <= $1 and (a.expires_at, a.id) > ($2, $3) \
             and not exists \
             (select 1 from deliveries d where d.job_id = a.job_id and d.state = 'pending') \
             order by a.expires_at, a.id limit $4"
        );
        let earliest = Timestamp::from_micros(i64::MIN);
        let (expiry, id) = after.map_or((earliest, AssetId::bound(earliest)), |asset| {
            (asset.expires_at, asset.id)
        });
        let assets = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(now)
            .bind(expiry)
            .bind(id)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        Ok(assets)
    }

    /// Removes an asset's row, after its objects are gone; false if there is none.
    pub async fn forget_asset(&self, id: AssetId) -> Result<bool, StoreError> {
        const SQL: &str = "delete from assets where id = $1";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }
}

/// Writes an asset's row.
pub(super) async fn insert(tx: &mut Tx, asset: &Asset) -> sqlx::Result<()> {
    const SQL: &str = "insert into assets (id, account_id, job_id, name, file_name, \
        content_type, extension, size, object_key, preview, inline, listed, project_id, \
        created_at, expires_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(asset.id)
        .bind(asset.account)
        .bind(asset.job)
        .bind(asset.name.as_deref())
        .bind(asset.file_name.as_str())
        .bind(Text(&asset.content_type))
        .bind(Text(&asset.extension))
        .bind(Int(asset.size))
        .bind(&asset.key)
        .bind(asset.preview.as_ref().map(Json))
        .bind(asset.inline)
        .bind(asset.listed)
        .bind(asset.project_id.as_deref())
        .bind(asset.created_at)
        .bind(asset.expires_at)
        .execute(db)
        .await
        .map(drop))
}
