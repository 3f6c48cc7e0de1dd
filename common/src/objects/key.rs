//! Where objects are: `jobs/<job>/<run>/…` and `inputs/<job>/…`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{JobId, RunId};

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
}
