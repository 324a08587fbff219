//! What a SYN or SYN+ACK says, one by one, so that two can be compared in words.

use firstlight_model::report::SynFacts;
use firstlight_model::{Ip, Tcp};

use crate::syn_remarks;

/// The facts of a segment; `signature` is its raw signature by p0f, which says what the window is a multiple of.
pub(crate) fn facts(ip: &Ip, tcp: &Tcp<'_>, signature: &str) -> SynFacts {
    let is_v4 = ip.source.is_ipv4();
    // Version, hop limit, length of IP options, MSS, window and scale, …
    let window = signature.split(':').nth(4).and_then(|window| window.split(',').next()).unwrap_or_default();
    SynFacts {
        ip_version: if is_v4 { 4 } else { 6 },
        hop_limit: ip.hop_limit,
        initial_hop_limit: syn_remarks::initial_hop_limit(ip),
        window: tcp.window,
        window_multiple: window.contains('*').then(|| window.to_owned()),
        mss: syn_remarks::mss(tcp),
        window_scale: syn_remarks::window_scale(tcp),
        options: syn_remarks::layout(tcp),
        ecn: syn_remarks::has_ecn_setup(tcp),
        dont_fragment: !is_v4 || ip.dont_fragment,
        zero_identification: is_v4.then_some(ip.id == 0),
        fast_open: syn_remarks::has_fast_open(tcp),
        multipath: syn_remarks::is_multipath(tcp),
        data: tcp.payload_len > 0,
    }
}
