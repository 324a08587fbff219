//! Blocks of pcapng that hold no frame (draft-ietf-opsawg-pcapng-04 s. 4): interface descriptions, name resolution,
//! interface statistics, decryption secrets; and the options of all blocks (s. 3.5). What is malformed within a block
//! ends the reading of that block, never of the file.

use std::net::{Ipv4Addr, Ipv6Addr};

use firstlight_model::capture::CaptureInfo;
use firstlight_model::{LinkType, Timestamp};

use super::{Interface, TimeScale, option};
use crate::bytes::ByteOrder;
use crate::notes::Notes;

/// Most interfaces in a section: far more than any capture has, and 3 MiB of memory.
const MAX_INTERFACES: usize = 1 << 16;

/// A section: what holds until the next one.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) order: ByteOrder,
    pub(super) interfaces: Vec<Interface>,
}

impl Section {
    /// Describes one more interface.
    pub(super) fn interface(
        &mut self,
        body: &[u8],
        last: Option<Timestamp>,
        notes: &mut Notes,
        info: &mut CaptureInfo,
    ) -> Result<(), String> {
        let order = self.order;
        let (Some(link_type), Some(snap_len)) = (order.u16_at(body, 0), order.u32_at(body, 4)) else {
            return Err("an interface description without its fixed fields".to_owned());
        };
        if self.interfaces.len() == MAX_INTERFACES {
            return Err(format!("more than {MAX_INTERFACES} interfaces"));
        }
        let (mut tsresol, mut offset_s) = (6, 0);
        for (code, value) in options(order, body.get(8..).unwrap_or_default()) {
            match code {
                option::COMMENT => notes.comment(info, last, value),
                option::IF_TSRESOL => tsresol = value.first().copied().unwrap_or(tsresol),
                option::IF_TSOFFSET => offset_s = order.u64_at(value, 0).map_or(offset_s, u64::cast_signed),
                _ => {}
            }
        }
        let scale = match (tsresol, offset_s) {
            (6, 0) => TimeScale::MICROSECONDS,
            _ => TimeScale::new(tsresol, offset_s),
        };
        let link_type = LinkType(u32::from(link_type));
        notes.interface(info, link_type, snap_len, scale.decimals);
        self.interfaces.push(Interface { link_type, snap_len, scale, dropped: None, dropped_before: 0 });
        Ok(())
    }

    /// Names of addresses (s. 4.5).
    pub(super) fn names(&self, body: &[u8], last: Option<Timestamp>, notes: &mut Notes, info: &mut CaptureInfo) {
        let mut rest = body;
        while let Some((kind, value, after)) = record(self.order, rest) {
            rest = after;
            match kind {
                0 => break,
                1 => {
                    if let Some((&address, names)) = value.split_first_chunk::<4>() {
                        notes.names(&Ipv4Addr::from(address), names);
                    }
                }
                2 => {
                    if let Some((&address, names)) = value.split_first_chunk::<16>() {
                        notes.names(&Ipv6Addr::from(address), names);
                    }
                }
                3 => {
                    if let Some((&address, names)) = value.split_first_chunk::<6>() {
                        notes.names(&firstlight_model::MacAddress(address), names);
                    }
                }
                _ => {}
            }
        }
        for (code, value) in options(self.order, rest) {
            if code == option::COMMENT {
                notes.comment(info, last, value);
            }
        }
    }

    /// Counters of an interface since it was opened (s. 4.6); the latest ones hold.
    pub(super) fn statistics(
        &mut self,
        body: &[u8],
        last: Option<Timestamp>,
        notes: &mut Notes,
        info: &mut CaptureInfo,
    ) {
        let order = self.order;
        let Some(interface) = order.u32_at(body, 0) else { return };
        let mut dropped: Option<u64> = None;
        for (code, value) in options(order, body.get(12..).unwrap_or_default()) {
            match code {
                option::COMMENT => notes.comment(info, last, value),
                option::ISB_IFDROP | option::ISB_OSDROP => {
                    if let Some(count) = order.u64_at(value, 0) {
                        dropped = Some(dropped.unwrap_or_default().saturating_add(count));
                    }
                }
                _ => {}
            }
        }
        if let (Some(dropped), Some(interface)) = (dropped, self.interfaces.get_mut(interface as usize)) {
            interface.dropped = Some(dropped);
        }
    }

    /// Secrets for decryption (s. 4.7).
    pub(super) fn secrets(&self, body: &[u8], notes: &mut Notes, info: &mut CaptureInfo) {
        let (Some(kind), Some(len)) = (self.order.u32_at(body, 0), self.order.u32_at(body, 4)) else { return };
        let data = body.get(8..).unwrap_or_default();
        notes.secrets(info, kind, data.get(..len as usize).unwrap_or(data));
    }

    /// Adds up what its interfaces dropped: by their statistics, or else by their packets.
    pub(super) fn end(&mut self, info: &mut CaptureInfo) {
        for interface in &mut self.interfaces {
            let by_packets = Some(interface.dropped_before).filter(|&count| count > 0);
            interface.dropped_before = 0;
            if let Some(dropped) = interface.dropped.take().or(by_packets) {
                info.drops = Some(info.drops.unwrap_or_default().saturating_add(dropped));
            }
        }
    }
}

/// Type, value, and what follows after the padding; `None` at the end or where the length lies.
fn record(order: ByteOrder, bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (kind, len) = (order.u16_at(bytes, 0)?, usize::from(order.u16_at(bytes, 2)?));
    let value = bytes.get(4..4 + len)?;
    Some((kind, value, bytes.get(4 + len.next_multiple_of(4)..).unwrap_or_default()))
}

/// The options of a block, up to the end mark.
pub(super) fn options(order: ByteOrder, bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (code, value, after) = record(order, rest)?;
        rest = after;
        (code != 0).then_some((code, value))
    })
}
