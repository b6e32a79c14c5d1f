//! Days and times of day as people write them in a letter, resolved against the moment of writing on the owner's clock:
//! "Tuesday 24 November at 12:00", "tomorrow by noon", "by the end of the week", "within two working days". It finds what is
//! spoken of; whether that is a promise is for others to say.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time, Weekday, date};
use jiff::{SignedDuration, ToSpan, Zoned};
use regex::{Captures, Regex};

use super::calendar::Calendar;
use super::measure::WorkingTime;

/// A day, perhaps with a time of day, that a text speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
    /// The day.
    pub date: Date,
    /// The time of day, where one is named.
    pub time: Option<Time>,
    /// A day is named, and not only a time of day, which is then that of today.
    pub names_day: bool,
}

impl Moment {
    /// The end of what is meant: the time that is named, else the end of the owner's day (or of the day, where they are
    /// closed).
    pub fn end(&self, calendar: &Calendar) -> DateTime {
        let closes = || calendar.day(self.date).ok().and_then(|day| day.last().map(|(_, closes)| *closes));
        self.date.to_datetime(self.time.or_else(closes).unwrap_or(Time::constant(23, 59, 0, 0)))
    }
}

/// A date without a year that lies so many days back or more is one of next year.
const BACK: i32 = 60;
/// A day and a time of day that stand so many bytes apart belong together.
const TOGETHER: usize = 14;
/// So many are looked at in one text.
const MOST: usize = 64;

const MONTHS: &str = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec";
const DAYS: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?-i:Mon|Tues|Tue|Weds|Wed|Thurs|Thur|Thu|Fri|Sat|Sun)";

fn compiled(pattern: &str) -> Regex {
    let pattern = pattern.replace("{months}", MONTHS).replace("{days}", DAYS);
    Regex::new(&format!("(?i){pattern}")).expect("a fixed pattern, compiled by every test")
}

/// Ways to name a day, the more telling first: what one has taken is not looked at by the next.
static DAY_FORMS: LazyLock<Vec<(Regex, Form)>> = LazyLock::new(|| {
    [
        (r"\b(\d{4})-(\d{2})-(\d{2})\b", Form::Iso),
        (r"\b(?:(?P<day>{days}),? (?:the )?)?(?P<n>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month>{months})\b\.?(?:,? (?P<year>20\d\d))?", Form::Named),
        (r"\b(?:(?P<day>{days}),? )?(?P<month>{months})\.? (?P<n>\d{1,2})(?:st|nd|rd|th)?\b(?:,? (?P<year>20\d\d))?", Form::Named),
        (r"\b(?:(?P<day>{days}),? )?(?P<n>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?P<year>(?:20)?\d\d))?\b", Form::Numbers),
        (r"\b(?:(?P<day>{days}),? )?(?:on )?the (?P<n>\d{1,2})(?:st|nd|rd|th)\b", Form::OfMonth),
        (r"\bthe day after tomorrow\b", Form::InDays(2)),
        (r"\btomorrow\b", Form::InDays(1)),
        (r"\b(?:today|tonight|this (?:morning|afternoon|evening)|(?:the )?(?:end|close) of (?:the |business )?(?:working )?day|eod)\b", Form::InDays(0)),
        (r"\b(?P<n>{days})s? week\b", Form::WeekdayAfter),
        (r"\bnext (?P<n>{days})\b", Form::NextWeekday),
        (r"\b(?:this |coming )?(?P<n>{days})(?P<often>s)?\b", Form::Weekday),
        (r"\b(?:(?:the )?end of (?:the|this) week|this week)\b", Form::WeekEnd(0)),
        (r"\b(?:(?:the )?(?:end of )?next week)\b", Form::WeekEnd(1)),
        (r"\b(?:this|the|over the|at the|coming) weekend\b", Form::Weekend),
        (r"\b(?:within|in|inside|no more than) (?:the next )?(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve) (?P<work>working |business )?(?P<unit>hours?|days?|weeks?)\b", Form::Within),
    ]
    .into_iter()
    .map(|(pattern, form)| (compiled(pattern), form))
    .collect()
});

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?P<prefix>(?:at|by|before|until|till|around|about|after|from) )?(?:(?P<h>\d{1,2})[:.](?P<m>[0-5]\d)(?: ?(?P<ap>am|pm|a\.m|p\.m))?|(?P<h2>\d{1,2}) ?(?P<ap2>am|pm|a\.m|p\.m|o'clock)|(?P<words>(?:half past|(?:a )?quarter past|(?:a )?quarter to|(?:five|ten|twenty) (?:past|to)) (?P<hw>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2}))|(?P<h3>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?P<tail>[a-z%€$£/:.,-]?\w?| \w+)|(?P<noon>noon|midday)|(?P<midnight>midnight)|(?P<evening>tonight|(?:this |in the |tomorrow )evening|evening))\b",
    )
});

