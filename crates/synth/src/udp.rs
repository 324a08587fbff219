//! UDP (RFC 768): single datagrams, and exchanges between two ports.

use firstlight_model::Transport;

use crate::bytes::{Put, len_u16};
use crate::checksum;
use crate::host::Host;
use crate::ip::{Header, set_u16};
use crate::traffic::Traffic;

/// Datagrams to and fro between two ports.
#[derive(Debug, Clone)]
pub struct Exchange {
    originator: Host,
    responder: Host,
    /// Port of the originator.
    pub source_port: u16,
    /// Port of the responder.
    pub destination_port: u16,
    /// Payload bytes sent by the originator.
    pub payload_out: u64,
    /// Payload bytes sent by the responder.
    pub payload_in: u64,
    /// Time from a question to its answer in nanoseconds.
    pub round_trip_ns: u64,
}

impl Exchange {
    /// A datagram from the originator.
    pub fn send(&mut self, traffic: &mut Traffic, payload: &[u8]) {
        self.payload_out += payload.len() as u64;
        traffic.datagram(&self.originator, self.source_port, &self.responder, self.destination_port, payload);
        traffic.wait_ns(20_000);
    }

    /// A datagram from the responder, a round trip later.
    pub fn receive(&mut self, traffic: &mut Traffic, payload: &[u8]) {
        self.payload_in += payload.len() as u64;
        traffic.wait_ns(self.round_trip_ns);
        traffic.datagram(&self.responder, self.destination_port, &self.originator, self.source_port, payload);
        traffic.wait_ns(20_000);
    }
}

impl Traffic {
    /// An exchange from an ephemeral port; nothing is sent yet.
    pub fn udp(&mut self, originator: &Host, responder: &Host, destination_port: u16) -> Exchange {
        let source_port = self.ephemeral_port();
        self.udp_from(originator, source_port, responder, destination_port)
    }

    /// An exchange from a given port; nothing is sent yet.
    pub fn udp_from(
        &mut self,
        originator: &Host,
        source_port: u16,
        responder: &Host,
        destination_port: u16,
    ) -> Exchange {
        Exchange {
            originator: originator.clone(),
            responder: responder.clone(),
            source_port,
            destination_port,
            payload_out: 0,
            payload_in: 0,
            round_trip_ns: 12_000_000,
        }
    }

    /// One datagram at the clock's time.
    pub fn datagram(&mut self, from: &Host, source_port: u16, to: &Host, destination_port: u16, payload: &[u8]) {
        let header = self.header(from, to, Transport::UDP);
        self.datagram_with(from, source_port, to, destination_port, payload, &header);
    }

    /// One datagram under a header of one's own.
    pub fn datagram_with(
        &mut self,
        from: &Host,
        source_port: u16,
        to: &Host,
        destination_port: u16,
        payload: &[u8],
        header: &Header,
    ) {
        let mut datagram = Vec::with_capacity(8 + payload.len());
        datagram.put_u16(source_port);
        datagram.put_u16(destination_port);
        datagram.put_u16(len_u16(8 + payload.len()));
        datagram.put_u16(0);
        datagram.put(payload);
        let value = checksum::transport(from.checksums, header.source, header.destination, Transport::UDP, &datagram);
        set_u16(&mut datagram, 6, value);
        self.packet(from, to, header, &datagram);
    }
}
