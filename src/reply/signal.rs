//! Signals: what of a situation makes one reply fit better than another. Those of the client's words have their phrases in
//! `assets/phrasebook/situations.toml`; the others follow from history, calendar and policy (`situation.rs`).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::mail::{Message, ZoneKind};
use crate::triage::phrases::{Phrases, straight};

/// Declares the signals: name, word in files, and how much it weighs in the choice of a reply against others.
macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident $word:literal $weight:literal)*) => {
        /// A signal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Signal { $($(#[$doc])* $name,)* }

        impl Signal {
            /// All.
            pub const ALL: [Signal; [$($word),*].len()] = [$(Signal::$name),*];

            /// The word in files.
            pub fn word(self) -> &'static str {
                match self { $(Signal::$name => $word,)* }
            }

            /// How much it counts: a concern that fits counts ten.
            pub fn weight(self) -> i32 {
                match self { $(Signal::$name => $weight,)* }
            }
        }
    };
}

signals! {
    /// Speaks of taking money back through the bank or the law.
    Chargeback "chargeback" 22
    /// Speaks of a bad review.
    ReviewThreat "review-threat" 18
    /// Finds the price too high, or higher than said.
    Price "price" 8
    /// Something promised is late.
    Late "late" 9
    /// What was delivered is not right.
    Broken "broken" 7
    /// Work was left undone.
    Unfinished "unfinished" 8
    /// Insults or shouts.
    Rude "rude" 12
    /// Somebody else caused it.
    NotOurs "not-ours" 11
    /// Material of the client's is lost or missing.
    LostFiles "lost-files" 11
    /// A true accident.
    Accident "accident" 30
    /// Asks for a lower price.
    Discount "discount" 9
    /// Wants to pay in kind.
    Barter "barter" 11
    /// Wants to pay later.
    PayLater "pay-later" 11
    /// Wants the owner out of hours.
    OutOfHours "out-of-hours" 12
    /// Can't decide.
    Undecided "undecided" 10
    /// Wants more than was agreed.
    Extra "extra" 8
    /// Wants more of the owner's time.
    MoreTime "more-time" 10
    /// It is about the deposit.
    Deposit "deposit" 12
    /// Cancels.
    Cancel "cancel" 3
    /// Part of it was used or done.
    PartDone "part-done" 9
    /// Does not want it any more.
    ChangedMind "changed-mind" 4
    /// Wants to put it behind them.
    MakesUp "makes-up" 12
    /// Demands what nobody controls.
    OutOfControl "out-of-control" 11
    /// A part of it would do.
    PartWouldDo "part-would-do" 18
    /// Is content again, and has a thought for next time.
    Feedback "feedback" 12
    /// Is unhappy without saying with what.
    VagueDispleasure "vague-displeasure" 9
    /// It is about goods that were sent or handed over.
    Goods "goods" 8
    /// Asks for what is not the owner's trade.
    OtherTrade "other-trade" 9
    /// Asks for a small favour, just for once.
    SmallFavour "small-favour" 9
    /// Does not say what they mean.
    Unclear "unclear" 12
    /// Has heard that the owner is ill or kept at home.
    OwnerIll "owner-ill" 14
    /// Wants to talk over how it goes on.
    ReviewTalk "review-talk" 12
    /// The third emergency, or a later one.
    ThirdEmergency "third-emergency" 20
    /// The same complaint was answered before.
    AnsweredBefore "answered-before" 16
    /// An exception was made before.
    ExceptionBefore "exception-before" 5
    /// The owner has promised them something.
    PromiseOpen "promise-open" 2
    /// Something that the owner promised them is late.
    PromiseOverdue "promise-overdue" 10
    /// The client owes material or an answer.
    ClientOwes "client-owes" 12
    /// The client owes money.
    Unpaid "unpaid" 14
    /// They were reminded of it once.
    RemindedOnce "reminded-once" 16
    /// They were reminded of it twice.
    RemindedTwice "reminded-twice" 20
    /// They were told of a rule.
    RuleTold "rule-told" 20
    /// They were told that it costs more.
    SurchargeTold "surcharge-told" 12
    /// They were told what has to change.
    Warned "warned" 24
    /// They were told that it ends.
    NoticeGiven "notice-given" 28
    /// The third complaint, or a later one.
    SeveralComplaints "several-complaints" 9
    /// What they want can be done in its usual time.
    InTime "in-time" 4
    /// What they want can be done on rush terms.
    RushPossible "rush-possible" 10
    /// What they want can't be done by then.
    NoTime "no-time" 9
    /// The owner is away.
    Away "away" 14
    /// The day is full.
    Full "full" 10
    /// There is a partner for it.
    Partner "partner" 11
    /// The owner does no rush work.
    RushNever "rush-never" 9
    /// Money may go back by the policy.
    RefundOpen "refund-open" 5
    /// Money does not go back by the policy.
    RefundClosed "refund-closed" 12
    /// A repair or a replacement comes first.
    RepairFirst "repair-first" 6
    /// A reduction may be given.
    DiscountPossible "discount-possible" 2
}

