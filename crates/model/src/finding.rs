//! What a capture has that a baseline has not, what two of either differ in, and what became of a claim: the nouns of
//! `check`, `diff` and `claims`.

use crate::report::Evidence;

/// What kind of difference a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// No run had it, nor anything near it.
    New,
    /// Known, but not like this.
    Changed,
    /// The runs had it, the capture has not.
    Missing,
    /// The capture does not show whether it is there.
    CannotTell,
}

impl Grade {
    /// All of them, the gravest first.
    pub const ALL: [Self; 4] = [Self::New, Self::Changed, Self::Missing, Self::CannotTell];

    /// `new`, `changed`, `missing`, `cannot_tell`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// One thing that is not as the baseline has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The same for the same difference whenever it is found; unique in a check.
    pub id: String,
    /// What kind of difference.
    pub grade: Grade,
    /// In what: `contact`, `volume`, `count`, `time`, `cadence`, `protocol`, `version`, `encryption`, `fingerprint`, …
    pub what: &'static str,
    /// The machine.
    pub machine: String,
    /// The phase, where it belongs to one.
    pub phase: Option<String>,
    /// Name of the contact, or what it is.
    pub name: Option<String>,
    /// Organisation behind the name.
    pub owner: Option<String>,
    /// How unlikely it is given the runs, in bits: 1 is as likely as not, 7 once in a hundred.
    pub surprise_bits: f64,
    /// A sentence.
    pub text: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// A share with the interval in which it lies with 95 % confidence; each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Share {
    /// The best estimate.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A capture held against a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What the baseline is of: system and scenario, or the name of its file.
    pub baseline: String,
    /// Runs that it was learnt from.
    pub runs_learnt: u64,
    /// How much of the contacts of a normal next run would be new all the same; `None` with fewer than two runs.
    pub expected_new: Option<Share>,
    /// The machine that was checked.
    pub machine: String,
    /// The most surprising first.
    pub findings: Vec<Finding>,
    /// What is not as in any run, but no more so than runs usually differ from each other. By id.
    pub variation: Vec<Finding>,
    /// Contacts about which there is nothing to say.
    pub usual_contacts: u64,
    /// Their payload in both directions, bytes.
    pub usual_bytes: u64,
    /// All contacts of the machine.
    pub contacts: u64,
}

/// What became of something from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// Only the second has it.
    New,
    /// Only the first has it.
    Gone,
    /// The second has more of it.
    Grown,
    /// The second has less of it.
    Shrunk,
    /// It is not what it was.
    Changed,
}

impl ChangeKind {
    /// `new`, `gone`, `grown`, `shrunk`, `changed`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Changed => "changed",
        }
    }
}

/// A difference between two captures or baselines.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// In what: `contact`, `volume`, `count`, `fingerprint`, …
    pub what: &'static str,
    /// The phase, where it belongs to one.
    pub phase: Option<String>,
    /// Name of the contact, or what it is.
    pub name: Option<String>,
    /// Organisation behind the name.
    pub owner: Option<String>,
    /// As the first has it.
    pub before: Option<String>,
    /// As the second has it.
    pub after: Option<String>,
    /// How unlikely it would be were both of one kind, in bits.
    pub surprise_bits: f64,
    /// A sentence.
    pub text: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// Two sides held against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// What the first is.
    pub before: String,
    /// What the second is.
    pub after: String,
    /// Runs of each.
    pub runs: [u64; 2],
    /// The largest first within each kind.
    pub changes: Vec<Change>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing in the capture speaks against it, and it would show.
    Held,
    /// The capture shows the contrary.
    Broken,
    /// The capture cannot show it.
    CannotTell,
}

impl Verdict {
    /// `held`, `broken`, `cannot_tell`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// A claim that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// As the file with the claims names it.
    pub id: String,
    /// As the file words it.
    pub text: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub why: String,
    /// How much of the traffic the verdict stands on, in words: window, phases, share named, drops.
    pub coverage: Vec<String>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}
