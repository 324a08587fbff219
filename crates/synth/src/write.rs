//! Frames as the bytes of a capture file: pcap in each of its four shapes (draft-ietf-opsawg-pcap), pcapng with
//! comments (draft-ietf-opsawg-pcapng).
//!
//! In memory and independent of the `capture` crate, so that its reader can be tested against files which it did not
//! write itself. Leaves out compression and the block types that only say something about a capture: a test that needs
//! them appends them.

use firstlight_model::{LinkType, Timestamp};

use crate::bytes::len_u32;
use crate::frame::OwnedFrame;

/// Byte order of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Least significant byte first.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

/// Resolution of the times in a file. Finer digits are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resolution {
    /// Microseconds.
    #[default]
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

/// What a pcapng file says of itself and of its interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Comments on the section.
    pub comments: Vec<String>,
    /// Hardware of the capturing machine.
    pub hardware: Option<String>,
    /// Its operating system.
    pub os: Option<String>,
    /// The program that wrote the file.
    pub application: Option<String>,
    /// Name of the interface.
    pub interface: Option<String>,
    /// Byte order.
    pub order: Order,
    /// Resolution of times.
    pub resolution: Resolution,
    /// Snap length of the interfaces; 0 is none.
    pub snap_len: u32,
}

struct Out {
    bytes: Vec<u8>,
    order: Order,
}

impl Out {
    fn u16(&mut self, value: u16) {
        match self.order {
            Order::Little => self.bytes.extend_from_slice(&value.to_le_bytes()),
            Order::Big => self.bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }

    fn u32(&mut self, value: u32) {
        match self.order {
            Order::Little => self.bytes.extend_from_slice(&value.to_le_bytes()),
            Order::Big => self.bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }

    fn padded(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(self.bytes.len() + (4 - bytes.len() % 4) % 4, 0);
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        self.u16(code);
        self.u16(crate::bytes::len_u16(value.len()));
        self.padded(value);
    }

    fn block(&mut self, kind: u32, fill: impl FnOnce(&mut Self)) {
        let mut body = Self { bytes: Vec::new(), order: self.order };
        fill(&mut body);
        let len = len_u32(body.bytes.len() + 12);
        self.u32(kind);
        self.u32(len);
        self.bytes.extend_from_slice(&body.bytes);
        self.u32(len);
    }
}

/// Whole seconds and the rest, in units of the resolution. Times before 1970 are written as 1970: pcap cannot hold them.
fn split(time: Timestamp, resolution: Resolution) -> (u64, u64) {
    let ns = u64::try_from(time.as_ns()).unwrap_or(0);
    let unit = match resolution {
        Resolution::Microseconds => 1_000,
        Resolution::Nanoseconds => 1,
    };
    (ns / 1_000_000_000, ns % 1_000_000_000 / unit)
}

/// The low 32 bits, as the fields of the formats hold them.
fn low(value: u64) -> u32 {
    u32::try_from(value & 0xffff_ffff).unwrap_or(0)
}

/// A pcap file. All frames must be of one link type, as the format has it; comments are lost.
///
/// # Panics
/// When frames differ in their link type.
pub fn pcap(frames: &[OwnedFrame], order: Order, resolution: Resolution) -> Vec<u8> {
    let link_type = frames.first().map_or(LinkType::ETHERNET, |frame| frame.link_type);
    assert!(frames.iter().all(|frame| frame.link_type == link_type), "a pcap file has one link type");
    let mut out = Out { bytes: Vec::new(), order };
    out.u32(match resolution {
        Resolution::Microseconds => 0xa1b2_c3d4,
        Resolution::Nanoseconds => 0xa1b2_3c4d,
    });
    out.u16(2);
    out.u16(4);
    out.u32(0);
    out.u32(0);
    out.u32(262_144);
    out.u32(link_type.0);
    for frame in frames {
        let (seconds, rest) = split(frame.time, resolution);
        out.u32(low(seconds));
        out.u32(low(rest));
        out.u32(len_u32(frame.data.len()));
        out.u32(frame.original_len);
        out.bytes.extend_from_slice(&frame.data);
    }
    out.bytes
}

/// A pcapng file of one section with an interface for each link type, in the order in which they come up.
pub fn pcapng(frames: &[OwnedFrame], about: &About) -> Vec<u8> {
    let mut out = Out { bytes: Vec::new(), order: about.order };
    out.block(0x0a0d_0d0a, |block| {
        block.u32(0x1a2b_3c4d);
        block.u16(1);
        block.u16(0);
        // The length of the section is not given.
        block.u32(u32::MAX);
        block.u32(u32::MAX);
        let texts = [(2, &about.hardware), (3, &about.os), (4, &about.application)];
        let mut any = false;
        for comment in &about.comments {
            block.option(1, comment.as_bytes());
            any = true;
        }
        for (code, text) in texts {
            if let Some(text) = text {
                block.option(code, text.as_bytes());
                any = true;
            }
        }
        if any {
            block.option(0, &[]);
        }
    });
    let mut link_types: Vec<LinkType> = Vec::new();
    if frames.is_empty() {
        interface(&mut out, LinkType::ETHERNET, about);
    }
    for frame in frames {
        let known = link_types.iter().position(|link_type| *link_type == frame.link_type);
        let index = known.unwrap_or_else(|| {
            link_types.push(frame.link_type);
            interface(&mut out, frame.link_type, about);
            link_types.len() - 1
        });
        out.block(6, |block| {
            let (seconds, rest) = split(frame.time, about.resolution);
            let units = match about.resolution {
                Resolution::Microseconds => seconds * 1_000_000 + rest,
                Resolution::Nanoseconds => seconds * 1_000_000_000 + rest,
            };
            block.u32(len_u32(index));
            block.u32(low(units >> 32));
            block.u32(low(units));
            block.u32(len_u32(frame.data.len()));
            block.u32(frame.original_len);
            block.padded(&frame.data);
            if let Some(comment) = &frame.comment {
                block.option(1, comment.as_bytes());
                block.option(0, &[]);
            }
        });
    }
    out.bytes
}

fn interface(out: &mut Out, link_type: LinkType, about: &About) {
    out.block(1, |block| {
        block.u16(u16::try_from(link_type.0).expect("a link type has 16 bits in pcapng"));
        block.u16(0);
        block.u32(about.snap_len);
        if let Some(name) = &about.interface {
            block.option(2, name.as_bytes());
        }
        block.option(
            9,
            &[match about.resolution {
                Resolution::Microseconds => 6,
                Resolution::Nanoseconds => 9,
            }],
        );
        block.option(0, &[]);
    });
}