impl Signal {
    /// The signal that a word names.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.word() == word)
    }
}

/// A signal that is there, and what it says in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Which.
    pub signal: Signal,
    /// As told to the owner: "third emergency since August".
    pub says: String,
}

/// `situations.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    signal: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    says: String,
    any: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

/// The phrases of one signal.
struct Spoken {
    signal: Signal,
    says: String,
    phrases: Phrases,
}

static BOOK: LazyLock<Vec<Spoken>> = LazyLock::new(|| {
    phrases(include_str!("../../assets/phrasebook/situations.toml"))
        .expect("the phrases are compiled in, and a test reads them")
});

fn phrases(text: &str) -> Result<Vec<Spoken>, String> {
    let book: Book = toml::from_str(text).map_err(|error| error.to_string())?;
    let read = |entry: Entry| {
        let signal = Signal::of_word(&entry.id).ok_or_else(|| format!("\"{}\" is no signal", entry.id))?;
        Ok(Spoken { signal, says: entry.says, phrases: Phrases::of(&entry.any, &entry.unless)? })
    };
    book.signal.into_iter().map(read).collect()
}

/// Compiles the phrases, where that has not been done.
pub fn prepare() {
    LazyLock::force(&BOOK);
}

/// What the writer of a message newly wrote, without its subject.
pub fn newly_written(message: &Message) -> String {
    message.body.zones_of(ZoneKind::New).map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

/// The signals in what a client newly wrote.
pub fn heard(message: &Message) -> Vec<Heard> {
    heard_in(&format!("{}. {}", message.subject, newly_written(message)))
}

/// The same in a text.
pub fn heard_in(text: &str) -> Vec<Heard> {
    let straight = straight(text);
    let sentences: Vec<String> = straight
        .split_inclusive(['.', '!', '?', '\n'])
        .map(|sentence| sentence.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|sentence| !sentence.is_empty())
        .collect();
    let whole = sentences.join(" ");
    let said = |spoken: &Spoken| Heard { signal: spoken.signal, says: format!("the client {}", spoken.says) };
    let mut found: Vec<Heard> =
        BOOK.iter().filter(|spoken| spoken.phrases.stand_in(&whole)).map(said).collect();
    // Who says with what they are unhappy is not unhappy with nothing in particular.
    let concrete = [Signal::Broken, Signal::Late, Signal::Unfinished, Signal::Price, Signal::NotOurs];
    if found.iter().any(|heard| concrete.contains(&heard.signal)) {
        found.retain(|heard| heard.signal != Signal::VagueDispleasure);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phrases_of_every_signal_of_words_are_read() {
        let book = phrases(include_str!("../../assets/phrasebook/situations.toml")).unwrap();
        let words = Signal::ALL.iter().take_while(|signal| **signal != Signal::ThirdEmergency);
        for signal in words {
            assert_eq!(book.iter().filter(|spoken| spoken.signal == *signal).count(), 1, "{signal:?}");
        }
    }
}
