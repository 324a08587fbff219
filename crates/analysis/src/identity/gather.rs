//! The signs of one machine as votes: what each says by the tables of the knowledge crate, in words, with its frame.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use firstlight_knowledge as knowledge;
use firstlight_model::report::{Aspect, Evidence, Vote};

use crate::assemble::Own;
use crate::connection::Seen;
use crate::limits;
use crate::machines::Machines;
use crate::syn_remarks;
use crate::tally::{Speaker, Tally};

/// What the signs of one machine are taken from.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub tally: &'a Tally,
    pub machines: &'a Machines,
    pub rank: usize,
    pub own: &'a [Own<'a>],
}

/// All votes but those that follow from verdicts.
pub(super) fn votes(of: Of<'_>) -> Vec<Vote> {
    let mut votes = Vec::new();
    dhcp(of, &mut votes);
    programs(of, &mut votes);
    names(of, &mut votes);
    contacts(of, &mut votes);
    syns(of, &mut votes);
    device_names(of, &mut votes);
    services(of, &mut votes);
    link_address(of, &mut votes);
    votes
}

/// What follows from a verdict on the system, by as much as that is likely.
pub(super) fn of_system(family: &str, probability: f64) -> Vec<Vote> {
    let vote = |aspect, value: &str, weight: f64, text, source: &str| Vote {
        aspect,
        value: value.to_owned(),
        weight: weight * probability,
        field: "system",
        text,
        source: source.to_owned(),
        evidence: None,
    };
    let signs = knowledge::signs("system", family);
    // What runs on the devices of many, and the maker of a module, say nothing of who makes the device.
    let is_of_many = signs.iter().any(|sign| matches!(sign.about, "contradiction" | "part"));
    let maker = knowledge::maker(family).filter(|_| !is_of_many).map(|maker| {
        let text = format!("{family} runs on devices of {maker}");
        vote(Aspect::Maker, maker, knowledge::sign_weight("system", "maker"), text, "general")
    });
    let kinds = signs.iter().filter_map(|sign| {
        let aspect = aspect(sign.about)?;
        let text = format!("{family} runs on a {}", sign.value);
        let text = if aspect == Aspect::Maker { format!("{family} runs on devices of {}", sign.value) } else { text };
        Some(vote(aspect, &sign.value, sign.weight, text, sign.source))
    });
    kinds.chain(maker).collect()
}

fn aspect(about: &str) -> Option<Aspect> {
    Aspect::ALL.into_iter().find(|aspect| aspect.word() == about)
}

fn evidence(seen: Seen, field: &'static str) -> Evidence {
    Evidence { at: seen.at, time: seen.time, field }
}

impl Of<'_> {
    fn is_its(self, speaker: Speaker) -> bool {
        let known = self.machines.of(speaker.address, speaker.mac);
        let before_address = || speaker.mac.filter(|_| speaker.address.is_unspecified());
        known.or_else(|| before_address().and_then(|mac| self.machines.of_mac(mac))) == Some(self.rank)
    }

    /// Where it is first seen.
    fn first(self) -> Option<Seen> {
        self.own.first().map(|(connection, _)| connection.first)
    }
}

/// Votes of one text by the table of signs.
fn by_table(field: &'static str, table: &str, text: &str, seen: Seen, votes: &mut Vec<Vote>) {
    for sign in knowledge::signs(table, text) {
        let Some(aspect) = aspect(sign.about) else { continue };
        let is_itself = aspect == Aspect::Model && sign.value == text;
        let said = if is_itself {
            format!("says that it is a {text}")
        } else {
            format!("{} {text} speaks for {}", words_of(field), sign.value)
        };
        votes.push(Vote {
            aspect,
            value: sign.value,
            weight: sign.weight,
            field,
            text: said,
            source: sign.source.to_owned(),
            evidence: Some(evidence(seen, field)),
        });
    }
}

/// A field in the words of a sentence.
fn words_of(field: &str) -> &str {
    match field {
        "http.user_agent" | "http2.headers.user_agent" => "user agent",
        "ssdp.server" => "UPnP server",
        "ssh.protocol.software" => "SSH software",
        "mdns.txt.model" | "http.upnp.model" => "model",
        "mdns.service" | "ssdp.nt" | "wsd.types" => "service",
        "http.upnp.device_type" => "UPnP device type",
        "eth.addr" => "MAC address",
        "dhcp.option.vendor_class_id" => "DHCP vendor class",
        "dhcp.option.hostname" => "host name",
        other => other,
    }
}

