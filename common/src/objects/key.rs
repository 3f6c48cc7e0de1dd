//! Where objects are: `jobs/<job>/<run>/…` and `inputs/<job>/…`; and `storages/<storage>/…` for what lies
//! in a customer's own bucket.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{JobId, RunId, StorageId};

/// Where an object is: a relative path of plain segments, made by us alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct ObjectKey(pub(super) String);

impl ObjectKey {
    /// An artifact of one run of a job, such as `result.pdf`.
    pub fn artifact(job: JobId, run: RunId, name: &str) -> Self {
        Self(format!("jobs/{job}/{run}/{name}"))
    }

    /// A document that a job's caller sent.
    pub fn input(job: JobId, name: &str) -> Self {
        Self(format!("inputs/{job}/{name}"))
    }

    /// A result in a customer's own bucket, `path` being its key there.
    pub fn in_storage(storage: StorageId, path: &Self) -> Self {
        Self(format!("storages/{storage}/{path}"))
    }

    /// Whose bucket it lies in, and its key there; `None` for what lies in our own store.
    pub fn storage(&self) -> Option<(StorageId, Self)> {
        let rest = self.0.strip_prefix("storages/")?;
        let (storage, path) = rest.split_once('/')?;
        Some((storage.parse().ok()?, Self(path.to_owned())))
    }

    /// A key read from a row.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The job that an object was stored for; `None` for one that was not stored by us.
    pub fn job(&self) -> Option<JobId> {
        let mut segments = self.as_str().split('/');
        match segments.next()? {
            "jobs" | "inputs" => segments.next()?.parse().ok(),
            _ => None,
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_ours_names_its_job_and_no_other_does() {
        let job = JobId::new();
        let key = ObjectKey::artifact(job, RunId::new(), "result.pdf");
        assert_eq!(key.job(), Some(job));
        assert_eq!(ObjectKey::input(job, "page.html").job(), Some(job));
        assert_eq!(ObjectKey("other/x".to_owned()).job(), None);
        assert_eq!(ObjectKey("jobs/x/y".to_owned()).job(), None);
    }

    #[test]
    fn a_key_in_a_customers_bucket_is_told_from_one_of_ours() {
        let (storage, job) = (StorageId::new(), JobId::new());
        let there = ObjectKey(format!("{job}/a.pdf"));
        let key = ObjectKey::in_storage(storage, &there);
        assert_eq!(key.storage(), Some((storage, there)));
        assert_eq!(key.job(), None);
        assert_eq!(ObjectKey::input(job, "a").storage(), None);
    }
}
