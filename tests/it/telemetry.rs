//! What operators are shown: figures that agree with the work that was done.

mod metrics;
mod reading;
mod trouble;
