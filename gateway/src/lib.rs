//! The HTTP side of Platen.
