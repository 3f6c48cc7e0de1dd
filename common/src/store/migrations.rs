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

    /// What the statements of the program before do not notice.
    fn is_unnoticed(statement: &str) -> bool {
        let adds_column =
            statement.starts_with("alter table") && statement.contains(" add column ");
        let can_be_left_out = !statement.contains(" not null") || statement.contains(" default ");
        let loosens = statement.contains(" drop constraint ");
        ["create table ", "create index "]
            .iter()
            .any(|adds| statement.starts_with(adds))
            || (adds_column && can_be_left_out)
            || loosens
    }

    /// Rows that were there, or that the program before writes, could be in the way of a unique index: it
    /// may only come with its table.
    fn comes_with_its_table(statement: &str, text: &str) -> bool {
        let table = statement
            .split(" on ")
            .nth(1)
            .and_then(|on| on.split(' ').next());
        statement.starts_with("create unique index")
            && table.is_some_and(|table| text.contains(&format!("create table {table} (")))
    }

    #[test]
    fn what_comes_after_the_first_is_not_noticed_by_a_program_that_runs_meanwhile() {
        let is_comment = |line: &&str| line.trim_start().starts_with("--");
        for (_, name, text) in &POSTGRES[1..] {
            let lines: Vec<&str> = text.lines().filter(|line| !is_comment(line)).collect();
            for statement in lines.join(" ").split(';').map(str::trim) {
                let fine = statement.is_empty()
                    || is_unnoticed(statement)
                    || comes_with_its_table(statement, text);
                assert!(fine, "{name}: {statement}");
            }
        }
        for noticed in [
            "alter table jobs drop column name",
            "alter table jobs add column x bigint not null",
            "alter table jobs rename column a to b",
            "alter table jobs alter column name set not null",
            "drop table pings",
        ] {
            assert!(!is_unnoticed(noticed), "{noticed}");
        }
        assert!(!comes_with_its_table(
            "create unique index a on jobs (name)",
            "create table a ("
        ));
    }

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
