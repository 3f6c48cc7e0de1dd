//! End-to-end tests over the public surface, with the real server and the real browser.

mod accounts;
mod bad_input;
mod banner;
mod broker;
mod convert;
mod crash;
mod egress;
mod emulation;
mod hostile;
mod identity;
mod layers;
mod links;
mod money;
mod naming;
mod paper;
mod picture;
mod preview;
mod reads;
mod render;
mod secrets;
mod serve;
mod store;
mod tenants;
mod waiting;
mod webhook;
