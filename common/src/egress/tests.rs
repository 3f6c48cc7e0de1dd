use proptest::prelude::*;
use url::{Host, Url};

use super::*;

fn check(policy: &Policy, address: &str) -> bool {
    policy.check(address.parse().unwrap()).is_ok()
}

#[test]
fn only_public_addresses_are_called() {
    let policy = Policy::default();
    for open in [
        "1.1.1.1",
        "93.184.216.34",
        "172.32.0.1",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "::ffff:1.1.1.1",
    ] {
        assert!(check(&policy, open), "{open}");
    }
    let closed = "0.0.0.0 127.0.0.1 127.255.1.1 10.1.2.3 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 \
        169.254.169.254 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 \
        168.63.129.16 224.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:7f00:1 64:ff9b::7f00:1 \
        64:ff9b:1::1 ::1.1.1.1 2002:7f00:1:: 2002:101:101::1 2001::1 2001:db8::1 3fff::1 100::1 fc00::1 fd00:ec2::254 fe80::1 \
        fec0::1 ff02::1 5f00::1";
    for address in closed.split_whitespace() {
        assert!(!check(&policy, address), "{address}");
    }
}

#[test]
fn an_operators_range_opens_itself_and_nothing_else() {
    let policy = Policy::new(vec!["127.0.0.0/8".parse().unwrap()]);
    assert!(check(&policy, "127.0.0.1"));
    assert!(check(&policy, "::ffff:127.0.0.1"));
    assert!(!check(&policy, "::1"));
    assert!(!check(&policy, "10.0.0.1"));
    assert!(!check(&policy, "2002:7f00:1::"));
    let everything_v6 = Policy::new(vec!["::/0".parse().unwrap()]);
    assert!(check(&everything_v6, "::1"));
    assert!(!check(&everything_v6, "::ffff:127.0.0.1"));
    let text = policy
        .check("10.0.0.1".parse().unwrap())
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("10.0.0.1 is a private address") && text.contains("--allow-network"),
        "{text}"
    );
}

/// What may not be called, by the registries of special addresses that IANA keeps (RFC 6890 and its
/// followers), multicast and the space that nobody has been given: written down apart from the code.
const CLOSED: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 \
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 \
    224.0.0.0/4 240.0.0.0/4 168.63.129.16/32 \
    ::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 3fff::/20";

/// IPv6 addresses that are an IPv4 address, which is then judged.
const INSIDE: [&str; 2] = ["::ffff:0:0/96", "64:ff9b::/96"];

fn closed() -> Vec<IpNet> {
    let ranges = CLOSED.split_whitespace();
    ranges.map(|range| range.parse().unwrap()).collect()
}

fn is_closed(address: IpAddr) -> bool {
    let closed = closed();
    let listed = |address: &IpAddr| closed.iter().any(|range| range.contains(address));
    if let IpAddr::V6(v6) = address
        && INSIDE
            .iter()
            .any(|range| range.parse::<IpNet>().unwrap().contains(&address))
    {
        let [.., a, b, c, d] = v6.octets();
        return listed(&IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
    }
    listed(&address)
}

/// Any address; half of them at or beside the edge of a range.
fn address() -> impl Strategy<Value = IpAddr> {
    let anywhere = prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(bits.into())),
        any::<u128>().prop_map(|bits| IpAddr::V6(bits.into())),
        // Where the public ones are.
        any::<u128>().prop_map(|bits| IpAddr::V6((bits >> 3 | 1 << 125).into())),
        (0..2_usize, any::<u32>()).prop_map(|(range, bits)| {
            let base: IpNet = INSIDE[range].parse().unwrap();
            let IpAddr::V6(base) = base.network() else {
                panic!("both are IPv6");
            };
            IpAddr::V6((u128::from(base) | u128::from(bits)).into())
        }),
    ];
    let edges = (0..closed().len(), -2..=2_i8, any::<bool>()).prop_map(|(range, step, first)| {
        let range = closed()[range];
        let edge = if first {
            range.network()
        } else {
            range.broadcast()
        };
        match edge {
            IpAddr::V4(edge) => {
                let bits = u32::from(edge).wrapping_add_signed(step.into());
                IpAddr::V4(bits.into())
            }
            IpAddr::V6(edge) => {
                let bits = u128::from(edge).wrapping_add_signed(step.into());
                IpAddr::V6(bits.into())
            }
        }
    });
    prop_oneof![anywhere, edges]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn exactly_what_the_registries_close_is_refused(address in address()) {
        let refused = Policy::default().check(address).is_err();
        prop_assert_eq!(refused, is_closed(address), "{}", address);
    }

    /// Every way to write an IPv4 address in a URL leads to the same judgement.
    #[test]
    fn an_ipv4_address_is_judged_however_it_is_spelled(bits in any::<u32>(), spelling in 0..7) {
        let address = Ipv4Addr::from(bits);
        let [a, b, c, d] = address.octets();
        let rest = bits & 0x00ff_ffff;
        let host = match spelling {
            0 => format!("{bits}"),
            1 => format!("{bits:#x}"),
            2 => format!("{bits:#o}").replacen("0o", "0", 1),
            3 => format!("{a:#x}.{b}.{c:#x}.{d}"),
            4 => format!("{a}.{rest}"),
            5 => format!("[::ffff:{address}]"),
            _ => format!("{a}.{b}.{c}.{d}."),
        };
        let url = Url::parse(&format!("https://{host}/")).unwrap();
        let judged = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            other => panic!("{host} was read as {other:?}"),
        };
        let refused = Policy::default().check(judged).is_err();
        prop_assert_eq!(refused, is_closed(IpAddr::V4(address)), "{}", host);
    }
}
