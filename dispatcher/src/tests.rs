//! The dispatcher on a real database, broker and folder, stepped by hand. Receivers are real sockets.

mod delivery;
mod forgetting;
mod receiver;
mod service;
mod settling;
mod world;
