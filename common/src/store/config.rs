//! Where PostgreSQL is. The address holds a password, so it is parsed late and never printed.

use std::convert::Infallible;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use sqlx::postgres::PgConnectOptions;
use url::Url;

/// Options of the database.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Config {
    /// Address of PostgreSQL, such as `postgres://user:password@host:5432/database`
    #[arg(
        long,
        env = "PLATEN_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: DatabaseUrl,

    /// How many connections to the database are held at most
    #[arg(long, env = "PLATEN_DATABASE_CONNECTIONS", default_value = "16")]
    pub database_connections: NonZeroU32,

    /// How long a statement may take; after that the database counts as away, and the connection is
    /// closed: its server may have vanished without a word. More than 15 s, and a webhook that is being
    /// sent when the database vanishes may be sent twice
    #[arg(long, env = "PLATEN_DATABASE_TIMEOUT", value_name = "TIME", default_value = "15s", value_parser = crate::duration::parse_positive)]
    pub database_timeout: Duration,
}

/// The address as it was given. Any text is taken, since a complaint by the command line's parser
/// would show it; [`Self::check`] complains without.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

/// An address that names no PostgreSQL database, without the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "--database-url (PLATEN_DATABASE_URL) is not of the form postgres://user:password@host:5432/database; characters such as @ and / in a password are written as %40 and %2F"
)]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// Complains about an address that can't be used.
    pub fn check(&self) -> Result<(), InvalidDatabaseUrl> {
        self.parse().map(drop)
    }

    pub(super) fn parse(&self) -> Result<PgConnectOptions, InvalidDatabaseUrl> {
        let url = Url::parse(&self.0).map_err(|_| InvalidDatabaseUrl)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(InvalidDatabaseUrl);
        }
        let options = PgConnectOptions::from_str(&self.0).map_err(|_| InvalidDatabaseUrl)?;
        Ok(options.application_name("platen"))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused_and_never_printed() {
        let check = |text: &str| DatabaseUrl(text.to_owned()).check();
        assert_eq!(check("postgres://me:hunter2@db:5433/platen"), Ok(()));
        assert_eq!(check("postgresql://db/platen"), Ok(()));
        for wrong in [
            "db:5432",
            "mysql://me:hunter2@db/platen",
            "hunter2",
            "postgres://db:x/y",
        ] {
            let complaint = check(wrong).unwrap_err().to_string();
            assert!(complaint.contains("PLATEN_DATABASE_URL"), "{complaint}");
            assert!(!complaint.contains("hunter2"), "{complaint}");
        }
        let url = DatabaseUrl("postgres://me:hunter2@db/platen".to_owned());
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