#[derive(Clone, Copy)]
enum Form {
    Iso,
    Named,
    Numbers,
    OfMonth,
    InDays(i32),
    Weekday,
    WeekdayAfter,
    NextWeekday,
    WeekEnd(i32),
    Weekend,
    Within,
}

/// The days and times that a text speaks of, in order. `now` is on any clock; the calendar's counts.
pub fn moments(text: &str, now: &Zoned, calendar: &Calendar) -> Vec<Moment> {
    let now = now.with_time_zone(calendar.zone.clone());
    let mut found: Vec<Moment> = Vec::new();
    for (pattern, form) in DAY_FORMS.iter() {
        for captures in pattern.captures_iter(text).take(MOST) {
            let Some(whole) = captures.get(0) else { continue };
            let range = whole.range();
            if found.iter().any(|other| overlap(&other.range, &range)) {
                continue;
            }
            if let Some((date, time)) = resolve(*form, &captures, &now, calendar) {
                found.push(Moment { range, date, time, names_day: true });
            }
        }
    }
    found.sort_by_key(|moment| moment.range.start);
    join_times(text, &mut found, now.date());
    found
}

/// Gives each time of day to the day that it stands beside; one that stands alone is today's.
fn join_times(text: &str, days: &mut Vec<Moment>, today: Date) {
    let mut alone = Vec::new();
    for captures in TIME.captures_iter(text).take(MOST) {
        let (Some(whole), Some(time)) = (captures.get(0), time_of(&captures)) else { continue };
        let range = whole.range();
        let is_part = days.iter().position(|day| overlap(&day.range, &range));
        // "27.11." is no time of day, but "tonight" is a day and a time.
        if let Some(part) = is_part {
            if captures.name("evening").is_some() {
                days[part].time.get_or_insert(time);
            }
            continue;
        }
        let beside = days
            .iter()
            .enumerate()
            .map(|(index, day)| (gap(text, &day.range, &range), index))
            .filter(|(gap, index)| gap.is_some() && days[*index].time.is_none())
            .min();
        match beside {
            Some((_, index)) => {
                let day = &mut days[index];
                day.range = day.range.start.min(range.start)..day.range.end.max(range.end);
                day.time = Some(time);
            }
            // A bare hour without a day is as often a number of something else.
            None if captures.name("h3").is_none() && captures.name("evening").is_none() => {
                alone.push(Moment { range, date: today, time: Some(time), names_day: false });
            }
            None => {}
        }
    }
    days.extend(alone);
    days.sort_by_key(|moment| moment.range.start);
}

