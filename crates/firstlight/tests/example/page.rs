//! The terminal report taken apart again: sections by their rules, lines of contacts by the phase they stand in.

use std::collections::BTreeMap;

/// A contact as it is printed.
#[derive(Debug)]
pub struct Line {
    /// `Apple's own systems`, `Others`, `Local network`.
    pub group: String,
    /// Protocol and port.
    pub service: String,
    pub times: u64,
    pub sent: u64,
    pub received: u64,
    /// The lines below it as one: owner, purpose, CDN.
    pub below: String,
}

/// A report of the terminal with sizes to the byte.
pub struct Page {
    /// What stands before the first rule.
    head: String,
    /// Title without number, text.
    sections: Vec<(String, String)>,
    /// By phase and name.
    contacts: BTreeMap<(String, String), Line>,
}

impl Page {
    pub fn new(text: &str) -> Self {
        let mut parts = text.split("\n── ");
        let head = parts.next().unwrap().to_owned();
        let sections: Vec<(String, String)> = parts
            .map(|part| {
                let (title, body) = part.split_once('\n').unwrap_or((part, ""));
                let title = title.trim_end_matches(['─', ' ']);
                let title = title.split_once(". ").filter(|(number, _)| number.parse::<u32>().is_ok());
                (title.map_or_else(|| part.lines().next().unwrap().trim_end_matches(['─', ' ']), |(_, t)| t), body)
            })
            .map(|(title, body)| (title.to_owned(), body.to_owned()))
            .collect();
        let contacts = sections.iter().flat_map(|(title, body)| contacts(title, body)).collect();
        Self { head, sections, contacts }
    }

    /// What stands before the first rule.
    pub fn glance(&self) -> &str {
        &self.head
    }

    pub fn section(&self, title: &str) -> &str {
        let found = self.sections.iter().find(|(name, _)| name == title);
        &found.unwrap_or_else(|| panic!("no section {title} but {:?}", self.titles())).1
    }

    pub fn phase(&self, name: &str) -> String {
        self.section(name).to_owned()
    }

    pub fn contact(&self, phase: &str, name: &str) -> &Line {
        let found = self.contacts.get(&(phase.to_owned(), name.to_owned()));
        found.unwrap_or_else(|| panic!("{name} is not on the page of {phase}"))
    }

    fn titles(&self) -> Vec<&str> {
        self.sections.iter().map(|(title, _)| title.as_str()).collect()
    }
}

/// The contacts of a section, which stand on lines like `  + name  tls 443  18  18,354 B  42,017,664 B ███`.
fn contacts(title: &str, body: &str) -> Vec<((String, String), Line)> {
    let mut found: Vec<((String, String), Line)> = Vec::new();
    let mut group = String::new();
    for line in body.lines() {
        let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "+").collect();
        let figures = figures(&words);
        if line.starts_with("  ") && !line.starts_with("   ") && line.contains(" · ") && figures.is_some()
            || line.starts_with("  Local network")
        {
            let end = line.find(" · ").unwrap_or("  Local network".len());
            group = line[..end].trim().to_owned();
        } else if let Some((service, times, sent, received)) = figures
            && !group.is_empty()
        {
            let name = words[0].to_owned();
            let line = Line { group: group.clone(), service, times, sent, received, below: String::new() };
            found.push(((title.to_owned(), name), line));
        } else if line.starts_with("      ")
            && let Some((_, last)) = found.last_mut()
        {
            if !last.below.is_empty() {
                last.below.push(' ');
            }
            last.below.push_str(line.trim());
        }
    }
    found
}

/// Service and figures at the end of a line: `tls 443 18 18,354 B 42,017,664 B`.
fn figures(words: &[&str]) -> Option<(String, u64, u64, u64)> {
    let words: Vec<&str> =
        words.iter().copied().filter(|word| !word.contains(['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'])).collect();
    let number = |word: &&str| word.replace(',', "").parse::<u64>().ok();
    let [before @ .., times, sent, "B", received, "B"] = words.as_slice() else { return None };
    let service = before[before.len().saturating_sub(2)..].join(" ");
    Some((service, number(times)?, number(sent)?, number(received)?))
}

/// A text in one line with single spaces.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line of label and value pairs with single spaces.
pub fn cells(line: &str) -> String {
    one_line(line)
}

/// With a comma at each thousand.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
