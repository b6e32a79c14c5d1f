//! Picks out of a message what its sender newly wrote, and where the sentences end. Judges no words but the
//! few that make a forwarded text the sender's own.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::phrasebook::Phrasebook;
use super::verdict::Place;
use crate::mail::{Message, ZoneKind};

/// How much of a text is read, in bytes: more than any letter, and a bound on the time a message takes.
pub(super) const LIMIT: usize = 100_000;

/// The subject of a reply is mostly the one of the first message, long answered.
const OLD_SUBJECT: f32 = 0.3;
/// Somebody else's words count less, even when the sender makes them their own.
const ADOPTED: f32 = 0.85;

/// `Re:`, `Fwd:` and what other programs write for them, also repeated and numbered.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:\s*(?:re|aw|sv|antw|fwd?|wg|tr|rv|vs)\s*(?:\[\d+\])?\s*:)+\s*")
        .expect("a fixed pattern that every test compiles")
});

/// A stretch of text that counts.
#[derive(Debug)]
pub(super) struct Stretch<'m> {
    /// Subject or body.
    pub place: Place,
    /// The text.
    pub text: &'m str,
    /// Where it begins in its place, in bytes.
    pub start: usize,
    /// How much its words count, 0..=1.
    pub factor: f32,
    /// Its sentences, in order and without gap.
    sentences: Vec<Range<usize>>,
}

impl<'m> Stretch<'m> {
    fn new(place: Place, text: &'m str, start: usize, factor: f32) -> Self {
        Self { place, text, start, factor, sentences: sentences(text) }
    }

    /// The number of the sentence that a byte stands in.
    pub fn sentence_at(&self, byte: usize) -> usize {
        self.sentences
            .partition_point(|sentence| sentence.end <= byte)
            .min(self.sentences.len().saturating_sub(1))
    }

    /// The text of the sentences from the one where `range` begins to the one where it ends.
    pub fn sentence_around(&self, range: &Range<usize>) -> &'m str {
        let first = self.sentences.get(self.sentence_at(range.start));
        let last = self.sentences.get(self.sentence_at(range.end.saturating_sub(1)));
        match (first, last) {
            (Some(first), Some(last)) => &self.text[first.start..last.end],
            _ => self.text,
        }
    }
}

/// What of a message counts.
#[derive(Debug)]
pub(super) struct Reading<'m> {
    /// Subject first, then the body in order.
    pub stretches: Vec<Stretch<'m>>,
    /// Whether text beyond [`LIMIT`] was left out.
    pub cut: bool,
}

impl<'m> Reading<'m> {
    /// The subject without `Re:` and `Fwd:`, the new text, and forwarded text that the sender makes their
    /// own. Quotes, signature and disclaimer are left out.
    pub fn of(message: &'m Message, book: &Phrasebook) -> Self {
        let mut cut = false;
        let mut stretches = Vec::new();
        for (range, factor) in counted(message, book) {
            let text = &message.body.text[range.clone()];
            let text = within_limit(text, LIMIT.saturating_sub(used(&stretches)), &mut cut);
            stretches.push(Stretch::new(Place::Body, text, range.start, factor));
        }
        let wrote = stretches.iter().any(|stretch| !stretch.text.trim().is_empty());
        stretches.insert(0, subject(message, wrote, &mut cut));
        Self { stretches, cut }
    }

    /// The text of the body that counts, and where it is empty, the subject.
    pub fn text(&self) -> String {
        let body: Vec<&str> =
            self.stretches.iter().filter(|s| s.place == Place::Body).map(|stretch| stretch.text).collect();
        let body = body.join("\n");
        if body.trim().is_empty() { self.stretches[0].text.to_owned() } else { body }
    }
}

fn used(stretches: &[Stretch]) -> usize {
    stretches.iter().map(|stretch| stretch.text.len()).sum()
}

/// The subject. It counts less where it is old, unless there is nothing else.
fn subject<'m>(message: &'m Message, wrote: bool, cut: &mut bool) -> Stretch<'m> {
    let skip = PREFIX.find(&message.subject).map_or(0, |prefix| prefix.end());
    let old = skip > 0 || !message.in_reply_to.is_empty() || !message.references.is_empty();
    let text = within_limit(&message.subject[skip..], LIMIT, cut);
    Stretch::new(Place::Subject, text, skip, if old && wrote { OLD_SUBJECT } else { 1.0 })
}

/// The ranges of the body that count, with their factor. A body without zones is all new.
fn counted(message: &Message, book: &Phrasebook) -> Vec<(Range<usize>, f32)> {
    let body = &message.body;
    if body.zones.is_empty() {
        return vec![(0..body.text.len(), 1.0)];
    }
    let adopted =
        body.zones_of(ZoneKind::New).any(|(_, text)| book.adopts(&text[..text.floor_char_boundary(LIMIT)]));
    body.zones
        .iter()
        .filter(|zone| body.text.get(zone.range()).is_some())
        .filter_map(|zone| match zone.kind {
            ZoneKind::New => Some((zone.range(), 1.0)),
            ZoneKind::Forwarded if adopted => Some((zone.range(), ADOPTED)),
            _ => None,
        })
        .collect()
}

fn within_limit<'t>(text: &'t str, limit: usize, cut: &mut bool) -> &'t str {
    *cut |= text.len() > limit;
    &text[..text.floor_char_boundary(limit)]
}

/// Cuts after `.`, `!`, `?` before white space, and at empty lines and list items. A single line break is
/// no border: mail is often wrapped by hand.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut borders = Vec::new();
    for (at, pair) in bytes.windows(2).enumerate() {
        let ends = matches!(pair[0], b'.' | b'!' | b'?' | b';') && pair[1].is_ascii_whitespace();
        let breaks = pair[0] == b'\n' && matches!(pair[1], b'\n' | b'-' | b'*');
        if ends || breaks {
            borders.push(at + 1);
        }
    }
    borders.push(text.len());
    let mut start = 0;
    borders.into_iter().map(|end| std::mem::replace(&mut start, end)..end).collect()
}
