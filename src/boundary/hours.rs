//! The hours of an ordinary week, with breaks. Knows no holidays; see `calendar`.

use std::fmt;

use jiff::civil::{Time, Weekday};

/// The days as they are shown.
const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A stretch of a day in which the owner works: from when until when. The end is later than the beginning.
pub type Stretch = (Time, Time);

/// The hours in which the owner works, by weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// From Monday to Sunday: stretches in order, with breaks between them; none on a closed day.
    days: [Vec<Stretch>; 7],
}

impl Default for Hours {
    /// Monday to Friday, nine to five.
    fn default() -> Self {
        let open = || vec![(Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0))];
        Self { days: [open(), open(), open(), open(), open(), Vec::new(), Vec::new()] }
    }
}

impl Hours {
    /// Closed every day.
    pub fn none() -> Self {
        Self { days: std::array::from_fn(|_| Vec::new()) }
    }

    /// With other hours for one weekday, as [`day`] reads them.
    #[must_use]
    pub fn with(mut self, day: Weekday, stretches: Vec<Stretch>) -> Self {
        self.days[index(day)] = stretches;
        self
    }

    /// The stretches of a weekday, in order.
    pub fn of(&self, day: Weekday) -> &[Stretch] {
        &self.days[index(day)]
    }

    /// Whether no day has any hours.
    pub fn is_empty(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }
}

/// The hours of a day as they are written: `9:00-17:00`, `9-12:30, 13:30-17`, or `closed`. Nothing where a stretch ends
/// before it begins, or two overlap.
pub fn day(text: &str) -> Option<Vec<Stretch>> {
    if text.trim().eq_ignore_ascii_case("closed") {
        return Some(Vec::new());
    }
    let stretches: Vec<Stretch> = text.split(',').map(stretch).collect::<Option<_>>()?;
    let in_order = stretches.windows(2).all(|pair| pair[0].1 <= pair[1].0);
    in_order.then_some(stretches)
}

fn stretch(text: &str) -> Option<Stretch> {
    let (from, until) = text.split_once(['-', '\u{2013}'])?;
    let time = |text: &str| {
        let (hour, minute) = text.trim().split_once(':').unwrap_or((text.trim(), "0"));
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let (from, until) = (time(from)?, time(until)?);
    (from < until).then_some((from, until))
}

impl fmt::Display for Hours {
    /// "Mon 9:00-12:30, 13:30-17:00; Tue ...", without the closed days.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = NAMES.iter().zip(&self.days).filter(|(_, stretches)| !stretches.is_empty());
        let days = open.map(|(name, stretches)| {
            let times = stretches
                .iter()
                .map(|(from, until)| format!("{}-{}", from.strftime("%-H:%M"), until.strftime("%-H:%M")));
            format!("{name} {}", times.collect::<Vec<_>>().join(", "))
        });
        f.write_str(&days.collect::<Vec<_>>().join("; "))
    }
}

fn index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    #[test]
    fn the_hours_of_a_day_are_read_or_refused() {
        let at = |hour, minute| time(hour, minute, 0, 0);
        assert_eq!(day("9:30-17:00"), Some(vec![(at(9, 30), at(17, 0))]));
        assert_eq!(day("9-13"), Some(vec![(at(9, 0), at(13, 0))]));
        assert_eq!(day("9-12:30, 13:30-17"), Some(vec![(at(9, 0), at(12, 30)), (at(13, 30), at(17, 0))]));
        assert_eq!(day("closed"), Some(Vec::new()));
        for wrong in ["", "9", "17-9", "25:00-26:00", "nine to five", "9-12, 11-17", "9-12,", "14-17, 9-12"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hours_read_as_a_person_writes_them() {
        let hours = Hours::none().with(Weekday::Tuesday, day("9-12:30, 14-16").unwrap());
        assert_eq!(hours.to_string(), "Tue 9:00-12:30, 14:00-16:00");
        assert!(Hours::none().is_empty() && !hours.is_empty());
    }
}
