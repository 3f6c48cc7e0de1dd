//! What processes say of themselves: figures that agree with the work that was done, traces, logs.

mod collectors;
mod metrics;
mod reading;
mod secrets;
mod traces;
mod trouble;
