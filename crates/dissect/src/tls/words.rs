//! Numbers of TLS in words (IANA, TLS Parameters).

/// `TLS 1.3` and so on. Drafts of TLS 1.3 are told as it.
pub fn version_text(version: u16) -> &'static str {
    match version {
        0x0002 => "SSL 2",
        0x0300 => "SSL 3",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 | 0x7f00..=0x7fff | 0xfb17..=0xfb1a => "TLS 1.3",
        0x0101 => "TLCP",
        0x0100 => "DTLS 1.0 (before the RFC)",
        0xfeff => "DTLS 1.0",
        0xfefd => "DTLS 1.2",
        0xfefc => "DTLS 1.3",
        _ => "unknown version",
    }
}

/// Level and description of an alert.
pub fn alert_text(level: u8, description: u8) -> String {
    let level = if level == 2 { "fatal" } else { "warning" };
    match alert_description(description) {
        Some(text) => format!("{level}: {text}"),
        None => format!("{level}: alert {description}"),
    }
}

/// Description of an alert; `None` for one that is not registered.
pub const fn alert_description(description: u8) -> Option<&'static str> {
    Some(match description {
        0 => "close notify",
        10 => "unexpected message",
        20 => "bad record MAC",
        21 => "decryption failed",
        22 => "record overflow",
        30 => "decompression failure",
        40 => "handshake failure",
        41 => "no certificate",
        42 => "bad certificate",
        43 => "unsupported certificate",
        44 => "certificate revoked",
        45 => "certificate expired",
        46 => "certificate unknown",
        47 => "illegal parameter",
        48 => "unknown CA",
        49 => "access denied",
        50 => "decode error",
        51 => "decrypt error",
        60 => "export restriction",
        70 => "protocol version",
        71 => "insufficient security",
        80 => "internal error",
        86 => "inappropriate fallback",
        90 => "user canceled",
        100 => "no renegotiation",
        109 => "missing extension",
        110 => "unsupported extension",
        111 => "certificate unobtainable",
        112 => "unrecognized name",
        113 => "bad certificate status response",
        114 => "bad certificate hash value",
        115 => "unknown PSK identity",
        116 => "certificate required",
        120 => "no application protocol",
        121 => "ECH required",
        _ => return None,
    })
}
