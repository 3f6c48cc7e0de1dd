//! Jobs that are suspected to crash their workers: how many there are, taking one, and whose turn that is.

use std::fmt;

use lapin::options::{BasicGetOptions, QueueDeleteOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::{Channel, ErrorKind};
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use super::session::{Lost, Session};
use super::{Broken, consumer, topology};
use crate::broker::Incoming;
use crate::job::Lane;
use crate::message::Carried;

/// How many jobs of the lane wait; those in somebody's hands are not counted.
pub(super) async fn count(session: &Session, lane: Lane) -> Result<u32, Broken> {
    let waiting = consumer::waiting(session, &[topology::quarantine(lane)]).await?;
    Ok(u32::try_from(waiting).unwrap_or(u32::MAX))
}

/// Takes one, on a channel of its own, which the message keeps open until it is acked.
pub(super) async fn take<M: DeserializeOwned + Carried>(
    session: &Session,
    lane: Lane,
) -> Result<Option<Incoming<M>>, Broken> {
    let lost = session.lost();
    let taking = async {
        let channel = session.connection().create_channel().await?;
        let queue = topology::quarantine(lane);
        let got = channel.basic_get(queue.as_str().into(), BasicGetOptions::default());
        match got.await? {
            Some(got) => consumer::read(got.delivery, (&channel, lost), &queue, None).await,
            None => Ok(None),
        }
    };
    lost.or::<_, Broken>(taking).await
}

/// The turn to take jobs of a lane: a queue that is one connection's alone. It ends with its value, or
/// with the connection, however that ends.
pub(crate) struct Turn {
    channel: Channel,
    lost: Lost,
    queue: String,
}

/// Takes the turn, unless another connection has it.
pub(super) async fn turn(session: &Session, lane: Lane) -> Result<Option<Turn>, Broken> {
    let lost = session.lost().clone();
    let taking = async {
        let channel = session.connection().create_channel().await?;
        let queue = topology::quarantine_turn(lane);
        match topology::declare_alone(&channel, &queue).await {
            Ok(()) => Ok(Some((channel, queue))),
            Err(error) if is_locked(&error) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let taken = lost.or(taking).await?;
    Ok(taken.map(|(channel, queue)| Turn {
        channel,
        lost,
        queue,
    }))
}

fn is_locked(error: &lapin::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ProtocolError(error)
            if *error.kind() == AMQPErrorKind::Soft(AMQPSoftError::RESOURCELOCKED)
    )
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Without a runtime the process ends, and the queue with its connection.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let (channel, queue) = (self.channel.clone(), std::mem::take(&mut self.queue));
        let lost = self.lost.clone();
        runtime.spawn(async move {
            let options = QueueDeleteOptions::default();
            let deleting = channel.queue_delete(queue.as_str().into(), options);
            if let Err(error) = lost.or(deleting).await {
                tracing::debug!(%error, queue, "a turn ends with its connection");
            }
        });
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
