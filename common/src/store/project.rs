//! Projects: keys of an account that share a budget (reference iterationlayer, section 1.10).

use crate::clock::Timestamp;
use crate::credits::Credits;
use crate::id::{AccountId, JobId, KeyId, ProjectId};

use super::column::Text;
use super::engine::{Tx, from_row, on};
use super::{Store, StoreError};

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Which one.
    pub id: ProjectId,
    /// Whose.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// The most that its keys may spend; `None` is no limit.
    pub budget: Option<Credits>,
    /// What they have spent: charges less refunds.
    pub spent: Credits,
    /// When it was made.
    pub created_at: Timestamp,
}

from_row!(Project, row => Project {
    id: row.try_get("id")?,
    account: row.try_get("account_id")?,
    name: row.try_get("name")?,
    budget: row.try_get("budget")?,
    spent: row.try_get("spent")?,
    created_at: row.try_get("created_at")?,
});

impl Store {
    /// Makes a project of an account that exists.
    pub async fn create_project(
        &self,
        account: AccountId,
        name: &str,
        budget: Option<Credits>,
        now: Timestamp,
    ) -> Result<ProjectId, StoreError> {
        const SQL: &str = "insert into projects (id, account_id, name, budget, created_at) \
            values ($1, $2, $3, $4, $5)";
        let id = ProjectId::new();
        on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(account)
            .bind(Text(name))
            .bind(budget)
            .bind(now)
            .execute(db)
            .await
            .map(drop))?;
        Ok(id)
    }

    /// Reads a project.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, StoreError> {
        const SQL: &str = "select id, account_id, name, budget, spent, created_at \
            from projects where id = $1";
        let project =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)?;
        Ok(project)
    }

    /// Reads the projects of an account, oldest first.
    pub async fn projects(&self, account: AccountId) -> Result<Vec<Project>, StoreError> {
        const SQL: &str = "select id, account_id, name, budget, spent, created_at \
            from projects where account_id = $1 order by id";
        let projects =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(account).fetch_all(db).await)?;
        Ok(projects)
    }

    /// Sets the budget; false if there is no such project. What is spent already stays spent.
    pub async fn set_budget(
        &self,
        id: ProjectId,
        budget: Option<Credits>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "update projects set budget = $2 where id = $1";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(budget)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Begins to count what is spent from nothing; false if there is no such project.
    pub async fn forget_spending(&self, id: ProjectId) -> Result<bool, StoreError> {
        const SQL: &str = "update projects set spent = 0 where id = $1";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Puts a key into a project of its own account; false if there is no such pair.
    pub async fn assign_key(&self, key: KeyId, project: ProjectId) -> Result<bool, StoreError> {
        const SQL: &str = "update keys set project_id = $2 where id = $1 and account_id = \
            (select account_id from projects where id = $2)";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(key)
            .bind(project)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }
}

/// Counts a charge against a project's budget; false if that does not cover it.
pub(super) async fn spend(tx: &mut Tx, id: ProjectId, price: Credits) -> sqlx::Result<bool> {
    const SQL: &str = "update projects set spent = spent + $2 where id = $1 \
        and (budget is null or spent + $2 <= budget)";
    let rows = on!(tx.db(), db => sqlx::query(SQL)
        .bind(id)
        .bind(price)
        .execute(db)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes a refunded job's price off what the project of its key has spent, if it has one. What was
/// spent before the count began anew is not taken off.
pub(super) async fn give_back(tx: &mut Tx, job: JobId, price: Credits) -> sqlx::Result<()> {
    const SQL: &str = "update projects \
        set spent = case when spent > $2 then spent - $2 else 0 end where id = \
        (select k.project_id from jobs j join keys k on k.id = j.key_id where j.id = $1)";
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(job)
        .bind(price)
        .execute(db)
        .await
        .map(drop))
}
