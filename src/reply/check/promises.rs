//! What is promised: whether it has a day, and whether that lies within the owner's hours, lead time and load.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::text::{Reply, at};
use super::words::words;
use super::{Checked, Finding, FindingId};
use crate::boundary::calendar::{Closed, day};
use crate::boundary::moments::{Moment, moments};
use crate::boundary::policy::Rush;
use crate::boundary::{Money, WorkingTime};

pub(super) fn findings(checked: &Checked<'_>, reply: &Reply<'_>) -> Vec<Finding> {
    let mut found = vague(checked, reply);
    found.extend(times(checked, reply));
    found
}

const DATE_IT: &str = "by a day that you can keep";

/// Promises without a day.
fn vague(checked: &Checked<'_>, reply: &Reply<'_>) -> Vec<Finding> {
    let words = words();
    let mut found = Vec::new();
    for (number, range) in reply.sentences.iter().enumerate() {
        let sentence = reply.sentence(range);
        let dated = |text: &str| !moments(text, checked.now, checked.calendar).is_empty() || has_span(text);
        let mut say = |within: &Range<usize>, why: &str| {
            found.push(reply.finding(
                FindingId::VaguePromise,
                at(range, within),
                why,
                Some(DATE_IT.to_owned()),
            ));
        };
        if let Some(within) = words.boundless.first(sentence) {
            say(&within, "this has no limit");
            continue;
        }
        if let Some(within) = words.trying.first(sentence) {
            if !dated(sentence) || sentence.to_lowercase().contains("try") {
                say(&within, "this promises to try; say what you will do, and by when");
            }
            continue;
        }
        let promises = words.promise.stand_in(sentence);
        if promises
            && let Some(within) = words.vague.all_but(sentence, &words.vague_unless).into_iter().next()
        {
            if !dated(&without(sentence, &within)) {
                say(&within, "this promises something without a day");
            }
            continue;
        }
        if promises && let Some(within) = words.back_to_you.first(sentence) {
            let next = reply.sentences.get(number + 1).map(|next| reply.sentence(next)).unwrap_or_default();
            let hangs = ["once", "after", "as soon as", "if ", "when you", "in case", "should"]
                .iter()
                .any(|word| sentence.to_lowercase().contains(word));
            if !dated(sentence) && !dated(next) && !hangs {
                say(&within, "this puts an answer off without a day");
            }
        }
    }
    found
}

fn without(sentence: &str, range: &Range<usize>) -> String {
    format!(
        "{} {}",
        sentence.get(..range.start).unwrap_or_default(),
        sentence.get(range.end..).unwrap_or_default()
    )
}

/// "within one working day of your yes", "in ten minutes".
fn has_span(text: &str) -> bool {
    static SPAN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:within|in|after|inside|takes?|for|than)\s+(?:\w+\s+){0,2}(?:an?|\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half an|a quarter of an|a fortnight)\s+(?:working |business )?(?:minutes?|hours?|days?|weeks?|months?)\b|\b(?:each|every) (?:day|week|weekday|month|\w+day)\b|\bthe same day\b|\bfive minutes\b")
            .expect("a fixed pattern, compiled by every test")
    });
    SPAN.is_match(text)
}

/// Promises against the calendar and the policy.
fn times(checked: &Checked<'_>, reply: &Reply<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut too_soon = None;
    for range in &reply.sentences {
        let sentence = reply.sentence(range);
        for moment in moments(sentence, checked.now, checked.calendar) {
            let clause = clause(sentence, &moment.range);
            if !words().work.stand_in(clause) || words().not_work.stand_in(clause) {
                continue;
            }
            let place = at(range, &moment.range);
            if let Some(finding) = off_hours(checked, reply, &moment, &place) {
                found.push(finding);
            } else if moment.names_day && checked.load.on(moment.date) >= checked.policy.promises_a_day {
                let why = format!("{} promises are due that day already", checked.load.on(moment.date));
                found.push(reply.finding(FindingId::FullDay, place, why, next_free(checked, &moment)));
            } else if moment.names_day && too_soon.is_none() {
                too_soon = lead_time(checked, reply, &moment, place, sentence);
            }
        }
    }
    found.extend(too_soon);
    found
}

/// The part of a sentence that a moment stands in.
pub(super) fn clause<'t>(sentence: &'t str, moment: &Range<usize>) -> &'t str {
    static CUT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)[;:(]|, | and (?:i|you|we|they|it)\b| if | provided | as long as | so that | when you | once | but | although | because | before your | before the ")
            .expect("a fixed pattern, compiled by every test")
    });
    // The words that join two clauses belong to the second: who does it.
    let end_of = |cut: regex::Match<'_>| {
        if cut.as_str().to_lowercase().starts_with(" and ") { cut.start() + 5 } else { cut.end() }
    };
    let start = CUT.find_iter(sentence).map(end_of).filter(|end| *end <= moment.start).last().unwrap_or(0);
    let end = CUT
        .find_iter(sentence)
        .map(|cut| cut.start())
        .find(|start| *start >= moment.end)
        .unwrap_or(sentence.len());
    // A clause that holds little but the moment takes in the one before it: "tomorrow, Wednesday 25 November,".
    let alone = moment.start.saturating_sub(start) < 6;
    let start = if alone {
        CUT.find_iter(sentence).map(end_of).filter(|cut| *cut < start).last().unwrap_or(0)
    } else {
        start
    };
    let end = if alone && end < sentence.len() && moment.start < 3 {
        CUT.find_iter(sentence).map(|cut| cut.start()).find(|cut| *cut > end).unwrap_or(sentence.len())
    } else {
        end
    };
    sentence.get(start..end).unwrap_or(sentence)
}

