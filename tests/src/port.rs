//! Ports for servers that have to know theirs before they start.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that the system hands to whoever connects, so that nobody takes one in between.
const FIRST: u16 = 12_000;
const COUNT: u16 = 18_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port of the loopback that is free, and that this process names only once.
///
/// # Panics
///
/// When none is left.
pub fn free() -> u16 {
    // Test runs beside each other begin in different places.
    let offset = u16::try_from(std::process::id() % 600).expect("it is small") * 30;
    for _ in 0..COUNT {
        let port = FIRST + (offset + NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free between {FIRST} and {}", FIRST + COUNT);
}
