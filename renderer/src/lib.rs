//! Turns tasks into artifacts.
