//! Files that are no capture which we read: what they look like, and what to do about it.

use crate::buffer::Buffer;
use crate::error::Error;

const CONVERT: &str = "convert it with Wireshark's editcap: editcap -F pcapng IN OUT";
const UNPACK: &str = "unpack it first";
const READ_FORMATS: &str =
    "captures are pcap, pcapng or snoop files, also compressed with gzip, zstd, xz, bzip2 or lz4";

/// First bytes, what they are, what to try.
const KNOWN: [(&[u8], &str, &str); 20] = [
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!", "a rar archive", UNPACK),
    (b"\x1f\x9d", "a file of compress", "unpack it first: uncompress FILE.Z"),
    (b"LZIP", "an lzip file", "unpack it first: lzip -d FILE.lz"),
    (b"GMBU", "a capture of Microsoft Network Monitor", CONVERT),
    (b"RTSS", "a capture of Microsoft Network Monitor 1", CONVERT),
    (b"TRSNIFF data", "a capture of Sniffer", CONVERT),
    (b"XCP\0", "a capture of NetXRay or Sniffer", CONVERT),
    (b"iptrace ", "a capture of AIX iptrace", CONVERT),
    (b"btsnoop\0", "a Bluetooth capture (btsnoop)", CONVERT),
    (b"\xa1\x2b\x3c\x4d", "a pcap file of Navtel's kind", CONVERT),
    (b"\x4d\x3c\x2b\xa1", "a pcap file of Navtel's kind", CONVERT),
    (b"\xa1\xb2\x34\xcd", "a pcap file of an old, undocumented kind", CONVERT),
    (b"\xcd\x34\xb2\xa1", "a pcap file of an old, undocumented kind", CONVERT),
    (b"PAR1", "a Parquet file", READ_FORMATS),
    (b"\x7fELF", "a program", READ_FORMATS),
    (b"%PDF", "a PDF document", READ_FORMATS),
    (b"bplist00", "a property list", READ_FORMATS),
    (b"SQLite format 3\0", "a database of SQLite", READ_FORMATS),
];

/// The error for a file that starts with what the buffer holds.
pub(crate) fn error(path: &str, buffer: &mut Buffer) -> Error {
    // For a tar archive, whose magic is at byte 257; less is there where the file is short.
    if !buffer.may_wait {
        buffer.peek(512);
    }
    let head = buffer.available();
    let head = head.get(..512).unwrap_or(head);
    let known = KNOWN.iter().find(|(magic, ..)| head.starts_with(magic));
    let (why, hint) = match known {
        Some(&(_, why, hint)) => (format!("it is {why}"), hint),
        None if head.get(257..262) == Some(b"ustar".as_slice()) => ("it is a tar archive".to_owned(), UNPACK),
        None if looks_like_text(head) => ("it is text".to_owned(), READ_FORMATS),
        None => {
            let shown: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            (format!("it starts with {}, the mark of no format that is read", shown.join(" ")), READ_FORMATS)
        }
    };
    Error::NotACapture { path: path.to_owned(), why, hint: Some(hint.to_owned()) }
}

fn looks_like_text(head: &[u8]) -> bool {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    !head.iter().any(control)
        && match std::str::from_utf8(head) {
            Ok(_) => true,
            // Cut within a character.
            Err(error) => error.error_len().is_none(),
        }
}
