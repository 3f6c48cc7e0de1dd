//! Templates that accounts keep, with their newest versions.

use crate::clock::Timestamp;
use crate::id::{AccountId, TemplateId};
use crate::job::TemplateKind;

use super::column::{Int, Text};
use super::engine::{from_row, on};
use super::{Store, StoreError, account};

/// A template, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Which one.
    pub id: TemplateId,
    /// Whose.
    pub account: AccountId,
    /// What its owner calls it.
    pub title: String,
    /// What it is made for.
    pub kind: TemplateKind,
    /// Data to try it with: a JSON object.
    pub sample: Option<String>,
    /// The newest version; they count from 1.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the newest version was made.
    pub updated_at: Timestamp,
}

/// What a template is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateDraft<'a> {
    /// What its owner calls it.
    pub title: &'a str,
    /// What it is made for.
    pub kind: TemplateKind,
    /// Data to try it with: a JSON object.
    pub sample: Option<&'a str>,
    /// The template itself.
    pub source: &'a str,
}

/// What is changed of a template; what is absent stays as it is when the change is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TemplateChange<'a> {
    /// What its owner calls it.
    pub title: Option<&'a str>,
    /// What it is made for.
    pub kind: Option<TemplateKind>,
    /// Data to try it with: a JSON object.
    pub sample: Option<&'a str>,
    /// The template itself.
    pub source: Option<&'a str>,
}

from_row!(Template, row => Template {
    id: row.try_get("id")?,
    account: row.try_get("account_id")?,
    title: row.try_get("title")?,
    kind: row.try_get("kind")?,
    sample: row.try_get("sample")?,
    version: row.try_get::<Int<u32>, _>("version")?.0,
    created_at: row.try_get("created_at")?,
    updated_at: row.try_get("updated_at")?,
});

impl Store {
    /// Keeps a template as its version 1; `None` if the account has `most` of them or is not there.
    pub async fn create_template(
        &self,
        account: AccountId,
        draft: &TemplateDraft<'_>,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<TemplateId>, StoreError> {
        const COUNT: &str = "select count(*) from templates where account_id = $1";
        const SQL: &str = "insert into templates \
            (id, account_id, title, kind, sample, version, created_at, updated_at) \
            values ($1, $2, $3, $4, $5, 1, $6, $6)";
        const SOURCE: &str = "insert into template_versions \
            (template_id, version, source, created_at) values ($1, 1, $2, $3)";
        let id = TemplateId::new();
        let mut tx = self.begin().await?;
        if account::lock(&mut tx, account).await?.is_none() {
            return Ok(None);
        }
        let count: i64 = on!(tx.db(), db => sqlx::query_scalar(COUNT)
            .bind(account)
            .fetch_one(db)
            .await)?;
        if count >= i64::from(most) {
            return Ok(None);
        }
        on!(tx.db(), db => sqlx::query(SQL)
            .bind(id)
            .bind(account)
            .bind(Text(draft.title))
            .bind(draft.kind)
            .bind(draft.sample.map(Text))
            .bind(now)
            .execute(db)
            .await
            .map(drop))?;
        on!(tx.db(), db => sqlx::query(SOURCE)
            .bind(id)
            .bind(Text(draft.source))
            .bind(now)
            .execute(db)
            .await
            .map(drop))?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Adds a version, which is the newest, and keeps the newest `kept` ones. Changes at the same time add up. Gives
    /// what the template is now; `None` if the account has no such template.
    #[expect(
        clippy::too_many_arguments,
        reason = "whose, which, what, how many and when"
    )]
    pub async fn update_template(
        &self,
        account: AccountId,
        id: TemplateId,
        change: &TemplateChange<'_>,
        kept: u32,
        now: Timestamp,
    ) -> Result<Option<Template>, StoreError> {
        const SQL: &str = "update templates set version = version + 1, \
            title = coalesce($3, title), kind = coalesce($4, kind), \
            sample = coalesce($5, sample), updated_at = $6 \
            where id = $1 and account_id = $2 returning id, account_id, title, kind, sample, \
            version, created_at, updated_at";
        const SOURCE: &str = "insert into template_versions \
            (template_id, version, source, created_at) \
            select template_id, version + 1, coalesce($2, source), $3 from template_versions \
            where template_id = $1 and version + 1 = $4";
        const FORGET: &str =
            "delete from template_versions where template_id = $1 and version <= $2";
        let mut tx = self.begin().await?;
        let template: Option<Template> = on!(tx.db(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(account)
            .bind(change.title.map(Text))
            .bind(change.kind)
            .bind(change.sample.map(Text))
            .bind(now)
            .fetch_optional(db)
            .await)?;
        let Some(template) = template else {
            return Ok(None);
        };
        on!(tx.db(), db => sqlx::query(SOURCE)
            .bind(id)
            .bind(change.source.map(Text))
            .bind(now)
            .bind(Int(template.version))
            .execute(db)
            .await
            .map(drop))?;
        on!(tx.db(), db => sqlx::query(FORGET)
            .bind(id)
            .bind(Int(template.version.saturating_sub(kept)))
            .execute(db)
            .await
            .map(drop))?;
        tx.commit().await?;
        Ok(Some(template))
    }

    /// Reads the templates of an account, newest first.
    pub async fn templates(&self, account: AccountId) -> Result<Vec<Template>, StoreError> {
        const SQL: &str = "select id, account_id, title, kind, sample, version, created_at, \
            updated_at from templates where account_id = $1 order by id desc";
        let templates =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(account).fetch_all(db).await)?;
        Ok(templates)
    }

    /// Reads a template of an account.
    pub async fn template(
        &self,
        account: AccountId,
        id: TemplateId,
    ) -> Result<Option<Template>, StoreError> {
        const SQL: &str = "select id, account_id, title, kind, sample, version, created_at, \
            updated_at from templates where account_id = $1 and id = $2";
        let template = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(id)
            .fetch_optional(db)
            .await)?;
        Ok(template)
    }

    /// Reads the text of an account's template: of one version, or of the newest.
    pub async fn template_source(
        &self,
        account: AccountId,
        id: TemplateId,
        version: Option<u32>,
    ) -> Result<Option<String>, StoreError> {
        const SQL: &str = "select template_versions.source from templates \
            join template_versions on template_versions.template_id = templates.id \
            where templates.account_id = $1 and templates.id = $2 and template_versions.version \
            = coalesce(cast($3 as bigint), templates.version)";
        let source = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(account)
            .bind(id)
            .bind(version.map(Int))
            .fetch_optional(db)
            .await)?;
        Ok(source)
    }

    /// Deletes a template with all its versions; false if the account has no such template.
    pub async fn delete_template(
        &self,
        account: AccountId,
        id: TemplateId,
    ) -> Result<bool, StoreError> {
        // The versions go with it.
        const SQL: &str = "delete from templates where account_id = $1 and id = $2";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(account)
            .bind(id)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }
}
