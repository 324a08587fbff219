//! Judging claims on a report.

use firstlight_model::finding::{Judged, Verdict};
use firstlight_model::report::{Contact, Machine, Report, Scope};
use firstlight_report::units::{self, Figures};

use super::{Claim, Says, Selector};
use crate::key::lasting_phase;

/// Judges each claim on what a report says of its first machine.
pub fn judge(claims: &[Claim], report: &Report) -> Vec<Judged> {
    claims.iter().map(|claim| Case::of(claim, report).judged()).collect()
}

/// A claim and what of the report it is about.
struct Case<'a> {
    claim: &'a Claim,
    report: &'a Report,
    contacts: Vec<&'a Contact>,
}

impl<'a> Case<'a> {
    fn of(claim: &'a Claim, report: &'a Report) -> Self {
        let machine = machine(claim, report).map(|machine| machine.id.as_str());
        let is_of = |name: &str, phase: &str| name == phase || lasting_phase(report, name) == phase;
        let in_phase = |contact: &&Contact| claim.phase.as_deref().is_none_or(|phase| is_of(&contact.phase, phase));
        let contacts = report.contacts.iter().filter(|c| Some(c.machine.as_str()) == machine).filter(in_phase);
        Self { claim, report, contacts: contacts.collect() }
    }

    fn judged(&self) -> Judged {
        let (verdict, why, shown) = self.verdict();
        Judged {
            id: self.claim.id.clone(),
            text: self.claim.text.clone(),
            verdict,
            why,
            coverage: self.coverage(),
            evidence: shown.map_or_else(Vec::new, |contact| contact.evidence.clone()),
        }
    }

    fn verdict(&self) -> (Verdict, String, Option<&'a Contact>) {
        if let Some(phase) = &self.claim.phase
            && self.report.phases.iter().all(|known| known.name != *phase && known.within.as_ref() != Some(phase))
        {
            return (Verdict::CannotTell, format!("the capture has no phase {phase}"), None);
        }
        if machine(self.claim, self.report).is_none() {
            return (Verdict::CannotTell, "the machine is not in the capture".to_owned(), None);
        }
        match &self.claim.says {
            Says::Never(selectors) => self.never(selectors),
            Says::Only(selectors) => self.only(selectors),
            Says::Always(selectors) => self.always(selectors),
            Says::AtMost(selectors, bytes) => self.at_most(selectors, *bytes),
        }
    }

    fn never(&self, selectors: &[Selector]) -> (Verdict, String, Option<&'a Contact>) {
        let like = |contact: &&&Contact| any(selectors, contact) == Some(true);
        if let Some(contact) = self.contacts.iter().find(like) {
            return (Verdict::Broken, format!("{} was contacted", words(contact)), Some(contact));
        }
        let unknown = self.contacts.iter().filter(|contact| any(selectors, contact).is_none() && counts(contact));
        self.unless_unknown(unknown.copied().collect(), "no contact is of this kind")
    }

    fn only(&self, selectors: &[Selector]) -> (Verdict, String, Option<&'a Contact>) {
        let outside = |contact: &&&Contact| {
            contact.scope == Scope::Internet && counts(contact) && any(selectors, contact) == Some(false)
        };
        if let Some(contact) = self.contacts.iter().find(outside) {
            return (Verdict::Broken, format!("{} was contacted", words(contact)), Some(contact));
        }
        let unknown = self
            .contacts
            .iter()
            .filter(|contact| contact.scope == Scope::Internet && counts(contact) && any(selectors, contact).is_none());
        self.unless_unknown(unknown.copied().collect(), "every contact is of this kind")
    }

    fn always(&self, selectors: &[Selector]) -> (Verdict, String, Option<&'a Contact>) {
        let mut shown = None;
        for selector in selectors {
            match self.contacts.iter().find(|contact| selector.matches(contact) == Some(true)) {
                Some(contact) => shown = shown.or(Some(*contact)),
                None => {
                    let unknown =
                        self.contacts.iter().filter(|c| selector.matches(c).is_none() && counts(c)).copied().collect();
                    let (verdict, why, contact) = self.unless_unknown(unknown, "no contact is of this kind");
                    let verdict = if verdict == Verdict::Held { Verdict::Broken } else { verdict };
                    return (verdict, why, contact);
                }
            }
        }
        (Verdict::Held, "there is such a contact".to_owned(), shown)
    }