/// How many bytes lie between, if they are few and end no sentence.
fn gap(text: &str, one: &Range<usize>, other: &Range<usize>) -> Option<usize> {
    let between = if one.end <= other.start { one.end..other.start } else { other.end..one.start };
    let words = text.get(between.clone())?;
    (between.len() <= TOGETHER && !words.contains(['.', ';', '\n', '?', '!'])).then_some(between.len())
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

fn time_of(captures: &Captures<'_>) -> Option<Time> {
    if captures.name("noon").is_some() {
        return Some(Time::constant(12, 0, 0, 0));
    }
    if captures.name("midnight").is_some() {
        return Some(Time::constant(23, 59, 0, 0));
    }
    if captures.name("evening").is_some() {
        return Some(Time::constant(20, 0, 0, 0));
    }
    let number =
        |name: &str| captures.name(name).and_then(|found| i8::try_from(count_of(found.as_str())?).ok());
    // From one to six it is the afternoon that business is done in.
    let of_the_day = |hour: i8| if (1..=6).contains(&hour) { hour + 12 } else { hour };
    if let Some(words) = captures.name("words") {
        let hour = of_the_day(number("hw")?);
        let words = words.as_str().to_lowercase();
        let minutes = if words.contains("quarter") {
            15
        } else if words.contains("half") {
            30
        } else {
            [("five", 5), ("ten", 10), ("twenty", 20)].iter().find(|(word, _)| words.starts_with(word))?.1
        };
        return if words.contains(" to ") {
            Time::new(hour - 1, 60 - minutes, 0, 0).ok()
        } else {
            Time::new(hour, minutes, 0, 0).ok()
        };
    }
    let half = |name: &str| captures.name(name).map(|found| found.as_str().to_lowercase());
    if let Some(hour) = number("h3") {
        // "by 9" but not "by 9 people", "before 50", "by 10%", "at 3.5", "by 27 November".
        let tail = captures.name("tail").map_or("", |tail| tail.as_str());
        let word = tail.trim().to_lowercase();
        let ends = tail.is_empty()
            || ["on", "and", "at", "so", "or", "as", "to", "for", "sharp", "today", "tomorrow"]
                .contains(&word.as_str());
        let ends = captures.name("prefix").is_some() && (ends || weekday(&word).is_some());
        return ends.then(|| Time::new(of_the_day(hour), 0, 0, 0).ok()).flatten();
    }
    let hour = number("h").or_else(|| number("h2"))?;
    let half = half("ap").or_else(|| half("ap2"));
    // "12.50" is as often a price.
    let dotted =
        captures.get(0).is_some_and(|whole| whole.as_str().contains('.') && captures.name("h").is_some());
    if dotted && half.is_none() && captures.name("prefix").is_none() {
        return None;
    }
    let hour = match half.as_deref() {
        Some("pm" | "p.m") if hour < 12 => hour + 12,
        Some("am" | "a.m") if hour == 12 => 0,
        Some("am" | "a.m") => hour,
        // "09:00" and "5:30" with a leading nought are of the morning.
        None if captures.name("h").is_some_and(|h| h.as_str().starts_with('0')) => hour,
        _ => of_the_day(hour),
    };
    Time::new(hour, number("m").unwrap_or(0), 0, 0).ok()
}

fn weekday(word: &str) -> Option<Weekday> {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let start = word.to_lowercase();
    let at = names.iter().position(|name| start.starts_with(name))?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

fn month(word: &str) -> Option<i8> {
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = word.to_lowercase();
    let at = names.iter().position(|name| start.starts_with(name))?;
    i8::try_from(at + 1).ok()
}

type Resolved = (Date, Option<Time>);

fn resolve(form: Form, captures: &Captures<'_>, now: &Zoned, calendar: &Calendar) -> Option<Resolved> {
    let today = now.date();
    let word = |name: &str| captures.name(name).map(|found| found.as_str());
    let number = |name: &str| word(name).and_then(|found| found.parse::<i16>().ok());
    let plain = |date: Date| Some((date, None));
    match form {
        Form::Iso => {
            let part = |at: usize| captures.get(at).and_then(|found| found.as_str().parse::<i16>().ok());
            plain(Date::new(part(1)?, part(2)?.try_into().ok()?, part(3)?.try_into().ok()?).ok()?)
        }
        Form::Named => {
            let day = number("n")?.try_into().ok()?;
            plain(in_year(number("year"), month(word("month")?)?, day, word("day"), today)?)
        }
        Form::Numbers => {
            // "9.30" is a time of day, and "3.5" a number; a date has its day before its month.
            let (day, month) = (number("n")?, number("m")?);
            let year = number("year").map(|year| if year < 100 { year + 2000 } else { year });
            let sure = word("day").is_some() || year.is_some() || captures.get(0)?.as_str().contains('/');
            if !sure {
                return None;
            }
            plain(in_year(year, month.try_into().ok()?, day.try_into().ok()?, word("day"), today)?)
        }
        Form::OfMonth => {
            let day: i8 = number("n")?.try_into().ok()?;
            let here = Date::new(today.year(), today.month(), day).ok().filter(|date| *date >= today);
            let next = today.first_of_month().checked_add(1.month()).ok()?;
            plain(here.or_else(|| Date::new(next.year(), next.month(), day).ok())?)
        }
        Form::InDays(days) => plain(today.checked_add(days.days()).ok()?),
        // "on Saturdays" speaks of a habit.
        Form::Weekday if captures.name("often").is_some() => None,
        Form::Weekday => plain(coming(today, weekday(word("n")?)?)?),
        Form::WeekdayAfter => plain(coming(today, weekday(word("n")?)?)?.checked_add(7.days()).ok()?),
        Form::NextWeekday => {
            // "next Friday" said on a Monday is in the week after this one.
            let monday =
                today.checked_add((7 - i32::from(today.weekday().to_monday_zero_offset())).days()).ok()?;
            plain(monday.checked_add(i32::from(weekday(word("n")?)?.to_monday_zero_offset()).days()).ok()?)
        }
        Form::WeekEnd(weeks) => {
            let monday = today.checked_sub(i32::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
            let friday = monday.checked_add((4 + 7 * weeks).days()).ok()?;
            // The last day of that week on which the owner works.
            let open = (0..=4).rev().filter_map(|back| friday.checked_sub(i32::from(4i8 - back).days()).ok());
            plain(
                open.filter(|date| *date >= today).find(|date| calendar.day(*date).is_ok()).unwrap_or(friday),
            )
        }
        Form::Weekend => plain(coming(today, Weekday::Saturday)?),
        Form::Within => {
            let count = count_of(word("n")?)?;
            let unit = word("unit")?.to_lowercase();
            let working = word("work").is_some();
            let at = match (unit.get(..1)?, working) {
                ("h", true) => calendar.after(now, WorkingTime::Time(SignedDuration::from_hours(count)))?.at,
                ("h", false) => now.checked_add(count.hours()).ok()?,
                ("d", true) => calendar.after(now, WorkingTime::Days(count.try_into().ok()?))?.at,
                ("d", false) => now.checked_add(count.days()).ok()?,
                _ => now.checked_add((7 * count).days()).ok()?,
            };
            // Hours name a time of day; days don't.
            let time = unit.starts_with('h').then(|| at.datetime().time());
            Some((at.date(), time))
        }
    }
}

fn count_of(word: &str) -> Option<i64> {
    let words =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match word.to_lowercase().as_str() {
        "a" | "an" => Some(1),
        other => other.parse().ok().or_else(|| {
            words.iter().position(|word| *word == other).and_then(|at| i64::try_from(at + 1).ok())
        }),
    }
}

/// The next such day, today included.
fn coming(today: Date, day: Weekday) -> Option<Date> {
    today.checked_add(i32::from(today.weekday().until(day)).days()).ok()
}

/// A date, whose year is the nearest where none is named; a weekday that stands beside it tells which.
fn in_year(year: Option<i16>, month: i8, day: i8, named: Option<&str>, today: Date) -> Option<Date> {
    if let Some(year) = year {
        return Date::new(year, month, day).ok();
    }
    let of = |years: i16| Date::new(today.year() + years, month, day).ok();
    let earliest = today.checked_sub(BACK.days()).unwrap_or(date(1970, 1, 1));
    let nearest = of(0).filter(|date| *date >= earliest).or_else(|| of(1))?;
    let fits = |date: &Date| named.and_then(weekday).is_none_or(|day| date.weekday() == day);
    Some([Some(nearest), of(0), of(1), of(-1)].into_iter().flatten().find(fits).unwrap_or(nearest))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::super::hours::Hours;
    use super::*;

    /// A Tuesday morning.
    fn now() -> Zoned {
        "2026-11-24T10:00[Europe/London]".parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar::new(Hours::default(), TimeZone::get("Europe/London").unwrap())
    }

    fn said(text: &str) -> String {
        let found = moments(text, &now(), &calendar());
        let say = |moment: &Moment| {
            let time = moment.time.map(|time| time.strftime(" %H:%M").to_string()).unwrap_or_default();
            format!("{}{time}", moment.date)
        };
        found.iter().map(say).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn days_and_times_are_read_as_people_write_them() {
        let rows = [
            ("by Tuesday 24 November at 12:00", "2026-11-24 12:00"),
            ("by 12:00 on Friday, 27 November", "2026-11-27 12:00"),
            ("on 3 December 2026", "2026-12-03"),
            ("December 3rd by 9am", "2026-12-03 09:00"),
            ("on 3 January", "2027-01-03"),
            // A Tuesday in 2026 alone, and a Thursday in 2025 alone.
            ("Tuesday 2 June", "2026-06-02"),
            ("on Thursday 2 January", "2025-01-02"),
            ("on 27/11 or 28.11.2026", "2026-11-27, 2026-11-28"),
            ("2026-12-01", "2026-12-01"),
            ("tomorrow by noon", "2026-11-25 12:00"),
            ("tomorrow morning, by 9", "2026-11-25 09:00"),
            ("the day after tomorrow", "2026-11-26"),
            ("by the end of the day", "2026-11-24"),
            ("by 5 today", "2026-11-24 17:00"),
            ("tonight", "2026-11-24 20:00"),
            ("on Friday at 3 pm", "2026-11-27 15:00"),
            ("on Friday evening", "2026-11-27 20:00"),
            ("next Friday", "2026-12-04"),
            ("Monday week", "2026-12-07"),
            ("on the 3rd", "2026-12-03"),
            ("by the end of the week", "2026-11-27"),
            ("by the end of next week", "2026-12-04"),
            ("over the weekend", "2026-11-28"),
            ("within two working days", "2026-11-26"),
            ("in 3 hours", "2026-11-24 13:00"),
            ("within one week", "2026-12-01"),
            ("I'm closed on Saturdays", ""),
            ("two of them at 9.30", "2026-11-24 09:30"),
            ("by 9 people, at 20 EUR, by 10 %", ""),
            ("version 3.5 costs 12.50", ""),
            ("the second box", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn the_end_of_what_is_meant_is_the_end_of_the_owners_day() {
        let end = |text: &str| moments(text, &now(), &calendar())[0].end(&calendar()).to_string();
        assert_eq!(end("by Friday"), "2026-11-27T17:00:00");
        assert_eq!(end("by Friday at noon"), "2026-11-27T12:00:00");
        assert_eq!(end("by Saturday"), "2026-11-28T23:59:00");
    }

    proptest! {
        #[test]
        fn any_text_gives_ranges_on_character_boundaries(text in "(\\PC|by |on |Friday |27 |November |at |9:30 |within 2 days ){0,40}") {
            for moment in moments(&text, &now(), &calendar()) {
                prop_assert!(text.get(moment.range.clone()).is_some());
            }
        }
    }
}
