//! Webhooks against endpoints that behave badly, many at a time, and while dispatchers die.

mod hostile;
mod isolation;
mod killed;
mod large;
mod snippets;
