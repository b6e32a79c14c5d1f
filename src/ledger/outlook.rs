//! What follows from all that happened with clients at a moment: what waits, what is put off, whom to tell, with whom something
//! happens often, whose yearly talk is due, who is leaving. The screen and the commands show the same.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use super::follow_up::{self, FollowUp, Snooze, Stage, Waiting};
use super::ladder::{self, Advice, Everybody, Step};
use super::notice::{self, Ground, Plan};
use super::{Client, Entry, Facts, Ledger, Load, Past, Person, parting};
use crate::boundary::{Calendar, WorkingTime};
use crate::mail::Address;
use crate::triage::Origin;

/// What the store holds about clients, put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// The clients.
    pub ledger: Ledger,
    /// All messages, by their numbers.
    pub messages: Vec<Past>,
    /// Replies that asked something.
    pub follow_ups: Vec<FollowUp>,
    /// Messages that were put off, by their numbers.
    pub snoozes: Vec<(i64, Snooze)>,
    /// What the owner said of clients, in order.
    pub entries: Vec<Entry>,
    /// Reports of mail systems, by their places among the messages.
    bounces: Vec<usize>,
}

impl Records {
    /// Puts them together.
    pub fn of(facts: Facts, follow_ups: Vec<FollowUp>, snoozes: Vec<(i64, Snooze)>) -> Self {
        let mut messages = facts.messages.clone();
        messages.sort_by_key(|past| past.message);
        let is_bounce = |(_, past): &(usize, &Past)| past.signs.origin == Origin::Bounce;
        let bounces = messages.iter().enumerate().filter(is_bounce).map(|(place, _)| place).collect();
        let mut entries = facts.entries.clone();
        entries.sort_by_key(|entry| entry.id);
        Self { ledger: Ledger::of(facts), messages, follow_ups, snoozes, entries, bounces }
    }

    /// A message by its number.
    pub fn message(&self, number: i64) -> Option<&Past> {
        let place = self.messages.binary_search_by_key(&number, |past| past.message).ok()?;
        self.messages.get(place)
    }

    /// Reports of mail systems.
    pub fn bounces(&self) -> impl Iterator<Item = &Past> {
        self.bounces.iter().filter_map(|place| self.messages.get(*place))
    }
}

/// What an outlook depends on beside the records.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// When the owner works.
    pub calendar: &'a Calendar,
    /// After so long a question is asked again.
    pub patience: WorkingTime,
    /// So many promises make a day full.
    pub promises_a_day: u16,
    /// The owner's addresses.
    pub own: &'a [Address],
    /// The time.
    pub now: &'a Zoned,
}

/// What follows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outlook {
    /// Replies that wait for an answer: those that came back first, then those to be reminded of.
    pub waiting: Vec<Waiting>,
    /// Messages that are put off.
    pub put_off: BTreeSet<i64>,
    /// Whom to tell of absences and delays.
    pub plan: Plan,
    /// The verdict on clients with whom something happens often.
    pub advice: BTreeMap<Person, Advice>,
    /// Clients with whom a yearly talk is due, and since when.
    pub check_ins: BTreeMap<Person, Timestamp>,
    /// Clients with whom the work has ended or is about to.
    pub partings: BTreeMap<Person, parting::Stage>,
    /// The clients, by their places in the ledger: those of whom something stands out first.
    order: Vec<usize>,
}

