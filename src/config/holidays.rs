//! Days on which the owner does not work: from a line of the configuration, or from an iCalendar file (RFC 5545). The one
//! place that reads such files; it takes whole days and yearly repetition, and leaves all else alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use icalendar::{CalendarComponent, Component as _};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// A calendar of all holidays of a decade is far smaller.
const LARGEST: u64 = 4 << 20;
/// So many components a file may have, and so many within each other: a calendar, its events, their alarms.
const MOST_EVENTS: usize = 10_000;
const DEEPEST: usize = 6;
/// Days that recur every year are taken from and until these years.
const FIRST_YEAR: i16 = 2025;
const LAST_YEAR: i16 = 2060;
/// No holiday is longer, in days.
const LONGEST: i32 = 60;

/// `2026-12-25 Christmas Day`: a day and its name, which may be left out.
pub(super) fn line(text: &str) -> Option<(Date, String)> {
    let (day, name) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
    let name = name.trim();
    let fits = !name.chars().any(char::is_control);
    let name = if name.is_empty() { "a holiday" } else { name };
    fits.then_some(())?;
    Some((day.parse().ok()?, name.to_owned()))
}

/// The whole days of the events in an iCalendar file, with their summaries.
pub(super) fn file(path: &Path) -> Result<BTreeMap<Date, String>, String> {
    let name = path.display();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|e| format!("{name} can't be read: {e}"))?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    let way_out = "expected an iCalendar file, one that begins with BEGIN:VCALENDAR";
    // The reader calls itself for each component within another.
    if text.lines().filter(|line| line.starts_with("BEGIN:")).count() > MOST_EVENTS || depth(text) > DEEPEST {
        return Err(format!("{name} holds too many components, or too many within each other; {way_out}"));
    }
    let calendar: icalendar::Calendar =
        text.parse().map_err(|_| format!("{name} is no calendar; {way_out}"))?;
    let mut days = BTreeMap::new();
    for component in &calendar.components {
        let CalendarComponent::Event(event) = component else { continue };
        let value = |key: &str| event.property_value(key);
        // An hour on some day is no holiday.
        let whole = |key: &str| value(key).filter(|value| value.trim().len() == 8).and_then(day);
        if value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")) {
            continue;
        }
        let Some(from) = whole("DTSTART") else { continue };
        let summary: String =
            value("SUMMARY").unwrap_or("a holiday").chars().filter(|c| !c.is_control()).collect();
        // The end of whole days is the day after the last (RFC 5545, 3.6.1).
        let until = whole("DTEND").and_then(|end| end.yesterday().ok()).unwrap_or(from);
        let length = from.until(until).map_or(0, |span| span.get_days());
        if length > LONGEST {
            return Err(format!("{name}: \"{summary}\" is {length} days long; write it under `absences`"));
        }
        let years = years(from, value("RRULE")).map_err(|what| {
            format!("{name}: \"{summary}\" repeats by a rule that is not understood ({what}); write its days under `holidays`")
        })?;
        for year in years {
            let Ok(first) = Date::new(year, from.month(), from.day()) else { continue };
            for further in 0..=length.max(0) {
                if let Ok(date) = first.checked_add(further.days()) {
                    days.insert(date, summary.trim().to_owned());
                }
            }
        }
    }
    if days.is_empty() {
        return Err(format!("{name} holds no whole day; {way_out} with events of whole days"));
    }
    Ok(days)
}

/// How many components stand within each other at most.
fn depth(text: &str) -> usize {
    let (mut deep, mut deepest) = (0usize, 0);
    for line in text.lines() {
        if line.starts_with("BEGIN:") {
            deep += 1;
            deepest = deepest.max(deep);
        } else if line.starts_with("END:") {
            deep = deep.saturating_sub(1);
        }
    }
    deepest
}

