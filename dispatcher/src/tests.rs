//! The dispatcher on a real database, broker and folder, stepped by hand. Receivers are real sockets.

mod backlog;
mod delivery;
mod endpoint;
mod forgetting;
mod receiver;
mod reconciling;
mod releasing;
mod screenshot;
mod service;
mod settling;
mod world;
