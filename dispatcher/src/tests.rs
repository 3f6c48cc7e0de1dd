//! The dispatcher on a real database, broker and folder, stepped by hand. Receivers are real sockets.

mod delivery;
mod endpoint;
mod forgetting;
mod receiver;
mod reconciling;
mod screenshot;
mod service;
mod settling;
mod world;
