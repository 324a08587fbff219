//! The commands. Each is a file that declares its arguments once, from which parsing, `--help`, the man page and the
//! completions follow; a new one is a file and a line in [`ALL`].

mod check;
mod claims;
mod completions;
mod diff;
mod explain;
mod fingerprint;
mod knowledge;
mod learn;
mod man;
mod report;
mod subtract;

use std::net::IpAddr;

use clap::ArgMatches;
use firstlight_model::MacAddress;

use crate::outcome::{Exit, Failure};
use crate::surroundings::Surroundings;

/// A command.
pub struct Entry {
    /// Its arguments and help.
    pub declare: fn() -> clap::Command,
    /// Does it.
    pub run: fn(&ArgMatches, &Surroundings) -> Result<Exit, Failure>,
}

/// All of them, in the order in which help lists them.
pub const ALL: &[Entry] = &[
    report::ENTRY,
    learn::ENTRY,
    check::ENTRY,
    diff::ENTRY,
    fingerprint::ENTRY,
    claims::ENTRY,
    subtract::ENTRY,
    explain::ENTRY,
    knowledge::ENTRY,
    completions::ENTRY,
    man::ENTRY,
];

/// What a command was given. The declaration it was parsed by is that of `T`.
fn given<T: clap::FromArgMatches>(matches: &ArgMatches) -> Result<T, Failure> {
    T::from_arg_matches(matches).map_err(|error| Failure::new(error.to_string()))
}

/// An IP or MAC address in its usual form, however it was written.
pub fn address(text: &str) -> Result<String, String> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(ip.to_string());
    }
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let shape = text.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '-' | '.'));
    match u64::from_str_radix(&digits, 16) {
        Ok(bits) if shape && digits.len() == 12 => {
            let [_, _, bytes @ ..] = bits.to_be_bytes();
            Ok(MacAddress(bytes).to_string())
        }
        _ => Err("it is neither an IP address nor a MAC address such as 00:0c:29:01:02:03".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_in_any_of_their_spellings() {
        for mac in ["00:0C:29:01:02:03", "00-0c-29-01-02-03", "000c.2901.0203", "000c29010203"] {
            assert_eq!(address(mac).as_deref(), Ok("00:0c:29:01:02:03"), "{mac}");
        }
        assert_eq!(address("FE80:0:0::1").as_deref(), Ok("fe80::1"));
        assert_eq!(address("10.1.2.3").as_deref(), Ok("10.1.2.3"));
        for wrong in ["", "laptop", "00:0c:29:01:02", "10.1.2.300", "+00c29010203"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
