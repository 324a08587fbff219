//! Writes a large capture for benchmarks: `make-large FILE [MEGABYTES]`, by default 1100, and prints the truth about it
//! as one line of JSON.
//!
//! An office of forty machines works through one long day: leases, look-ups, TLS and HTTP of all sizes, the time, mDNS.
//! The servers lie in 198.18.0.0/15, the network for benchmarks (RFC 2544). Conversations overlap, frames are whole
//! and in the order of time, and the file is the same each time. It is written minute by minute: no more than what a
//! minute leaves over is kept. Leaves out loss and all that goes wrong on the wire.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use firstlight_model::{MacAddress, Timestamp};
use firstlight_synth::certificate::Certificate;
use firstlight_synth::dhcp::{Client, Lease};
use firstlight_synth::dns::{Data, kind};
use firstlight_synth::http::{Request, Response};
use firstlight_synth::mdns;
use firstlight_synth::tls::hello::ClientHello;
use firstlight_synth::tls::session::Answer;
use firstlight_synth::write::{self, Order, Resolution};
use firstlight_synth::{Host, OwnedFrame, Random, Stack, Traffic, tls};

const MACHINES: u8 = 40;
const SITES: u16 = 300;
const ACTS_PER_MINUTE: u64 = 60;
/// 2026-01-05 08:00:00 UTC.
const START_S: i64 = 1_767_600_000;
const PCAP_HEADER: usize = 24;

/// Names that many machines ask for; all other sites are made up.
const KNOWN: [&str; 12] = [
    "www.apple.com",
    "swscan.apple.com",
    "gspe21-ssl.ls.apple.com",
    "www.google.com",
    "fonts.gstatic.com",
    "clients4.google.com",
    "www.microsoft.com",
    "settings-win.data.microsoft.com",
    "login.live.com",
    "detectportal.firefox.com",
    "api.github.com",
    "deb.debian.org",
];

/// What the file holds, counted while it is made.
#[derive(Default)]
struct Truth {
    packets: u64,
    wire_bytes: u64,
    dns_queries: u64,
    tcp_connections: u64,
}

struct Site {
    name: String,
    alias: Option<String>,
    host: Host,
    chain: Vec<Vec<u8>>,
}

struct Office {
    machines: Vec<Host>,
    router: Host,
    sites: Vec<Site>,
    random: Random,
    truth: Truth,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("a file to write is missing\nhint: make-large FILE [MEGABYTES]");
        return ExitCode::from(2);
    };
    let megabytes = arguments.next().map_or(Some(1_100), |text| text.to_str().and_then(|text| text.parse().ok()));
    let Some(megabytes) = megabytes else {
        eprintln!("the size is not a number\nhint: make-large FILE [MEGABYTES]");
        return ExitCode::from(2);
    };
    match File::create(&path).and_then(|file| write_day(BufWriter::new(file), megabytes * 1_000_000)) {
        Ok(truth) => {
            println!(
                r#"{{"packets":{},"wire_bytes":{},"dns_queries":{},"tcp_connections":{}}}"#,
                truth.packets, truth.wire_bytes, truth.dns_queries, truth.tcp_connections
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot write {}: {error}\nhint: it needs {megabytes} MB of free space", path.display());
            ExitCode::from(2)
        }
    }
}

/// Writes whole minutes until the file has the size.
fn write_day(mut out: impl Write, size: u64) -> std::io::Result<Truth> {
    let mut office = Office::new();
    let mut written = 0;
    let mut later: Vec<OwnedFrame> = Vec::new();
    let mut next_port = None;
    for minute in 0.. {
        let start = Timestamp::from_parts(START_S + minute * 60, 0);
        let mut t = Traffic::new(start).with_seed(office.random.next_u64());
        // Ports go on where the minute before left off.
        while next_port.is_some_and(|port| t.ephemeral_port() != port) {}
        t.extend(std::mem::take(&mut later));
        office.minute(&mut t, start, minute == 0);
        next_port = Some(t.ephemeral_port());
        let mut frames = t.into_frames();
        if written < size {
            let end = start.plus_ns(60_000_000_000);
            later = frames.split_off(frames.partition_point(|frame| frame.time < end));
        }
        office.truth.packets += frames.len() as u64;
        office.truth.wire_bytes += frames.iter().map(|frame| u64::from(frame.original_len)).sum::<u64>();
        let bytes = write::pcap(&frames, Order::Little, Resolution::Microseconds);
        let bytes = if minute == 0 { bytes.as_slice() } else { bytes.get(PCAP_HEADER..).unwrap_or(&[]) };
        out.write_all(bytes)?;
        if written >= size {
            break;
        }
        written += bytes.len() as u64;
    }
    out.flush()?;
    Ok(office.truth)
}

