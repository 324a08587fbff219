//! The report as JSON, schema `firstlight.report/1`: a contract that other programs read. Field names and their order
//! are stable, every listed field is always there (`null` where unknown), additions come after the listed ones. Each
//! element of each list stands on a line of its own, so that reports can be searched and compared by line.
//!
//! `schema/firstlight.report.1.json` beside this crate's sources describes it as JSON Schema 2020-12, and
//! `firstlight.fingerprint.1.json` what `firstlight fingerprint` prints. Characters that cannot be seen are written as
//! `\uXXXX` (RFC 8259 s. 7); every reader gets back the exact text.
//!
//! Leaves out: secrets that a capture carries for its decryption, and the addresses of its name resolution blocks.

pub mod compared;
pub mod explained;
pub(crate) mod write;

pub use write::visible;

use std::io;

use firstlight_model::report::{
    Anomaly, Contact, Coverage, Evidence, Fingerprint, HttpExchange, Identity, Machine, PeerFingerprint, Phase, Report,
    Summary, SynFacts, TimestampClock, Unnamed,
};
use firstlight_model::{CaptureInfo, FrameRef, Timestamp};
use serde_json::{Value, json};

use crate::units;

/// What the first field says.
pub const SCHEMA: &str = "firstlight.report/1";

/// The JSON Schema that describes the output.
pub const JSON_SCHEMA: &str = include_str!("../schema/firstlight.report.1.json");

/// The JSON Schema of what [`write_fingerprints`] writes.
pub const FINGERPRINT_JSON_SCHEMA: &str = include_str!("../schema/firstlight.fingerprint.1.json");

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let shape = Shape::of(report);
    let mut doc = write::Document::begin(out, SCHEMA)?;
    doc.list("captures", report.captures.iter().map(|c| shape.capture(c)))?;
    doc.list("machines", report.machines.iter().map(|m| shape.machine(m)))?;
    doc.list("summary", report.summary.iter().map(summary))?;
    doc.list("phases", report.phases.iter().map(|p| shape.phase(p)))?;
    doc.list("contacts", report.contacts.iter().map(|c| shape.contact(c)))?;
    doc.list("fingerprints", report.fingerprints.iter().map(|f| shape.fingerprint(f)))?;
    doc.list("http", report.http.iter().map(|h| shape.http(h)))?;
    doc.list("unnamed", report.unnamed.iter().map(unnamed))?;
    doc.list("anomalies", report.anomalies.iter().map(|a| shape.anomaly(a)))?;
    doc.value("coverage", &coverage(&report.coverage))?;
    doc.end()
}

/// Writes the report as lines, each a JSON object (jsonlines.org) with `record` first: a line `report` with the schema,
/// then each element of each list of the report, `capture`, `machine`, `summary`, `phase`, `contact`, `fingerprint`, `http`,
/// `unnamed`, `anomaly`, and `coverage` last. The other fields are those of [`write`].
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_lines(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let shape = Shape::of(report);
    write::line(out, "report", json!({ "schema": SCHEMA }))?;
    report.captures.iter().try_for_each(|c| write::line(out, "capture", shape.capture(c)))?;
    report.machines.iter().try_for_each(|m| write::line(out, "machine", shape.machine(m)))?;
    report.summary.iter().try_for_each(|s| write::line(out, "summary", summary(s)))?;
    report.phases.iter().try_for_each(|p| write::line(out, "phase", shape.phase(p)))?;
    report.contacts.iter().try_for_each(|c| write::line(out, "contact", shape.contact(c)))?;
    report.fingerprints.iter().try_for_each(|f| write::line(out, "fingerprint", shape.fingerprint(f)))?;
    report.http.iter().try_for_each(|h| write::line(out, "http", shape.http(h)))?;
    report.unnamed.iter().try_for_each(|u| write::line(out, "unnamed", unnamed(u)))?;
    report.anomalies.iter().try_for_each(|a| write::line(out, "anomaly", shape.anomaly(a)))?;
    write::line(out, "coverage", coverage(&report.coverage))
}

/// The contacts, each as its element of the report.
pub(crate) fn contacts(report: &Report) -> impl Iterator<Item = Value> {
    let shape = Shape::of(report);
    report.contacts.iter().map(move |contact| shape.contact(contact))
}

