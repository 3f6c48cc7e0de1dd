//! All of Platen in one process, and its command line.

fn main() {}
