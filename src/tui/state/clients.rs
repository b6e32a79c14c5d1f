//! The screens about clients over time: who they are, what waits, whom to tell, what the time was like. Plain data, as all
//! of the state.

use jiff::{Timestamp, ToSpan as _};
use ratatui_textarea::TextArea;

use super::{Mode, State};
use crate::ledger::follow_up::Waiting;
use crate::ledger::outlook::{Outlook, Setting};
use crate::ledger::{Client, Errand, Occasion, Person, notice, parting};
use crate::mail::Address;
use crate::reply::Matter;
use crate::report::{Period, Report};

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
    /// Their newest message, by which they are found where the person has become another.
    pub message: Option<i64>,
    /// First line shown.
    pub scroll: usize,
    /// The owner was told that it is early for the last word; the next key counts.
    pub warned: bool,
    /// The screen that it was opened from.
    pub below: Box<Mode>,
}

/// What waits.
#[derive(Debug, Default)]
pub struct WaitingScreen {
    /// Index into [`State::waiting`].
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
    /// First line shown of the page.
    pub scroll: usize,
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
    /// Reckons anew what follows from the records and the clock. It is drawn often, and changes seldom.
    pub fn look_out(&mut self) {
        let own: Vec<Address> = self.accounts.values().flat_map(|account| account.own.clone()).collect();
        let setting = Setting {
            calendar: &self.calendar,
            patience: self.policy.reminder_after,
            promises_a_day: self.policy.promises_a_day,
            own: &own,
            now: &self.now,
        };
        self.outlook = Outlook::of(&self.records, &setting);
        self.waiting = self.waiting_items();
    }

    /// The client of a page.
    pub fn client_of(&self, screen: &ClientScreen) -> Option<&Client> {
        let by_message = || screen.message.and_then(|message| self.writer(message));
        self.records.ledger.client_of(&screen.person).or_else(by_message)
    }

    /// All clients, those of whom something stands out first.
    pub fn clients(&self) -> Vec<&Client> {
        self.outlook.clients(&self.records)
    }

    /// The client who wrote a message.
    pub fn writer(&self, message: i64) -> Option<&Client> {
        self.records.ledger.writer(message)
    }

    /// Where the parting with the writer of a message stands.
    pub fn parting(&self, message: i64) -> Option<parting::Stage> {
        self.outlook.partings.get(&self.writer(message)?.person()).copied()
    }

    /// All that waits, in the order of the screen.
    fn waiting_items(&self) -> Vec<WaitingItem> {
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
                Some(parting::Stage::Leaving { last_day, .. }) => last_day,
                _ => None,
            },
            ..Matter::NONE
        };
        match errand {
            Errand::Reply | Errand::Letter => {}
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
    pub fn notice(&self, message: i64, occasion: &Occasion) -> Option<&notice::Notice> {
        let writer = self.writer(message)?.person();
        self.outlook
            .plan
            .notices
            .iter()
            .find(|notice| notice.occasion == *occasion && notice.client == writer)
    }

    /// What so many days were like.
    pub fn report(&self, days: i32) -> Report {
        let from = self.now.date().saturating_sub(days.days());
        let (ledger, calendar, policy) = (&self.records.ledger, &self.calendar, &self.policy);
        Period { ledger, calendar, policy, from, now: &self.now }.report()
    }
}
