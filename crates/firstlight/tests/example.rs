//! The report on the example in the repository, held against the truth of its script, against what tshark and capinfos
//! count in it, and against the statements of the diary (product.md, D1 to D15): all of it as the program prints it.
//!
//! What it should print lies beside the example. After a change that is meant, renew it with
//! `FIRSTLIGHT_RENEW=1 cargo test -p firstlight --test example`, and read the difference before it is committed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

#[path = "example/counted.rs"]
mod counted;
#[path = "example/page.rs"]
mod page;
#[path = "example/truth.rs"]
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use counted::Counted;
use page::Page;
use truth::{Row, Truth};

const EXAMPLE: &str = "examples/macos-10.15-first-minutes.pcapng.zst";
const MACHINE: &str = "00:0c:29:5e:41:9b";
const PHASES: [&str; 3] = ["install", "first boot", "Safari"];
/// The diary's SYN, letter for letter.
const SYN: &str = "Flags [SEW], seq 4259408247, win 65535, options \
                   [mss 1460,nop,wscale 6,nop,nop,TS val 801728007 ecr 0,sackOK,eol], length 0";
/// What Safari fetched the icons of, by the diary.
const ICONS: [&str; 8] = [
    "www.yelp.com",
    "www.yahoo.com",
    "www.weather.com",
    "www.tripadvisor.com",
    "www.linkedin.com",
    "www.facebook.com",
    "www.bing.com",
    "www.twitter.com",
];

/// Frames of requests: `tshark -Y http.request -T fields -e frame.number`.
const REQUESTS: [u64; 19] = [
    63, 131, 143, 2999, 6973, 10519, 11863, 14884, 15073, 16001, 18803, 34136, 85511, 85623, 86151, 86559, 87420,
    87573, 87626,
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The report on the example with these arguments, as it comes out at the root of the repository.
fn report(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.current_dir(root()).stdin(Stdio::null()).arg("report").args(arguments).arg(EXAMPLE);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| report(&["--format", "json"]))
}

fn json() -> &'static Value {
    static JSON: OnceLock<Value> = OnceLock::new();
    JSON.get_or_init(|| serde_json::from_str(json_text()).unwrap())
}

/// As it is printed on a terminal of 80 columns.
fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| report(&["--width", "80"]))
}

/// The same to the byte, and wide enough for all names.
fn exact() -> &'static Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    PAGE.get_or_init(|| Page::new(&report(&["--width", "100", "--exact"])))
}

fn list(name: &str) -> &'static [Value] {
    json()[name].as_array().unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

/// All contacts of the machine by this name, in any phase.
fn contacts_named(name: &str) -> Vec<&'static Value> {
    let found: Vec<_> = list("contacts").iter().filter(|c| c["name"] == name && c["machine"] == MACHINE).collect();
    assert!(!found.is_empty(), "no contact by the name {name}");
    found
}

fn contact(phase: &str, name: &str) -> &'static Value {
    let mut found = contacts_named(name);
    found.retain(|c| c["phase"] == phase);
    assert_eq!(found.len(), 1, "{name} in {phase}");
    found[0]
}

/// Is this contact what a row of the truth speaks of? Both directions of DHCP are one row there.
fn is_of(contact: &Value, row: &Row) -> bool {
    let port = contact["port"].as_u64().map(|port| if port == 68 { 67 } else { port });
    let same = contact["phase"] == row.phase && contact["transport"] == row.transport && port == row.port;
    same && match row.name.parse::<IpAddr>() {
        Ok(_) if row.port == Some(67) => contact["name"].is_null(),
        Ok(_) => contact["name"].is_null() && contact["addresses"] == serde_json::json!([row.name]),
        Err(_) => contact["name"] == row.name,
    }
}

/// A count of a contact as the machine sees it: what others send to a group is not sent by the machine.
fn by_machine(contact: &Value, field: &str) -> u64 {
    let own = contact["machine"] == MACHINE;
    let turned = field.strip_suffix("_out").map(|what| format!("{what}_in"));
    let turned = turned.or_else(|| field.strip_suffix("_in").map(|what| format!("{what}_out")));
    number(&contact[turned.filter(|_| !own).as_deref().unwrap_or(field)])
}

