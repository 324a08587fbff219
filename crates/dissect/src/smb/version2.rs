//! Messages of versions 2 and 3 (MS-SMB2 s. 2.2.1).
//!
//! ```text
//! | 0xfe "SMB" | 64 16 | … | status 32 | command 16 | credits 16 | flags 32 | … 64 bytes in all | body |
//! ```

use firstlight_model::Direction;

use super::{VERSION, server_of, signs_in};
use crate::Sink;
use crate::lines::Next;
use crate::ntlmssp::utf16;
use crate::words::say_text;

/// Says what a message says.
pub(crate) fn message(direction: Direction, message: &[u8], sink: &mut dyn Sink) -> Next {
    let word = |at: usize| {
        let word = message.get(at..at + 2).and_then(<[u8]>::first_chunk);
        word.map(|word| u16::from_le_bytes(*word))
    };
    let is_answer = message.get(16).is_some_and(|flags| flags & 1 != 0);
    match (word(12), is_answer) {
        (Some(0), true) => {
            let version = match word(68) {
                Some(0x0202) => "SMB 2.0.2",
                Some(0x0210) => "SMB 2.1",
                Some(0x0300) => "SMB 3.0",
                Some(0x0302) => "SMB 3.0.2",
                Some(0x0311) => "SMB 3.1.1",
                // 0x02ff: to be agreed on again.
                _ => "",
            };
            say_text(&VERSION, direction, version, sink);
        }
        (Some(1), _) => signs_in(direction, message, sink),
        (Some(3), false) => {
            if let (Some(at), Some(len)) = (word(68), word(70)) {
                let at = usize::from(at);
                let path = utf16(message.get(at..at + usize::from(len)).unwrap_or_default());
                server_of(direction, &path, sink);
            }
        }
        (Some(3), true) => return Next::Enough,
        _ => {}
    }
    Next::Go
}
