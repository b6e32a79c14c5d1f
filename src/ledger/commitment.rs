//! Who is owed what by when. A commitment is made by a sent reply; it is open until the owner says that it is kept or
//! released. What is late follows from the clock. Also how much is promised for a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;

use super::Party;
use crate::boundary::moments::moments;
use crate::boundary::{Calendar, Closed, Reckoned, WorkingTime};
use crate::mail::Address;

/// So many working days ahead a free one is looked for.
const MOST_DAYS: usize = 120;

/// Where a commitment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CommitmentState {
    /// Still to be done.
    Open,
    /// Done.
    Kept,
    /// Not owed any more.
    Released,
}

impl CommitmentState {
    /// All.
    pub const ALL: [CommitmentState; 3] =
        [CommitmentState::Open, CommitmentState::Kept, CommitmentState::Released];

    /// The word in the store and on screen.
    pub fn word(self) -> &'static str {
        match self {
            CommitmentState::Open => "open",
            CommitmentState::Kept => "kept",
            CommitmentState::Released => "released",
        }
    }
}

/// A promise that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Its number in the store.
    pub id: i64,
    /// The client.
    pub client: Address,
    /// Who is to do it.
    pub who: Party,
    /// What.
    pub what: String,
    /// By when, as it was said.
    pub by: String,
    /// The moment that this is; none where it hangs on something that is yet to come.
    pub due: Option<Timestamp>,
    /// What has to come first.
    pub condition: Option<String>,
    /// Where it stands.
    pub state: CommitmentState,
    /// When it was given.
    pub made_at: Timestamp,
    /// How often it was moved.
    pub moved: u32,
    /// The message whose reply gave it, by its number in the store.
    pub message: Option<i64>,
    /// When it was kept or released.
    pub settled_at: Option<Timestamp>,
}

impl Commitment {
    /// Open, and its time is over.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state == CommitmentState::Open && self.due.is_some_and(|due| due < now)
    }

    /// Open, and due on the day of `now`, later than it.
    pub fn is_due_today(&self, now: &Zoned) -> bool {
        let day = |at: Timestamp| at.to_zoned(now.time_zone().clone()).date();
        self.state == CommitmentState::Open
            && self.due.is_some_and(|due| due >= now.timestamp() && day(due) == now.date())
    }

    /// Still to be done.
    pub fn is_open(&self) -> bool {
        self.state == CommitmentState::Open
    }

    /// Whether it is about money that goes back to the client.
    pub fn is_refund(&self) -> bool {
        let what = self.what.to_lowercase();
        self.who == Party::Owner
            && ["refund", "money back", "pay back", "paid back", "return of the deposit", "reimburse"]
                .iter()
                .any(|word| what.contains(word))
    }

    /// Whether it is about money that the client owes.
    pub fn is_payment(&self) -> bool {
        let what = self.what.to_lowercase();
        self.who == Party::Client
            && ["payment", "pay ", "invoice", "balance"].iter().any(|word| what.contains(word))
    }

    /// What a message of the client says about its condition, if it seems to meet it: an answer that agrees, or that brings
    /// something along.
    pub fn met_by<'t>(&self, text: &'t str, attachments: usize) -> Option<&'t str> {
        if self.state != CommitmentState::Open || self.condition.is_none() {
            return None;
        }
        let lower = text.to_lowercase();
        let refuses = [
            "no thanks",
            "no thank",
            "rather not",
            "don't want",
            "cancel",
            "changed my mind",
            "not go ahead",
        ];
        if refuses.iter().any(|words| lower.contains(words)) {
            return None;
        }
        let agrees = |sentence: &&str| {
            let lower = sentence.to_lowercase();
            let words: Vec<&str> =
                lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).collect();
            let opens = words.first().is_some_and(|first| {
                ["yes", "yep", "yeah", "ok", "okay", "agreed", "perfect", "fine", "deal", "great"]
                    .contains(first)
            });
            let phrases = [
                "go ahead",
                "please do",
                "that works",
                "happy with that",
                "sounds good",
                "i agree",
                "we agree",
                "here is",
                "here are",
                "here's",
                "attached",
                "enclosed",
                "as promised",
                "have paid",
                "have transferred",
                "just paid",
                "sent you the",
                "that's fine",
                "let's do",
            ];
            opens || phrases.iter().any(|phrase| lower.contains(phrase))
        };
        let clauses = text
            .split_inclusive(['.', '!', '?', '\n', ',', ';'])
            .map(|clause| clause.trim().trim_end_matches(','));
        let sentence = clauses.into_iter().find(agrees);
        sentence.or((attachments > 0).then(|| text.trim().lines().next().unwrap_or_default()))
    }
}

/// The moment that a "by when" means, as said at `now`; none where it hangs on something else.
pub fn due(by: &str, now: &Zoned, calendar: &Calendar) -> Option<Timestamp> {
    let hangs = [" after ", " of their ", " of your ", " once ", " from their ", " from your "];
    let spoken = format!(" {} ", by.to_lowercase());
    if hangs.iter().any(|word| spoken.contains(word)) {
        return None;
    }
    let moment = moments(by, now, calendar).into_iter().next()?;
    // "25:00" is a time that there is not.
    let clock = by
        .as_bytes()
        .windows(3)
        .any(|three| three[0].is_ascii_digit() && three[1] == b':' && three[2].is_ascii_digit());
    if clock && moment.time.is_none() {
        return None;
    }
    let end = moment.end(calendar).to_zoned(calendar.zone.clone()).ok()?;
    Some(end.timestamp())
}

