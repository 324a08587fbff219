//! Header compression of HTTP/2 (RFC 7541): the static and the dynamic table, integers, strings and their Huffman code.
//!
//! Left out: encoding.

use std::borrow::Cow;
use std::collections::VecDeque;

/// Bytes that a dynamic table may hold as its size is counted; a sender that wants more is not followed.
const TABLE_LEN_BYTES: usize = 64 * 1024;

/// What each entry counts beyond its text (RFC 7541 s. 4.1).
const ENTRY_OVERHEAD_BYTES: usize = 32;

/// Name and value of a field in the table.
type Entry = (Box<[u8]>, Box<[u8]>);

/// One direction's state.
#[derive(Debug)]
pub struct Decoder {
    /// Newest first.
    entries: VecDeque<Entry>,
    len_bytes: usize,
    max_len_bytes: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { entries: VecDeque::new(), len_bytes: 0, max_len_bytes: 4096 }
    }
}

/// A block that cannot be decoded: nothing after it can be, either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

impl Decoder {
    /// Memory that its table holds.
    pub fn held_len(&self) -> usize {
        self.len_bytes + self.entries.capacity() * size_of::<Entry>()
    }

    /// Calls `on_header` with each header of a whole block, in order.
    pub fn decode(&mut self, block: &[u8], mut on_header: impl FnMut(&[u8], &[u8])) -> Result<(), Broken> {
        let mut rest = block;
        while let Some(&first) = rest.first() {
            match first {
                0x80.. => {
                    let index = integer(&mut rest, 7)?;
                    let (name, value) = self.entry(index)?;
                    on_header(name, value);
                }
                0x20..=0x3f => {
                    let len = integer(&mut rest, 5)?;
                    if len > TABLE_LEN_BYTES {
                        return Err(Broken);
                    }
                    self.max_len_bytes = len;
                    self.shrink();
                }
                _ => {
                    let is_kept = first & 0x40 != 0;
                    let index = integer(&mut rest, if is_kept { 6 } else { 4 })?;
                    let name = match index {
                        0 => string(&mut rest)?,
                        _ => Cow::Owned(self.entry(index)?.0.to_vec()),
                    };
                    let value = string(&mut rest)?;
                    on_header(&name, &value);
                    if is_kept {
                        self.keep(&name, &value);
                    }
                }
            }
        }
        Ok(())
    }

    fn entry(&self, index: usize) -> Result<(&[u8], &[u8]), Broken> {
        let at = index.checked_sub(1).ok_or(Broken)?;
        if let Some((name, value)) = STATIC.get(at) {
            return Ok((name.as_bytes(), value.as_bytes()));
        }
        let (name, value) = self.entries.get(at - STATIC.len()).ok_or(Broken)?;
        Ok((name, value))
    }

    fn keep(&mut self, name: &[u8], value: &[u8]) {
        self.len_bytes += name.len() + value.len() + ENTRY_OVERHEAD_BYTES;
        self.entries.push_front((name.into(), value.into()));
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.len_bytes > self.max_len_bytes
            && let Some((name, value)) = self.entries.pop_back()
        {
            self.len_bytes -= name.len() + value.len() + ENTRY_OVERHEAD_BYTES;
        }
    }
}

/// An integer of which the first `bits` are in the first byte (RFC 7541 s. 5.1).
fn integer(rest: &mut &[u8], bits: u8) -> Result<usize, Broken> {
    let (&first, mut tail) = rest.split_first().ok_or(Broken)?;
    let limit = (1usize << bits) - 1;
    let mut number = usize::from(first) & limit;
    if number == limit {
        let mut shift = 0;
        loop {
            let (&byte, after) = tail.split_first().ok_or(Broken)?;
            tail = after;
            number += usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            // Larger numbers than 2^28 mean nothing here.
            if shift > 21 {
                return Err(Broken);
            }
        }
    }
    *rest = tail;
    Ok(number)
}

/// A string, plain or in Huffman's code (RFC 7541 s. 5.2).
fn string<'a>(rest: &mut &'a [u8]) -> Result<Cow<'a, [u8]>, Broken> {
    let is_coded = rest.first().ok_or(Broken)? & 0x80 != 0;
    let len = integer(rest, 7)?;
    let (bytes, tail) = rest.split_at_checked(len).ok_or(Broken)?;
    *rest = tail;
    if is_coded { huffman(bytes).map(Cow::Owned) } else { Ok(Cow::Borrowed(bytes)) }
}

