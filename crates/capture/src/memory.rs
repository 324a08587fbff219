//! A source over frames in memory, for tests of the stages behind.

use std::io::{Cursor, Read};

use firstlight_model::{LinkType, Timestamp};

use crate::error::Error;
use crate::source::{Options, Source, open_streams};
use crate::write::{Interface, PcapngWriter, Resolution, Section};

/// A source of one capture, called `memory`, of these frames in this order: time, link type, bytes.
///
/// # Errors
/// When a time lies before 1970 or a frame is longer than its link type allows.
pub fn open_frames<'a>(
    frames: impl IntoIterator<Item = (Timestamp, LinkType, &'a [u8])>,
    options: &Options,
) -> Result<Source, Error> {
    let failed = |source| Error::Open { path: "memory".to_owned(), source };
    let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).map_err(failed)?;
    let mut interfaces: Vec<LinkType> = Vec::new();
    for (time, link_type, data) in frames {
        let known = interfaces.iter().position(|&known| known == link_type);
        let interface = match known.and_then(|index| u32::try_from(index).ok()) {
            Some(index) => index,
            None => {
                interfaces.push(link_type);
                let described = Interface { link_type, resolution: Resolution::Nanoseconds, ..Interface::default() };
                writer.interface(&described).map_err(failed)?
            }
        };
        let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        writer.frame(interface, time, len, data, &[]).map_err(failed)?;
    }
    let stream: Box<dyn Read + Send> = Box::new(Cursor::new(writer.into_inner()));
    open_streams(vec![("memory".to_owned(), stream)], options)
}