impl Office {
    fn new() -> Self {
        let mut random = Random::new(2_544);
        let router = Host::new(Traffic::ROUTER_MAC, [10, 18, 0, 1]);
        let machines = (0..MACHINES).map(|number| {
            let stack = match number % 3 {
                0 => Stack::macos_10_15(),
                1 => Stack::windows_10(),
                _ => Stack::linux(),
            };
            Host::new(MacAddress([0x02, 0, 0, 0x18, 0, number]), [10, 18, 1, 10 + number]).with_stack(stack)
        });
        let machines = machines.collect();
        let sites = (0..SITES).map(|number| Site::new(number, &mut random)).collect();
        Self { machines, router, sites, random, truth: Truth::default() }
    }

    fn minute(&mut self, t: &mut Traffic, start: Timestamp, first: bool) {
        if first {
            for number in 0..self.machines.len() {
                t.at(start.plus_ns(i64::try_from(number).unwrap_or(0) * 200_000_000));
                self.boot(t, number);
            }
        }
        for _ in 0..ACTS_PER_MINUTE {
            // In the first minute machines boot first.
            let from = if first { 20_000_000_000 } else { 0 };
            let offset = self.random.between(from, 60_000_000_000);
            t.at(start.plus_ns(i64::try_from(offset).unwrap_or(0)));
            let number = usize::try_from(self.random.between(0, u64::from(MACHINES))).unwrap_or(0);
            match self.random.between(0, 100) {
                0 => self.boot(t, number),
                1..5 => self.time(t, number),
                5..12 => self.wrong_name(t, number),
                12..30 => self.http(t, number),
                _ => self.tls(t, number),
            }
        }
    }

    fn machine(&self, number: usize) -> Host {
        self.machines.get(number).expect("the number counts machines").clone()
    }

    fn boot(&mut self, t: &mut Traffic, number: usize) {
        let machine = self.machine(number);
        let address = machine.v4.unwrap_or(Ipv4Addr::UNSPECIFIED);
        let lease = Lease {
            address,
            mask: Ipv4Addr::new(255, 255, 0, 0),
            router: Ipv4Addr::new(10, 18, 0, 1),
            dns: vec![Ipv4Addr::new(10, 18, 0, 1)],
            domain: Some("office.example".to_owned()),
            seconds: 86_400,
        };
        let name = format!("desk-{number}");
        t.dhcp_reboot(&machine, &Client::macos_10_15(&name), &self.router, &lease);
        t.arp_resolve(&machine, &self.router);
        t.mdns(&machine, &mdns::announcement([(format!("{name}.local"), Data::A(address))]));
        t.mdns(&machine, &mdns::question(&["_airplay._tcp.local", "_ipp._tcp.local"], kind::PTR));
    }

