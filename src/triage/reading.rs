//! Picks out of a message what its sender newly wrote, and where the sentences end. Judges no words but the
//! few that make a forwarded text the sender's own.
//!
//! What somebody passes on or quotes is not theirs, with three exceptions: their words make a forwarded text
//! their own ("see below, I want the same"); a forwarded text is from themselves; or there is nothing else to
//! read, as in a complaint that is sent again with a bare `Fwd:`. Then the forwarded text is read, or without
//! one the quoted, unless it quotes whom the message is for. All work here grows with [`LIMIT`] and
//! [`PIECES`], never with the number of zones times something.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::phrasebook::phrasebook;
use super::verdict::Place;
use crate::mail::{Address, Message, Zone, ZoneKind};

/// How much of a text is read, in bytes: more than any letter, and a bound on the time a message takes.
pub(super) const LIMIT: usize = 100_000;
/// How many pieces of a body are read. Between somebody's answers stand as many quotes; more than this
/// nobody writes, and each piece costs a search.
const PIECES: usize = 400;
/// A quote is cut to about so many characters where its clause is longer.
pub(super) const QUOTE: usize = 60;
/// A line of at least so many bytes was wrapped by a program; a shorter one ends where its writer ended it.
const WRAPPED: usize = 50;

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
    /// Its clauses, in order and without gap.
    clauses: Vec<Range<usize>>,
}

impl<'m> Stretch<'m> {
    fn new(place: Place, text: &'m str, start: usize, factor: f32) -> Self {
        Self { place, text, start, factor, sentences: sentences(text), clauses: clauses(text) }
    }

    /// Its sentences, in order and without gap.
    pub fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        self.sentences.iter().cloned()
    }

    /// The clauses of a range, the first and last cut to it.
    pub fn clauses_within(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let overlapping =
            self.clauses.iter().filter(|clause| clause.start < range.end && range.start < clause.end);
        overlapping.map(|clause| clause.start.max(range.start)..clause.end.min(range.end)).collect()
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

    /// The clauses that `range` stands in: up to the punctuation or the line end on both sides.
    pub fn clause_around(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.clauses.partition_point(|clause| clause.end <= range.start);
        let last = self.clauses.partition_point(|clause| clause.end < range.end);
        match (self.clauses.get(first), self.clauses.get(last)) {
            (Some(first), Some(last)) if first.start <= range.start => first.start..last.end.max(range.end),
            _ => range.clone(),
        }
    }

    /// `piece` as a person would quote it: all of it where it is short; else the words of `core`, or of its beginning,
    /// and as many beside them as fit in about [`QUOTE`] characters, cut between words.
    pub fn quote(&self, piece: &Range<usize>, core: Option<&Range<usize>>) -> Range<usize> {
        let whole = self.trimmed(piece.clone());
        let count = |range: Range<usize>| self.text[range].chars().count();
        let at_front = whole.start..whole.start;
        let core = core.unwrap_or(&at_front);
        if count(whole.clone()) <= QUOTE {
            return whole;
        }
        let spare = QUOTE.saturating_sub(count(core.clone()));
        let before = (spare / 2).max(spare.saturating_sub(count(core.end..whole.end.max(core.end))));
        let start = self.begin(whole.start.min(core.start)..core.start, before);
        let after = spare.saturating_sub(count(start..core.start));
        let end = core.end + leading_words(&self.text[core.end..whole.end.max(core.end)], after);
        let quote = self.trimmed(start..end);
        if quote.is_empty() { whole } else { quote }
    }

    /// Without the white space and punctuation around it.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let bare = |c: char| {
            c.is_whitespace()
                || matches!(c, '.' | ',' | ';' | ':' | '(' | ')' | '"' | '\u{201c}' | '\u{201d}')
        };
        let quote = &self.text[range.clone()];
        let trimmed = quote.trim_end_matches(bare);
        let from = quote.len() - quote.trim_start_matches(bare).len();
        if trimmed.len() <= from { range } else { range.start + from..range.start + trimmed.len() }
    }

    /// Where a quote begins whose words go on after `before`, with room for so many of its characters.
    fn begin(&self, before: Range<usize>, room: usize) -> usize {
        let text = &self.text[before.clone()];
        let mut start = before.end;
        for (count, (at, c)) in text.char_indices().rev().enumerate() {
            // What precedes the words directly still belongs to the first of them.
            let cut_word = start == before.end && !text.ends_with(char::is_whitespace);
            if count >= room && !cut_word {
                break;
            }
            if !c.is_whitespace() && text[..at].chars().next_back().is_none_or(char::is_whitespace) {
                start = before.start + at;
            }
        }
        start
    }
}

