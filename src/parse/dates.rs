//! `Date` to a moment: as RFC 5322, 3.3 writes it, and as clumsy programs do.

use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// What programs write that neither jiff nor mailparse reads. A date without a zone is taken as UTC.
const BROKEN_FORMS: [&str; 6] = [
    "%a %b %d %H:%M:%S %Y",    // asctime
    "%a %b %d %H:%M:%S %z %Y", // date(1)
    "%d-%b-%Y %H:%M:%S %z",    // IMAP's internal date
    "%d-%b-%Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
];

/// The moment that a `Date` field names, if any reading makes sense.
pub(super) fn read(field: &str) -> Option<Timestamp> {
    let text = without_comments(field);
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let strict = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let without_weekday = text.split_once(',').map_or(text, |(_, rest)| rest.trim());
    strict
        .parse_timestamp(text)
        .or_else(|_| strict.parse_timestamp(without_weekday))
        .ok()
        .or_else(|| iso(text))
        .or_else(|| BROKEN_FORMS.iter().find_map(|form| broken(form, without_weekday)))
        .or_else(|| loose(text))
        // Beyond these no mail was written; a wild year is a broken date.
        .filter(|moment| (1970..2200).contains(&moment.to_zoned(TimeZone::UTC).year()))
}

/// `Tue, 3 Nov 2026 10:12:00 +0100 (CET)` without what stands in brackets, fractions of a second, and
/// doubled white space.
fn without_comments(field: &str) -> String {
    let mut depth = 0_usize;
    let mut text = String::with_capacity(field.len().min(64));
    for c in field.chars().take(256) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// ISO 8601 with or without a zone.
fn iso(text: &str) -> Option<Timestamp> {
    let moment =
        text.parse::<Timestamp>().ok().or_else(|| text.parse::<Zoned>().ok().map(|at| at.timestamp()));
    moment.or_else(|| utc(text.parse::<DateTime>().ok()?))
}

/// As mailparse reads it, which is 1970 for words without any number.
fn loose(text: &str) -> Option<Timestamp> {
    let seconds = mailparse::dateparse(text).ok().filter(|&seconds| seconds > 0)?;
    Timestamp::from_second(seconds).ok()
}

fn broken(form: &str, text: &str) -> Option<Timestamp> {
    let parsed = strtime::parse(form, text).ok()?;
    parsed.to_timestamp().ok().or_else(|| utc(parsed.to_datetime().ok()?))
}

fn utc(at: DateTime) -> Option<Timestamp> {
    at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_programs_write_them() {
        let rows = [
            ("Tue, 3 Nov 2026 10:12:00 +0100", "2026-11-03T09:12:00Z"),
            ("Tue, 03 Nov 2026 10:12:00 +0100 (CET)", "2026-11-03T09:12:00Z"),
            ("3 Nov 2026 10:12 GMT", "2026-11-03T10:12:00Z"),
            ("Mon, 3 Nov 2026 10:12:00 +0000", "2026-11-03T10:12:00Z"),
            ("Di, 3 Nov 2026 10:12:00 +0100", "2026-11-03T09:12:00Z"),
            ("Tue,3 Nov 2026 10:12:00 EST", "2026-11-03T15:12:00Z"),
            ("2026-11-03T10:12:00Z", "2026-11-03T10:12:00Z"),
            ("2026-11-03T10:12:00+01:00", "2026-11-03T09:12:00Z"),
            ("2026-11-03 10:12:00 +0100", "2026-11-03T09:12:00Z"),
            ("Tue Nov  3 10:12:00 2026", "2026-11-03T10:12:00Z"),
            ("03-Nov-2026 10:12:00 +0100", "2026-11-03T09:12:00Z"),
            ("Tue, 3 Nov 26 10:12:00 +0000", "2026-11-03T10:12:00Z"),
        ];
        for (field, moment) in rows {
            assert_eq!(read(field).map(|at| at.to_string()).as_deref(), Some(moment), "{field}");
        }
        for nonsense in ["", "soon", "Tue, 99 Nov 2026 10:12:00 +0000", "((((", "1 Jan 9999 00:00:00 +0000"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
