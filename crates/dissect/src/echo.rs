//! What analysts write into echo requests to mark a moment of a capture: a text such as `phase: Safari`, or a size that
//! they remember (`ping -s 1001`). Of both versions of ICMP (RFC 792, RFC 4443 s. 4.1).

use firstlight_model::{Field, Value};

const PREFIX: &[u8] = b"phase:";
/// Names are not longer than this.
const NAME_LEN_BYTES: usize = 64;

/// Says how long a request's data is, as far as it is in the capture, and the phase that it names.
pub(crate) fn observe(data: &[u8], [len, name]: [&'static Field; 2], say: &mut dyn FnMut(&'static Field, Value<'_>)) {
    say(len, Value::Number(data.len() as u64));
    if let Some(phase) = phase(data) {
        say(name, Value::Text(phase));
    }
}

/// The name after the first `phase:`. A pattern repeats (`ping -p`), so another one ends it, as does what is no text.
fn phase(data: &[u8]) -> Option<&str> {
    let at = memchr::memmem::find(data, PREFIX)?;
    let rest = data.get(at + PREFIX.len()..)?;
    let rest = rest.get(..memchr::memmem::find(rest, PREFIX).unwrap_or(rest.len()))?;
    let rest = rest.get(..rest.len().min(NAME_LEN_BYTES))?;
    let text = match std::str::from_utf8(rest) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(rest.get(..error.valid_up_to())?).ok()?,
    };
    let name = text.split(char::is_control).next()?.trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::phase;

    #[test]
    fn a_phase_stands_anywhere_in_the_data() {
        assert_eq!(phase(b"phase: Safari"), Some("Safari"));
        assert_eq!(phase(b"\x01\x02\x03\x04\xff\0\0\0phase:boot\0\x10\x11\x12"), Some("boot"));
        assert_eq!(phase(b"ase:a b\0phase:a b\0phase:a b\0pha"), Some("a b"));
        assert_eq!(phase("phase: später\n".as_bytes()), Some("später"));
    }

    #[test]
    fn what_names_no_phase_is_none() {
        for data in [&b""[..], b"abcdefgh", b"phase:", b"phase: \0idle", b"phase:\xff", b"phase:phase:"] {
            assert_eq!(phase(data), None, "{data:?}");
        }
        assert_eq!(phase(&[b"phase:".as_slice(), &[b'x'; 100]].concat()).map(str::len), Some(64));
    }
}
