//! One process on embedded defaults, and the command line.

mod crash;
mod described;
mod models;
mod render;
mod secrets;
mod serve;