/// What the machines look like, and who they are by that: schema `firstlight.fingerprint/1`, with the machines and
/// fingerprints of a report.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_fingerprints(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let shape = Shape::of(report);
    let mut doc = write::Document::begin(out, "firstlight.fingerprint/1")?;
    doc.list("captures", report.captures.iter().map(|c| shape.capture(c)))?;
    doc.list("machines", report.machines.iter().map(|m| shape.machine(m)))?;
    doc.list("fingerprints", report.fingerprints.iter().map(|f| shape.fingerprint(f)))?;
    doc.list("peers", report.peers.iter().map(|peer| shape.peer(peer)))?;
    doc.end()
}

/// What the parts need to know of the whole: the files' names and the decimals of their times.
struct Shape<'a> {
    paths: Vec<&'a str>,
    decimals: u8,
}

impl<'a> Shape<'a> {
    fn of(report: &'a Report) -> Self {
        Self::of_captures(&report.captures)
    }

    fn of_captures(captures: &'a [CaptureInfo]) -> Self {
        Self {
            paths: captures.iter().map(|c| c.path.as_str()).collect(),
            decimals: captures.iter().map(|c| c.time_decimals).max().unwrap_or(6).clamp(6, 9),
        }
    }

    fn time(&self, time: Timestamp) -> Value {
        Value::String(units::rfc3339(time, self.decimals))
    }

    fn file(&self, at: FrameRef) -> Value {
        let path = usize::try_from(at.capture).ok().and_then(|index| self.paths.get(index));
        path.map_or(Value::Null, |path| Value::String((*path).to_owned()))
    }

    fn evidence(&self, evidence: &Evidence) -> Value {
        json!({
            "file": self.file(evidence.at),
            "frame": evidence.at.number,
            "time": self.time(evidence.time),
            "field": evidence.field,
        })
    }

    fn evidences(&self, evidence: &[Evidence]) -> Value {
        evidence.iter().map(|e| self.evidence(e)).collect()
    }

    fn capture(&self, capture: &CaptureInfo) -> Value {
        let comments: Value = capture
            .comments
            .iter()
            .map(|c| {
                json!({
                    "frame": c.frame.map(|at| at.number),
                    "text": c.text,
                    "time": c.time.map(|t| self.time(t)),
                })
            })
            .collect();
        let link_types: Value = capture
            .link_types
            .iter()
            .map(|l| l.name().map_or_else(|| format!("linktype-{}", l.0), str::to_owned))
            .map(Value::String)
            .collect();
        let duration = match (capture.first, capture.last) {
            (Some(first), Some(last)) => json!(last.since_ns(first) as f64 / 1e9),
            _ => Value::Null,
        };
        json!({
            "path": capture.path,
            "sha256": capture.sha256,
            "format": capture.format,
            "link_types": link_types,
            "snap_len": capture.snap_len,
            "packets": capture.packets,
            "captured_bytes": capture.captured_bytes,
            "original_bytes": capture.original_bytes,
            "first": capture.first.map(|t| self.time(t)),
            "last": capture.last.map(|t| self.time(t)),
            "duration_s": duration,
            "comments": comments,
            "drops": capture.drops,
            "stopped": capture.stopped.as_ref().map(|s| json!({"why": s.why, "byte": s.byte, "hint": s.hint})),
            "comments_left_out": capture.comments_left_out,
            "out_of_order": capture.out_of_order,
        })
    }

    fn machine(&self, machine: &Machine) -> Value {
        let reasons: Value = machine
            .os
            .reasons
            .iter()
            .map(|(text, evidence)| json!({"text": text, "evidence": evidence.as_ref().map(|e| self.evidence(e))}))
            .collect();
        let evidence: Value =
            machine.os.reasons.iter().filter_map(|(_, e)| e.as_ref()).map(|e| self.evidence(e)).collect();
        let id_series: Value = machine
            .id_series
            .iter()
            .map(|series| {
                let field = if series.answers { "tcp.synack" } else { "tcp.syn" };
                json!({"of": field, "behaviour": series.behaviour.word(), "segments": series.segments, "evidence": [self.evidence(&series.evidence)]})
            })
            .collect();
        let other_macs: Value = machine
            .other_macs
            .iter()
            .map(|other| json!({"mac": other.mac.to_string(), "vendor": other.vendor, "why": other.why, "evidence": [self.evidence(&other.evidence)]}))
            .collect();
        let names: Value = machine.names.iter().map(|n| json!({"value": n.value, "source": n.source})).collect();
        json!({
            "id": machine.id,
            "addresses": machine.addresses,
            "mac": machine.mac.map(|m| m.to_string()),
            "mac_vendor": machine.mac_vendor,
            "names": names,
            "os": {
                "verdict": machine.os.verdict,
                "confidence": machine.os.confidence.word(),
                "evidence": evidence,
                "family": machine.os.family,
                "reasons": reasons,
            },
            "packets": machine.packets,
            "wire_bytes": machine.wire_bytes,
            "subject": machine.subject,
            "why": machine.why,
            "first": self.time(machine.first),
            "last": self.time(machine.last),
            "identity": self.identity(&machine.identity),
            "other_macs": other_macs,
            "id_series": id_series,
            "clock": machine.clock.as_ref().map(|clock| self.clock(clock)),
        })
    }

