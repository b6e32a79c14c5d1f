//! The owner's own notes about a client, which are nobody else's to read.

use std::ops::Range;

use super::text::Reply;
use super::{Checked, Finding, FindingId};

/// So many words in a row, with so many letters, are no chance.
const ROW: usize = 4;
const LETTERS: usize = 20;
/// A short note counts whole, if it is at least so long.
const SHORT: usize = 10;

/// The first place where the text repeats a private note.
pub(super) fn finding(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    let text = words(reply.own);
    let repeated = |note: &&str| -> Option<Range<usize>> {
        let note = words(note);
        let row = ROW.min(note.len());
        let letters: usize = note.iter().map(|(word, _)| word.len()).sum();
        if row < 2 || (row < ROW && letters < SHORT) {
            return None;
        }
        text.windows(row).find_map(|window| {
            let stands = note
                .windows(row)
                .any(|other| window.iter().zip(other).all(|((one, _), (another, _))| one == another));
            let letters: usize = window.iter().map(|(word, _)| word.len()).sum();
            let stands = stands && (row < ROW || letters >= LETTERS);
            let (first, last) = (window.first()?, window.last()?);
            (stands && !reply.is_quoted(first.1.start)).then_some(first.1.start..last.1.end)
        })
    };
    let span = checked.private.iter().find_map(repeated)?;
    let why = "that is from your private notes about this client";
    Some(reply.finding(FindingId::PrivateNote, span, why, None))
}

/// The words of a text in small letters, with their places.
fn words(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    let mut start = None;
    let ends = std::iter::once((text.len(), ' '));
    for (at, c) in text.char_indices().chain(ends) {
        let is_word = c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}');
        match (start, is_word) {
            (None, true) => start = Some(at),
            (Some(begin), false) => {
                words.push((text.get(begin..at).unwrap_or_default().to_lowercase(), begin..at));
                start = None;
            }
            _ => {}
        }
    }
    words
}
