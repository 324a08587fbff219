//! What a NetBIOS name is for, by its last byte (MS-NBTE s. 1.8 and Microsoft's knowledge base article 163409).

/// In words; `None` for bytes without a known meaning, and for 0, the host or its workgroup.
pub(crate) const fn meaning(suffix: u8, is_group: bool) -> Option<&'static str> {
    Some(match (suffix, is_group) {
        (0x01, true) => "master browser",
        (0x03, false) => "messenger",
        (0x06, false) => "remote access server",
        (0x1b, false) => "domain master browser",
        (0x1c, true) => "domain controller",
        (0x1d, _) => "local master browser",
        (0x1e, true) => "browser elections",
        (0x1f, false) => "NetDDE",
        (0x20, false) => "file server",
        (0x21, false) => "remote access client",
        (0xbe, false) => "network monitor agent",
        (0xbf, false) => "network monitor",
        _ => return None,
    })
}
