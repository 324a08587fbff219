//! The hosts of the diary get the diary's purposes, and the rules keep to their scopes.

use firstlight_knowledge::{Answer, Query, explain, registrable_domain};
use firstlight_model::Transport;

fn ask<'a>(name: &'a str) -> Query<'a> {
    Query { name: Some(name), port: 443, system: Some("macOS"), ..Query::default() }
}

fn purpose(answer: &Answer) -> &str {
    answer.purpose.as_deref().unwrap_or("")
}

#[test]
fn the_hosts_of_the_diary_have_its_purposes() {
    for (name, path, transport, port, category, words, own) in [
        ("time.apple.com", None, Transport::UDP, 123, "time", "clock", true),
        ("albert.apple.com", None, Transport::TCP, 443, "activation", "activation", true),
        ("ocsp.apple.com", None, Transport::TCP, 80, "cert-status", "Certificate status (OCSP)", true),
        ("ocsp.digicert.com", None, Transport::TCP, 80, "cert-status", "Certificate status (OCSP)", false),
        (
            "www.apple.com",
            Some("/library/test/success.html"),
            Transport::TCP,
            80,
            "connectivity-check",
            "onnectivity",
            true,
        ),
        ("swscan.apple.com", None, Transport::TCP, 443, "software-update", "Software distribution", true),
        ("gspe21-ssl.ls.apple.com", None, Transport::TCP, 443, "maps", "Maps", true),
        (
            "updates-http.cdn-apple.com",
            Some("/2019/x/dictionary.zip"),
            Transport::TCP,
            80,
            "software-update",
            "ictionar",
            true,
        ),
        ("swcdn.apple.com", Some("/content/x"), Transport::TCP, 80, "software-update", "ictionar", true),
        ("apple-finance.query.yahoo.com", None, Transport::TCP, 443, "stocks", "Stock quotes", false),
        ("safebrowsing.urlsec.qq.com", None, Transport::TCP, 443, "safe-browsing", "Tencent", false),
        ("cloud.urlsec.qq.com", None, Transport::TCP, 443, "safe-browsing", "Tencent", false),
    ] {
        let answer = explain(&Query { path, transport, port, ..ask(name) });
        assert_eq!(answer.category, Some(category), "{name}: {answer:?}");
        assert!(purpose(&answer).contains(words), "{name}: {answer:?}");
        assert_eq!(answer.vendor_own, Some(own), "{name}: {answer:?}");
        assert!(answer.source_url.is_some() && answer.grade.is_some() && answer.rule.is_some(), "{name}: {answer:?}");
    }
    assert_eq!(explain(&ask("apple-finance.query.yahoo.com")).owner, Some("Yahoo"));
    assert_eq!(explain(&ask("safebrowsing.urlsec.qq.com")).owner, Some("Tencent"));
}

#[test]
fn start_page_icons_are_such_only_on_a_mac_whose_browser_just_started() {
    let icons = [
        "www.yelp.com",
        "www.yahoo.com",
        "www.weather.com",
        "www.tripadvisor.com",
        "www.linkedin.com",
        "www.facebook.com",
        "www.bing.com",
        "www.twitter.com",
    ];
    for name in icons {
        let started = explain(&Query { browser_started: true, ..ask(name) });
        assert_eq!(started.category, Some("browser-newtab"), "{name}: {started:?}");
        assert_eq!((started.grade, started.source), (Some("observed"), Some("sans-25414")), "{name}");
        assert_eq!(started.vendor_own, Some(false), "{name}");
        let quiet = explain(&ask(name));
        let windows = explain(&Query { system: Some("Windows"), browser_started: true, ..ask(name) });
        let unknown = explain(&Query { system: None, browser_started: true, ..ask(name) });
        for other in [&quiet, &windows, &unknown] {
            assert_ne!(other.category, Some("browser-newtab"), "{name}: {other:?}");
            assert_eq!(other.owner, started.owner, "{name}");
        }
    }
    assert_eq!(purpose(&explain(&ask("www.yelp.com"))), "Yelp's own site");
}

#[test]
fn the_site_of_an_organisation_is_not_its_advertising() {
    assert_eq!(explain(&ask("www.linkedin.com")).owner, Some("LinkedIn (Microsoft)"));
    assert_eq!(explain(&ask("ads.linkedin.com")).owner, Some("LinkedIn Ads"));
}

#[test]
fn tiles_of_windows_are_such_only_on_windows() {
    let bing = explain(&Query { system: Some("Windows"), ..ask("www.bing.com") });
    assert!(purpose(&bing).contains("live tiles"), "{bing:?}");
    assert_eq!(bing.vendor_own, Some(true));
    let bing = explain(&Query { system: Some("Android"), ..ask("www.bing.com") });
    assert!(!purpose(&bing).contains("tile"), "{bing:?}");
}

