//! Connections to a PostgreSQL server, none of which waits for an answer for ever.
//!
//! A host that vanishes without a word (no reset, no end of the connection) is noticed by nobody who
//! waits for its answer: the library sets no keepalive and gives no way to the socket (transact-rs/sqlx
//! issue 3540), and a statement that its caller gave up leaves a test of the connection behind which
//! waits as long. So everything that waits for the server has an end here.

use std::num::NonZeroU32;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use sqlx::postgres::{
    PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow, PgStatement, PgTypeInfo, Postgres,
};
use sqlx::{Connection as _, Execute, Executor, SqlStr};

use super::doubt::Doubt;
use super::lent::{Answer, Lent, given_up, one_by_one, within};

/// How long a caller waits for a connection to a server, be it that all are in use, that a new one
/// takes so long or that nobody answers: then the server counts as away.
const ACQUIRE: Duration = Duration::from_secs(5);

/// A connection that was used more recently is taken for a good one, unless another was found broken since: a
/// test costs a round trip.
const FRESH: Duration = Duration::from_secs(1);

/// How long the test of an idle connection may take; shorter than [`ACQUIRE`], so that a new one can
/// still be made for the same caller.
const TEST: Duration = Duration::from_secs(2);

/// Ends the transaction of a process that is gone without a word, since it holds locks: the server
/// itself would wait for hours. Ours never wait for anything but the server, so this is shorter than
/// anybody waits for such a lock. A statement, since connection poolers refuse it as an option.
const END_ABANDONED: &str = "set idle_in_transaction_session_timeout = '10s'";

/// Ends a statement whose caller has hung up, or is gone, which may be waiting for a lock.
const END_UNHEARD: &str = "set client_connection_check_interval = '5s'; \
    set tcp_keepalives_idle = '10s'; set tcp_keepalives_interval = '5s'; set tcp_keepalives_count = 3";

/// A server; clones share its connections, which are made when they are first needed.
#[derive(Debug, Clone)]
pub struct Server {
    pool: PgPool,
    patience: Duration,
    doubt: Doubt,
}

impl Server {
    /// A server that holds so many connections at most, and has so long to answer a statement.
    pub(in crate::store) fn new(
        options: PgConnectOptions,
        connections: NonZeroU32,
        patience: Duration,
    ) -> Self {
        let doubt = Doubt::default();
        let doubted = doubt.clone();
        let pool = PgPoolOptions::new()
            .max_connections(connections.get())
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| Box::pin(prepare(connection)))
            .test_before_acquire(false)
            .before_acquire(move |connection, used| {
                let is_trusted = used.idle_for < FRESH && !doubted.concerns(used.idle_for);
                let doubt = doubted.clone();
                Box::pin(async move {
                    if is_trusted {
                        return Ok(true);
                    }
                    // One that does not answer is replaced by a new one.
                    let answered = within(TEST, connection.ping()).await;
                    if let Err(error) = &answered {
                        given_up(error);
                        doubt.note(error);
                    }
                    Ok(answered.is_ok())
                })
            })
            .connect_lazy_with(options);
        Self {
            pool,
            patience,
            doubt,
        }
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
        lent.begin().await?;
        Ok(lent)
    }

    async fn lend(&self) -> sqlx::Result<Lent> {
        let connection = self.pool.acquire().await?;
        Ok(Lent::new(connection, self.patience, self.doubt.clone()))
    }
}

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

/// Tells the server what it is to do when nobody hears it any more.
async fn prepare(connection: &mut PgConnection) -> sqlx::Result<()> {
    connection.execute(END_ABANDONED).await?;
    let done = connection.execute(END_UNHEARD).await;
    if let Err(sqlx::Error::Database(error)) = &done {
        // Those of some systems can't.
        tracing::debug!(%error, "the database does not notice callers that are gone");
        return Ok(());
    }
    done.map(|_| ())
}
