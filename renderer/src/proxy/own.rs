//! The ports of every proxy in this process: no proxy calls another one, even where loopback is open,
//! or a page could read what is served to its neighbour.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

static PORTS: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A registered port; dropping it takes it off the list.
#[derive(Debug)]
pub(super) struct OwnPort(u16);

impl OwnPort {
    /// Puts a port on the list.
    pub(super) fn register(port: u16) -> Self {
        PORTS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(port);
        Self(port)
    }
}

impl Drop for OwnPort {
    fn drop(&mut self) {
        PORTS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.0);
    }
}

/// Whether a proxy of this process listens there.
pub(super) fn is_own(address: SocketAddr) -> bool {
    let ip: IpAddr = address.ip().to_canonical();
    (ip.is_loopback() || ip.is_unspecified())
        && PORTS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&address.port())
}
