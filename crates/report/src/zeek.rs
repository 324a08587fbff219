//! Logs in the form of Zeek's (docs.zeek.org, "Zeek Log Formats"; field names, types and order of Zeek 8): conn, dns, ssl,
//! quic, http, dhcp and ntp, a line for each connection or transaction, written while a capture is read. Either as text
//! with tabs under a header, or as an object of JSON a line.
//!
//! What Firstlight does not know of a field is unset; docs/zeek.md lists it, and where the two differ. Left out: all other
//! logs of Zeek.

mod conn;
mod dhcp;
mod dns;
mod http;
mod names;
mod ntp;
mod row;
mod tls;

use std::collections::HashMap;
use std::io::{self, Write};

use firstlight_model::{Conversation, Event, Timestamp, Value};

use row::Cell;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Text with tabs, under a header.
    Tabs,
    /// An object of JSON a line.
    Json,
}

/// A log: its name, and its columns with their types.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    /// As in the file's name: `conn`.
    pub name: &'static str,
    /// Columns and types, in order.
    pub columns: &'static [(&'static str, &'static str)],
}

/// All logs, in the order of this page.
pub const LOGS: [Log; 7] = [conn::LOG, dns::LOG, tls::SSL, tls::QUIC, http::LOG, dhcp::LOG, ntp::LOG];

/// Opens the file of a log, when its first line comes.
pub type Open<'o> = dyn FnMut(&'static str) -> io::Result<Box<dyn Write>> + 'o;

/// What is written, and what is waited for.
pub struct Logs<'o> {
    files: Files<'o>,
    /// By uid. No more than there are conversations under way, which the table of flows limits.
    known: HashMap<Box<str>, Known>,
    leases: dhcp::Leases,
}

/// What is kept of a conversation until it is over.
#[derive(Default)]
struct Known {
    dns: Option<Box<dns::Transactions>>,
    tls: Option<Box<tls::Tls>>,
    quic: Option<Box<tls::Quic>>,
    exchanges: u64,
}

impl<'o> Logs<'o> {
    /// Nothing is opened before there is a line for it, save the log of connections.
    pub fn new(notation: Notation, open: &'o mut Open<'o>) -> Self {
        Self { files: Files::new(notation, open), known: HashMap::new(), leases: dhcp::Leases::default() }
    }

    /// Takes in what happened. An error stops the writing; [`Self::finish`] gives it.
    pub fn take(&mut self, talk: &Conversation<'_>, event: &Event<'_>) {
        match event {
            Event::Observed { time, observation } => {
                let name = observation.field.name;
                let known = match self.known.get_mut(talk.uid) {
                    Some(known) => known,
                    None => self.known.entry(talk.uid.into()).or_default(),
                };
                match observation.value {
                    Value::Header(_) | Value::LookUp(_) | Value::Record(_) => {
                        let dns = known.dns.get_or_insert_default();
                        dns.observe(talk, *time, observation, &mut self.files);
                    }
                    Value::Exchange(exchange) => {
                        known.exchanges += 1;
                        http::write(talk, *time, known.exchanges, &exchange, &mut self.files);
                    }
                    Value::Time(message) => ntp::write(talk, *time, &message, &mut self.files),
                    Value::Lease(lease) => {
                        self.leases.message(talk, *time, observation.direction, &lease, &mut self.files);
                    }
                    Value::Text(text) if name == dhcp::CLIENT_NAME => self.leases.client_name(text),
                    _ => {}
                }
                if name.starts_with("quic.") {
                    known.quic.get_or_insert_with(|| Box::new(tls::Quic::new(*time))).observe(observation);
                } else if name.starts_with("tls.") {
                    known.tls.get_or_insert_with(|| Box::new(tls::Tls::new(*time))).observe(observation);
                }
            }
            Event::Ended(ended) => {
                let known = self.known.remove(talk.uid).unwrap_or_default();
                conn::write(talk, ended, known.tls.is_some(), &mut self.files);
                if let Some(mut dns) = known.dns {
                    dns.finish(talk, &mut self.files);
                }
                if let Some(quic) = &known.quic {
                    quic.write(talk, known.tls.as_deref(), &mut self.files);
                }
                if let Some(tls) = &known.tls {
                    tls.write(talk, &mut self.files);
                }
            }
        }
    }

