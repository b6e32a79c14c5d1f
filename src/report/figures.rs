//! The figures: [`Ledger`] and a stretch of days -> [`Report`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};

use super::{Answers, ClientShare, Late, Outside, Promises, Report, Topic, VERSION, Wait, Week};
use crate::boundary::calendar::HoursOfWeek;
use crate::boundary::{Calendar, Closed, Policy, WorkingTime};
use crate::ledger::{Answer, Client, Commitment, CommitmentState, Ledger, Party, Past, signs};
use crate::triage::Concern;

/// So many clients, waits and late promises are named.
const CLIENTS: usize = 10;
const WORST: usize = 5;

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Period<'a> {
    /// The clients.
    pub ledger: &'a Ledger,
    /// When the owner works.
    pub calendar: &'a Calendar,
    /// What the owner has promised about answers.
    pub policy: &'a Policy,
    /// The first day.
    pub from: Date,
    /// The time; its day is the last one.
    pub now: &'a Zoned,
}

impl Period<'_> {
    /// What this time was like.
    pub fn report(&self) -> Report {
        let (clients, clients_in_all) = self.clients();
        Report {
            v: VERSION,
            from: self.from,
            until: self.now.date(),
            weeks: self.weeks(),
            answers: self.answers(),
            promises: self.promises(),
            outside: self.outside(),
            clients,
            clients_in_all,
            complaints: self.complaints(),
        }
    }

    fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.calendar.zone.clone())
    }

    fn day(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    fn covers(&self, at: Timestamp) -> bool {
        (self.from..=self.now.date()).contains(&self.day(at))
    }

    fn messages(&self) -> impl Iterator<Item = (&Client, &Past)> {
        let all =
            self.ledger.clients().iter().flat_map(|client| client.written().map(move |past| (client, past)));
        all.filter(|(_, past)| self.covers(past.at))
    }

    /// What the owner wrote: replies, reminders and notices.
    fn replies(&self) -> impl Iterator<Item = (&Client, &Answer)> {
        let all = self
            .ledger
            .clients()
            .iter()
            .flat_map(|client| client.answers.iter().map(move |answer| (client, answer)));
        all.filter(|(_, answer)| self.covers(answer.at))
    }

    fn weeks(&self) -> Vec<Week> {
        let mut weeks: BTreeMap<Date, Week> = BTreeMap::new();
        // Before anything happened there is nothing to see.
        let first = self.ledger.clients().iter().filter_map(Client::first).min().map(|at| self.day(at));
        let mut monday = monday(first.map_or(self.now.date(), |first| first.max(self.from)));
        while monday <= self.now.date() {
            weeks.insert(monday, empty(monday));
            let Ok(next) = monday.checked_add(7.days()) else { break };
            monday = next;
        }
        for (_, past) in self.messages() {
            let Some(week) = weeks.get_mut(&self::monday(self.day(past.at))) else { continue };
            week.messages += 1;
            week.emergency += count(past, Concern::Emergency);
            week.complaint += count(past, Concern::Complaint);
            week.unusual += count(past, Concern::Unusual);
            week.refund += count(past, Concern::Refund);
            week.plain += u32::from(past.concerns.is_empty());
        }
        for (_, answer) in self.replies() {
            let Some(week) = weeks.get_mut(&self::monday(self.day(answer.at))) else { continue };
            week.outside += u32::from(self.calendar.is_outside(&self.local(answer.at)));
        }
        weeks.into_values().collect()
    }

    fn answers(&self) -> Answers {
        let mut hours = Vec::new();
        let mut waits = Vec::new();
        let (mut answered, mut in_time, mut overdue) = (0, 0, 0);
        for (client, past) in self.messages() {
            let promised = self.promised_by(past);
            let Some(answer) = client.answer_to(past) else {
                let late = promised.is_some_and(|by| by < self.now.timestamp());
                overdue += u32::from(!past.settled && late);
                continue;
            };
            answered += 1;
            in_time += u32::from(promised.is_none_or(|by| answer.at <= by));
            let took = self.calendar.between(&self.local(past.at), &self.local(answer.at));
            let took = (took.as_secs_f64() / 360.0).round() / 10.0;
            hours.push(took);
            waits.push(Wait {
                client: client.name().to_owned(),
                subject: past.subject.clone(),
                date: self.day(past.at),
                hours: took,
            });
        }
        hours.sort_by(f64::total_cmp);
        waits.sort_by(|a, b| b.hours.total_cmp(&a.hours).then_with(|| a.date.cmp(&b.date)));
        waits.truncate(WORST);
        let median_hours = hours.get(hours.len() / 2).copied();
        Answers { promise: self.promise(), answered, in_time, overdue, median_hours, slowest: waits }
    }

    /// By when a message is to be answered.
    fn promised_by(&self, past: &Past) -> Option<Timestamp> {
        let pressing = Concern::ALL.into_iter().find(|concern| past.concerns.contains(concern));
        let time = self.policy.response_to(pressing.map(Concern::word));
        let by = self.calendar.after(&self.local(past.at), time)?;
        // A promise of days holds until the end of the day.
        let by = match time {
            WorkingTime::Days(_) => {
                by.at.date().at(23, 59, 59, 0).to_zoned(self.calendar.zone.clone()).ok()?
            }
            WorkingTime::Time(_) => by.at,
        };
        Some(by.timestamp())
    }

    fn promise(&self) -> String {
        let mut words = self.policy.response.to_string();
        for (concern, time) in &self.policy.response_for {
            let what = match concern.as_str() {
                "emergency" => "an emergency",
                "unusual" => "an unusual request",
                "refund" => "a refund demand",
                _ => "a complaint",
            };
            words = format!("{words}; to {what} {time}");
        }
        words
    }

    fn promises(&self) -> Promises {
        let mut found =
            Promises { kept: 0, kept_late: 0, overdue: 0, released: 0, moved: 0, late: Vec::new() };
        let all = self.ledger.clients().iter().flat_map(|client| {
            client.commitments.iter().filter(|owed| owed.who == Party::Owner).map(move |owed| (client, owed))
        });
        for (client, owed) in all {
            let Some(due) = owed.due.filter(|due| self.covers(*due)) else { continue };
            let end = owed.settled_at.unwrap_or_else(|| self.now.timestamp());
            let days = (self.day(end) - self.day(due)).get_days();
            match owed.state {
                CommitmentState::Kept if days > 0 => found.kept_late += 1,
                CommitmentState::Kept => found.kept += 1,
                CommitmentState::Released => found.released += 1,
                CommitmentState::Open if owed.is_overdue(self.now.timestamp()) => found.overdue += 1,
                CommitmentState::Open => continue,
            }
            found.moved += u32::from(owed.moved > 0);
            found.late.extend(late(client, owed, days));
        }
        found.late.sort_by(|a, b| b.days.cmp(&a.days).then_with(|| a.client.cmp(&b.client)));
        found.late.truncate(WORST);
        found
    }

    fn outside(&self) -> Outside {
        let mut hours = HoursOfWeek::default();
        let mut found = Outside { replies: 0, evenings: 0, weekends: 0, days_off: 0, by_hour: hours.0 };
        for (_, answer) in self.replies() {
            let at = self.local(answer.at);
            found.replies += 1;
            hours.count(&at);
            match self.calendar.day(at.date()) {
                Err(Closed::Holiday(_) | Closed::Away(_)) => found.days_off += 1,
                Err(_) => found.weekends += 1,
                Ok(_) => found.evenings += u32::from(self.calendar.is_outside(&at)),
            }
        }
        found.by_hour = hours.0;
        found
    }

    fn clients(&self) -> (Vec<ClientShare>, u32) {
        let mut shares: Vec<ClientShare> = Vec::new();
        let mut all = 0;
        for client in self.ledger.clients() {
            let messages: Vec<&Past> = client.written().filter(|past| self.covers(past.at)).collect();
            let replies: Vec<&Answer> =
                client.answers.iter().filter(|answer| self.covers(answer.at)).collect();
            let number = |found: usize| u32::try_from(found).unwrap_or(u32::MAX);
            let of = |concern| messages.iter().map(|past| count(past, concern)).sum();
            let is_outside = |answer: &&&Answer| self.calendar.is_outside(&self.local(answer.at));
            all += messages.len() + replies.len();
            if messages.is_empty() && replies.is_empty() {
                continue;
            }
            shares.push(ClientShare {
                name: client.name().to_owned(),
                messages: number(messages.len()),
                replies: number(replies.len()),
                outside: number(replies.iter().filter(is_outside).count()),
                emergency: of(Concern::Emergency),
                complaint: of(Concern::Complaint),
                unusual: of(Concern::Unusual),
                refund: of(Concern::Refund),
                share: 0.0,
            });
        }
        for share in &mut shares {
            let part = f64::from(share.messages + share.replies);
            let whole = f64::from(u32::try_from(all.max(1)).unwrap_or(u32::MAX));
            share.share = (part / whole * 1000.0).round() / 1000.0;
        }
        shares.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.name.cmp(&b.name)));
        let in_all = u32::try_from(shares.len()).unwrap_or(u32::MAX);
        shares.truncate(CLIENTS);
        (shares, in_all)
    }

    fn complaints(&self) -> Vec<Topic> {
        let mut topics: BTreeMap<&str, (u32, BTreeSet<String>)> = BTreeMap::new();
        let complaints = self.messages().filter(|(_, past)| past.concerns.contains(&Concern::Complaint));
        for (client, past) in complaints {
            // What names no topic is one of its own.
            let about: Vec<&str> = past.signs.about.iter().map(String::as_str).collect();
            for topic in if about.is_empty() { vec!["other"] } else { about } {
                let (count, clients) = topics.entry(topic).or_default();
                *count += 1;
                clients.insert(client.person().to_string());
            }
        }
        let mut found: Vec<Topic> = topics
            .into_iter()
            .map(|(topic, (complaints, clients))| {
                let (says, lesson) = signs::topic(topic).unwrap_or((
                    "something else",
                    "Read these again on a calm day: what would have helped them?",
                ));
                Topic {
                    topic: topic.to_owned(),
                    says: says.to_owned(),
                    complaints,
                    clients: u32::try_from(clients.len()).unwrap_or(u32::MAX),
                    lesson: lesson.to_owned(),
                }
            })
            .collect();
        found.sort_by_key(|topic| (std::cmp::Reverse(topic.complaints), topic.topic.clone()));
        found
    }
}

fn late(client: &Client, owed: &Commitment, days: i32) -> Option<Late> {
    let open = owed.state == CommitmentState::Open;
    let is_late = days > 0 && owed.state != CommitmentState::Released;
    is_late.then(|| Late { what: owed.what.clone(), client: client.name().to_owned(), days, open })
}

fn count(past: &Past, concern: Concern) -> u32 {
    u32::from(past.concerns.contains(&concern))
}

fn monday(date: Date) -> Date {
    let offset = i64::from(date.weekday().to_monday_zero_offset());
    date.saturating_sub(SignedDuration::from_hours(24 * offset))
}

fn empty(monday: Date) -> Week {
    Week { monday, messages: 0, emergency: 0, complaint: 0, unusual: 0, refund: 0, plain: 0, outside: 0 }
}
