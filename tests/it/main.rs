//! End-to-end tests with real servers and the real browser.

mod broker;
mod embedded;
mod faults;
mod objects;
mod services;
mod store;
mod surface;
mod telemetry;
mod webhooks;
