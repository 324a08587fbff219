//! The report on a terminal: a diary that one would paste into an article. First what fits a glance, then the machine
//! and what it looks like, each phase with its contacts (the vendor's own apart from others'), what could be read in
//! the clear, and last what could not be told and where all of it comes from.
//!
//! Sizes of contacts are transport payload with retransmissions counted once; sizes of the summary are lengths on the
//! wire. Rounded sizes have one decimal in powers of a thousand; `Figures::Exact` prints every byte. Long lists are cut
//! and say by how much; `Length::All` prints them whole.
//!
//! Leaves out: fingerprints of machines other than the first (unless all is asked for), JA3
//! where there is JA4, and the evidence of each contact beyond its first frame; JSON has them.

mod account;
pub mod compared;
mod contacts;
pub(crate) mod diary;
pub mod explained;
mod files;
mod fingerprints;
mod http;
pub mod identity;
mod machine;
mod page;
mod phases;
mod summary;

use std::io;

use firstlight_model::FrameRef;
use firstlight_model::report::{Machine, Report};

use crate::{Length, Style, units};
pub(crate) use diary::Sentence;
use page::{Page, Paint, Text};

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(render(report, style).as_bytes())
}

/// The report as text.
pub fn render(report: &Report, style: &Style) -> String {
    let view = View { report, style };
    let mut page = Page::new(style);
    summary::write(view, &mut page);
    let (told, others) = view.machines();
    for machine in told {
        machine::write(view, &mut page, machine);
        fingerprints::write(view, &mut page, machine);
        phases::write(view, &mut page, machine);
        http::write(view, &mut page, machine);
    }
    machine::write_others(view, &mut page, others);
    account::write(view, &mut page);
    files::write(view, &mut page);
    page.into_text()
}

/// The report and how it is to look; what all sections share.
#[derive(Clone, Copy)]
struct View<'a> {
    report: &'a Report,
    style: &'a Style,
}

impl<'a> View<'a> {
    /// Machines whose diary is told, and the rest.
    fn machines(self) -> (&'a [Machine], &'a [Machine]) {
        let told = if self.all() { self.report.machines.len() } else { 1.min(self.report.machines.len()) };
        self.report.machines.split_at(told)
    }

    fn all(self) -> bool {
        self.style.length == Length::All
    }

    fn size(self, bytes: u64) -> String {
        units::size(bytes, self.style.figures)
    }

    /// How many of `len` things are shown when `limit` fit. One thing too many is shown rather than counted.
    fn shown(self, len: usize, limit: usize) -> usize {
        if self.all() || len <= limit + 1 { len } else { limit }
    }

    /// `frame 12`, with the file where there are several.
    fn place(self, at: FrameRef) -> String {
        let path = usize::try_from(at.capture).ok().and_then(|i| self.report.captures.get(i)).map(|c| c.path.as_str());
        match path {
            Some(path) if self.report.captures.len() > 1 => {
                format!("frame {} of {}", at.number, path_words(path.rsplit('/').next().unwrap_or(path)))
            }
            _ => format!("frame {}", at.number),
        }
    }
}

/// `… and 3 more` and what they come to, so that nothing is cut in silence.
fn more(page: &mut Page, indent: usize, left_out: usize, what: &str) {
    if left_out > 0 {
        let count = units::count(u64::try_from(left_out).unwrap_or(u64::MAX));
        let text = format!("… and {count} more{what} (--all)");
        page.flow(indent, &Text::of(Paint::Faint, &text));
    }
}

/// The name of a file for reading.
pub(crate) fn path_words(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

/// Where a name stands, for reading. Fields come by their display-filter names.
pub(crate) fn source_word(source: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("dhcp", "DHCP"),
        ("dns", "a DNS answer"),
        ("mdns", "mDNS"),
        ("llmnr", "LLMNR"),
        ("nbns", "NetBIOS"),
        ("tls.handshake.extensions_server_name", "TLS server name"),
        ("tls.sni", "TLS server name"),
        ("quic.tag.sni", "QUIC server name (Google's)"),
        ("quic", "QUIC server name"),
        ("tls.handshake.certificate", "its certificate"),
        ("tls.certificate", "its certificate"),
        ("x509", "its certificate"),
        ("http.proxy_connect_host", "HTTP CONNECT"),
        ("http.upnp", "UPnP description"),
        ("http.ntlm", "NTLM"),
        ("http", "HTTP host"),
        ("http2", "HTTP/2 authority"),
        ("socks", "SOCKS request"),
        ("ldap.ticket", "ticket of Kerberos"),
    ];
    let is_of =
        |key: &str| source.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_']));
    WORDS.iter().find(|(key, _)| is_of(key)).map_or(source, |(_, word)| word)
}

#[cfg(test)]
mod tests;
