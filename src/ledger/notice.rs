//! Whom to tell of an absence or a delay, what, and when: each client once an absence, those first to whom something is
//! promised, and never a list, a machine or a mail system. It only plans; the owner looks at each letter and sends it. An
//! absence that is over plans nothing.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::commitment::Load;
use super::{Client, Commitment, Errand, Ledger, Occasion, Party, Past, Person, parting};
use crate::boundary::calendar::Absence;
use crate::boundary::{Calendar, WorkingTime};
use crate::mail::Address;

/// Clients are told so many working days before an absence.
const AHEAD: usize = 5;
/// With whom letters went both ways within this time hears of an absence beforehand: a month. Who only asked something hears
/// of it with the answer.
const LATELY: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Something promised to them is late, or falls on a day without work.
    Delay,
    /// Something promised to them falls into the absence.
    Promise,
    /// They wrote while the owner is away.
    Wrote,
    /// They are in touch with the owner these weeks.
    InTouch,
}

impl Why {
    /// In plain words.
    pub fn says(self) -> &'static str {
        match self {
            Why::Delay => "a promise slips",
            Why::Promise => "promised something",
            Why::Wrote => "wrote",
            Why::InTouch => "in touch",
        }
    }
}

/// A letter to one client.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The client.
    pub client: Person,
    /// Their name.
    pub name: String,
    /// Where it goes.
    pub to: Address,
    /// The message that it is written under, by its number.
    pub message: i64,
    /// Why.
    pub why: Why,
    /// Names the absence or the promise; each client hears of it once.
    pub occasion: Occasion,
    /// The template.
    pub template: &'static str,
    /// The day from which it may be sent.
    pub from: Date,
    /// The absence.
    pub absence: Option<Absence>,
    /// What is promised to them and falls into it, in one phrase.
    pub promised: Option<String>,
    /// The promises themselves, by their numbers.
    pub commitments: Vec<i64>,
    /// The day on which they have it now.
    pub new_day: Option<Date>,
    /// When they were told.
    pub told: Option<Timestamp>,
}

/// Somebody who is not told, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spared {
    /// Who.
    pub who: Address,
    /// Why.
    pub why: &'static str,
}

/// The letters, those that may be sent first in front, and who gets none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The letters.
    pub notices: Vec<Notice>,
    /// Who gets none.
    pub spared: Vec<Spared>,
}

/// What a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The clients.
    pub ledger: &'a Ledger,
    /// All messages that came in.
    pub messages: &'a [Past],
    /// When the owner works.
    pub calendar: &'a Calendar,
    /// What is promised, by day.
    pub load: &'a Load,
    /// So many promises make a day full.
    pub promises_a_day: u16,
    /// The owner's addresses.
    pub own: &'a [Address],
    /// The time.
    pub now: &'a Zoned,
}

/// Whom to tell what, and when.
pub fn plan(ground: &Ground<'_>) -> Plan {
    let today = ground.now.date();
    let mut plan = Plan::default();
    // A day that is set aside for one client is not free for the next.
    let mut load = ground.load.clone();
    for absence in &merged(&ground.calendar.absences) {
        let begins = ahead(ground.calendar, absence.from);
        // Seen two weeks before the letters go out; over when the absence is.
        if absence.until < today || begins > today.saturating_add(jiff::Span::new().days(14)) {
            continue;
        }
        for client in ground.ledger.clients() {
            let notice = absent(ground, &load, absence, begins, client);
            set_aside(&mut load, notice.as_ref());
            plan.notices.extend(notice);
        }
        plan.spared.extend(spared(ground, absence));
    }
    for client in ground.ledger.clients() {
        let notice = delayed(ground, &load, client);
        set_aside(&mut load, notice.as_ref());
        plan.notices.extend(notice);
    }
    plan.notices.sort_by_key(|notice| (notice.told.is_some(), notice.from, notice.why));
    plan
}

