//! DHCP for IPv4 on ports 67 and 68 (RFC 2131, RFC 2132): leases, and what clients say of themselves.
//!
//! The options are read as they stand, by `dhcproto`'s borrowed view: its owned one gives a message up for one odd option
//! and takes the length of some options from the standard instead of from the wire. Left out: BOOTP without a message
//! type, options in the `sname` and `file` fields (option 52), relay information.

use std::net::{IpAddr, Ipv4Addr};

use dhcproto::v4::borrowed::Message;
use firstlight_model::{Direction, Field, Lease, MacAddress, Observation, Role, Value};

use crate::dhcpv6;
use crate::{Carrier, Chunk, Context, Dissect, Dissector, Need, Sample, Sink, Verdict};

/// A message about an address.
pub static LEASE: Field = Field { name: "dhcp.lease", role: Role::Lease, reference: "RFC 2131 s. 2" };
/// Parameter request list: decimal numbers with commas, in the client's order.
pub static REQUEST_LIST: Field =
    Field { name: "dhcp.option.request_list", role: Role::Fingerprint, reference: "RFC 2132 s. 9.8" };
/// Vendor class of a client.
pub static VENDOR_CLASS: Field =
    Field { name: "dhcp.option.vendor_class_id", role: Role::Software, reference: "RFC 2132 s. 9.13" };
/// Host name of a client.
pub static HOST_NAME: Field =
    Field { name: "dhcp.option.hostname", role: Role::DeviceName, reference: "RFC 2132 s. 3.14" };
/// Fully qualified name of a client.
pub static CLIENT_NAME: Field = Field { name: "dhcp.fqdn.name", role: Role::DeviceName, reference: "RFC 4702 s. 2" };

/// What a client identifies itself by, where that is not its link address: `DUID-LLT`, `DUID-EN 43793`, `type 0`.
pub static CLIENT_ID: Field =
    Field { name: "dhcp.client_id", role: Role::Software, reference: "RFC 4361 s. 6.1, RFC 8415 s. 11" };
/// Unique identifier of the client, in hexadecimal digits: the same over all of its interfaces, and over DHCPv6.
pub static UNIQUE_ID: Field =
    Field { name: "dhcp.client_id.duid", role: Role::MachineId, reference: "RFC 4361 s. 6.1, RFC 8415 s. 11" };
/// Identifier of the machine that firmware boots from the network, in hexadecimal digits.
pub static MACHINE_UUID: Field =
    Field { name: "dhcp.client_id.uuid", role: Role::MachineId, reference: "RFC 4578 s. 2.3" };
/// User classes of a client.
pub static USER_CLASS: Field =
    Field { name: "dhcp.option.user_class", role: Role::Software, reference: "RFC 3004 s. 4" };
/// What firmware that boots from the network runs on: `x86-64 UEFI`.
pub static ARCHITECTURE: Field =
    Field { name: "dhcp.option.client_system_architecture", role: Role::Software, reference: "RFC 4578 s. 2.1" };
/// Vendor class by enterprise number: `4491 docsis3.0`.
pub static ENTERPRISE_CLASS: Field =
    Field { name: "dhcp.option.vi_class", role: Role::Software, reference: "RFC 3925 s. 3" };

/// DHCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "dhcp",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[
        &LEASE,
        &REQUEST_LIST,
        &VENDOR_CLASS,
        &HOST_NAME,
        &CLIENT_NAME,
        &CLIENT_ID,
        &UNIQUE_ID,
        &MACHINE_UUID,
        &USER_CLASS,
        &ARCHITECTURE,
        &ENTERPRISE_CLASS,
    ],
    samples: &[SAMPLE, NETWORK_BOOT],
    probe,
    open: |_| Box::new(Dhcp),
};

const MAGIC: &[u8] = b"\x63\x82\x53\x63";

/// A request, and the acknowledgement of a router.
const SAMPLE: Sample = Sample {
    context: Context { originator_port: 68, responder_port: 67, from_start: true },
    pushes: &[
        (Direction::Originator, include_bytes!("../samples/dhcp-request.bin")),
        (Direction::Responder, include_bytes!("../samples/dhcp-ack.bin")),
    ],
};

/// Firmware that boots from the network.
const NETWORK_BOOT: Sample = Sample {
    context: Context { originator_port: 68, responder_port: 67, from_start: true },
    pushes: &[(Direction::Originator, include_bytes!("../samples/dhcp-network-boot.bin"))],
};

fn probe(context: &Context, _: Direction, bytes: &[u8]) -> Verdict {
    let matches = (context.has_port(67) || context.has_port(68))
        && matches!(bytes, [1 | 2, ..])
        && bytes.get(236..240) == Some(MAGIC);
    if matches { Verdict::Match } else { Verdict::NoMatch }
}

struct Dhcp;