    fn at_most(&self, selectors: &[Selector], limit: u64) -> (Verdict, String, Option<&'a Contact>) {
        let volume = |contact: &Contact| contact.payload_in.saturating_add(contact.payload_out);
        let like: Vec<_> = self.contacts.iter().copied().filter(|c| any(selectors, c) == Some(true)).collect();
        let sum = units::total(like.iter().map(|contact| volume(contact)));
        let size = |bytes| units::size(bytes, Figures::Rounded);
        let largest = like.iter().copied().max_by_key(|contact| volume(contact));
        if sum > limit {
            return (Verdict::Broken, format!("it is {}, more than {}", size(sum), size(limit)), largest);
        }
        let unknown: Vec<_> =
            self.contacts.iter().copied().filter(|c| any(selectors, c).is_none() && counts(c)).collect();
        let more = units::total(unknown.iter().map(|contact| volume(contact)));
        if sum.saturating_add(more) > limit {
            return self.unless_unknown(unknown, "");
        }
        self.unless_unknown(Vec::new(), &format!("it is {}", size(sum)))
    }

    /// Held, unless there are contacts of which it is not known what they are, or frames are missing.
    fn unless_unknown(&self, unknown: Vec<&'a Contact>, held: &str) -> (Verdict, String, Option<&'a Contact>) {
        if let Some(first) = unknown.first() {
            let count = units::plural(unknown.len() as u64, "contact", "contacts");
            let why = match first.unnamed_reason {
                Some(reason) => format!("of {count} it is not known, the first {} ({reason})", words(first)),
                None => format!("of {count} it is not known, the first {}", words(first)),
            };
            return (Verdict::CannotTell, why, Some(first));
        }
        if let Some(missing) = self.missing() {
            return (Verdict::CannotTell, format!("{held}, but {missing}"), None);
        }
        (Verdict::Held, held.to_owned(), None)
    }

    /// What of the traffic is not in the capture.
    fn missing(&self) -> Option<String> {
        let drops = units::total(self.report.captures.iter().filter_map(|capture| capture.drops));
        if drops > 0 {
            return Some(format!("the capturing side dropped {}", units::plural(drops, "frame", "frames")));
        }
        let stopped = self.report.captures.iter().find(|capture| capture.stopped.is_some())?;
        Some(format!("{} could not be read to its end", stopped.path))
    }

    fn coverage(&self) -> Vec<String> {
        let window = self.report.summary.first().map_or(0.0, |summary| summary.duration_s);
        let mut lines = vec![format!("window: {}", units::duration_s(window))];
        let phases: Vec<&str> = self.report.phases.iter().map(|phase| phase.name.as_str()).collect();
        lines.push(format!("phases: {}", phases.join(", ")));
        let internet = self.contacts.iter().filter(|contact| contact.scope == Scope::Internet && counts(contact));
        let (mut named, mut all) = (0_u64, 0_u64);
        for contact in internet {
            all += contact.connections;
            named += if contact.name.is_some() { contact.connections } else { 0 };
        }
        lines.push(format!("named: {named} of {all} connections beyond the local network"));
        let drops: Option<u64> = self.report.captures.iter().map(|capture| capture.drops).sum();
        lines.push(match drops {
            Some(drops) => format!("dropped by the capturing side: {drops}"),
            None => "the file does not say whether frames were dropped".to_owned(),
        });
        lines
    }
}

/// The machine that the claim is about.
fn machine<'a>(claim: &Claim, report: &'a Report) -> Option<&'a Machine> {
    let Some(asked) = &claim.machine else { return report.machines.first() };
    let is = |machine: &&Machine| {
        machine.id.eq_ignore_ascii_case(asked) || machine.addresses.iter().any(|address| address.to_string() == *asked)
    };
    report.machines.iter().find(is)
}

/// Is the contact like one of these? `None` when it may be.
fn any(selectors: &[Selector], contact: &Contact) -> Option<bool> {
    let mut unknown = false;
    for selector in selectors {
        match selector.matches(contact) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(false) }
}

/// Something was said in it.
const fn counts(contact: &Contact) -> bool {
    contact.payload_in > 0 || contact.payload_out > 0
}

fn words(contact: &Contact) -> String {
    let address = || contact.addresses.first().map_or_else(|| "an address".to_owned(), ToString::to_string);
    let name = contact.name.clone().unwrap_or_else(address);
    let port = contact.port.map_or_else(String::new, |port| format!(" {port}"));
    let owner = contact.knowledge.owner.as_ref().map_or_else(String::new, |owner| format!(", {owner}"));
    format!("{name} ({}{port}{owner})", contact.transport)
}
