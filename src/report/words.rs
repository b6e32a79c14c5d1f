//! What the report says in words, as lines of text and as a web page alike: titles, dates, counts, sentences.

use jiff::civil::Date;

use super::scale::{Group, total};
use super::text::{Role, clean};
use super::{Answers, ClientShare, Late, Outside, Promises, Report, Topic};

/// What is counted in a week: a word for one and for many, the fill of its bar, its role.
pub(super) struct Kind {
    pub(super) one: &'static str,
    pub(super) many: &'static str,
    pub(super) fill: &'static str,
    pub(super) role: Role,
}

/// The concerns, the most pressing first, then the messages without any.
pub(super) const KINDS: [Kind; 5] = [
    Kind { one: "emergency", many: "emergencies", fill: "█", role: Role::Emergency },
    Kind { one: "complaint", many: "complaints", fill: "▓", role: Role::Complaint },
    Kind { one: "unusual request", many: "unusual requests", fill: "▒", role: Role::Unusual },
    Kind { one: "refund demand", many: "refund demands", fill: "░", role: Role::Refund },
    Kind { one: "plain message", many: "plain messages", fill: "·", role: Role::Plain },
];

/// The titles of the pages, in their order.
pub(super) const TITLES: [&str; 6] = [
    "Week by week",
    "Time to the first answer",
    "Promises",
    "Evenings and weekends",
    "Where the time went",
    "What complaints are about",
];

/// The days of the week.
pub(super) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Said where there is nothing to say.
pub(super) const NO_MESSAGES: &str = "No messages of clients in this time.";
/// As [`NO_MESSAGES`], of answers.
pub(super) const NO_ANSWERS: &str = "Nothing was answered in this time, and nothing is overdue.";
/// As [`NO_MESSAGES`], of promises.
pub(super) const NO_PROMISES: &str = "No promises were due in this time.";
/// As [`NO_MESSAGES`], of replies.
pub(super) const NO_REPLIES: &str = "No replies in this time.";
/// As [`NO_MESSAGES`], of complaints.
pub(super) const NO_COMPLAINTS: &str = "No complaints in this time.";

/// A day: "3 Nov", with its year where the report goes over the end of one.
pub(super) fn day(report: &Report, date: Date) -> String {
    let pattern = if report.from.year() == report.until.year() { "%-d %b" } else { "%-d %b %Y" };
    date.strftime(pattern).to_string()
}

/// The stretch of time, with its year: "3 Nov to 30 Nov 2026".
pub(super) fn period(report: &Report) -> String {
    let last = report.until.strftime("%-d %b %Y").to_string();
    if report.from == report.until { last } else { format!("{} to {last}", day(report, report.from)) }
}

/// "1 message", "2 messages".
pub(super) fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(super) fn replies(number: u32) -> String {
    count(number, "reply", "replies")
}

/// "85 %". Only all are 100 %, and only none are 0 %.
pub(super) fn percent(part: u32, whole: u32) -> String {
    let (part, whole) = (u64::from(part), u64::from(whole));
    let rounded = match whole {
        0 => 0,
        _ if part == 0 => 0,
        _ if part >= whole => 100,
        _ => ((part * 100 + whole / 2) / whole).clamp(1, 99),
    };
    format!("{rounded} %")
}

/// What is said of the whole time.
pub(super) fn lead(report: &Report) -> String {
    match total(report).messages {
        0 => format!("{NO_MESSAGES} ({})", period(report)),
        sum => format!("{} of clients, {}.", count(sum, "message", "messages"), period(report)),
    }
}

/// Why the parts may be more than the whole, where they are.
pub(super) fn several(all: &Group) -> Option<&'static str> {
    (all.kinds.iter().sum::<u32>() > all.messages).then_some("a message may have several concerns")
}

/// What the owner promises about answers.
pub(super) fn promised(answers: &Answers) -> Option<String> {
    let promise = clean(&answers.promise);
    (!promise.is_empty()).then(|| format!("Promised: an answer within {promise}."))
}

/// How long half of the answers took.
pub(super) fn median(answers: &Answers) -> Option<String> {
    let hours = answers.median_hours.filter(|hours| hours.is_finite())?;
    Some(format!("Half of the answers came within {}.", working_hours(hours)))
}

