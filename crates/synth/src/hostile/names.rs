//! Too many names, addresses and machines, and names that point at themselves.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};

use firstlight_model::{EtherType, MacAddress, TcpFlags};

use super::{Case, Sheet, far, me, near, port};
use crate::bytes::Put;
use crate::dhcp;
use crate::dns::{Data, Message, kind};
use crate::http::Request;
use crate::ip::set_u16;
use crate::random::Random;
use crate::tls::hello::ClientHello;
use crate::{arp, mdns};

pub(super) const CASES: &[Case] = &[
    Case { name: "dns-pointer-loops", anomalies: &["dns.malformed"], stops: false, write: pointer_loops },
    Case { name: "dns-pointer-chains", anomalies: &["dns.malformed"], stops: false, write: pointer_chains },
    Case { name: "dns-names", anomalies: &["look_up_limit", "answer_limit"], stops: false, write: dns_names },
    Case { name: "dns-aliases", anomalies: &["alias_limit"], stops: false, write: dns_aliases },
    Case { name: "mdns-names", anomalies: &["answer_limit"], stops: false, write: mdns_names },
    Case { name: "server-names", anomalies: &["connection_limit"], stops: false, write: server_names },
    Case { name: "http-hosts", anomalies: &["exchange_limit"], stops: false, write: http_hosts },
    Case { name: "dhcp-clients", anomalies: &["lease_limit"], stops: false, write: dhcp_clients },
    Case { name: "arp-senders", anomalies: &["sighting_limit"], stops: false, write: arp_senders },
    Case { name: "link-addresses", anomalies: &["other_frame_limit"], stops: false, write: link_addresses },
    Case { name: "link-addresses-ip", anomalies: &["connection_limit"], stops: false, write: link_addresses_ip },
];

fn resolver() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), 53))
}

/// Answers whose names are pointers to themselves, or two and two to each other.
fn pointer_loops(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    const ANSWERS: u16 = 100;
    const ANSWER_LEN: u16 = 16;
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 10 {
        let mut message = Message { id: 1, flags: 0x8180, ..Message::default() }.to_bytes();
        set_u16(&mut message, 4, 1);
        set_u16(&mut message, 6, ANSWERS);
        message.put(&[1, b'a', 0, 0, 1, 0, 1]);
        let first = crate::bytes::len_u16(message.len());
        for at in 0..ANSWERS {
            let to = if n % 2 == 0 { at } else { at ^ 1 };
            message.put_u16(0xc000 | (first + to * ANSWER_LEN));
            message.put(&[0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 18, 0, 1]);
        }
        sheet.udp(resolver(), me(port(n)), &message)?;
    }
    Ok(())
}

/// Each name points to the one before it, which does so too.
fn pointer_chains(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let mut message = Message { id: 1, flags: 0x8180, ..Message::default() }.to_bytes();
    set_u16(&mut message, 6, 100);
    let mut last = message.len();
    message.put(&[1, b'a', 0, 0, 16, 0, 1, 0, 0, 0, 60, 255, 255]);
    let data_at = message.len();
    for _ in 0..6_000 {
        let here = message.len();
        let [high, low] = u16::try_from(last).expect("below 16,384").to_be_bytes();
        message.put(&[1, b'b', 0xc0 | high, low]);
        last = here;
        if here > 16_000 {
            break;
        }
    }
    let len = crate::bytes::len_u16(message.len() - data_at);
    set_u16(&mut message, data_at - 2, len);
    let [high, low] = u16::try_from(last).expect("below 16,384").to_be_bytes();
    for _ in 0..99 {
        message.put(&[0xc0 | high, low, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 18, 0, 1]);
    }
    for n in 0..scale / 100 {
        sheet.udp(resolver(), me(port(n)), &message)?;
    }
    Ok(())
}

fn dns_names(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        let query = Message::query(1, &format!("host-{n}.a-long-label-to-take-room.example"), kind::A);
        let reply = query.resolved(&[], &[Ipv4Addr::from_bits(0x0b00_0000 + n).into()]);
        sheet.udp(me(port(n)), resolver(), &query.to_bytes())?;
        sheet.udp(resolver(), me(port(n)), &reply.to_bytes())?;
    }
    Ok(())
}

