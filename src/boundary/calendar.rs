//! When the owner works: the hours of the week, less holidays and absences, on the owner's clock. It answers which moment
//! lies some working time ahead, and why; no answer lies outside hours. Pure.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};

use super::hours::{Hours, Stretch};
use super::measure::WorkingTime;

/// So many days ahead are looked at: whoever is closed longer makes no promises.
const HORIZON: usize = 2 * 366;

/// Days on which the owner is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Who answers meanwhile, as clients may be told.
    pub stand_in: Option<String>,
}

/// The owner's working calendar.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The hours of an ordinary week.
    pub hours: Hours,
    /// Days on which nobody works, with their names.
    pub holidays: BTreeMap<Date, String>,
    /// When the owner is away.
    pub absences: Vec<Absence>,
    /// The owner's clock.
    pub zone: TimeZone,
}

/// Why nobody works on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// It is such a weekday.
    Weekday,
    /// It is a holiday of this name.
    Holiday(String),
    /// The owner is away until this day, the last one.
    Away(Date),
    /// Enough is promised for it already.
    Full,
}

/// A moment that was reckoned, inside the owner's hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Reckoned {
    /// The moment.
    pub at: Zoned,
    /// The days that were passed over, in order.
    pub passed: Vec<(Date, Closed)>,
}

/// How often something happened, by weekday (Monday first) and hour of the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HoursOfWeek(pub [[u32; 24]; 7]);

impl HoursOfWeek {
    /// Counts a moment, on its own clock.
    pub fn count(&mut self, at: &Zoned) {
        let day = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        let hour = usize::try_from(at.hour()).unwrap_or_default();
        if let Some(cell) = self.0.get_mut(day).and_then(|hours| hours.get_mut(hour)) {
            *cell += 1;
        }
    }
}

impl Default for Calendar {
    /// Monday to Friday, nine to five, in UTC.
    fn default() -> Self {
        Self::new(Hours::default(), TimeZone::UTC)
    }
}

impl Calendar {
    /// The usual week without any holiday, on this clock.
    pub fn new(hours: Hours, zone: TimeZone) -> Self {
        Self { hours, holidays: BTreeMap::new(), absences: Vec::new(), zone }
    }

    /// The absence that a day lies in; the longest, where there are several.
    pub fn absence_on(&self, date: Date) -> Option<&Absence> {
        let away = self.absences.iter().filter(|absence| (absence.from..=absence.until).contains(&date));
        away.max_by_key(|absence| absence.until)
    }

    /// The stretches in which the owner works on a day, or why there are none.
    pub fn day(&self, date: Date) -> Result<&[Stretch], Closed> {
        if let Some(absence) = self.absence_on(date) {
            return Err(Closed::Away(absence.until));
        }
        if let Some(name) = self.holidays.get(&date) {
            return Err(Closed::Holiday(name.clone()));
        }
        match self.hours.of(date.weekday()) {
            [] => Err(Closed::Weekday),
            stretches => Ok(stretches),
        }
    }

    /// Whether the owner works at a moment; the ends of a stretch belong to it.
    pub fn is_open(&self, at: &Zoned) -> bool {
        let local = at.with_time_zone(self.zone.clone()).datetime();
        let within = |(from, until): &Stretch| (*from..=*until).contains(&local.time());
        self.day(local.date()).is_ok_and(|stretches| stretches.iter().any(within))
    }

    /// Whether a moment lies outside the owner's day of work: on a day without any, before it begins, after it ends. A
    /// break in between belongs to it.
    pub fn is_outside(&self, at: &Zoned) -> bool {
        let local = at.with_time_zone(self.zone.clone()).datetime();
        let Ok(stretches) = self.day(local.date()) else { return true };
        let ends = stretches.first().zip(stretches.last());
        !ends.is_some_and(|(first, last)| (first.0..=last.1).contains(&local.time()))
    }