    fn clock(&self, clock: &TimestampClock) -> Value {
        let rounded = |value: f64| json!((value * 1000.0).round() / 1000.0);
        json!({
            "hz": rounded(clock.hz),
            "nominal_hz": clock.nominal_hz,
            "since_zero_s": rounded(clock.since_zero_s),
            "modulo_s": rounded(clock.modulo_s),
            "seen_s": rounded(clock.seen_s),
            "at": self.time(clock.at),
        })
    }

    fn identity(&self, identity: &Identity) -> Value {
        let probability = |p: f64| json!((p * 10_000.0).round() / 10_000.0);
        let verdicts: Value = identity
            .verdicts
            .iter()
            .map(|verdict| {
                json!({
                    "about": verdict.aspect.word(),
                    "value": verdict.value.as_deref().unwrap_or("unknown"),
                    "probability": probability(verdict.probability),
                    "confidence": verdict.confidence.word(),
                    "without_strongest": probability(verdict.without_strongest),
                    "second": verdict.second.as_ref().map(|(value, p)| json!({
                        "value": value,
                        "probability": probability(*p),
                    })),
                })
            })
            .collect();
        let votes: Value = identity
            .votes
            .iter()
            .map(|vote| {
                json!({
                    "about": vote.aspect.word(),
                    "value": vote.value,
                    "weight": (vote.weight * 1000.0).round() / 1000.0,
                    "field": vote.field,
                    "text": vote.text,
                    "source": vote.source,
                    "evidence": vote.evidence.as_ref().map(|e| self.evidence(e)),
                })
            })
            .collect();
        let contradictions: Value = identity
            .contradictions
            .iter()
            .map(|contradiction| {
                let reasons: Value = contradiction
                    .reasons
                    .iter()
                    .map(|(text, e)| json!({"text": text, "evidence": e.as_ref().map(|e| self.evidence(e))}))
                    .collect();
                json!({"text": contradiction.text, "reasons": reasons})
            })
            .collect();
        json!({
            "verdicts": verdicts,
            "votes": votes,
            "votes_left_out": identity.votes_left_out,
            "contradictions": contradictions,
        })
    }

    fn phase(&self, phase: &Phase) -> Value {
        json!({
            "name": phase.name,
            "start": self.time(phase.start),
            "end": self.time(phase.end),
            "how": phase.how.word(),
            "evidence": self.evidences(&phase.evidence),
            "why": phase.why,
            "kind": phase.kind.word(),
            "kind_why": (!phase.kind_why.is_empty()).then_some(&phase.kind_why),
            "confidence": phase.confidence.word(),
            "within": phase.within,
        })
    }

    fn contact(&self, contact: &Contact) -> Value {
        let known = &contact.knowledge;
        json!({
            "machine": contact.machine,
            "phase": contact.phase,
            "name": contact.name,
            "name_source": contact.name_source,
            "name_confidence": contact.name_confidence.map(|c| c.word()),
            "registrable_domain": known.registrable_domain,
            "owner": known.owner,
            "owner_source": known.owner_source,
            "vendor_own": known.vendor_own,
            "purpose": known.purpose,
            "category": known.category,
            "purpose_source": known.purpose_source,
            "carrier": known.carrier,
            "cdn": known.cdn,
            "country": known.country,
            "transport": contact.transport.to_string(),
            "port": contact.port,
            "service": contact.service,
            "scope": contact.scope.word(),
            "initiated_by": contact.initiated_by.word(),
            "connections": contact.connections,
            "payload_out": contact.payload_out,
            "payload_in": contact.payload_in,
            "wire_out": contact.wire_out,
            "wire_in": contact.wire_in,
            "packets_out": contact.packets_out,
            "packets_in": contact.packets_in,
            "first": self.time(contact.first),
            "last": self.time(contact.last),
            "addresses": contact.addresses,
            "ja3": contact.ja3,
            "ja4": contact.ja4,
            "alpn": contact.alpn,
            "encrypted": contact.encrypted,
            "evidence": self.evidences(&contact.evidence),
            "unnamed_reason": contact.unnamed_reason,
            "remark": contact.remark,
            "name_candidates": contact.name_candidates,
            "failed": contact.failed,
            "versions": contact.versions,
            "addresses_left_out": contact.addresses_left_out,
            "new_in_phase": contact.new_in_phase,
            "program": known.program,
            "program_source": known.program_source,
            "issuers": contact.issuers,
        })
    }

