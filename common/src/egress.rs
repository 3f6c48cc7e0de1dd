//! Which addresses Platen may call on a customer's behalf: pages, downloads and webhooks. Pure.
//!
//! Everything that is not public is refused (loopback, private, link-local, metadata, documentation,
//! multicast, IPv4 tunnelled in IPv6), unless an operator's range opens it. A mapped address *is* its
//! IPv4 address, and a NAT64 one reaches it, so both are judged by it.

mod address;
mod config;
mod lookup;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

pub use address::{AddressRefused, check_address};
pub use config::Config;
pub use lookup::confirm_address;

/// Why an address may not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} is {what}, which this installation does not call; its operator can open it with --allow-network"
)]
pub struct Refused {
    /// The address.
    pub address: IpAddr,
    /// What sort of address it is, with its article.
    pub what: &'static str,
}

/// The operator's choice of what is open beside the public network.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    open: Vec<IpNet>,
}

impl Policy {
    /// Opens these ranges beside the public network.
    pub fn new(open: Vec<IpNet>) -> Self {
        Self { open }
    }

    /// The ranges that are open beside the public network.
    pub fn open(&self) -> &[IpNet] {
        &self.open
    }

    /// Adds ranges to this policy.
    #[must_use]
    pub fn with(mut self, ranges: impl IntoIterator<Item = IpNet>) -> Self {
        self.open.extend(ranges);
        self
    }

    /// Whether the operator has opened this address by a range.
    pub fn is_opened(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let inner = translated(address);
        self.open
            .iter()
            .any(|range| range.contains(&address) || range.contains(&inner))
    }

    /// Judges an address that is about to be dialled.
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        if self.is_opened(address) {
            return Ok(());
        }
        match special(translated(address.to_canonical())) {
            Some(what) => Err(Refused { address, what }),
            None => Ok(()),
        }
    }
}

/// The IPv4 address that a NAT64 gateway makes of an address; else the address itself.
fn translated(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => address,
    }
}

fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => special_v4(v4),
        IpAddr::V6(v6) => special_v6(v6),
    }
}

/// Answers on every virtual machine of one large cloud, with its settings and secrets, though it is public.
const PLATFORM: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    if address == PLATFORM {
        return Some("a metadata address");
    }
    match (a, b, c) {
        (0, ..) => Some("an unspecified address"),
        (127, ..) => Some("a loopback address"),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Some("a private address"),
        (100, 64..=127, _) => Some("a carrier's shared address"),
        (169, 254, _) => Some("a link-local or metadata address"),
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99) => {
            Some("a reserved address")
        }
        (198, 18 | 19, _) => Some("a benchmarking address"),
        (224..=239, ..) => Some("a multicast address"),
        (240..=255, ..) => Some("a reserved address"),
        _ => None,
    }
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [first, second, third, fourth, ..] = address.segments();
    if address.is_loopback() {
        return Some("a loopback address");
    }
    if address.is_unspecified() {
        return Some("an unspecified address");
    }
    if let [0, 0, 0, 0, 0 | 0xffff, 0, ..] | [0x2002, ..] = address.segments() {
        return Some("an IPv4 address inside an IPv6 one");
    }
    match (first, second) {
        (0xfc00..=0xfdff, _) => Some("a private address"),
        (0xfe80..=0xfebf, _) => Some("a link-local address"),
        (0xfec0..=0xfeff, _) => Some("a site-local address"),
        (0xff00..=0xffff, _) => Some("a multicast address"),
        (0x2001, 0x0db8) | (0x3fff, 0..=0x0fff) => Some("a documentation address"),
        (0x64, 0xff9b) => Some("a translation address"),
        (0x100, 0) if third == 0 && fourth == 0 => Some("a discard address"),
        // Outside of what has been given to anybody, too.
        (0x2001, 0..=0x01ff) | (0..=0x1fff | 0x4000..=0xffff, _) => Some("a reserved address"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
