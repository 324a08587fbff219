//! How far a connection came, in Zeek's words (Zeek documentation, `Conn::Info$conn_state`).

use firstlight_model::{Direction, Transport};

use crate::table::Flow;
use crate::tcp::TcpState;

/// Zeek's conn_state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "`text` has the words")]
pub enum ConnState {
    S0,
    S1,
    Sf,
    Rej,
    S2,
    S3,
    Rsto,
    Rstr,
    Rstos0,
    Rstrh,
    Sh,
    Shr,
    Oth,
}

impl ConnState {
    /// As Zeek writes it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::S0 => "S0",
            Self::S1 => "S1",
            Self::Sf => "SF",
            Self::Rej => "REJ",
            Self::S2 => "S2",
            Self::S3 => "S3",
            Self::Rsto => "RSTO",
            Self::Rstr => "RSTR",
            Self::Rstos0 => "RSTOS0",
            Self::Rstrh => "RSTRH",
            Self::Sh => "SH",
            Self::Shr => "SHR",
            Self::Oth => "OTH",
        }
    }

    /// The connection was asked for, but never came about.
    pub const fn is_failed(self) -> bool {
        matches!(self, Self::S0 | Self::Rej | Self::Rstos0 | Self::Sh)
    }

    /// The state of a flow as far as it has been seen.
    pub fn of<U>(flow: &Flow<U>) -> Self {
        match (flow.key.transport(), &flow.tcp) {
            (Transport::TCP, Some(tcp)) => of_tcp(tcp),
            (Transport::UDP, _) => {
                let sent = |direction| flow.half(direction).packets > 0;
                match (sent(Direction::Originator), sent(Direction::Responder)) {
                    (true, true) => Self::Sf,
                    (true, false) => Self::S0,
                    (false, true) => Self::Shr,
                    (false, false) => Self::Oth,
                }
            }
            _ => Self::Oth,
        }
    }
}

/// One side of a TCP connection, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Nothing, or no SYN, was seen of it.
    Inactive,
    /// It has sent a SYN.
    SynSent,
    Established,
    Closed,
    Reset,
}

fn of_tcp(tcp: &TcpState) -> ConnState {
    let [originator, responder] = [Direction::Originator, Direction::Responder].map(|direction| side(tcp, direction));
    let empty = tcp.halves.iter().all(|half| half.coverage.total() == 0);
    match (originator, responder) {
        (Side::SynSent, Side::Reset) => ConnState::Rej,
        (Side::Reset, Side::Reset) if empty => ConnState::Rej,
        (Side::Inactive, Side::Reset) => ConnState::Rstrh,
        (_, Side::Reset) => ConnState::Rstr,
        (Side::Reset, Side::Inactive) => ConnState::Rstos0,
        (Side::Reset, _) => ConnState::Rsto,
        (Side::Closed, Side::Closed) => ConnState::Sf,
        (Side::Closed, Side::Inactive) => ConnState::Sh,
        (Side::Closed, _) => ConnState::S2,
        (Side::Inactive, Side::Closed) => ConnState::Shr,
        (_, Side::Closed) => ConnState::S3,
        (Side::SynSent, Side::Inactive) if !tcp.half(Direction::Responder).active => ConnState::S0,
        (Side::Established, Side::Established) => ConnState::S1,
        _ => ConnState::Oth,
    }
}

fn side(tcp: &TcpState, direction: Direction) -> Side {
    let half = tcp.half(direction);
    let peer = tcp.half(direction.flipped());
    if half.reset {
        Side::Reset
    } else if half.fin {
        Side::Closed
    } else if (half.syn && peer.syn_ack) || (half.syn_ack && peer.syn) {
        Side::Established
    } else if half.syn || half.syn_ack {
        Side::SynSent
    } else {
        Side::Inactive
    }
}