/// The release of a hint, as votes name it: a distribution by its name, a number behind its system.
fn release(hint: &knowledge::SystemHint) -> Option<String> {
    match hint.version {
        "" => None,
        version if knowledge::family(version) == Some(hint.system) => Some(version.to_owned()),
        version => Some(format!("{} {version}", hint.system)),
    }
}

/// Systems named in the sentence of a sign that several have.
const ALTERNATIVES_NAMED: usize = 3;

/// Votes of hints, which are alternatives: each system once, with its release where it has one.
fn by_hints(field: &'static str, hints: &[knowledge::SystemHint], text: &str, seen: Seen, votes: &mut Vec<Vote>) {
    let (system, version) = (knowledge::sign_weight(field, "system"), knowledge::sign_weight(field, "version"));
    let mut known = BTreeSet::new();
    let labels: Vec<&str> = hints.iter().take(ALTERNATIVES_NAMED).map(|hint| hint.label).collect();
    let more = hints.len() - labels.len();
    let mut labels = labels.join(" or ");
    if more > 0 {
        labels.push_str(&format!(" or {more} others"));
    }
    for hint in hints {
        let mut vote = |aspect, value: &str, weight| {
            if known.insert((aspect, value.to_owned())) {
                votes.push(Vote {
                    aspect,
                    value: value.to_owned(),
                    weight,
                    field,
                    text: format!("{text} {labels} ({})", hint.source),
                    source: hint.source.to_owned(),
                    evidence: Some(evidence(seen, field)),
                });
            }
        };
        vote(Aspect::System, hint.system, system);
        if let Some(release) = release(hint) {
            vote(Aspect::Version, &release, version);
        }
    }
}

fn dhcp(of: Of<'_>, votes: &mut Vec<Vote>) {
    let mut known = HashSet::new();
    for lease in &of.tally.leases {
        let is_client =
            matches!(lease.message_type, 1 | 3 | 8) && of.machines.of_mac(lease.client_mac) == Some(of.rank);
        let request = (lease.parameters.as_deref(), lease.vendor_class.as_deref());
        if !is_client || request == (None, None) || !known.insert(request) {
            continue;
        }
        let said = request.0.map_or_else(String::new, |list| format!(" {list}"));
        let hints = knowledge::dhcp_systems(request.0, request.1);
        by_hints("dhcp.option.request_list", &hints, &format!("DHCP request{said} is that of"), lease.seen, votes);
    }
}

fn programs(of: Of<'_>, votes: &mut Vec<Vote>) {
    for ((speaker, field, text), count) in of.tally.software.iter() {
        if !of.is_its(*speaker) {
            continue;
        }
        // The program says the same over either version of HTTP.
        let table = if *field == "http2.headers.user_agent" { "http.user_agent" } else { field };
        by_table(field, table, text, count.first, votes);
        if table != "http.user_agent" {
            continue;
        }
        let Some(agent) = knowledge::user_agent(text) else { continue };
        if agent.systems.is_empty() {
            let Some(family) = agent.family else { continue };
            votes.push(Vote {
                aspect: Aspect::System,
                value: family.to_owned(),
                weight: knowledge::sign_weight("http.user_agent", "system"),
                field: "http.user_agent",
                text: format!("user agent {text} is that of {family} ({})", agent.source),
                source: agent.source.to_owned(),
                evidence: Some(evidence(count.first, "http.user_agent")),
            });
        }
        by_hints("http.user_agent", &agent.systems, &format!("user agent {text} is that of"), count.first, votes);
        let mut said = |aspect, value: &str| {
            votes.push(Vote {
                aspect,
                value: value.to_owned(),
                weight: knowledge::sign_weight("http.user_agent", aspect.word()),
                field: "http.user_agent",
                text: format!("user agent {text} says {value}"),
                source: "general".to_owned(),
                evidence: Some(evidence(count.first, "http.user_agent")),
            });
        };
        if let Some(release) = &agent.release {
            said(Aspect::Version, release);
        }
        if let Some(model) = agent.model {
            said(Aspect::Model, model);
            by_table("http.user_agent", "model", model, count.first, votes);
        }
    }
}

