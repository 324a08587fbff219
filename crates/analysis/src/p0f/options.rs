//! What p0f takes from the TCP options: layout, MSS, scale, timestamps, oddities.

use std::fmt::Write as _;

use firstlight_model::{Tcp, TcpFlags};

/// The most options that p0f lists.
const LISTED: usize = 24;

/// What p0f takes from the options.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// `mss,nop,ws,nop,nop,ts,sok,eol+1`.
    pub(super) layout: String,
    /// Maximum segment size, 0 where there is none.
    pub(super) mss: u16,
    /// Window scale, 0 where there is none.
    pub(super) scale: u8,
    /// The sender's timestamp, 0 where there is none.
    pub(super) timestamp: u32,
    /// There is a timestamp and it is zero.
    pub(super) zero_timestamp: bool,
    /// A SYN that answers nobody echoes a timestamp.
    pub(super) echo_on_syn: bool,
    /// Something other than zeros behind the end of the options.
    pub(super) trailing_data: bool,
    /// A scale above the 14 of RFC 7323 s. 2.3.
    pub(super) excessive_scale: bool,
    /// Lengths are wrong.
    pub(super) malformed: bool,
}

/// Reads the options as p0f does: what the standards fix in length is taken in that length, whatever the option says of
/// itself, and reading ends where an option does not fit.
pub(super) fn read(tcp: &Tcp<'_>) -> Options {
    let mut options = Options::default();
    let mut rest = tcp.options;
    for _ in 0..LISTED {
        let Some((&kind, behind)) = rest.split_first() else { return options };
        options.list(kind);
        match kind {
            0 => {
                let _ = write!(options.layout, "+{}", behind.len());
                // A single byte that is not zero escapes p0f when it is the last one.
                let first = behind.iter().position(|byte| *byte != 0);
                options.trailing_data = first.is_some_and(|at| at + 1 < behind.len());
                return options;
            }
            1 => rest = behind,
            _ => match options.take(kind, behind, tcp.flags) {
                Some(behind) => rest = behind,
                None => {
                    options.malformed = true;
                    return options;
                }
            },
        }
    }
    options.malformed |= !rest.is_empty();
    options
}

impl Options {
    fn list(&mut self, kind: u8) {
        if !self.layout.is_empty() {
            self.layout.push(',');
        }
        let name = match kind {
            0 => "eol",
            1 => "nop",
            2 => "mss",
            3 => "ws",
            4 => "sok",
            5 => "sack",
            8 => "ts",
            _ => {
                let _ = write!(self.layout, "?{kind}");
                return;
            }
        };
        self.layout.push_str(name);
    }

    /// Takes what p0f wants of an option and gives what is behind it; `None` where it does not fit.
    fn take<'a>(&mut self, kind: u8, behind_kind: &'a [u8], flags: TcpFlags) -> Option<&'a [u8]> {
        let (&len, behind) = behind_kind.split_first()?;
        let fixed = match kind {
            2 => 2,
            3 => 1,
            4 => 0,
            8 => 8,
            _ => usize::from(len).checked_sub(2)?,
        };
        if kind == 5 && !(10..=34).contains(&len) {
            return None;
        }
        let (data, behind) = behind.split_at_checked(fixed)?;
        self.malformed |= usize::from(len) != fixed + 2;
        match (kind, data) {
            (2, [high, low]) => self.mss = u16::from_be_bytes([*high, *low]),
            (3, [scale]) => {
                self.scale = *scale;
                self.excessive_scale |= *scale > 14;
            }
            (8, [a, b, c, d, echo @ ..]) => {
                self.timestamp = u32::from_be_bytes([*a, *b, *c, *d]);
                self.zero_timestamp |= self.timestamp == 0;
                self.echo_on_syn |= !flags.has(TcpFlags::ACK) && echo.iter().any(|byte| *byte != 0);
            }
            _ => {}
        }
        Some(behind)
    }
}
