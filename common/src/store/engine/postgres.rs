//! Connections to a PostgreSQL server, none of which waits for an answer for ever.
//!
//! A host that vanishes without a word (no reset, no end of the connection) is noticed by nobody who
//! waits for its answer: the library sets no keepalive and gives no way to the socket (transact-rs/sqlx
//! issue 3540), and a statement that its caller gave up leaves a test of the connection behind which
//! waits as long. So everything that waits for the server has an end here.

use std::num::NonZeroU32;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use scopeguard::{ScopeGuard, guard};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{
    PgConnectOptions, PgPool, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo,
    Postgres,
};
use sqlx::{Connection as _, Either, Execute, Executor, SqlStr};
use tokio::time::timeout;

/// How long a caller waits for a connection to a server, be it that all are in use, that a new one
/// takes so long or that nobody answers: then the server counts as away.
const ACQUIRE: Duration = Duration::from_secs(5);

/// A connection that was used more recently is taken for a good one: a test costs a round trip.
const FRESH: Duration = Duration::from_secs(1);

/// How long the test of an idle connection may take; shorter than [`ACQUIRE`], so that a new one can
/// still be made for the same caller.
const TEST: Duration = Duration::from_secs(2);

/// How long a connection may take to undo what was left open and to become idle.
const RELEASE: Duration = Duration::from_secs(5);

/// What the server is told of each connection. It ends the transaction of a process that is gone
/// without a word, since it holds locks and the server itself would wait for hours; and it ends a
/// statement whose caller has hung up, from version 14 on. A statement, since connection poolers refuse
/// such options.
const SETTINGS: &str = "select set_config(name, setting, false) from (values \
    ('idle_in_transaction_session_timeout', '60s'), ('client_connection_check_interval', '5s')) \
    as wanted (name, setting) where name in (select name from pg_settings)";

/// A server; clones share its connections, which are made when they are first needed.
#[derive(Debug, Clone)]
pub struct Server {
    pool: PgPool,
    patience: Duration,
}

impl Server {
    /// A server that holds so many connections at most, and has so long to answer a statement.
    pub(in crate::store) fn new(
        options: PgConnectOptions,
        connections: NonZeroU32,
        patience: Duration,
    ) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(connections.get())
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(SETTINGS).await.map(drop) })
            })
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for < FRESH {
                        return Ok(true);
                    }
                    // One that does not answer is replaced by a new one.
                    let answered = timeout(TEST, connection.ping()).await;
                    Ok(matches!(answered, Ok(Ok(()))))
                })
            })
            .connect_lazy_with(options);
        Self { pool, patience }
    }

    /// For what may take as long as it takes: migrations.
    pub(in crate::store) const fn without_haste(&self) -> &PgPool {
        &self.pool
    }

    /// Waits for what is in use and closes every connection.
    pub(in crate::store) async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self) -> sqlx::Result<Lent> {
        let mut lent = self.lend().await?;
        // Before it is: the caller may be gone when the answer comes.
        lent.0.open = true;
        lent.execute("BEGIN").await?;
        Ok(lent)
    }

    async fn lend(&self) -> sqlx::Result<Lent> {
        let held = Held {
            connection: self.pool.acquire().await?,
            open: false,
            patience: self.patience,
        };
        Ok(Lent(guard(held, Held::give_back)))
    }
}

/// A connection in use. Dropping it undoes what is open and gives it back.
#[derive(Debug)]
pub(in crate::store) struct Lent(ScopeGuard<Held, fn(Held)>);

impl Lent {
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

    async fn answers<'q, E: 'q + Execute<'q, Postgres>>(
        &mut self,
        query: E,
    ) -> sqlx::Result<Vec<Answer>> {
        let patience = self.0.patience;
        within(patience, self.0.connection.fetch_many(query).try_collect()).await
    }
}

#[derive(Debug)]
struct Held {
    connection: PoolConnection<Postgres>,
    /// Whether a transaction may be open.
    open: bool,
    patience: Duration,
}

impl Held {
    fn give_back(mut self) {
        tokio::spawn(async move {
            let idle = timeout(RELEASE, async {
                if self.open {
                    self.connection.execute("ROLLBACK").await?;
                }
                // What the library does by itself, but without an end: it tests the connection. One
                // that is given up here is closed.
                self.connection.return_to_pool().await;
                Ok::<_, sqlx::Error>(())
            });
            if !matches!(idle.await, Ok(Ok(()))) {
                self.connection.close_on_drop();
            }
        });
    }
}

/// A row, or how many a statement has changed.
type Answer = Either<PgQueryResult, PgRow>;

impl<'c> Executor<'c> for &'c Server {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Answer>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        one_by_one(async move { self.lend().await?.answers(query).await })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(async move { self.lend().await?.fetch_optional(query).await })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        Box::pin(async move { self.lend().await?.prepare_with(sql, parameters).await })
    }
}

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
        let patience = self.0.patience;
        Box::pin(within(patience, self.0.connection.fetch_optional(query)))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        let patience = self.0.patience;
        Box::pin(within(
            patience,
            self.0.connection.prepare_with(sql, parameters),
        ))
    }
}

/// A statement's answers are few, so they are heard together, within one bound.
fn one_by_one<'e>(
    answers: impl Future<Output = sqlx::Result<Vec<Answer>>> + Send + 'e,
) -> BoxStream<'e, sqlx::Result<Answer>> {
    let answers = answers.map_ok(|answers| stream::iter(answers.into_iter().map(Ok)));
    answers.try_flatten_stream().boxed()
}

/// A server that does not answer in time is as good as one that has hung up.
async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    timeout(patience, answer).await.map_err(silent)?
}