    /// Writes what waited for more, and the ends of the files. Gives the number of lines of each log.
    ///
    /// # Errors
    /// When a file could not be opened or written to.
    pub fn finish(mut self) -> io::Result<Vec<(&'static str, u64)>> {
        self.leases.finish(&mut self.files);
        self.files.finish()
    }
}

/// The files, as far as they are open.
struct Files<'o> {
    notation: Notation,
    open: &'o mut Open<'o>,
    files: [Option<File>; LOGS.len()],
    failed: Option<io::Error>,
}

struct File {
    out: Box<dyn Write>,
    lines: u64,
    last: Timestamp,
}

impl<'o> Files<'o> {
    fn new(notation: Notation, open: &'o mut Open<'o>) -> Self {
        Self { notation, open, files: [const { None }; LOGS.len()], failed: None }
    }

    /// Writes a line. Its first cell is its time.
    fn line(&mut self, log: &Log, time: Timestamp, cells: &[Cell<'_>]) {
        debug_assert_eq!(cells.len(), log.columns.len(), "{}", log.name);
        if self.failed.is_none()
            && let Err(error) = self.try_line(log, time, cells)
        {
            self.failed = Some(error);
        }
    }

    fn try_line(&mut self, log: &Log, time: Timestamp, cells: &[Cell<'_>]) -> io::Result<()> {
        let notation = self.notation;
        let file = self.file(log, time)?;
        file.lines += 1;
        file.last = file.last.max(time);
        row::write(notation, log.columns, cells, &mut file.out)
    }

    fn file(&mut self, log: &Log, time: Timestamp) -> io::Result<&mut File> {
        let at = LOGS.iter().position(|other| other.name == log.name).expect("every log is in the list");
        let slot = self.files.get_mut(at).expect("there is a slot for each");
        if slot.is_none() {
            let mut out = (self.open)(log.name)?;
            if self.notation == Notation::Tabs {
                row::write_head(log, time, &mut out)?;
            }
            *slot = Some(File { out, lines: 0, last: time });
        }
        Ok(slot.as_mut().expect("it was filled"))
    }

    fn finish(mut self) -> io::Result<Vec<(&'static str, u64)>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        // A capture without connections has an empty log of them.
        self.file(&conn::LOG, Timestamp::ZERO)?;
        let mut counts = Vec::new();
        for (log, file) in LOGS.iter().zip(&mut self.files) {
            let Some(file) = file else { continue };
            if self.notation == Notation::Tabs {
                row::write_end(file.last, &mut file.out)?;
            }
            file.out.flush()?;
            counts.push((log.name, file.lines));
        }
        Ok(counts)
    }
}

/// The columns that most logs begin with.
fn ends(talk: &Conversation<'_>, time: Timestamp) -> [Cell<'static>; 6] {
    [
        Cell::Time(time.as_ns()),
        Cell::text(talk.uid.to_owned()),
        Cell::text(talk.originator.address.to_string()),
        Cell::Count(talk.originator.port.into()),
        Cell::text(talk.responder.address.to_string()),
        Cell::Count(talk.responder.port.into()),
    ]
}

/// Zeek's name of a transport protocol.
fn transport(talk: &Conversation<'_>) -> &'static str {
    match talk.transport.0 {
        6 => "tcp",
        17 => "udp",
        1 | 58 => "icmp",
        _ => "unknown_transport",
    }
}

/// What is kept of a text: names are never longer, and an enemy's must not fill the memory.
fn kept(text: &str) -> Box<str> {
    const KEPT_LEN_BYTES: usize = 1024;
    text.get(..text.floor_char_boundary(KEPT_LEN_BYTES)).unwrap_or(text).into()
}

#[cfg(test)]
mod tests;
