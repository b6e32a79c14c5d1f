//! By when something is wanted: expressions of time resolved against the moment the mail was sent, in the
//! sender's own time zone (that of the `Date` field). Roughly: it tells hours from weeks. Reads no calendar of
//! the owner.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::{self, DateTime, Weekday};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use regex::{Captures, Regex};

use super::phrasebook::Phrasebook;
use super::reading::{Reading, Stretch};
use super::verdict::{Place, Topic};
use super::weighing::{Signal, Spot};
use crate::mail::Message;

/// Hours until which a deadline presses.
const NEAR: f64 = 60.0;
/// Hours from which a deadline speaks for ordinary notice.
const FAR: f64 = 240.0;
/// Deadlines that are looked at in one message.
const MOST: usize = 24;

/// A time in the text by which something may be wanted.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    /// Number of the stretch.
    stretch: usize,
    /// Within the stretch.
    range: Range<usize>,
    /// Hours from sending; nothing where the day can't be told (a weekday in a mail without date).
    hours: Option<f64>,
    /// Said as a limit ("by", "before", "within"), not only as a time.
    firm: bool,
    /// How much its stretch counts.
    factor: f32,
    says: String,
}

impl Deadline {
    /// Whether it is near and stands in the same sentence as `range` or the one beside it.
    pub fn presses(&self, stretch: &Stretch, number: usize, range: &Range<usize>) -> bool {
        let apart = stretch.sentence_at(self.range.start).abs_diff(stretch.sentence_at(range.start));
        self.is_near() && (self.stretch != number || apart <= 1)
    }

    fn is_near(&self) -> bool {
        self.hours.is_none_or(|hours| (-1.0..=NEAR).contains(&hours))
    }

    /// Log-odds of an emergency. By itself a near deadline is not one; it takes somebody who asks.
    fn weight(&self) -> f32 {
        let near = match self.hours {
            None => 0.5,
            Some(hours) if hours < -1.0 => 0.0,
            Some(hours) if hours <= 14.0 => 1.6,
            Some(hours) if hours <= 36.0 => 1.3,
            Some(hours) if hours <= NEAR => 0.8,
            Some(hours) if hours <= 96.0 => 0.3,
            Some(hours) if hours >= FAR => -0.8,
            Some(_) => 0.0,
        };
        (if self.firm && near > 0.0 { near + 0.6 } else { near }) * self.factor
    }
}

/// What the deadlines say about an emergency. A far one counts only where none is near.
pub(super) fn signals(deadlines: &[Deadline]) -> Vec<Signal> {
    let near = deadlines.iter().any(|deadline| deadline.weight() > 0.0);
    deadlines
        .iter()
        .filter(|deadline| deadline.weight() > 0.0 || (!near && deadline.weight() < 0.0))
        .map(|deadline| Signal {
            topic: Topic::Emergency,
            weight: deadline.weight(),
            says: deadline.says.clone().into(),
            spot: Spot::Text(deadline.stretch, deadline.range.clone()),
        })
        .collect()
}

/// All times in the reading that may be deadlines; appointments are left out.
pub(super) fn find(message: &Message, reading: &Reading, book: &Phrasebook) -> Vec<Deadline> {
    let sent = sent(message);
    let mut found: Vec<Deadline> = Vec::new();
    for (number, stretch) in reading.stretches.iter().enumerate() {
        for form in &FORMS {
            for captures in form.pattern.captures_iter(stretch.text).take(MOST) {
                let Some(whole) = captures.get(0) else { continue };
                let range = whole.range();
                let taken = found
                    .iter()
                    .any(|d| d.stretch == number && d.range.start < range.end && range.start < d.range.end);
                let sentence = stretch.sentence_around(&range);
                let heading = stretch.place == Place::Subject;
                if taken
                    || found.len() >= MOST
                    || book.makes_an_appointment(sentence)
                    || (heading
                        && reading.stretches.iter().any(|other| book.makes_an_appointment(other.text)))
                {
                    continue;
                }
                let Some(moment) = (form.read)(&captures, sent) else { continue };
                let firm = captures.name("lead").is_some_and(|lead| is_limit(lead.as_str()));
                found.push(Deadline {
                    stretch: number,
                    range,
                    hours: moment.hours,
                    firm,
                    factor: stretch.factor,
                    says: moment.says,
                });
            }
        }
    }
    found
}