/// Hosts that only some systems, or the devices of one maker, ask for.
fn names(of: Of<'_>, votes: &mut Vec<Vote>) {
    let mut known = HashSet::new();
    let mut add = |name: &str, path: Option<&str>, seen: Seen| {
        if !known.insert((name.to_owned(), path.map(str::to_owned))) {
            return;
        }
        let field = if path.is_some() { "http.request.full_uri" } else { "dns.qry.name" };
        let text = format!("asks for {name}{}, as does", path.unwrap_or(""));
        by_hints(field, &knowledge::name_systems(name, path), &text, seen, votes);
        for sign in knowledge::signs("dns.qry.name", name) {
            let Some(aspect) = aspect(sign.about) else { continue };
            votes.push(Vote {
                aspect,
                text: format!("asks for {name}, as devices of {} do ({})", sign.value, sign.source),
                value: sign.value,
                weight: sign.weight,
                field: "dns.qry.name",
                source: sign.source.to_owned(),
                evidence: Some(evidence(seen, "dns.qry.name")),
            });
        }
    };
    for (connection, _) in of.own.iter().filter(|(_, began)| *began) {
        if let Some(facts) = &connection.facts {
            for name in &facts.names {
                add(&name.value, None, connection.named.unwrap_or(connection.first));
            }
            for query in &facts.queries {
                add(query, None, connection.first);
            }
        }
    }
    for exchange in &of.tally.exchanges {
        if let Some(host) = &exchange.host
            && of.machines.of(exchange.originator.address, None) == Some(of.rank)
        {
            add(host, exchange.path.as_deref().or(Some("")), exchange.seen);
        }
    }
}

/// A device that asks for hardly anything but one owner's names is mostly one of that owner's.
fn contacts(of: Of<'_>, votes: &mut Vec<Vote>) {
    let mut owners: BTreeMap<&'static str, (BTreeSet<&str>, Seen)> = BTreeMap::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (connection, _) in of.own.iter().filter(|(_, began)| *began) {
        let Some(facts) = &connection.facts else { continue };
        for name in facts.names.iter().map(|name| &*name.value).chain(facts.queries.iter().map(|query| &**query)) {
            if names.len() >= limits::NAMES_WEIGHED || !names.insert(name) {
                continue;
            }
            let query =
                knowledge::Query { name: Some(name), transport: connection.transport, ..knowledge::Query::default() };
            if let Some(owner) = knowledge::explain(&query).owner {
                let of_owner = owners.entry(owner).or_insert_with(|| (BTreeSet::new(), connection.first));
                of_owner.0.insert(name);
                of_owner.1 = of_owner.1.min(connection.first);
            }
        }
    }
    for (owner, (own, seen)) in owners {
        let share = own.len() as f64 / names.len().max(1) as f64;
        for sign in knowledge::signs("contacts", owner) {
            let Some(aspect) = aspect(sign.about).filter(|_| share >= 0.3) else { continue };
            votes.push(Vote {
                aspect,
                text: format!("{} of the {} names asked for are {owner}'s", own.len(), names.len()),
                value: sign.value,
                weight: sign.weight * share,
                field: "dns.qry.name",
                source: sign.source.to_owned(),
                evidence: Some(evidence(seen, "dns.qry.name")),
            });
        }
    }
}

