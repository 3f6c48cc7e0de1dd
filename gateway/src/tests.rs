//! The gateway as a whole: its router on SQLite, the embedded broker and a local folder, with a
//! renderer and dispatcher in one that the tests step by hand.

mod asked;
mod conversions;
mod cors;
mod files;
mod idempotency;
mod joined;
mod layers;
mod links;
mod openapi;
mod outage;
mod reads;
mod refusals;
mod server;
mod support;
mod templates;
mod webhooks;
