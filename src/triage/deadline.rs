//! By when something is wanted: expressions of time resolved against the moment the mail was sent, in the
//! sender's own time zone (that of the `Date` field). Roughly: it tells hours from weeks. Reads no calendar of
//! the owner.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::{self, DateTime, Weekday};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span};
use regex::{Captures, Regex};

use super::evidence::{Signal, Spot};
use super::phrasebook::Phrasebook;
use super::reading::{Reading, Stretch};
use super::verdict::{Due, Place, Topic};
use super::{Settings, on_the_clock};
use crate::mail::Message;

/// Hours until which a deadline presses.
const NEAR: f64 = 60.0;
/// Hours until which a day that is only spoken of, unasked, presses.
const AT_HAND: f64 = 36.0;
/// Hours from which a deadline speaks for ordinary notice: a week.
const FAR: f64 = 168.0;
/// Hours from which there is time enough for nearly anything.
const VERY_FAR: f64 = 21.0 * 24.0;
/// Days back that a date without year may lie; further back it is one of next year.
const BACK: i64 = 120;
/// Deadlines that are looked at in one message.
const MOST: usize = 24;
/// From when hours are counted in a mail without date.
const MORNING: DateTime = civil::datetime(2000, 1, 1, 10, 0, 0, 0);

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
    /// Something is asked or needed in the same sentence; otherwise the time is only spoken of.
    asked: bool,
    /// A day by its name ("Friday", "the 3rd"), not by how near it is ("tomorrow", "at noon").
    named: bool,
    /// How much its stretch counts.
    factor: f32,
    /// The words themselves.
    words: String,
    when: String,
}

impl Deadline {
    /// Whether it is near and stands in the same sentence as `range` or the one beside it.
    pub fn presses(&self, stretch: &Stretch, number: usize, range: &Range<usize>) -> bool {
        let apart = stretch.sentence_at(self.range.start).abs_diff(stretch.sentence_at(range.start));
        self.is_near() && (self.stretch != number || apart <= 1)
    }

    /// Whether it is near enough to press. A day that is only spoken of is not, unless it is at hand.
    fn is_near(&self) -> bool {
        let asked = self.firm || self.asked;
        match self.hours {
            None => asked,
            Some(hours) if asked => (-1.0..=NEAR).contains(&hours),
            Some(hours) => (-1.0..=AT_HAND).contains(&hours),
        }
    }

    /// Log-odds of an emergency. By itself a near deadline is not one; it takes somebody who asks.
    fn weight(&self) -> f32 {
        let weight = match self.hours {
            None => 0.5,
            Some(hours) if hours < -1.0 => 0.0,
            Some(hours) if hours <= 14.0 => 1.6,
            Some(hours) if hours <= 36.0 => 1.3,
            Some(hours) if hours <= NEAR => 0.8,
            Some(hours) if hours <= 96.0 => 0.3,
            Some(hours) if hours >= VERY_FAR => -1.4,
            Some(hours) if hours >= FAR => -0.8,
            Some(_) => 0.0,
        };
        let weight = match (self.firm, self.asked || !self.named) {
            (true, _) if weight > 0.0 => weight + 0.6,
            (false, false) if weight > 0.0 => weight * 0.5,
            _ => weight,
        };
        weight * self.factor
    }

    /// Hours from sending; where they can't be told, later than any.
    pub fn hours(&self) -> f64 {
        self.hours.unwrap_or(f64::MAX)
    }

    /// When: "tomorrow 12:00", "in two hours".
    pub fn when(&self) -> &str {
        &self.when
    }

    /// By when: "by tomorrow 12:00", "within two hours".
    pub fn by(&self) -> String {
        self.when
            .strip_prefix("in ")
            .map_or_else(|| format!("by {}", self.when), |span| format!("within {span}"))
    }

    fn says(&self) -> String {
        if self.weight() < 0.0 {
            format!("leaves time: {}", self.when)
        } else if self.firm || self.asked {
            format!("wants it {}", self.by())
        } else {
            format!("speaks of {}", self.when)
        }
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
            says: deadline.says().into(),
            spot: Spot::Text(deadline.stretch, deadline.range.clone()),
        })
        .collect()
}

