//! Keeps one connection of one role up: connects again, with growing pauses, for as long as it takes.
//!
//! The AMQP library's own recovery has dead ends in which nothing ever happens again; here every
//! failure ends the connection, and the next one starts from nothing.

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties, ErrorKind, Event};
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::topology;
use crate::retry::Pauses;

/// The longest that connecting and declaring may take.
const CONNECT: Duration = Duration::from_secs(15);

/// The longest that a farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// How often a connection's state is looked at, whatever its events say.
const PULSE: Duration = Duration::from_secs(5);

/// A connection that held for so long was well.
pub(super) const WELL: Duration = Duration::from_secs(20);

/// Makes the connections of one role, one after the other.
pub(super) struct Supervisor {
    role: &'static str,
    server: AMQPUri,
    closing: CancellationToken,
    pauses: Pauses,
    connected: Option<Instant>,
}

impl Supervisor {
    pub(super) fn new(role: &'static str, server: AMQPUri, closing: CancellationToken) -> Self {
        Self {
            role,
            server,
            closing,
            pauses: Pauses::default(),
            connected: None,
        }
    }

    /// The next connection, with the topology in place; `None` once the broker is closed.
    pub(super) async fn connect(&mut self) -> Option<Connection> {
        if self.connected.take().is_some_and(|at| at.elapsed() > WELL) {
            self.pauses = Pauses::default();
        }
        let closing = self.closing.clone();
        closing.run_until_cancelled(self.insist()).await
    }

    async fn insist(&mut self) -> Connection {
        let (role, server) = (self.role, address(&self.server));
        loop {
            sleep(self.pauses.next()).await;
            match timeout(CONNECT, self.dial()).await {
                Ok(Ok(connection)) => {
                    self.connected = Some(Instant::now());
                    tracing::info!(role, server, "connected to RabbitMQ");
                    return connection;
                }
                Ok(Err(error)) => {
                    let advice = advice(&error);
                    tracing::warn!(role, server, %error, "waiting for RabbitMQ: {advice}");
                }
                Err(_) => {
                    tracing::warn!(role, server, "waiting for RabbitMQ: it does not answer");
                }
            }
        }
    }

    async fn dial(&self) -> lapin::Result<Connection> {
        let name = format!("platen {} {}", self.role, std::process::id());
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connection = Connection::connect_uri(self.server.clone(), properties).await?;
        topology::declare(&connection).await?;
        Ok(connection)
    }

    /// Waits until the connection is of no more use.
    pub(super) async fn lost(&self, connection: &Connection) {
        let mut events = pin!(connection.events_listener());
        let mut pulse = interval(PULSE);
        while connection.status().connected() {
            tokio::select! {
                () = self.closing.cancelled() => return,
                event = events.next() => match event {
                    // The error of a single channel comes this way too.
                    Some(Event::Error(error)) => {
                        tracing::debug!(role = self.role, %error, "RabbitMQ complains");
                    }
                    Some(_) => {}
                    None => return,
                },
                _ = pulse.tick() => {}
            }
        }
    }

    /// Takes leave of a connection that may be gone already.
    pub(super) async fn part(&self, connection: &Connection) {
        if !connection.status().connected() {
            tracing::warn!(role = self.role, "lost the connection to RabbitMQ");
            return;
        }
        match timeout(FAREWELL, connection.close(200, "closing".into())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "RabbitMQ went before the farewell"),
            Err(_) => tracing::debug!("RabbitMQ did not answer the farewell"),
        }
    }
}

/// Where the server is, without the password.
fn address(server: &AMQPUri) -> String {
    let (host, port) = (&server.authority.host, server.authority.port);
    format!("{host}:{port} (virtual host {})", server.vhost)
}

fn advice(error: &lapin::Error) -> &'static str {
    let ErrorKind::ProtocolError(error) = error.kind() else {
        return "it can't be reached";
    };
    match error.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => {
            "a queue or exchange of that name exists with other settings; delete it once it is empty"
        }
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => {
            "it refuses; the user needs configure, write and read permissions for `platen.*` and `settled.*`"
        }
        AMQPErrorKind::Soft(_) | AMQPErrorKind::Hard(_) => "it refuses",
    }
}
