//! Every SYN in tcpdump's notation, letter for letter: against the outputs that tcpdump's own test suite expects (which
//! are those of its coming release 5), and against the tcpdump that is installed here, where one is.
//!
//! Compared is the line after the time stamp, from the addresses to `length N`. Left out are what `-v` puts in between
//! (the check sum) and what tcpdump says of the payload behind the length.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use firstlight_analysis::tcpdump::{Release, packet_text};
use firstlight_house::{assert_none, corpus, installed_tcpdump, say};
use firstlight_model::{Ip, Network, Segment, TcpFlags};

/// Outputs with a SYN where Firstlight sees none, and why.
const NOT_READ: &[(&str, &str)] = &[(
    "tcpdump/bcm-li-v.out",
    "the SYNs are inside Broadcom's lawful-interception shim (UDP port 49152 to 49153), a tunnel that is not read",
)];

#[test]
fn every_syn_reads_as_in_the_outputs_of_tcpdumps_test_suite() {
    let Some(corpus) = corpus("SYN lines of tcpdump's test suite (tcpdump_syn)") else { return };
    let (mut files, mut lines, mut offenders) = (0, 0, Vec::new());
    for (capture, output, options) in outputs(&corpus) {
        let Ok(text) = fs::read(corpus.join(&output)) else { continue };
        let theirs = syns_of_tcpdump(&String::from_utf8_lossy(&text));
        if theirs.is_empty() {
            continue;
        }
        let ours = syns(&corpus.join(&capture), Release::V5);
        if let Some((_, why)) = NOT_READ.iter().find(|(name, _)| *name == output) {
            say(&format!("{output}: {} SYN lines are not compared: {why}", theirs.len()));
            assert!(ours.is_empty(), "{output} stands in NOT_READ, but is read: {ours:?}");
            continue;
        }
        files += 1;
        lines += theirs.len();
        // A filter on the command line leaves some out; otherwise it is all of them, in order.
        let is_filtered = options.contains("-- ");
        compare(&output, &theirs, &ours, is_filtered, &mut offenders);
    }
    say(&format!("tcpdump's test suite: {lines} SYN lines of {files} outputs"));
    assert!(lines >= 100, "{lines} SYN lines were found");
    assert_none("SYN lines that differ from tcpdump's", &offenders);
}

#[test]
fn every_syn_reads_as_the_tcpdump_here_writes_it() {
    let Some(corpus) = corpus("SYN lines of the installed tcpdump (tcpdump_syn)") else { return };
    let Some(release) = installed_tcpdump() else {
        say("left out, tcpdump 4.99 is not installed: its SYN lines of all captures");
        return;
    };
    let catalogue = fs::read_to_string(corpus.join("CATALOG.tsv")).unwrap();
    let captures: Vec<_> = catalogue.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    // The diary's own.
    assert!(captures.contains(&"ja4/pcap/macos_tcp_flags.pcap"));
    let (mut lines, mut offenders) = (0, Vec::new());
    for capture in captures {
        let path = corpus.join(capture);
        let run = Command::new("tcpdump").args(["-n", "-t", "-r"]).arg(&path).output().unwrap();
        let theirs = syns_of_tcpdump(&String::from_utf8_lossy(&run.stdout));
        lines += theirs.len();
        // Firstlight sees more of them: tcpdump reads no compressed file, stops where interfaces differ, and does not
        // look into every tunnel.
        if !theirs.is_empty() {
            compare(capture, &theirs, &syns(&path, release), true, &mut offenders);
        }
    }
    say(&format!("tcpdump here: {lines} SYN lines of all captures"));
    assert!(lines > 10_000, "{lines} SYN lines were found");
    assert_none("SYN lines that differ from tcpdump's", &offenders);
}

#[test]
fn a_syn_line_is_cut_out_of_what_tcpdump_writes_around_it() {
    let verbose = "    1  20:27:12.000000 IP (tos 0x0, ttl 64, id 1, length 44)\n    10.0.2.15.44188 > 192.0.47.59.43: \
                   Flags [S.UWe], cksum 0x534b (correct), seq 1:22, ack 7, win 8, urg 9, length 21: BGP: length 4\n";
    let line = "10.0.2.15.44188 > 192.0.47.59.43: Flags [S.UWe], seq 1:22, ack 7, win 8, urg 9, length 21";
    assert_eq!(syns_of_tcpdump(verbose), [line]);
    assert!(syns_of_tcpdump("IP 10.0.0.1.1 > 10.0.0.2.2: Flags [P.], length 0\nIP x > y: ICMP").is_empty());
    let mut offenders = Vec::new();
    compare("", &["a".into()], &["a".into(), "b".into()], true, &mut offenders);
    assert!(offenders.is_empty(), "a filter may leave out");
    compare("", &["a".into()], &["a".into(), "b".into()], false, &mut offenders);
    compare("", &["a".into()], &["b".into()], true, &mut offenders);
    assert_eq!(offenders.len(), 2, "{offenders:?}");
}