    /// The moment that lies this much working time after another: the next time that the owner works, for none. Nothing
    /// where the owner works on no day of the next two years.
    pub fn after(&self, from: &Zoned, time: WorkingTime) -> Option<Reckoned> {
        let local = from.with_time_zone(self.zone.clone()).datetime();
        let mut passed = Vec::new();
        let begin = self.open_from(local, &mut passed)?;
        let end = match time {
            WorkingTime::Days(days) => self.days_after(begin, days, &mut passed)?,
            WorkingTime::Time(time) => self.time_after(begin, time, &mut passed)?,
        };
        // An hour that daylight saving leaves out is the one after it; it may not lie after the end of the day.
        let at = end.to_zoned(self.zone.clone()).ok()?;
        Some(Reckoned { at, passed })
    }

    /// How much working time lies between two moments; none where the second is not later.
    pub fn between(&self, from: &Zoned, until: &Zoned) -> SignedDuration {
        let on_clock = |at: &Zoned| at.with_time_zone(self.zone.clone()).datetime();
        self.between_local(on_clock(from), on_clock(until))
    }

    /// The same between two moments on the owner's clock.
    pub fn between_local(&self, from: DateTime, until: DateTime) -> SignedDuration {
        let mut sum = SignedDuration::ZERO;
        for date in from.date().series(jiff::Span::new().days(1)).take(HORIZON) {
            if date > until.date() {
                break;
            }
            for &(opens, closes) in self.day(date).unwrap_or_default() {
                let begin = date.to_datetime(opens).max(from);
                let end = date.to_datetime(closes).min(until);
                if begin < end {
                    sum += begin.duration_until(end);
                }
            }
        }
        sum
    }

    /// The moment itself where the owner works then, else the next time that they do.
    fn open_from(&self, from: DateTime, passed: &mut Vec<(Date, Closed)>) -> Option<DateTime> {
        for date in from.date().series(jiff::Span::new().days(1)).take(HORIZON) {
            let stretches = match self.day(date) {
                Ok(stretches) => stretches,
                Err(closed) => {
                    passed.push((date, closed));
                    continue;
                }
            };
            let earliest = if date == from.date() { from.time() } else { Time::midnight() };
            // At the end of the last stretch the day is over.
            if let Some((opens, _)) = stretches.iter().find(|(_, closes)| earliest < *closes) {
                return Some(date.to_datetime(earliest.max(*opens)));
            }
        }
        None
    }

    fn days_after(&self, begin: DateTime, days: u16, passed: &mut Vec<(Date, Closed)>) -> Option<DateTime> {
        let mut left = days;
        let mut dates = begin.date().series(jiff::Span::new().days(1)).take(HORIZON + usize::from(days) * 7);
        dates.next();
        if left == 0 {
            return Some(begin);
        }
        for date in dates {
            match self.day(date) {
                Ok(stretches) => {
                    left -= 1;
                    if left == 0 {
                        return Some(date.to_datetime(within(stretches, begin.time())));
                    }
                }
                Err(closed) => passed.push((date, closed)),
            }
        }
        None
    }

    fn time_after(
        &self,
        begin: DateTime,
        time: SignedDuration,
        passed: &mut Vec<(Date, Closed)>,
    ) -> Option<DateTime> {
        let mut left = time.max(SignedDuration::ZERO);
        for date in begin.date().series(jiff::Span::new().days(1)).take(HORIZON) {
            let stretches = match self.day(date) {
                Ok(stretches) => stretches,
                Err(closed) => {
                    passed.push((date, closed));
                    continue;
                }
            };
            for &(opens, closes) in stretches {
                let opens = date.to_datetime(opens).max(begin);
                let closes = date.to_datetime(closes);
                if opens >= closes {
                    continue;
                }
                let there = opens.duration_until(closes);
                if left <= there {
                    return opens.checked_add(left).ok();
                }
                left -= there;
            }
        }
        None
    }
}