/// Chains of aliases, each name of them new.
fn dns_aliases(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale / 5 {
        let names: Vec<String> = (0..6).map(|at| format!("alias-{n}-{at}.example")).collect();
        let aliases: Vec<&str> = names.iter().map(String::as_str).collect();
        let query = Message::query(1, &format!("asked-{n}.example"), kind::A);
        let reply = query.resolved(&aliases, &[Ipv4Addr::new(198, 18, 0, 1).into()]);
        sheet.udp(resolver(), me(port(n)), &reply.to_bytes())?;
    }
    Ok(())
}

/// Eight devices in each message, none of them twice.
fn mdns_names(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let to = SocketAddr::from((Ipv4Addr::new(224, 0, 0, 251), 5353));
    for n in 0..scale / 8 {
        let devices = (0..8).map(|at| {
            let n = n * 8 + at;
            (format!("device-{n}.local"), Data::A(Ipv4Addr::from_bits(0x0a00_0000 + n)))
        });
        let from = SocketAddr::new(near(n).ip(), 5353);
        sheet.udp(from, to, &mdns::announcement(devices).to_bytes())?;
    }
    Ok(())
}

fn server_names(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let mut random = Random::new(1);
    for n in 0..scale {
        let (from, to) = (me(port(n)), far(n / 60_000, 443));
        let hello = ClientHello::simple(&mut random, &format!("host-{n}.example"));
        sheet.tcp(from, to, n, TcpFlags::SYN, &[])?;
        sheet.tcp(from, to, n + 1, TcpFlags::ACK, &hello.to_bytes())?;
    }
    Ok(())
}

fn http_hosts(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        let (from, to) = (me(port(n)), far(n / 60_000, 80));
        let request = Request::get(&format!("host-{n}.example"), &format!("/{n}"));
        sheet.tcp(from, to, n, TcpFlags::SYN, &[])?;
        sheet.tcp(from, to, n + 1, TcpFlags::ACK, &request.to_bytes())?;
    }
    Ok(())
}

fn mac(n: u32) -> MacAddress {
    let [a, b, c, d] = n.to_be_bytes();
    MacAddress([2, 1, a, b, c, d])
}

fn dhcp_clients(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    let [from, to] = [(Ipv4Addr::UNSPECIFIED, 68), (Ipv4Addr::BROADCAST, 67)].map(SocketAddr::from);
    for n in 0..scale {
        let options = vec![(53, vec![1]), (55, vec![1, 3, 6]), (12, format!("client-{n}").into_bytes())];
        let message = dhcp::Message {
            operation: 1,
            transaction: n,
            seconds: 0,
            client: Ipv4Addr::UNSPECIFIED,
            yours: Ipv4Addr::UNSPECIFIED,
            mac: mac(n),
            options,
        };
        sheet.mac = mac(n);
        sheet.udp(from, to, &message.to_bytes())?;
    }
    Ok(())
}

fn arp_senders(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        let message = arp::Message {
            operation: 2,
            sender_mac: mac(n),
            sender: Ipv4Addr::from_bits(0x0a00_0000 + n),
            target_mac: super::ROUTER,
            target: Ipv4Addr::new(10, 0, 0, 1),
        };
        sheet.mac = mac(n);
        sheet.link(EtherType::ARP, &message.to_bytes())?;
    }
    Ok(())
}

/// Frames of nothing that is read, as one that floods the table of a switch sends them.
fn link_addresses(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        sheet.mac = mac(n);
        sheet.link(EtherType(0x88b5), &[0; 46])?;
    }
    Ok(())
}

fn link_addresses_ip(out: &mut dyn Write, scale: u32) -> io::Result<()> {
    let mut sheet = Sheet::begin(out)?;
    for n in 0..scale {
        sheet.mac = mac(n);
        sheet.udp(near(n % 64), far(n, port(n)), b"hello")?;
    }
    Ok(())
}