/// Bits of the code of each byte (RFC 7541, appendix B). The codes follow: shorter ones first, and those of one length
/// in the order of the bytes.
#[rustfmt::skip]
const CODE_LENS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

const LONGEST_CODE: usize = 30;

/// The codes of one length: the first, how many there are, and where their bytes stand in [`Codes::bytes`].
#[derive(Clone, Copy)]
struct OfLength {
    first: u32,
    count: u32,
    at: usize,
}

struct Codes {
    lengths: [OfLength; LONGEST_CODE + 1],
    bytes: [u8; 256],
}

static CODES: Codes = codes();

#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "runs in the compiler")]
const fn codes() -> Codes {
    let mut codes = Codes { lengths: [OfLength { first: 0, count: 0, at: 0 }; LONGEST_CODE + 1], bytes: [0; 256] };
    let (mut len, mut code, mut at) = (1, 0, 0);
    while len <= LONGEST_CODE {
        code <<= 1;
        codes.lengths[len] = OfLength { first: code, count: 0, at };
        let mut byte = 0;
        while byte < 256 {
            if CODE_LENS[byte] as usize == len {
                codes.bytes[at] = byte as u8;
                codes.lengths[len].count += 1;
                code += 1;
                at += 1;
            }
            byte += 1;
        }
        len += 1;
    }
    codes
}

fn huffman(coded: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut text = Vec::with_capacity(coded.len() * 2);
    let (mut code, mut len) = (0u32, 0usize);
    for bit in coded.iter().flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1)) {
        code = code << 1 | u32::from(bit);
        len += 1;
        let of = CODES.lengths.get(len).ok_or(Broken)?;
        if let Some(offset) = code.checked_sub(of.first).filter(|offset| *offset < of.count) {
            let offset = usize::try_from(offset).map_err(|_| Broken)?;
            text.push(*CODES.bytes.get(of.at + offset).ok_or(Broken)?);
            (code, len) = (0, 0);
        }
    }
    // What is left over fills the last byte with ones.
    if len < 8 && code == (1 << len) - 1 { Ok(text) } else { Err(Broken) }
}

/// RFC 7541, appendix A.
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(decoder: &mut Decoder, block: &[u8]) -> Vec<String> {
        let mut list = Vec::new();
        decoder
            .decode(block, |name, value| {
                list.push(format!("{}: {}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)));
            })
            .expect("a whole block");
        list
    }

    #[test]
    fn the_requests_of_the_standard_are_decoded_with_one_table() {
        // RFC 7541 C.4.1 to C.4.3.
        let mut decoder = Decoder::default();
        assert_eq!(
            headers(&mut decoder, b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"),
            [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"]
        );
        assert_eq!(
            headers(&mut decoder, b"\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf").last().map(String::as_str),
            Some("cache-control: no-cache")
        );
        let third = headers(
            &mut decoder,
            b"\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf",
        );
        assert_eq!(third.get(3).map(String::as_str), Some(":authority: www.example.com"));
        assert_eq!(third.last().map(String::as_str), Some("custom-key: custom-value"));
        assert_eq!(decoder.len_bytes, 164);
    }

    #[test]
    fn what_is_broken_is_said_to_be() {
        for block in [
            &b"\x80"[..],
            b"\xff\xff\xff\xff\xff\xff",
            b"\xbe",
            b"\x41\x8c\xf1",
            b"\x40\x81\x00\x00",
            b"\x3f\xff\xff\x7f",
        ] {
            assert_eq!(Decoder::default().decode(block, |_, _| ()), Err(Broken), "{block:x?}");
        }
    }

    #[test]
    fn the_table_keeps_to_its_size() {
        let mut decoder = Decoder::default();
        let header = [&b"\x40\x7f\x0d"[..], &[b'a'; 140], b"\x7f\x0d", &[b'b'; 140]].concat();
        for _ in 0..100 {
            headers(&mut decoder, &header);
        }
        assert_eq!(decoder.entries.len(), 4096 / (140 + 140 + 32));
    }
}
