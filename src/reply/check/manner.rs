//! How it is said: apologies, blame, anger, a bare no, a yes without terms.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::text::{Reply, at};
use super::words::words;
use super::{Checked, Finding, FindingId};
use crate::boundary::Money;
use crate::boundary::moments::moments;

/// Between these hours what is written is written at night.
const NIGHT: (i8, i8) = (22, 5);

pub(super) fn findings(checked: &Checked<'_>, reply: &Reply<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(over_apology(reply));
    found.extend(blame(reply));
    found.extend(anger(checked, reply));
    found.extend(bare_refusal(checked, reply));
    found.extend(open_ended_yes(checked, reply));
    found
}

fn over_apology(reply: &Reply<'_>) -> Option<Finding> {
    let words = words();
    let instead = Some("one apology, for what is yours, and then what you do about it".to_owned());
    let mut apologies = Vec::new();
    for range in &reply.sentences {
        let sentence = reply.sentence(range);
        if let Some(found) = words.apology_for_them.first(sentence) {
            let why = "this apologises for what is not yours to apologise for";
            return Some(reply.finding(FindingId::OverApology, at(range, &found), why, None));
        }
        if let Some(found) = words.grovelling.first(sentence) {
            let why = "this is more apology than a client needs; one is enough";
            return Some(reply.finding(FindingId::OverApology, at(range, &found), why, instead));
        }
        apologies.extend(
            words.apology.all_but(sentence, &words.apology_unless).iter().map(|found| at(range, found)),
        );
    }
    let again = apologies.get(1)?.clone();
    let why = format!("this is apology number 2 of {}; one is enough", apologies.len());
    Some(reply.finding(FindingId::OverApology, again, why, instead))
}

fn blame(reply: &Reply<'_>) -> Vec<Finding> {
    let words = words();
    let find = |range: &Range<usize>| {
        let found = words.blame.all_but(reply.sentence(range), &words.blame_unless).into_iter().next()?;
        let why = "this blames or lectures; say what is, and what comes next";
        Some(reply.finding(
            FindingId::Blame,
            at(range, &found),
            why,
            better(&reply.sentence(range)[found.clone()]),
        ))
    };
    reply.sentences.iter().filter_map(find).collect()
}

/// A better wording for the most frequent ones.
fn better(words: &str) -> Option<String> {
    let lower = words.to_lowercase();
    let rows = [
        ("as i", "leave it out, and say it once more"),
        ("per my last", "leave it out, and say it once more"),
        ("obviously", "leave it out"),
        ("you should have", "from now on it helps me if you ..."),
        ("you didn't", "I have not had ... yet"),
        ("you failed", "I have not had ... yet"),
        ("you never", "I have not had ... yet"),
        ("if you had", "from now on it helps me if you ..."),
    ];
    rows.iter().find(|(start, _)| lower.starts_with(start)).map(|(_, instead)| (*instead).to_owned())
}

/// Words in capitals that are none of the usual short forms.
static SHOUTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[A-Z]{3,}\b|\bNO\b|\bSO\b|\bMY\b").expect("a fixed pattern, compiled by every test")
});
const SHORT_FORMS: [&str; 78] = [
    "PDF", "VAT", "EUR", "GBP", "USD", "CHF", "FYI", "PS", "RSVP", "USB", "HTML", "CSS", "SEO", "FAQ", "DIY",
    "TBC", "ETA", "ISBN", "IBAN", "BIC", "HMRC", "LED", "DNA", "GCSE", "NHS", "BBC", "UK", "USA", "EU",
    "RAW", "JPG", "JPEG", "PNG", "TIFF", "SVG", "CSV", "XML", "URL", "DNS", "SSL", "TLS", "HTTP", "HTTPS",
    "WWW", "SMS", "GPS", "PIN", "ID", "CV", "HR", "IT", "TV", "DVD", "CD", "ISO", "RGB", "CMYK", "DPI",
    "PPI", "MDF", "PVC", "MOT", "PAYE", "UTR", "ISA", "SIM", "WIFI", "IMAP", "SMTP", "CRM", "CMS", "API",
    "NDA", "AGM", "ECG", "ASAP", "TODO", "FIXME",
];

