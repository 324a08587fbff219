//! Claims of drift (PyPI `drift-evidence`, version 0.4): for each device the names and networks that it may contact.

use std::path::Path;

use super::{Claim, Error, Says, Selector, mud, parse};
use crate::shape::Place;

/// One claim a device: it contacts only these.
pub(super) fn claims(
    devices: &Place<'_>,
    open: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<Vec<Claim>, Error> {
    let mut claims = Vec::new();
    for device in devices.items()? {
        let id = device.at("id")?.text()?;
        let mut selectors = Vec::new();
        if let Some(names) = device.maybe("allowed_domains") {
            for name in names.items()? {
                let name = name.text()?.to_ascii_lowercase();
                selectors.push(Selector { name: Some(name.trim_end_matches('.').to_owned()), ..Selector::default() });
            }
        }
        if let Some(networks) = device.maybe("allowed_ips") {
            for network in networks.items()? {
                selectors.push(Selector { network: Some(parse::network(&network)?), ..Selector::default() });
            }
        }
        if let Some(named) = device.maybe("mud") {
            let path = named.text()?;
            let text = open(Path::new(&path)).map_err(|source| Error::Named { path: path.into(), source })?;
            let value = parse::value(&text)?;
            selectors.extend(mud::names(&Place::root(&value))?);
        }
        let name = device.maybe("name").map(|name| name.text()).transpose()?.unwrap_or_else(|| id.clone());
        claims.push(Claim {
            id: id.clone(),
            text: format!("{name} contacts only what it may"),
            says: Says::Only(selectors),
            phase: None,
            machine: Some(id),
        });
    }
    Ok(claims)
}
