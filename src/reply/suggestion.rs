//! What calendar and policy propose for a question of a template: the earliest day, the surcharge, the partner. Offered to
//! the owner, never taken by itself.

use jiff::{Timestamp, Zoned};

use super::situation::Situation;
use crate::boundary::calendar::{self, Absence};
use crate::boundary::policy::Rush;
use crate::boundary::{Money, Share, WorkingTime};
use crate::ledger::Party;
use crate::triage::Concern;

/// A proposal that a template's question may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is said by its word, and docs/guide.md explains them")]
pub enum Suggestion {
    AnswerDay,
    AnswerTime,
    ReadyDay,
    ReadyTime,
    RushDay,
    RushTime,
    DecideDay,
    Today,
    BackDay,
    RushSurcharge,
    RushNotice,
    Discount,
    LateFee,
    PaymentDays,
    Deposit,
    Revisions,
    Partner,
    PartnerContact,
    StandIn,
    AwayFrom,
    AwayUntil,
    Promised,
    NewDay,
    Asked,
    AskedDay,
    RuleDay,
    LastDay,
}

impl Suggestion {
    /// All, with their words in files.
    const WORDS: [(Suggestion, &'static str); 27] = [
        (Suggestion::AnswerDay, "answer-day"),
        (Suggestion::AnswerTime, "answer-time"),
        (Suggestion::ReadyDay, "ready-day"),
        (Suggestion::ReadyTime, "ready-time"),
        (Suggestion::RushDay, "rush-day"),
        (Suggestion::RushTime, "rush-time"),
        (Suggestion::DecideDay, "decide-day"),
        (Suggestion::Today, "today"),
        (Suggestion::BackDay, "back-day"),
        (Suggestion::RushSurcharge, "rush-surcharge"),
        (Suggestion::RushNotice, "rush-notice"),
        (Suggestion::Discount, "discount"),
        (Suggestion::LateFee, "late-fee"),
        (Suggestion::PaymentDays, "payment-days"),
        (Suggestion::Deposit, "deposit"),
        (Suggestion::Revisions, "revisions"),
        (Suggestion::Partner, "partner"),
        (Suggestion::PartnerContact, "partner-contact"),
        (Suggestion::StandIn, "stand-in"),
        (Suggestion::AwayFrom, "away-from"),
        (Suggestion::AwayUntil, "away-until"),
        (Suggestion::Promised, "promised"),
        (Suggestion::NewDay, "new-day"),
        (Suggestion::Asked, "asked"),
        (Suggestion::AskedDay, "asked-day"),
        (Suggestion::RuleDay, "rule-day"),
        (Suggestion::LastDay, "last-day"),
    ];

    /// All.
    pub const ALL: [Suggestion; 27] = {
        let mut all = [Suggestion::AnswerDay; 27];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self::WORDS[at].0;
            at += 1;
        }
        all
    };

