//! `--mark "NAME=TIME"`: the beginning of a phase. TIME is a point in time (RFC 3339), how long after the first packet, or
//! `ping:SIZE`, the first echo request with so many bytes of data.

use std::str::FromStr;

use firstlight_engine::{Mark, MarkTime};
use firstlight_model::Timestamp;

/// Reads a mark. The name may hold `=`; the last one is what counts.
///
/// # Errors
/// In words, when there is no name or the time is none.
pub fn parse(text: &str) -> Result<Mark, String> {
    let (name, time) = text.rsplit_once('=').ok_or("it needs a name and a time, such as first-boot=12m")?;
    let name = name.trim();
    if name.is_empty() {
        return Err("it needs a name before the =".to_owned());
    }
    let time = moment(time.trim()).ok_or_else(|| {
        format!("{time} is no time; say 2019-10-10T14:00:00Z, +90s, 12m, 1h30m after the first packet, or ping:1001 for an echo request of that size")
    })?;
    Ok(Mark { name: name.to_owned(), time })
}

fn moment(text: &str) -> Option<MarkTime> {
    if let Some(size) = text.strip_prefix("ping:") {
        return size.parse().ok().map(MarkTime::Echo);
    }
    if let Ok(at) = jiff::Timestamp::from_str(text) {
        return i64::try_from(at.as_nanosecond()).ok().map(|ns| MarkTime::At(Timestamp::from_ns(ns)));
    }
    let length = text.strip_prefix('+').unwrap_or(text);
    let with_unit =
        if length.ends_with(|c: char| c.is_ascii_digit()) { format!("{length}s") } else { length.to_owned() };
    let duration = jiff::SignedDuration::from_str(&with_unit).ok().filter(|d| !d.is_negative())?;
    i64::try_from(duration.as_nanos()).ok().map(MarkTime::AfterNs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Option<MarkTime> {
        parse(&format!("x={text}")).ok().map(|mark| mark.time)
    }

    #[test]
    fn times_are_points_or_lengths_since_the_first_packet() {
        const S: i64 = 1_000_000_000;
        assert_eq!(time("1970-01-01T00:01:00Z"), Some(MarkTime::At(Timestamp::from_parts(60, 0))));
        assert_eq!(time("1970-01-01T02:01:00+02:00"), Some(MarkTime::At(Timestamp::from_parts(60, 0))));
        assert_eq!(time("1970-01-01 00:00:00.5Z"), Some(MarkTime::At(Timestamp::from_ns(S / 2))));
        assert_eq!(time("+90s"), Some(MarkTime::AfterNs(90 * S)));
        assert_eq!(time("90"), Some(MarkTime::AfterNs(90 * S)));
        assert_eq!(time("1.5"), Some(MarkTime::AfterNs(S * 3 / 2)));
        assert_eq!(time("12m"), Some(MarkTime::AfterNs(12 * 60 * S)));
        assert_eq!(time("1h30m"), Some(MarkTime::AfterNs(90 * 60 * S)));
        assert_eq!(time("ping:1001"), Some(MarkTime::Echo(1001)));
        assert_eq!(time("0"), Some(MarkTime::AfterNs(0)));
    }

    #[test]
    fn what_is_no_time_is_refused_with_an_example() {
        for text in
            ["", "soon", "-5s", "2019-10-10", "ping:", "ping:x", "2019-10-10T14:00:00", "99999999999999999999", "+"]
        {
            assert_eq!(time(text), None, "{text}");
        }
        assert!(parse("first boot").unwrap_err().contains("first-boot=12m"));
        assert!(parse("=12m").unwrap_err().contains("a name"));
    }

    #[test]
    fn the_last_equals_sign_ends_the_name() {
        assert_eq!(parse("a=b=12m").unwrap().name, "a=b");
    }
}
