//! Programs by their TLS client fingerprints. JA3 says nothing for Chrome 110 and later, which shuffles its
//! extensions; JA4 of Chrome names the engine, not the system. Several programs often share one fingerprint.

use crate::book::{Row, compiled};
use crate::layout::{tls, tls_by_ja3};

/// A program that is known by a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The program; where several share the fingerprint, each with its share: `OUTLOOK.EXE 77%; …`. May be empty.
    pub program: &'static str,
    /// Versions, or empty.
    pub version: &'static str,
    /// Systems, or empty.
    pub system: &'static str,
    /// More on the systems, or empty.
    pub detail: &'static str,
    /// How often the source saw it; 0 when it does not count.
    pub observations: u32,
    /// Key of the source.
    pub source: &'static str,
    /// `ja4` or `ja3`: by which it was found.
    pub by: &'static str,
}

/// What is known to have these fingerprints: by JA4, and where that says nothing by JA3. Those seen most often first,
/// named browsers of exact versions before them.
pub fn tls_programs(ja3: Option<&str>, ja4: Option<&str>) -> Vec<Known> {
    let rows = compiled().rows(tls::TABLE);
    let mut found: Vec<Known> = Vec::new();
    if let Some(ja4) = ja4.filter(|ja4| !ja4.is_empty()) {
        let start = rows.partition(|row| row.text(tls::JA4) < ja4);
        let same = (start..rows.len()).map(|at| rows.row(at)).take_while(|row| row.text(tls::JA4) == ja4);
        found.extend(same.map(|row| known(&row, "ja4")));
    }
    if let (true, Some(ja3)) = (found.is_empty(), ja3.filter(|ja3| !ja3.is_empty())) {
        let index = compiled().rows(tls_by_ja3::TABLE);
        let row_of = |row: &Row<'static>| rows.row(usize::try_from(row.number(tls_by_ja3::ROW)).unwrap_or(usize::MAX));
        let start = index.partition(|row| row_of(row).text(tls::JA3) < ja3);
        let same = (start..index.len()).map(|at| row_of(&index.row(at))).take_while(|row| row.text(tls::JA3) == ja3);
        found.extend(same.map(|row| known(&row, "ja3")));
    }
    found.sort_by_key(|known| (known.version.is_empty(), std::cmp::Reverse(known.observations)));
    found
}

fn known(row: &Row<'static>, by: &'static str) -> Known {
    Known {
        program: row.text(tls::PROGRAM),
        version: row.text(tls::VERSION),
        system: row.text(tls::SYSTEM),
        detail: row.text(tls::DETAIL),
        observations: row.number(tls::OBSERVATIONS),
        source: row.text(tls::SOURCE),
        by,
    }
}

#[cfg(test)]
mod tests {
    use super::tls_programs;

    #[test]
    fn ja4_comes_before_ja3() {
        let safari = tls_programs(None, Some("t13d2014h2_a09f3c656075_14788d8d241b"));
        assert_eq!((safari[0].program, safari[0].by), ("Safari", "ja4"));
        let safari =
            tls_programs(Some("773906b0efdefa24a7f2b8eb6985bf37"), Some("t13d2014h2_a09f3c656075_000000000000"));
        assert!(safari.iter().any(|known| known.program == "Safari" && known.by == "ja3"));
        let geod = tls_programs(Some("5507277945374659a5b4572e1b6d9b9f"), None);
        assert!(geod.iter().any(|known| known.program.contains("geod")), "{geod:?}");
    }

    #[test]
    fn unknown_and_empty_ones_find_nothing() {
        assert!(tls_programs(None, None).is_empty());
        assert!(tls_programs(Some(""), Some("")).is_empty());
        assert!(tls_programs(Some("00000000000000000000000000000000"), Some("zzz")).is_empty());
    }
}
