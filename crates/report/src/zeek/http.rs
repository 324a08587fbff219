//! http.log: a line for each request with its answer.

use firstlight_model::{Conversation, Exchange, Timestamp};

use super::row::Cell;
use super::{Files, Log, ends};

pub(super) const LOG: Log = Log {
    name: "http",
    columns: &[
        ("ts", "time"),
        ("uid", "string"),
        ("id.orig_h", "addr"),
        ("id.orig_p", "port"),
        ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
        ("trans_depth", "count"),
        ("method", "string"),
        ("host", "string"),
        ("uri", "string"),
        ("referrer", "string"),
        ("version", "string"),
        ("user_agent", "string"),
        ("origin", "string"),
        ("request_body_len", "count"),
        ("response_body_len", "count"),
        ("status_code", "count"),
        ("status_msg", "string"),
        ("info_code", "count"),
        ("info_msg", "string"),
        ("tags", "set[enum]"),
        ("username", "string"),
        ("password", "string"),
        ("proxied", "set[string]"),
        ("orig_fuids", "vector[string]"),
        ("orig_filenames", "vector[string]"),
        ("orig_mime_types", "vector[string]"),
        ("resp_fuids", "vector[string]"),
        ("resp_filenames", "vector[string]"),
        ("resp_mime_types", "vector[string]"),
    ],
};

/// `depth` counts the exchanges of the conversation from 1.
pub(super) fn write(
    talk: &Conversation<'_>,
    time: Timestamp,
    depth: u64,
    exchange: &Exchange<'_>,
    files: &mut Files<'_>,
) {
    let time = exchange.begun.map_or(time, |(begun, _)| begun);
    let [ts, uid, from, from_port, to, to_port] = ends(talk, time);
    let cells = [
        ts,
        uid,
        from,
        from_port,
        to,
        to_port,
        Cell::Count(depth),
        Cell::maybe(exchange.method),
        Cell::maybe(exchange.host),
        Cell::maybe(exchange.path),
        Cell::maybe(exchange.referrer),
        Cell::maybe(exchange.version),
        Cell::maybe(exchange.user_agent),
        Cell::maybe(exchange.origin),
        Cell::Count(exchange.body_out),
        Cell::Count(exchange.body_in),
        Cell::count(exchange.status.map(u64::from)),
        Cell::maybe(exchange.reason),
        Cell::Unset,
        Cell::Unset,
        Cell::Texts(Vec::new()),
        Cell::Unset,
        Cell::Unset,
        Cell::Unset,
        Cell::Unset,
        Cell::Unset,
        Cell::Unset,
        Cell::Unset,
        Cell::Unset,
        Cell::Unset,
    ];
    files.line(&LOG, time, &cells);
}
