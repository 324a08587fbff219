//! Reads the blob: tables of fixed records and their strings, in place. Nothing is parsed, copied or built at start;
//! a blob that is damaged reads as empty rather than wrong.

use crate::host;
use crate::layout::{Column, MAGIC, SECTIONS, STRINGS, Table, hosts, slots};
use std::sync::LazyLock;

/// A packed book of knowledge.
#[derive(Debug, Clone, Copy)]
pub struct Book<'d> {
    sections: [&'d [u8]; SECTIONS],
}

/// The one that is compiled in.
pub fn compiled() -> &'static Book<'static> {
    static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.blob"));
    static BOOK: LazyLock<Book<'static>> = LazyLock::new(|| Book::open(BYTES));
    &BOOK
}

impl<'d> Book<'d> {
    /// Over the bytes that [`crate::pack::pack`] made; others give an empty book.
    pub fn open(bytes: &'d [u8]) -> Self {
        let mut book = Self { sections: [&[]; SECTIONS] };
        let count = number(bytes.get(4..8).unwrap_or(&[]));
        if bytes.get(..4) != Some(MAGIC) || usize::try_from(count) != Ok(SECTIONS) {
            return book;
        }
        for (section, entry) in book.sections.iter_mut().zip(bytes.get(8..).unwrap_or(&[]).chunks_exact(8)) {
            let offset = usize::try_from(number(entry.get(..4).unwrap_or(&[]))).unwrap_or(usize::MAX);
            let length = usize::try_from(number(entry.get(4..).unwrap_or(&[]))).unwrap_or(usize::MAX);
            *section = offset.checked_add(length).and_then(|end| bytes.get(offset..end)).unwrap_or(&[]);
        }
        book
    }

    /// Bytes of all sections together.
    pub fn len_bytes(&self) -> usize {
        self.sections.iter().map(|section| section.len()).sum()
    }

    /// The records of a table.
    #[inline]
    pub fn rows(&self, table: Table) -> Rows<'d> {
        let bytes = self.sections.get(table.section).copied().unwrap_or(&[]);
        let strings = self.sections.get(STRINGS).copied().unwrap_or(&[]);
        Rows { bytes, width: table.width, strings }
    }

    /// The record of a host or suffix by its text and [`host::hash`].
    pub fn host(&self, name: &str, hash: u64) -> Option<Row<'d>> {
        let slot_rows = self.rows(slots::TABLE);
        let host_rows = self.rows(hosts::TABLE);
        let mask = slot_rows.len().checked_sub(1)?;
        let mut at = usize::try_from(hash & u64::try_from(mask).ok()?).ok()?;
        for _ in 0..=mask {
            let slot = slot_rows.row(at);
            match slot.number(slots::HOST) {
                0 => return None,
                place => {
                    if u64::from(slot.number(slots::TAG)) == hash >> 56 {
                        let row = host_rows.numbered(place)?;
                        if row.string(hosts::NAME) == name.as_bytes() {
                            return Some(row);
                        }
                    }
                }
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// As [`Self::host`], for a text whose hash is not known yet.
    pub fn host_named(&self, name: &str) -> Option<Row<'d>> {
        self.host(name, host::hash(name))
    }
}

/// The records of one table.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'d> {
    bytes: &'d [u8],
    width: usize,
    strings: &'d [u8],
}

