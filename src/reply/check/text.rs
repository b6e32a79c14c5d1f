//! The owner's own words in a reply: without signature and quoted lines, cut into sentences, with the greeting apart.

use std::ops::Range;

use super::{Finding, FindingId};
use crate::reply::own_text_end;

/// A reply as it is looked at.
pub struct Reply<'a> {
    /// The owner's own text, from the beginning of the body; quoted lines may stand in it.
    pub own: &'a str,
    /// The greeting: the first line with words, where it is one.
    pub greeting: Option<Range<usize>>,
    /// The sentences below it, without quoted lines, sign-off and name.
    pub sentences: Vec<Range<usize>>,
}

/// Words that a greeting begins with.
const GREETINGS: [&str; 12] = [
    "hello",
    "hi",
    "hey",
    "dear",
    "good",
    "morning",
    "afternoon",
    "evening",
    "hiya",
    "greetings",
    "thanks",
    "thank",
];
/// A sentence beyond this many bytes is none.
const LONGEST: usize = 4000;
/// A line with no more words than this, at the end, is a sign-off or a name.
const SHORT: usize = 6;
/// Words that a sign-off begins with.
const SIGN_OFFS: [&str; 24] = [
    "kind",
    "best",
    "warm",
    "warmly",
    "regards",
    "yours",
    "with",
    "all",
    "many",
    "cheers",
    "sincerely",
    "love",
    "take",
    "thanks",
    "thank",
    "bye",
    "speak",
    "see",
    "until",
    "have",
    "warmest",
    "wishing",
    "my",
    "ride",
];

impl<'a> Reply<'a> {
    /// Takes a body apart.
    pub fn of(body: &'a str) -> Self {
        let own = body.get(..own_text_end(body)).unwrap_or(body);
        let lines = lines(own);
        let written: Vec<&Range<usize>> = lines
            .iter()
            .filter(|line| {
                !own[(*line).clone()].trim().is_empty() && !own[(*line).clone()].trim_start().starts_with('>')
            })
            .collect();
        let greeting =
            written.first().filter(|line| is_greeting(&own[(**line).clone()])).map(|line| (*line).clone());
        let end = sign_off(own, &written);
        let mut sentences = Vec::new();
        for line in &written {
            if Some(*line) != greeting.as_ref() && line.start < end {
                sentences.extend(sentences_of(own, (*line).clone()));
            }
        }
        // What stands behind the greeting in its line belongs to the text: "Hi Ann, yes, gladly."
        if let Some(line) = &greeting {
            let head = greeting_end(&own[line.clone()]);
            let rest = line.start + head..line.end;
            if !own[rest.clone()].trim().is_empty() {
                sentences.splice(0..0, sentences_of(own, rest));
            }
        }
        Self { own, greeting, sentences }
    }

    /// A sentence's words; of one without an end its beginning.
    pub fn sentence(&self, range: &Range<usize>) -> &'a str {
        let sentence = self.own.get(range.clone()).unwrap_or_default();
        &sentence[..sentence.floor_char_boundary(LONGEST)]
    }

    /// The whole text below the greeting, with its sentences joined by spaces.
    pub fn text(&self) -> String {
        self.sentences.iter().map(|range| self.sentence(range)).collect::<Vec<_>>().join(" ")
    }

    /// Whether a byte stands in a quoted line.
    pub fn is_quoted(&self, at: usize) -> bool {
        let start = self.own[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.own[start..].trim_start().starts_with('>')
    }

    /// A finding about a stretch of the own text.
    pub fn finding(
        &self,
        id: FindingId,
        range: Range<usize>,
        why: impl Into<String>,
        instead: Option<String>,
    ) -> Finding {
        let range = trimmed(self.own, &range);
        let quote = self.own.get(range.clone()).unwrap_or_default().to_owned();
        Finding { id, quote, start: range.start, end: range.end, why: why.into(), instead }
    }

    /// A finding about the whole.
    pub fn of_all(id: FindingId, quote: &str, why: impl Into<String>) -> Finding {
        Finding { id, quote: quote.to_owned(), start: 0, end: 0, why: why.into(), instead: None }
    }
}

/// Where a stretch of a sentence stands in the whole.
pub fn at(sentence: &Range<usize>, within: &Range<usize>) -> Range<usize> {
    sentence.start + within.start..sentence.start + within.end
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.trim_end().len();
            start += line.len();
            range
        })
        .collect()
}

fn is_greeting(line: &str) -> bool {
    let first = line.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    if GREETINGS.contains(&first.as_str()) {
        return line.split_whitespace().count() <= 8 || greeting_end(line) < line.len();
    }
    // "Lloyd,": a name alone.
    let words: Vec<&str> = line.trim_end_matches([',', '!', ':', '-', ' ']).split_whitespace().collect();
    line.trim_end().ends_with([',', '!', ':'])
        && (1..=3).contains(&words.len())
        && words.iter().all(|word| word.starts_with(char::is_uppercase))
}

/// Where a greeting ends in its line: behind the comma or the like.
pub(super) fn greeting_end(line: &str) -> usize {
    let words = line.split_whitespace().count();
    let mark = line.char_indices().find(|(_, c)| matches!(c, ',' | '!' | ':' | '\u{2014}' | '\u{2013}'));
    match mark {
        Some((at, c)) if words > 4 => at + c.len_utf8(),
        _ => line.len(),
    }
}

/// Where the sign-off begins: the short lines at the end.
fn sign_off(own: &str, written: &[&Range<usize>]) -> usize {
    let mut end = own.len();
    for line in written.iter().skip(1).rev() {
        let words: Vec<&str> = own[(*line).clone()].split_whitespace().collect();
        let text = words.join(" ");
        let first = words
            .first()
            .map(|word| word.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase())
            .unwrap_or_default();
        let closes = !text.ends_with(['.', '!', '?']) && words.len() <= SHORT;
        let is_sign_off = closes
            && (SIGN_OFFS.contains(&first.as_str())
                || words.iter().all(|word| word.starts_with(char::is_uppercase) || word.len() <= 3)
                || text.ends_with(','));
        if !is_sign_off {
            break;
        }
        end = line.start;
    }
    end
}

/// Sentences end at a full stop and the like before a space, and at the end of a line.
fn sentences_of(own: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let text = &own[line.clone()];
    let mut found = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for (at, c) in text.char_indices() {
        let ends =
            matches!(c, '.' | '!' | '?' | ';') && bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace);
        let abbreviated = c == '.'
            && ["Mr", "Mrs", "Ms", "Dr", "St", "e.g", "i.e", "approx", "no", "Nr", "a.m", "p.m"]
                .iter()
                .any(|short| text[..at].ends_with(short));
        if ends && !abbreviated {
            found.push(line.start + start..line.start + at + c.len_utf8());
            start = at + c.len_utf8();
        }
    }
    if !text[start..].trim().is_empty() {
        found.push(line.start + start..line.end);
    }
    found.iter().map(|range| trimmed(own, range)).filter(|range| !range.is_empty()).collect()
}

fn trimmed(own: &str, range: &Range<usize>) -> Range<usize> {
    let text = &own[range.clone()];
    let start = range.start + text.len() - text.trim_start().len();
    start..range.end - (text.len() - text.trim_end().len())
}
