//! The owner's boundary: when they work. Pure: no clock, no file. It judges nobody and promises nothing.

use std::fmt;

use jiff::civil::{DateTime, Time, Weekday};

/// The hours in which the owner works, by weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// From Monday to Sunday: from when until when; nothing on a closed day.
    days: [Option<(Time, Time)>; 7],
}

impl Default for Hours {
    /// Monday to Friday, nine to five.
    fn default() -> Self {
        let open = Some((Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0)));
        Self { days: [open, open, open, open, open, None, None] }
    }
}

impl Hours {
    /// Closed every day.
    pub fn none() -> Self {
        Self { days: [None; 7] }
    }

    /// With another stretch for one weekday; `None` closes it. A stretch that ends before it begins is closed.
    #[must_use]
    pub fn with(mut self, day: Weekday, stretch: Option<(Time, Time)>) -> Self {
        self.days[index(day)] = stretch.filter(|(from, until)| from < until);
        self
    }

    /// The stretch of a weekday.
    pub fn of(&self, day: Weekday) -> Option<(Time, Time)> {
        self.days[index(day)]
    }

    /// How many hours of work lie between two moments on the owner's clock; 0 where the second is not later.
    /// Beyond a year the answer is that of a year.
    pub fn between(&self, from: DateTime, until: DateTime) -> f64 {
        let mut sum = 0.0;
        let mut date = from.date();
        for _ in 0..=366 {
            if date > until.date() {
                break;
            }
            if let Some((opens, closes)) = self.of(date.weekday()) {
                let begin = date.to_datetime(opens).max(from);
                let end = date.to_datetime(closes).min(until);
                if begin < end {
                    sum += begin.duration_until(end).as_secs_f64() / 3600.0;
                }
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        sum
    }
}

/// `9:00-17:00` as the hours of a day, or `closed`.
pub fn stretch(text: &str) -> Option<Option<(Time, Time)>> {
    if text.trim().eq_ignore_ascii_case("closed") {
        return Some(None);
    }
    let (from, until) = text.split_once(['-', '\u{2013}'])?;
    let time = |text: &str| {
        let (hour, minute) = text.trim().split_once(':').unwrap_or((text.trim(), "0"));
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let (from, until) = (time(from)?, time(until)?);
    (from < until).then_some(Some((from, until)))
}

impl fmt::Display for Hours {
    /// "Mon 9:00-17:00, ...", without the closed days.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let open = names.iter().zip(&self.days).filter_map(|(name, day)| {
            day.map(|(from, until)| {
                format!("{name} {}-{}", from.strftime("%-H:%M"), until.strftime("%-H:%M"))
            })
        });
        f.write_str(&open.collect::<Vec<_>>().join(", "))
    }
}

fn index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn hours_of_work_are_counted_over_nights_and_weekends() {
        let hours = Hours::default();
        // Friday 27 November 2026.
        let friday = date(2026, 11, 27);
        let at = |day: jiff::civil::Date, hour| day.to_datetime(time(hour, 0, 0, 0));
        let rows = [
            (at(friday, 9), at(friday, 12), 3.0),
            (at(friday, 16), at(friday, 22), 1.0),
            (at(friday, 20), at(date(2026, 11, 29), 20), 0.0),
            (at(friday, 16), at(date(2026, 11, 30), 10), 2.0),
            (at(friday, 12), at(friday, 9), 0.0),
            (at(date(2026, 11, 23), 0), at(date(2026, 11, 30), 0), 40.0),
        ];
        for (from, until, expected) in rows {
            assert!((hours.between(from, until) - expected).abs() < 1e-9, "{from} {until}");
        }
        assert!(Hours::none().between(at(friday, 9), at(date(2027, 3, 1), 9)).abs() < 1e-9);
    }

    #[test]
    fn a_stretch_is_read_or_refused() {
        assert_eq!(stretch("9:30-17:00"), Some(Some((time(9, 30, 0, 0), time(17, 0, 0, 0)))));
        assert_eq!(stretch("9-13"), Some(Some((time(9, 0, 0, 0), time(13, 0, 0, 0)))));
        assert_eq!(stretch("closed"), Some(None));
        for wrong in ["", "9", "17-9", "25:00-26:00", "nine to five"] {
            assert_eq!(stretch(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hours_read_as_a_person_writes_them() {
        let hours = Hours::none().with(Weekday::Tuesday, Some((time(9, 0, 0, 0), time(12, 30, 0, 0))));
        assert_eq!(hours.to_string(), "Tue 9:00-12:30");
    }
}
