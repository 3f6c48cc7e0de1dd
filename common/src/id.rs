//! Typed, time-ordered identifiers: a short prefix that names the kind, then a version 7 UUID.
//!
//! Sorting the text of two ids of a kind sorts them by creation, in both databases.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::clock::Timestamp;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id: it must be `{prefix}` and 32 lower-case hexadecimal digits")]
pub struct ParseIdError {
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text of every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id, later in order than every id made before on this machine.
            #[expect(clippy::disallowed_methods, clippy::new_without_default, reason = "the one place that makes ids")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// What every id made at `at` or later comes after, and every id made before it does not: a
            /// bound for queries, which names nothing.
            pub fn bound(at: Timestamp) -> Self {
                let millis = u128::try_from(at.as_millis()).unwrap_or(0);
                Self(Uuid::from_u128(millis << 80))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let error = ParseIdError { kind: $kind, prefix: $prefix };
                let digits = text.strip_prefix($prefix).ok_or_else(|| error.clone())?;
                let canonical = digits.len() == 32 && !digits.bytes().any(|b| b.is_ascii_uppercase());
                if !canonical {
                    return Err(error);
                }
                Uuid::try_parse(digits).map(Self).map_err(|_| error)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        #[cfg(feature = "store")]
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(ty)
            }
        }

        #[cfg(feature = "store")]
        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <DB as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, DB>>::encode(self.to_string(), buffer)
            }
        }

        #[cfg(feature = "store")]
        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            String: sqlx::Decode<'r, DB>,
        {
            fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let text = <String as sqlx::Decode<'r, DB>>::decode(value)?;
                Ok(text.parse()?)
            }
        }
    };
}

id!(
    /// An account: who pays.
    AccountId, "acc_", "account"
);
id!(
    /// An API key of an account (its row, not its secret).
    KeyId, "key_", "key"
);
id!(
    /// Keys of an account that share a budget.
    ProjectId, "prj_", "project"
);
id!(
    /// One accepted request.
    JobId, "job_", "job"
);
id!(
    /// One run of a job by a renderer; artifacts are stored under it.
    RunId, "run_", "run"
);
id!(
    /// A stored result that a customer can list and download.
    AssetId, "ast_", "asset"
);
id!(
    /// One promise to tell an endpoint about a finished job.
    DeliveryId, "dlv_", "delivery"
);
id!(
    /// One HTTP call made for a delivery.
    AttemptId, "att_", "attempt"
);
id!(
    /// One sample sent to try an endpoint.
    PingId, "png_", "ping"
);
id!(
    /// A customer's own bucket that results can be put into.
    StorageId, "sto_", "storage configuration"
);
id!(
    /// A template that an account keeps.
    TemplateId, "u-", "template"
);
id!(
    /// One line of the ledger.
    EntryId, "ent_", "ledger entry"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_sort_by_creation() {
        let (first, second) = (JobId::new(), JobId::new());
        assert!(first.to_string() < second.to_string());
        assert_eq!(first.to_string().parse(), Ok(first));
    }

    #[test]
    fn a_bound_parts_the_ids_made_before_a_moment_from_those_made_after() {
        let id = JobId::new();
        let now = crate::clock::Clock::system().now();
        let minute = std::time::Duration::from_mins(1);
        assert!(JobId::bound(now - minute) < id && id < JobId::bound(now + minute));
        let bound = JobId::bound(now).to_string();
        assert_eq!(bound.parse::<JobId>().unwrap().to_string(), bound);
    }

    #[test]
    fn another_kind_and_another_case_are_refused() {
        let key = KeyId::new().to_string();
        assert!(key.parse::<JobId>().is_err());
        let job = JobId::new().to_string();
        assert!(job.replace("job_", "job_A").parse::<JobId>().is_err());
        assert!(job[..20].parse::<JobId>().is_err());
    }
}
