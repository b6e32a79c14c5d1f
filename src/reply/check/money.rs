//! Money and work that is given away: held against what the owner has decided about refunds, discounts, deposits and rounds of
//! changes. What is not decided is not held against anything.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::text::{Reply, at};
use super::words::words;
use super::{Checked, Finding, FindingId};
use crate::boundary::{Money, Share};

/// Looks for one kind of too much in a sentence: where it stands, and what the owner has decided.
type Finder = fn(&Checked<'_>, &str) -> Option<(Range<usize>, String)>;

/// Money and work beyond what the owner has decided.
pub(super) fn finding(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    let finders: [Finder; 4] = [refund_beyond, discount_beyond, deposit_beyond, free_beyond];
    for range in &reply.sentences {
        let sentence = reply.sentence(range);
        for find in finders {
            if let Some((within, why)) = find(checked, sentence) {
                return Some(reply.finding(FindingId::BeyondPolicy, at(range, &within), why, None));
            }
        }
        // "I'm waiving it": what it is stands in a sentence before.
        if let Some(line) = checked.policy.deposit_line()
            && sentence.to_lowercase().contains("waiv")
            && reply.text().to_lowercase().contains("deposit")
        {
            let why = format!("policy: {line}");
            return Some(reply.finding(FindingId::BeyondPolicy, range.clone(), why, None));
        }
    }
    None
}

fn refund_beyond(checked: &Checked<'_>, sentence: &str) -> Option<(Range<usize>, String)> {
    static OVER_TIME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:from|since|in) (?:january|february|march|april|may|june|july|august|september|spring|summer|last (?:year|spring|summer))\b|\b(?:half a year|\w+ months|a year|months) (?:ago|later|old|on)\b|\b(?:although|even though|though) .{0,60}(?:days|months|weeks|over|past)")
            .expect("a fixed pattern, compiled by every test")
    });
    let refunds = &checked.policy.refunds;
    if !words().giving_back.stand_in(sentence) {
        return None;
    }
    let why = || format!("policy: {}", checked.policy.refund_line().unwrap_or_default());
    let amounts = Money::find_all(sentence, false);
    if let Some(Share::Amount(most)) = &refunds.most
        && let Some((place, _)) = amounts.iter().find(|(place, amount)| {
            amount_given_back(sentence, place)
                && (amount.exceeds(most).unwrap_or(amount.amount > most.amount))
        })
    {
        return Some((place.clone(), why()));
    }
    if refunds.within_days == Some(0) && !amounts.is_empty() {
        return Some((amounts[0].0.clone(), why()));
    }
    if refunds.within_days.is_some()
        && let Some(found) = OVER_TIME.find(sentence)
        && amounts.iter().any(|(place, _)| amount_given_back(sentence, place))
    {
        return Some((found.range(), why()));
    }
    None
}

/// Whether the money in this place goes back: "250 EUR of the 380 back" and not "of the 380".
fn amount_given_back(sentence: &str, place: &Range<usize>) -> bool {
    let before = sentence.get(..place.start).unwrap_or_default().to_lowercase();
    let after = sentence.get(place.end..).unwrap_or_default().to_lowercase();
    let of_what = before.trim_end().ends_with("of the")
        || before.trim_end().ends_with("out of")
        || before.trim_end().ends_with("instead of")
        || before.trim_end().ends_with("costs")
        || before.trim_end().ends_with("cost");
    let near = |text: &str| words().giving_back.stand_in(text);
    let before_near: String = before.chars().rev().take(50).collect::<Vec<_>>().into_iter().rev().collect();
    let after_near: String = after.chars().take(60).collect();
    !of_what && (near(&before_near) || near(&after_near))
}

fn discount_beyond(checked: &Checked<'_>, sentence: &str) -> Option<(Range<usize>, String)> {
    static OFF: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(\d+(?:[.,]\d+)?) ?(?:%|per ?cent) (?:off|discount|less|reduction|cheaper)|\b(?:knock|take|give you|taking|knocking|get|have|off(?:er)?) (?:\w+ ){0,2}(\d+(?:[.,]\d+)?) ?(?:%|per ?cent)|\b(a third|a quarter|half|a fifth|two thirds)(?: of)? (?:the price|off|price)|\b(half price)|\bdiscount of (\d+) ?(?:%|per ?cent)|\b(twenty|thirty|forty|fifty|fifteen|ten|twenty-five) per ?cent (?:off|less|discount|cheaper)")
            .expect("a fixed pattern, compiled by every test")
    });
    static INSTEAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:instead of|in place of|rather than|and not|down from|reduced from|usually|normally|is worth)\s+[€£$]?\s?(\d[\d.,]*)").expect("a fixed pattern, compiled by every test")
    });
    let most = match &checked.policy.discount.as_ref()?.most {
        Share::Percent(percent) => *percent,
        Share::Amount(_) => return None,
    };
    let why = || format!("policy: {}", checked.policy.discount_line().unwrap_or_default());
    // "I can't take off 20 %" gives nothing away.
    if words().refusal.stand_in(sentence) {
        return None;
    }
    if let Some(found) = OFF.captures(sentence) {
        let percent = (1..=6).find_map(|group| found.get(group)).map(|word| {
            match word.as_str().to_lowercase().as_str() {
                "a third" => 33.0,
                "a quarter" | "twenty-five" => 25.0,
                "half" | "half price" | "fifty" => 50.0,
                "two thirds" => 66.0,
                "a fifth" | "twenty" => 20.0,
                "thirty" => 30.0,
                "forty" => 40.0,
                "fifteen" => 15.0,
                "ten" => 10.0,
                number => number.replace(',', ".").parse().unwrap_or(0.0),
            }
        })?;
        if percent > most
            && !sentence.to_lowercase().contains("deposit")
            && !sentence.to_lowercase().contains("surcharge")
        {
            return Some((found.get(0)?.range(), why()));
        }
    }
    let was = INSTEAD.captures(sentence)?;
    let amount = |text: &str| text.trim_end_matches(['.', ',']).replace(',', "").parse::<f64>().ok();
    let before = amount(was.get(1)?.as_str())?;
    let now =
        Money::find_all(sentence.get(..was.get(0)?.start())?, true).last().map(|(_, money)| money.amount)?;
    let off = 100.0 * (before - now) / before;
    (off > most + 0.5 && off < 95.0)
        .then(|| (was.get(0).map(|found| found.range()).unwrap_or_default(), why()))
}

fn deposit_beyond(checked: &Checked<'_>, sentence: &str) -> Option<(Range<usize>, String)> {
    let line = checked.policy.deposit_line()?;
    let found = words().deposit_waived.first(sentence)?;
    sentence.to_lowercase().contains("deposit").then(|| (found, format!("policy: {line}")))
}

fn free_beyond(checked: &Checked<'_>, sentence: &str) -> Option<(Range<usize>, String)> {
    let words = words();
    let found = words.free_work.first(sentence)?;
    let beyond = words.free_work_beyond.stand_in(sentence) && !words.free_work_unless.stand_in(sentence);
    let rounds = checked.policy.revisions.map_or_else(
        || "you have not decided to give this away".to_owned(),
        |rounds| format!("policy: {rounds} rounds of changes are included"),
    );
    beyond.then_some((found, rounds))
}
