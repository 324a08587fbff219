//! A user's databases of networks and countries, in the format MaxMind DB 2.0 (`.mmdb`): who runs an address and in which
//! country it is used. Firstlight brings none: they are large, they age, and their licences are their makers'.
//!
//! Several makers' names of fields are read: `autonomous_system_number` and `autonomous_system_organization` (MaxMind,
//! DB-IP, ip-location-db), `asn` and `as_name` (IPinfo); `country.iso_code`, `country_code`, `country`.

use maxminddb::{PathElement, Reader};
use std::fmt;
use std::net::IpAddr;

/// Bytes that one may have.
pub const MAX_DATABASE_BYTES: u64 = 1 << 30;
/// Letters of an organisation's name that are kept.
const MAX_NAME: usize = 120;

/// A database of networks.
pub struct Database {
    reader: Reader<Vec<u8>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("type", &self.reader.metadata().database_type).finish()
    }
}

/// What is known of the network of an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// Autonomous system number.
    pub number: Option<u32>,
    /// Who runs it, in the words of the database.
    pub organisation: Option<String>,
    /// ISO 3166-1 code of the country, in upper case.
    pub country: Option<String>,
}

impl Network {
    /// Who runs it: the important ones as they are called here, others in the words of the database.
    pub fn carrier(&self) -> Option<&str> {
        let known = self.number.and_then(crate::place::autonomous_system).map(|it| it.organisation);
        known.or(self.organisation.as_deref())
    }
}

impl Database {
    /// Over the bytes of a file.
    ///
    /// # Errors
    /// When they are no such database: in words.
    pub fn open(bytes: Vec<u8>) -> Result<Self, String> {
        let reader = Reader::from_source(bytes).map_err(|error| error.to_string())?;
        Ok(Self { reader })
    }

    /// What it says of an address; what cannot be read says nothing.
    fn network(&self, address: IpAddr) -> Network {
        let Ok(found) = self.reader.lookup(address) else { return Network::default() };
        let text = |path: &[&'static str]| {
            let path: Vec<PathElement<'_>> = path.iter().map(|key| PathElement::Key(key)).collect();
            let text = found.decode_path::<String>(&path).ok().flatten()?;
            Some(text.chars().take(MAX_NAME).collect::<String>()).filter(|text| !text.is_empty())
        };
        let number = found.decode_path::<u32>(&[PathElement::Key("autonomous_system_number")]).ok().flatten();
        let country = text(&["country", "iso_code"]).or_else(|| text(&["country_code"])).or_else(|| text(&["country"]));
        Network {
            number: number.or_else(|| text(&["asn"])?.trim_start_matches("AS").parse().ok()),
            organisation: text(&["autonomous_system_organization"]).or_else(|| text(&["as_name"])),
            country: country
                .filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
                .map(|code| code.to_ascii_uppercase()),
        }
    }
}

/// What the databases say of an address, the first that says a thing first.
pub(crate) fn network(databases: &[&Database], address: IpAddr) -> Network {
    let mut known = Network::default();
    for database in databases {
        let said = database.network(address);
        known.number = known.number.or(said.number);
        known.organisation = known.organisation.or(said.organisation);
        known.country = known.country.or(said.country);
    }
    known
}