/// The years in which a day recurs (RFC 5545, 3.3.10): the one of its beginning, or by a plain yearly rule.
fn years(from: Date, rule: Option<&str>) -> Result<std::ops::RangeInclusive<i16>, String> {
    let Some(rule) = rule else { return Ok(from.year()..=from.year()) };
    let (mut first, mut last) = (from.year(), LAST_YEAR);
    for part in rule.split(';') {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.to_uppercase().as_str() {
            "FREQ" if value.eq_ignore_ascii_case("YEARLY") => {}
            "INTERVAL" if value == "1" => {}
            "WKST" => {}
            "BYMONTH" if value.parse() == Ok(from.month()) => {}
            "BYMONTHDAY" if value.parse() == Ok(from.day()) => {}
            "UNTIL" => last = last.min(day(value).ok_or_else(|| part.to_owned())?.year()),
            "COUNT" => {
                let count: i16 = value.parse().map_err(|_| part.to_owned())?;
                last = last.min(from.year().saturating_add(count.max(1) - 1));
            }
            _ => return Err(part.chars().filter(|c| !c.is_control()).take(40).collect()),
        }
    }
    // Long past years are nobody's business.
    first = first.max(FIRST_YEAR.min(last));
    Ok(first..=last)
}

/// `20261225`, with or without a time behind it.
fn day(value: &str) -> Option<Date> {
    let digits = value.get(..8)?;
    let part = |range| digits.get(range).and_then(|part: &str| part.parse::<i16>().ok());
    Date::new(part(0..4)?, part(4..6)?.try_into().ok()?, part(6..8)?.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_line_names_a_day() {
        assert_eq!(line("2026-12-25 Christmas Day"), Some((date(2026, 12, 25), "Christmas Day".to_owned())));
        assert_eq!(line(" 2026-12-26 "), Some((date(2026, 12, 26), "a holiday".to_owned())));
        for wrong in ["", "Christmas", "25.12.2026", "2026-02-30 x"] {
            assert_eq!(line(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_calendar_file_gives_whole_days_and_yearly_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holidays.ics");
        std::fs::write(
            &path,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\n\
             BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Christmas\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20260501\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:May\r\n  Day\r\nEND:VEVENT\r\n\
             END:VCALENDAR\r\n",
        )
        .unwrap();
        let days = file(&path).unwrap();
        let named = |year, month, day| days.get(&date(year, month, day)).map(String::as_str);
        assert_eq!(named(2026, 12, 24), Some("Christmas"));
        assert_eq!(named(2026, 12, 26), Some("Christmas"));
        assert_eq!(named(2026, 12, 27), None);
        assert_eq!(named(2028, 5, 1), Some("May Day"));
        let deep = format!(
            "BEGIN:VCALENDAR\r\n{}{}END:VCALENDAR\r\n",
            "BEGIN:X\r\n".repeat(10_000),
            "END:X\r\n".repeat(10_000)
        );
        let event = |lines: &str| {
            format!(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{lines}\r\nSUMMARY:S\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            )
        };
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            file(&path)
        };
        assert!(read(&deep).unwrap_err().contains("within each other"));
        assert!(
            read(&event("DTSTART:20261126\r\nRRULE:FREQ=YEARLY;BYDAY=4TH"))
                .unwrap_err()
                .contains("BYDAY=4TH")
        );
        assert!(read(&event("DTSTART:20261130T090000Z")).unwrap_err().contains("no whole day"));
        let old =
            read(&format!("\u{feff}{}", event("DTSTART;VALUE=DATE:19701225\r\nRRULE:FREQ=YEARLY"))).unwrap();
        assert!(old.contains_key(&date(2027, 12, 25)));
        let ended = read(&event("DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=YEARLY;COUNT=3")).unwrap();
        assert_eq!(ended.keys().last(), Some(&date(2026, 1, 1)));
        for wrong in ["", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "%PDF-1.4 \u{0}"] {
            std::fs::write(&path, wrong).unwrap();
            assert!(file(&path).unwrap_err().contains("holidays.ics"), "{wrong}");
        }
    }
}
