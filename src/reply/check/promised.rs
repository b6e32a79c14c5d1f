//! What a reply promises: by its template, and by its own words. Read for the record, not for judgement.

use jiff::{Timestamp, Zoned};

use super::promises::clause;
use super::text::Reply;
use super::words::words;
use crate::boundary::Calendar;
use crate::boundary::moments::moments;
use crate::ledger::commitment::due;
use crate::ledger::{Party, Promise};

/// So much of a sentence stands for what it promises.
const LONGEST: usize = 90;

/// The promises of a reply with the moments that they are due. `known` are those of its template; one of them whose day does
/// not stand in the text any more has been taken out by the owner.
pub fn promised(
    body: &str,
    known: &[Promise],
    now: &Zoned,
    calendar: &Calendar,
) -> Vec<(Promise, Option<Timestamp>)> {
    let reply = Reply::of(body);
    let day = |at: Timestamp| at.to_zoned(calendar.zone.clone()).date();
    let spoken: Vec<jiff::civil::Date> =
        moments(reply.own, now, calendar).iter().map(|moment| moment.date).collect();
    // What the template tells of is not read out of its text again.
    let mut told: Vec<jiff::civil::Date> =
        known.iter().filter_map(|promise| due(&promise.by, now, calendar)).map(day).collect();
    let mut found: Vec<(Promise, Option<Timestamp>)> = known
        .iter()
        .map(|promise| (promise.clone(), due(&promise.by, now, calendar)))
        .filter(|(_, at)| at.is_none_or(|at| spoken.contains(&day(at))))
        // What a client may do is not owed.
        .filter(|(promise, _)| promise.who == Party::Owner || !is_left_open(promise))
        .collect();
    for range in &reply.sentences {
        let sentence = reply.sentence(range);
        for moment in moments(sentence, now, calendar) {
            // "If it doesn't suit you, tell me by Friday": nobody waits for it.
            let left_open =
                ["if ", "should ", "in case "].iter().any(|word| sentence.to_lowercase().starts_with(word));
            let Some(who) = whose(clause(sentence, &moment.range)).filter(|_| !left_open) else { continue };
            if told.contains(&moment.date) {
                continue;
            }
            told.push(moment.date);
            let by = sentence.get(moment.range.clone()).unwrap_or_default().to_owned();
            let end = moment.end(calendar).to_zoned(calendar.zone.clone()).ok().map(|at| at.timestamp());
            found.push((Promise { who, what: shortened(sentence), by, condition: None }, end));
        }
    }
    found
}

/// "only if another part matters more": nobody waits for it.
fn is_left_open(promise: &Promise) -> bool {
    promise.condition.as_ref().is_some_and(|condition| condition.to_lowercase().starts_with("only if"))
}

/// Whose part a sentence with a day in it is, if it is anybody's.
fn whose(clause: &str) -> Option<Party> {
    let lower = clause.to_lowercase();
    let asks = [
        "please",
        "send me",
        "tell me",
        "let me have",
        "let me know",
        "i need",
        "your yes",
        "pay ",
        "confirm",
        "is due",
    ];
    let asks = asks.iter().any(|word| lower.contains(word))
        && [" by ", " until ", " before ", "due on"].iter().any(|word| lower.contains(word));
    if asks {
        return Some(Party::Client);
    }
    let words = words();
    let is_work = words.work.stand_in(clause) && !words.not_work.stand_in(clause);
    (words.promise.stand_in(clause) || is_work).then_some(Party::Owner)
}

fn shortened(sentence: &str) -> String {
    let text = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_end_matches('.').to_owned();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST - 1).collect();
    format!("{}\u{2026}", cut.trim_end())
}
