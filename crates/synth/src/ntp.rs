//! NTP version 4, client and server (RFC 5905 s. 7.3).

use firstlight_model::Timestamp;

use crate::bytes::Put;
use crate::host::Host;
use crate::traffic::Traffic;

/// Seconds from 1900 to 1970.
const ERA: i64 = 2_208_988_800;

fn put_time(out: &mut Vec<u8>, time: Timestamp) {
    let seconds = time.as_ns().div_euclid(1_000_000_000) + ERA;
    let ns = time.as_ns().rem_euclid(1_000_000_000);
    // Era 0 ends in 2036; the field wraps around.
    out.put_u32(u32::try_from(seconds.rem_euclid(1 << 32)).unwrap_or(0));
    out.put_u32(u32::try_from((ns << 32) / 1_000_000_000).unwrap_or(u32::MAX));
}

/// A client's request, sent at `time`.
pub fn request(time: Timestamp) -> Vec<u8> {
    let mut out = vec![0x23, 0, 6, 0xec];
    out.put(&[0; 36]);
    put_time(&mut out, time);
    out
}

/// A stratum 1 server's answer to a request that was sent at `origin` and came in at `received`.
pub fn response(origin: Timestamp, received: Timestamp) -> Vec<u8> {
    let mut out = vec![0x24, 1, 6, 0xec];
    out.put_u32(0);
    out.put_u32(0x10);
    out.put(b"GPSs");
    put_time(&mut out, received.plus_ns(-8_000_000_000));
    put_time(&mut out, origin);
    put_time(&mut out, received);
    put_time(&mut out, received.plus_ns(30_000));
    out
}

impl Traffic {
    /// One request from an ephemeral port and its answer. Returns that port.
    pub fn ntp(&mut self, client: &Host, server: &Host) -> u16 {
        let origin = self.now();
        let mut exchange = self.udp(client, server, 123);
        exchange.send(self, &request(origin));
        let received = origin.plus_ns(6_000_000);
        exchange.receive(self, &response(origin, received));
        exchange.source_port
    }
}
