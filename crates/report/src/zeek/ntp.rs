//! ntp.log: a line for each message in modes 1 to 5.

use std::net::Ipv4Addr;

use firstlight_model::{Conversation, TimeMessage, Timestamp};

use super::row::Cell;
use super::{Files, Log, ends};

pub(super) const LOG: Log = Log {
    name: "ntp",
    columns: &[
        ("ts", "time"),
        ("uid", "string"),
        ("id.orig_h", "addr"),
        ("id.orig_p", "port"),
        ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
        ("version", "count"),
        ("mode", "count"),
        ("stratum", "count"),
        ("poll", "interval"),
        ("precision", "interval"),
        ("root_delay", "interval"),
        ("root_disp", "interval"),
        ("ref_id", "string"),
        ("ref_time", "time"),
        ("org_time", "time"),
        ("rec_time", "time"),
        ("xmt_time", "time"),
        ("num_exts", "count"),
    ],
};

pub(super) fn write(talk: &Conversation<'_>, time: Timestamp, message: &TimeMessage, files: &mut Files<'_>) {
    let [ts, uid, from, from_port, to, to_port] = ends(talk, time);
    let short = |fixed: u32| Cell::Seconds(f64::from(fixed) / 65_536.0);
    let power = |exponent: i8| Cell::Seconds(2_f64.powi(exponent.into()));
    let cells = [
        ts,
        uid,
        from,
        from_port,
        to,
        to_port,
        Cell::Count(message.version.into()),
        Cell::Count(message.mode.into()),
        Cell::Count(message.stratum.into()),
        power(message.poll),
        power(message.precision),
        short(message.root_delay),
        short(message.root_dispersion),
        Cell::text(reference_id(message)),
        stamp(message.reference),
        stamp(message.origin),
        stamp(message.receive),
        stamp(message.transmit),
        // What stands behind the header may be extensions or authentication.
        Cell::count((message.extra_len_bytes == 0).then_some(0)),
    ];
    files.line(&LOG, time, &cells);
}

/// A code of four bytes for strata 0 and 1, else an address.
fn reference_id(message: &TimeMessage) -> String {
    if message.stratum > 1 {
        return Ipv4Addr::from(message.reference_id).to_string();
    }
    message.reference_id.iter().map(|byte| char::from(*byte)).collect()
}

/// Seconds since 1970 of a time stamp since 1900, in era 0 (RFC 5905 s. 6); none at all stays none.
fn stamp(fixed: u64) -> Cell<'static> {
    const FROM_1900_TO_1970_S: f64 = 2_208_988_800.0;
    const FRACTION: f64 = 4_294_967_296.0;
    if fixed == 0 {
        return Cell::Seconds(0.0);
    }
    Cell::Seconds((fixed >> 32) as f64 - FROM_1900_TO_1970_S + (fixed & 0xffff_ffff) as f64 / FRACTION)
}
