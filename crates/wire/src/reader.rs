//! The packet as it is being understood. Layers write into it what they learn; the innermost one that was whole stays.

use firstlight_model::{EtherType, Layer, Layers, Link, MacAddress, Network, Packet, Segment, Stop, StopCause};

use crate::rest::Rest;

/// Tunnels within tunnels that are still opened.
pub(crate) const TUNNEL_LIMIT: u8 = 8;

/// A packet of which nothing is understood yet.
#[inline]
pub(crate) fn nothing<'a>(link: Link, layers: Layers) -> Packet<'a> {
    Packet {
        layers,
        link,
        network: Network::None,
        segment: Segment::None,
        transport_bytes: &[],
        transport_len: 0,
        stop: None,
    }
}

/// A packet under way.
pub(crate) struct Reader<'p, 'a> {
    /// What is understood so far.
    pub(crate) packet: &'p mut Packet<'a>,
    /// Tunnels entered.
    tunnels: u8,
}

impl<'p, 'a> Reader<'p, 'a> {
    /// Reads on from what `packet` has.
    #[inline]
    pub(crate) fn new(packet: &'p mut Packet<'a>) -> Self {
        let tunnels = packet.layers.as_slice().iter().filter(|layer| layer.is_tunnel()).count();
        Self { packet, tunnels: u8::try_from(tunnels).unwrap_or(u8::MAX) }
    }

    /// Notes a layer whose header was read; false when there are too many, and reading has to stop.
    #[inline]
    pub(crate) fn enter(&mut self, layer: Layer, rest: Rest<'a>) -> bool {
        let entered = self.packet.layers.push(layer);
        if !entered {
            self.too_deep(layer, rest);
        }
        entered
    }

    /// As `enter`, for a layer that carries a network of its own.
    pub(crate) fn enter_tunnel(&mut self, layer: Layer, rest: Rest<'a>) -> bool {
        self.open_tunnel(layer, rest) && self.enter(layer, rest)
    }

    /// Counts a tunnel whose layer is noted elsewhere; false when there are too many, and reading has to stop.
    pub(crate) fn open_tunnel(&mut self, layer: Layer, rest: Rest<'a>) -> bool {
        if self.tunnels >= TUNNEL_LIMIT {
            self.too_deep(layer, rest);
            return false;
        }
        self.tunnels += 1;
        true
    }

    /// True inside of a tunnel, where link addresses are no longer those of the machine's own link.
    #[inline]
    pub(crate) fn in_tunnel(&self) -> bool {
        self.tunnels > 0
    }

    /// Link addresses, kept when they are the outermost.
    #[inline]
    pub(crate) fn addresses(&mut self, source: Option<MacAddress>, destination: Option<MacAddress>) {
        let in_tunnel = self.in_tunnel();
        let link = &mut self.packet.link;
        if !in_tunnel && link.source.is_none() && link.destination.is_none() {
            link.source = source;
            link.destination = destination;
        }
    }

    /// What the link carries; the innermost link has the last word.
    #[inline]
    pub(crate) fn carries(&mut self, ether_type: u16) {
        self.packet.link.ether_type = Some(EtherType(ether_type));
    }

    /// The header of `layer` takes `needed` bytes and they are not there: cut by the capture or by a length field.
    #[cold]
    pub(crate) fn short(&mut self, layer: Layer, rest: Rest<'a>, needed: u32) {
        let (have, cause) =
            if needed > rest.len { (rest.len, StopCause::Declared) } else { (rest.captured(), StopCause::Captured) };
        self.stop(Stop { layer, offset: rest.offset, needed, have, cause });
    }

    /// What the link carries is no network layer: its bytes are kept for who can read them.
    #[cold]
    pub(crate) fn keep(&mut self, rest: Rest<'a>) {
        if matches!(self.packet.network, Network::None) {
            self.packet.transport_bytes = rest.data;
            self.packet.transport_len = rest.len;
        }
    }

    /// `number` says what follows in `layer`, and we do not read it.
    #[cold]
    pub(crate) fn unsupported(&mut self, layer: Layer, rest: Rest<'a>, number: u32) {
        self.stop_at(layer, rest, number, StopCause::Unsupported);
    }

    /// A field of `layer` has the value `found`, which the standard forbids.
    #[cold]
    pub(crate) fn invalid(&mut self, layer: Layer, rest: Rest<'a>, found: u32) {
        self.stop_at(layer, rest, found, StopCause::Invalid);
    }

    /// What `layer` carries is encrypted.
    #[cold]
    pub(crate) fn encrypted(&mut self, layer: Layer, rest: Rest<'a>) {
        self.stop_at(layer, rest, 0, StopCause::Encrypted);
    }

    /// More layers or tunnels than we follow.
    #[cold]
    fn too_deep(&mut self, layer: Layer, rest: Rest<'a>) {
        self.stop_at(layer, rest, 0, StopCause::TooDeep);
    }

    #[cold]
    fn stop_at(&mut self, layer: Layer, rest: Rest<'a>, needed: u32, cause: StopCause) {
        self.stop(Stop { layer, offset: rest.offset, needed, have: rest.captured(), cause });
    }

    /// The first stop is the one that counts.
    #[cold]
    pub(crate) fn stop(&mut self, stop: Stop) {
        self.packet.stop.get_or_insert(stop);
    }
}