/// The moment the mail was sent, on the sender's clock.
fn sent(message: &Message) -> Option<DateTime> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    let written = message.header("Date").and_then(|date| PARSER.parse_zoned(date).ok());
    let zone = written.map_or(TimeZone::UTC, |zoned| zoned.time_zone().clone());
    message.date.map(|moment| moment.to_zoned(zone).datetime())
}

fn is_limit(lead: &str) -> bool {
    let lead = lead.trim().to_ascii_lowercase();
    ["by", "before", "within", "in", "until", "till", "no later", "in time", "due"]
        .iter()
        .any(|word| lead == *word || lead.starts_with(&format!("{word} ")))
}

/// When, as far as it can be told.
struct Moment {
    hours: Option<f64>,
    says: String,
}

/// A way to say when.
struct Form {
    pattern: LazyLock<Regex>,
    read: fn(&Captures, Option<DateTime>) -> Option<Moment>,
}

const LEAD: &str =
    r"(?:(?P<lead>no later than|in time for|due(?: by| on)?|by|before|until|till|for|on|within|in)\s+)";
const TIME: &str = r"(?P<time>(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)?\s?(?:am|pm)\b|(?:[01]?\d|2[0-3])[:.][0-5]\d\b|noon|midday|midnight|lunch(?:time)?|(?:1[0-2]|[1-9])(?:\s?o.?clock)?\b)";
const DAY: &str = r"(?P<day>today|tonight|tonite|this\s+(?:morning|afternoon|evening)|tomorrow|tmrw|tomoz|2morrow|(?:(?:this|next|coming)\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:this|next)\s+(?:mon|tues?|weds?|thurs?|fri|sat|sun)\b)";
const PART: &str = r"(?:\s+(?P<part>first\s+thing|morning|afternoon|evening|night|lunchtime))?";

/// The longer ways first: a later one never takes words from an earlier one.
static FORMS: [Form; 6] = [
    Form {
        pattern: LazyLock::new(|| compile(&format!(r"{LEAD}{TIME}\s+(?:on\s+)?{DAY}{PART}"))),
        read: on_a_day,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(&format!(
                r"{LEAD}?(?:first\s+thing\s+)?{DAY}{PART}(?:,?\s+(?:at|by|before|around|about|@)?\s*{TIME})?"
            ))
        }),
        read: on_a_day,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(
                r"(?P<lead>by|before|no later than)\s+(?P<time>(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)?\s?(?:am|pm)\b|(?:[01]?\d|2[0-3])[:.][0-5]\d\b|noon|midday|midnight|(?:1[0-2]|[1-9])(?:\s?o.?clock)?(?:[.,!?;]|$|\s+or|\s+please|\s+when|\s+because|\s+as|\s+so))",
            )
        }),
        read: at_a_time,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(
                r"(?P<lead>within|in|only|have|got)\s+(?:the next\s+|about\s+|around\s+|under\s+|less than\s+|just\s+|only\s+)*(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|ten|twelve|half an|(?:a )?couple of|(?:a )?few)\s+(?P<unit>minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b(?P<past>\s+(?:ago|old|late|of))?",
            )
        }),
        read: in_a_while,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(
                r"(?:(?P<lead>by|before|for|over|until|till)\s+)?(?:the\s+)?(?P<end>(?:this\s+)?weekend|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?(?:day|today|week|month)|close\s+of\s+(?:play|business)|cob|eod|eow)\b",
            )
        }),
        read: at_an_end,
    },
    Form {
        pattern: LazyLock::new(|| {
            let month = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
            let month2 = month.replace("month", "month2");
            compile(&format!(
                r"{LEAD}?(?:the\s+)?(?:(?P<date>[0-3]?\d)(?:st|nd|rd|th)?(?:\s+of)?\s+{month}|{month2}\s+(?:the\s+)?(?P<date2>[0-3]?\d)(?:st|nd|rd|th)?\b|the\s+(?P<date3>[0-3]?\d)(?:st|nd|rd|th))"
            ))
        }),
        read: on_a_date,
    },
];

