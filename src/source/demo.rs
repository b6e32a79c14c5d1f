//! The built-in inbox of `amicable demo`: the mails of `assets/demo`, with their dates set as seen from now.
//! Owns the small language in which those mails say when (`assets/demo/README.md` describes it). Never opens
//! a file or the network, never looks at a clock: the time is given to it.

use std::fmt;

use include_dir::{Dir, include_dir};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Unit, Zoned, ZonedRound};

use crate::mail::Address;
use crate::source::RawMessage;

static MAILS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/demo");

/// From this age on a demo mail counts as looked at.
const SEEN_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// The person whose inbox it is.
pub fn owner() -> Address {
    Address::new("Robin Hale", "robin@halestudio.example.com")
}

/// The demo inbox as it lies there at `now`: oldest first, UIDs from 1 in that order, mails of three
/// days or more `\Seen`. No mail lies in the future of `now`.
pub fn inbox(now: &Zoned) -> Vec<RawMessage> {
    let mut mails: Vec<RawMessage> = MAILS
        .files()
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "eml"))
        .map(|file| raw_message(&file.path().to_string_lossy(), file.contents(), now))
        .collect();
    mails.sort_by(|a, b| a.received.cmp(&b.received).then_with(|| a.place.cmp(&b.place)));
    for (uid, mail) in (1..).zip(&mut mails) {
        mail.uid = Some(uid);
    }
    mails
}

fn raw_message(name: &str, text: &[u8], now: &Zoned) -> RawMessage {
    let expanded = expand(text, now).expect("compiled in, and tests/all/demo.rs expands every one of them");
    let seen = expanded.date.is_some_and(|date| now.timestamp().duration_since(date) >= SEEN_AFTER);
    RawMessage {
        place: format!("demo/{name}"),
        uid: None,
        received: expanded.date,
        flags: if seen { vec!["\\Seen".to_owned()] } else { Vec::new() },
        bytes: expanded.bytes,
    }
}

/// A demo mail with its tokens replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// The message, in CRLF line ends (RFC 5322, 2.1).
    pub bytes: Vec<u8>,
    /// The first `{{date ..}}` of the file. Every demo mail has a `Received` field on top, so this is when
    /// it arrived, also where `Date` is missing.
    pub date: Option<Timestamp>,
}

/// A token that the language does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFault {
    /// What stands between the braces.
    pub token: String,
    /// What is wrong with it, and what was expected.
    pub what: &'static str,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token {{{{{}}}}}: {}", self.token, self.what)
    }
}

impl std::error::Error for TokenFault {}

/// Replaces the tokens of a demo mail, as seen from `now` in its zone, and sets CRLF line ends.
/// Works on bytes, since not every mail is UTF-8. The first wrong token is the error.
pub fn expand(text: &[u8], now: &Zoned) -> Result<Expanded, TokenFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut date = None;
    let mut rest = text;
    while let Some(start) = find(rest, b"{{") {
        let inside = &rest[start + 2..];
        let fault = |what| {
            let shown = &inside[..inside.len().min(40)];
            TokenFault { token: String::from_utf8_lossy(shown).into_owned(), what }
        };
        let end = find(inside, b"}}").ok_or_else(|| fault("is not closed with }}"))?;
        let token = str::from_utf8(&inside[..end]).map_err(|_| fault("is not ASCII"))?;
        let (said, moment) = say(token, now).map_err(|what| TokenFault { token: token.to_owned(), what })?;
        if token.starts_with("date ") {
            date.get_or_insert(moment.timestamp());
        }
        bytes.extend_from_slice(&rest[..start]);
        bytes.extend_from_slice(said.as_bytes());
        rest = &inside[end + 2..];
    }
    bytes.extend_from_slice(rest);
    Ok(Expanded { bytes: with_crlf(&bytes), date })
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 32);
    for &byte in text.iter().filter(|&&byte| byte != b'\r') {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

/// What a verb says, and so what it needs to be told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// A moment that has to be over.
    Past,
    /// A moment, wherever it lies; said in UTC.
    Utc,
    /// A day.
    Day,
    /// A time of day in some hours, to the half hour.
    Clock,
}