/// The time of day itself where it lies in a stretch, else the nearest one after it, else the end of the day.
fn within(stretches: &[Stretch], time: Time) -> Time {
    let next = stretches.iter().find(|(_, closes)| time <= *closes).map(|(opens, _)| time.max(*opens));
    next.or(stretches.last().map(|(_, closes)| *closes)).unwrap_or(time)
}

impl Reckoned {
    /// Why it is not sooner, in plain words: "Saturday and Sunday are closed". Nothing where no day was passed over.
    pub fn because(&self) -> Option<String> {
        let mut words: Vec<String> = Vec::new();
        let weekdays: Vec<String> = self
            .passed
            .iter()
            .filter(|(_, closed)| *closed == Closed::Weekday)
            .map(|(date, _)| date.strftime("%A").to_string())
            .fold(Vec::new(), |mut names, name| {
                if !names.contains(&name) {
                    names.push(name);
                }
                names
            });
        match &weekdays[..] {
            [] => {}
            [one] => words.push(format!("{one} is closed")),
            several => words.push(format!("{} are closed", listed(several))),
        }
        for (date, closed) in &self.passed {
            let said = match closed {
                Closed::Weekday => continue,
                Closed::Holiday(name) => format!("{} is {name}", date.strftime("%-d %B")),
                Closed::Full => format!("{} is full", date.strftime("%-d %B")),
                Closed::Away(until) => format!("you are away until {}", until.strftime("%-d %B")),
            };
            if !words.contains(&said) {
                words.push(said);
            }
        }
        (!words.is_empty()).then(|| listed(&words))
    }
}

impl fmt::Display for Reckoned {
    /// "Mon 30 Nov, 12:00, because Saturday and Sunday are closed".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at.strftime("%a %-d %b, %-H:%M"))?;
        match self.because() {
            Some(because) => write!(f, ", because {because}"),
            None => Ok(()),
        }
    }
}

/// "Tuesday 24 November", with the year where it is not near.
pub fn day(date: Date, now: &Zoned) -> String {
    // A date without a year is the next one of its name.
    let near = now.date().until(date).is_ok_and(|span| (-60..300).contains(&span.get_days()));
    date.strftime(if near { "%A %-d %B" } else { "%A %-d %B %Y" }).to_string()
}