fn anger(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    let words = words();
    for range in &reply.sentences {
        if let Some(found) = words.anger.all_but(reply.sentence(range), &words.anger_unless).first() {
            let why = "this sounds angry or sarcastic, whatever the reason; it will be read more than once";
            return Some(reply.finding(FindingId::Anger, at(range, found), why, None));
        }
    }
    let shouted: Vec<Range<usize>> = reply
        .sentences
        .iter()
        .flat_map(|range| {
            SHOUTED
                .find_iter(reply.sentence(range))
                .map(|found| at(range, &found.range()))
                .collect::<Vec<_>>()
        })
        .filter(|range| {
            let word = &reply.own[range.clone()];
            !SHORT_FORMS.contains(&word) && !names(checked).contains(word)
        })
        .collect();
    if shouted.len() >= 2
        || shouted.iter().any(|range| {
            ["NOT", "NEVER", "NOW", "AGAIN", "NO", "ALWAYS", "STOP", "TOO"]
                .contains(&&reply.own[range.clone()])
        })
    {
        let why = "capitals read as shouting";
        return shouted.first().map(|range| {
            reply.finding(FindingId::Anger, range.clone(), why, Some("the same in small letters".to_owned()))
        });
    }
    let marks: Vec<usize> = reply
        .sentences
        .iter()
        .flat_map(|range| {
            reply.sentence(range).match_indices('!').map(|(at, _)| range.start + at).collect::<Vec<_>>()
        })
        .collect();
    let doubled = marks.windows(2).find(|pair| pair[1] == pair[0] + 1);
    let hour = checked.now.with_time_zone(checked.calendar.zone.clone()).hour();
    let at_night = hour >= NIGHT.0 || hour < NIGHT.1;
    let many = marks.len() > 3 || (at_night && marks.len() > 1);
    let first = doubled.map(|pair| pair[0]).or_else(|| many.then(|| marks[0]))?;
    let why = if at_night {
        "written at night, with this many exclamation marks: sleep on it"
    } else {
        "exclamation marks in a row read as anger"
    };
    Some(reply.finding(FindingId::Anger, first..first + 1, why, Some("a full stop".to_owned())))
}

/// Names in capitals that belong to the conversation.
fn names(checked: &Checked<'_>) -> String {
    let original = checked
        .original
        .map(|original| format!("{} {}", original.subject, original.body.text))
        .unwrap_or_default();
    let to = checked.to.iter().map(|address| address.name.as_str()).collect::<Vec<_>>().join(" ");
    format!("{original} {to}")
}

/// A no that leaves no way open.
fn bare_refusal(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    let words = words();
    let refused = reply.sentences.iter().find_map(|range| {
        let found = words.refusal.first(reply.sentence(range))?;
        Some(at(range, &found))
    })?;
    let asks = reply.sentences.last().is_some_and(|range| reply.sentence(range).ends_with('?'));
    // A way out stands in another sentence, or behind a "but" in the same.
    let elsewhere = reply.sentences.iter().any(|range| {
        let sentence = reply.sentence(range);
        let same = range.contains(&refused.start);
        let part = if same { behind_a_but(sentence, refused.start - range.start) } else { sentence };
        let dated = || {
            words.work.stand_in(part)
                && !part.to_lowercase().starts_with("see you")
                && moments(part, checked.now, checked.calendar)
                    .iter()
                    .any(|moment| moment.date >= checked.now.date())
        };
        words.way_out.stand_in(part) || dated()
    });
    if asks || elsewhere {
        return None;
    }
    let why = "this says no and nothing else";
    let instead = "what you can do, who else could, or what they can do next".to_owned();
    Some(reply.finding(FindingId::BareRefusal, refused, why, Some(instead)))
}

/// What follows a "but" or the like after a place in a sentence; the whole part before a refusal counts, too.
fn behind_a_but(sentence: &str, refused: usize) -> &str {
    static BUT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:but|however|though|instead|only|unless|until|except|if)\b|[:;\u{2013}\u{2014}]")
            .expect("a fixed pattern, compiled by every test")
    });
    let tail = sentence.get(refused..).unwrap_or_default();
    match BUT.find(tail) {
        Some(but) if but.as_str().to_lowercase() != "until" => &tail[but.start()..],
        _ => "",
    }
}

/// A yes without day, price, condition or limit.
fn open_ended_yes(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    let words = words();
    // What asks for something is what a yes takes on.
    let accepted = reply.sentences.iter().find_map(|range| {
        let found = words.acceptance.first(reply.sentence(range))?;
        Some(at(range, &found))
    })?;
    let text = reply.text();
    let has_terms = words.terms.stand_in(&text)
        || !Money::find_all(&text, false).is_empty()
        || !moments(&text, checked.now, checked.calendar).is_empty();
    if has_terms {
        return None;
    }
    let why = "this says yes without a day, a price or a condition";
    let instead = "what, by when, and on which terms".to_owned();
    Some(reply.finding(FindingId::OpenEndedYes, accepted, why, Some(instead)))
}