#[test]
fn every_row_of_the_truth_is_in_the_json_to_the_byte_and_connection() {
    let truth = Truth::read(&root());
    let mut told = BTreeSet::new();
    let mut exact_rows = 0;
    for row in truth.rows.iter().filter(|row| !matches!(row.transport.as_str(), "arp" | "-")) {
        let at = format!("{} {} {} {:?}", row.phase, row.name, row.transport, row.port);
        let of: Vec<usize> = (0..list("contacts").len()).filter(|&at| is_of(&list("contacts")[at], row)).collect();
        told.extend(of.iter().copied());
        let sum = |field: &str| -> u64 { of.iter().map(|&at| by_machine(&list("contacts")[at], field)).sum() };
        let Some(connections) = row.connections else {
            // How long one waits for more decides in which phase it began: in all phases it is the same.
            let same =
                |other: &&Row| (&other.name, &other.transport, other.port) == (&row.name, &row.transport, row.port);
            let rows: Vec<&Row> = truth.rows.iter().filter(same).collect();
            let sum = |field: &str| -> u64 {
                let of = list("contacts").iter().filter(|contact| rows.iter().any(|row| is_of(contact, row)));
                of.map(|contact| by_machine(contact, field)).sum()
            };
            for (field, expected) in [
                ("packets_out", rows.iter().map(|row| row.packets_out).sum::<u64>()),
                ("packets_in", rows.iter().map(|row| row.packets_in).sum()),
                ("wire_out", rows.iter().map(|row| row.wire_out).sum()),
                ("wire_in", rows.iter().map(|row| row.wire_in).sum()),
            ] {
                assert_eq!(sum(field), expected, "{at}: {field} in all phases");
            }
            continue;
        };
        assert_eq!(of.len(), 1, "{at}: contacts");
        for (field, expected) in [
            ("connections", connections),
            ("packets_out", row.packets_out),
            ("packets_in", row.packets_in),
            ("wire_out", row.wire_out),
            ("wire_in", row.wire_in),
            ("payload_out", row.payload_out),
            ("payload_in", row.payload_in - row.missing_in),
        ] {
            assert_eq!(sum(field), expected, "{at}: {field}");
        }
        exact_rows += 1;
    }
    assert!(exact_rows > 55, "{exact_rows} rows with connections");
    let more: Vec<&Value> =
        list("contacts").iter().enumerate().filter(|(at, _)| !told.contains(at)).map(|(_, c)| c).collect();
    assert!(more.is_empty(), "contacts that the script did not make: {more:#?}");
    // ARP is no contact; its frames are counted nonetheless.
    let arp: u64 = truth.rows.iter().filter(|row| row.transport == "arp").map(|row| row.wire_out + row.wire_in).sum();
    assert_eq!(number(&list("captures")[0]["original_bytes"]) - number(&json()["coverage"]["bytes_total"]), arp);
    let total = &truth.total;
    assert_eq!(number(&list("captures")[0]["packets"]), total.packets_out + total.packets_in);
    assert_eq!(number(&list("captures")[0]["original_bytes"]), total.wire_out + total.wire_in);
}

#[test]
fn dns_queries_are_those_of_the_script_name_by_name() {
    let truth = Truth::read(&root());
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in truth.rows.iter().filter(|row| row.dns_queries > 0) {
        *expected.entry((row.phase.clone(), row.name.clone())).or_default() += row.dns_queries;
    }
    let starts: Vec<&str> = list("phases").iter().map(|phase| phase["start"].as_str().unwrap()).collect();
    let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (time, name) in counted::queries(&root().join(EXAMPLE)) {
        let phase = starts.iter().rposition(|start| counted::moment(start) <= time).unwrap();
        *found.entry((PHASES[phase].to_owned(), name)).or_default() += 1;
    }
    assert_eq!(found, expected);
    let names: BTreeSet<&String> = expected.keys().map(|(_, name)| name).collect();
    let summary = &list("summary")[0];
    assert_eq!(number(&summary["dns_queries"]), truth.total.dns_queries);
    assert_eq!(number(&summary["dns_names"]), names.len() as u64);
    // Each has a port of its own, so the contact with the resolver counts them too.
    for (phase, rows) in PHASES.iter().map(|phase| (phase, truth.rows.iter().filter(move |row| row.phase == *phase))) {
        let resolver = list("contacts").iter().find(|c| c["phase"] == *phase && c["port"] == 53).unwrap();
        assert_eq!(number(&resolver["connections"]), rows.map(|row| row.dns_queries).sum::<u64>(), "{phase}");
    }
}

