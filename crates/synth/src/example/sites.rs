//! The names that the example contacts, with the aliases and addresses that a resolver in Chicago may give. Addresses
//! are out of the networks of those who serve the names; which of them is whose machine is made up.

/// Whose certificate authority vouches for a site, and with it where OCSP is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Issuer {
    /// Apple's own.
    Apple,
    /// DigiCert.
    DigiCert,
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// TLS 1.2: certificates are seen.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// A name and who serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// The name that is asked for.
    pub name: &'static str,
    /// Its chain of aliases.
    pub aliases: &'static [&'static str],
    /// The addresses at its end; each answer has two of them.
    pub addresses: &'static [[u8; 4]],
    /// Issuer of the certificate.
    pub issuer: Issuer,
    /// Version of TLS.
    pub speaks: Speaks,
    /// Round trip in milliseconds.
    pub round_trip_ms: u64,
}

macro_rules! sites {
    ($($(#[$doc:meta])* $id:ident: $name:literal [$($alias:literal),*] [$($address:expr),*] $issuer:ident $speaks:ident $ms:literal;)*) => {
        $($(#[$doc])* pub const $id: Site = Site {
            name: $name,
            aliases: &[$($alias),*],
            addresses: &[$($address),*],
            issuer: Issuer::$issuer,
            speaks: Speaks::$speaks,
            round_trip_ms: $ms,
        };)*
    };
}

sites! {
    TIME: "time.apple.com" ["time-osx.g.aaplimg.com"]
        [[17, 253, 6, 253], [17, 253, 24, 125], [17, 253, 6, 125], [17, 253, 24, 253]] Apple Tls12 9;
    ALBERT: "albert.apple.com" ["albert.gcsis-apple.com.akadns.net"]
        [[17, 171, 8, 17], [17, 171, 27, 65]] Apple Tls12 52;
    WWW_APPLE: "www.apple.com" ["www.apple.com.edgekey.net", "www.apple.com.edgekey.net.globalredir.akadns.net",
        "e6858.dsce9.akamaiedge.net"] [[23, 47, 54, 193], [23, 74, 2, 107]] DigiCert Tls12 7;
    CAPTIVE: "captive.apple.com" ["captive-cdn.origin-apple.com.akadns.net", "captive.g.aaplimg.com"]
        [[17, 253, 25, 204], [17, 253, 7, 208]] Apple Tls12 8;
    OCSP_APPLE: "ocsp.apple.com" ["ocsp-lb.apple.com.akadns.net", "ocsp.g.aaplimg.com"]
        [[17, 253, 25, 206], [17, 253, 7, 203]] Apple Tls12 8;
    OCSP_DIGICERT: "ocsp.digicert.com" ["cs9.wac.phicdn.net"]
        [[72, 21, 91, 29]] DigiCert Tls12 6;
    SWSCAN: "swscan.apple.com" ["swscan-cdn.apple.com.akadns.net", "swscan.g.aaplimg.com"]
        [[17, 253, 25, 201], [17, 253, 7, 201], [17, 253, 25, 205], [17, 253, 7, 205]] Apple Tls12 8;
    SWDIST: "swdist.apple.com" ["swdist.apple.com.akadns.net", "swdist.apple.com.edgekey.net",
        "e6573.b.akamaiedge.net"] [[23, 61, 194, 168], [104, 96, 220, 51]] Apple Tls12 7;
    MAPS: "gspe21-ssl.ls.apple.com" ["gspe21-ssl.ls.apple.com.edgekey.net", "e6987.a.akamaiedge.net"]
        [[23, 61, 194, 24], [23, 61, 194, 57], [104, 96, 221, 13], [104, 96, 221, 74], [23, 74, 2, 40],
            [23, 74, 2, 91]] Apple Tls12 7;
    MAPS_CONFIG: "gspe35-ssl.ls.apple.com" ["gspe35-ssl.ls-apple.com.akadns.net", "gspe35-ssl.ls.apple.com.edgekey.net",
        "e6987.a.akamaiedge.net"] [[23, 61, 194, 24], [104, 96, 221, 74]] Apple Tls12 7;
    MAPS_SEARCH: "gsp-ssl.ls.apple.com" ["gsp-ssl.ls-apple.com.akadns.net", "gsp-ssl-geomap.ls-apple.com.akadns.net"]
        [[17, 167, 194, 237], [17, 142, 171, 9]] Apple Tls12 48;
    MAPS_USAGE: "gsp64-ssl.ls.apple.com" ["gsp64-ssl.ls-apple.com.akadns.net"]
        [[17, 167, 192, 130], [17, 142, 171, 44]] Apple Tls12 48;
    COUNTRY: "gspe1-ssl.ls.apple.com" ["gspe1-ssl.ls.apple.com.edgekey.net", "e6987.a.akamaiedge.net"]
        [[23, 61, 194, 57], [23, 74, 2, 40]] Apple Tls12 7;
    LOCATION: "gs-loc.apple.com" ["gs-loc-new.ls-apple.com.akadns.net"]
        [[17, 167, 194, 240], [17, 142, 171, 16]] Apple Tls12 49;
    DICTIONARIES: "updates-http.cdn-apple.com" ["updates-http.cdn-apple.com.akadns.net",
        "updates.g.aaplimg.com"] [[17, 253, 25, 203], [17, 253, 7, 207]] Apple Tls12 8;
    ASSETS: "mesu.apple.com" ["mesu-cdn.apple.com.akadns.net", "mesu.g.aaplimg.com"]
        [[17, 253, 25, 208], [17, 253, 7, 210]] Apple Tls12 8;
    ASSET_POINTERS: "basejumper.apple.com" ["basejumper.apple.com.akadns.net"]
        [[17, 179, 252, 2], [17, 179, 252, 66]] Apple Tls12 51;
    OS_CATALOGUE: "gdmf.apple.com" ["gdmf.apple.com.akadns.net"]
        [[17, 179, 252, 12], [17, 188, 23, 15]] Apple Tls12 51;
    METRICS: "xp.apple.com" ["xp.itunes-apple.com.akadns.net"]
        [[17, 154, 66, 107], [17, 173, 66, 180]] Apple Tls12 50;
    CONFIGURATION: "configuration.apple.com" ["configuration.apple.com.akadns.net", "configuration.apple.com.edgekey.net",
        "e3925.dscx.akamaiedge.net"] [[23, 47, 55, 119], [104, 96, 220, 12]] Apple Tls12 7;
    PUSH_SETUP: "init.push.apple.com" ["init.push-apple.com.akadns.net"]
        [[17, 188, 166, 18], [17, 188, 143, 11]] Apple Tls12 50;
    PUSH: "1-courier.push.apple.com" ["1.courier-push-apple-com.akadns.net", "us-central-courier-4.push-apple.com.akadns.net"]
        [[17, 249, 108, 10], [17, 249, 60, 24], [17, 249, 108, 71]] Apple Tls12 34;
    ENROLMENT: "iprofiles.apple.com" ["iprofiles.apple.com.akadns.net"]
        [[17, 171, 8, 33], [17, 171, 27, 81]] Apple Tls12 52;
    SETUP: "setup.icloud.com" ["setup.icloud.com.akadns.net"]
        [[17, 248, 133, 40], [17, 248, 133, 104], [17, 248, 133, 168]] Apple Tls12 33;
    SETUP_HELP: "humb.apple.com" ["humb.apple.com.akadns.net"]
        [[17, 179, 252, 38], [17, 188, 23, 41]] Apple Tls12 51;
    STORE: "init.itunes.apple.com" ["init-cdn.itunes-apple.com.akadns.net", "init.itunes.apple.com.edgekey.net",
        "e673.dsce9.akamaiedge.net"] [[23, 47, 54, 86], [23, 74, 2, 120]] Apple Tls12 7;
    STORE_BAG: "bag.itunes.apple.com" ["bag-cdn.itunes-apple.com.akadns.net", "bag.itunes.apple.com.edgekey.net",
        "e673.dsce9.akamaiedge.net"] [[23, 47, 54, 86], [104, 96, 220, 88]] Apple Tls12 7;
    MESSAGES: "init.ess.apple.com" ["init-cdn-lb.ess-apple.com.akadns.net", "init.ess.g.aaplimg.com"]
        [[17, 253, 25, 211], [17, 253, 7, 213]] Apple Tls12 8;
    KEY_VALUES: "keyvalueservice.icloud.com" ["keyvalueservice.fe.apple-dns.net"]
        [[17, 248, 133, 75], [17, 248, 133, 139]] Apple Tls12 33;
    SUGGESTIONS: "api.smoot.apple.com" ["api.smoot-apple.com.akadns.net", "api-glb-use2a.smoot.apple.com"]
        [[17, 58, 108, 14], [17, 58, 108, 46]] Apple Tls12 24;
    STOCKS: "apple-finance.query.yahoo.com" ["edge.gycpi.b.yahoodns.net"]
        [[69, 147, 80, 12], [69, 147, 80, 15]] DigiCert Tls13 19;
    /// Only in the changed experiment.
    TENCENT: "safebrowsing.urlsec.qq.com" [] [[203, 205, 239, 243]] DigiCert Tls12 180;
    /// Only in the changed experiment.
    UNKNOWN: "collect.telemetry.example" [] [[203, 0, 113, 77]] DigiCert Tls12 20;
    YELP: "www.yelp.com" ["yelp-com.map.fastly.net"] [[151, 101, 188, 116]] DigiCert Tls12 8;
    YAHOO: "www.yahoo.com" ["atsv2-fp-shed.wg1.b.yahoo.com"]
        [[98, 137, 246, 7], [98, 137, 246, 8]] DigiCert Tls13 44;
    WEATHER: "www.weather.com" ["www.weather.com.edgekey.net", "e7070.dscg.akamaiedge.net"]
        [[23, 61, 193, 214], [104, 96, 221, 209]] DigiCert Tls13 7;
    TRIPADVISOR: "www.tripadvisor.com" ["www.tripadvisor.com.edgekey.net", "e8910.e9.akamaiedge.net"]
        [[23, 74, 3, 162]] DigiCert Tls12 7;
    LINKEDIN: "www.linkedin.com" ["mix.linkedin.com", "pop-ech2-alpha.mix.linkedin.com"]
        [[108, 174, 11, 65]] DigiCert Tls12 9;
    FACEBOOK: "www.facebook.com" ["star-mini.c10r.facebook.com"] [[157, 240, 2, 35]] DigiCert Tls13 6;
    BING: "www.bing.com" ["a-0001.a-afdentry.net.trafficmanager.net", "dual-a-0001.a-msedge.net"]
        [[13, 107, 21, 200], [204, 79, 197, 200]] DigiCert Tls12 7;
    TWITTER: "www.twitter.com" ["twitter.com"] [[104, 244, 42, 1], [104, 244, 42, 65]] DigiCert Tls12 11;
}
