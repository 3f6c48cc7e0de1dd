//! Jobs and assets by the labels that their owner gave them.

use crate::id::AccountId;

use super::asset::{Asset, asset_columns};
use super::column::{Int, Text};
use super::engine::on;
use super::job::{Job, Page, job_query};
use super::{Store, StoreError};

/// Which labels; what is `None` leaves out none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Those of this name.
    pub name: Option<String>,
    /// Those of this project.
    pub project_id: Option<String>,
}

/// The end of a listing by project, and by name too if there is one. That by name alone is another text, so that
/// either engine finds the index of the one that is named.
macro_rules! by_project {
    ($table:literal) => {
        concat!(
            $table,
            ".project_id = $5 and (cast($6 as text) is null or ",
            $table,
            ".name = $6) ",
            "order by ",
            $table,
            ".id desc limit $3 offset $4"
        )
    };
}

macro_rules! by_name {
    ($table:literal) => {
        concat!(
            $table,
            ".name = $6 and cast($5 as text) is null ",
            "order by ",
            $table,
            ".id desc limit $3 offset $4"
        )
    };
}

impl Store {
    /// Reads the jobs of an account that carry the labels, newest first.
    pub async fn labelled_jobs(
        &self,
        account: AccountId,
        labels: &Labels,
        page: &Page,
    ) -> Result<Vec<Job>, StoreError> {
        const BY_PROJECT: &str = job_query!(
            "where j.account_id = $1 and j.id < $2 and ",
            by_project!("j")
        );
        const BY_NAME: &str =
            job_query!("where j.account_id = $1 and j.id < $2 and ", by_name!("j"));
        let Some(sql) = labels.choose(BY_PROJECT, BY_NAME) else {
            return self.jobs(account, page).await;
        };
        let jobs = on!(self.reader(), db => sqlx::query_as(sql)
            .bind(account)
            .bind(Text(page.before()))
            .bind(Int(page.limit))
            .bind(Int(page.offset))
            .bind(labels.project_id.as_deref())
            .bind(labels.name.as_deref())
            .fetch_all(db)
            .await)?;
        Ok(jobs)
    }

    /// Reads the listed assets of an account that carry the labels, newest first.
    pub async fn labelled_assets(
        &self,
        account: AccountId,
        labels: &Labels,
        page: &Page,
    ) -> Result<Vec<Asset>, StoreError> {
        const BY_PROJECT: &str = concat!(
            "select ",
            asset_columns!(),
            " from assets a where a.account_id = $1 and a.listed and a.id < $2 and ",
            by_project!("a")
        );
        const BY_NAME: &str = concat!(
            "select ",
            asset_columns!(),
            " from assets a where a.account_id = $1 and a.listed and a.id < $2 and ",
            by_name!("a")
        );
        let Some(sql) = labels.choose(BY_PROJECT, BY_NAME) else {
            return self.assets(account, page).await;
        };
        let assets = on!(self.reader(), db => sqlx::query_as(sql)
            .bind(account)
            .bind(Text(page.before()))
            .bind(Int(page.limit))
            .bind(Int(page.offset))
            .bind(labels.project_id.as_deref())
            .bind(labels.name.as_deref())
            .fetch_all(db)
            .await)?;
        Ok(assets)
    }
}

impl Labels {
    /// The text that fits; none if there is nothing to choose by.
    const fn choose(
        &self,
        by_project: &'static str,
        by_name: &'static str,
    ) -> Option<&'static str> {
        match (&self.project_id, &self.name) {
            (Some(_), _) => Some(by_project),
            (None, Some(_)) => Some(by_name),
            (None, None) => None,
        }
    }
}