fn compile(pattern: &str) -> Regex {
    Regex::new(&format!(r"(?i)(?-u:\b){pattern}")).expect("a fixed pattern that a test compiles")
}

fn text<'c>(captures: &'c Captures, name: &str) -> Option<&'c str> {
    captures.name(name).map(|found| found.as_str())
}

/// "by tomorrow at 9", "for this Saturday", "before 5 today".
fn on_a_day(captures: &Captures, sent: Option<DateTime>) -> Option<Moment> {
    let day = text(captures, "day")?.to_ascii_lowercase();
    let part = text(captures, "part").map(str::to_ascii_lowercase);
    let clock = text(captures, "time");
    let hour = part.as_deref().or(Some(day.as_str())).and_then(usual_hour).unwrap_or(17);
    let Some(ahead) = days_ahead(&day, sent) else {
        return Some(Moment { hours: None, says: format!("deadline {}", plain(&day)) });
    };
    let now = sent.unwrap_or(civil::datetime(2000, 1, 1, 10, 0, 0, 0));
    let date = now.date().checked_add(Span::new().days(ahead)).ok()?;
    let time = clock.and_then(|clock| clock_time(clock, (ahead == 0).then(|| now.time())));
    let at = date.to_datetime(time.unwrap_or(civil::time(hour, 0, 0, 0)));
    // "today" late in the evening is still to come.
    let at = if ahead == 0 && time.is_none() && at < now { now } else { at };
    let named = match ahead {
        0 if day.contains("night") => "tonight".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        _ => date.strftime("%A %-d %B").to_string(),
    };
    Some(Moment { hours: Some(hours_between(now, at)), says: format!("deadline {named}{}", shown(time)) })
}

/// "before 5", "by noon": today, or tomorrow where that has passed.
fn at_a_time(captures: &Captures, sent: Option<DateTime>) -> Option<Moment> {
    let now = sent.unwrap_or(civil::datetime(2000, 1, 1, 10, 0, 0, 0));
    let time = clock_time(text(captures, "time")?, Some(now.time()))?;
    let today = now.date().to_datetime(time);
    let (at, day) = if today > now {
        (today, "today")
    } else {
        (today.checked_add(Span::new().days(1)).ok()?, "tomorrow")
    };
    Some(Moment { hours: Some(hours_between(now, at)), says: format!("deadline {day}{}", shown(Some(time))) })
}

/// "in two hours", "within 3 days".
fn in_a_while(captures: &Captures, _: Option<DateTime>) -> Option<Moment> {
    if captures.name("past").is_some() {
        return None;
    }
    let written = text(captures, "count")?;
    let count = match written.to_ascii_lowercase().as_str() {
        "a" | "an" | "one" => 1.0,
        "half an" => 0.5,
        "two" | "a couple of" | "couple of" => 2.0,
        "three" | "a few" | "few" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "ten" => 10.0,
        "twelve" => 12.0,
        digits => digits.parse().ok()?,
    };
    let unit = text(captures, "unit")?.to_ascii_lowercase();
    let each = match unit.get(..2)? {
        "mi" => 1.0 / 60.0,
        "ho" | "hr" => 1.0,
        "da" => 24.0,
        "we" => 168.0,
        _ => 720.0,
    };
    Some(Moment { hours: Some(count * each), says: format!("deadline in {written} {unit}") })
}

/// "by the weekend", "end of day".
fn at_an_end(captures: &Captures, sent: Option<DateTime>) -> Option<Moment> {
    let end = text(captures, "end")?.to_ascii_lowercase();
    let weekday = |day: Weekday| sent.map(|sent| f64::from(until(sent, day)) * 24.0 + 6.0);
    let hours = if end.contains("day") || end.contains("cob") || end.contains("close") || end == "eod" {
        Some(6.0)
    } else if end.contains("weekend") {
        weekday(Weekday::Saturday)
    } else if end.contains("month") {
        sent.map(|sent| f64::from(sent.date().days_in_month() - sent.day()) * 24.0 + 6.0)
    } else {
        weekday(Weekday::Friday)
    };
    Some(Moment { hours, says: format!("deadline {}", plain(&end)) })
}