/// Absences that overlap or follow one another are one.
fn merged(absences: &[Absence]) -> Vec<Absence> {
    let mut sorted = absences.to_vec();
    sorted.sort_by_key(|absence| absence.from);
    let mut merged: Vec<Absence> = Vec::new();
    for absence in sorted {
        match merged.last_mut() {
            Some(last) if absence.from <= last.until.tomorrow().unwrap_or(last.until) => {
                last.until = last.until.max(absence.until);
                last.stand_in = last.stand_in.take().or(absence.stand_in);
            }
            _ => merged.push(absence),
        }
    }
    merged
}

/// The day from which clients are told: so many working days before.
fn ahead(calendar: &Calendar, from: Date) -> Date {
    let mut day = from;
    let mut left = AHEAD;
    // Whoever is closed for longer tells them two months before.
    for _ in 0..61 {
        let Ok(before) = day.yesterday() else { return day };
        day = before;
        if calendar.day(day).is_ok() {
            left -= 1;
            if left == 0 {
                break;
            }
        }
    }
    day
}

/// When a client was told of an occasion.
fn told(client: &Client, occasion: &Occasion) -> Option<Timestamp> {
    let is_it = |errand: &Errand| matches!(errand, Errand::Notice(told) if told.is_same(occasion));
    client.answers.iter().find(|answer| is_it(&answer.errand)).map(|answer| answer.at)
}

/// The newest message that somebody can be answered to.
fn carrier<'c>(ground: &Ground<'_>, client: &'c Client) -> Option<&'c Past> {
    let is_own = |address: &Address| ground.own.iter().any(|mine| mine.same_mailbox(address));
    client.written().rev().find(|past| past.from.address.contains('@') && !is_own(&past.from))
}

/// The new day of a letter that is still to be sent is taken.
fn set_aside(load: &mut Load, notice: Option<&Notice>) {
    if let Some(Notice { new_day: Some(day), told: None, .. }) = notice {
        load.add(*day, 1);
    }
}

fn absent(
    ground: &Ground<'_>,
    load: &Load,
    absence: &Absence,
    begins: Date,
    client: &Client,
) -> Option<Notice> {
    if parting::stage(client).is_some_and(|at| matches!(at, parting::Stage::Parted { .. })) {
        return None;
    }
    let message = carrier(ground, client)?;
    let zone = &ground.calendar.zone;
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let owed: Vec<&Commitment> = client
        .open(Party::Owner)
        .filter(|owed| owed.due.is_some_and(|due| (absence.from..=absence.until).contains(&day(due))))
        .collect();
    let away = (absence.from..=absence.until).contains(&ground.now.date());
    let wrote = away && client.unanswered().any(|past| day(past.at) >= absence.from);
    let young = |at: Timestamp| ground.now.timestamp().duration_since(at) <= LATELY;
    let wrote_lately = client.written().next_back().is_some_and(|past| young(past.at));
    let answered_lately = client.replies().any(|answer| young(answer.at));
    let lately = (wrote_lately && answered_lately) || client.commitments.iter().any(Commitment::is_open);
    let why = match (owed.is_empty(), wrote) {
        (false, _) => Why::Promise,
        (true, true) => Why::Wrote,
        (true, false) if lately && !away => Why::InTouch,
        _ => return None,
    };
    // Somebody to whom nothing is promised for these days may still be promised something else.
    let template = match (wrote, !owed.is_empty(), absence.stand_in.is_some()) {
        // Who has not written has nothing that could be answered, and "before I go" is over.
        (false, true, _) if away => "relationship-later",
        (true, true, true) => "absence-reply-promise",
        (true, true, false) => "absence-reply-promise-alone",
        (true, false, true) => "absence-reply",
        (true, false, false) => "absence-reply-alone",
        (false, true, true) => "absence-ahead-promise",
        (false, true, false) => "absence-ahead-promise-alone",
        (false, false, true) => "absence-ahead",
        (false, false, false) => "absence-ahead-alone",
    };
    let occasion = Occasion::Absence { from: absence.from, until: absence.until };
    Some(Notice {
        client: client.person(),
        name: client.name().to_owned(),
        to: message.from.clone(),
        message: message.message,
        why,
        told: told(client, &occasion),
        occasion,
        template,
        from: if wrote { day(message.at) } else { begins },
        new_day: (!owed.is_empty()).then(|| day_after(ground, load, absence.until)).flatten(),
        promised: phrase(&owed),
        commitments: owed.iter().map(|owed| owed.id).collect(),
        absence: Some(absence.clone()),
    })
}

