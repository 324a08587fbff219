//! Tunnels: packets within packets. What says by a protocol number what it carries is opened; what runs over UDP is
//! opened only when the headers inside bear out that it is what its port suggests, and is a plain datagram otherwise.

pub(crate) mod capwap;
pub(crate) mod erspan;
pub(crate) mod geneve;
pub(crate) mod gre;
pub(crate) mod gtp;
pub(crate) mod ip_in_ip;
pub(crate) mod l2tp;
pub(crate) mod teredo;
pub(crate) mod vxlan;

use firstlight_model::Layer;

use crate::link::mpls;
use crate::reader::Reader;
use crate::rest::Rest;

/// Looks for a tunnel in the payload of a UDP datagram; leaves the datagram as it is when there is none.
#[inline]
pub(crate) fn read_over_udp<'a>(
    reader: &mut Reader<'_, 'a>,
    source_port: u16,
    destination_port: u16,
    payload: Rest<'a>,
) {
    // Answers of some tunnels come from the port; where both ends have one, the receiver's says what it expects.
    let port = if is_tunnel_port(destination_port) { destination_port } else { source_port };
    match port {
        4789 => vxlan::read(reader, payload),
        8472 => vxlan::read_strictly(reader, payload),
        4790 => vxlan::read_gpe(reader, payload),
        6081 => geneve::read(reader, payload),
        2152 => gtp::read(reader, payload),
        5247 => capwap::read(reader, payload),
        1701 => l2tp::read(reader, payload),
        4754 => gre::read_over_udp(reader, payload),
        // RFC 7510; the label stack is the layer that is noted.
        6635 => {
            if mpls::is_plausible(payload) && reader.open_tunnel(Layer::Mpls, payload) {
                mpls::read(reader, payload);
            }
        }
        // Teredo clients talk to each other on ports of their own choice.
        _ => teredo::read(reader, payload),
    }
}

/// True when [`read_over_udp`] would look inside.
#[inline]
pub(crate) fn is_candidate(source_port: u16, destination_port: u16, payload: &[u8]) -> bool {
    is_tunnel_port(destination_port) || is_tunnel_port(source_port) || teredo::is_candidate(payload)
}

/// True for the registered ports (and 8472, Linux' first for VXLAN) of the tunnels that are told by them.
#[inline]
fn is_tunnel_port(port: u16) -> bool {
    matches!(port, 1701 | 2152 | 4754 | 4789 | 4790 | 5247 | 6081 | 6635 | 8472)
}