/// "a", "a and b", "a, b and c".
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::hours::day;
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    /// Nine to five with a break, half a Friday, and a bakery's Saturday.
    fn calendar() -> Calendar {
        use jiff::civil::Weekday::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
        let usual = day("9-12:30, 13:30-17").unwrap();
        let hours = [Monday, Tuesday, Wednesday, Thursday]
            .into_iter()
            .fold(Hours::none(), |hours, day| hours.with(day, usual.clone()))
            .with(Friday, day("9-13").unwrap())
            .with(Saturday, day("6-11").unwrap());
        let mut calendar = Calendar::new(hours, berlin());
        calendar.holidays.insert(date(2026, 12, 25), "Christmas Day".to_owned());
        calendar.holidays.insert(date(2026, 12, 26), "Boxing Day".to_owned());
        calendar.absences.push(Absence { from: date(2027, 1, 4), until: date(2027, 1, 10), stand_in: None });
        calendar
    }

    fn at(text: &str) -> Zoned {
        text.parse::<DateTime>().unwrap().to_zoned(berlin()).unwrap()
    }

    fn hours(hours: i64) -> WorkingTime {
        WorkingTime::Time(SignedDuration::from_hours(hours))
    }

    #[test]
    fn working_time_is_reckoned_with_its_reason() {
        let calendar = calendar();
        let office = Calendar::new(Hours::default(), berlin());
        // 27 November 2026 is a Friday.
        let rows = [
            (
                &office,
                "2026-11-27T16:30",
                WorkingTime::Days(2),
                "Tue 1 Dec, 16:30, because Saturday and Sunday are closed",
            ),
            (
                &office,
                "2026-11-27T16:30",
                hours(2),
                "Mon 30 Nov, 10:30, because Saturday and Sunday are closed",
            ),
            (
                &office,
                "2026-11-27T20:00",
                WorkingTime::Days(0),
                "Mon 30 Nov, 9:00, because Saturday and Sunday are closed",
            ),
            (
                &office,
                "2026-11-28T08:00",
                WorkingTime::Days(1),
                "Tue 1 Dec, 9:00, because Saturday and Sunday are closed",
            ),
            (&office, "2026-11-26T09:00", hours(8), "Thu 26 Nov, 17:00"),
            (&calendar, "2026-11-26T12:45", hours(1), "Thu 26 Nov, 14:30"),
            (&calendar, "2026-11-26T16:00", WorkingTime::Days(1), "Fri 27 Nov, 13:00"),
            (&calendar, "2026-11-26T10:00", WorkingTime::Days(2), "Sat 28 Nov, 10:00"),
            (
                &calendar,
                "2026-11-26T12:45",
                WorkingTime::Days(4),
                "Tue 1 Dec, 13:30, because Sunday is closed",
            ),
            (
                &calendar,
                "2026-12-24T16:00",
                WorkingTime::Days(1),
                "Mon 28 Dec, 16:00, because Sunday is closed, 25 December is Christmas Day and 26 December is Boxing Day",
            ),
            (
                &calendar,
                "2027-01-02T12:00",
                WorkingTime::Days(0),
                "Mon 11 Jan, 9:00, because Sunday is closed and you are away until 10 January",
            ),
        ];
        for (calendar, from, time, expected) in rows {
            assert_eq!(calendar.after(&at(from), time).unwrap().to_string(), expected, "{from} {time:?}");
        }
        assert_eq!(Calendar::new(Hours::none(), berlin()).after(&at("2026-11-27T09:00"), hours(1)), None);
    }

    #[test]
    fn working_time_between_two_moments_leaves_out_breaks_holidays_and_absences() {
        let calendar = calendar();
        let rows = [
            ("2026-11-26T09:00", "2026-11-26T17:00", 7.0),
            ("2026-11-26T12:00", "2026-11-26T14:00", 1.0),
            ("2026-12-24T16:00", "2026-12-28T10:00", 2.0),
            ("2027-01-03T00:00", "2027-01-11T10:00", 1.0),
            ("2026-11-26T17:00", "2026-11-26T09:00", 0.0),
        ];
        for (from, until, expected) in rows {
            let hours = calendar.between(&at(from), &at(until)).as_secs_f64() / 3600.0;
            assert!((hours - expected).abs() < 1e-9, "{from} {until}: {hours}");
        }
    }

    fn moment() -> impl Strategy<Value = i64> {
        // Three years around the time of writing, with all changes of the clock in them.
        1_700_000_000i64..1_800_000_000
    }

    proptest! {
        #[test]
        fn what_is_reckoned_lies_in_hours_and_never_goes_back(
            first in moment(), later in 0i64..2_000_000, days in 0u16..12, minutes in 0i64..3000,
            zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let calendar = Calendar { zone: zone.clone(), ..calendar() };
            let at = |second: i64| jiff::Timestamp::from_second(second).unwrap().to_zoned(zone.clone());
            let (first, later) = (at(first), at(first + later));
            for time in [WorkingTime::Days(days), WorkingTime::Time(SignedDuration::from_mins(minutes))] {
                let a = calendar.after(&first, time).unwrap();
                let b = calendar.after(&later, time).unwrap();
                prop_assert!(a.at >= first && calendar.is_open(&a.at), "{first} {time:?} {}", a.at);
                prop_assert!(a.at <= b.at, "{first} {later} {time:?}: {} {}", a.at, b.at);
            }
            let worked = calendar.between(&first, &later);
            prop_assert!(worked >= SignedDuration::ZERO && worked <= first.duration_until(&later) + SignedDuration::from_hours(2));
        }
    }
}
