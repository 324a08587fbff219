//! Descriptions of UPnP devices (UPnP Device Architecture 2.0 s. 2.3): what the root device calls itself, its maker and
//! model.
//!
//! ```text
//! <root xmlns="urn:schemas-upnp-org:device-1-0"> … <device> <friendlyName>…</friendlyName> <manufacturer>…
//! ```
//!
//! Left out: embedded devices, services, icons, serial numbers.

use std::borrow::Cow;

use firstlight_model::Direction;

use super::{DEVICE_MODEL, DEVICE_NAME, DEVICE_TYPE, DEVICE_UNIQUE_NAME};
use crate::Sink;
use crate::words::{say_text, text};

const NAMESPACE: &[u8] = b"urn:schemas-upnp-org:device-1-0";

/// Says what the document says, or the beginning of one.
pub(crate) fn observe(document: &[u8], direction: Direction, sink: &mut dyn Sink) -> Option<String> {
    memchr::memmem::find(document, NAMESPACE)?;
    let device = between(document, b"<device", b"</device>")?;
    // Those of embedded devices stand in lists behind the device's own.
    let own = device.get(..memchr::memmem::find(device, b"<deviceList").unwrap_or(device.len()))?;
    let value = |tag: &str| {
        let content = between(own, format!("<{tag}>").as_bytes(), format!("</{tag}>").as_bytes());
        unescaped(&text(content.unwrap_or_default())).into_owned()
    };
    say_text(&DEVICE_NAME, direction, &value("friendlyName"), sink);
    let model = ["manufacturer", "modelName", "modelNumber"].map(value).into_iter().filter(|part| !part.is_empty());
    say_text(&DEVICE_MODEL, direction, &model.collect::<Vec<_>>().join(" "), sink);
    say_text(&DEVICE_TYPE, direction, &value("deviceType"), sink);
    say_text(&DEVICE_UNIQUE_NAME, direction, &value("UDN"), sink);
    None
}

/// What stands behind `start` and, where it is there, before `end`. Without an end only the beginning of a list of
/// elements is of use.
fn between<'a>(bytes: &'a [u8], start: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let rest = bytes.get(memchr::memmem::find(bytes, start)? + start.len()..)?;
    match memchr::memmem::find(rest, end) {
        Some(at) => rest.get(..at),
        None => (end == b"</device>").then_some(rest),
    }
}

/// The five entities of XML 1.0 (s. 4.6) replaced.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Cow::Owned(text.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_replaced_once() {
        assert_eq!(unescaped("Tom&apos;s &amp;lt; TV"), "Tom's &lt; TV");
    }

    #[test]
    fn a_value_without_its_end_is_none() {
        assert_eq!(between(b"<a>half", b"<a>", b"</a>"), None);
        assert_eq!(between(b"<device><a>x</a>", b"<device", b"</device>"), Some(&b"><a>x</a>"[..]));
    }
}
