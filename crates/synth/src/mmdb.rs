//! Databases of networks in the format MaxMind DB 2.0: a tree over the bits of addresses, and records of names and
//! numbers. Leaves out what no test needs: pointers, numbers with signs or fractions, records of other widths.

use std::net::IpAddr;

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, at most 284 bytes.
    Text(String),
    /// A number.
    Number(u32),
    /// Values by name, at most 28.
    Map(Vec<(String, Value)>),
}

/// One side of a node.
#[derive(Debug, Clone, Copy, Default)]
enum Side {
    #[default]
    Nothing,
    Node(u32),
    Data(u32),
}

/// A database under construction.
#[derive(Debug)]
pub struct Mmdb {
    nodes: Vec<[Side; 2]>,
    data: Vec<u8>,
}

impl Default for Mmdb {
    fn default() -> Self {
        Self { nodes: vec![[Side::Nothing; 2]], data: Vec::new() }
    }
}

/// What parts data from metadata.
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

impl Mmdb {
    /// Says something of all addresses that begin with the first `bits` of `address`. Networks must not overlap.
    ///
    /// # Panics
    /// When they do.
    #[must_use]
    pub fn with(mut self, address: IpAddr, bits: u8, record: &Value) -> Self {
        // IPv4 lies in the first of the networks of 96 bits of IPv6.
        let (value, bits) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), bits + 96),
            IpAddr::V6(address) => (u128::from(address), bits),
        };
        let place = u32::try_from(self.data.len()).expect("it is small");
        self.data.extend(encoded(record));
        let mut node = 0;
        for bit in 0..bits {
            let next = self.nodes.len();
            let [zero, one] = self.nodes.get_mut(node).expect("nodes point to nodes");
            let side = if value >> (127 - bit) & 1 == 1 { one } else { zero };
            let is_last = bit + 1 == bits;
            match (*side, is_last) {
                (Side::Nothing, true) => *side = Side::Data(place),
                (Side::Nothing, false) => {
                    *side = Side::Node(u32::try_from(next).expect("it is small"));
                    self.nodes.push([Side::Nothing; 2]);
                    node = next;
                }
                (Side::Node(next), false) => node = usize::try_from(next).expect("it is small"),
                (Side::Node(_) | Side::Data(_), _) => panic!("networks overlap"),
            }
        }
        self
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        let count = u32::try_from(self.nodes.len()).expect("it is small");
        let mut file = Vec::new();
        for side in self.nodes.iter().flatten() {
            let record = match side {
                Side::Nothing => count,
                Side::Node(node) => *node,
                Side::Data(place) => count + 16 + place,
            };
            file.extend(record.to_be_bytes());
        }
        file.extend([0; 16]);
        file.extend(&self.data);
        file.extend(MARKER);
        file.extend(metadata(count));
        file
    }
}

fn metadata(nodes: u32) -> Vec<u8> {
    let mut map = vec![0xe0 | 9];
    let mut add = |name: &str, value: &[u8]| {
        map.extend(encoded(&Value::Text(name.to_owned())));
        map.extend(value);
    };
    add("node_count", &encoded(&Value::Number(nodes)));
    // Numbers of 16 bits, of type 5.
    add("record_size", &[0xa1, 32]);
    add("ip_version", &[0xa1, 6]);
    add("database_type", &encoded(&Value::Text("made-for-tests".to_owned())));
    // An empty list, of type 11.
    add("languages", &[0, 4]);
    add("binary_format_major_version", &[0xa1, 2]);
    add("binary_format_minor_version", &[0xa0]);
    // A number of 64 bits, of type 9.
    add("build_epoch", &[4, 2, 0x65, 0, 0, 0]);
    add("description", &[0xe0]);
    map
}

/// A control byte with type and size, then the content.
fn encoded(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => {
            let mut bytes = match text.len() {
                len @ 0..29 => vec![0x40 | u8::try_from(len).expect("below 29")],
                len => vec![0x40 | 29, u8::try_from(len - 29).expect("at most 284 bytes")],
            };
            bytes.extend(text.as_bytes());
            bytes
        }
        Value::Number(number) => {
            let bytes = number.to_be_bytes();
            [&[0xc0 | 4][..], &bytes].concat()
        }
        Value::Map(fields) => {
            let mut bytes = vec![0xe0 | u8::try_from(fields.len()).ok().filter(|len| *len < 29).expect("at most 28")];
            for (name, value) in fields {
                bytes.extend(encoded(&Value::Text(name.clone())));
                bytes.extend(encoded(value));
            }
            bytes
        }
    }
}
