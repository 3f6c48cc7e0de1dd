//! Webhooks against endpoints that behave badly, many at a time, and with results of many megabytes; and
//! the receivers' code of the documentation.

mod cut_short;
mod hostile;
mod isolation;
mod large;
mod snippets;
