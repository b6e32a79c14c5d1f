//! The screens about clients over time: who they are, what waits, whom to tell, what the time was like. Plain data, as all
//! of the state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use ratatui_textarea::TextArea;

use super::{Mode, State};
use crate::ledger::follow_up::{self, Standing, Waiting};
use crate::ledger::ladder::{self, Advice};
use crate::ledger::notice::{self, Ground, Plan};
use crate::ledger::{Client, Entry, Errand, FollowUp, Ledger, Past, Person, parting};
use crate::mail::Address;
use crate::reply::Matter;
use crate::report::{Period, Report};

/// What the store holds about clients.
#[derive(Debug, Default)]
pub struct Records {
    /// The clients.
    pub ledger: Ledger,
    /// All messages.
    pub messages: Vec<Past>,
    /// Replies that asked something.
    pub follow_ups: Vec<FollowUp>,
    /// What the owner said of clients, in order.
    pub entries: Vec<Entry>,
}

/// What follows from the records and the clock. Reckoned anew when either has changed, since it is drawn often.
#[derive(Debug, Default)]
pub struct Outlook {
    /// Replies that wait for an answer, those to be reminded of first.
    pub waiting: Vec<Waiting>,
    /// Messages that are put off.
    pub put_off: BTreeSet<i64>,
    /// Whom to tell of absences and delays.
    pub plan: Plan,
    /// The verdict on clients with whom something happens often.
    pub advice: BTreeMap<Person, Advice>,
    /// Clients with whom a yearly talk is due, and since when.
    pub check_ins: Vec<(Person, Timestamp)>,
    /// Clients with whom the work has ended or is about to.
    pub partings: BTreeMap<Person, parting::Standing>,
}

impl Outlook {
    /// Replies of which the owner should hear: a reminder is in place, or they came back.
    pub fn pressing(&self) -> usize {
        self.waiting.iter().filter(|waiting| !matches!(waiting.standing, Standing::Waiting { .. })).count()
    }

    /// Letters about an absence or a delay that may go out now.
    pub fn to_tell(&self, today: Date) -> usize {
        self.plan.notices.iter().filter(|notice| notice.told.is_none() && notice.from <= today).count()
    }
}

/// The list of clients.
#[derive(Debug, Default)]
pub struct ClientsScreen {
    /// Index into [`State::clients`].
    pub selected: usize,
}

/// One client.
#[derive(Debug)]
pub struct ClientScreen {
    /// Who.
    pub person: Person,
    /// First line shown.
    pub scroll: usize,
    /// The screen that it was opened from.
    pub below: Box<Mode>,
}

/// What waits.
#[derive(Debug, Default)]
pub struct WaitingScreen {
    /// Index into [`State::waiting_items`].
    pub selected: usize,
}

/// One line of what waits.
#[derive(Debug, Clone, PartialEq)]
pub enum WaitingItem {
    /// A reply that asked something.
    Answer(Box<Waiting>),
    /// A message that is put off.
    PutOff(i64),
    /// A yearly talk.
    CheckIn(Person, Timestamp),
}

/// Whom to tell.
#[derive(Debug, Default)]
pub struct NoticesScreen {
    /// Index into the plan's notices.
    pub selected: usize,
}

/// What a time was like.
#[derive(Debug)]
pub struct ReportScreen {
    /// The figures.
    pub report: Box<Report>,
    /// How far back: an index into [`PERIODS`].
    pub period: usize,
    /// The page.
    pub page: usize,
}

/// How far back the report looks: days, and the words for it.
pub const PERIODS: [(i32, &str); 4] = [(7, "week"), (30, "month"), (91, "quarter"), (365, "year")];

/// One line to write, for something.
#[derive(Debug)]
pub struct Prompt {
    /// What it is for.
    pub purpose: PromptFor,
    /// The question.
    pub question: String,
    /// The text so far.
    pub line: TextArea<'static>,
    /// Why it could not be taken.
    pub fault: Option<String>,
    /// The screen to go back to.
    pub below: Mode,
}

/// What a line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptFor {
    /// The new day of a commitment.
    Move(i64),
    /// Until when a message is put off.
    PutOff(i64),
    /// A mark about a client.
    Mark(Person, MarkKind),
    /// Another address of the same client.
    Join(Person),
    /// The last day of working together.
    LastDay(Person),
}

/// Marks that have words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the marks of the ledger")]
pub enum MarkKind {
    Note,
    LatePayment,
    Redo,
    Unpaid,
    RefundDue,
}

