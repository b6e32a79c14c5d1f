//! A message as the owner stands before it: what it asks, what their calendar and policy say to that, what this client's
//! history is, what is promised already. From here come the card beside the message, the choice of replies, and what is
//! proposed for their blanks. Pure: the clock is an argument.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::signal::{self, Heard, Signal};
use super::suggestion::{day, promise_word};
use crate::boundary::calendar::day as calendar_day;
use crate::boundary::calendar::{Absence, Reckoned};
use crate::boundary::policy::Rush;
use crate::boundary::{Calendar, Policy, WorkingTime};
use crate::ledger::commitment::lateness;
use crate::ledger::history::{month, ordinal};
use crate::ledger::ladder::{Advice, Step};
use crate::ledger::{Commitment, History, Load, Party, parting};
use crate::mail::Message;
use crate::triage::{Concern, Due};

/// All that a reply depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The message.
    pub message: &'a Message,
    /// What its words say ([`signal::heard`]).
    pub heard: &'a [Heard],
    /// What it asks.
    pub concerns: &'a [Concern],
    /// By when.
    pub due: Option<&'a Due>,
    /// What the owner has decided.
    pub policy: &'a Policy,
    /// When the owner works.
    pub calendar: &'a Calendar,
    /// What happened with this client before.
    pub history: &'a History,
    /// What is promised to everybody, by day.
    pub load: &'a Load,
    /// Rush work that was promised for the coming week.
    pub rush_taken: u16,
    /// What happened with this client often, and the next step.
    pub advice: Option<&'a Advice>,
    /// The end of the work with this client, where it has begun.
    pub parting: Option<parting::Stage>,
    /// What the letter is about beside the message.
    pub matter: &'a Matter,
    /// The time.
    pub now: &'a Zoned,
}

/// What a letter is about beside the message that it is written under.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matter {
    /// An absence.
    pub absence: Option<Absence>,
    /// What is promised to the client and will be later.
    pub promised: Option<String>,
    /// The day on which they have it now.
    pub new_day: Option<Date>,
    /// What the owner asked them.
    pub asked: Option<String>,
    /// When.
    pub asked_at: Option<Timestamp>,
    /// The last day of the work together.
    pub last_day: Option<Date>,
}

impl Matter {
    /// None; for where a letter is about its message alone.
    pub const NONE: Matter =
        Matter { absence: None, promised: None, new_day: None, asked: None, asked_at: None, last_day: None };
}

/// One line of the card beside a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardLine {
    /// What it is about: "Policy", "Earliest", "History".
    pub name: &'static str,
    /// What it says.
    pub text: String,
    /// It asks for attention: a promise that is late, a deadline that can't be met.
    pub presses: bool,
}