impl Outlook {
    /// That of some records.
    pub fn of(records: &Records, setting: &Setting<'_>) -> Self {
        let Setting { calendar, promises_a_day, own, now, patience: _ } = *setting;
        let ledger = &records.ledger;
        let promised = ledger.clients().iter().flat_map(|client| &client.commitments);
        let load = Load::of(promised, &calendar.zone);
        let plan = notice::plan(&Ground {
            ledger,
            messages: &records.messages,
            calendar,
            load: &load,
            promises_a_day,
            own,
            now,
        });
        let mut outlook = Self { waiting: waiting(records, setting), plan, ..Self::default() };
        for (message, snooze) in &records.snoozes {
            let over = records
                .message(*message)
                .is_none_or(|put_off| snooze.is_over(put_off, ledger, now.timestamp()));
            if !over {
                outlook.put_off.insert(*message);
            }
        }
        let everybody = Everybody::of(ledger, now);
        for client in ledger.clients() {
            let person = client.person();
            if let Some(advice) = ladder::advice(client, &everybody, now) {
                outlook.advice.insert(person.clone(), advice);
            }
            if let Some(since) = ladder::check_in_due(client, now.timestamp()) {
                outlook.check_ins.insert(person.clone(), since);
            }
            if let Some(stage) = parting::stage(client) {
                outlook.partings.insert(person, stage);
            }
        }
        let mut order: Vec<usize> = (0..ledger.clients().len()).collect();
        let weight = |place: &usize| ledger.clients().get(*place).map(|client| outlook.weight(client));
        order.sort_by_cached_key(|place| std::cmp::Reverse(weight(place)));
        Self { order, ..outlook }
    }

    /// How much a client stands out.
    fn weight(&self, client: &Client) -> (bool, Option<Step>, bool) {
        let person = client.person();
        let leaving = matches!(self.partings.get(&person), Some(parting::Stage::Leaving { .. }));
        let step = self.advice.get(&person).map(|advice| advice.step);
        (leaving, step, self.check_ins.contains_key(&person))
    }

    /// All clients: those of whom something stands out first, then those of whom something happened last.
    pub fn clients<'r>(&self, records: &'r Records) -> Vec<&'r Client> {
        self.order.iter().filter_map(|place| records.ledger.clients().get(*place)).collect()
    }

    /// What stands out of a client, in one line: where a parting stands, the next step, a talk that is due.
    pub fn stands_out(&self, client: &Client) -> Option<StandsOut<'_>> {
        let person = client.person();
        if let Some(stage) = self.partings.get(&person) {
            return Some(StandsOut::Parting(*stage));
        }
        if let Some(advice) = self.advice.get(&person) {
            return Some(StandsOut::Often(advice));
        }
        self.check_ins.get(&person).map(|since| StandsOut::Talk(*since))
    }

    /// Questions of which the owner should hear: a reminder is in place, or they came back.
    pub fn pressing(&self) -> usize {
        self.waiting.iter().filter(|waiting| !matches!(waiting.stage, Stage::Waiting { .. })).count()
    }

    /// Letters about an absence or a delay that may go out now.
    pub fn to_tell(&self, today: Date) -> usize {
        self.plan.notices.iter().filter(|notice| notice.told.is_none() && notice.from <= today).count()
    }
}

/// What stands out of a client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StandsOut<'o> {
    /// The work together has ended, or is about to.
    Parting(parting::Stage),
    /// Something happens often.
    Often(&'o Advice),
    /// A yearly talk is due, since then.
    Talk(Timestamp),
}

/// Questions without an answer.
fn waiting(records: &Records, setting: &Setting<'_>) -> Vec<Waiting> {
    let parted = |follow_up: &FollowUp| {
        let client = records.ledger.client(&follow_up.to);
        client.is_some_and(|client| matches!(parting::stage(client), Some(parting::Stage::Parted { .. })))
    };
    let of = |follow_up: &FollowUp| {
        if parted(follow_up) {
            return None;
        }
        let found = follow_up::waiting(follow_up, records, setting.calendar, setting.patience, setting.now);
        (!matches!(found.stage, Stage::Answered { .. })).then_some(found)
    };
    let mut waiting: Vec<Waiting> = records.follow_ups.iter().filter_map(of).collect();
    waiting.sort_by_key(|waiting| {
        let rank = match waiting.stage {
            Stage::Returned { .. } => 0,
            Stage::Due { .. } => 1,
            _ => 2,
        };
        (rank, waiting.follow_up.sent_at)
    });
    waiting
}
