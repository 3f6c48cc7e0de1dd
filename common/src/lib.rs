//! What crosses a service border: the job and its task, the messages, and the three things every
//! service stands on (broker, database, object store). No service is imported here.
//!
//! Start with [`task`] (what a renderer is asked to do), [`message`] (what travels between the
//! services) and [`store`] (the rows that are the truth).

pub mod artifact;
pub mod broker;
pub mod clock;
pub mod credits;
pub mod duration;
pub mod egress;
pub mod encode;
pub mod health;
pub mod id;
pub mod idempotency;
pub mod job;
pub mod key;
pub mod lifecycle;
pub mod link;
pub mod message;
pub mod objects;
pub mod plain;
pub mod process;
pub mod report;
pub mod retry;
pub mod seal;
pub mod secret;
pub mod servers;
pub mod signature;
pub mod storage;
pub mod task;
pub mod telemetry;

#[cfg(feature = "fetch")]
pub mod fetch;
#[cfg(feature = "store")]
pub mod relay;
#[cfg(feature = "store")]
pub mod store;

mod http;
mod tls;