impl Dissect for Dhcp {
    fn push(&mut self, direction: Direction, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Need {
        if let Chunk::Data(bytes) = chunk
            && let Ok(message) = Message::new(bytes)
        {
            observe(&message, bytes, direction, sink);
        }
        Need::More
    }
}

fn observe(message: &Message<'_>, bytes: &[u8], direction: Direction, sink: &mut dyn Sink) {
    let Some(client_mac) = bytes.get(28..34).and_then(|octets| octets.try_into().ok()).map(MacAddress) else { return };
    let is_request = matches!(bytes, [1, ..]);
    let mut lease = Lease {
        client_mac,
        message_type: 0,
        address: None,
        requested: None,
        assigned: None,
        message: None,
        host_name: None,
        domain: None,
        vendor_class: None,
        parameters: None,
        router: None,
        prefix_len: None,
        transaction: message.xid(),
        lease_s: None,
    };
    let (mut host_name, mut domain, mut vendor_class, mut reason) = (None, None, None, None);
    let (mut parameters, mut client_name, mut requested) = (None, None, None);
    let (mut unique_id, mut machine_uuid) = (None, None);
    // What a relay passes on comes from an address that is not the client's (RFC 2131 s. 4.1: `giaddr`).
    let is_relayed = bytes.get(24..28).is_some_and(|relay| relay != [0; 4]);
    let (mut client_id, mut user_class, mut architecture, mut enterprise_class) = (None, None, None, None);
    for option in message.opts() {
        let data = option.data();
        match u8::from(option.code()) {
            1 => lease.prefix_len = number(data).map(u32::leading_ones).and_then(|ones| u8::try_from(ones).ok()),
            3 => lease.router = data.first_chunk().map(|&octets: &[u8; 4]| Ipv4Addr::from(octets).into()),
            12 => host_name = text(data),
            15 => domain = text(data),
            50 => requested = number(data).map(Ipv4Addr::from),
            51 => lease.lease_s = number(data),
            53 => lease.message_type = data.first().copied().unwrap_or(0),
            55 => parameters = Some(data.iter().map(u8::to_string).collect::<Vec<_>>().join(",")),
            56 => reason = text(data),
            60 => vendor_class = text(data),
            61 => {
                client_id = identifier_kind(data);
                let duid = data.strip_prefix(&[255]).and_then(|rest| rest.get(4..));
                unique_id = duid.filter(|_| !is_relayed).and_then(dhcpv6::digits);
            }
            97 if !is_relayed => machine_uuid = uuid(data),
            77 => user_class = user_classes(data),
            93 => architecture = data.first_chunk().map(|&code: &[u8; 2]| system_of(u16::from_be_bytes(code))),
            124 => enterprise_class = enterprise_classes(data),
            81 => client_name = full_name(data),
            _ => {}
        }
    }
    if lease.message_type == 0 {
        return;
    }
    lease.requested = requested.filter(|_| is_request).map(IpAddr::V4);
    lease.assigned = Some(message.yiaddr()).filter(|given| !is_request && !given.is_unspecified()).map(IpAddr::V4);
    lease.message = reason.as_deref();
    lease.address = [Some(message.yiaddr()), requested, Some(message.ciaddr())]
        .into_iter()
        .flatten()
        .find(|address| !address.is_unspecified())
        .map(IpAddr::V4);
    lease.host_name = host_name.as_deref().filter(|_| is_request);
    lease.domain = domain.as_deref();
    lease.vendor_class = vendor_class.as_deref();
    lease.parameters = parameters.as_deref();
    let mut say = |field, value: Value<'_>| sink.observe(Observation { field, direction, value });
    say(&LEASE, Value::Lease(lease));
    // Servers send some of these options back.
    if is_request {
        let said = [
            (&REQUEST_LIST, &parameters),
            (&VENDOR_CLASS, &vendor_class),
            (&HOST_NAME, &host_name),
            (&CLIENT_NAME, &client_name),
            (&CLIENT_ID, &client_id),
            (&UNIQUE_ID, &unique_id),
            (&MACHINE_UUID, &machine_uuid),
            (&USER_CLASS, &user_class),
            (&ARCHITECTURE, &architecture),
            (&ENTERPRISE_CLASS, &enterprise_class),
        ];
        for (field, value) in said {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                say(field, Value::Text(value));
            }
        }
    }
}

fn number(data: &[u8]) -> Option<u32> {
    data.try_into().ok().map(u32::from_be_bytes)
}

/// Some senders end their strings with a zero byte (RFC 2132 s. 2 says to accept that).
fn text(data: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(data);
    let text = text.trim_end_matches('\0');
    (!text.is_empty()).then(|| text.to_owned())
}

/// The kind of a client identifier; `None` for a link address, which says nothing that the message does not say anyway.
fn identifier_kind(data: &[u8]) -> Option<String> {
    match data {
        [] => None,
        // An association's number stands before the identifier (RFC 4361 s. 6.1).
        [255, _, _, _, _, kind @ ..] => Some(match kind {
            [0, 1, ..] => "DUID-LLT".to_owned(),
            [0, 2, a, b, c, d, ..] => format!("DUID-EN {}", u32::from_be_bytes([*a, *b, *c, *d])),
            [0, 3, ..] => "DUID-LL".to_owned(),
            [0, 4, ..] => "DUID-UUID".to_owned(),
            _ => "DUID of another kind".to_owned(),
        }),
        [1, address @ ..] if address.len() == 6 => None,
        [kind, ..] => Some(format!("type {kind}")),
    }
}