impl Situation<'_> {
    /// What the client newly wrote, with the subject.
    pub fn text(&self) -> String {
        format!("{}\n{}", self.message.subject, signal::newly_written(self.message))
    }

    /// The moment that it is wanted by.
    pub fn wanted(&self) -> Option<Zoned> {
        let hours = self.due?.hours?;
        let sent = self.message.date?;
        let at = sent.checked_add(SignedDuration::try_from_secs_f64(hours * 3600.0).ok()?).ok()?;
        Some(at.to_zoned(self.calendar.zone.clone()))
    }

    /// By when the owner's promise to answer wants a reply, reckoned from now.
    pub fn answer_by(&self) -> Option<Reckoned> {
        self.calendar.after(self.now, self.policy.response_to(promise_word(self.concerns)))
    }

    /// The earliest that work of this kind can be promised in its usual time.
    pub fn earliest_usual(&self) -> Option<Reckoned> {
        let (_, time) = self.policy.lead_time_for(&self.text())?;
        self.free(time)
    }

    /// The earliest on rush terms, where rush work is done.
    pub fn earliest_rush(&self) -> Option<Reckoned> {
        match &self.policy.rush {
            Rush::OnTerms { notice, slots_a_week, .. }
                if slots_a_week.is_none_or(|slots| self.rush_taken < slots) =>
            {
                self.free(*notice)
            }
            _ => None,
        }
    }

    /// So much working time ahead, on a day that is not full.
    fn free(&self, time: WorkingTime) -> Option<Reckoned> {
        let at = self.calendar.after(self.now, time)?;
        self.load.free_from(at, self.calendar, self.policy.promises_a_day)
    }

    /// A partner for what the message speaks of.
    pub fn partner(&self) -> Option<(&str, &str)> {
        self.policy.partner_for(&self.text())
    }

    /// Every signal that is there, those of the words first.
    pub fn signals(&self) -> Vec<Heard> {
        let mut heard = self.heard.to_vec();
        heard.extend(self.history_signals());
        heard.extend(self.calendar_signals());
        heard.extend(self.policy_signals());
        heard
    }

    fn history_signals(&self) -> Vec<Heard> {
        let (history, now) = (self.history, self.now.timestamp());
        let mut heard = Vec::new();
        let mut say = |signal, says: String| heard.push(Heard { signal, says });
        let date = |at: jiff::Timestamp| day(&at.to_zoned(self.calendar.zone.clone()), self.now);
        if self.concerns.contains(&Concern::Emergency) {
            let earlier = history.emergencies(now);
            if let (Some(first), true) = (earlier.first(), earlier.len() >= 2) {
                let count = ordinal(earlier.len() + 1);
                say(Signal::ThirdEmergency, format!("{count} emergency since {}", month(first.at, self.now)));
            }
        }
        if self.concerns.contains(&Concern::Complaint) {
            let earlier = history.complaints(now);
            if let (Some(first), true) = (earlier.first(), earlier.len() >= 2) {
                let count = ordinal(earlier.len() + 1);
                say(
                    Signal::SeveralComplaints,
                    format!("{count} complaint since {}", month(first.at, self.now)),
                );
            }
            if let Some(at) = history.complaint_answered(now) {
                say(Signal::AnsweredBefore, format!("you answered a complaint of theirs on {}", date(at)));
            }
        }
        let templates = [
            (Signal::ExceptionBefore, "unusual-once", "you made an exception for them on"),
            (Signal::RuleTold, "emergency-pattern", "you told them the rule on"),
            (Signal::RuleTold, "relationship-rule", "you told them the rule on"),
            (Signal::SurchargeTold, "emergency-surcharge", "you told them of the surcharge on"),
            (Signal::SurchargeTold, "relationship-surcharge", "you told them of the surcharge on"),
            (Signal::Warned, "relationship-part-warning", "you told them what has to change on"),
            (Signal::NoticeGiven, "relationship-part-notice", "you gave notice on"),
            (Signal::RemindedTwice, "relationship-payment-2", "you reminded them the second time on"),
            (Signal::RemindedOnce, "relationship-payment-1", "you reminded them on"),
        ];
        for (signal, template, says) in templates {
            if let Some(at) = history.answered_with(template, now) {
                say(signal, format!("{says} {}", date(at)));
            }
        }
        let owed: Vec<&Commitment> = history.open(Party::Owner).collect();
        if let Some(late) = owed.iter().find(|owed| owed.is_overdue(now)) {
            say(Signal::PromiseOverdue, format!("your promise of {} is late", late.what));
        } else if let Some(open) = owed.first() {
            say(Signal::PromiseOpen, format!("you have promised them {}", open.what));
        }
        let late = |owed: &&Commitment| owed.is_overdue(now);
        if let Some(owed) = history.open(Party::Client).filter(late).find(|owed| owed.is_payment()) {
            say(Signal::Unpaid, format!("{} was due {}", owed.what, owed.due.map(date).unwrap_or_default()));
        }
        if let Some(owed) = history.open(Party::Client).filter(late).find(|owed| !owed.is_payment()) {
            say(
                Signal::ClientOwes,
                format!("{} was due {}", owed.what, owed.due.map(date).unwrap_or_default()),
            );
        }
        heard
    }

    fn calendar_signals(&self) -> Vec<Heard> {
        let mut heard = Vec::new();
        let mut say = |signal, says: String| heard.push(Heard { signal, says });
        if let Some(absence) = self.calendar.absence_on(self.now.date()) {
            say(
                Signal::Away,
                format!("you are away until {}", crate::boundary::calendar::day(absence.until, self.now)),
            );
        }
        if self.policy.rush == Rush::Never {
            say(Signal::RushNever, "policy: no rush work".to_owned());
        }
        if !self.concerns.contains(&Concern::Emergency) {
            return heard;
        }
        // What is over can't be met any more.
        let Some(wanted) = self.wanted().filter(|wanted| wanted > self.now) else { return heard };
        if self.load.on(wanted.date()) >= self.policy.promises_a_day {
            say(Signal::Full, format!("{} is full", day(&wanted, self.now)));
        }
        let reached = |at: &Reckoned| at.at <= wanted;
        match (self.earliest_usual(), self.earliest_rush()) {
            (Some(usual), _) if reached(&usual) => {
                say(Signal::InTime, "it can be done in its usual time".to_owned());
            }
            (_, Some(rush)) if reached(&rush) => {
                say(Signal::RushPossible, format!("policy: {}", self.policy.rush_line()));
            }
            (None, None) => {}
            (usual, rush) => {
                if let Some(earliest) = rush.or(usual) {
                    say(Signal::NoTime, format!("the earliest is {earliest}"));
                }
            }
        }
        heard
    }

    fn policy_signals(&self) -> Vec<Heard> {
        let mut heard = Vec::new();
        let mut say = |signal, says: String| heard.push(Heard { signal, says });
        if let Some((kind, who)) = self.partner() {
            say(Signal::Partner, format!("policy: {kind} goes to {who}"));
        }
        let refunds = &self.policy.refunds;
        let says = || format!("policy: {}", self.policy.refund_line().unwrap_or_default());
        match refunds.within_days {
            Some(0) => say(Signal::RefundClosed, says()),
            Some(_) => say(Signal::RefundOpen, says()),
            None => {}
        }
        if refunds.first.is_some() {
            say(Signal::RepairFirst, says());
        }
        if let Some(line) = self.policy.discount_line() {
            say(Signal::DiscountPossible, format!("policy: {line}"));
        }
        heard
    }

    /// What stands beside the message: the policy that it touches, the deadline against what can be promised, this client's
    /// history, what is promised to them, what is promised for that day.
    pub fn card(&self) -> Vec<CardLine> {
        let mut lines = Vec::new();
        let mut add = |name, text: String, presses| lines.push(CardLine { name, text, presses });
        for (name, text) in self.policy_lines() {
            add(name, text, false);
        }
        let emergency = self.concerns.contains(&Concern::Emergency);
        if emergency {
            let wanted = self.wanted();
            let short = |at: &Zoned| at.strftime("%a %-d %b, %-H:%M").to_string();
            let late =
                |at: &Reckoned| wanted.as_ref().is_some_and(|wanted| wanted > self.now && at.at > *wanted);
            match (self.earliest_usual(), self.earliest_rush()) {
                (usual, rush) if usual.is_some() || rush.is_some() => {
                    let presses = rush.as_ref().or(usual.as_ref()).is_some_and(late);
                    let mut told = None;
                    let mut say = |how: &str, at: Reckoned| {
                        let why = at.because();
                        let because = why
                            .clone()
                            .filter(|_| told != why)
                            .map(|why| format!(" ({why})"))
                            .unwrap_or_default();
                        told = why;
                        format!("{how} {}{because}", short(&at.at))
                    };
                    let parts = [usual.map(|at| say("usually", at)), rush.map(|at| say("on rush terms", at))];
                    add("Earliest", parts.into_iter().flatten().collect::<Vec<_>>().join("; "), presses);
                }
                _ => {
                    if let Some(at) = self.answer_by() {
                        add("Answer", format!("by {at} (your promise to answer)"), false);
                    }
                }
            }
            if let Some(wanted) = &wanted {
                let load = self.load.on(wanted.date());
                let full = load >= self.policy.promises_a_day;
                if load > 0 {
                    let what = if load == 1 { "1 promise".to_owned() } else { format!("{load} promises") };
                    let words = format!(
                        "{what} due {}{}",
                        short(wanted).split(',').next().unwrap_or_default(),
                        if full { ": the day is full" } else { "" }
                    );
                    add("Load", words, full);
                }
            }
        }
        for heard in self.history_signals() {
            let presses = matches!(heard.signal, Signal::PromiseOverdue | Signal::ThirdEmergency);
            // Promises have lines of their own.
            if !matches!(
                heard.signal,
                Signal::PromiseOpen | Signal::PromiseOverdue | Signal::Unpaid | Signal::ClientOwes
            ) {
                add("History", heard.says, presses);
            }
        }
        if let Some(line) = self.history.line(self.now) {
            add("History", line, false);
        }
        if let Some(advice) = self.advice {
            for habit in &advice.habits {
                add("Often", habit.says(), false);
            }
            if advice.step > Step::Note {
                add("Next", format!("{} ({})", advice.step.word(), advice.why), true);
            }
        }
        match self.parting {
            Some(parting::Stage::Parted { since }) => {
                add("Parted", format!("on {}; nothing is owed but courtesy", self.day_of(since)), true);
            }
            Some(parting::Stage::Leaving { since, last_day }) => {
                let last = last_day.map(|day| format!(", last day {}", calendar_day(day, self.now)));
                let words = format!("begun on {}{}", self.day_of(since), last.unwrap_or_default());
                add("Parting", words, true);
            }
            None => {}
        }
        for owed in
            self.history.commitments.iter().filter(|owed| owed.state == crate::ledger::CommitmentState::Open)
        {
            let name = if owed.who == Party::Owner { "Promised" } else { "Awaited" };
            let when = owed.due.map_or_else(|| owed.by.clone(), |due| lateness(due, self.now));
            add(name, format!("{}, {when}", owed.what), owed.is_overdue(self.now.timestamp()));
        }
        for (owed, quote) in self.conditions_met() {
            let condition = owed.condition.as_deref().unwrap_or_default();
            add("Met?", format!("\u{201c}{quote}\u{201d} may be what you waited for: {condition}"), true);
        }
        lines
    }

    fn day_of(&self, at: Timestamp) -> String {
        calendar_day(at.to_zoned(self.calendar.zone.clone()).date(), self.now)
    }

    /// Promises whose condition this message seems to meet, with the words that say so.
    pub fn conditions_met(&self) -> Vec<(&Commitment, String)> {
        let new = signal::newly_written(self.message);
        let later = |owed: &&Commitment| self.message.date.is_some_and(|date| date >= owed.made_at);
        let met = |owed: &'_ Commitment| owed.met_by(&new, self.message.attachments.len()).map(str::to_owned);
        self.history.commitments.iter().filter(later).filter_map(|owed| Some((owed, met(owed)?))).collect()
    }

    fn policy_lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        let speaks = |signal| self.heard.iter().any(|heard| heard.signal == signal);
        let policy = self.policy;
        // Rush terms are for what a client is late with, not for an accident or for what went wrong here.
        let theirs = !speaks(Signal::Accident) && !self.concerns.contains(&Concern::Complaint);
        if self.concerns.contains(&Concern::Emergency) && theirs {
            lines.push(("Policy", policy.rush_line()));
            for (what, when) in &policy.cut_offs {
                lines.push(("Policy", format!("cut-off for {what}: {when}")));
            }
        }
        if self.concerns.contains(&Concern::Refund) {
            lines.extend(policy.refund_line().map(|line| ("Policy", line)));
        }
        if speaks(Signal::Deposit) || (self.concerns.contains(&Concern::Refund) && speaks(Signal::Cancel)) {
            lines.extend(policy.deposit_line().map(|line| ("Policy", line)));
        }
        if speaks(Signal::Discount) || speaks(Signal::Price) {
            lines.extend(policy.discount_line().map(|line| ("Policy", line)));
        }
        if speaks(Signal::PayLater) {
            lines.extend(policy.payment_line().map(|line| ("Policy", line)));
        }
        if speaks(Signal::OutOfHours) {
            let channels =
                policy.channels.iter().map(|(channel, what)| ("Policy", format!("{channel}: {what}")));
            lines.extend(channels);
        }
        if speaks(Signal::Extra) || speaks(Signal::Undecided) {
            let rounds = policy.revisions.map(|rounds| format!("{rounds} rounds of changes are included"));
            lines.extend(rounds.map(|line| ("Policy", line)));
        }
        if let Some((kind, who)) = self.partner().filter(|_| !self.concerns.is_empty()) {
            lines.push(("Policy", format!("{kind} goes to {who}")));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::boundary::{Hours, Share};
    use crate::ledger::{Answer, CommitmentState, Past};
    use crate::mail::Address;

    /// A Tuesday morning.
    fn now() -> Zoned {
        "2026-11-24T10:00[Europe/London]".parse().unwrap()
    }

    fn message(text: &str) -> Message {
        let raw = format!(
            "From: Ann Lee <ann@example.com>\r\nSubject: The cards\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n\r\n{text}\r\n"
        );
        crate::parse::parse(raw.as_bytes())
    }

    fn due(hours: f64) -> Due {
        Due { quote: String::new(), when: String::new(), at: None, hours: Some(hours), working_hours: None }
    }

    /// Rush work in one working day, usual work in five.
    fn policy() -> Policy {
        Policy {
            lead_time: Some(WorkingTime::Days(5)),
            rush: Rush::OnTerms {
                notice: WorkingTime::Days(1),
                surcharge: Some(Share::Percent(50.0)),
                slots_a_week: Some(2),
            },
            ..Policy::default()
        }
    }

    fn past(message: i64, at: &str, concern: Concern) -> Past {
        Past { message, at: at.parse().unwrap(), concerns: vec![concern], ..Past::default() }
    }

    /// The signals of history, calendar and policy, as words, and the card as text.
    fn seen(
        hours: f64,
        concerns: &[Concern],
        policy: &Policy,
        history: &History,
        load: &Load,
        rush_taken: u16,
    ) -> (Vec<&'static str>, String) {
        let (message, due, now) = (message("Could I have them?"), due(hours), now());
        let calendar = Calendar::new(Hours::default(), TimeZone::get("Europe/London").unwrap());
        let situation = Situation {
            message: &message,
            heard: &[],
            concerns,
            due: Some(&due),
            policy,
            calendar: &calendar,
            history,
            load,
            rush_taken,
            advice: None,
            parting: None,
            matter: &Matter::NONE,
            now: &now,
        };
        let signals = situation.signals().iter().map(|heard| heard.signal.word()).collect();
        let card: Vec<String> =
            situation.card().iter().map(|line| format!("{}: {}", line.name, line.text)).collect();
        (signals, card.join("\n"))
    }

    #[test]
    fn a_deadline_is_held_against_what_can_be_promised() {
        let (emergency, none, free) = ([Concern::Emergency], History::default(), Load::default());
        let rows = [
            (200.0, 0, "in-time"),
            (30.0, 0, "rush-possible"),
            (5.0, 0, "no-time"),
            // Both slots of the week are taken.
            (30.0, 2, "no-time"),
        ];
        for (hours, taken, signal) in rows {
            let (signals, _) = seen(hours, &emergency, &policy(), &none, &free, taken);
            assert!(signals.contains(&signal), "{hours} {taken}: {signals:?}");
        }
        let never = Policy { rush: Rush::Never, ..policy() };
        assert!(seen(30.0, &emergency, &never, &none, &free, 0).0.contains(&"rush-never"));
        let (signals, card) = seen(30.0, &emergency, &Policy::default(), &none, &free, 0);
        assert!(
            !signals.contains(&"no-time"),
            "nothing is decided, so nothing is held against it: {signals:?}"
        );
        assert!(card.contains("you have not said whether you do rush work"), "{card}");
    }

    #[test]
    fn a_day_that_is_full_is_said_and_not_offered() {
        let mut load = Load::default();
        load.add(now().date().tomorrow().unwrap(), 3);
        let (signals, card) = seen(24.0, &[Concern::Emergency], &policy(), &History::default(), &load, 0);
        assert!(signals.contains(&"full"), "{signals:?}");
        assert!(card.contains("3 promises due Wed 25 Nov: the day is full"), "{card}");
        assert!(card.contains("on rush terms Thu 26 Nov, 10:00 (25 November is full)"), "{card}");
    }

    #[test]
    fn history_escalates() {
        let mut history = History::default();
        let free = Load::default();
        let both = [Concern::Emergency, Concern::Complaint];
        for (number, at) in ["2026-08-10T09:00:00Z", "2026-10-10T09:00:00Z"].into_iter().enumerate() {
            assert!(!seen(30.0, &both, &policy(), &history, &free, 0).0.contains(&"third-emergency"));
            history.messages.push(past(i64::try_from(number).unwrap(), at, Concern::Emergency));
        }
        let (signals, card) = seen(30.0, &both, &policy(), &history, &free, 0);
        assert!(signals.contains(&"third-emergency"), "{signals:?}");
        assert!(card.contains("History: third emergency since August"), "{card}");
        history.messages.push(past(7, "2026-11-10T09:00:00Z", Concern::Complaint));
        history.answers.push(Answer {
            message: Some(7),
            at: "2026-11-11T09:00:00Z".parse().unwrap(),
            ..Answer::default()
        });
        let templates = [
            ("relationship-part-warning", "warned"),
            ("relationship-part-notice", "notice-given"),
            ("unusual-once", "exception-before"),
            ("relationship-payment-1", "reminded-once"),
        ];
        for (template, signal) in templates {
            history.answers.push(Answer {
                message: None,
                at: "2026-11-01T09:00:00Z".parse().unwrap(),
                template: Some(template.to_owned()),
                ..Answer::default()
            });
            let (signals, _) = seen(30.0, &both, &policy(), &history, &free, 0);
            assert!(
                signals.contains(&signal) && signals.contains(&"answered-before"),
                "{template}: {signals:?}"
            );
        }
    }

    #[test]
    fn what_is_open_between_the_two_is_shown_and_an_answer_that_meets_it_pointed_out() {
        let commitment = |who, what: &str, due: &str, condition: Option<&str>| Commitment {
            id: 1,
            client: Address::new("Ann Lee", "ann@example.com"),
            who,
            what: what.to_owned(),
            by: String::new(),
            due: due.parse().ok(),
            condition: condition.map(str::to_owned),
            state: CommitmentState::Open,
            made_at: "2026-11-01T09:00:00Z".parse().unwrap(),
            moved: 0,
            message: None,
            settled_at: None,
        };
        let history = History {
            commitments: vec![
                commitment(Party::Owner, "the cards", "2026-11-23T17:00:00Z", Some("their yes")),
                commitment(Party::Client, "payment of 80 EUR", "2026-11-20T17:00:00Z", None),
                commitment(Party::Client, "the text", "2026-11-20T17:00:00Z", None),
            ],
            ..History::default()
        };
        let (signals, card) = seen(30.0, &[], &policy(), &history, &Load::default(), 0);
        for signal in ["promise-overdue", "unpaid", "client-owes"] {
            assert!(signals.contains(&signal), "{signal}: {signals:?}");
        }
        assert!(card.contains("Promised: the cards, 1 day late"), "{card}");
        assert!(card.contains("Awaited: the text, 4 days late"), "{card}");
        let yes = message("Hello Kim,\r\n\r\nyes please, go ahead.");
        let calendar = Calendar::default();
        let load = Load::default();
        let situation = Situation {
            message: &yes,
            heard: &[],
            concerns: &[],
            due: None,
            policy: &policy(),
            calendar: &calendar,
            history: &history,
            load: &load,
            rush_taken: 0,
            advice: None,
            parting: None,
            matter: &Matter::NONE,
            now: &now(),
        };
        let met = situation.card().into_iter().find(|line| line.name == "Met?").expect("it is pointed out");
        assert!(met.text.contains("yes please") && met.text.contains("their yes"), "{}", met.text);
    }
}