    /// The word in files.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(known, _)| *known == self).map_or("", |(_, word)| word)
    }

    /// The proposal that a word names.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(known, _)| *known)
    }

    /// What is proposed in a situation, where calendar and policy know.
    pub fn answer(self, situation: &Situation<'_>) -> Option<String> {
        let policy = situation.policy;
        match self {
            Suggestion::AnswerDay => situation.answer_by().map(|at| day(&at.at, situation.now)),
            Suggestion::AnswerTime => situation.answer_by().map(|at| time(&at.at)),
            Suggestion::ReadyDay => situation.earliest_usual().map(|at| day(&at.at, situation.now)),
            Suggestion::ReadyTime => situation.earliest_usual().map(|at| time(&at.at)),
            Suggestion::RushDay => situation.earliest_rush().map(|at| day(&at.at, situation.now)),
            Suggestion::RushTime => situation.earliest_rush().map(|at| time(&at.at)),
            Suggestion::DecideDay if situation.matter.absence.is_some() => before_absence(situation),
            Suggestion::DecideDay if situation.matter.new_day.is_some() => before_new_day(situation),
            Suggestion::DecideDay => {
                let two = situation.calendar.after(situation.now, WorkingTime::Days(2))?.at;
                // An answer after the day that they want it helps nobody.
                let next = situation.calendar.after(situation.now, WorkingTime::Days(0))?.at;
                let wanted = situation.wanted().filter(|wanted| wanted > situation.now && *wanted < two);
                Some(day(if wanted.is_some() { &next } else { &two }, situation.now))
            }
            Suggestion::Today => {
                // After hours it is the next day of work.
                let next = situation.calendar.after(situation.now, WorkingTime::Days(0))?;
                Some(calendar::day(next.at.date(), situation.now))
            }
            Suggestion::BackDay => {
                let last = away(situation)?.until.to_zoned(situation.calendar.zone.clone()).ok()?;
                let next = last.checked_add(jiff::Span::new().days(1)).ok()?;
                let back = situation.calendar.after(&next, WorkingTime::Days(0))?;
                Some(calendar::day(back.at.date(), situation.now))
            }
            Suggestion::RushSurcharge => match &policy.rush {
                Rush::OnTerms { surcharge: Some(surcharge), .. } => Some(share(surcharge)),
                _ => None,
            },
            Suggestion::RushNotice => match &policy.rush {
                Rush::OnTerms { notice, .. } => Some(format!("at least {notice}")),
                _ => None,
            },
            Suggestion::Discount => policy.discount.as_ref().map(|discount| share(&discount.most)),
            Suggestion::LateFee => policy.payment.late_fee.as_ref().map(share),
            Suggestion::PaymentDays => policy.payment.within_days.map(|days| days.to_string()),
            Suggestion::Deposit => policy.deposit.as_ref().map(|deposit| share(&deposit.share)),
            Suggestion::Revisions => policy.revisions.map(|rounds| rounds.to_string()),
            // "Robin Oak, robin@example.org"
            Suggestion::Partner => {
                situation.partner().map(|(_, who)| who.split(',').next().unwrap_or(who).trim().to_owned())
            }
            Suggestion::PartnerContact => {
                situation.partner().and_then(|(_, who)| Some(who.split_once(',')?.1.trim().to_owned()))
            }
            Suggestion::StandIn => away(situation).and_then(|absence| absence.stand_in.clone()),
            Suggestion::AwayFrom => away(situation).map(|absence| calendar::day(absence.from, situation.now)),
            Suggestion::AwayUntil => {
                away(situation).map(|absence| calendar::day(absence.until, situation.now))
            }
            Suggestion::Promised => situation
                .matter
                .promised
                .clone()
                .or_else(|| situation.history.open(Party::Owner).next().map(|owed| owed.what.clone())),
            Suggestion::NewDay => {
                let planned = situation.matter.new_day.map(|date| calendar::day(date, situation.now));
                planned.or_else(|| situation.earliest_usual().map(|at| day(&at.at, situation.now)))
            }
            Suggestion::Asked => {
                situation.matter.asked.as_ref().map(|question| format!("\u{201c}{question}\u{201d}"))
            }
            Suggestion::AskedDay => situation.matter.asked_at.map(|at| local_day(at, situation)),
            Suggestion::RuleDay => {
                let now = situation.now.timestamp();
                let told = ["emergency-pattern", "relationship-rule"]
                    .into_iter()
                    .filter_map(|template| situation.history.answered_with(template, now));
                told.max().map(|at| local_day(at, situation))
            }
            Suggestion::LastDay => situation.matter.last_day.map(|date| calendar::day(date, situation.now)),
        }
    }
}

/// The absence that a letter is about: named, or that of today.
fn away<'s>(situation: &'s Situation<'_>) -> Option<&'s Absence> {
    situation.matter.absence.as_ref().or_else(|| situation.calendar.absence_on(situation.now.date()))
}

/// The day in two working days, or the last day of work before an absence where that is earlier.
fn before_absence(situation: &Situation<'_>) -> Option<String> {
    let absence = situation.matter.absence.as_ref()?;
    let two = situation.calendar.after(situation.now, WorkingTime::Days(2))?.at.date();
    if two < absence.from || absence.from <= situation.now.date() {
        return Some(calendar::day(two, situation.now));
    }
    let next = situation.calendar.after(situation.now, WorkingTime::Days(0))?.at.date();
    let last = absence
        .from
        .series(jiff::Span::new().days(-1))
        .skip(1)
        .take_while(|day| *day >= next)
        .find(|day| situation.calendar.day(*day).is_ok());
    last.map(|day| calendar::day(day, situation.now))
}

/// The day in two working days, or the next one where the new day would come first.
fn before_new_day(situation: &Situation<'_>) -> Option<String> {
    let two = situation.calendar.after(situation.now, WorkingTime::Days(2))?.at;
    let next = situation.calendar.after(situation.now, WorkingTime::Days(0))?.at;
    let late = situation.matter.new_day.is_some_and(|new| two.date() >= new);
    Some(day(if late { &next } else { &two }, situation.now))
}

/// The day of a moment on the owner's clock.
fn local_day(at: Timestamp, situation: &Situation<'_>) -> String {
    calendar::day(at.to_zoned(situation.calendar.zone.clone()).date(), situation.now)
}

/// "Tuesday 24 November", or "today".
pub fn day(at: &Zoned, now: &Zoned) -> String {
    if at.date() == now.date() { "today".to_owned() } else { calendar::day(at.date(), now) }
}

/// "15:00", to the next half hour: nobody promises 15:07.
fn time(at: &Zoned) -> String {
    let minute = i32::from(at.minute());
    let up = if minute % 30 == 0 { 0 } else { 30 - minute % 30 };
    let rounded = at.time().wrapping_add(jiff::Span::new().minutes(up));
    rounded.strftime("%H:%M").to_string()
}

/// A share as it is said in a letter.
fn share(share: &Share) -> String {
    match share {
        Share::Percent(percent) => format!("{percent} percent"),
        Share::Amount(money) => Money::to_string(money),
    }
}

/// The concern that the response promise looks at: the most pressing.
pub(super) fn promise_word(concerns: &[Concern]) -> Option<&'static str> {
    Concern::ALL.into_iter().find(|concern| concerns.contains(concern)).map(Concern::word)
}