/// How many wait too long already.
pub(super) fn overdue(answers: &Answers) -> (String, Role) {
    match answers.overdue {
        0 => ("Nobody waits longer than promised.".to_owned(), Role::Good),
        1 => ("1 message waits for its answer longer than promised.".to_owned(), Role::Bad),
        many => (format!("{many} messages wait for their answer longer than promised."), Role::Bad),
    }
}

/// A time at work as a number and whether it counts minutes.
fn amount(hours: f64) -> (String, bool) {
    let hours = if hours.is_finite() { hours.max(0.0) } else { 0.0 };
    if hours < 0.99 {
        return (format!("{:.0}", hours * 60.0), true);
    }
    let number = if hours < 9.95 { format!("{hours:.1}") } else { format!("{hours:.0}") };
    (number.strip_suffix(".0").map_or(number.clone(), str::to_owned), false)
}

/// "3.5 working hours", "40 working minutes".
pub(super) fn working_hours(hours: f64) -> String {
    let (number, minutes) = amount(hours);
    let unit = if minutes { "minute" } else { "hour" };
    let end = if number == "1" { "" } else { "s" };
    format!("{number} working {unit}{end}")
}

/// "3.5 h", "40 min".
pub(super) fn short_hours(hours: f64) -> String {
    let (number, minutes) = amount(hours);
    format!("{number} {}", if minutes { "min" } else { "h" })
}

/// What became of promises: a word, how many, and whether that is good.
pub(super) fn fates(promises: &Promises) -> [(&'static str, u32, Role); 5] {
    [
        ("Kept", promises.kept, Role::Good),
        ("Kept late", promises.kept_late, Role::Bad),
        ("Overdue", promises.overdue, Role::Bad),
        ("Released", promises.released, Role::Quiet),
        ("Moved", promises.moved, Role::Quiet),
    ]
}

/// That promises with another day are counted twice.
pub(super) fn moved(promises: &Promises) -> String {
    let were =
        if promises.moved == 1 { "1 of them was" } else { &format!("{} of them were", promises.moved) };
    format!("{were} given another day at least once.")
}

/// "2 days late", "4 days late, still open".
pub(super) fn lateness(late: &Late) -> String {
    let unit = if late.days == 1 { "day" } else { "days" };
    let open = if late.open { ", still open" } else { "" };
    format!("{} {unit} late{open}", late.days)
}

/// How many replies were written outside the hours of work, and when.
pub(super) fn evenings(outside: &Outside) -> (String, Role) {
    let sum = outside.evenings + outside.weekends + outside.days_off;
    match (outside.replies, sum) {
        (0, _) => return (NO_REPLIES.to_owned(), Role::Quiet),
        (all, 0) => {
            return (format!("Of {}, none was written outside your hours.", replies(all)), Role::Good);
        }
        _ => {}
    }
    let parts = [
        (outside.evenings, "before or after work"),
        (outside.weekends, "on days of the week when you don't work"),
        (outside.days_off, "on holidays or while you were away"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, words)| format!("{number} {words}")).collect();
    let were = if sum == 1 { "was" } else { "were" };
    let all = replies(outside.replies);
    (format!("Of {all}, {sum} {were} written outside your hours: {}.", parts.join(", ")), Role::Plain)
}

/// The share of a client in thousandths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it lies between 0 and 1000; what is no number becomes 0"
)]
pub(super) fn permille(client: &ClientShare) -> u32 {
    (client.share.clamp(0.0, 1.0) * 1000.0).round() as u32
}

/// The share of a client: "34 %".
pub(super) fn share(client: &ClientShare) -> String {
    percent(permille(client), 1000)
}

/// The concerns of a client in words: "4 emergencies".
pub(super) fn concerns(client: &ClientShare) -> impl Iterator<Item = (String, Role)> {
    let numbers = [client.emergency, client.complaint, client.unusual, client.refund];
    let seen = KINDS.iter().zip(numbers).filter(|(_, number)| *number > 0);
    seen.map(|(kind, number)| (count(number, kind.one, kind.many), kind.role))
}

/// "4 complaints of 3 clients".
pub(super) fn spread(topic: &Topic) -> String {
    let clients = count(topic.clients, "client", "clients");
    format!("{} of {clients}", count(topic.complaints, "complaint", "complaints"))
}
