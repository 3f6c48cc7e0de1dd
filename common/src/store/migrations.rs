//! The migrations: what each engine's tables become, step by step. Only ever added to, so that the program of
//! the version before runs on the tables of this one.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Versions, names and texts, oldest first; a published one never changes.
pub(super) type Migrations = [(i64, &'static str, &'static str)];

macro_rules! migrations {
    ($($version:literal $name:literal $file:literal)*) => {
        pub(super) const SQLITE: &Migrations = &[$((
            $version,
            $name,
            include_str!(concat!("../../migrations/sqlite/", $file)),
        )),*];
        pub(super) const POSTGRES: &Migrations = &[$((
            $version,
            $name,
            include_str!(concat!("../../migrations/postgres/", $file)),
        )),*];
    };
}

migrations! {
    1 "first" "0001_first.sql"
    2 "idempotency" "0002_idempotency.sql"
    3 "retention" "0003_retention.sql"
    4 "webhooks" "0004_webhooks.sql"
    5 "report" "0005_report.sql"
    6 "traces" "0006_traces.sql"
    7 "templates" "0007_templates.sql"
    8 "budgets" "0008_budgets.sql"
    9 "storage configs" "0009_storage_configs.sql"
    10 "labels" "0010_labels.sql"
}

pub(super) fn migrator(migrations: &'static Migrations) -> Migrator {
    let migrations = migrations.iter().map(|&(version, name, text)| {
        let sql = text.into_sql_str();
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // A newer program has been here: its changes are additive, so this one goes on.
    migrator.set_ignore_missing(true);
    migrator
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_a_migration_is_applied_and_in_the_order_of_its_number() {
        for (engine, migrations) in [("sqlite", SQLITE), ("postgres", POSTGRES)] {
            // Cargo runs tests in the folder of their crate; that of the build may be another clone's.
            let folder = Path::new("migrations");
            let files = std::fs::read_dir(folder.join(engine)).unwrap();
            let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
            files.sort();
            let texts: Vec<_> = files
                .iter()
                .map(|file| std::fs::read_to_string(file).unwrap())
                .collect();
            let applied: Vec<_> = migrations.iter().map(|(.., text)| *text).collect();
            assert_eq!(applied, texts, "{engine}");
            assert!(migrations.is_sorted_by_key(|(version, ..)| *version));
        }
    }
}
