//! The harness of the end-to-end tests: the real server, and everything around it that a customer
//! would bring.
//!
//! [`Platen`] runs the binary, [`Api`] speaks to it as a customer's program does, [`Site`] serves the
//! pages that are rendered, [`Receiver`] takes webhooks; [`Pdf`] and [`Picture`] read results back.
//! Most tests share one server and are kept apart by accounts of their own ([`tenant`]); a test that
//! stops, kills or configures a server starts its own.

pub mod api;
pub mod binary;
pub mod cable;
pub mod cli;
pub mod collector;
pub mod described;
pub mod docx;
pub mod embedded;
pub mod exposition;
pub mod figures;
pub mod hostile;
pub mod html;
pub mod patience;
pub mod pdf;
pub mod picture;
pub mod platen;
pub mod port;
pub mod postgres;
pub mod process;
pub mod promises;
pub mod rabbit;
pub mod receiver;
pub mod runs;
pub mod s3;
mod script;
pub mod self_signed;
pub mod services;
pub mod shared;
pub mod sheets;
pub mod site;

pub use api::{Answer, Api};
pub use embedded::Embedded;
pub use exposition::Exposition;
pub use figures::measured;
pub use html::{html, never_ready};
pub use patience::{eventually, within};
pub use pdf::Pdf;
pub use picture::Picture;
pub use platen::{Platen, Start};
pub use promises::Books;
pub use receiver::Receiver;
pub use services::Services;
pub use shared::{Tenant, guarded_tenant, tenant};
pub use site::{Gate, Reply, Seen, Site};
