//! DHCP for IPv4 on ports 67 and 68 (RFC 2131, RFC 2132): leases, and what clients say of themselves.
//!
//! The options are read as they stand, by `dhcproto`'s borrowed view: its owned one gives a message up for one odd option
//! and takes the length of some options from the standard instead of from the wire. Left out: BOOTP without a message
//! type, options in the `sname` and `file` fields (option 52), relay information.

use std::net::{IpAddr, Ipv4Addr};

use dhcproto::v4::borrowed::Message;
use firstlight_model::{Direction, Field, Lease, MacAddress, Observation, Role, Value};

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

/// DHCP.
pub static DISSECTOR: Dissector = Dissector {
    name: "dhcp",
    carrier: Carrier::Udp,
    encrypted: Some(false),
    fields: &[&LEASE, &REQUEST_LIST, &VENDOR_CLASS, &HOST_NAME, &CLIENT_NAME],
    samples: &[SAMPLE],
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
        host_name: None,
        domain: None,
        vendor_class: None,
        parameters: None,
        router: None,
        prefix_len: None,
        transaction: message.xid(),
        lease_s: None,
    };
    let (mut host_name, mut domain, mut vendor_class) = (None, None, None);
    let (mut parameters, mut client_name, mut requested) = (None, None, None);
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
            60 => vendor_class = text(data),
            81 => client_name = full_name(data),
            _ => {}
        }
    }
    if lease.message_type == 0 {
        return;
    }
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
