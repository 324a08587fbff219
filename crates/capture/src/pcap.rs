//! pcap, the format of tcpdump (draft-ietf-opsawg-pcap; libpcap's `sf-pcap.c` for what the draft leaves out), in
//! microseconds and nanoseconds, either byte order, and its kin: Kuznetzov's patches, Nokia's, AIX's, Ixia's.
//!
//! ```text
//!  file: magic 4 | major 2 | minor 2 | zone 4 | accuracy 4 | snap length 4 | link type 4
//! frame: seconds 4 | fraction 4 | captured length 4 | original length 4 | captured bytes
//! ```
//! Leaves out the check sequence that the upper bits of the link type may announce: it stays at the end of the frame.

use firstlight_model::{LinkType, Timestamp};

use crate::buffer::Buffer;
use crate::bytes::ByteOrder;
use crate::error::{Stop, hint_for};
use crate::reader::{Pending, Step};

/// Of the file header.
pub(crate) const HEADER_LEN: usize = 24;
/// The longest frame that any program writes for most link types (libpcap's `MAXIMUM_SNAPLEN`).
const MAX_FRAME_LEN: u32 = 256 << 10;
/// The longest D-Bus message or USB transfer (libpcap, wiretap).
const MAX_LONG_FRAME_LEN: u32 = 128 << 20;
/// Frames of one file are hardly further apart.
const A_DECADE_S: u32 = 10 * 366 * 86_400;
/// So much of a file is looked at where its header leaves something open.
const AHEAD_BYTES: usize = 16 << 10;
/// `LT_LINKTYPE` of libpcap: the bits of the link type field that are the type.
const LINK_TYPE_BITS: u32 = 0x03ff_ffff;

/// The longest frame that is believed for a link type.
pub(crate) const fn max_frame_len(link_type: LinkType) -> u32 {
    match link_type {
        LinkType::DBUS | LinkType::USBPCAP | LinkType::USB_LINUX | LinkType::USB_LINUX_MMAPPED => MAX_LONG_FRAME_LEN,
        _ => MAX_FRAME_LEN,
    }
}

/// How the frame headers of a file differ from the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    /// 16 bytes.
    Standard,
    /// 24 bytes: interface, protocol and packet type follow (Kuznetzov's patches ss990417 with the usual magic, ss991029 with its own).
    Modified,
    /// 28 bytes: the same and four more (Kuznetzov's ss990915, as SuSE 6.3 wrote it).
    ModifiedLong,
    /// 20 bytes: four unknown ones follow (Nokia IPSO).
    Nokia,
}

