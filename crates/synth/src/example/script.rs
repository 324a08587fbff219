//! The experiment: what the machine does when. Times are milliseconds from the start of a phase.

use std::net::{Ipv4Addr, Ipv6Addr};

use firstlight_model::Timestamp;

use crate::dhcp::{Client, Lease};
use crate::dns::{Data, Message, Record, kind};
use crate::example::sites::{self, Site};
use crate::example::stage::{End, Size, Stage, Visit};
use crate::example::{Example, PHASES};
use crate::http::{Request, Response};
use crate::icmp::solicited_node;
use crate::mdns;
use crate::random::Random;
use crate::tcp::connection::Fault;
use crate::traffic::Traffic;

/// 2019-10-14 14:05:00 UTC, and the two later phases.
const STARTS_S: [i64; 3] = [1_571_061_900, 1_571_063_466, 1_571_063_741];

const SWSCAN_BYTES: u64 = 42_017_664;
const MAPS_BYTES: u64 = 23_046_198;
const SWSCAN_VISITS: usize = 18;
const MAPS_VISITS: u64 = 206;

const DICTIONARY_AGENT: &str = "MobileAsset/1.1";
const PREFIX: Ipv6Addr = Ipv6Addr::new(0xfd4d, 0x6163, 0x0a, 0, 0, 0, 0, 0);

/// Something that the machine does.
enum Act {
    /// It boots and has had a lease before, or not.
    Boot(Lease, FirstTime),
    Ntp,
    Tls(Visit),
    Ocsp(Site, Site),
    Http(Site, Request, Response),
    Bonjour,
    Advertisement,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FirstTime {
    Yes,
    No,
}

/// What is to happen, with its time in milliseconds.
type Plan = Vec<(u64, Act)>;

/// The experiment as it was, or another time with something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Usual,
    /// Of the first boot one host is missing, one is new, and one sends ten times as much; Safari asks Tencent.
    Changed,
}

pub(super) fn play(version: Version) -> Example {
    let start = |phase: usize| STARTS_S.get(phase).copied().unwrap_or_default();
    let mut stage = Stage::new(Traffic::new(Timestamp::from_parts(start(0), 0)).with_seed(25_414));
    for (phase, mut plan) in [install(), first_boot(), safari()].into_iter().enumerate() {
        stage.phase = phase;
        if version == Version::Changed {
            change(phase, &mut plan);
        }
        plan.sort_by_key(|(ms, _)| *ms);
        let begin = Timestamp::from_parts(start(phase), 418_207_000);
        if let Some(name) = PHASES.get(phase) {
            stage.t.comment(format!("phase: {name}"));
        }
        for (ms, act) in plan {
            // A little unevenness, or the times look ruled.
            let jitter = stage.t.random().between(0, 900_000);
            let offset = i64::try_from(if ms == 0 { 0 } else { ms * 1_000_000 + jitter }).unwrap_or(0);
            stage.t.at(begin.plus_ns(offset));
            perform(&mut stage, act);
        }
    }
    let Stage { t, ledger, .. } = stage;
    let mut frames = t.into_frames();
    for frame in &mut frames {
        // The file has microseconds.
        frame.time = Timestamp::from_ns(frame.time.as_ns().div_euclid(1_000) * 1_000);
    }
    Example { frames, ledger }
}

fn perform(stage: &mut Stage, act: Act) {
    match act {
        Act::Boot(lease, first) => boot(stage, &lease, first),
        Act::Ntp => stage.ntp(&sites::TIME),
        Act::Tls(visit) => stage.tls(&visit),
        Act::Ocsp(about, responder) => stage.ocsp(&about, responder),
        Act::Http(site, request, response) => stage.http(site, &request, &response),
        Act::Bonjour => {
            let services = ["_airport._tcp.local", "_airplay._tcp.local", "_raop._tcp.local", "_uscan._tcp.local"];
            let question = mdns::question(&services, kind::PTR);
            stage.local("224.0.0.251", "udp", 5353, |t, machine, _| t.mdns(machine, &question));
        }
        Act::Advertisement => stage.local("ff02::1", "icmp6", 0, |t, _, router| {
            t.router_advertisement(router, 0, PREFIX);
        }),
    }
}

