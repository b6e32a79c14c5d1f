//! The check before sending: what in a reply the owner may want to look at again, against their policy, their calendar, the
//! conversation and plain good manners. Pure. It changes nothing and hinders nothing: each finding quotes the words, says
//! why, and offers better ones where there are any. It would rather miss a doubtful one than cry wolf.
//!
//! `check/private.rs` keeps private notes private, `check/text.rs` tells the owner's own words from the rest, `check/envelope.rs` looks at who gets it, `check/promises.rs`
//! at what is promised, `check/money.rs` at what is given away, `check/manner.rs` at how it is said; the phrases stand in
//! `assets/phrasebook/check.toml`.

mod envelope;
mod manner;
mod money;
mod private;
mod promised;
mod promises;
mod text;
mod words;

use jiff::Zoned;
use serde::Serialize;

use crate::boundary::{Calendar, Policy};
use crate::ledger::Load;
use crate::mail::{Address, Message};
use crate::reply::leftovers;

pub use promised::promised;
use text::Reply;

/// What may be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is said by its word; docs/guide.md has the table")]
pub enum FindingId {
    Placeholder,
    EmptyName,
    WrongName,
    NewRecipient,
    ReplyAll,
    MissingAttachment,
    VaguePromise,
    OutsideHours,
    Absence,
    LeadTime,
    FullDay,
    BeyondPolicy,
    BareRefusal,
    OpenEndedYes,
    OverApology,
    Blame,
    Anger,
    PrivateNote,
}

impl FindingId {
    /// All.
    pub const ALL: [FindingId; 18] = [
        FindingId::Placeholder,
        FindingId::EmptyName,
        FindingId::WrongName,
        FindingId::NewRecipient,
        FindingId::ReplyAll,
        FindingId::MissingAttachment,
        FindingId::VaguePromise,
        FindingId::OutsideHours,
        FindingId::Absence,
        FindingId::LeadTime,
        FindingId::FullDay,
        FindingId::BeyondPolicy,
        FindingId::BareRefusal,
        FindingId::OpenEndedYes,
        FindingId::OverApology,
        FindingId::Blame,
        FindingId::Anger,
        FindingId::PrivateNote,
    ];

    /// The word in JSON and in the table.
    pub fn word(self) -> &'static str {
        match self {
            FindingId::Placeholder => "placeholder",
            FindingId::EmptyName => "empty-name",
            FindingId::WrongName => "wrong-name",
            FindingId::NewRecipient => "new-recipient",
            FindingId::ReplyAll => "reply-all",
            FindingId::MissingAttachment => "missing-attachment",
            FindingId::VaguePromise => "vague-promise",
            FindingId::OutsideHours => "outside-hours",
            FindingId::Absence => "absence",
            FindingId::LeadTime => "lead-time",
            FindingId::FullDay => "full-day",
            FindingId::BeyondPolicy => "beyond-policy",
            FindingId::BareRefusal => "bare-refusal",
            FindingId::OpenEndedYes => "open-ended-yes",
            FindingId::OverApology => "over-apology",
            FindingId::Blame => "blame",
            FindingId::Anger => "anger",
            FindingId::PrivateNote => "private-note",
        }
    }
}

/// Something to look at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What sort of thing it is.
    pub id: FindingId,
    /// The words; empty where it is about the whole.
    pub quote: String,
    /// Where they begin in the text that was checked, in bytes.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// Why, in one line.
    pub why: String,
    /// What could stand there instead, where there is a better wording.
    pub instead: Option<String>,
}

/// A reply as it would go out, and what it is held against.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    /// The whole text, with signature and quoted original.
    pub body: &'a str,
    /// `To`.
    pub to: &'a [Address],
    /// `Cc`.
    pub cc: &'a [Address],
    /// How many files go with it.
    pub attachments: usize,
    /// The message that it answers.
    pub original: Option<&'a Message>,
    /// The owner's addresses.
    pub own: &'a [Address],
    /// What the owner has decided.
    pub policy: &'a Policy,
    /// When the owner works.
    pub calendar: &'a Calendar,
    /// What the owner noted about the client, for themselves alone.
    pub private: &'a [&'a str],
    /// What is promised already.
    pub load: &'a Load,
    /// The time.
    pub now: &'a Zoned,
}

/// All findings, in the order of the text.
pub fn check(checked: &Checked<'_>) -> Vec<Finding> {
    let reply = Reply::of(checked.body);
    let mut found = placeholders(&reply);
    found.extend(envelope::findings(checked, &reply));
    found.extend(promises::findings(checked, &reply));
    found.extend(money::finding(checked, &reply));
    found.extend(private::finding(checked, &reply));
    found.extend(manner::findings(checked, &reply));
    found.sort_by_key(|finding| (finding.start, finding.id));
    // One word says it; the same flaw once a sentence is enough.
    found.dedup_by(|later, earlier| {
        later.id == earlier.id && later.start < earlier.end.max(earlier.start + 1)
    });
    found
}

/// What was left to be filled in, in more shapes than the ones that hinder sending.
fn placeholders(reply: &Reply<'_>) -> Vec<Finding> {
    use std::sync::LazyLock;

    use regex::Regex;
    static MORE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            r"_{2,}(?::_{2,})?",
            r"\b(?:xxx+|XX+)\b",
            r"\{[A-Za-z][A-Za-z0-9_ -]{0,40}\}",
            r"\((?i:check|todo|tbc|tbd|insert|add|ask|confirm|look up|fill in|note to self|verify)\b[^)\n]{0,80}\)",
            r"\b(?:TBC|TBD|TK|FIXME)\b",
            r"<(?i:[a-z]+(?: (?:and |or )?[a-z]+){0,3})>",
            r"\[(?i:price|link|place|item|order|product|title|topic|thing|sum|total|url|street|city|town|ref|reference|reason|service|job|work|project|file|image|photo|details?|client|customer)\]",
            r"\?\?\?+|\.\.\.\.\.+",
        ]
        .iter()
        .map(|shape| Regex::new(shape).expect("a fixed pattern, compiled by every test"))
        .collect()
    });
    let whole = leftovers(reply.own).into_iter().map(|left| left.start..left.end);
    let more = MORE
        .iter()
        .flat_map(|shape| shape.find_iter(reply.own).map(|found| found.range()).collect::<Vec<_>>());
    let mut spans: Vec<_> = whole.chain(more).filter(|span| !reply.is_quoted(span.start)).collect();
    spans.sort_by_key(|span| span.start);
    spans.dedup_by(|later, earlier| later.start < earlier.end);
    spans
        .into_iter()
        .map(|span| reply.finding(FindingId::Placeholder, span, "this still has to be filled in", None))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_its_word() {
        for id in FindingId::ALL {
            assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{}\"", id.word()));
        }
    }
}