/// Length in bytes of the whole words at the front of `text` that fit in `room` characters.
fn leading_words(text: &str, room: usize) -> usize {
    let mut end = 0;
    for (count, (at, c)) in text.char_indices().enumerate() {
        // What follows the core directly still belongs to its word.
        if c.is_whitespace() {
            end = at;
        }
        if count >= room && (end > 0 || c.is_whitespace()) {
            return end;
        }
    }
    text.len()
}

/// What of a message counts.
#[derive(Debug)]
pub(super) struct Reading<'m> {
    /// Subject first, then the body in order.
    pub stretches: Vec<Stretch<'m>>,
    /// Whether text beyond [`LIMIT`] or [`PIECES`] was left out.
    pub cut: bool,
    /// Whether it answers or passes on another message, so that the subject is older than the text.
    pub is_reply: bool,
}

impl<'m> Reading<'m> {
    /// The subject without `Re:` and `Fwd:`, the new text, and forwarded text that the sender makes their
    /// own. Quotes, signature and disclaimer are left out.
    pub fn of(message: &'m Message) -> Self {
        let mut cut = false;
        let mut stretches = Vec::new();
        let mut left = LIMIT;
        for (range, factor) in counted(message) {
            if stretches.len() == PIECES || left == 0 {
                cut = true;
                break;
            }
            let text = within_limit(&message.body.text[range.clone()], left, &mut cut);
            left -= text.len();
            stretches.push(Stretch::new(Place::Body, text, range.start, factor));
        }
        let wrote = stretches.iter().any(|stretch| !stretch.text.trim().is_empty());
        let is_reply = is_reply(message);
        stretches.insert(0, subject(message, is_reply && wrote, &mut cut));
        Self { stretches, cut, is_reply }
    }

    /// Whether an address stands in the text that is none of these.
    pub fn names_an_address_besides(&self, own: &[Address]) -> bool {
        static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
                .expect("a fixed pattern that every test compiles")
        });
        let mut found = self.stretches.iter().flat_map(|stretch| ADDRESS.find_iter(stretch.text));
        found.any(|found| !own.iter().any(|mine| mine.address.eq_ignore_ascii_case(found.as_str())))
    }

    /// The text of the body that counts, and where it is empty, the subject.
    pub fn text(&self) -> String {
        let body: Vec<&str> =
            self.stretches.iter().filter(|s| s.place == Place::Body).map(|stretch| stretch.text).collect();
        let body = body.join("\n");
        if body.trim().is_empty() { self.stretches[0].text.to_owned() } else { body }
    }
}

/// Whether the subject belongs to an older message.
fn is_reply(message: &Message) -> bool {
    PREFIX.is_match(&message.subject) || !message.in_reply_to.is_empty() || !message.references.is_empty()
}

/// The subject. It counts less where it is `old`.
fn subject<'m>(message: &'m Message, old: bool, cut: &mut bool) -> Stretch<'m> {
    let skip = PREFIX.find(&message.subject).map_or(0, |prefix| prefix.end());
    let text = within_limit(&message.subject[skip..], LIMIT, cut);
    Stretch::new(Place::Subject, text, skip, if old { OLD_SUBJECT } else { 1.0 })
}

