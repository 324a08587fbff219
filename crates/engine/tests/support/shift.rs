//! All times of a report moved by the same amount.

use firstlight_model::Timestamp;
use firstlight_model::report::{Evidence, Report};

/// Moves them. Captures are left as they are.
pub fn report(report: &mut Report, ns: i64) {
    let time = |time: &mut Timestamp| *time = time.plus_ns(ns);
    let evidence = |list: &mut Vec<Evidence>| list.iter_mut().for_each(|evidence| time(&mut evidence.time));
    for machine in &mut report.machines {
        time(&mut machine.first);
        time(&mut machine.last);
        machine.os.reasons.iter_mut().filter_map(|(_, evidence)| evidence.as_mut()).for_each(|e| time(&mut e.time));
        machine.clock.iter_mut().for_each(|clock| time(&mut clock.at));
        machine.id_series.iter_mut().for_each(|series| time(&mut series.evidence.time));
        machine.other_macs.iter_mut().for_each(|other| time(&mut other.evidence.time));
        let identity = &mut machine.identity;
        identity.votes.iter_mut().filter_map(|vote| vote.evidence.as_mut()).for_each(|e| time(&mut e.time));
        let reasons = identity.contradictions.iter_mut().flat_map(|contradiction| &mut contradiction.reasons);
        reasons.filter_map(|(_, evidence)| evidence.as_mut()).for_each(|e| time(&mut e.time));
    }
    for phase in &mut report.phases {
        time(&mut phase.start);
        time(&mut phase.end);
        evidence(&mut phase.evidence);
    }
    for contact in &mut report.contacts {
        time(&mut contact.first);
        time(&mut contact.last);
        evidence(&mut contact.evidence);
    }
    let peers = report.peers.iter_mut().map(|peer| &mut peer.fingerprint);
    report.fingerprints.iter_mut().chain(peers).for_each(|fingerprint| evidence(&mut fingerprint.evidence));
    report.http.iter_mut().for_each(|http| evidence(&mut http.evidence));
}
