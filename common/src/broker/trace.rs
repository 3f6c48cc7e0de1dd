//! What a trace tells of messages, by OpenTelemetry's conventions: that one is published, and that one is
//! dealt with.

use tracing::Span;
use tracing::field::Empty;

use super::{Broker, Incoming, PublishError};
use crate::id::JobId;
use crate::message::{Carried, Completion, JobMessage};
use crate::telemetry::TraceContext;
use crate::telemetry::spans::{self, TARGET};

/// What brings messages, as traces name it.
const IN_PROCESS: &str = "platen";
const RABBITMQ: &str = "rabbitmq";

/// The kinds of messages that are part of a trace.
pub(super) trait Told: Carried {
    /// Where they go, without what differs from one to the next.
    const DESTINATION: &'static str;

    /// About which job they are.
    fn job(&self) -> JobId;

    /// What tells apart the queues of one destination.
    fn routing_key(&self) -> Option<String> {
        None
    }
}

impl Told for JobMessage {
    const DESTINATION: &'static str = "platen.jobs";

    fn job(&self) -> JobId {
        self.job
    }

    fn routing_key(&self) -> Option<String> {
        Some(format!("{}.{}", self.lane, self.mode))
    }
}

impl Told for Completion {
    const DESTINATION: &'static str = "platen.completions";

    fn job(&self) -> JobId {
        self.job
    }
}

impl Broker {
    /// The span of publishing a message, which from now on says that it was sent there.
    pub(super) fn publishing<M: Told>(&self, message: &mut M) -> Span {
        let span = tracing::info_span!(
            target: TARGET,
            "publish",
            otel.name = format!("publish {}", M::DESTINATION),
            otel.kind = "producer",
            otel.status_code = Empty,
            "error.type" = Empty,
            messaging.system = self.system(),
            messaging.operation.name = "publish",
            "messaging.operation.type" = "send",
            messaging.destination.name = destination(message),
            messaging.rabbitmq.destination.routing_key = message.routing_key(),
            messaging.message.conversation_id = %message.job(),
            job.id = %message.job(),
        );
        spans::set_parent(&span, message.trace());
        if let Some(sent) = TraceContext::of(&span) {
            message.set_trace(Some(sent));
        }
        span
    }

    const fn system(&self) -> &'static str {
        match self {
            Self::Embedded(_) => IN_PROCESS,
            Self::Rabbit(_) => RABBITMQ,
        }
    }
}

/// Notes on its span that a message was not taken.
pub(super) fn note(span: &Span, published: Result<(), PublishError>) {
    let kind = match published {
        Ok(()) => return,
        Err(PublishError::Full) => "full",
        Err(PublishError::Away) => "away",
        Err(PublishError::Unroutable) => "unroutable",
    };
    spans::fail(span, kind);
}

impl Incoming<JobMessage> {
    /// The span of doing the job, part of the trace that it was sent in.
    pub fn span(&self) -> Span {
        processing(self)
    }
}

impl Incoming<Completion> {
    /// The span of settling the job, part of the trace of its run.
    pub fn span(&self) -> Span {
        processing(self)
    }
}

fn processing<M: Told>(incoming: &Incoming<M>) -> Span {
    let message = &incoming.message;
    let system = match incoming.receipt {
        Some(_) => RABBITMQ,
        None => IN_PROCESS,
    };
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "process",
        otel.name = format!("process {}", M::DESTINATION),
        otel.kind = "consumer",
        otel.status_code = Empty,
        "error.type" = Empty,
        messaging.system = system,
        messaging.operation.name = "process",
        "messaging.operation.type" = "process",
        messaging.destination.name = destination(message),
        messaging.rabbitmq.destination.routing_key = message.routing_key(),
        messaging.message.conversation_id = %message.job(),
        messaging.message.redelivered = incoming.is_redelivered(),
        job.id = %message.job(),
    );
    spans::set_parent(&span, message.trace());
    span
}

/// Exchange and routing key, as far as there are.
fn destination<M: Told>(message: &M) -> String {
    match message.routing_key() {
        Some(key) => format!("{}:{key}", M::DESTINATION),
        None => M::DESTINATION.to_owned(),
    }
}