    fn time(&mut self, t: &mut Traffic, number: usize) {
        let server = Host::new(Traffic::ROUTER_MAC, [198, 18, 255, 123]).with_hop_limit(52);
        let address = [server.v4.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4)];
        let machine = self.machine(number);
        t.dns_lookup(&machine, &self.router, "time.apple.com", &[], &address);
        t.ntp(&machine, &server);
        self.truth.dns_queries += 1;
    }

    fn wrong_name(&mut self, t: &mut Traffic, number: usize) {
        let name = format!("host{}.office.example", self.random.between(0, 500));
        let machine = self.machine(number);
        t.dns_no_such_name(&machine, &self.router, &name, kind::AAAA);
        self.truth.dns_queries += 1;
    }

    /// A site, more often one of the first, after its address was asked for.
    fn resolve(&mut self, t: &mut Traffic, machine: &Host) -> usize {
        let below = self.random.between(1, u64::from(SITES));
        let number = usize::try_from(self.random.between(0, below)).unwrap_or(0);
        let site = self.sites.get(number).expect("the number counts sites");
        let alias: Vec<&str> = site.alias.iter().map(String::as_str).collect();
        let address = site.host.v4.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4);
        t.dns_lookup(machine, &self.router, &site.name, &alias, &[address]);
        self.truth.dns_queries += 1;
        number
    }

    /// Sizes from 128 bytes to 256 kB, each power of two as often as any other.
    fn size(&mut self) -> usize {
        let low = 1 << self.random.between(7, 18);
        usize::try_from(self.random.between(low, low * 2)).unwrap_or(0)
    }

    fn tls(&mut self, t: &mut Traffic, number: usize) {
        let machine = self.machine(number);
        let site = self.resolve(t, &machine);
        let visits = 1 + self.random.between(0, 3);
        for _ in 0..visits {
            let (sent, got) = (self.size() / 16, self.size());
            let version = self.random.between(0, 4);
            let site = self.sites.get(site).expect("it was resolved");
            let answer = match version {
                0 => Answer::tls_1_2(site.chain.clone()),
                1 => Answer::tls_1_2(Vec::new()),
                _ => Answer::tls_1_3(site.chain.clone()),
            };
            let hello = ClientHello::macos_10_15(t.random(), &site.name, &["h2", "http/1.1"]);
            let mut c = t.tcp(&machine, &site.host, 443);
            c.tls(t, &hello, &answer);
            c.send(t, &tls::application_data(sent));
            c.receive(t, &tls::application_data(got));
            c.close(t);
            self.truth.tcp_connections += 1;
        }
    }

    fn http(&mut self, t: &mut Traffic, number: usize) {
        let machine = self.machine(number);
        let site = self.resolve(t, &machine);
        let got = self.size();
        let path = format!("/files/{}.bin", self.random.between(0, 10_000));
        let site = self.sites.get(site).expect("it was resolved");
        let request = Request::get(&site.name, &path).header("User-Agent", "office/1.0");
        let mut c = t.tcp(&machine, &site.host, 80);
        c.send(t, &request.to_bytes());
        c.receive(t, &Response::ok("application/octet-stream", &vec![0xa5; got]).to_bytes());
        c.close(t);
        self.truth.tcp_connections += 1;
    }
}

impl Site {
    fn new(number: u16, random: &mut Random) -> Self {
        let known = KNOWN.get(usize::from(number)).map(|name| (*name).to_owned());
        let name = known.unwrap_or_else(|| format!("www.site-{number}.example"));
        let [high, low] = number.to_be_bytes();
        let authority = Certificate::authority(random, "Office CA", "Office").to_der();
        Self {
            alias: number.is_multiple_of(3).then(|| format!("edge-{number}.cdn.example")),
            host: Host::new(Traffic::ROUTER_MAC, [198, 18, high, low]).with_hop_limit(52).with_stack(Stack::linux()),
            chain: vec![Certificate::server(random, &name).to_der(), authority],
            name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PCAP_HEADER, write_day};

    #[test]
    fn frames_follow_each_other_and_are_as_many_as_counted() {
        let mut file = Vec::new();
        let truth = write_day(&mut file, 3_000_000).expect("memory takes it");
        assert!(file.len() > 3_000_000, "{}", file.len());
        let (mut at, mut packets, mut bytes, mut last) = (PCAP_HEADER, 0, 0, (0, 0));
        while at < file.len() {
            let field = |n: usize| u32::from_le_bytes(file[at + n..at + n + 4].try_into().unwrap());
            let time = (field(0), field(4));
            assert!(time >= last, "frame {packets} goes back in time");
            last = time;
            assert_eq!(field(8), field(12), "frames are whole");
            packets += 1;
            bytes += u64::from(field(12));
            at += 16 + field(8) as usize;
        }
        assert_eq!((packets, bytes), (truth.packets, truth.wire_bytes));
        assert!(truth.tcp_connections > 20 && truth.dns_queries > 20);
    }

    #[test]
    fn the_same_file_comes_out_each_time() {
        let [mut a, mut b] = [Vec::new(), Vec::new()];
        write_day(&mut a, 100_000).expect("memory takes it");
        write_day(&mut b, 100_000).expect("memory takes it");
        assert!(a == b);
    }
}