/// The verbs, with their form as in `strftime`.
const VERBS: [(&str, Says, &str); 11] = [
    ("date", Says::Past, "%a, %d %b %Y %H:%M:%S %z"),
    ("quoted", Says::Past, "%a, %-d %b %Y at %H:%M"),
    ("apple", Says::Past, "%-d %b %Y, at %H:%M"),
    ("outlook", Says::Past, "%-d %B %Y %H:%M"),
    ("thunderbird", Says::Past, "%d/%m/%Y %H:%M"),
    ("utc", Says::Utc, "%Y%m%dT%H%M%SZ"),
    ("day", Says::Day, "%A %-d %B"),
    ("daymonth", Says::Day, "%-d %B"),
    ("weekday", Says::Day, "%A"),
    ("german", Says::Day, "%d.%m.%Y"),
    ("clock", Says::Clock, "%H:%M"),
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// `VERB [WEEKDAY] OFFSET [HH:MM]` -> its words and the moment they mean.
fn say(token: &str, now: &Zoned) -> Result<(String, Zoned), &'static str> {
    let (verb, rest) = token.split_once(' ').ok_or("wants VERB [WEEKDAY] OFFSET [HH:MM]")?;
    let &(_, says, form) = VERBS
        .iter()
        .find(|(name, ..)| *name == verb)
        .ok_or("has no verb that assets/demo/README.md lists")?;
    let (weekday, rest) = match WEEKDAYS.iter().find(|(name, _)| rest.split(' ').next() == Some(name)) {
        Some(&(name, weekday)) => (Some(weekday), rest[name.len()..].strip_prefix(' ').unwrap_or_default()),
        None => (None, rest),
    };
    let (offset, time) = match rest.split_once(' ') {
        Some((offset, time)) => (Offset::read(offset)?, Some(time_of_day(time)?)),
        None => (Offset::read(rest)?, None),
    };
    let moment = match (offset, time, weekday) {
        (Offset::Days(days), Some(time), _) if matches!(says, Says::Past | Says::Utc) => {
            at(days, weekday, time, now)
        }
        (Offset::Days(days), None, _) if says == Says::Day => at(days, weekday, Time::midnight(), now),
        (Offset::Minutes(minutes), None, None) if matches!(says, Says::Past | Says::Clock) => {
            now.saturating_add(SignedDuration::from_mins(minutes))
        }
        _ => return Err("says more or less of the time than its verb wants"),
    };
    if says == Says::Past && !offset.lies_in_the_past() {
        return Err("has to lie in the past whatever the time is: -2h10m, or -1d 09:12");
    }
    let shown = match says {
        Says::Utc => moment.with_time_zone(TimeZone::UTC),
        Says::Clock => half_hour(&moment),
        Says::Past | Says::Day => moment.clone(),
    };
    Ok((shown.strftime(form).to_string(), moment))
}

/// How far from now.
#[derive(Clone, Copy)]
enum Offset {
    /// In days of the calendar.
    Days(i32),
    /// In time passed.
    Minutes(i64),
}

impl Offset {
    /// `-3d`, `+12d`, `-2h`, `-25m`, `-2h10m`; at most four digits a number.
    fn read(text: &str) -> Result<Self, &'static str> {
        const WANTED: &str = "wants an offset such as -3d, +12d, -2h10m or -25m";
        let (sign, amount) = match text.split_at_checked(1) {
            Some(("-", amount)) if !amount.is_empty() => (-1, amount),
            Some(("+", amount)) if !amount.is_empty() => (1, amount),
            _ => return Err(WANTED),
        };
        let number = |digits: &str| {
            let fits = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if fits { digits.parse::<i32>().map_err(|_| WANTED) } else { Err(WANTED) }
        };
        if let Some(days) = amount.strip_suffix('d') {
            return Ok(Self::Days(sign * number(days)?));
        }
        let (hours, minutes) = amount.split_once('h').unwrap_or(("0", amount));
        let minutes = match minutes {
            "" => 0,
            minutes => number(minutes.strip_suffix('m').ok_or(WANTED)?)?,
        };
        let hours = number(hours)?;
        Ok(Self::Minutes(i64::from(sign) * (i64::from(hours) * 60 + i64::from(minutes))))
    }

    /// Yesterday is over at any hour; today is not.
    fn lies_in_the_past(self) -> bool {
        match self {
            Self::Days(days) => days < 0,
            Self::Minutes(minutes) => minutes < 0,
        }
    }
}

/// `HH:MM`.
fn time_of_day(text: &str) -> Result<Time, &'static str> {
    Time::strptime("%H:%M", text).ok().filter(|_| text.len() == 5).ok_or("wants a time of day such as 09:12")
}

/// A time of day some days from now. With a weekday: on the nearest such day that is at least as far off.
/// The ends of the calendar are as far as it goes.
fn at(days: i32, weekday: Option<Weekday>, time: Time, now: &Zoned) -> Zoned {
    let day = now.date().saturating_add(days.days());
    let further = weekday.map_or(0, |weekday| {
        if days < 0 { -day.weekday().since(weekday) } else { day.weekday().until(weekday) }
    });
    let day: Date = day.saturating_add(further.days());
    day.to_datetime(time).to_zoned(now.time_zone().clone()).unwrap_or_else(|_| now.clone())
}

fn half_hour(moment: &Zoned) -> Zoned {
    let half_hours = ZonedRound::new().smallest(Unit::Minute).increment(30);
    moment.round(half_hours).unwrap_or_else(|_| moment.clone())
}
