//! Appending to byte vectors in network byte order, with lengths that are filled in afterwards.
//!
//! Leaves out little-endian fields: the few protocols that have them write them where they need them.

/// Appends numbers in network byte order and length-prefixed blocks.
pub(crate) trait Put {
    fn put_u8(&mut self, value: u8);
    fn put_u16(&mut self, value: u16);
    fn put_u24(&mut self, value: u32);
    fn put_u32(&mut self, value: u32);
    fn put(&mut self, bytes: &[u8]);
    /// A block that is preceded by its length in one byte.
    fn block_u8(&mut self, fill: impl FnOnce(&mut Vec<u8>));
    /// A block that is preceded by its length in two bytes.
    fn block_u16(&mut self, fill: impl FnOnce(&mut Vec<u8>));
    /// A block that is preceded by its length in three bytes.
    fn block_u24(&mut self, fill: impl FnOnce(&mut Vec<u8>));
}

impl Put for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_u16(&mut self, value: u16) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_u24(&mut self, value: u32) {
        let [_, high, middle, low] = value.to_be_bytes();
        self.extend_from_slice(&[high, middle, low]);
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn block_u8(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut block = Vec::new();
        fill(&mut block);
        self.put_u8(u8::try_from(block.len()).expect("a block with a one-byte length has at most 255 bytes"));
        self.put(&block);
    }

    fn block_u16(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut block = Vec::new();
        fill(&mut block);
        self.put_u16(len_u16(block.len()));
        self.put(&block);
    }

    fn block_u24(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut block = Vec::new();
        fill(&mut block);
        assert!(block.len() < 1 << 24, "a block with a three-byte length has less than 16 MiB");
        self.put_u24(len_u32(block.len()));
        self.put(&block);
    }
}

/// A length for a 16-bit field.
pub(crate) fn len_u16(len: usize) -> u16 {
    u16::try_from(len).expect("a 16-bit length field holds at most 65,535")
}

/// A length for a 32-bit field.
pub(crate) fn len_u32(len: usize) -> u32 {
    u32::try_from(len).expect("a 32-bit length field holds less than 4 GiB")
}
