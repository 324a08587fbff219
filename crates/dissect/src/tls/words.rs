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
        _ => "unknown version",
    }
}

/// Description of an alert.
pub fn alert_text(description: u8) -> String {
    let text = match description {
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
        other => return format!("alert {other}"),
    };
    text.to_owned()
}
