//! A connection, and the end of all waiting for it.
//!
//! The AMQP library answers a request that is made at the very moment when its connection breaks with
//! silence: what is handed to its task behind the order to stop stays in a queue that nobody reads, and
//! that the waiting caller itself keeps alive. Whoever waited for such an ack would hold its place, and the
//! messages sent ahead, for ever. So nobody waits for a connection alone.

use lapin::Connection;
use tokio_util::sync::CancellationToken;

use super::Broken;

/// A connection that others use while somebody watches it.
pub(super) struct Session {
    connection: Connection,
    lost: Lost,
}

/// Tells when a connection is of no more use; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Lost(CancellationToken);

impl Session {
    pub(super) fn new(connection: Connection) -> Self {
        let lost = Lost(CancellationToken::new());
        Self { connection, lost }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn lost(&self) -> &Lost {
        &self.lost
    }

    /// Whether the connection is there.
    pub(super) fn is_up(&self) -> bool {
        !self.lost.is_lost() && self.connection.status().connected()
    }

    /// Ends all waiting.
    pub(super) fn give_up(&self) {
        self.lost.0.cancel();
    }
}

impl Lost {
    pub(super) fn is_lost(&self) -> bool {
        self.0.is_cancelled()
    }

    /// What comes of `work`, which waits for the connection, unless that is lost first.
    pub(super) async fn or<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Broken>
    where
        Broken: From<E>,
    {
        match self.0.run_until_cancelled(work).await {
            Some(done) => Ok(done?),
            None => Err(Broken::Closed),
        }
    }
}
