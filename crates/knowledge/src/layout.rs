//! How the blob is laid out: which tables it has, and the columns of their records. Shared by the packer and the
//! reader. A blob is made and read by the same build of Firstlight, so there is no version to agree on.
//!
//! ```text
//! "FLK1"  count u32  (offset u32, length u32) per section  sections
//! ```
//! Numbers are little-endian. Section 0 holds the strings, each with a length byte before it; a string is meant by the
//! offset of that byte, and offset 0 is the empty string.

/// One column of a record.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Offset in the record.
    pub at: usize,
    /// Bytes.
    pub width: usize,
}

/// One table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Number of its section.
    pub section: usize,
    /// Bytes of a record.
    pub width: usize,
}

/// The first bytes of a blob.
pub const MAGIC: &[u8; 4] = b"FLK1";
/// Section of the strings.
pub const STRINGS: usize = 0;
/// How many sections there are.
pub const SECTIONS: usize = 27;

macro_rules! columns {
    ($at:expr;) => {
        /// Bytes of a record.
        pub const WIDTH: usize = $at;
    };
    ($at:expr; $name:ident $width:literal $doc:literal, $($rest:tt)*) => {
        #[doc = $doc]
        pub const $name: Column = Column { at: $at, width: $width };
        columns! { $at + $width; $($rest)* }
    };
}

macro_rules! table {
    ($module:ident $section:literal $doc:literal { $($columns:tt)* }) => {
        #[doc = $doc]
        pub mod $module {
            use super::{Column, Table};
            columns! { 0; $($columns)* }
            /// The table.
            pub const TABLE: Table = Table { section: $section, width: WIDTH };
        }
    };
}