/// The first day after another on which there is work and room.
fn day_after(ground: &Ground<'_>, load: &Load, last: Date) -> Option<Date> {
    let next = last.tomorrow().ok()?.at(0, 0, 0, 0).to_zoned(ground.calendar.zone.clone()).ok()?;
    // Not on the very first morning: what has come in meanwhile is waiting there.
    let begin = ground.calendar.after(&next, WorkingTime::Days(1))?;
    let free = load.free_from(begin, ground.calendar, ground.promises_a_day)?;
    Some(free.at.date())
}

fn delayed(ground: &Ground<'_>, load: &Load, client: &Client) -> Option<Notice> {
    if matches!(parting::stage(client), Some(parting::Stage::Parted { .. })) {
        return None;
    }
    let zone = &ground.calendar.zone;
    let now = ground.now.timestamp();
    let today = ground.now.date();
    let unheld = |due: Timestamp| {
        let day = due.to_zoned(zone.clone()).date();
        let soon = (today..=today.saturating_add(jiff::Span::new().days(7))).contains(&day);
        // An absence has letters of its own.
        due < now || (soon && ground.calendar.day(day).is_err() && ground.calendar.absence_on(day).is_none())
    };
    let is_told = |owed: &Commitment| client.answers.iter().any(|answer| Some(answer.at) >= owed.due);
    let owed: Vec<&Commitment> =
        client.open(Party::Owner).filter(|owed| owed.due.is_some_and(unheld) && !is_told(owed)).collect();
    let first = owed.first()?;
    let due = first.due?.to_zoned(zone.clone()).date();
    let message = carrier(ground, client)?;
    let occasion = Occasion::Delay { promises: owed.iter().map(|owed| owed.id).collect(), due };
    Some(Notice {
        client: client.person(),
        name: client.name().to_owned(),
        to: message.from.clone(),
        message: message.message,
        why: Why::Delay,
        told: told(client, &occasion),
        occasion,
        template: if owed.iter().any(|owed| owed.due.is_some_and(|due| due < now)) {
            "relationship-overdue"
        } else {
            "relationship-later"
        },
        from: due.min(today),
        absence: None,
        promised: phrase(&owed),
        commitments: owed.iter().map(|owed| owed.id).collect(),
        new_day: ground
            .calendar
            .after(ground.now, WorkingTime::Days(1))
            .and_then(|at| load.free_from(at, ground.calendar, ground.promises_a_day))
            .map(|at| at.at.date()),
    })
}

/// "the stall posters and the price list".
fn phrase(owed: &[&Commitment]) -> Option<String> {
    let what: Vec<&str> = owed.iter().map(|owed| owed.what.as_str()).collect();
    match what.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

/// Who wrote during an absence and gets nothing.
fn spared(ground: &Ground<'_>, absence: &Absence) -> Vec<Spared> {
    let mut found: Vec<Spared> = Vec::new();
    let since = absence.from.at(0, 0, 0, 0).to_zoned(ground.calendar.zone.clone());
    let Ok(since) = since.map(|since| since.timestamp()) else { return found };
    for past in ground.messages.iter().filter(|past| past.at >= since) {
        let why = match past.signs.origin {
            crate::triage::Origin::AutoReply => "an automatic answer",
            crate::triage::Origin::Bounce => "a mail system",
            crate::triage::Origin::List => "a list or bulk mail",
            crate::triage::Origin::Robot => "a machine",
            crate::triage::Origin::Person if ground.own.iter().any(|own| own.same_mailbox(&past.from)) => {
                "yourself"
            }
            crate::triage::Origin::Person if !past.client => "no client",
            crate::triage::Origin::Person => continue,
        };
        if !found.iter().any(|spared| spared.who.same_mailbox(&past.from)) {
            found.push(Spared { who: past.from.clone(), why });
        }
    }
    found
}