/// Makes of the usual plan the changed one.
fn change(phase: usize, plan: &mut Plan) {
    if phase == 1 {
        let of = |act: &Act, site: &Site| match act {
            Act::Tls(visit) => visit.site == *site,
            Act::Ocsp(about, _) => about == site,
            _ => false,
        };
        plan.retain(|(_, act)| !of(act, &sites::STOCKS));
        for (_, act) in plan.iter_mut() {
            match act {
                Act::Tls(visit) if visit.site == sites::STORE_BAG => visit.got = Size::Plain(519_040),
                _ => {}
            }
        }
        plan.push((100_000, Act::Tls(Visit::new(sites::UNKNOWN, 1_200, 4_096))));
    }
    if phase == 2 {
        plan.push((12_000, Act::Tls(Visit::new(sites::TENCENT, 640, 2_048))));
    }
}

/// What a Mac does on the link when it comes up: IPv6, DHCP, claiming its address, groups, its name, the router.
fn boot(stage: &mut Stage, lease: &Lease, first: FirstTime) {
    stage.forget();
    let start = stage.t.now();
    let link_local = stage.machine.link_local();
    stage.local("ff02::16", "icmp6", 0, |t, machine, _| {
        t.listener_report(machine, &[solicited_node(link_local)]);
    });
    stage.local("ff02::1:ff5e:419b", "icmp6", 0, |t, machine, _| t.detect_duplicate(machine, link_local));
    stage.t.wait_ms(350);
    let client = Client::macos_10_15("Macs-Mac");
    stage.local("255.255.255.255", "udp", 67, |t, machine, router| match first {
        FirstTime::Yes => t.dhcp_discover(machine, &client, router, lease),
        FirstTime::No => t.dhcp_reboot(machine, &client, router, lease),
    });
    stage.local("192.168.2.114", "arp", 0, |t, machine, _| t.arp_claim(machine));
    stage.local("192.168.2.1", "arp", 0, |t, machine, router| t.arp_resolve(machine, router));
    stage.t.wait_ms(100);
    stage.local("224.0.0.251", "igmp", 0, |t, machine, _| t.igmp_join(machine, mdns::GROUP_V4));
    stage.local("ff02::2", "icmp6", 0, |t, machine, _| t.router_solicitation(machine));
    stage.t.wait_ms(3);
    stage.local("ff02::1", "icmp6", 0, |t, _, router| t.router_advertisement(router, 0, PREFIX));
    let name = "Macs-Mac.local".to_owned();
    let records = [(name.clone(), Data::A(lease.address)), (name, Data::Aaaa(link_local))];
    let announcement = mdns::announcement(records);
    for _ in 0..2 {
        stage.t.wait_ms(1_000);
        stage.local("224.0.0.251", "udp", 5353, |t, machine, _| t.mdns(machine, &announcement));
    }
    // Where is wide-area service discovery? Nowhere.
    for service in ["b", "db", "lb"] {
        let name = format!("{service}._dns-sd._udp.0.2.168.192.in-addr.arpa");
        let query = Message::query(stage.t.random().next_u16(), &name, kind::PTR);
        let soa = Data::Soa {
            primary: "localhost".to_owned(),
            mailbox: "nobody.invalid".to_owned(),
            serial: 1,
            minimum: 10_800,
        };
        let reply = query.reply().with_code(3).authority(Record::new("168.192.in-addr.arpa", 10_800, soa));
        stage.ask(&query, &reply);
    }
    debug_assert!(stage.t.now().since_ns(start) < 8_000_000_000, "the rest of a phase begins 8 s after its boot");
}

fn lease() -> Lease {
    Lease {
        address: Ipv4Addr::new(192, 168, 2, 114),
        mask: Ipv4Addr::new(255, 255, 255, 0),
        router: Ipv4Addr::new(192, 168, 2, 1),
        dns: vec![Ipv4Addr::new(192, 168, 2, 1)],
        domain: Some("localdomain".to_owned()),
        seconds: 86_400,
    }
}

