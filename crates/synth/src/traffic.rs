//! The stage that made traffic is played on: a clock, a generator, an encapsulation, and the frames so far.
//!
//! Each protocol adds its own methods in its own file.

use std::net::IpAddr;

use firstlight_model::{EtherType, LinkType, MacAddress, Timestamp, Transport};

use crate::bytes::len_u32;
use crate::frame::OwnedFrame;
use crate::host::Host;
use crate::ip::Header;
use crate::link::Encapsulation;
use crate::random::Random;

/// Made traffic and the clock that it runs by.
///
/// Every frame is captured at the clock's time. Methods that play an exchange move the clock on; [`Traffic::at`] sets
/// it, also backwards, so that conversations may run side by side: [`Traffic::into_frames`] sorts by time.
#[derive(Debug, Clone)]
pub struct Traffic {
    now: Timestamp,
    frames: Vec<OwnedFrame>,
    encapsulation: Encapsulation,
    snap_len: Option<usize>,
    mtu: Option<usize>,
    comment: Option<String>,
    random: Random,
    next_port: u16,
    padded: Vec<MacAddress>,
}

impl Traffic {
    /// The router that hosts made by [`Traffic::remote`] are behind.
    pub const ROUTER_MAC: MacAddress = MacAddress([0x02, 0x00, 0x5e, 0x10, 0x00, 0x01]);

    /// Nothing yet; the clock stands at `start`. Ethernet, whole frames, seed 1.
    pub fn new(start: Timestamp) -> Self {
        Self {
            now: start,
            frames: Vec::new(),
            encapsulation: Encapsulation::Ethernet,
            snap_len: None,
            mtu: None,
            comment: None,
            random: Random::new(1),
            next_port: 49_152,
            padded: Vec::new(),
        }
    }

    /// The same with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.random = Random::new(seed);
        self
    }

    /// The same in other frames.
    #[must_use]
    pub fn with_encapsulation(mut self, encapsulation: Encapsulation) -> Self {
        self.encapsulation = encapsulation;
        self
    }

    /// Frames from now on are put in this.
    pub fn encapsulate(&mut self, encapsulation: Encapsulation) {
        self.encapsulation = encapsulation;
    }

    /// Frames from now on are cut after so many bytes; `None`: whole.
    pub fn snap_len(&mut self, snap_len: Option<usize>) {
        self.snap_len = snap_len;
    }

    /// Packets from now on that are longer than this go out in fragments; `None`: never.
    pub fn fragment_at(&mut self, mtu: Option<usize>) {
        self.mtu = mtu;
    }

    /// Frames of this sender are padded with zeros to the 60 bytes that Ethernet asks for, as frames are that came over
    /// a wire. Those that leave the capturing machine are not.
    pub fn pad_frames_of(&mut self, sender: MacAddress) {
        self.padded.push(sender);
    }

    /// The next frame carries this comment.
    pub fn comment(&mut self, text: impl Into<String>) {
        self.comment = Some(text.into());
    }

    /// The clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sets the clock, forwards or backwards.
    pub fn at(&mut self, time: Timestamp) {
        self.now = time;
    }

    /// Moves the clock on by nanoseconds.
    pub fn wait_ns(&mut self, ns: u64) {
        self.now = self.now.plus_ns(i64::try_from(ns).expect("a wait is shorter than 292 years"));
    }

    /// Moves the clock on by milliseconds.
    pub fn wait_ms(&mut self, ms: u64) {
        self.wait_ns(ms * 1_000_000);
    }

    /// Moves the clock on by seconds.
    pub fn wait_s(&mut self, s: u64) {
        self.wait_ns(s * 1_000_000_000);
    }

    /// The generator, for identifiers of one's own.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// The next ephemeral port, 49152 to 65535 and round again.
    pub fn ephemeral_port(&mut self) -> u16 {
        let port = self.next_port;
        self.next_port = port.checked_add(1).unwrap_or(49_152);
        port
    }

    /// A host on this link, by its address; its link address is made from it.
    ///
    /// # Panics
    /// When the text is not an address.
    #[track_caller]
    pub fn host(&self, address: &str) -> Host {
        let address = parse(address);
        let last = match address {
            IpAddr::V4(v4) => v4.octets(),
            IpAddr::V6(v6) => {
                let [.., a, b, c, d] = v6.octets();
                [a, b, c, d]
            }
        };
        let [a, b, c, d] = last;
        Host::new(MacAddress([0x02, 0x11, a, b, c, d]), address)
    }

    /// A host beyond the router, 12 hops away.
    ///
    /// # Panics
    /// When the text is not an address.
    #[track_caller]
    pub fn remote(&self, address: &str) -> Host {
        Host::new(Self::ROUTER_MAC, parse(address)).with_hop_limit(52)
    }

    /// Captures a link-layer payload at the clock's time, which stands still.
    pub fn link(&mut self, source: MacAddress, destination: MacAddress, ether_type: EtherType, packet: &[u8]) {
        if let Some(mut data) = self.encapsulation.wrap(source, destination, ether_type, packet) {
            if self.padded.contains(&source) && self.encapsulation.link_type() == LinkType::ETHERNET {
                data.resize(data.len().max(60), 0);
            }
            self.frame(data);
        }
    }

    /// Captures any bytes as a frame of the present encapsulation's link type.
    pub fn frame(&mut self, data: Vec<u8>) {
        self.frames.push(OwnedFrame {
            time: self.now,
            link_type: self.encapsulation.link_type(),
            original_len: len_u32(data.len()),
            data: match self.snap_len {
                Some(limit) => data.get(..limit).map_or_else(|| data.clone(), <[u8]>::to_vec),
                None => data,
            },
            comment: self.comment.take(),
        });
    }

    /// Captures an IP packet, or its fragments, at the clock's time.
    pub fn packet(&mut self, from: &Host, to: &Host, header: &Header, payload: &[u8]) {
        for packet in header.packets(payload, self.mtu) {
            self.link(from.mac, to.mac, header.ether_type(), &packet);
        }
    }

    /// The header of a packet between two hosts, without DF and with an identification of its own.
    pub fn header(&mut self, from: &Host, to: &Host, protocol: Transport) -> Header {
        let (source, destination) = from.addresses_to(to);
        let identification = u32::from(self.random.next_u16());
        Header { hop_limit: from.hop_limit, identification, ..Header::new(source, destination, protocol) }
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The frames so far in the order in which they were made.
    pub fn as_made(&self) -> &[OwnedFrame] {
        &self.frames
    }

    /// The frames sorted by time; those of one time in the order in which they were made.
    pub fn frames(&self) -> Vec<OwnedFrame> {
        self.clone().into_frames()
    }

    /// The frames sorted by time; those of one time in the order in which they were made.
    pub fn into_frames(self) -> Vec<OwnedFrame> {
        let mut frames = self.frames;
        frames.sort_by_key(|frame| frame.time);
        frames
    }

    /// Adds the frames of others, which may be later or earlier.
    pub fn extend(&mut self, frames: impl IntoIterator<Item = OwnedFrame>) {
        self.frames.extend(frames);
    }
}

#[track_caller]
fn parse(address: &str) -> IpAddr {
    match address.parse() {
        Ok(address) => address,
        Err(_) => panic!("not an address: {address}"),
    }
}