table!(slots 1 "Open addressing by the hash of a host; the number of records is a power of two." {
    HOST 3 "Record of `hosts`, plus one; 0 is free.",
    TAG 1 "Upper byte of the hash.",
});
table!(hosts 2 "Every host and suffix that a table names." {
    NAME 3 "String.",
    RULES_AT 2 "First record of `rules`.",
    RULES_LEN 1 "Number of them.",
    OWNER_EXACT 2 "Record of `statements` for the name itself, plus one.",
    OWNER_SUFFIX 2 "Record of `statements` for the name and all below it, plus one.",
    NETWORK 2 "Record of `networks`, plus one.",
});
table!(rules 3 "What names are for." {
    MATCH 1 "`check::Match`.",
    CLASS 1 "`check::Class`.",
    SCOPE 1 "`check::Scope`.",
    GRADE 1 "`check::Grade`.",
    PATTERN 3 "String.",
    PATH 3 "String.",
    OWNER 2 "Record of `owners`, plus one.",
    CATEGORY 1 "Record of `categories`, plus one.",
    PURPOSE 3 "String.",
    PRODUCT 3 "String.",
    FAMILIES 16 "Bits of the families that it names; none for any.",
    PORTS 3 "String: `443/tcp`, separated by commas.",
    TELLS 3 "String: `family|version|label`, separated by `;`.",
    SOURCE 3 "String.",
    SOURCE_ROW 2 "Record of `sources`, plus one.",
    IF_BLOCKED 2 "Record of `if_blocked`, plus one.",
});
table!(open_globs 4 "Globs without a literal end." {
    RULE 2 "Record of `rules`.",
    FIRST 1 "First byte of the pattern, 0 when that is a star.",
});
table!(statements 5 "Who owns a domain, shared by all domains of which the same is said." {
    OWNER 2 "Record of `owners`, plus one.",
    CATEGORY 1 "Record of `categories`, plus one.",
    SOURCE 3 "String.",
    SOURCE_ROW 2 "Record of `sources`, plus one.",
});
table!(networks 6 "Who serves." {
    CARRIER 3 "String.",
    SHARED 1 "1 when it serves many owners.",
    SOURCE 3 "String.",
});
table!(owners 7 "Organisations, by name." {
    NAME 3 "String.",
    PARENT 2 "Record of `owners`, plus one.",
    MAKES 16 "Bits of the families of which it, or a parent, makes a system.",
});
table!(systems 8 "Systems, by name." {
    NAME 3 "String.",
    FAMILY 3 "String.",
    FAMILY_BIT 1 "Its bit; the same for all of a family.",
    MAKER 2 "Record of `owners`, plus one.",
});
table!(categories 9 "Categories, by name." {
    NAME 3 "String.",
    MEANING 3 "String.",
});
table!(sources 10 "Sources, by key." {
    KEY 3 "String.",
    URL 3 "String.",
    WHAT 3 "String.",
    LICENCE 3 "String.",
    KIND 3 "String.",
    READ 3 "String: year and month.",
    STATED 3 "String: year, with the month where that is known; empty when unknown.",
});
table!(addresses 11 "Addresses that stay, by their text." {
    ADDRESS 3 "String.",
    PORTS 3 "String: `443/tcp`, separated by commas; empty for any.",
    OWNER 2 "Record of `owners`, plus one.",
    SERVICE 3 "String.",
    CATEGORY 1 "Record of `categories`, plus one.",
    NOTE 3 "String.",
    GRADE 1 "`check::Grade`.",
    SOURCE 3 "String.",
});
table!(oui 12 "Makers by the first three bytes of MAC addresses, by prefix." {
    PREFIX 3 "The bytes, as a number.",
    VENDOR 3 "String.",
});
table!(ports 13 "Service names, by port and transport." {
    KEY 3 "Port << 8 | protocol number.",
    SERVICE 3 "String.",
});
table!(port_purposes 14 "What a port says, by port and transport." {
    KEY 3 "Port << 8 | protocol number.",
    CATEGORY 1 "Record of `categories`, plus one.",
    PURPOSE 3 "String.",
    SOURCE 3 "String.",
});
table!(dnssd 15 "DNS-SD service types, by name." {
    SERVICE 3 "String.",
    MEANING 3 "String.",
    CATEGORY 1 "Record of `categories`, plus one.",
});
table!(dhcp 16 "DHCP fingerprints." {
    PARAMETERS 3 "String: option 55.",
    CLASS 3 "String: beginning of option 60.",
    TELLS 3 "String: `family|version|label`, separated by `;`.",
    LABEL 3 "String.",
    CONFIDENCE 3 "String.",
    GRADE 1 "`check::Grade`.",
    SOURCE 3 "String.",
});
table!(syn 17 "SYN layouts." {
    HOP_LIMIT 2 "Initial; 0 for any.",
    WINDOW 3 "String.",
    OPTIONS 3 "String.",
    WINDOW_SCALE 3 "String.",
    ECN 3 "String.",
    LABEL 3 "String.",
    FAMILY 3 "String: family of the first system of the label, or empty.",
    OBSERVATIONS 4 "How often seen; 0 when not counted.",
    GRADE 1 "`check::Grade`.",
    SOURCE 3 "String.",
});
table!(tls 18 "TLS fingerprints, by JA4." {
    JA4 3 "String.",
    JA3 3 "String.",
    PROGRAM 3 "String.",
    VERSION 3 "String.",
    SYSTEM 3 "String.",
    DETAIL 3 "String.",
    OBSERVATIONS 4 "How often seen; 0 when not counted.",
    SOURCE 3 "String.",
});
table!(tls_by_ja3 19 "Records of `tls` with a JA3, by it." {
    ROW 3 "Record of `tls`.",
});
table!(agents 20 "Beginnings of User-Agent, by text." {
    PREFIX 3 "String.",
    PROGRAM 3 "String.",
    TELLS 3 "String: `family|version|label`, separated by `;`.",
    CATEGORY 1 "Record of `categories`, plus one.",
    GRADE 1 "`check::Grade`.",
    SOURCE 3 "String.",
});
table!(versions 21 "Kernel versions, by kind and number." {
    KEY 3 "String: `darwin 19`.",
    TELLS 3 "String: `family|version|label`.",
    OTHER 3 "String: the same of the other family, or empty.",
    SOURCE 3 "String.",
});
table!(groups 22 "Multicast groups, the longest prefix first." {
    ADDRESS 16 "IPv6 or IPv4-mapped, in network byte order.",
    PREFIX 1 "Bits, of 128.",
    PORT 2 "0 for any.",
    NAME 3 "String.",
});
table!(autonomous_systems 23 "Important networks, by number." {
    NUMBER 4 "Autonomous system number.",
    ORGANISATION 3 "String.",
    KIND 3 "String.",
    SOURCE 3 "String.",
});
table!(labels 24 "What first labels of names say, by label." {
    LABEL 3 "String.",
    CATEGORY 1 "Record of `categories`, plus one.",
    PURPOSE 3 "String.",
    SOURCE 3 "String.",
});
table!(paths 25 "What paths of requests say, by path." {
    PATH 3 "String.",
    CATEGORY 1 "Record of `categories`, plus one.",
    PURPOSE 3 "String.",
    SOURCE 3 "String.",
});
table!(if_blocked 26 "What no longer works where a name is blocked, of the rules that refer to it." {
    TEXT 3 "String.",
    SOURCE 3 "String.",
});