/// A moment at which the owner does not work.
fn off_hours(
    checked: &Checked<'_>,
    reply: &Reply<'_>,
    moment: &Moment,
    place: &Range<usize>,
) -> Option<Finding> {
    let say = |id, why| Some(reply.finding(id, place.clone(), why, next_free(checked, moment)));
    match checked.calendar.day(moment.date) {
        Err(Closed::Away(until)) => {
            say(FindingId::Absence, format!("you are away until {}", day(until, checked.now)))
        }
        Err(Closed::Holiday(name)) => say(FindingId::OutsideHours, format!("that day is {name}")),
        Err(_) => say(FindingId::OutsideHours, format!("you don't work on {}s", moment.date.strftime("%A"))),
        Ok(stretches) => {
            let (first, last) = (stretches.first()?.0, stretches.last()?.1);
            // A break is the owner's own; they may well mean its end.
            if (first..=last).contains(&moment.time?) {
                return None;
            }
            let (first, last) = (first.strftime("%-H:%M"), last.strftime("%-H:%M"));
            say(FindingId::OutsideHours, format!("you work from {first} to {last} that day"))
        }
    }
}

/// The next time after it that the owner works and the day is not full; nothing where the next months are full.
fn next_free(checked: &Checked<'_>, moment: &Moment) -> Option<String> {
    let spoken = moment.end(checked.calendar).to_zoned(checked.calendar.zone.clone()).ok()?;
    let from = spoken.max(checked.now.clone());
    let next = checked.calendar.after(&from, WorkingTime::Days(0))?;
    let free = checked.load.free_from(next, checked.calendar, checked.policy.promises_a_day)?;
    Some(day(free.at.date(), checked.now))
}

/// Work that is promised sooner than it is usually done, and without the terms for that.
fn lead_time(
    checked: &Checked<'_>,
    reply: &Reply<'_>,
    moment: &Moment,
    place: Range<usize>,
    sentence: &str,
) -> Option<Finding> {
    static DELIVERED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:ready|done|finished|live|in your (?:inbox|hands)|with you|you(?:'|\u{2019})?(?:ll|d| will| can)? (?:have|get|receive|collect|fetch|pick|hold)|deliver\w*|pick (?:it|them) up|reach(?:es)? you|will be up|let out|yours|i(?:'|\u{2019})ll (?:make|bake|do|write|build|send|finish|have|print|bring|draw|edit|sew|fix|get|translate|paint|set|photograph|shoot)|hemmed|serviced|glued|repaired|printed|finish)\b")
            .expect("a fixed pattern, compiled by every test")
    });
    static ORDERED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:order|yes today|confirm|from scratch|all (?:five|six|four|three|ten|of them)|print file|draft|pages)\b").expect("a fixed pattern, compiled by every test")
    });
    let text = reply.text();
    let about = checked
        .original
        .map(|original| format!("{}\n{}", original.subject, original.body.text))
        .unwrap_or_default();
    let (_, usual) = checked.policy.lead_time_for(&format!("{about}\n{text}"))?;
    let earliest = checked.calendar.after(checked.now, usual)?;
    let end = moment.end(checked.calendar).to_zoned(checked.calendar.zone.clone()).ok()?;
    // An answer is promised in working days, a delivery for a day.
    if sentence.get(moment.range.clone()).is_some_and(|words| words.to_lowercase().contains("working day")) {
        return None;
    }
    // The day counts: whoever promises the fifth day promises its end.
    if end.date() >= earliest.at.date() || !DELIVERED.is_match(sentence) || words().prompt.stand_in(&text) {
        return None;
    }
    // A new order names its price or its work; an answer or a call does not.
    let priced = !Money::find_all(&text, false).is_empty();
    let ordered = ORDERED.is_match(&text);
    if !priced && !ordered {
        return None;
    }
    let why = match &checked.policy.rush {
        Rush::OnTerms { surcharge: Some(surcharge), .. } => {
            format!("your work takes {usual}, and rush work costs {surcharge} on top")
        }
        _ => format!("your work takes {usual}: {earliest}"),
    };
    let instead = Some(day(earliest.at.date(), checked.now));
    Some(reply.finding(FindingId::LeadTime, place, why, instead))
}