impl State {
    /// Reckons anew what follows from the records and the clock.
    pub fn look_out(&mut self) {
        let Records { ledger, messages, follow_ups, .. } = &self.records;
        let mut outlook = Outlook::default();
        for follow_up in follow_ups {
            let patience = self.policy.reminder_after;
            let found = follow_up::waiting(follow_up, ledger, messages, &self.calendar, patience, &self.now);
            if !matches!(found.standing, Standing::Answered { .. }) {
                outlook.waiting.push(found);
            }
        }
        outlook.waiting.sort_by_key(|waiting| {
            let rank = match waiting.standing {
                Standing::Returned { .. } => 0,
                Standing::Due { .. } => 1,
                _ => 2,
            };
            (rank, waiting.follow_up.sent_at)
        });
        let moment = self.now.timestamp();
        for row in &self.rows {
            let Some(snooze) = row.snooze else { continue };
            if !snooze.is_over(&row.past(), messages, ledger, moment) {
                outlook.put_off.insert(row.id);
            }
        }
        let own: Vec<Address> = self.accounts.values().flat_map(|account| account.own.clone()).collect();
        outlook.plan = notice::plan(&Ground {
            ledger,
            messages,
            calendar: &self.calendar,
            load: &self.load(),
            promises_a_day: self.policy.promises_a_day,
            own: &own,
            now: &self.now,
        });
        for client in ledger.clients() {
            let person = client.person();
            if let Some(advice) = ladder::advice(client, ledger, &self.now) {
                outlook.advice.insert(person.clone(), advice);
            }
            if let Some(since) = ladder::check_in_due(client, moment) {
                outlook.check_ins.push((person.clone(), since));
            }
            if let Some(standing) = parting::standing(client) {
                outlook.partings.insert(person, standing);
            }
        }
        self.outlook = outlook;
    }

    /// All clients: those of whom something stands out first, then those of whom something happened last.
    pub fn clients(&self) -> Vec<&Client> {
        let mut clients: Vec<&Client> = self.records.ledger.clients().iter().collect();
        clients.sort_by_key(|client| {
            let person = client.person();
            let leaving =
                matches!(self.outlook.partings.get(&person), Some(parting::Standing::Leaving { .. }));
            let step = self.outlook.advice.get(&person).map(|advice| advice.step);
            let talk = self.outlook.check_ins.iter().any(|(other, _)| *other == person);
            std::cmp::Reverse((leaving, step, talk))
        });
        clients
    }

    /// The client who wrote a message.
    pub fn writer(&self, message: i64) -> Option<&Client> {
        self.records.ledger.writer(message)
    }

    /// Where the parting with the writer of a message stands.
    pub fn parting(&self, message: i64) -> Option<parting::Standing> {
        self.outlook.partings.get(&self.writer(message)?.person()).copied()
    }

    /// All that waits, in the order of the screen.
    pub fn waiting_items(&self) -> Vec<WaitingItem> {
        let answers =
            self.outlook.waiting.iter().cloned().map(|waiting| WaitingItem::Answer(Box::new(waiting)));
        let put_off = self.rows.iter().filter(|row| self.outlook.put_off.contains(&row.id));
        let put_off = put_off.map(|row| WaitingItem::PutOff(row.id));
        let check_ins = self.outlook.check_ins.iter();
        let check_ins = check_ins.map(|(person, since)| WaitingItem::CheckIn(person.clone(), *since));
        answers.chain(put_off).chain(check_ins).collect()
    }

    /// What a mail with this errand is about beside the message that it is written under.
    pub fn matter(&self, message: i64, errand: &Errand) -> Matter {
        let mut matter = Matter {
            last_day: match self.parting(message) {
                Some(parting::Standing::Leaving { last_day, .. }) => last_day,
                _ => None,
            },
            ..Matter::NONE
        };
        match errand {
            Errand::Reply => {}
            Errand::Nudge(of) => {
                let asked = self.records.follow_ups.iter().find(|follow_up| follow_up.outbox == *of);
                matter.asked = asked.and_then(|follow_up| follow_up.question.clone());
                matter.asked_at = asked.map(|follow_up| follow_up.sent_at);
            }
            Errand::Notice(occasion) => {
                if let Some(notice) = self.notice(message, occasion) {
                    matter.absence.clone_from(&notice.absence);
                    matter.promised.clone_from(&notice.promised);
                    matter.new_day = notice.new_day;
                }
            }
        }
        matter
    }

    /// The planned letter of an occasion to the writer of a message.
    pub fn notice(&self, message: i64, occasion: &str) -> Option<&notice::Notice> {
        let writer = self.writer(message)?.person();
        self.outlook.plan.notices.iter().find(|notice| notice.occasion == occasion && notice.client == writer)
    }

    /// What so many days were like.
    pub fn report(&self, days: i32) -> Report {
        let from = self.now.date().saturating_sub((days - 1).days());
        let (ledger, calendar, policy) = (&self.records.ledger, &self.calendar, &self.policy);
        Period { ledger, calendar, policy, from, now: &self.now }.report()
    }
}