impl<'d> Rows<'d> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bytes.len().checked_div(self.width).unwrap_or(0)
    }

    /// One of them; all zeros when there is no such record.
    #[inline]
    pub fn row(&self, at: usize) -> Row<'d> {
        let start = at.saturating_mul(self.width);
        let bytes = self.bytes.get(start..start.saturating_add(self.width)).unwrap_or(&[]);
        Row { bytes, strings: self.strings }
    }

    /// By a place that counts from one, 0 being none.
    #[inline]
    pub fn numbered(&self, place: u32) -> Option<Row<'d>> {
        let at = usize::try_from(place.checked_sub(1)?).ok()?;
        (at < self.len()).then(|| self.row(at))
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'d>> + use<'d> {
        let rows = *self;
        (0..rows.len()).map(move |at| rows.row(at))
    }

    /// The first record for which `is_less` is false; the records must be sorted by it.
    pub fn partition(&self, mut is_less: impl FnMut(&Row<'d>) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_less(&self.row(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The first record whose text is `text`, in a table sorted by that column.
    pub fn named(&self, column: Column, text: &str) -> Option<Row<'d>> {
        let row = self.row(self.partition(|row| row.string(column) < text.as_bytes()));
        (!row.is_missing() && row.string(column) == text.as_bytes()).then_some(row)
    }

    /// The record with that number, in a table sorted by that column.
    pub fn keyed(&self, column: Column, key: u32) -> Option<Row<'d>> {
        let row = self.row(self.partition(|row| row.number(column) < key));
        (!row.is_missing() && row.number(column) == key).then_some(row)
    }
}

/// One record.
#[derive(Debug, Clone, Copy)]
pub struct Row<'d> {
    bytes: &'d [u8],
    strings: &'d [u8],
}

impl<'d> Row<'d> {
    /// A number of up to four bytes.
    #[inline]
    pub fn number(&self, column: Column) -> u32 {
        number(self.bytes(column))
    }

    /// A number of up to sixteen bytes, such as a set of bits.
    pub fn wide(&self, column: Column) -> u128 {
        self.bytes(column).iter().take(16).rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// The bytes of a column.
    #[inline]
    pub fn bytes(&self, column: Column) -> &'d [u8] {
        self.bytes.get(column.at..column.at + column.width).unwrap_or(&[])
    }

    /// The first byte of a column.
    #[inline]
    pub fn byte(&self, column: Column) -> u8 {
        self.bytes.get(column.at).copied().unwrap_or(0)
    }

    /// The string that a column means, as bytes: enough to compare by, for strings are ordered as their bytes are.
    #[inline]
    pub fn string(&self, column: Column) -> &'d [u8] {
        let at = usize::try_from(self.number(column)).unwrap_or(usize::MAX);
        let len = usize::from(self.strings.get(at).copied().unwrap_or(0));
        let bytes = at.checked_add(1).and_then(|start| self.strings.get(start..start.saturating_add(len)));
        bytes.unwrap_or(&[])
    }

    /// The string that a column means.
    #[inline]
    pub fn text(&self, column: Column) -> &'d str {
        std::str::from_utf8(self.string(column)).unwrap_or("")
    }

    /// As [`Self::text`]; `None` when it is empty.
    pub fn some_text(&self, column: Column) -> Option<&'d str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Whether the record is not there at all.
    pub fn is_missing(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[inline]
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::{Book, compiled};
    use crate::layout::{hosts, owners};

    #[test]
    fn a_damaged_blob_reads_as_empty() {
        for bytes in [&b""[..], b"FLK1", b"FLK1\xff\xff\xff\xff", b"nonsense of some length, longer than the header"] {
            let book = Book::open(bytes);
            assert_eq!(book.rows(hosts::TABLE).len(), 0);
            assert!(book.host_named("apple.com").is_none());
            assert!(book.rows(owners::TABLE).named(owners::NAME, "Apple").is_none());
            assert_eq!(book.rows(owners::TABLE).row(7).text(owners::NAME), "");
        }
    }

    #[test]
    fn every_host_is_found_by_its_own_name_and_no_other_is() {
        let book = compiled();
        let rows = book.rows(hosts::TABLE);
        assert!(rows.len() > 20_000);
        for row in rows.iter() {
            let name = row.text(hosts::NAME);
            assert_eq!(book.host_named(name).map(|found| found.text(hosts::NAME)), Some(name));
            assert!(book.host_named(&format!("{name}x")).is_none_or(|found| found.text(hosts::NAME) != name));
        }
    }

    #[test]
    fn the_blob_stays_under_four_megabytes() {
        assert!(compiled().len_bytes() < 4_000_000, "{}", compiled().len_bytes());
    }
}