#[test]
fn the_end_of_a_cname_chain_serves_and_never_owns() {
    let aliases = ["swscan.apple.com.akadns.net", "e1234.dscx.akamaiedge.net"];
    let answer = explain(&Query { aliases: &aliases, ..ask("swscan.apple.com") });
    assert_eq!((answer.owner, answer.cdn, answer.carrier), (Some("Apple"), Some("Akamai"), Some("Akamai")));
    let bare = explain(&ask("e1234.dscx.akamaiedge.net"));
    assert_eq!((bare.owner, bare.carrier, bare.vendor_own), (None, Some("Akamai"), None));
    let named = explain(&ask("appldnld.apple.com.edgesuite.net"));
    assert_eq!((named.owner, named.carrier), (Some("Apple"), Some("Akamai")));
    let bucket = explain(&ask("some-bucket.s3.amazonaws.com"));
    assert_eq!((bucket.owner, bucket.carrier), (None, Some("Amazon Web Services")));
    let unknown = explain(&Query { aliases: &["captive.g.aaplimg.com"], ..ask("nobody.example.org") });
    assert_eq!(unknown.category, Some("connectivity-check"), "{unknown:?}");
    assert!(unknown.rule.as_deref().is_some_and(|rule| rule.starts_with("alias")), "{unknown:?}");
    assert_eq!(unknown.owner, None);
}

#[test]
fn a_label_below_a_certificate_authority_is_certificate_status() {
    for name in ["ocsp9.sectigo.com", "crl7.digicert.com", "ocsp.r2m09.lencr.org"] {
        let answer = explain(&Query { port: 80, ..ask(name) });
        assert_eq!(answer.category, Some("cert-status"), "{name}: {answer:?}");
    }
    assert_ne!(explain(&ask("www.digicert.com")).category, Some("cert-status"));
    assert_ne!(explain(&ask("ocsp.example.com")).category, Some("cert-status"));
    assert_ne!(explain(&ask("crlive.digicert.com")).category, Some("cert-status"));
}

#[test]
fn paths_decide_where_a_host_serves_much() {
    let probe =
        explain(&Query { path: Some("/generate_204"), port: 80, system: Some("Android"), ..ask("www.google.com") });
    assert_eq!(probe.category, Some("connectivity-check"), "{probe:?}");
    assert_ne!(explain(&ask("www.google.com")).category, Some("connectivity-check"));
    let captive = explain(&ask("captive.apple.com"));
    assert_eq!(captive.category, Some("connectivity-check"), "{captive:?}");
    assert!(captive.rule.is_some_and(|rule| rule.ends_with("path not seen")));
}

#[test]
fn the_rule_for_the_machines_system_wins() {
    let mac = explain(&Query { port: 80, ..ask("ocsp.digicert.com") });
    let windows = explain(&Query { port: 80, system: Some("Windows"), ..ask("ocsp.digicert.com") });
    let linux = explain(&Query { port: 80, system: Some("Linux"), ..ask("ocsp.digicert.com") });
    assert_eq!((mac.product, windows.product, linux.product), (Some("trustd"), Some("CryptoAPI"), None));
    assert_eq!(linux.category, Some("cert-status"));
    assert!(linux.owner.is_some() && linux.owner == mac.owner);
}

#[test]
fn contacts_without_a_name_are_explained_by_address_group_or_port() {
    let by = |address: &str, transport, port| {
        explain(&Query { name: None, address: address.parse().ok(), transport, port, ..ask("") })
    };
    let resolver = by("8.8.8.8", Transport::UDP, 53);
    assert_eq!((resolver.owner, resolver.category), (Some("Google"), Some("dns-resolver")));
    assert_eq!(resolver.vendor_own, Some(false));
    assert_eq!(by("224.0.0.251", Transport::UDP, 5353).category, Some("local"));
    assert_eq!(by("192.0.2.1", Transport::UDP, 123).category, Some("time"));
    assert_eq!(by("192.0.2.1", Transport::TCP, 443), Answer::default());
    let literal = explain(&Query { name: Some("192.0.2.1"), ..ask("") });
    assert_eq!((literal.registrable_domain, literal.owner, literal.purpose), (None, None, None));
}

#[test]
fn names_of_the_local_network_belong_to_nobody() {
    for (name, words) in [
        ("macbook.local", "Multicast DNS"),
        ("_airplay._tcp.local", "Service discovery: AirPlay"),
        ("Living Room._airplay._tcp.local", "Service discovery: AirPlay"),
        ("1.0.168.192.in-addr.arpa", "Reverse DNS"),
    ] {
        let answer = explain(&ask(name));
        assert!(purpose(&answer).contains(words), "{name}: {answer:?}");
        assert_eq!((answer.owner, answer.vendor_own, answer.registrable_domain), (None, None, None), "{name}");
    }
    assert_eq!(explain(&ask("bridge.meethue.com:80")).category, Some("home-automation"));
}