/// Visits that are all alike, spread evenly from a time on.
fn spread(plan: &mut Plan, from_ms: u64, every_ms: u64, times: u64, visit: Visit) {
    for turn in 0..times {
        plan.push((from_ms + turn * every_ms, Act::Tls(visit)));
    }
}

fn install() -> Plan {
    let mut plan: Plan = vec![
        (0, Act::Boot(lease(), FirstTime::Yes)),
        (8_200, Act::Ntp),
        (8_900, Act::Ntp),
        (9_600, Act::Tls(Visit::new(sites::ALBERT, 1_840, 3_912))),
        (10_050, Act::Ocsp(sites::ALBERT, sites::OCSP_APPLE)),
        (11_700, Act::Tls(Visit::new(sites::ALBERT, 6_221, 9_457))),
        (12_800, Act::Tls(Visit::new(sites::WWW_APPLE, 201, 68 + 312))),
        (13_050, Act::Ocsp(sites::WWW_APPLE, sites::OCSP_DIGICERT)),
        (
            14_000,
            Act::Http(
                sites::CAPTIVE,
                Request::get("captive.apple.com", "/hotspot-detect.html")
                    .by_apple("CaptiveNetworkSupport-390.40.1 wispr"),
                Response::ok("text/html", b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"),
            ),
        ),
        (15_500, Act::Tls(Visit::new(sites::SETUP_HELP, 640, 1_210))),
        (17_000, Act::Tls(Visit::new(sites::ENROLMENT, 1_904, 842))),
        (19_000, Act::Tls(Visit::new(sites::PUSH_SETUP, 180, 7_360))),
        // The first attempt; the server resets it.
        (20_000, Act::Tls(Visit { end: End::Reset, ..courier(3_120, 2_688) })),
        (23_000, Act::Tls(Visit::new(sites::COUNTRY, 160, 96))),
        (24_000, Act::Tls(Visit::new(sites::MAPS_CONFIG, 240, 61_214))),
        (26_000, Act::Tls(Visit::new(sites::LOCATION, 912, 4_188))),
        (29_000, Act::Tls(Visit::new(sites::OS_CATALOGUE, 220, 58_730))),
        (31_000, Act::Ocsp(sites::SWSCAN, sites::OCSP_APPLE)),
        (212_000, Act::Tls(Visit::new(sites::ASSET_POINTERS, 820, 2_304))),
        (super::SECOND_BOOT_MS, Act::Boot(lease(), FirstTime::No)),
        (568_500, Act::Ntp),
        (569_400, Act::Tls(Visit::new(sites::WWW_APPLE, 201, 68 + 312))),
        (571_000, Act::Tls(courier(2_704, 2_256))),
        (573_000, Act::Tls(Visit::new(sites::ALBERT, 1_840, 3_912))),
        (640_000, Act::Ocsp(sites::MAPS, sites::OCSP_APPLE)),
        (905_000, Act::Tls(Visit::new(sites::SETUP, 1_330, 22_904))),
        (911_000, Act::Tls(Visit::new(sites::STORE, 310, 38_112))),
        (1_310_000, Act::Tls(Visit::new(sites::MAPS_SEARCH, 734, 5_120))),
        (1_420_000, Act::Ocsp(sites::SWDIST, sites::OCSP_APPLE)),
        (1_488_000, Act::Tls(Visit::new(sites::WWW_APPLE, 201, 68 + 312))),
    ];
    spread(&mut plan, 180_000, 4_300, 7, Visit::new(sites::ASSETS, 290, 148_240));
    // One segment never reaches the capture.
    plan.push((402_000, Act::Tls(Visit { faults: &[Fault::Missing(17)], ..Visit::new(sites::ASSETS, 290, 212_992) })));
    spread(&mut plan, 60_000, 331_000, 4, Visit::new(sites::METRICS, 2_210, 312));
    spread(&mut plan, 40_000, 610_000, 3, Visit::new(sites::CONFIGURATION, 233, 17_420));
    spread(&mut plan, 1_405_000, 9_000, 3, Visit::new(sites::SWDIST, 260, 14_230));
    for ms in [70_000, 300_000, 620_000, 1_200_000] {
        plan.push((ms, Act::Bonjour));
    }
    for ms in [200_000, 400_000, 800_000, 1_000_000, 1_200_000, 1_400_000] {
        plan.push((ms, Act::Advertisement));
    }
    swscan(&mut plan);
    maps(&mut plan);
    dictionaries(&mut plan);
    plan
}

/// Apple's push service: its own protocol in ALPN, port 5223.
fn courier(sent: usize, got: usize) -> Visit {
    Visit { port: 5223, protocols: &["apns-security-v3"], end: End::Open, ..Visit::new(sites::PUSH, sent, got) }
}

/// 18 connections, 42 MB: catalogues first, then what they name.
fn swscan(plan: &mut Plan) {
    let sizes = [
        2_412_800, 118_040, 2_412_800, 1_930_112, 3_204_608, 402_944, 4_915_200, 2_228_224, 98_304, 3_801_088,
        1_212_416, 2_883_584, 3_276_800, 655_360, 4_194_304, 2_097_152, 3_538_944,
    ];
    let faults: [&'static [Fault]; 3] =
        [&[Fault::Twice(811), Fault::Twice(812)], &[Fault::Late(96)], &[Fault::Swapped(240)]];
    for turn in 0..SWSCAN_VISITS {
        let got = sizes.get(turn).map_or(Size::FillTo(SWSCAN_BYTES), |size| Size::Plain(*size));
        let visit = Visit {
            got,
            faults: match turn {
                4 => faults[0],
                9 => faults[1],
                12 => faults[2],
                _ => &[],
            },
            ..Visit::new(sites::SWSCAN, 380, 0)
        };
        let ms = 30_000 + turn as u64 * 78_300;
        plan.push((ms, Act::Tls(visit)));
    }
}

/// 206 connections, 23 MB, in four bursts.
fn maps(plan: &mut Plan) {
    let mut random = Random::new(206);
    for turn in 0..MAPS_VISITS {
        let size = usize::try_from(random.between(6_000, 205_000)).unwrap_or(6_000);
        let got = if turn + 1 == MAPS_VISITS { Size::FillTo(MAPS_BYTES) } else { Size::Plain(size) };
        let faults: &'static [Fault] = if turn == 57 { &[Fault::Twice(2)] } else { &[] };
        let visit = Visit { got, faults, ..Visit::new(sites::MAPS, 210, 0) };
        let burst = turn * 4 / MAPS_VISITS;
        plan.push((620_000 + burst * 190_000 + (turn % 52) * 700, Act::Tls(visit)));
    }
}

/// Dictionaries, by HTTP.
fn dictionaries(plan: &mut Plan) {
    let list = [
        ("NewOxfordAmericanDictionary", "4f1d0a2c", 3_412_608),
        ("OxfordAmericanWritersThesaurus", "91be77d3", 1_286_144),
        ("OxfordDictionaryOfEnglish", "07c2ea58", 2_904_064),
        ("AppleDictionary", "d35508f1", 172_032),
        ("SpanishDictionary", "6a40be97", 884_736),
        ("FrenchDictionary", "be9914c0", 741_376),
        ("GermanDictionary", "20f6d7b4", 630_784),
    ];
    for (turn, (name, id, size)) in (0u64..).zip(list) {
        let path = format!(
            "/2019/mobileassets/061-{}/com_apple_MobileAsset_DictionaryServices_dictionaryOSX/{id}-{name}.zip",
            24_310 + turn
        );
        let request = Request::get("updates-http.cdn-apple.com", &path).by_apple(DICTIONARY_AGENT);
        let response = Response::new(200, "OK")
            .header("Server", "ATS/8.0.5")
            .header("Content-Type", "application/zip")
            .header("Last-Modified", "Wed, 18 Sep 2019 21:14:08 GMT")
            .header("Accept-Ranges", "bytes")
            .body(&vec![0xa5; size]);
        plan.push((216_000 + turn * 8_700, Act::Http(sites::DICTIONARIES, request, response)));
    }
}

fn first_boot() -> Plan {
    let mut plan: Plan = vec![
        (0, Act::Boot(lease(), FirstTime::No)),
        (8_300, Act::Ntp),
        (9_100, Act::Tls(Visit::new(sites::WWW_APPLE, 201, 68 + 312))),
        (9_450, Act::Ocsp(sites::WWW_APPLE, sites::OCSP_DIGICERT)),
        (10_600, Act::Tls(Visit::new(sites::ALBERT, 1_840, 3_912))),
        (12_400, Act::Tls(Visit::new(sites::PUSH_SETUP, 180, 7_360))),
        (13_300, Act::Tls(courier(3_440, 3_008))),
        (16_000, Act::Tls(Visit::new(sites::COUNTRY, 160, 96))),
        (17_000, Act::Tls(Visit::new(sites::MAPS_CONFIG, 240, 61_214))),
        (19_000, Act::Tls(Visit::new(sites::LOCATION, 912, 4_188))),
        (22_000, Act::Tls(Visit::new(sites::STORE, 310, 38_112))),
        (23_500, Act::Tls(Visit::new(sites::STORE_BAG, 330, 51_904))),
        (27_000, Act::Tls(Visit::new(sites::MESSAGES, 240, 29_384))),
        (30_000, Act::Tls(Visit::new(sites::SETUP, 1_330, 22_904))),
        (31_500, Act::Ocsp(sites::SETUP, sites::OCSP_APPLE)),
        (34_000, Act::Tls(Visit::new(sites::KEY_VALUES, 1_012, 1_480))),
        (42_000, Act::Tls(Visit::new(sites::STOCKS, 690, 5_214))),
        (42_400, Act::Ocsp(sites::STOCKS, sites::OCSP_DIGICERT)),
        (43_100, Act::Tls(Visit::new(sites::STOCKS, 702, 11_870))),
        (55_000, Act::Tls(Visit::new(sites::SUGGESTIONS, 880, 9_640))),
        (70_000, Act::Tls(Visit::new(sites::MAPS_USAGE, 4_410, 220))),
        (90_000, Act::Tls(Visit::new(sites::OS_CATALOGUE, 220, 58_730))),
        (130_000, Act::Tls(Visit::new(sites::MAPS_SEARCH, 734, 5_120))),
        (150_000, Act::Advertisement),
        (162_000, Act::Tls(Visit::new(sites::STOCKS, 690, 5_302))),
        (60_000, Act::Bonjour),
        (180_000, Act::Bonjour),
    ];
    spread(&mut plan, 36_000, 5_000, 4, Visit::new(sites::ASSETS, 290, 148_240));
    spread(&mut plan, 28_000, 95_000, 2, Visit::new(sites::METRICS, 2_210, 312));
    spread(&mut plan, 25_000, 120_000, 2, Visit::new(sites::CONFIGURATION, 233, 17_420));
    plan
}

fn safari() -> Plan {
    let mut plan: Plan = vec![
        (900, Act::Tls(Visit::new(sites::SUGGESTIONS, 1_204, 12_416))),
        (1_500, Act::Tls(Visit::new(sites::CONFIGURATION, 233, 17_420))),
        (40_000, Act::Bonjour),
        (52_000, Act::Tls(Visit::new(sites::METRICS, 2_940, 312))),
    ];
    let icons = [
        (sites::YELP, 18_304, 1),
        (sites::YAHOO, 9_216, 2),
        (sites::WEATHER, 14_880, 1),
        (sites::TRIPADVISOR, 22_528, 2),
        (sites::LINKEDIN, 7_340, 1),
        (sites::FACEBOOK, 5_942, 2),
        (sites::BING, 6_118, 1),
        (sites::TWITTER, 11_264, 2),
    ];
    for (turn, (site, size, visits)) in (0u64..).zip(icons) {
        spread(&mut plan, 2_400 + turn * 310, 1_900, visits, Visit::new(site, 480, size));
    }
    for (ms, site) in [(3_600, sites::YELP), (4_900, sites::FACEBOOK), (5_700, sites::TWITTER)] {
        plan.push((ms, Act::Ocsp(site, sites::OCSP_DIGICERT)));
    }
    plan
}