    fn peer(&self, peer: &PeerFingerprint) -> Value {
        let mut value = self.fingerprint(&peer.fingerprint);
        if let Some(fields) = value.as_object_mut() {
            fields.shift_remove("machine");
            fields.insert("hosts".to_owned(), json!(peer.hosts));
            fields.insert("hosts_total".to_owned(), json!(peer.hosts_total));
        }
        value
    }

    fn fingerprint(&self, fingerprint: &Fingerprint) -> Value {
        let matches: Value = fingerprint
            .matches
            .iter()
            .map(|m| {
                json!({
                    "label": m.label,
                    "how": if m.same { "same" } else { "differs" },
                    "differences": m.differences,
                    "source": m.source,
                })
            })
            .collect();
        json!({
            "kind": fingerprint.kind,
            "value": fingerprint.value,
            "tcpdump": fingerprint.tcpdump,
            "p0f": fingerprint.p0f,
            "remarks": fingerprint.remarks,
            "matches": matches,
            "count": fingerprint.count,
            "machine": fingerprint.machine,
            "evidence": self.evidences(&fingerprint.evidence),
            "syn": fingerprint.syn.as_ref().map(syn),
            "raw": fingerprint.raw,
        })
    }

    fn http(&self, http: &HttpExchange) -> Value {
        json!({
            "machine": http.machine,
            "phase": http.phase,
            "host": http.host,
            "method": http.method,
            "path": http.path,
            "user_agent": http.user_agent,
            "content_type": http.content_type,
            "status": http.status,
            "bytes_in": http.bytes_in,
            "bytes_out": http.bytes_out,
            "evidence": self.evidences(&http.evidence),
            "count": http.count,
            "remark": http.remark,
            "purpose": http.purpose,
            "significance": http.significance,
        })
    }

    fn anomaly(&self, anomaly: &Anomaly) -> Value {
        let frames: Value =
            anomaly.frames.iter().map(|at| json!({"file": self.file(*at), "frame": at.number})).collect();
        json!({"kind": anomaly.kind, "count": anomaly.count, "frames": frames, "text": anomaly.text})
    }
}

fn syn(syn: &SynFacts) -> Value {
    json!({
        "ip_version": syn.ip_version,
        "hop_limit": syn.hop_limit,
        "initial_hop_limit": syn.initial_hop_limit,
        "distance": syn.initial_hop_limit.saturating_sub(syn.hop_limit),
        "window": syn.window,
        "window_multiple": syn.window_multiple,
        "mss": syn.mss,
        "window_scale": syn.window_scale,
        "options": syn.options,
        "ecn": syn.ecn,
        "dont_fragment": syn.dont_fragment,
        "zero_identification": syn.zero_identification,
        "fast_open": syn.fast_open,
        "multipath": syn.multipath,
        "data": syn.data,
    })
}

fn summary(summary: &Summary) -> Value {
    json!({
        "machine": summary.machine,
        "packets": summary.packets,
        "wire_bytes": summary.wire_bytes,
        "dns_queries": summary.dns_queries,
        "tcp_connections": summary.tcp_connections,
        "udp_connections": summary.udp_connections,
        "hosts_v4": summary.hosts_v4,
        "hosts_v6": summary.hosts_v6,
        "duration_s": summary.duration_s,
        "dns_names": summary.dns_names,
        "other_connections": summary.other_connections,
    })
}

fn unnamed(unnamed: &Unnamed) -> Value {
    json!({
        "reason": unnamed.reason,
        "connections": unnamed.connections,
        "bytes": unnamed.bytes,
        "contacts": unnamed.contacts,
        "text": unnamed.text,
    })
}

fn coverage(coverage: &Coverage) -> Value {
    json!({
        "connections_named": coverage.connections_named,
        "connections_total": coverage.connections_total,
        "bytes_named": coverage.bytes_named,
        "bytes_total": coverage.bytes_total,
        "bytes_owned": coverage.bytes_owned,
        "bytes_with_purpose": coverage.bytes_with_purpose,
    })
}

#[cfg(test)]
mod tests;
