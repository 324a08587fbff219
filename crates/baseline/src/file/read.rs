//! Reading a baseline.

use std::collections::BTreeMap;

use firstlight_model::report::{Initiator, Scope};
use firstlight_model::{Timestamp, Transport};
use serde_json::Value;

use super::SCHEMA;
use crate::baseline::Baseline;
use crate::key::{Key, Port, Who};
use crate::run::{About, Property, Run, Seen, Stretch, Subject};
use crate::shape::{Place, Wrong};

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not JSON.
    #[error("is not JSON (line {line}, column {column})")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The parser's words.
        #[source]
        source: serde_json::Error,
    },
    /// It is something else, or of another version.
    #[error("is no baseline: its schema is {0}, not {SCHEMA}")]
    Schema(String),
    /// A part of it is not as it should be.
    #[error(transparent)]
    Shape(#[from] Wrong),
    /// A contact or fingerprint belongs to a run that is not listed.
    #[error("{place} names the run {run}, which is not among the runs")]
    Run {
        /// For example `contacts[3]`.
        place: String,
        /// The id.
        run: String,
    },
}

impl Error {
    /// What to try.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Shape(_) | Self::Run { .. } => {
                "a baseline is written by firstlight learn; take back the last change made by hand"
            }
            Self::Schema(_) => "make a baseline with: firstlight learn CAPTURE… -o NAME.baseline.json",
        }
    }
}

/// A baseline from its text.
///
/// # Errors
/// When the text is not JSON, of another schema, or a part is missing or wrong.
pub fn read(text: &str) -> Result<Baseline, Error> {
    let value: Value = serde_json::from_str(text).map_err(|source| Error::Json {
        line: source.line(),
        column: source.column(),
        source,
    })?;
    let schema = value.get("schema").and_then(Value::as_str).unwrap_or("not stated");
    if schema != SCHEMA {
        return Err(Error::Schema(schema.to_owned()));
    }
    let root = Place::root(&value);
    let mut baseline = Baseline {
        systems: root.at("systems")?.texts()?,
        scenarios: root.at("scenarios")?.texts()?,
        methods: root.at("methods")?.texts()?,
        accepted: root.at("accepted")?.texts()?,
        runs: BTreeMap::new(),
    };
    for place in root.at("runs")?.items()? {
        let run = run(&place)?;
        baseline.runs.insert(run.id.clone(), run);
    }
    for place in root.at("contacts")?.items()? {
        contact(&place, &mut baseline)?;
    }
    for place in root.at("fingerprints")?.items()? {
        let print = (place.at("kind")?.text()?, place.at("value")?.text()?);
        for id in place.at("runs")?.texts()? {
            let run = run_of(&mut baseline, &id, &place)?;
            run.fingerprints.insert(print.clone(), Vec::new());
        }
    }
    Ok(baseline)
}

fn run(place: &Place<'_>) -> Result<Run, Wrong> {
    let machine = place.at("machine")?;
    let mut phases = BTreeMap::new();
    let list = place.at("phases")?;
    for name in list.map()?.keys() {
        let phase = list.at(name)?;
        let stretch =
            Stretch { start_s: phase.at("start_s")?.seconds()?, duration_s: phase.at("duration_s")?.seconds()? };
        phases.insert(name.clone(), stretch);
    }
    let file = |file: Place<'_>| Ok((file.at("name")?.text()?, file.at("sha256")?.text()?));
    let start = place.at("start_ns")?;
    Ok(Run {
        id: place.at("id")?.text()?,
        files: place.at("files")?.items()?.into_iter().map(file).collect::<Result<_, Wrong>>()?,
        start: Timestamp::from_ns(start.value.as_i64().ok_or_else(|| start.wrong("a whole number"))?),
        duration_s: place.at("duration_s")?.seconds()?,
        is_partial: place.at("partial")?.value.as_bool().ok_or_else(|| place.wrong("true or false"))?,
        subject: Subject {
            id: String::new(),
            vendor: machine.at("vendor")?.text_or_null()?,
            system: machine.at("system")?.text()?,
        },
        phases,
        contacts: BTreeMap::new(),
        about: BTreeMap::new(),
        fingerprints: BTreeMap::new(),
    })
}

fn run_of<'b>(baseline: &'b mut Baseline, id: &str, place: &Place<'_>) -> Result<&'b mut Run, Error> {
    baseline.runs.get_mut(id).ok_or_else(|| Error::Run { place: place.path.clone(), run: id.to_owned() })
}

fn contact(place: &Place<'_>, baseline: &mut Baseline) -> Result<(), Error> {
    let key = key(place)?;
    let own = place.at("vendor_own")?;
    let about = About {
        domain: place.at("domain")?.text_or_null()?,
        owner: place.at("owner")?.text_or_null()?,
        vendor_own: own.value.as_bool(),
        purpose: place.at("purpose")?.text_or_null()?,
    };
    let runs = place.at("runs")?;
    for id in runs.map()?.keys() {
        let seen = seen(&runs.at(id)?)?;
        let run = run_of(baseline, id, place)?;
        run.contacts.insert(key.clone(), seen);
        run.about.insert(key.clone(), about.clone());
    }
    Ok(())
}

fn key(place: &Place<'_>) -> Result<Key, Wrong> {
    let head = place.map()?;
    let text = |name: &str| head.get(name).and_then(Value::as_str).map(str::to_owned);
    let who = text("name").map(Who::Name);
    let who = who.or_else(|| text("group").map(Who::Group)).or_else(|| text("local").map(Who::Local));
    let unnamed = || text("unnamed").map(|reason| Who::Unnamed { reason, owner: text("address_of") });
    let port = place.at("port")?;
    let number = || port.value.as_u64().and_then(|port| u16::try_from(port).ok()).map(Port::Number);
    let port = match port.value {
        Value::Null => Port::None,
        Value::String(any) if any == "any" => Port::Any,
        _ => number().ok_or_else(|| port.wrong("a port, \"any\" or null"))?,
    };
    let scopes = [Scope::Internet, Scope::Local, Scope::Multicast, Scope::Broadcast];
    let began = [Initiator::Machine, Initiator::Peer];
    let scope = text("scope").and_then(|word| scopes.into_iter().find(|scope| scope.word() == word));
    let initiated_by = text("initiated_by").and_then(|word| began.into_iter().find(|began| began.word() == word));
    let transport = place.at("transport")?;
    let word = transport.text()?;
    let number = (0..=u8::MAX).find(|number| Transport(*number).to_string() == word);
    Ok(Key {
        phase: place.at("phase")?.text()?,
        scope: scope.ok_or_else(|| place.wrong("in a known scope"))?,
        who: who.or_else(unnamed).ok_or_else(|| place.wrong("with a name, group, local or unnamed"))?,
        transport: Transport(number.ok_or_else(|| transport.wrong("a protocol"))?),
        port,
        initiated_by: initiated_by.ok_or_else(|| place.wrong("begun by machine or peer"))?,
    })
}

fn seen(place: &Place<'_>) -> Result<Seen, Wrong> {
    let mut properties = BTreeMap::new();
    for property in Property::ALL {
        if place.map()?.contains_key(property.word()) {
            properties.insert(property, place.at(property.word())?.texts()?);
        }
    }
    Ok(Seen {
        connections: place.at("connections")?.count()?,
        failed: place.at("failed")?.count()?,
        payload_out: place.at("payload_out")?.count()?,
        payload_in: place.at("payload_in")?.count()?,
        first_s: place.at("first_s")?.seconds()?,
        last_s: place.at("last_s")?.seconds()?,
        properties,
        evidence: Vec::new(),
    })
}