/// The moment that a client wants something by: the nearest that is asked for or set as a limit, else the nearest that
/// is spoken of.
pub(super) fn due(deadlines: &[Deadline], message: &Message, settings: &Settings) -> Option<Due> {
    let mut likely: Vec<&Deadline> =
        deadlines.iter().filter(|d| d.hours.is_none_or(|hours| hours >= -1.0)).collect();
    likely.sort_by(|a, b| {
        let wanted = |d: &Deadline| u8::from(!(d.firm || d.asked));
        wanted(a).cmp(&wanted(b)).then(a.hours().total_cmp(&b.hours()))
    });
    let wanted = likely.first()?;
    let moment = sent(message).zip(wanted.hours);
    let at = moment.and_then(|(sent, hours)| {
        let whole = sent.checked_add(SignedDuration::try_from_secs_f64(hours * 3600.0).ok()?).ok()?;
        whole.round(jiff::Unit::Minute).ok()
    });
    let working_hours = at.and_then(|at| {
        let (sent, moment) = (sent(message)?, message.date?);
        let begins = on_the_clock(settings, moment, sent);
        let ahead = begins.checked_add(sent.duration_until(at)).ok()?;
        Some(settings.calendar.between_local(begins, ahead).as_secs_f64() / 3600.0)
    });
    Some(Due {
        quote: wanted.words.clone(),
        when: wanted.when.clone(),
        at,
        hours: wanted.hours,
        working_hours,
    })
}

/// All times in the reading that may be deadlines; appointments and what is over are left out.
pub(super) fn find(message: &Message, reading: &Reading, book: &Phrasebook) -> Vec<Deadline> {
    let sent = sent(message);
    let mut found: Vec<Deadline> = Vec::new();
    let meets = OnceCell::new();
    let meets = || *meets.get_or_init(|| reading.stretches.iter().any(|s| book.makes_an_appointment(s.text)));
    for (number, stretch) in reading.stretches.iter().enumerate() {
        for form in &FORMS {
            for captures in form.pattern.captures_iter(stretch.text).take(MOST) {
                let Some(range) = captures.get(0).map(|whole| whole.range()) else { continue };
                let taken = found
                    .iter()
                    .any(|d| d.stretch == number && d.range.start < range.end && range.start < d.range.end);
                if taken || found.len() >= MOST || is_appointment(stretch, &range, book, meets) {
                    continue;
                }
                let Some(moment) = (form.read)(&captures, sent) else { continue };
                let firm = captures.name("lead").is_some_and(|lead| is_limit(lead.as_str()));
                let asked = book.asks(stretch.sentence_around(&range));
                let told = &stretch.text[stretch.clause_around(&range)];
                if moment.perhaps_over && !firm && !asked && book.tells_of_the_past(told) {
                    continue;
                }
                found.push(Deadline {
                    stretch: number,
                    hours: moment.hours,
                    firm,
                    asked,
                    named: moment.named,
                    factor: stretch.factor,
                    words: stretch.text[range.clone()].trim().to_owned(),
                    range,
                    when: moment.when,
                });
            }
        }
    }
    found
}

/// Whether the words name a time to meet; in the subject, whether the text below makes it one.
fn is_appointment(
    stretch: &Stretch,
    range: &Range<usize>,
    book: &Phrasebook,
    text_meets: impl FnOnce() -> bool,
) -> bool {
    book.makes_an_appointment(stretch.sentence_around(range))
        || (stretch.place == Place::Subject && text_meets())
}

/// The moment the mail was sent, on the sender's clock.
fn sent(message: &Message) -> Option<DateTime> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    let header = message.header("Date").unwrap_or_default();
    let written = PARSER.parse_zoned(header).ok();
    let zone = written.map_or_else(|| offset(header), |zoned| zoned.time_zone().clone());
    message.date.map(|moment| moment.to_zoned(zone).datetime())
}