/// The ranges of the body that count, with their factor. A body without zones is all new.
fn counted<'m>(message: &'m Message) -> Box<dyn Iterator<Item = (Range<usize>, f32)> + 'm> {
    let body = &message.body;
    if body.zones.is_empty() {
        return Box::new(std::iter::once((0..body.text.len(), 1.0)));
    }
    let also = also_read(message);
    let known = body.zones.iter().filter(|zone| body.text.get(zone.range()).is_some());
    Box::new(known.filter_map(move |zone| match zone.kind {
        ZoneKind::New => Some((zone.range(), 1.0)),
        ZoneKind::Forwarded if also == Also::AllForwarded => Some((zone.range(), ADOPTED)),
        ZoneKind::Forwarded if also == Also::OwnForwarded && is_from_author(message, zone) => {
            Some((zone.range(), ADOPTED))
        }
        ZoneKind::Quoted if also == Also::Quoted => Some((zone.range(), ADOPTED)),
        _ => None,
    }))
}

/// What is read beside the new text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Also {
    /// What is forwarded from the author.
    OwnForwarded,
    /// All that is forwarded: the author made it their own, or wrote nothing else.
    AllForwarded,
    /// What is quoted: there is nothing else.
    Quoted,
}

fn also_read(message: &Message) -> Also {
    let mut left = LIMIT;
    let mut new = Vec::new();
    for (_, text) in message.body.zones_of(ZoneKind::New).take(PIECES) {
        new.push(&text[..text.floor_char_boundary(left)]);
        left = left.saturating_sub(text.len());
    }
    let wrote = new.iter().any(|text| !is_greeting(text));
    let has = |kind| message.body.zones_of(kind).any(|(_, text)| !text.trim().is_empty());
    if has(ZoneKind::Forwarded) {
        let adopted = !wrote || new.iter().any(|text| phrasebook().adopts(text));
        if adopted { Also::AllForwarded } else { Also::OwnForwarded }
    } else if !wrote && !quotes_recipient(message) {
        Also::Quoted
    } else {
        Also::OwnForwarded
    }
}

/// Whether a text is no more than a salutation ("Hi Ann,"), or empty.
pub(super) fn is_greeting(text: &str) -> bool {
    static SALUTATION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\W*(?:(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)|morning)\b(?:[ ,]+[\w.'\u{2019}-]+){0,3}\W*)?$")
            .expect("a fixed pattern that every test compiles")
    });
    text.lines().all(|line| SALUTATION.is_match(line))
}

/// The lines at the top of a forwarded text in which its header stands.
const HEADER_LINES: usize = 8;

/// So much of such a line is looked at, in bytes.
const HEADER_LINE: usize = 500;

/// Whether a forwarded text was written by whoever forwards it.
fn is_from_author(message: &Message, zone: &Zone) -> bool {
    static FROM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\W*(?:from|von|de|van|da|fra)\s*\W?\s*:")
            .expect("a fixed pattern that every test compiles")
    });
    let (Some(author), Some(text)) = (message.author(), message.body.text.get(zone.range())) else {
        return false;
    };
    text.lines().take(HEADER_LINES).any(|line| FROM.is_match(line) && names(line, author))
}

/// Whether the first quoted text is by whom the message is for: its attribution names them.
fn quotes_recipient(message: &Message) -> bool {
    let Some((_, text)) = message.body.zones_of(ZoneKind::Quoted).find(|(_, text)| !text.trim().is_empty())
    else {
        return false;
    };
    // Mail programs break the attribution, and put the address on the next line.
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(2);
    lines.any(|line| !line.starts_with("To:") && message.to.iter().any(|to| names(line, to)))
}

