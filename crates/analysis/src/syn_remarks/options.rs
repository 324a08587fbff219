//! TCP options one by one (RFC 9293 s. 3.1).
//!
//! ```text
//! +---------------+---------------+------------- … -+
//! |     Kind      |    Length     |      Data       |      but for kinds 0 and 1, which are a kind alone
//! +---------------+---------------+------------- … -+
//! ```
//!
//! Leaves out the meaning of the data.

use firstlight_model::Tcp;

/// Option kinds of IANA's registry "TCP Option Kind Numbers".
pub(super) mod kind {
    pub(crate) const EOL: u8 = 0;
    pub(crate) const NOP: u8 = 1;
    pub(crate) const MSS: u8 = 2;
    pub(crate) const WINDOW_SCALE: u8 = 3;
    pub(crate) const SACK_PERMITTED: u8 = 4;
    pub(crate) const TIMESTAMPS: u8 = 8;
    pub(crate) const MD5: u8 = 19;
    pub(crate) const TCP_AO: u8 = 29;
    pub(crate) const MPTCP: u8 = 30;
    pub(crate) const FAST_OPEN: u8 = 34;
}

/// An option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TcpOption<'a> {
    pub(super) kind: u8,
    data: Option<&'a [u8]>,
}

impl<'a> TcpOption<'a> {
    /// What follows kind and length; `None` where the length is wrong or the capture cut it.
    pub(super) fn data(self) -> Option<&'a [u8]> {
        self.data
    }

    /// Its name in a layout; `None` for one that has none.
    pub(super) fn name(self) -> Option<&'static str> {
        Some(match self.kind {
            kind::EOL => "eol",
            kind::NOP => "nop",
            kind::MSS => "mss",
            kind::WINDOW_SCALE => "ws",
            kind::SACK_PERMITTED => "sok",
            5 => "sack",
            kind::TIMESTAMPS => "ts",
            kind::MD5 => "md5",
            28 => "uto",
            kind::TCP_AO => "ao",
            kind::MPTCP => "mptcp",
            kind::FAST_OPEN => "tfo",
            _ => return None,
        })
    }
}

/// The options to the first `eol` or the first one that does not fit, that one included.
pub(super) fn walk<'a>(tcp: &Tcp<'a>) -> impl Iterator<Item = TcpOption<'a>> + use<'a> {
    let mut rest = tcp.options;
    std::iter::from_fn(move || {
        let (&kind, behind) = rest.split_first()?;
        rest = &[];
        let data = match kind {
            kind::EOL => Some::<&[u8]>(&[]),
            kind::NOP => {
                rest = behind;
                Some::<&[u8]>(&[])
            }
            _ => behind.split_first().and_then(|(&len, behind)| {
                let (data, next) = behind.split_at_checked(usize::from(len).checked_sub(2)?)?;
                rest = next;
                Some(data)
            }),
        };
        Some(TcpOption { kind, data })
    })
}

/// The first option of a kind.
pub(super) fn find<'a>(tcp: &Tcp<'a>, kind: u8) -> Option<TcpOption<'a>> {
    walk(tcp).find(|option| option.kind == kind)
}
