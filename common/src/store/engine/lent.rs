//! A connection in use: it answers within a bound, and finds its way back to the pool within another.

use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use scopeguard::{ScopeGuard, guard};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo, Postgres};
use sqlx::{Either, Execute, Executor, SqlStr};
use tokio::time::timeout;

use super::doubt::Doubt;

/// How long a connection may take to undo what was left open and to become idle.
const RELEASE: Duration = Duration::from_secs(5);

/// A connection in use. Dropping it undoes what is open and gives it back.
#[derive(Debug)]
pub(in crate::store) struct Lent(ScopeGuard<Held, fn(Held)>);

impl Lent {
    /// A connection whose every statement has so long.
    pub(super) fn new(
        connection: PoolConnection<Postgres>,
        patience: Duration,
        doubt: Doubt,
    ) -> Self {
        let held = Held {
            connection,
            open: false,
            health: Health {
                silent: false,
                doubt,
            },
            patience,
        };
        Self(guard(held, Held::give_back))
    }

    /// Begins a transaction.
    pub(super) async fn begin(&mut self) -> sqlx::Result<()> {
        // Before it is: the caller may be gone when the answer comes.
        self.0.open = true;
        self.execute("BEGIN").await.map(drop)
    }

    /// Makes the transaction last.
    pub(super) async fn commit(self) -> sqlx::Result<()> {
        self.end("COMMIT").await
    }

    /// Undoes the transaction now.
    pub(super) async fn rollback(self) -> sqlx::Result<()> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, statement: &'static str) -> sqlx::Result<()> {
        self.execute(statement).await?;
        self.0.open = false;
        Ok(())
    }

    pub(super) async fn answers<'q, E: 'q + Execute<'q, Postgres>>(
        &mut self,
        query: E,
    ) -> sqlx::Result<Vec<Answer>> {
        let held = &mut *self.0;
        let answer = within(
            held.patience,
            held.connection.fetch_many(query).try_collect(),
        );
        held.health.noting(answer.await)
    }
}

#[derive(Debug)]
struct Held {
    connection: PoolConnection<Postgres>,
    /// Whether a transaction may be open.
    open: bool,
    health: Health,
    patience: Duration,
}

/// What the answers say of the connection.
#[derive(Debug)]
struct Health {
    /// Whether a statement got no answer in time: there is no use in asking it anything more.
    silent: bool,
    /// Of all others.
    doubt: Doubt,
}

impl Health {
    fn noting<T>(&mut self, answer: sqlx::Result<T>) -> sqlx::Result<T> {
        let is_late = |error: &std::io::Error| error.kind() == std::io::ErrorKind::TimedOut;
        self.silent |= matches!(&answer, Err(sqlx::Error::Io(error)) if is_late(error));
        answer.inspect_err(|error| self.doubt.note(error))
    }
}

impl Held {
    fn give_back(mut self) {
        if self.health.silent {
            // The next caller gets a new one at once.
            drop(self.connection.detach());
            return;
        }
        tokio::spawn(async move {
            let given_back = within(RELEASE, async {
                if self.open {
                    self.connection.execute("ROLLBACK").await?;
                }
                // The library does it by itself, but without an end: it tests the connection. What is
                // given up half-way is closed.
                self.connection.return_to_pool().await;
                Ok(())
            });
            if let Err(error) = given_back.await {
                given_up(&error);
                self.connection.close_on_drop();
            }
        });
    }
}

/// Says so: a caller hears only that the database is away.
pub(super) fn given_up(error: &sqlx::Error) {
    tracing::warn!(%error, "a connection to the database is given up");
}

/// A row, or how many a statement has changed.
pub(super) type Answer = Either<PgQueryResult, PgRow>;

impl<'c> Executor<'c> for &'c mut Lent {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Answer>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        one_by_one(self.answers(query))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let held = &mut *self.0;
        Box::pin(async move {
            let answer = within(held.patience, held.connection.fetch_optional(query));
            held.health.noting(answer.await)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        let held = &mut *self.0;
        Box::pin(async move {
            let answer = within(held.patience, held.connection.prepare_with(sql, parameters));
            held.health.noting(answer.await)
        })
    }
}

/// A statement's answers are few, so they are heard together, within one bound.
pub(super) fn one_by_one<'e>(
    answers: impl Future<Output = sqlx::Result<Vec<Answer>>> + Send + 'e,
) -> BoxStream<'e, sqlx::Result<Answer>> {
    let answers = answers.map_ok(|answers| stream::iter(answers.into_iter().map(Ok)));
    answers.try_flatten_stream().boxed()
}

/// A server that does not answer in time is as good as one that has hung up.
pub(super) async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    timeout(patience, answer).await.map_err(silent)?
}