/// Whether a line names somebody, by address or by name.
fn names(line: &str, somebody: &Address) -> bool {
    let line = line[..line.floor_char_boundary(HEADER_LINE)].to_lowercase();
    let holds = |what: &str| !what.trim().is_empty() && line.contains(&what.trim().to_lowercase());
    holds(&somebody.address) || holds(&somebody.name)
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
    let mut last = 0;
    for (at, pair) in bytes.windows(2).enumerate() {
        let ends = matches!(pair[0], b'.' | b'!' | b'?' | b';') && pair[1].is_ascii_whitespace();
        let breaks = pair[0] == b'\n' && matches!(pair[1], b'\n' | b'-' | b'*');
        // The empty line after a full stop is no sentence of its own.
        if (ends || breaks) && !bytes[last..=at].iter().all(u8::is_ascii_whitespace) {
            borders.push(at + 1);
            last = at + 1;
        }
    }
    pieces(borders, text.len())
}

/// Cuts after punctuation before white space, around dashes and brackets, and where a line ends that was
/// not wrapped by a program.
fn clauses(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut borders = Vec::new();
    let mut line = 0;
    for (at, pair) in bytes.windows(2).enumerate() {
        let stops = matches!(pair[0], b'.' | b',' | b'!' | b'?' | b';' | b':' | b')')
            && pair[1].is_ascii_whitespace();
        let opens = pair[0].is_ascii_whitespace() && pair[1] == b'(';
        let dash = pair[0] == b' '
            && (text[at + 1..].starts_with("- ")
                || text[at + 1..].starts_with("\u{2013} ")
                || text[at + 1..].starts_with("\u{2014} "));
        let line_ends =
            pair[0] == b'\n' && (at - line < WRAPPED || matches!(pair[1], b'\n' | b'\r' | b'-' | b'*'));
        if stops || opens || dash || line_ends {
            borders.push(at + 1);
        }
        if pair[0] == b'\n' {
            line = at + 1;
        }
    }
    pieces(borders, text.len())
}

fn pieces(mut borders: Vec<usize>, end: usize) -> Vec<Range<usize>> {
    borders.push(end);
    let mut start = 0;
    borders.into_iter().map(|end| std::mem::replace(&mut start, end)..end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Body;

    /// A mail of `count` zones of the same text, of these kinds in turn.
    fn zoned(count: usize, text: &str, kinds: &[ZoneKind]) -> Message {
        let zone = |number: usize| Zone {
            kind: kinds[number % kinds.len()],
            start: number * text.len(),
            end: (number + 1) * text.len(),
        };
        let zones = (0..count).map(zone).collect();
        Message {
            from: vec![Address::new("Ann", "ann@example.org")],
            to: vec![Address::new("Owner", "owner@example.com")],
            body: Body { text: text.repeat(count), zones, from_html: false },
            ..Message::default()
        }
    }

    #[test]
    fn of_a_hundred_thousand_zones_a_bounded_number_is_searched() {
        use ZoneKind::{Forwarded, New, Quoted};
        for kinds in [&[New, Quoted][..], &[New, Forwarded], &[Forwarded], &[Quoted], &[New]] {
            for text in ["a\n", "see below, money back! ", "From: Ann <ann@example.org>\n"] {
                let message = zoned(100_000, text, kinds);
                let reading = Reading::of(&message);
                assert_eq!(reading.stretches.len(), 1 + PIECES, "{kinds:?} {text:?}");
                assert!(reading.cut);
            }
        }
    }

    #[test]
    fn nothing_is_searched_once_the_limit_is_used_up() {
        let long = "long words ".repeat(4_000);
        let message = zoned(100_000 / 1_000, &long, &[ZoneKind::New, ZoneKind::Quoted]);
        let reading = Reading::of(&message);
        let bytes: usize = reading.stretches.iter().map(|stretch| stretch.text.len()).sum();
        assert_eq!((reading.stretches.len(), bytes, reading.cut), (4, LIMIT, true));
    }

    #[test]
    fn only_a_salutation_is_a_greeting() {
        for greeting in ["", "\n \n", "Hi,", "Hello Robin,\n\n", "Dear Mr O\u{2019}Neil,", "Good morning!"] {
            assert!(is_greeting(greeting), "{greeting:?}");
        }
        for text in ["Thanks!", "FYI", "Hi Robin, see below what happened to us", "Hi,\nno"] {
            assert!(!is_greeting(text), "{text:?}");
        }
    }
}