#[test]
fn the_registrable_domain_follows_the_public_suffix_list() {
    for (name, expected) in [
        ("swscan.apple.com", Some("apple.com")),
        ("A.B.Co.UK.", Some("B.Co.UK")),
        ("www.example.com:8080", Some("example.com")),
        ("someone.github.io", Some("someone.github.io")),
        ("co.uk", None),
        ("localhost", None),
        ("printer.local", None),
        ("nas.lan", None),
        ("1.0.168.192.in-addr.arpa", None),
        ("192.168.0.1", None),
        ("2001:db8::1", None),
        ("", None),
    ] {
        assert_eq!(registrable_domain(name), expected, "{name}");
    }
}

#[test]
fn nothing_is_said_of_what_nobody_knows() {
    for name in ["", ".", "..", "a", "x.invalid", "host.local", "\u{0}\u{7f}", "ünïcödé.example", &"a.".repeat(300)]
    {
        let answer = explain(&ask(name));
        assert_eq!(answer.owner, None, "{name:?}");
    }
}

#[test]
fn where_no_rule_speaks_weaker_signs_do_and_say_so() {
    let web = explain(&ask("www.unheard-of.example.org"));
    assert_eq!((purpose(&web), web.category, web.grade), ("Web site", Some("web"), Some("analyst")));
    assert_eq!(web.rule.as_deref(), Some("label www"));
    for name in ["api.unheard-of.org", "api2.unheard-of.org", "api-eu.unheard-of.org"] {
        let answer = explain(&ask(name));
        assert_eq!((answer.category, answer.rule.as_deref()), (Some("app-service"), Some("label api")), "{name}");
    }
    for name in ["apiary.unheard-of.org", "api.org", "api", "unheard-of.org"] {
        assert_eq!(explain(&ask(name)).category, None, "{name}");
    }
    // The organisation's kind is known: its label adds nothing.
    assert_eq!(explain(&ask("static.facebook.com")).category, explain(&ask("x.facebook.com")).category);
    let path = |name, path| explain(&Query { path: Some(path), port: 80, ..ask(name) });
    assert_eq!(path("unheard-of.org", "/generate_204?x=1").rule.as_deref(), Some("path /generate_204"));
    assert_eq!(path("unheard-of.org", "/generate_2045").category, None);
    let literal = Query { name: None, address: "192.0.2.7".parse().ok(), port: 80, ..ask("") };
    let probe = explain(&Query { path: Some("/generate_204"), ..literal.clone() });
    assert_eq!(probe.category, Some("connectivity-check"));
    let ping = explain(&Query { transport: Transport::ICMP, port: 0, ..literal });
    assert_eq!((ping.category, ping.rule.as_deref()), (Some("diagnostics"), Some("protocol icmp")));
}

#[test]
fn an_address_that_is_known_for_a_port_is_known_for_no_other() {
    let at = |port| explain(&Query { name: None, address: "52.24.113.48".parse().ok(), port, system: None, ..ask("") });
    assert_eq!((at(7533).owner, at(7533).grade), (Some("Yunext"), Some("observed")));
    assert_eq!(at(443), Answer::default());
}

#[test]
fn rented_storage_is_the_storekeepers_but_for_the_paths_that_are_known() {
    let path = |path| explain(&Query { path, port: 80, system: None, ..ask("s3-us-west-2.amazonaws.com") });
    let bare = path(None);
    assert_eq!((bare.owner, bare.category), (Some("Amazon Web Services"), Some("cloud-hosting")));
    let firmware = path(Some("/static-us-west.dch.dlink.com/firmware/x"));
    assert_eq!((firmware.owner, firmware.category), (Some("Amazon Web Services"), Some("software-update")));
    assert_eq!(explain(&ask("bucket.s3-us-west-2.amazonaws.com")).owner, None);
}

#[test]
fn what_no_longer_works_is_told_where_the_vendor_says_it() {
    let sign_in = explain(&Query { system: Some("Windows"), ..ask("login.live.com") });
    assert_eq!(sign_in.if_blocked_source, Some("ms-win11-endpoints"));
    assert!(sign_in.if_blocked.is_some_and(|text| text.contains("sign in")), "{sign_in:?}");
    let below = explain(&Query { system: Some("Windows"), ..ask("x.wns.windows.com") });
    assert!(below.if_blocked.is_some_and(|text| text.contains("push")), "{below:?}");
    // A statement belongs to one rule: it is not inherited by names that another rule explains.
    assert_eq!(explain(&ask("albert.apple.com")).if_blocked, None);
    assert_eq!(explain(&ask("nobody.example.org")).if_blocked, None);
}