/// What the owner has promised, by the day on which it is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load(BTreeMap<Date, u16>);

impl Load {
    /// That of open commitments.
    pub fn of<'c>(commitments: impl IntoIterator<Item = &'c Commitment>, zone: &TimeZone) -> Self {
        let mut load = Self::default();
        for commitment in commitments {
            if let (CommitmentState::Open, Party::Owner, Some(due)) =
                (commitment.state, commitment.who, commitment.due)
            {
                load.add(due.to_zoned(zone.clone()).date(), 1);
            }
        }
        load
    }

    /// So many more for a day.
    pub fn add(&mut self, date: Date, count: u16) {
        *self.0.entry(date).or_default() += count;
    }

    /// The moment itself where its day has fewer promises than make a day full, else the same a working day later, and so
    /// on; nothing where the next months are full.
    pub fn free_from(&self, mut at: Reckoned, calendar: &Calendar, full: u16) -> Option<Reckoned> {
        for _ in 0..MOST_DAYS {
            let date = at.at.date();
            if self.on(date) < full {
                return Some(at);
            }
            let next = calendar.after(&at.at, WorkingTime::Days(1))?;
            at.passed.push((date, Closed::Full));
            at.passed.extend(next.passed);
            at.at = next.at;
        }
        None
    }

    /// How many there are on a day.
    pub fn on(&self, date: Date) -> u16 {
        self.0.get(&date).copied().unwrap_or(0)
    }
}

/// How long ago a day's end lies, in words for a list: "due today", "2 days late".
pub fn lateness(due: Timestamp, now: &Zoned) -> String {
    let then = due.to_zoned(now.time_zone().clone());
    let days = now.date().since(then.date()).map_or(0, |span| span.get_days());
    match days {
        _ if due >= now.timestamp() && days == 0 => format!("today {}", then.strftime("%-H:%M")),
        0 => format!("since {}", then.strftime("%-H:%M")),
        1 => "1 day late".to_owned(),
        days if days > 1 => format!("{days} days late"),
        -1 => format!("tomorrow {}", then.strftime("%-H:%M")),
        _ if due.duration_since(now.timestamp()) < SignedDuration::from_hours(24 * 300) => {
            then.strftime("%a %-d %b %-H:%M").to_string()
        }
        _ => then.strftime("%-d %b %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-24T10:00[Europe/London]".parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar { zone: TimeZone::get("Europe/London").unwrap(), ..Calendar::default() }
    }

    fn commitment(condition: Option<&str>) -> Commitment {
        Commitment {
            id: 1,
            client: Address::new("Ann Lee", "ann@example.com"),
            who: Party::Owner,
            what: "the menus".to_owned(),
            by: "Friday".to_owned(),
            due: due("Friday", &now(), &calendar()),
            condition: condition.map(str::to_owned),
            state: CommitmentState::Open,
            made_at: now().timestamp(),
            moved: 0,
            message: None,
            settled_at: None,
        }
    }

    #[test]
    fn a_due_date_is_the_end_of_what_was_said() {
        let said = |by: &str| due(by, &now(), &calendar()).map(|at| at.to_string());
        assert_eq!(said("Friday 27 November 12:00").as_deref(), Some("2026-11-27T12:00:00Z"));
        assert_eq!(said("Friday 27 November").as_deref(), Some("2026-11-27T17:00:00Z"));
        assert_eq!(said("one working day after their yes"), None);
        assert_eq!(said("when it is done"), None);
        assert_eq!(said("tomorrow 25:00"), None);
    }

    #[test]
    fn what_is_late_and_what_is_due_today_follow_from_the_clock() {
        let mut one = commitment(None);
        let at = |text: &str| text.parse::<Zoned>().unwrap();
        assert!(!one.is_overdue(now().timestamp()));
        assert!(one.is_due_today(&at("2026-11-27T09:00[Europe/London]")));
        assert!(one.is_overdue(at("2026-11-27T17:01[Europe/London]").timestamp()));
        one.state = CommitmentState::Kept;
        assert!(!one.is_overdue(at("2026-11-28T09:00[Europe/London]").timestamp()));
    }

    #[test]
    fn an_answer_that_meets_the_condition_is_seen() {
        let one = commitment(Some("their yes by Wednesday"));
        let rows = [
            ("Hi Kim, yes please, do it.", 0, true),
            ("Thanks. That works for me.", 0, true),
            ("The text is attached.", 1, true),
            ("", 1, true),
            ("Hm, what would it cost without the border?", 0, false),
            ("Yes I know, but I'd rather not pay that.", 0, false),
            ("Please cancel it, yes really.", 0, false),
        ];
        for (text, attachments, meets) in rows {
            assert_eq!(one.met_by(text, attachments).is_some(), meets, "{text}");
        }
        assert_eq!(commitment(None).met_by("Yes!", 0), None);
    }

    #[test]
    fn a_day_has_what_is_promised_for_it() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let one = commitment(None);
        let theirs = Commitment { who: Party::Client, ..one.clone() };
        let kept = Commitment { state: CommitmentState::Kept, ..one.clone() };
        let load = Load::of([&one, &one, &theirs, &kept], &zone);
        assert_eq!(load.on(jiff::civil::date(2026, 11, 27)), 2);
        assert_eq!(load.on(jiff::civil::date(2026, 11, 26)), 0);
    }
}
