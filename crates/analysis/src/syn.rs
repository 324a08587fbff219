//! SYN and SYN-ACK segments by their layout: how often each, and the first as it stood.

use std::collections::HashMap;

use firstlight_knowledge as knowledge;
use firstlight_model::{Ip, Tcp, TcpFlags};

use crate::connection::Seen;
use crate::tally::{Speaker, Tally};
use crate::{limits, syn_remarks};

/// Longest options (RFC 9293 s. 3.1: data offset of 15 words).
const OPTIONS_LEN_MAX: usize = 40;

/// What two segments of one layout share; sequence numbers, time stamps and identifications do not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SynKey {
    pub speaker: Speaker,
    pub is_syn_ack: bool,
    fixed: [u8; 12],
    options: [u8; OPTIONS_LEN_MAX],
    options_len: u8,
}

/// The first segment of a layout, and how many there were.
#[derive(Debug, Clone)]
pub(crate) struct SynSeen {
    pub count: u64,
    pub first: Seen,
    pub ip: Ip,
    pub header: Tcp<'static>,
    pub options: Vec<u8>,
}

impl SynSeen {
    /// The segment, with its options.
    pub(crate) fn tcp(&self) -> Tcp<'_> {
        Tcp { options: &self.options, ..self.header }
    }
}

/// All layouts.
#[derive(Debug, Clone, Default)]
pub(crate) struct SynLayouts {
    layouts: HashMap<SynKey, SynSeen, foldhash::fast::RandomState>,
}

impl SynLayouts {
    /// Adds those of another; gives where the layouts were first seen that go beyond the limit.
    #[must_use]
    pub(crate) fn merge(&mut self, other: Self) -> Vec<Seen> {
        let mut left_out = Vec::new();
        let mut layouts: Vec<_> = other.layouts.into_iter().collect();
        layouts.sort_unstable_by(|a, b| (a.1.first, &a.0).cmp(&(b.1.first, &b.0)));
        for (key, more) in layouts {
            if let Some(mine) = self.layouts.get_mut(&key) {
                let count = mine.count + more.count;
                if more.first < mine.first {
                    *mine = more;
                }
                mine.count = count;
            } else if self.layouts.len() < limits::SYN_LAYOUTS {
                self.layouts.insert(key, more);
            } else {
                left_out.push(more.first);
            }
        }
        left_out
    }

    /// In order of the key.
    pub(crate) fn sorted(&self) -> Vec<(&SynKey, &SynSeen)> {
        let mut list: Vec<_> = self.layouts.iter().collect();
        list.sort_by(|a, b| (a.1.first, a.0).cmp(&(b.1.first, b.0)));
        list
    }
}

/// A SYN as the book of known ones describes them; `options` is its [`syn_remarks::layout`].
pub(crate) fn layout<'a>(seen: &SynSeen, options: &'a str) -> knowledge::SynLayout<'a> {
    let tcp = seen.tcp();
    knowledge::SynLayout {
        hop_limit: syn_remarks::initial_hop_limit(&seen.ip),
        window: tcp.window,
        options,
        window_scale: syn_remarks::window_scale(&tcp),
        ecn: syn_remarks::has_ecn_setup(&tcp),
    }
}

impl Tally {
    /// Takes note of a SYN or SYN-ACK.
    pub fn syn(&mut self, speaker_mac: Option<firstlight_model::MacAddress>, ip: &Ip, tcp: &Tcp<'_>, seen: Seen) {
        let speaker = Speaker { address: ip.source, mac: speaker_mac };
        if !self.ip_ids.add(speaker, ip, tcp, seen) {
            self.anomaly("sighting_limit", None, seen);
        }
        let key = key(speaker, ip, tcp);
        if let Some(known) = self.syns.layouts.get_mut(&key) {
            known.count += 1;
            if seen < known.first {
                *known = SynSeen { count: known.count, ..first(ip, tcp, seen) };
            }
            return;
        }
        if self.syns.layouts.len() >= limits::SYN_LAYOUTS {
            self.anomaly("syn_layout_limit", None, seen);
            return;
        }
        self.syns.layouts.insert(key, first(ip, tcp, seen));
    }
}

fn first(ip: &Ip, tcp: &Tcp<'_>, seen: Seen) -> SynSeen {
    let header = Tcp { options: &[], payload: &[], ..*tcp };
    SynSeen { count: 1, first: seen, ip: *ip, header, options: tcp.options.to_vec() }
}

fn key(speaker: Speaker, ip: &Ip, tcp: &Tcp<'_>) -> SynKey {
    let [window_high, window_low] = tcp.window.to_be_bytes();
    let [flags_high, flags_low] = tcp.flags.0.to_be_bytes();
    let mut options = [0; OPTIONS_LEN_MAX];
    let len = tcp.options.len().min(OPTIONS_LEN_MAX);
    for (slot, byte) in options.iter_mut().zip(tcp.options) {
        *slot = *byte;
    }
    blank_time_stamps(&mut options, len);
    SynKey {
        speaker,
        is_syn_ack: tcp.flags.has(TcpFlags::ACK),
        fixed: [
            u8::from(ip.source.is_ipv4()),
            ip.hop_limit,
            ip.traffic_class,
            u8::from(ip.dont_fragment) | u8::from(ip.id == 0) << 1 | u8::from(ip.reserved_flag) << 2,
            u8::from(ip.flow_label == 0) | u8::from(tcp.sequence == 0) << 1 | u8::from(tcp.acknowledgment == 0) << 2,
            u8::try_from(ip.options_len).unwrap_or(u8::MAX),
            window_high,
            window_low,
            flags_high,
            flags_low,
            u8::from(tcp.payload_len > 0),
            u8::from(tcp.urgent > 0),
        ],
        options,
        options_len: u8::try_from(len).unwrap_or(u8::MAX),
    }
}

/// Keeps of time stamps (RFC 7323 s. 3) whether they are zero.
fn blank_time_stamps(options: &mut [u8; OPTIONS_LEN_MAX], len: usize) {
    let mut at = 0;
    while at < len {
        let Some(&kind) = options.get(at) else { return };
        if kind == 0 {
            return;
        }
        if kind == 1 {
            at += 1;
            continue;
        }
        let size = options.get(at + 1).map_or(0, |size| usize::from(*size));
        if size < 2 {
            return;
        }
        if kind == 8 && size == 10 {
            for field in [at + 2, at + 6] {
                if let Some(bytes) = options.get_mut(field..field + 4) {
                    let is_zero = bytes.iter().all(|byte| *byte == 0);
                    bytes.fill(u8::from(!is_zero));
                }
            }
        }
        at += size;
    }
}