/// A UUID that is not all zeros or all ones, as some firmware has it.
fn uuid(data: &[u8]) -> Option<String> {
    let [0, uuid @ ..] = data else { return None };
    let says_something = uuid.len() == 16 && uuid.iter().any(|byte| *byte != 0) && uuid.iter().any(|byte| *byte != 255);
    says_something.then(|| dhcpv6::digits(uuid)).flatten()
}

/// Instances, each behind its length; some clients send one text without a length.
fn user_classes(data: &[u8]) -> Option<String> {
    let mut classes = Vec::new();
    let mut rest = data;
    while let Some((&len, behind)) = rest.split_first() {
        let Some((class, next)) = behind.split_at_checked(len.into()).filter(|_| len > 0) else { return text(data) };
        classes.extend(text(class));
        rest = next;
    }
    (!classes.is_empty()).then(|| classes.join(" "))
}

/// IANA, "Processor Architecture Types" (RFC 5970 s. 3.3).
fn system_of(code: u16) -> String {
    match code {
        0 => "x86 BIOS".to_owned(),
        6 => "x86 UEFI".to_owned(),
        7 | 9 => "x86-64 UEFI".to_owned(),
        10 => "ARM UEFI".to_owned(),
        11 => "ARM64 UEFI".to_owned(),
        15 => "x86 UEFI over HTTP".to_owned(),
        16 => "x86-64 UEFI over HTTP".to_owned(),
        19 => "ARM64 UEFI over HTTP".to_owned(),
        _ => format!("architecture {code}"),
    }
}

/// Enterprise numbers and their data, which is opaque but mostly text.
fn enterprise_classes(data: &[u8]) -> Option<String> {
    let mut classes = Vec::new();
    let mut rest = data;
    while let Some((number, behind)) = rest.split_first_chunk::<4>()
        && let Some((&len, behind)) = behind.split_first()
    {
        let (class, next) = behind.split_at_checked(len.into()).unwrap_or((behind, &[]));
        // Within it each class stands behind its length (RFC 3925 s. 3).
        let inner = user_classes(class).unwrap_or_default();
        classes.push(format!("{} {inner}", u32::from_be_bytes(*number)).trim_end().to_owned());
        rest = next;
    }
    (!classes.is_empty()).then(|| classes.join(", "))
}

/// Flags, two unused bytes, then labels (flag E) or plain text (RFC 4702 s. 2.2 and 2.3.1).
fn full_name(data: &[u8]) -> Option<String> {
    let (&[flags, _, _], mut rest) = data.split_first_chunk()?;
    if flags & 0b100 == 0 {
        return text(rest);
    }
    let mut labels = Vec::new();
    while let Some((&len, after)) = rest.split_first()
        && len > 0
    {
        let (label, after) = after.split_at_checked(len.into()).unwrap_or((after, &[]));
        labels.push(String::from_utf8_lossy(label));
        rest = after;
    }
    (!labels.is_empty()).then(|| labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::{enterprise_classes, identifier_kind, system_of, user_classes};

    #[test]
    fn an_identifier_is_told_by_its_kind_and_never_by_what_it_identifies() {
        assert_eq!(identifier_kind(&[1, 2, 0, 0x5e, 0, 1, 1]), None, "a link address");
        assert_eq!(identifier_kind(b"\xff\0\0\0\x01\0\x02\0\0\xab\x11secret").as_deref(), Some("DUID-EN 43793"));
        assert_eq!(identifier_kind(b"\xff\0\0\0\x01\0\x01\0\x01secret").as_deref(), Some("DUID-LLT"));
        assert_eq!(identifier_kind(b"\0secret").as_deref(), Some("type 0"));
        assert_eq!((identifier_kind(b""), identifier_kind(b"\xff\0").as_deref()), (None, Some("type 255")));
    }

    #[test]
    fn classes_are_texts_behind_their_lengths_or_one_without() {
        assert_eq!(user_classes(b"\x04iPXE\x02ab").as_deref(), Some("iPXE ab"));
        assert_eq!(user_classes(b"RRAS.Microsoft").as_deref(), Some("RRAS.Microsoft"));
        assert_eq!(user_classes(b""), None);
        assert_eq!(enterprise_classes(b"\0\0\x11\x8b\x0a\x09docsis3.0").as_deref(), Some("4491 docsis3.0"));
        assert_eq!(enterprise_classes(b"\0\0\x01\x37\0\0\0\0\x09\x02\x01x").as_deref(), Some("311, 9 x"));
        assert_eq!(enterprise_classes(b"\0\0\x01"), None);
        assert_eq!((system_of(7), system_of(99)), ("x86-64 UEFI".to_owned(), "architecture 99".to_owned()));
    }
}
