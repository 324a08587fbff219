//! `firstlight explain`: whose a name is and what it is for, with rule, source and age; of a name, an address, or all
//! that a capture contacted.

#[path = "explain/subject.rs"]
mod subject;

use std::collections::BTreeMap;
use std::path::Path;

use clap::{ArgMatches, Args, Command, ValueEnum};
use firstlight_knowledge::{self as knowledge, Answer, Knowledge, Query};
use firstlight_model::Transport;
use firstlight_model::explanation::{Alternative, Amount, Explanation, Provenance};
use firstlight_model::report::Report;
use firstlight_report::{json, terminal};

use self::subject::{Host, Subject};
use super::{Entry, given};
use crate::outcome::{Exit, Failure};
use crate::page::Page;
use crate::reading::{self, Reading};
use crate::surroundings::{Month, Surroundings};

/// The command.
pub const ENTRY: Entry = Entry { declare, run };

/// A source that was read longer ago may no longer hold.
const STALE_MONTHS: u32 = 24;

const EXAMPLES: &str = "\
Examples:
  firstlight explain albert.apple.com                  whose is it, and what for
  firstlight explain www.apple.com/library/test/success.html
  firstlight explain time.apple.com:123 --system macOS
  firstlight explain 8.8.8.8:53                        an address
  firstlight explain day.pcapng                        all that a capture contacted
  firstlight explain swscan.apple.com --format json

A name that is also a file is read as a capture; -r always is.

Exit status:
  0  answered, also where the answer is that nobody knows
  2  it could not be done
  3  with --strict: of something nobody knows the owner or the purpose";

/// Says whose a name or address is and what it is for, with the rule, its source and its age
#[derive(Debug, Args)]
struct Arguments {
    /// Names, addresses, NAME/PATH, NAME:PORT, URLs, or captures
    #[arg(value_name = "NAME|ADDRESS|CAPTURE", required_unless_present = "read")]
    what: Vec<String>,
    /// A capture, as with tcpdump and tshark; may be repeated
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    read: Vec<std::path::PathBuf>,
    /// The system that asks: macOS, Windows, Android … [default: none; of a capture, what it shows]
    #[arg(long, value_name = "SYSTEM", value_parser = system)]
    system: Option<String>,
    /// A browser was just started: what its start page loads is told as such
    #[arg(long)]
    browser_started: bool,
    /// Protocol of the port [default: the one that the port is known for, or tcp]
    #[arg(long, value_name = "PROTOCOL", value_enum)]
    transport: Option<TransportChoice>,
    /// The month from which the age of sources is counted, as 2026-11 [default: this one]
    #[arg(long, value_name = "MONTH", value_parser = Month::parse)]
    as_of: Option<Month>,
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    format: ExplainFormat,
    #[command(flatten)]
    page: Page,
    /// Exit with 3 when nobody knows
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: Reading,
}

/// Formats of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ExplainFormat {
    /// For reading
    #[default]
    Terminal,
    /// For other programs (firstlight.explain/1)
    Json,
}

/// Protocols that have ports and rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TransportChoice {
    /// TCP
    Tcp,
    /// UDP, and with it QUIC
    Udp,
}

fn declare() -> Command {
    Arguments::augment_args(Command::new("explain")).after_help(EXAMPLES)
}

fn run(matches: &ArgMatches, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let arguments: Arguments = given(matches)?;
    let asking = Asking {
        arguments: &arguments,
        today: arguments.as_of.unwrap_or(surroundings.month),
        known: arguments.reading.own.knowledge(),
    };
    let captures = arguments.read.iter().map(|path| (path.display().to_string(), Subject::Capture(path.clone())));
    let named = arguments.what.iter().map(|text| (text.clone(), Subject::of(text, Path::exists)));
    let subjects: Vec<(String, Subject)> = named.chain(captures).collect();
    let output = arguments.page.open()?;
    let mut all = Vec::new();
    let mut end = Exit::Clean;
    for (text, subject) in &subjects {
        match subject {
            Subject::Host(host) => all.push(asking.host(text, host)),
            Subject::Capture(path) => {
                let report = arguments.reading.report(path, surroundings)?;
                end = end.or(reading::end(Exit::Clean, &report.captures, &[path]));
                all.extend(asking.capture(&report));
            }
        }
    }
    let style = arguments.page.style(surroundings, true, false);
    let is_one = matches!(subjects.as_slice(), [(_, Subject::Host(_))]);
    let queries: Vec<String> = subjects.into_iter().map(|(text, _)| text).collect();
    output.write(|out| match (arguments.format, all.as_slice()) {
        (ExplainFormat::Terminal, all) => terminal::explained::explained(all, &style, out),
        (ExplainFormat::Json, [one]) if is_one => json::explained::one(one, out),
        (ExplainFormat::Json, all) => json::explained::several(&queries, all, out),
    })?;
    let is_known = |it: &Explanation| it.owner.is_some() && it.purpose.is_some();
    Ok(if arguments.strict && !all.iter().all(is_known) { end.or(Exit::CannotTell) } else { end })
}

/// The name of a system as the tables spell it.
fn system(text: &str) -> Result<String, String> {
    match knowledge::family(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("it is no system that is known, such as macOS, iOS, Windows, Android, Linux".to_owned()),
    }
}

/// What answers are made with.
struct Asking<'a> {
    arguments: &'a Arguments,
    today: Month,
    known: Knowledge,
}