#[test]
fn every_contact_of_the_truth_is_on_the_page_to_the_byte_and_connection() {
    let truth = Truth::read(&root());
    let mut seen = 0;
    for row in truth.rows.iter().filter(|row| row.connections.is_some() && row.name.parse::<IpAddr>().is_err()) {
        if !matches!(row.transport.as_str(), "tcp" | "udp") {
            continue;
        }
        let line = exact().contact(&row.phase, &row.name);
        let expected = (row.connections.unwrap(), row.payload_out, row.payload_in - row.missing_in);
        assert_eq!((line.times, line.sent, line.received), expected, "{} in {}", row.name, row.phase);
        assert!(line.service.ends_with(&format!(" {}", row.port.unwrap())), "{}: {}", row.name, line.service);
        seen += 1;
    }
    assert!(seen > 50, "{seen} rows");
}

/// D1.
#[test]
fn the_syn_is_printed_as_tcpdump_prints_it() {
    let syns: Vec<&Value> = list("fingerprints").iter().filter(|f| f["kind"] == "tcp.syn").collect();
    let machine: Vec<&&Value> = syns.iter().filter(|f| f["machine"] == MACHINE).collect();
    assert_eq!(machine.len(), 1);
    assert_eq!(machine[0]["tcpdump"], SYN);
    assert_eq!(number(&machine[0]["count"]), number(&list("summary")[0]["tcp_connections"]));
    assert!(text().lines().any(|line| line == SYN), "not on a line of its own");
}

