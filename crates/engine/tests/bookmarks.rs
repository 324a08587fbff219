//! Echo requests as bookmarks: a phase begins where one names it, or where one has the size that the user says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

use firstlight_engine::{FilePhases, Limits, Mark, MarkTime, Options, Pipeline, Position, report_of};
use firstlight_model::Timestamp;
use firstlight_model::report::{PhaseHow, Report};
use firstlight_synth::{Host, Traffic, numbered};

const START: Timestamp = Timestamp::from_parts(1_571_061_600, 0);

/// An echo request every ten seconds with this data, and its answer.
fn pings(machine: &str, router: &str, data: &[&[u8]]) -> Vec<firstlight_synth::frame::OwnedFrame> {
    let mut traffic = Traffic::new(START).with_seed(7);
    let (machine, router): (Host, Host) = (traffic.host(machine), traffic.host(router));
    let (request, reply) = if machine.addresses_to(&router).0.is_ipv4() { (8, 0) } else { (128, 129) };
    for data in data {
        traffic.icmp(&machine, &router, request, 0, 1, data);
        traffic.icmp(&router, &machine, reply, 0, 1, data);
        traffic.wait_s(10);
    }
    traffic.into_frames()
}

fn report(frames: &[firstlight_synth::frame::OwnedFrame], marks: &[Mark]) -> Report {
    let mut pipeline = Pipeline::new(Limits::default(), Position::Start);
    for frame in numbered(frames) {
        pipeline.push(&frame);
    }
    let options = Options { marks: marks.to_vec(), file_phases: FilePhases::Auto, ..Options::default() };
    report_of(pipeline, Vec::new(), &options)
}

/// Name and beginning in seconds.
fn phases(report: &Report) -> Vec<(&str, i64)> {
    report.phases.iter().map(|phase| (phase.name.as_str(), phase.start.since_ns(START) / 1_000_000_000)).collect()
}

#[test]
fn an_echo_request_that_names_a_phase_begins_it() {
    let both = [("10.0.0.10", "10.0.0.1", "icmp.echo.phase"), ("fd00::10", "fd00::1", "icmpv6.echo.phase")];
    for (machine, router, field) in both {
        let frames = pings(
            machine,
            router,
            &[b"hello", b"\x01\x02\x03\x04phase: first boot\0", b"phase: Safari", b"phase: Safari"],
        );
        let report = report(&frames, &[]);
        assert_eq!(phases(&report), [("before first boot", 0), ("first boot", 10), ("Safari", 20)], "{machine}");
        let phase = &report.phases[2];
        assert_eq!((phase.how, phase.evidence[0].field), (PhaseHow::Mark, field));
        // Without link-layer frames in between, the third request is the fifth frame of the echoes.
        let number = usize::try_from(phase.evidence[0].at.number).unwrap() - 1;
        assert!(frames[number].data.windows(6).any(|window| window == b"Safari"));
    }
}

#[test]
fn a_size_that_the_user_says_begins_a_phase_where_it_comes_first() {
    let frames = pings("10.0.0.10", "10.0.0.1", &[&[7; 56], &[7; 1001], &[7; 56], &[7; 1001], b"phase: not asked for"]);
    let mark = |name: &str, size| Mark { name: name.to_owned(), time: MarkTime::Echo(size) };
    let report = report(&frames, &[mark("Safari", 1001), mark("mail", 999)]);
    assert_eq!(phases(&report), [("before Safari", 0), ("Safari", 10)]);
    assert_eq!(report.phases[1].evidence[0].field, "icmp.echo.data_len");
    let missing = report.anomalies.iter().find(|anomaly| anomaly.kind == "mark_not_found").unwrap();
    assert!(missing.text.contains("mail, an echo request with 999 bytes"), "{}", missing.text);
}