impl Asking<'_> {
    /// Of a name or an address.
    fn host(&self, text: &str, host: &Host) -> Explanation {
        let port = host.port.unwrap_or(0);
        let transport = match self.arguments.transport {
            Some(TransportChoice::Tcp) => Transport::TCP,
            Some(TransportChoice::Udp) => Transport::UDP,
            None if knowledge::is_known_port(port, Transport::UDP)
                && !knowledge::is_known_port(port, Transport::TCP) =>
            {
                Transport::UDP
            }
            None => Transport::TCP,
        };
        let query = Query {
            name: host.name.as_deref(),
            path: host.path.as_deref(),
            aliases: &[],
            address: host.address,
            transport,
            port,
            system: self.arguments.system.as_deref(),
            browser_started: self.arguments.browser_started,
        };
        let mut explanation = self.explanation(text.to_owned(), self.known.explain(&query));
        if let Some(address) = host.address {
            let network = self.known.network(address);
            explanation.carrier = explanation.carrier.or(network.carrier().map(str::to_owned));
            explanation.country = network.country;
        }
        explanation
    }

    /// Of all that a capture contacted, name by name and service by service, the largest first.
    fn capture(&self, report: &Report) -> Vec<Explanation> {
        let mut sums: BTreeMap<String, Explanation> = BTreeMap::new();
        for contact in &report.contacts {
            let shown = match (&contact.name, contact.addresses.first()) {
                (Some(name), _) => name.clone(),
                (None, Some(address)) => address.to_string(),
                (None, None) => continue,
            };
            let shown = match contact.port {
                Some(port) => format!("{}:{port}", bracketed(&shown)),
                None => shown,
            };
            let found = report.machines.iter().find(|machine| machine.id == contact.machine);
            let system = self.arguments.system.as_deref().or(found.and_then(|machine| machine.os.family.as_deref()));
            let explanation = sums.entry(shown.clone()).or_insert_with(|| {
                let category = contact.knowledge.category.as_deref();
                let query = Query {
                    name: contact.name.as_deref(),
                    address: contact.addresses.first().copied(),
                    transport: contact.transport,
                    port: contact.port.unwrap_or(0),
                    system,
                    browser_started: self.arguments.browser_started || category == Some("browser-newtab"),
                    ..Query::default()
                };
                let mut explanation = self.explanation(shown, self.known.explain(&query));
                // Who serves stands in the answers of the name servers, which only the report has seen.
                explanation.carrier = contact.knowledge.carrier.clone().or(explanation.carrier);
                explanation.country.clone_from(&contact.knowledge.country);
                explanation.program = contact.knowledge.program.clone().or(explanation.program);
                explanation
            });
            let seen = explanation.seen.get_or_insert(Amount::default());
            seen.connections += contact.connections;
            seen.bytes += contact.wire_in + contact.wire_out;
        }
        let mut all: Vec<Explanation> = sums.into_values().collect();
        all.sort_by(|a, b| b.seen.map(|it| it.bytes).cmp(&a.seen.map(|it| it.bytes)).then(a.query.cmp(&b.query)));
        all
    }

    fn explanation(&self, query: String, answer: Answer) -> Explanation {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let parents = answer.owner.map_or_else(Vec::new, |owner| self.known.ancestors(owner));
        Explanation {
            query,
            owner: owned(answer.owner),
            owner_parents: parents.into_iter().skip(1).map(str::to_owned).collect(),
            owner_source: answer.owner_rule.as_ref().map(|rule| match answer.owner_source {
                Some(source) => format!("{rule} ({source})"),
                None => rule.clone(),
            }),
            vendor_of: answer
                .owner
                .map_or_else(Vec::new, |owner| self.known.systems_of(owner))
                .into_iter()
                .map(str::to_owned)
                .collect(),
            vendor_own: answer.vendor_own,
            carrier: owned(answer.carrier),
            program: owned(answer.product),
            category_meaning: owned(answer.category.and_then(meaning)),
            category: owned(answer.category),
            purpose: owned(answer.purpose.as_deref()),
            rule: answer.rule,
            if_blocked: owned(answer.if_blocked),
            if_blocked_source: answer.if_blocked_source.map(|key| {
                let source = self.known.source(key);
                source.map_or_else(|| key.to_owned(), |it| format!("{}, stated {}", it.url, it.date()))
            }),
            evidence: answer.grade.map(|grade| {
                let dates = (answer.source_date, answer.source_read);
                self.provenance(grade, answer.source.unwrap_or(""), answer.source_url, dates)
            }),
            alternatives: answer
                .alternatives
                .into_iter()
                .map(|it| {
                    let source = self.known.source(it.source);
                    Alternative {
                        purpose: it.purpose.into_owned(),
                        category: it.category.to_owned(),
                        rule: it.rule,
                        evidence: self.provenance(
                            it.grade,
                            it.source,
                            source.map(|it| it.url),
                            (source.map(|it| it.date()), source.map(|it| it.read)),
                        ),
                    }
                })
                .collect(),
            registrable_domain: answer.registrable_domain,
            country: None,
            seen: None,
        }
    }

    fn provenance(&self, grade: &str, key: &str, url: Option<&str>, dates: (Option<&str>, Option<&str>)) -> Provenance {
        let (date, read) = dates;
        let age = date.and_then(|date| Month::parse(date).ok()).map(|then| self.today.months_since(then));
        Provenance {
            grade: grade.to_owned(),
            key: key.to_owned(),
            url: url.map(str::to_owned),
            date: date.map(str::to_owned),
            read: read.map(str::to_owned),
            age_months: age,
            is_stale: age.is_some_and(|months| months > STALE_MONTHS),
        }
    }
}

/// An address of IPv6 in brackets, so that a port can follow.
fn bracketed(host: &str) -> String {
    if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() }
}

fn meaning(category: &str) -> Option<&'static str> {
    knowledge::all_categories().find(|(name, _)| *name == category).map(|(_, meaning)| meaning)
}
