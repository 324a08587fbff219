//! Community ID, version 1 (github.com/corelight/community-id-spec): one text for a flow that many tools agree on.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firstlight_model::{Endpoint, FrameRef, Timestamp, Transport};
use sha1::{Digest, Sha1};

use crate::key::{ICMP_PAIRS, ICMPV6_PAIRS, counterpart};

/// The identifier, for example `1:LQU9qZlK+B5F3KDmev6m5PMibrg=`, with seed 0. For ICMP the ports are type and
/// counterpart, or type and code for messages without one, as in [`crate::FlowKey`].
pub fn community_id(originator: Endpoint, responder: Endpoint, transport: Transport) -> String {
    let one_way = match transport {
        Transport::ICMP => is_one_way(originator.port, &ICMP_PAIRS),
        Transport::ICMPV6 => is_one_way(originator.port, &ICMPV6_PAIRS),
        _ => false,
    };
    let ordered = one_way || (octets(originator), originator.port) <= (octets(responder), responder.port);
    let (first, second) = if ordered { (originator, responder) } else { (responder, originator) };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    hash.update(octets(first));
    hash.update(octets(second));
    hash.update([transport.0, 0]);
    if matches!(transport, Transport::ICMP | Transport::TCP | Transport::UDP | Transport::ICMPV6 | Transport::SCTP) {
        hash.update(first.port.to_be_bytes());
        hash.update(second.port.to_be_bytes());
    }
    format!("1:{}", STANDARD.encode(hash.finalize()))
}

/// What tells a conversation from all others of a capture, in the form of Zeek's `uid`: `C` and 17 letters and digits,
/// from its ends and its first frame.
pub fn uid(originator: Endpoint, responder: Endpoint, transport: Transport, first: Timestamp, at: FrameRef) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut hash = Sha1::new();
    for end in [originator, responder] {
        hash.update(octets(end));
        hash.update(end.port.to_be_bytes());
    }
    hash.update([transport.0]);
    hash.update(first.as_ns().to_be_bytes());
    hash.update(at.capture.to_be_bytes());
    hash.update(at.number.to_be_bytes());
    let [bytes @ .., _, _, _, _] = <[u8; 20]>::from(hash.finalize());
    let mut rest = u128::from_be_bytes(bytes);
    let mut text = String::from("C");
    for _ in 0..17 {
        let digit = usize::try_from(rest % 62).ok().and_then(|at| DIGITS.get(at));
        text.push(char::from(*digit.expect("a remainder of 62 is below it")));
        rest /= 62;
    }
    text
}

fn is_one_way(kind: u16, pairs: &[(u8, u8)]) -> bool {
    u8::try_from(kind).is_ok_and(|kind| counterpart(kind, pairs).is_none())
}

fn octets(endpoint: Endpoint) -> Vec<u8> {
    match endpoint.address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(address: &str, port: u16) -> Endpoint {
        Endpoint { address: address.parse().unwrap(), port }
    }

    #[test]
    fn equals_the_specifications_own_example_in_both_directions() {
        let a = endpoint("128.232.110.120", 34855);
        let b = endpoint("66.35.250.204", 80);
        assert_eq!(community_id(a, b, Transport::TCP), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        assert_eq!(community_id(b, a, Transport::TCP), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    }

    #[test]
    fn conversations_of_the_same_ends_have_other_uids() {
        let a = endpoint("128.232.110.120", 34855);
        let b = endpoint("66.35.250.204", 80);
        let at = |number| uid(a, b, Transport::TCP, Timestamp::from_ns(7), FrameRef { capture: 0, number });
        assert_eq!(at(1), at(1));
        assert_ne!(at(1), at(2));
        assert_eq!(at(1).len(), 18);
        assert!(at(1).starts_with('C') && at(1).bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
