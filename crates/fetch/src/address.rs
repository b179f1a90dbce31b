//! Which addresses may be connected to, told by their bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet, and of no special use (the IANA registries of
/// RFC 6890).
///
/// Not public: what is private, shared (CGNAT), loopback, link-local, multicast, reserved,
/// unspecified (all of `0.0.0.0/8`) or for documentation; every IPv6 form that holds an IPv4 address
/// (mapped, compatible, NAT64, 6to4, Teredo), whatever address it holds; and the address of Azure's
/// own platform services. An IPv6-only network that reaches IPv4 by NAT64 can thus reach only hosts
/// that have IPv6.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private, loopback (RFC 791, RFC 1918, RFC 1122).
        [0 | 10 | 127, ..] => true,
        // Shared address space, with one cloud's metadata in it (RFC 6598).
        [100, 64..=127, ..] => true,
        // Link-local, with most clouds' metadata in it (RFC 3927).
        [169, 254, ..] => true,
        [172, 16..=31, ..] | [192, 168, ..] => true,
        // IETF protocol assignments, documentation, 6to4 relays (RFC 6890, RFC 5737, RFC 7526).
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Benchmarking (RFC 2544).
        [198, 18 | 19, ..] => true,
        // Azure's platform services: the same address in every virtual network.
        [168, 63, 129, 16] => true,
        // Multicast, reserved, broadcast (RFC 5771, RFC 1112).
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

/// Of IPv6 only global unicast, `2000::/3`, is public (RFC 4291 §2.4): that leaves out `::`, `::1`,
/// IPv4-mapped and -compatible addresses, NAT64 (`64:ff9b::/96`, `64:ff9b:1::/48`), `100::/64`,
/// unique local, link-local, site-local and multicast ones at once.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let special = match address.segments() {
        // IETF protocol assignments: Teredo, ORCHID, benchmarking (RFC 2928).
        [0x2001, 0..=0x01ff, ..] => true,
        // Documentation (RFC 3849, RFC 9637).
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => true,
        // 6to4 (RFC 3056).
        [0x2002, ..] => true,
        [first, ..] => first & 0xe000 != 0x2000,
    };
    !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().expect("an address"))
    }

    #[test]
    fn n01_addresses_of_special_use_are_not_public() {
        let special = [
            "0.0.0.0",
            "0.1.2.3",
            "0.255.255.255",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.0",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ];
        for address in special {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn n01_ipv6_addresses_of_special_use_are_not_public() {
        let special = [
            "::",
            "::1",
            "::7f00:1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ];
        for address in special {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn neighbours_of_the_special_ranges_are_public() {
        let ordinary = [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "2606:4700::1111",
            "3ffe::1",
            "3fff:1000::1",
        ];
        for address in ordinary {
            assert!(public(address), "{address}");
        }
    }
}