/// Capture, output and options of the tests of tcpdump's suite, by CATALOG.tsv: `out [options];out [options]`.
fn outputs(corpus: &Path) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(corpus.join("CATALOG.tsv")).unwrap();
    let mut lines = text.lines();
    let header: Vec<_> = lines.next().unwrap_or_default().split('\t').collect();
    let column = header.iter().position(|it| *it == "expected").expect("CATALOG.tsv has the column `expected`");
    let mut outputs = BTreeMap::new();
    for line in lines {
        let cells: Vec<_> = line.split('\t').collect();
        for expected in cells.get(column).copied().unwrap_or_default().split(';') {
            let (output, options) = expected.split_once(" [").unwrap_or((expected, ""));
            if output.starts_with("tcpdump/") && output.ends_with(".out") {
                outputs.insert(output.to_owned(), (cells[0].to_owned(), options.trim_end_matches(']').to_owned()));
            }
        }
    }
    outputs.into_iter().map(|(output, (capture, options))| (capture, output, options)).collect()
}

/// The lines with a SYN, from the addresses to the end of `length N`.
fn syns_of_tcpdump(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let Some((before, after)) = line.split_once(": Flags [") else { continue };
        let Some((flags, _)) = after.split_once(']') else { continue };
        if !flags.contains('S') {
            continue;
        }
        let words: Vec<_> = before.split_whitespace().collect();
        let [.., source, ">", destination] = words[..] else { continue };
        let mut after = after.to_owned();
        if let Some((head, rest)) = after.split_once(", cksum ") {
            let rest = rest.split_once("), ").map_or("", |(_, rest)| rest);
            after = format!("{head}, {rest}");
        }
        if let Some(at) = after.find(", length ") {
            let digits = after[at + 9..].bytes().take_while(u8::is_ascii_digit).count();
            after.truncate(at + 9 + digits);
        }
        lines.push(format!("{source} > {destination}: Flags [{after}"));
    }
    lines
}

/// The same lines of Firstlight's own.
fn syns(capture: &Path, release: Release) -> Vec<String> {
    let inputs = [firstlight_capture::Input::Path(capture.to_path_buf())];
    let mut source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).unwrap();
    let mut lines = Vec::new();
    while let Some(frame) = source.next() {
        let mut packet = firstlight_wire::parse(frame.link_type, frame.data, frame.original_len);
        // tcpdump reads the first fragment of a datagram as if it were the whole.
        if let (Network::Ip(ip), Segment::Fragment(bytes)) = (packet.network, packet.segment)
            && ip.fragment.is_some_and(|it| it.offset == 0)
        {
            let declared = packet.transport_len;
            let whole = Ip { fragment: None, ..ip };
            packet = firstlight_wire::parse_datagram(packet.link, packet.layers, whole, bytes, declared);
        }
        let (Network::Ip(ip), Segment::Tcp(tcp)) = (&packet.network, &packet.segment) else { continue };
        if tcp.flags.has(TcpFlags::SYN) {
            let text = packet_text(&packet, release).unwrap();
            let (source, destination) = (ip.source, ip.destination);
            lines.push(format!("{source}.{} > {destination}.{}: {text}", tcp.source_port, tcp.destination_port));
        }
    }
    lines
}

/// All of theirs stand among ours in the same order, and ours has no others unless a filter left some out.
fn compare(name: &str, theirs: &[String], ours: &[String], is_filtered: bool, offenders: &mut Vec<String>) {
    let mut rest = ours.iter();
    for line in theirs {
        let found = if is_filtered { rest.any(|it| it == line) } else { rest.next() == Some(line) };
        if !found {
            offenders.push(format!("{name}:\n    theirs {line}\n    ours   {}", ours.join("\n           ")));
            return;
        }
    }
    if !is_filtered && let Some(more) = rest.next() {
        offenders.push(format!("{name}: a line too many: {more}"));
    }
}
