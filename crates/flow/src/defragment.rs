//! Datagrams out of fragments (RFC 791 s. 3.2, RFC 8200 s. 4.5).
//!
//! Bytes that came first stay where fragments overlap. The frames of a datagram are counted with it.

use std::net::IpAddr;

use firstlight_model::{Fragment, FrameRef, Ip, Layers, Link, Packet, Timestamp, Transport};
use hashbrown::HashMap;

use crate::limits::Limits;
use crate::table::Cost;

/// A piece of a datagram, with all that is needed to read it again.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub cost: Cost,
    pub link: Link,
    pub layers: Layers,
    pub ip: Ip,
    pub bytes: Box<[u8]>,
    pub len: u32,
}

/// What identifies a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    transport: Transport,
    id: u32,
}

/// A whole datagram, or what there is of one.
#[derive(Debug)]
pub(crate) struct Datagram {
    /// The first piece by offset, or else the first that came; its `ip` describes the datagram.
    pub link: Link,
    pub layers: Layers,
    pub ip: Ip,
    /// Contiguous bytes from the start; empty when the first fragment is missing.
    pub payload: Vec<u8>,
    /// Its length on the wire, which is more where fragments were cut off by the snap length.
    pub len: u32,
    /// All its frames.
    pub cost: Cost,
    /// All of it was there.
    pub is_whole: bool,
    /// Fragments overlapped with other content.
    pub overlaps: bool,
}

/// Datagrams under way.
#[derive(Debug, Default)]
pub struct Defragmenter {
    pending: HashMap<Key, Vec<Piece>, foldhash::fast::FixedState>,
    bytes: usize,
}

/// A datagram is at most so long (RFC 791, RFC 8200: 16-bit lengths).
const DATAGRAM_LEN_MAX: u64 = 65_535;

impl Defragmenter {
    /// Adds a fragment; gives the datagram that it completes, or one that had to make room for it.
    pub(crate) fn push(
        &mut self,
        cost: Cost,
        packet: &Packet<'_>,
        ip: &Ip,
        fragment: Fragment,
        limits: &Limits,
    ) -> Option<Datagram> {
        let key = Key { source: ip.source, destination: ip.destination, transport: ip.transport, id: fragment.id };
        let piece = Piece {
            cost,
            link: packet.link,
            layers: packet.layers,
            ip: *ip,
            bytes: packet.transport_bytes.into(),
            len: packet.transport_len,
        };
        self.bytes += piece.bytes.len();
        let pieces = self.pending.entry(key).or_default();
        pieces.push(piece);
        if is_whole(pieces) {
            return self.take(key, true);
        }
        if self.pending.len() > limits.datagrams || self.bytes > limits.fragments_total_bytes {
            let oldest = self.pending.iter().filter_map(|(key, pieces)| Some((pieces.first()?.cost.order(), *key)));
            let oldest = oldest.min_by_key(|(order, _)| *order).map(|(_, key)| key);
            return oldest.and_then(|key| self.take(key, false));
        }
        None
    }

    /// Gives up the datagrams whose first fragment came before `deadline`, oldest first.
    pub(crate) fn expire(&mut self, deadline: Timestamp) -> Vec<Datagram> {
        let mut keys: Vec<((Timestamp, FrameRef), Key)> = self
            .pending
            .iter()
            .filter_map(|(key, pieces)| Some((pieces.first()?.cost.order(), *key)))
            .filter(|((time, _), _)| *time < deadline)
            .collect();
        keys.sort_unstable_by_key(|(order, _)| *order);
        keys.into_iter().filter_map(|(_, key)| self.take(key, false)).collect()
    }

    /// Takes out all pieces, in the order in which they came.
    pub(crate) fn take_pieces(&mut self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = self.pending.drain().flat_map(|(_, pieces)| pieces).collect();
        pieces.sort_by_key(|piece| piece.cost.order());
        self.bytes = 0;
        pieces
    }

    fn take(&mut self, key: Key, is_whole: bool) -> Option<Datagram> {
        let mut pieces = self.pending.remove(&key)?;
        self.bytes -= pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>();
        pieces.sort_by_key(|piece| (offset(piece), piece.cost.order()));
        let mut cost = pieces.first()?.cost;
        for piece in pieces.iter().skip(1) {
            cost.add(&piece.cost);
        }
        let first = pieces.first()?;
        let mut payload = Vec::new();
        let mut overlaps = false;
        for piece in &pieces {
            let Ok(at) = usize::try_from(offset(piece)) else { continue };
            if at > payload.len() {
                break;
            }
            let known = payload.len() - at;
            overlaps |= payload
                .get(at..)
                .is_some_and(|there| !piece.bytes.starts_with(there) && !there.starts_with(&piece.bytes));
            payload.extend_from_slice(piece.bytes.get(known..).unwrap_or(&[]));
        }
        let header_len = first.ip.total_len.saturating_sub(first.len);
        let end = pieces.iter().map(|piece| offset(piece) + u64::from(piece.len)).max()?.min(DATAGRAM_LEN_MAX);
        let mut ip = first.ip;
        let len = u32::try_from(end).expect("at most 65,535");
        ip.total_len = header_len + len;
        if offset(first) == 0 {
            ip.fragment = None;
        } else {
            payload.clear();
        }
        Some(Datagram { link: first.link, layers: first.layers, ip, payload, len, cost, is_whole, overlaps })
    }
}

fn offset(piece: &Piece) -> u64 {
    piece.ip.fragment.map_or(0, |fragment| u64::from(fragment.offset))
}

/// Is every byte from 0 to the end of the last fragment there?
fn is_whole(pieces: &[Piece]) -> bool {
    let is_last = |piece: &&Piece| piece.ip.fragment.is_some_and(|fragment| !fragment.more);
    let Some(end) = pieces.iter().find(is_last).map(|piece| offset(piece) + u64::from(piece.len)) else { return false };
    let mut reached = 0;
    while reached < end {
        let further = pieces
            .iter()
            .filter(|piece| offset(piece) <= reached)
            .map(|piece| offset(piece) + u64::from(piece.len))
            .max()
            .unwrap_or(0);
        if further <= reached {
            return false;
        }
        reached = further;
    }
    true
}
