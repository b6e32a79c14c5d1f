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
/// A yearly day without an end is taken for so many years.
const YEARS: i16 = 20;
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
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|e| format!("{} can't be read: {e}", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let calendar: icalendar::Calendar = text.parse().map_err(|_| {
        format!("{} is no iCalendar file; expected one that begins with BEGIN:VCALENDAR", path.display())
    })?;
    let mut days = BTreeMap::new();
    for component in &calendar.components {
        let CalendarComponent::Event(event) = component else { continue };
        let Some(from) = event.property_value("DTSTART").and_then(day) else { continue };
        // The end of whole days is the day after the last (RFC 5545, 3.6.1).
        let until = event.property_value("DTEND").and_then(day).and_then(|end| end.yesterday().ok());
        let length =
            until.map_or(0, |until| from.until(until).map_or(0, |span| span.get_days())).clamp(0, LONGEST);
        let name = event.property_value("SUMMARY").unwrap_or("a holiday");
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let yearly = event.property_value("RRULE").is_some_and(|rule| rule.contains("FREQ=YEARLY"));
        for year in 0..=if yearly { YEARS } else { 0 } {
            let Ok(first) = from.checked_add(year.years()) else { continue };
            for further in 0..=length {
                if let Ok(date) = first.checked_add(further.days()) {
                    days.insert(date, name.trim().to_owned());
                }
            }
        }
    }
    if days.is_empty() {
        return Err(format!("{} holds no day; expected events with a DTSTART", path.display()));
    }
    Ok(days)
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
        for wrong in ["", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "%PDF-1.4 \u{0}"] {
            std::fs::write(&path, wrong).unwrap();
            assert!(file(&path).unwrap_err().contains("holidays.ics"), "{wrong}");
        }
    }
}