/// D3.
#[test]
fn remarks_speak_of_ecn_window_scaling_and_path_mtu_discovery() {
    let syn = list("fingerprints").iter().find(|f| f["kind"] == "tcp.syn" && f["machine"] == MACHINE).unwrap();
    let remarks: Vec<&str> = syn["remarks"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
    let section = exact().section("Fingerprint");
    for (what, standard) in [
        ("ECN", "RFC 3168"),
        ("window 65535, the largest", ""),
        ("scale 6", "RFC 7323"),
        ("path MTU discovery", "RFC 1191"),
    ] {
        let told = remarks.iter().find(|remark| remark.contains(what)).unwrap_or_else(|| panic!("{what}: {remarks:?}"));
        assert!(told.contains(standard), "{told}");
        assert!(section.contains(told), "{told} is not on the page");
    }
}

/// D5.
#[test]
fn each_contact_that_the_diary_explains_has_its_purpose_and_where_it_is_from() {
    for (name, phase, word) in [
        ("time.apple.com", "install", "clock"),
        ("albert.apple.com", "install", "activation"),
        ("ocsp.apple.com", "install", "Certificate status"),
        ("ocsp.digicert.com", "install", "Certificate status"),
        ("www.apple.com", "install", "reachability"),
        ("swscan.apple.com", "install", "Software distribution"),
        ("gspe21-ssl.ls.apple.com", "install", "Maps"),
        ("updates-http.cdn-apple.com", "install", "dictionaries"),
        ("time.apple.com", "first boot", "clock"),
        ("apple-finance.query.yahoo.com", "first boot", "Stock quotes"),
    ]
    .into_iter()
    .chain(ICONS.map(|name| (name, "Safari", "icon")))
    {
        let contact = contact(phase, name);
        let purpose = contact["purpose"].as_str().unwrap_or_else(|| panic!("{name} has no purpose"));
        assert!(purpose.contains(word), "{name}: {purpose}");
        assert!(contact["purpose_source"].as_str().is_some_and(|source| source.contains(": ")), "{name}: no source");
        let below = &exact().contact(phase, name).below;
        assert!(below.contains(purpose), "{name}: {purpose} is not below its line but {below}");
    }
}

/// D6.
#[test]
fn the_two_sentences_of_the_diary_on_how_often_and_how_much_are_said() {
    let one_line = page::one_line(text());
    for (name, times, megabytes) in [("swscan.apple.com", 18, 42), ("gspe21-ssl.ls.apple.com", 206, 23)] {
        let contact = contact("install", name);
        assert_eq!(number(&contact["connections"]), times, "{name}");
        assert_eq!(number(&contact["payload_in"]) / 1_000_000, megabytes, "{name}");
        let (_, after) = one_line.split_once(&format!("{times} times to {name} (")).unwrap_or_else(|| panic!("{name}"));
        let (_, after) = after.split_once("), ").unwrap();
        assert!(after.starts_with(&format!("{megabytes}.")), "{name}: {}", &after[..40]);
        assert!(after[..40].contains(" MB retrieved"), "{name}: {}", &after[..40]);
    }
}

/// D7. Sizes are those of the script; for the small ones `tshark -Y http.response -T fields -e http.content_length -e
/// http.content_type` says the same (68 for text/html, 471 and 472 for OCSP), the large ones are cut off there.
#[test]
fn clear_http_is_listed_with_the_dictionaries_first() {
    let dictionaries = [
        ("NewOxfordAmericanDictionary", 3_412_608),
        ("OxfordDictionaryOfEnglish", 2_904_064),
        ("OxfordAmericanWritersThesaurus", 1_286_144),
        ("SpanishDictionary", 884_736),
        ("FrenchDictionary", 741_376),
        ("GermanDictionary", 630_784),
        ("AppleDictionary", 172_032),
    ];
    let section = exact().section("HTTP in the clear");
    let requests: Vec<&str> = section.split(" GET ").skip(1).collect();
    for (at, (name, size)) in dictionaries.into_iter().enumerate() {
        let http = &list("http")[at];
        assert_eq!(http["host"], "updates-http.cdn-apple.com");
        assert_eq!(http["method"], "GET");
        assert!(http["path"].as_str().unwrap().ends_with(&format!("-{name}.zip")), "{at}: {}", http["path"]);
        assert_eq!((number(&http["bytes_in"]), number(&http["count"])), (size, 1), "{name}");
        assert_eq!((&http["content_type"], &http["status"]), (&"application/zip".into(), &200.into()), "{name}");
        assert_eq!(http["user_agent"], "MobileAsset/1.1");
        assert_eq!(http["phase"], "install");
        // On the page a long path loses its middle.
        let tail = &format!("{name}.zip")[name.len() - 8..];
        let shown = requests[at].split_whitespace().next().unwrap();
        assert!(shown.starts_with("updates-http.cdn-apple.com/") && shown.ends_with(tail), "{shown} for {name}");
    }
    let mut shown: Vec<u64> = list("http").iter().map(|http| number(&http["evidence"][0]["frame"])).collect();
    shown.sort_unstable();
    assert_eq!(shown, REQUESTS);
    let mut others: Vec<(&str, &str, u64)> = list("http")[dictionaries.len()..]
        .iter()
        .map(|h| {
            (
                h["host"].as_str().unwrap(),
                h["content_type"].as_str().unwrap(),
                number(&h["bytes_in"]) / number(&h["count"]),
            )
        })
        .collect();
    others.sort_unstable();
    others.dedup();
    let ocsp = "application/ocsp-response";
    assert_eq!(
        others,
        [
            ("captive.apple.com", "text/html", 68),
            ("ocsp.apple.com", ocsp, 471),
            ("ocsp.apple.com", ocsp, 472),
            ("ocsp.digicert.com", ocsp, 472),
        ]
    );
    let truth = Truth::read(&root());
    let connections: u64 = truth.rows.iter().filter(|row| row.port == Some(80)).filter_map(|row| row.connections).sum();
    let told: u64 = list("http").iter().map(|http| number(&http["count"])).sum();
    assert_eq!(told, connections, "the script asks once in each connection");
    assert!(section.contains(&format!("{told} requests")));
}

/// D8.
#[test]
fn the_vendors_own_systems_are_told_from_others_by_owner() {
    let truth = Truth::read(&root());
    for row in truth.rows.iter().filter(|row| row.transport == "tcp" || row.port == Some(123)) {
        let own = ["apple.com", "icloud.com", "cdn-apple.com"]
            .iter()
            .any(|domain| row.name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
        let contact = contact(&row.phase, &row.name);
        assert_eq!(contact["vendor_own"], own, "{}", row.name);
        assert_eq!(contact["owner"] == "Apple", own, "{}: {}", row.name, contact["owner"]);
        assert!(contact["owner"].is_string() && contact["owner_source"].is_string(), "{}", row.name);
        let group = &exact().contact(&row.phase, &row.name).group;
        assert_eq!(group.as_str(), if own { "Apple's own systems" } else { "Others" }, "{}", row.name);
    }
    for (name, owner) in [
        ("apple-finance.query.yahoo.com", "Yahoo"),
        ("ocsp.digicert.com", "DigiCert"),
        ("www.facebook.com", "Facebook (Meta)"),
        ("www.bing.com", "Microsoft"),
        ("www.linkedin.com", "LinkedIn (Microsoft)"),
        ("www.twitter.com", "X (Twitter)"),
    ] {
        assert_eq!(contacts_named(name)[0]["owner"], owner, "{name}");
    }
    // The totals of the first paragraph: all that left the local network.
    let internet = |own: bool| -> u64 {
        let of = list("contacts").iter().filter(|c| c["scope"] == "internet" && c["vendor_own"] == own);
        of.map(|c| number(&c["wire_out"]) + number(&c["wire_in"])).sum()
    };
    let share = internet(true) as f64 * 100.0 / (internet(true) + internet(false)) as f64;
    let said = page::one_line(text());
    assert!(said.contains(&format!("{share:.1} % with Apple's own systems")), "{share}");
}

/// D9.
#[test]
fn a_phase_tells_what_it_added() {
    let new_in = |phase: &str| -> BTreeSet<&str> {
        let of = list("contacts").iter().filter(|c| c["phase"] == phase && c["new_in_phase"] == true);
        of.map(|c| c["name"].as_str().unwrap()).collect()
    };
    assert_eq!(new_in("Safari"), BTreeSet::from(ICONS));
    let truth = Truth::read(&root());
    let names = |phase: &str| -> BTreeSet<&str> {
        let of = truth.rows.iter().filter(|row| row.phase == phase && row.connections.is_some());
        of.map(|row| row.name.as_str()).filter(|name| name.parse::<IpAddr>().is_err()).collect()
    };
    let added: BTreeSet<&str> = names("first boot").difference(&names("install")).copied().collect();
    assert_eq!(new_in("first boot"), added);
    assert!(added.contains("apple-finance.query.yahoo.com"));
    assert!(new_in("install").is_empty(), "there is no phase before the first");
    for (phase, added) in [("first boot", added), ("Safari", BTreeSet::from(ICONS))] {
        let said = page::one_line(&exact().phase(phase));
        let list: Vec<&str> = added.into_iter().collect();
        assert!(said.contains(&format!("added {} names: {}.", list.len(), list.join(", "))), "{phase}: {said}");
    }
}

/// D10: the diary saw no connection to Tencent.
#[test]
fn nobody_speaks_of_tencent() {
    for text in [text(), json_text()] {
        let text = text.to_lowercase();
        for word in ["tencent", "qq.com", "urlsec"] {
            assert!(!text.contains(word), "{word}");
        }
    }
}

/// D11. The CDNs are those that the CNAMEs of the answers lead to: `tshark -Y "dns.flags.response == 1" -T fields -e
/// dns.qry.name -e dns.cname`.
#[test]
fn contacts_go_by_name_whatever_the_address_and_the_cdn_is_named() {
    for contact in list("contacts").iter().filter(|c| c["scope"] == "internet") {
        assert!(contact["name"].is_string(), "{contact}");
    }
    let mut keys = BTreeSet::new();
    for c in list("contacts").iter().filter(|c| c["name"].is_string()) {
        let key = ["machine", "phase", "name", "transport", "port"].map(|field| c[field].to_string());
        assert!(keys.insert(key), "one name, two contacts: {c}");
    }
    // One name, several addresses, one contact.
    for name in ["swscan.apple.com", "gspe21-ssl.ls.apple.com"] {
        let contact = contact("install", name);
        assert!(contact["addresses"].as_array().unwrap().len() > 1, "{name}");
    }
    for (name, phase, cdn) in [
        ("gspe21-ssl.ls.apple.com", "install", "Akamai"),
        ("www.apple.com", "install", "Akamai"),
        ("www.yelp.com", "Safari", "Fastly"),
        ("www.tripadvisor.com", "Safari", "Akamai"),
    ] {
        assert_eq!(contact(phase, name)["cdn"], cdn, "{name}");
        let below = &exact().contact(phase, name).below;
        assert!(below.contains(&format!("served by {cdn}")), "{name}: {below}");
    }
    for address in ["17.", "23.", "104."] {
        for phase in PHASES {
            assert!(!exact().phase(phase).lines().any(|line| line.trim_start().starts_with(address)), "{address}");
        }
    }
}

/// D15, by other programs on the unpacked file:
/// - `capinfos`: 87,708 packets, data size 84,105,873 bytes, duration 1893.379796 s;
/// - `tshark -q -z "io,stat,0,eth.addr == 00:0c:29:5e:41:9b,udp.dstport == 53 && dns.flags.response == 0"`: 87,698
///   frames with 84,104,773 bytes from or to the machine, 114 queries;
/// - `tshark -q -z conv,tcp`: 322 connections;
/// - `tshark -q -z endpoints,ip`: 68 addresses, of which the machine, the unspecified one, the broadcast and a group;
/// - `tshark -Y "udp.dstport == 53" -T fields -e dns.qry.name | sort -u`: 42 names.
///
/// tshark does not end a UDP conversation when it is quiet for five minutes, so that figure is counted by the test.
#[test]
fn the_summary_at_a_glance_is_what_others_count() {
    let capture = &list("captures")[0];
    assert_eq!((number(&capture["packets"]), number(&capture["original_bytes"])), (87_708, 84_105_873));
    assert_eq!(capture["duration_s"], 1893.379796);
    assert_eq!(capture["first"], "2019-10-14T14:05:00.418207Z");
    assert_eq!(capture["last"], "2019-10-14T14:36:33.798003Z");
    let by_hand = Counted::of(&root().join(EXAMPLE), MACHINE);
    let summary = &list("summary")[0];
    assert_eq!(summary["machine"], MACHINE);
    assert_eq!(summary["duration_s"], 1893.379796);
    for (field, counted, others) in [
        ("packets", by_hand.packets, Some(87_698)),
        ("wire_bytes", by_hand.wire_bytes, Some(84_104_773)),
        ("dns_queries", by_hand.dns_queries, Some(114)),
        ("dns_names", by_hand.dns_names, Some(42)),
        ("tcp_connections", by_hand.tcp_connections, Some(322)),
        ("udp_connections", by_hand.udp_exchanges, None),
        ("hosts_v4", by_hand.hosts_v4, Some(64)),
        ("hosts_v6", 0, Some(0)),
    ] {
        assert_eq!(number(&summary[field]), counted, "{field}");
        assert_eq!(others.unwrap_or(counted), counted, "{field}: other programs");
    }
    let machine = &list("machines")[0];
    assert_eq!((&machine["id"], &machine["mac"]), (&MACHINE.into(), &MACHINE.into()));
    assert_eq!(machine["addresses"][0], "192.168.2.114");
    assert_eq!(machine["mac_vendor"], "VMware, Inc.");
    assert!(machine["names"].as_array().unwrap().iter().any(|name| name["value"] == "Macs-Mac"));
    let glance = exact().glance();
    for (label, value) in [
        ("duration", "31 min 33 s".to_owned()),
        ("packets", page::grouped(by_hand.packets)),
        ("on the wire", format!("{} B", page::grouped(by_hand.wire_bytes))),
        ("hosts", (by_hand.hosts_v4).to_string()),
        ("IPv4 hosts", by_hand.hosts_v4.to_string()),
        ("DNS requests", by_hand.dns_queries.to_string()),
        ("DNS names", by_hand.dns_names.to_string()),
        ("TCP connections", by_hand.tcp_connections.to_string()),
        ("UDP connections", by_hand.udp_exchanges.to_string()),
    ] {
        assert!(
            glance.lines().any(|line| page::cells(line).contains(&format!("{label} {value}"))),
            "{label} {value} is not in\n{glance}"
        );
    }
    let section = exact().section("Machine");
    for (label, value) in [
        ("address", "192.168.2.114"),
        ("MAC", "00:0c:29:5e:41:9b, VMware"),
        ("host name", "Macs-Mac"),
        ("system", "macOS"),
    ] {
        let line = section.lines().find_map(|line| line.trim_start().strip_prefix(label));
        assert!(line.is_some_and(|line| line.trim_start().starts_with(value)), "{label}: {line:?}");
    }
}

#[test]
fn every_line_fits_in_80_columns_but_the_one_that_tcpdump_would_print() {
    for line in text().lines().filter(|line| *line != SYN) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn what_is_printed_is_what_lies_beside_the_example() {
    let stem = EXAMPLE.strip_suffix(".pcapng.zst").unwrap();
    let renew = std::env::var_os("FIRSTLIGHT_RENEW").is_some_and(|value| value == "1");
    for (name, printed) in [("report.txt", text()), ("report.json", json_text())] {
        let path = root().join(format!("{stem}.{name}"));
        if renew {
            std::fs::write(&path, printed).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = kept.lines().zip(printed.lines()).position(|(a, b)| a != b);
        let at = differs.unwrap_or_else(|| kept.lines().count().min(printed.lines().count()));
        let line = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
        assert!(
            kept == printed,
            "{name} differs from line {}:\n  kept:    {}\n  printed: {}\nrenew it with FIRSTLIGHT_RENEW=1 if that is meant",
            at + 1,
            line(&kept),
            line(printed)
        );
    }
}