/// The offset of a `Date` that is otherwise not as RFC 5322 wants it ("19.11.2026 09:00 +0100").
fn offset(header: &str) -> TimeZone {
    static OFFSET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([+-])(\d{2}):?(\d{2})(?:\s|$)").expect("a fixed pattern that every test compiles")
    });
    let zone = OFFSET.captures(header).and_then(|found| {
        let seconds = found[2].parse::<i32>().ok()? * 3600 + found[3].parse::<i32>().ok()? * 60;
        Offset::from_seconds(if &found[1] == "-" { -seconds } else { seconds }).ok()
    });
    zone.map_or(TimeZone::UTC, TimeZone::fixed)
}

/// "until" is none: it ends what goes on, not what is wanted.
fn is_limit(lead: &str) -> bool {
    let lead = lead.trim().to_ascii_lowercase();
    ["by", "before", "within", "in", "only", "no later", "in time", "due"]
        .iter()
        .any(|word| lead == *word || lead.starts_with(&format!("{word} ")))
}

/// When, as far as it can be told.
struct Moment {
    hours: Option<f64>,
    /// By the name of a day.
    named: bool,
    /// Whether it is over where the clause tells of what was ("I came on Friday").
    perhaps_over: bool,
    when: String,
}

/// A way to say when.
struct Form {
    pattern: LazyLock<Regex>,
    read: fn(&Captures, Option<DateTime>) -> Option<Moment>,
}

const LEAD: &str =
    r"(?:(?P<lead>no later than|in time for|due(?: by| on)?|by|before|until|till|for|on|within|in)\s+)";
/// A time that can be nothing else.
const CLOCK: &str = r"(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)?\s?(?:am|pm)\b|(?:[01]?\d|2[0-3])[:.][0-5]\d\b|noon|midday|midnight|lunch(?:time)?|(?:1[0-2]|[1-9])\s?o.?clock\b";
const HOURS: &str = r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve";
const DAY: &str = r"(?P<day>today|tonight|tonite|this\s+(?:morning|afternoon|evening)|tomorrow|tmrw|tomoz|2morrow|(?:a\s+week\s+(?:on|from)\s+)?(?:(?:this|next|coming)\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:\s+week\b)?|(?:this|next)\s+(?:mon|tues?|weds?|thurs?|fri|sat|sun)\b)";
const PART: &str =
    r"(?:\s+(?:in\s+the\s+)?(?P<part>first\s+thing|morning|afternoon|evening|night|lunchtime))?";
const MONTH: &str = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b";
const WEEKDAY: &str = r"(?:(?:this\s+|next\s+)?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+(?:the\s+)?)";