fn syns(of: Of<'_>, votes: &mut Vec<Vote>) {
    const FIELD: &str = "tcp.flags.syn";
    let mut known = BTreeSet::new();
    for (key, seen) in of.tally.syns.sorted() {
        if key.is_syn_ack || !of.is_its(key.speaker) {
            continue;
        }
        let layout = syn_remarks::layout(&seen.tcp());
        let layout = crate::syn::layout(seen, &layout);
        let mut families = BTreeSet::new();
        for same in knowledge::syn_systems(&layout).iter().filter(|same| same.same) {
            let mut vote = |aspect, value: &str, weight: f64| {
                if known.insert((aspect, value.to_owned(), same.label)) {
                    votes.push(Vote {
                        aspect,
                        value: value.to_owned(),
                        weight,
                        field: FIELD,
                        text: format!("SYN is the same as {} ({})", same.label, same.source),
                        source: same.source.to_owned(),
                        evidence: Some(evidence(seen.first, FIELD)),
                    });
                }
            };
            let signs = knowledge::signs("tcp.syn", same.label);
            let of_label = |about| signs.iter().filter(move |sign| sign.about == about);
            for sign in signs.iter().filter(|sign| sign.about == "version") {
                vote(Aspect::Version, &sign.value, sign.weight);
            }
            for sign in of_label("system") {
                if families.insert(sign.value.clone()) && sends_so(&sign.value, layout.hop_limit) {
                    vote(Aspect::System, &sign.value, sign.weight);
                }
            }
            // A row that only counts says less for the family that is not the first to fit.
            if let Some(family) = same.family.filter(|family| signs.is_empty() && sends_so(family, layout.hop_limit))
                && !families.contains(family)
            {
                let weight = knowledge::sign_weight(FIELD, "system") / (1.0 + families.len() as f64);
                vote(Aspect::System, family, weight);
                families.insert(family.to_owned());
            }
        }
    }
}

/// Whether a family is known to begin with such a hop limit, or not known to begin with another.
fn sends_so(family: &str, hop_limit: u8) -> bool {
    let usual = knowledge::signs("system", family);
    let mut usual = usual.iter().filter(|sign| sign.about == "hop limit").peekable();
    usual.peek().is_none() || usual.any(|sign| sign.value.parse() == Ok(hop_limit))
}

fn device_names(of: Of<'_>, votes: &mut Vec<Vote>) {
    for ((speaker, field, name), count) in of.tally.device_names.iter() {
        if of.is_its(*speaker) {
            by_table(field, "name", name, count.first, votes);
        }
    }
    let mut known = HashSet::new();
    for lease in &of.tally.leases {
        let is_client =
            matches!(lease.message_type, 1 | 3 | 8) && of.machines.of_mac(lease.client_mac) == Some(of.rank);
        if let (true, Some(name)) = (is_client, &lease.host_name)
            && known.insert(name)
        {
            by_table("dhcp.option.hostname", "name", name, lease.seen, votes);
        }
    }
}

/// What it offers on its network: a printer prints.
fn services(of: Of<'_>, votes: &mut Vec<Vote>) {
    for ((speaker, field, service), count) in of.tally.services.iter() {
        if of.is_its(*speaker) {
            by_table(field, "service", service, count.first, votes);
        }
    }
}

/// Who registered the block of the link address. A maker of modules says little of what the module is in.
fn link_address(of: Of<'_>, votes: &mut Vec<Vote>) {
    const FIELD: &str = "eth.addr";
    let Some(mac) = of.machines.list.get(of.rank).and_then(|machine| machine.mac) else { return };
    let lease = of.tally.leases.iter().find(|lease| lease.client_mac == mac).map(|lease| lease.seen);
    let Some(seen) = of.first().or(lease) else { return };
    by_table(FIELD, FIELD, &mac.to_string(), seen, votes);
    // Such an address is registered by nobody.
    let Some(vendor) = knowledge::mac_vendor(mac).filter(|_| !mac.is_local()) else { return };
    let signs = knowledge::signs("eth.vendor", vendor);
    for sign in &signs {
        let Some(aspect) = aspect(sign.about) else { continue };
        votes.push(Vote {
            aspect,
            value: sign.value.clone(),
            weight: sign.weight,
            field: FIELD,
            text: format!("MAC address registered by {vendor}"),
            source: sign.source.to_owned(),
            evidence: Some(evidence(seen, FIELD)),
        });
    }
    let says_maker = signs.iter().any(|sign| sign.about == "maker" || sign.about == "virtual");
    let part = signs.iter().find(|sign| sign.about == "part");
    let (value, weight, text) = match part {
        _ if says_maker => return,
        Some(part) => (
            format!("module by {vendor}"),
            part.weight,
            format!("MAC address registered by {vendor}, which makes modules for the devices of others"),
        ),
        None => (
            vendor.to_owned(),
            knowledge::sign_weight("eth.vendor", "maker"),
            format!("MAC address registered by {vendor}"),
        ),
    };
    votes.push(Vote {
        aspect: Aspect::Maker,
        value,
        weight,
        field: FIELD,
        text,
        source: "ieee-oui".to_owned(),
        evidence: Some(evidence(seen, FIELD)),
    });
}