/// "by the 14th of June", "for June 14th", "by the 3rd": the next one from the day of sending.
fn on_a_date(captures: &Captures, sent: Option<DateTime>) -> Option<Moment> {
    let sent = sent?;
    let day: i8 = ["date", "date2", "date3"].iter().find_map(|name| text(captures, name))?.parse().ok()?;
    let month = ["month", "month2"].iter().find_map(|name| text(captures, name));
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let wanted = month.and_then(|month| months.iter().position(|m| month.to_ascii_lowercase() == *m));
    let date = (0..=12).find_map(|ahead| {
        let first = sent.date().first_of_month().checked_add(Span::new().months(ahead)).ok()?;
        let fits = wanted.is_none_or(|month| usize::try_from(first.month() - 1) == Ok(month));
        let date = civil::Date::new(first.year(), first.month(), day).ok()?;
        (fits && date >= sent.date()).then_some(date)
    })?;
    let at = date.to_datetime(civil::time(12, 0, 0, 0)).max(sent);
    Some(Moment {
        hours: Some(hours_between(sent, at)),
        says: format!("deadline {}", date.strftime("%A %-d %B")),
    })
}

fn plain(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hours_between(from: DateTime, to: DateTime) -> f64 {
    let between: SignedDuration = from.duration_until(to);
    between.as_secs_f64() / 3600.0
}

fn shown(time: Option<civil::Time>) -> String {
    time.map_or_else(String::new, |time| time.strftime(" %H:%M").to_string())
}

/// The hour that a part of the day ends at, roughly.
fn usual_hour(words: &str) -> Option<i8> {
    let hours =
        [("first", 9), ("morning", 10), ("lunch", 12), ("afternoon", 15), ("evening", 19), ("night", 21)];
    hours.iter().find(|(part, _)| words.contains(part)).map(|&(_, hour)| hour)
}

/// Days from sending; nothing for a weekday without a date to count from.
fn days_ahead(day: &str, sent: Option<DateTime>) -> Option<i32> {
    if day.starts_with("tod") || day.starts_with("toni") || usual_hour(day).is_some() {
        return Some(0);
    }
    if day.starts_with("tom") || day.starts_with("tm") || day.starts_with('2') {
        return Some(1);
    }
    let weekday = match day.split_whitespace().last()?.get(..2)? {
        "mo" => Weekday::Monday,
        "tu" => Weekday::Tuesday,
        "we" => Weekday::Wednesday,
        "th" => Weekday::Thursday,
        "fr" => Weekday::Friday,
        "sa" => Weekday::Saturday,
        _ => Weekday::Sunday,
    };
    let ahead = until(sent?, weekday);
    // "Friday", written on a Friday, is the next one; "next Friday" is rarely the one of this week.
    Some(if ahead == 0 || day.starts_with("next") { ahead + 7 } else { ahead })
}

/// Days until that weekday, 0..=6.
fn until(sent: DateTime, weekday: Weekday) -> i32 {
    i32::from(sent.weekday().until(weekday))
}

/// A time of day as people write it. Without am or pm, 1 to 7 is afternoon, and so is an hour that has
/// passed at `after`.
fn clock_time(written: &str, after: Option<civil::Time>) -> Option<civil::Time> {
    let written = written.to_ascii_lowercase();
    match written.trim_end_matches(|c: char| !c.is_alphanumeric()) {
        "noon" | "midday" | "lunch" | "lunchtime" => return Some(civil::time(12, 0, 0, 0)),
        "midnight" => return Some(civil::time(23, 59, 0, 0)),
        _ => {}
    }
    let mut numbers = written.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut hour: i8 = numbers.next()?.parse().ok()?;
    let minute: i8 = numbers.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let passed = |hour: i8| after.is_some_and(|after| hour < after.hour());
    if written.contains("pm") && hour < 12 {
        hour += 12;
    } else if written.contains("am") {
        hour %= 12;
    } else if hour < 12 && (hour <= 7 || passed(hour)) {
        hour += 12;
    }
    civil::Time::new(hour, minute, 0, 0).ok()
}
