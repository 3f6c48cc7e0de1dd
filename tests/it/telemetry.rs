//! What processes say of themselves.

mod collectors;
mod secrets;
mod traces;
