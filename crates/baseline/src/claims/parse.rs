//! Reading claims: our own files in TOML or YAML, drift's `claims.yaml`, and MUD files (RFC 8520). Which of them it is
//! shows in what stands in it.
//!
//! ```toml
//! [[claims]]
//! id = "no-tencent"
//! text = "Safari speaks to Tencent in China only"
//! never = { owner = "Tencent" }
//! phase = "Safari"
//!
//! [[claims]]
//! id = "small"
//! text = "idle, it sends less than a megabyte an hour to its maker"
//! at_most = "1 MB"
//! of = { vendor_own = true }
//! ```

use std::path::{Path, PathBuf};

use firstlight_model::report::Scope;
use serde_json::Value;

use super::{Claim, Says, Selector, drift, mud};
use crate::shape::{Place, Wrong};

/// Why a file holds no claims.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither TOML nor YAML nor JSON.
    #[error("is neither TOML nor YAML: {0}")]
    Text(String),
    /// A part of it is not as it should be.
    #[error(transparent)]
    Shape(#[from] Wrong),
    /// No claims, devices or MUD in it.
    #[error("has neither claims, nor devices (drift), nor ietf-mud:mud (RFC 8520)")]
    Unknown,
    /// A file that it names cannot be read.
    #[error("names {path}, which cannot be read")]
    Named {
        /// As it was named, seen from the file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// What to try.
    pub const fn hint(&self) -> &'static str {
        "a claim has id, text, and one of never, only, always, or at_most with of; see firstlight claims --help"
    }
}

/// Claims from the text of a file. `open` reads a file that it names, by a path relative to the first.
///
/// # Errors
/// When the text is no TOML, YAML or JSON, or of another shape.
pub fn read(text: &str, open: &dyn Fn(&Path) -> std::io::Result<String>) -> Result<Vec<Claim>, Error> {
    let value = value(text)?;
    let root = Place::root(&value);
    if root.maybe("ietf-mud:mud").is_some() {
        return Ok(mud::claims(&root)?);
    }
    if let Some(devices) = root.maybe("devices") {
        return drift::claims(&devices, open);
    }
    let claims = root.maybe("claims").ok_or(Error::Unknown)?;
    claims.items()?.iter().map(|place| Ok(claim(place)?)).collect()
}

/// The text as JSON has it. TOML is tried first: hardly any text is both.
pub(super) fn value(text: &str) -> Result<Value, Error> {
    if let Ok(value) = toml::from_str::<Value>(text) {
        return Ok(value);
    }
    serde_saphyr::from_str::<Value>(text).map_err(|error| Error::Text(error.to_string()))
}

fn claim(place: &Place<'_>) -> Result<Claim, Wrong> {
    let list = |name: &str| place.maybe(name).map(|place| selectors(&place)).transpose();
    let at_most = place.maybe("at_most").map(|place| bytes(&place)).transpose()?;
    let says = match (list("never")?, list("only")?, list("always")?, at_most, list("of")?) {
        (Some(never), None, None, None, None) => Says::Never(never),
        (None, Some(only), None, None, None) => Says::Only(only),
        (None, None, Some(always), None, None) => Says::Always(always),
        (None, None, None, Some(bytes), Some(of)) => Says::AtMost(of, bytes),
        _ => return Err(place.wrong("a claim with one of never, only, always, or at_most with of")),
    };
    Ok(Claim {
        id: place.at("id")?.text()?,
        text: place.at("text")?.text()?,
        says,
        phase: place.maybe("phase").map(|place| place.text()).transpose()?,
        machine: place.maybe("machine").map(|place| place.text()).transpose()?,
    })
}

/// One selector, or a list of them.
fn selectors(place: &Place<'_>) -> Result<Vec<Selector>, Wrong> {
    if place.value.is_array() {
        return place.items()?.iter().map(selector).collect();
    }
    Ok(vec![selector(place)?])
}

const FIELDS: [&str; 10] =
    ["owner", "name", "category", "country", "network", "port", "transport", "encrypted", "vendor_own", "scope"];

fn selector(place: &Place<'_>) -> Result<Selector, Wrong> {
    for name in place.map()?.keys() {
        if !FIELDS.contains(&name.as_str()) {
            let expected = "owner, name, category, country, network, port, transport, encrypted, vendor_own or scope";
            return Err(Wrong { place: format!("{}.{name}", place.path), expected });
        }
    }
    let text = |name: &str| place.maybe(name).map(|place| place.text()).transpose();
    let flag = |name: &str| {
        let read = |place: Place<'_>| place.value.as_bool().ok_or_else(|| place.wrong("true or false"));
        place.maybe(name).map(read).transpose()
    };
    let port = |place: Place<'_>| u16::try_from(place.count()?).map_err(|_| place.wrong("a port"));
    let network = |place: Place<'_>| network(&place);
    let scope = |place: Place<'_>| {
        let scopes = [Scope::Internet, Scope::Local, Scope::Multicast, Scope::Broadcast];
        let word = place.text()?;
        let found = scopes.into_iter().find(|scope| scope.word() == word);
        found.ok_or_else(|| place.wrong("internet, local, multicast or broadcast"))
    };
    Ok(Selector {
        owner: text("owner")?,
        name: text("name")?,
        category: text("category")?,
        country: text("country")?,
        network: place.maybe("network").map(network).transpose()?,
        port: place.maybe("port").map(port).transpose()?,
        transport: text("transport")?,
        encrypted: flag("encrypted")?,
        vendor_own: flag("vendor_own")?,
        scope: place.maybe("scope").map(scope).transpose()?,
    })
}

/// A network, or an address for the network of it alone.
pub(super) fn network(place: &Place<'_>) -> Result<ipnet::IpNet, Wrong> {
    let text = place.text()?;
    let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
    net.map_err(|_| place.wrong("a network such as 203.0.113.0/24"))
}

/// A number of bytes, or a text such as `1 MB`, in powers of a thousand.
fn bytes(place: &Place<'_>) -> Result<u64, Wrong> {
    if let Some(bytes) = place.value.as_u64() {
        return Ok(bytes);
    }
    let wrong = || place.wrong("a number of bytes such as 20000 or 1 MB");
    let text = place.value.as_str().ok_or_else(wrong)?;
    let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let factor: u64 = match unit.trim() {
        "B" => 1,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    number.trim().parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).ok_or_else(wrong)
}