impl Variant {
    const fn header_len(self) -> usize {
        match self {
            Self::Standard => 16,
            Self::Modified => 24,
            Self::ModifiedLong => 28,
            Self::Nokia => 20,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Standard => "",
            Self::Modified => ", modified",
            Self::ModifiedLong => ", modified (ss990915)",
            Self::Nokia => ", Nokia",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LengthOrder {
    /// Captured, original.
    Usual,
    /// Original, captured.
    Swapped,
    /// Swapped where it makes more sense.
    ByValue,
}

/// A pcap file after its header.
#[derive(Debug)]
pub(crate) struct Pcap {
    order: ByteOrder,
    variant: Variant,
    lengths: LengthOrder,
    nanoseconds: bool,
    extra: &'static str,
    /// Of all frames.
    pub(crate) link_type: LinkType,
    /// As the header says, 0 for none.
    pub(crate) snap_len: u32,
}

/// What a magic number says.
struct Magic {
    order: ByteOrder,
    nanoseconds: bool,
    modified: bool,
    extra: &'static str,
    /// Four bytes more in the file header.
    longer: bool,
}

fn magic(bytes: [u8; 4]) -> Option<Magic> {
    [ByteOrder::Little, ByteOrder::Big].into_iter().find_map(|order| {
        let plain = Magic { order, nanoseconds: false, modified: false, extra: "", longer: false };
        match order.u32(bytes) {
            0xa1b2_c3d4 => Some(plain),
            0xa1b2_3c4d => Some(Magic { nanoseconds: true, ..plain }),
            0xa1b2_cd34 => Some(Magic { modified: true, ..plain }),
            0x1c00_01ac => Some(Magic { longer: true, extra: ", Ixia hardware", ..plain }),
            0x1c00_01ab => Some(Magic { longer: true, extra: ", Ixia software", ..plain }),
            _ => None,
        }
    })
}

impl Pcap {
    /// True when a file with these first bytes is one.
    pub(crate) fn is(first: [u8; 4]) -> bool {
        magic(first).is_some()
    }

    /// Reads the header of the file.
    pub(crate) fn open(buffer: &mut Buffer) -> Result<Self, Stop> {
        let Some(header) = buffer.peek_array::<HEADER_LEN>() else {
            return Err(ended_within(buffer, "the file header", HEADER_LEN as u64));
        };
        let [m0, m1, m2, m3, a0, a1, i0, i1, .., s0, s1, s2, s3, l0, l1, l2, l3] = header;
        let Some(magic) = magic([m0, m1, m2, m3]) else {
            return Err(Stop::damaged(0, "no pcap magic"));
        };
        let order = magic.order;
        let (major, minor) = (order.u16([a0, a1]), order.u16([i0, i1]));
        let lengths = match (major, minor) {
            (2, 0..3) | (543, 0) => LengthOrder::Swapped,
            (2, 3) => LengthOrder::ByValue,
            (2, 4) => LengthOrder::Usual,
            _ => {
                let hint = "versions 2.0 to 2.4 are read; capinfos may say more about it";
                return Err(Stop {
                    byte: 4,
                    why: format!("version {major}.{minor} of pcap is unknown"),
                    hint: Some(hint.to_owned()),
                });
            }
        };
        buffer.take(HEADER_LEN);
        if magic.longer && !buffer.skip(4) {
            return Err(ended_within(buffer, "the file header", 4));
        }
        let mut link_type = LinkType(order.u32([l0, l1, l2, l3]) & LINK_TYPE_BITS);
        let (mut nanoseconds, mut extra) = (magic.nanoseconds, magic.extra);
        // AIX's tcpdump says 2.2, writes nanoseconds and numbers link types as interface types (RFC 1573).
        if (major, minor) == (2, 2) && !magic.modified && !magic.nanoseconds && !magic.longer {
            let of_aix = match link_type.0 {
                6 => Some(LinkType::ETHERNET),
                9 => Some(LinkType::IEEE802_5),
                15 => Some(LinkType::FDDI),
                24 => Some(LinkType::NULL),
                _ => None,
            };
            if let Some(of_aix) = of_aix {
                (link_type, nanoseconds, extra) = (of_aix, true, ", AIX");
            }
        }
        let snap_len = order.u32([s0, s1, s2, s3]);
        let mut pcap = Self { order, variant: Variant::Standard, lengths, nanoseconds, extra, link_type, snap_len };
        pcap.nanoseconds |= magic.longer && pcap.has_nanoseconds(buffer);
        pcap.variant = match (magic.modified, nanoseconds || magic.longer) {
            (true, _) => pcap.likeliest(buffer, &[Variant::Modified, Variant::ModifiedLong]),
            (false, false) => pcap.likeliest(buffer, &[Variant::Standard, Variant::Modified, Variant::Nokia]),
            (false, true) => Variant::Standard,
        };
        Ok(pcap)
    }

    /// What to call it.
    pub(crate) fn format(&self) -> String {
        let unit = if self.nanoseconds { ", nanoseconds" } else { "" };
        let order = if self.order == ByteOrder::Big { ", big-endian" } else { "" };
        format!("pcap{}{}{unit}{order}", self.variant.text(), self.extra)
    }

    /// Of its time stamps.
    pub(crate) const fn time_decimals(&self) -> u8 {
        if self.nanoseconds { 9 } else { 6 }
    }

    /// The next frame.
    #[inline]
    pub(crate) fn next(&mut self, buffer: &mut Buffer) -> Step {
        let header_len = self.variant.header_len();
        let Some(header) = buffer.peek(header_len).and_then(|header| header.first_chunk::<16>()).copied() else {
            return end_or_cut(buffer, "a frame's header", header_len);
        };
        let (seconds, fraction, captured, original) = self.fields(&header);
        let max = max_frame_len(self.link_type);
        if captured > max {
            let why = format!("a frame claims {captured} bytes, more than the {max} that this link type can have");
            return Step::Stop(Stop::damaged(buffer.offset(), why));
        }
        let record_len = header_len + captured as usize;
        if buffer.peek(record_len).is_none() {
            return end_or_cut(buffer, "a frame", record_len);
        }
        buffer.take(header_len);
        let data = buffer.take(captured as usize);
        let ns = i64::from(fraction) * if self.nanoseconds { 1 } else { 1_000 };
        Step::Frame(Pending {
            time: Timestamp::from_ns(i64::from(seconds) * 1_000_000_000 + ns),
            timed: true,
            link_type: self.link_type,
            original_len: original.max(captured),
            data,
        })
    }

    /// Seconds, fraction, captured length, original length.
    #[inline]
    fn fields(&self, header: &[u8; 16]) -> (u32, u32, u32, u32) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *header;
        let (first, second) = (self.order.u32([i, j, k, l]), self.order.u32([m, n, o, p]));
        let (captured, original) = match self.lengths {
            LengthOrder::Usual => (first, second),
            LengthOrder::Swapped => (second, first),
            LengthOrder::ByValue => (first.min(second), first.max(second)),
        };
        (self.order.u32([a, b, c, d]), self.order.u32([e, f, g, h]), captured, original)
    }

    /// Sources differ on whether Ixia's files have microseconds (Wireshark reads them so) or nanoseconds; a fraction that
    /// is no number of microseconds tells. Looks at the first frames, also of a pipe: what it says must not hang on how
    /// the bytes arrive, and nothing live writes such files.
    fn has_nanoseconds(&self, buffer: &mut Buffer) -> bool {
        let mut bytes = ahead(buffer);
        for _ in 0..64 {
            let Some(header) = bytes.first_chunk::<16>() else { return false };
            let (_, fraction, captured, _) = self.fields(header);
            if fraction >= 1_000_000 {
                return fraction < 1_000_000_000;
            }
            bytes = bytes.get(16 + captured as usize..).unwrap_or_default();
        }
        false
    }

    /// The variant under which the first frames make sense; the first one where none does or several do. A later one has
    /// to explain two frames at least, or all there are to the end of the file. The usual header is not questioned in
    /// a pipe, whose second frame may be long in coming.
    fn likeliest(&self, buffer: &mut Buffer, variants: &[Variant]) -> Variant {
        let first = variants.first().copied().unwrap_or(Variant::Standard);
        if buffer.may_wait && first == Variant::Standard {
            return first;
        }
        let there = ahead(buffer);
        let sensible = |variant: &&Variant| self.frames_make_sense(there, **variant);
        variants.iter().find(sensible).copied().unwrap_or(first)
    }

    fn frames_make_sense(&self, mut bytes: &[u8], variant: Variant) -> bool {
        let usual = variant == Variant::Standard;
        let max = max_frame_len(self.link_type);
        let mut first_second = None;
        for frame in 0..3 {
            let Some(header) = bytes.first_chunk::<16>() else {
                return frame > 1 || bytes.is_empty();
            };
            let (seconds, fraction, captured, original) = self.fields(header);
            if fraction >= 1_000_000 || captured > max || captured > original || original > MAX_LONG_FRAME_LEN {
                return false;
            }
            // Chance makes sense of much; what is chosen against the usual has to look like real traffic.
            let first_second = *first_second.get_or_insert(seconds);
            if !usual && (captured == 0 || original > max || seconds.abs_diff(first_second) > A_DECADE_S) {
                return false;
            }
            let Some(rest) = bytes.get(variant.header_len() + captured as usize..) else {
                // Goes on beyond what is there: as good as it gets for the usual header, too little to choose another.
                return frame > 1 || usual;
            };
            bytes = rest;
        }
        true
    }
}

/// The beginning of what follows, whatever more of it has arrived: far enough for some frames. Less where the file is
/// short.
fn ahead(buffer: &mut Buffer) -> &[u8] {
    buffer.peek(AHEAD_BYTES);
    let there = buffer.available();
    there.get(..AHEAD_BYTES).unwrap_or(there)
}

/// What it means that fewer than `needed` bytes are left.
#[cold]
pub(crate) fn end_or_cut(buffer: &mut Buffer, within: &str, needed: usize) -> Step {
    if buffer.available().is_empty() && !buffer.has_error() {
        return Step::End;
    }
    Step::Stop(ended_within(buffer, within, needed as u64))
}

/// Why fewer than `needed` bytes are left: what kept the stream from going on, or else that the file is cut off.
#[cold]
pub(crate) fn ended_within(buffer: &mut Buffer, within: &str, needed: u64) -> Stop {
    let (byte, there) = (buffer.offset(), buffer.available().len() as u64);
    match buffer.take_error() {
        Some(error) => Stop { byte, why: error.to_string(), hint: Some(hint_for(&error).to_owned()) },
        None => Stop::cut(byte, within, needed, there),
    }
}