/// The longer ways first: a later one never takes words from an earlier one.
static FORMS: [Form; 8] = [
    Form {
        pattern: LazyLock::new(|| {
            let date = r"(?P<date>[0-3]?\d)(?:st|nd|rd|th)?";
            compile(&format!(
                r"{LEAD}?(?:the\s+)?{WEEKDAY}?(?:{date}(?:\s+of)?\s+(?P<month>{MONTH})|(?P<month2>{MONTH})\s+(?:the\s+)?(?P<date2>[0-3]?\d)(?:st|nd|rd|th)?\b)(?:,?\s*(?P<year>20\d\d)\b)?"
            ))
        }),
        read: on_a_date,
    },
    // Numbers alone are too often something else ("24/7", "5.1.1"): a word or a year has to say what they are.
    Form {
        pattern: LazyLock::new(|| {
            let date = r"(?P<date>[0-3]?\d)[./](?P<number>1[0-2]|0?[1-9])";
            let date2 = r"(?P<date2>[0-3]?\d)[./](?P<number2>1[0-2]|0?[1-9])[./](?P<year>20\d\d)\b";
            compile(&format!(
                r"(?:{LEAD}?(?:the\s+)?{WEEKDAY}?{date2}|(?:by|before|due(?: by| on)?|until|till|on)\s+{WEEKDAY}?{date}(?:\.?[\s,;!?]|\.?$))"
            ))
        }),
        read: on_a_date,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(&format!(r"{LEAD}?(?:{WEEKDAY}|the\s+)(?P<date>[0-3]?\d)(?:st|nd|rd|th)\b"))
        }),
        read: on_a_date,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(&format!(r"{LEAD}(?P<time>{CLOCK}|{HOURS}|(?:1[0-2]|[1-9])\b)\s+(?:on\s+)?{DAY}{PART}"))
        }),
        read: on_a_day,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(&format!(
                r"{LEAD}?(?:first\s+thing\s+)?{DAY}{PART}(?:,?\s+(?:(?:at|by|before|around|about|@)\s*(?P<time>{CLOCK}|(?:{HOURS}|1[0-2]|[1-9])\b)|(?P<time2>{CLOCK}))(?P<half>\s+in\s+the\s+(?:morning|evening|afternoon)|\s+at\s+night)?)?"
            ))
        }),
        read: on_a_day,
    },
    Form {
        pattern: LazyLock::new(|| {
            let bare = r"(?:1[0-2]|[1-9])(?:[.,!?;]|$|\s+or|\s+please|\s+when|\s+because|\s+as|\s+so)";
            compile(&format!(
                r"(?:(?P<lead>by|before|no later than)\s+(?P<time>{CLOCK}|{bare})|(?:press|print|live|closes|shuts|opens|starts|begins|leaves|due|deadline is)\s+(?:at\s+)(?P<time2>{CLOCK}))"
            ))
        }),
        read: at_a_time,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(
                r"(?P<lead>within|in|only(?:\s+(?:have|got))?|have|got)\s+(?:the next\s+|about\s+|around\s+|under\s+|less than\s+|just\s+|only\s+)*(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|ten|twelve|half an|(?:a )?couple of|(?:a )?few)\s+(?P<unit>minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b(?P<past>\s+(?:ago|old|late|of|before|after|notice|in advance|ahead|apart|each|longer|more|or two (?:later|after)))?",
            )
        }),
        read: in_a_while,
    },
    Form {
        pattern: LazyLock::new(|| {
            compile(
                r"(?:(?P<lead>by|before|for|over|until|till)\s+)?(?:the\s+)?(?P<end>(?:this\s+|next\s+)?weekend|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?(?:day|today|week|month)|close\s+of\s+(?:play|business)|cob|eod|eow|next\s+(?:week|month|year))\b",
            )
        }),
        read: at_an_end,
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
    let clock = text(captures, "time").or_else(|| text(captures, "time2"));
    let hour = part.as_deref().or(Some(day.as_str())).and_then(usual_hour).unwrap_or(17);
    let evening = part.as_deref().is_some_and(|part| matches!(part, "evening" | "night"));
    let Some(ahead) = days_ahead(&day, sent, evening) else {
        return Some(Moment {
            hours: None,
            named: true,
            perhaps_over: true,
            when: plain(text(captures, "day")?),
        });
    };
    let now = sent.unwrap_or(MORNING);
    let date = now.date().checked_add(Span::new().days(ahead)).ok()?;
    let early = part.as_deref().or(text(captures, "half")).is_some_and(|half| half.contains("morning"));
    let time = clock.and_then(|clock| clock_time(clock, (ahead == 0).then(|| now.time())));
    let time = time.map(|time| if early && time.hour() > 12 { morning(time) } else { time });
    let at = date.to_datetime(time.unwrap_or(civil::time(hour, 0, 0, 0)));
    // "today" late in the evening is still to come; "this morning" in the afternoon is over.
    let at = if ahead == 0 && time.is_none() && at < now && !day.starts_with("this") { now } else { at };
    if at < now {
        return None;
    }
    let named = match ahead {
        0 if day.contains("night") => "tonight".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        _ => date.strftime("%A %-d %B").to_string(),
    };
    let by_name = day.ends_with("day") && !day.starts_with("tod");
    Some(Moment {
        hours: Some(hours_between(now, at)),
        named: by_name || (day.contains(' ') && ahead > 0),
        perhaps_over: by_name || ahead == 0,
        when: format!("{named}{}", shown(time)),
    })
}

/// "before 5", "by noon": today, or tomorrow where that has passed.
fn at_a_time(captures: &Captures, sent: Option<DateTime>) -> Option<Moment> {
    let now = sent.unwrap_or(MORNING);
    let clock = text(captures, "time").or_else(|| text(captures, "time2"))?;
    let time = clock_time(clock, Some(now.time()))?;
    let today = now.date().to_datetime(time);
    let (at, day) = if today > now {
        (today, "today")
    } else {
        (today.checked_add(Span::new().days(1)).ok()?, "tomorrow")
    };
    let when = format!("{day}{}", shown(Some(time)));
    Some(Moment { hours: Some(hours_between(now, at)), named: false, perhaps_over: true, when })
}

/// "in two hours", "within 3 days".
fn in_a_while(captures: &Captures, _: Option<DateTime>) -> Option<Moment> {
    let lead = text(captures, "lead")?.to_ascii_lowercase();
    let written = text(captures, "count")?;
    let vague = written.contains("few") || written.contains("couple") || matches!(written, "a" | "an");
    // "a few days" may be anything, unless they are said as a limit.
    if captures.name("past").is_some() || (vague && lead != "in" && lead != "within") {
        return None;
    }
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
    let when = format!("in {written} {unit}");
    Some(Moment { hours: Some(count * each), named: false, perhaps_over: false, when })
}

/// "by the weekend", "end of day".
fn at_an_end(captures: &Captures, sent: Option<DateTime>) -> Option<Moment> {
    let end = text(captures, "end")?.to_ascii_lowercase();
    let weekday = |day: Weekday| sent.map(|sent| f64::from(until(sent, day)) * 24.0 + 6.0);
    let later = if end.contains("next") { 168.0 } else { 0.0 };
    let hours = if end.contains("day") || end.contains("cob") || end.contains("close") || end == "eod" {
        Some(6.0)
    } else if end.contains("weekend") {
        weekday(Weekday::Saturday).map(|hours| hours + later)
    } else if end.contains("year") {
        Some(VERY_FAR)
    } else if end.contains("month") {
        let rest = sent.map(|sent| f64::from(sent.date().days_in_month() - sent.day()) * 24.0 + 6.0);
        rest.map(|hours| if end.contains("next") { hours + 24.0 } else { hours })
    } else if end.starts_with("next") {
        // Any day of it: the middle.
        weekday(Weekday::Monday).map(|hours| if hours < 24.0 { hours + later + 48.0 } else { hours + 48.0 })
    } else {
        weekday(Weekday::Friday).map(|hours| hours + later)
    };
    let article = if end.starts_with("end") || end.starts_with("weekend") { "the " } else { "" };
    Some(Moment { hours, named: true, perhaps_over: true, when: format!("{article}{}", plain(&end)) })
}

/// "by the 14th of June", "Saturday 28 November", "for June 14th", "by 3/12": the day of the month that is
/// meant. A date of the last weeks is over, and no deadline.
fn on_a_date(captures: &Captures, sent: Option<DateTime>) -> Option<Moment> {
    let sent = sent?;
    let day: i8 = ["date", "date2"].iter().find_map(|name| text(captures, name))?.parse().ok()?;
    let month = ["month", "month2"].iter().find_map(|name| text(captures, name));
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let by_name = month.map(str::to_ascii_lowercase);
    let by_name = by_name.and_then(|month| months.iter().position(|m| month.starts_with(m)));
    let by_number = text(captures, "number").or_else(|| text(captures, "number2"));
    let by_number = by_number.and_then(|number| number.parse::<usize>().ok());
    let wanted = by_name.or(by_number.map(|number| number - 1));
    let year: Option<i16> = text(captures, "year").and_then(|year| year.parse().ok());
    let earliest = sent.date().checked_sub(Span::new().days(if wanted.is_some() { BACK } else { 0 })).ok()?;
    let date = (0..=16).find_map(|ahead| {
        let first = earliest.first_of_month().checked_add(Span::new().months(ahead)).ok()?;
        let fits = wanted.is_none_or(|month| usize::try_from(first.month() - 1) == Ok(month));
        let date = civil::Date::new(first.year(), first.month(), day).ok()?;
        (fits && date >= earliest && year.is_none_or(|year| date.year() == year)).then_some(date)
    })?;
    if date < sent.date() {
        return None;
    }
    let at = date.to_datetime(civil::time(12, 0, 0, 0)).max(sent);
    let tomorrow = sent.date().tomorrow().ok();
    let when = match date {
        date if date == sent.date() => "today".to_owned(),
        date if Some(date) == tomorrow => "tomorrow".to_owned(),
        date if date.year() != sent.year() => date.strftime("%A %-d %B %Y").to_string(),
        date => date.strftime("%A %-d %B").to_string(),
    };
    Some(Moment { hours: Some(hours_between(sent, at)), named: true, perhaps_over: false, when })
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
fn days_ahead(day: &str, sent: Option<DateTime>, evening: bool) -> Option<i32> {
    if day.starts_with("tod") || day.starts_with("toni") || usual_hour(day).is_some() {
        return Some(0);
    }
    if day.starts_with("tom") || day.starts_with("tm") || day.starts_with('2') {
        return Some(1);
    }
    let words: Vec<&str> = day.split_whitespace().collect();
    let (in_a_week, name) = match words.as_slice() {
        [.., name, "week"] | ["a", "week", .., name] => (true, name),
        [.., name] => (false, name),
        [] => return None,
    };
    let weekday = match name.get(..2)? {
        "mo" => Weekday::Monday,
        "tu" => Weekday::Tuesday,
        "we" => Weekday::Wednesday,
        "th" => Weekday::Thursday,
        "fr" => Weekday::Friday,
        "sa" => Weekday::Saturday,
        _ => Weekday::Sunday,
    };
    let ahead = until(sent?, weekday);
    let ahead = if in_a_week { ahead + 7 } else { ahead };
    if ahead == 0 && evening {
        return Some(0);
    }
    // "Friday", written on a Friday, is the next one, but "Friday night" this one; "next Friday" is rarely the one of this week.
    Some(if ahead == 0 || day.starts_with("next") { ahead + 7 } else { ahead })
}

/// Days until that weekday, 0..=6.
fn until(sent: DateTime, weekday: Weekday) -> i32 {
    i32::from(sent.weekday().until(weekday))
}

/// "four in the morning" is no afternoon.
fn morning(time: civil::Time) -> civil::Time {
    time.checked_sub(SignedDuration::from_hours(12)).unwrap_or(time)
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
    let hours = HOURS.split('|').position(|word| written.starts_with(word));
    let spelt = hours.and_then(|hour| i8::try_from(hour + 1).ok());
    let mut numbers = written.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut hour: i8 = spelt.or_else(|| numbers.next()?.parse().ok())?;
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

#[cfg(test)]
mod tests {
    use super::super::phrasebook::phrasebook;
    use super::*;
    use crate::mail::Header;

    /// Rows of `Date`, text, when it is wanted (or `-`) and whether that presses, apart by tabs.
    const ROWS: &str = include_str!("../../tests/fixtures/triage/deadlines.tsv");

    fn mail(date: &str, text: &str) -> Message {
        let mut message = Message::default();
        text.clone_into(&mut message.body.text);
        if date != "-" {
            message.date = jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp());
            message.headers = vec![Header { name: "Date".to_owned(), value: date.to_owned() }];
        }
        message
    }

    #[test]
    fn deadlines_are_what_a_person_would_take_them_for() {
        let rows: Vec<&str> = ROWS.lines().filter(|row| !row.starts_with('#') && !row.is_empty()).collect();
        assert!(rows.len() >= 60, "{} rows", rows.len());
        let mut wrong = Vec::new();
        for row in rows {
            let [date, text, when, presses] = row.split('\t').collect::<Vec<_>>()[..] else {
                panic!("not four columns: {row}");
            };
            let message = mail(date, text);
            let found = find(&message, &Reading::of(&message), phrasebook());
            let read: Vec<&str> = found.iter().map(|deadline| deadline.when.as_str()).collect();
            let read = if read.is_empty() { "-".to_owned() } else { read.join(" / ") };
            let pressing = if found.iter().any(Deadline::is_near) { "yes" } else { "no" };
            if read != when || pressing != presses {
                wrong.push(format!("{row}\n    read: {read}, {pressing}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_offset_is_found_in_a_date_of_another_form() {
        assert_eq!(
            offset("19.11.2026 23:30 +0530"),
            TimeZone::fixed(jiff::tz::offset(5).saturating_add(jiff::Span::new().minutes(30)))
        );
        assert_eq!(offset("yesterday"), TimeZone::UTC);
    }
}
