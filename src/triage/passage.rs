//! The words that the trained readers see: the subject and what the sender newly wrote, sentence by sentence, without
//! salutation, made even (one spelling of look-alike letters, one word for an address or a link), and cut to
//! [`WORDS`]. Training reads through this too, so that learning and reading see the same. Weighs nothing.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::reading::{Reading, is_greeting};
use super::verdict::Place;

/// So many words of a body are read, two thirds from its beginning and a third from its end: what is asked
/// stands in one or the other, and the encoder's time grows with each word.
const WORDS: usize = 150;
/// So many words of a subject.
const SUBJECT_WORDS: usize = 30;
/// A longer word is rubbish (base64, a token): no word of any letter.
const LONG: usize = 40;
/// A sentence of more words is left out clause by clause, so that the evidence is short.
const LONG_SENTENCE: usize = 24;

/// A sentence or clause that counts as one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Number of the stretch of the reading.
    pub stretch: usize,
    /// Within the stretch.
    pub range: Range<usize>,
    /// The words as the readers see them.
    text: String,
}

/// What the trained readers see of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    /// Subject first, if there is one; then the body in order. None is empty.
    pub pieces: Vec<Piece>,
    /// How many of the pieces are the subject: 0 or more.
    subject: usize,
    /// Whether the subject is that of an older message.
    is_reply: bool,
}

/// Stands before an old subject.
const REPLY: &str = "re: ";

/// Subject and body, as strings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Words {
    /// The subject, with `re: ` before it where it is old.
    pub subject: String,
    /// The body.
    pub body: String,
}

impl Words {
    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.subject.is_empty() && self.body.is_empty()
    }

    /// Whether they are an answer under an old subject.
    pub fn is_reply(&self) -> bool {
        self.subject.starts_with(REPLY) && !self.body.is_empty()
    }
}

impl Piece {
    /// The words as the readers see them.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Passage {
    /// The passage of a reading.
    pub fn of(reading: &Reading) -> Self {
        let mut pieces = Vec::new();
        let mut subject = 0;
        for (number, stretch) in reading.stretches.iter().enumerate() {
            let is_subject = stretch.place == Place::Subject;
            // The salutation tells nothing, and stands before the first words of many a mail.
            let from = if is_subject { 0 } else { salutation(stretch.text) };
            for range in stretch.sentences().filter(|range| range.end > from) {
                let range = range.start.max(from)..range.end;
                pieces.extend(split(stretch.text, range, number, |long| stretch.clauses_within(long)));
            }
            if is_subject {
                subject = pieces.len();
            }
        }
        let mut body = pieces.split_off(subject);
        pieces.truncate(most(&pieces, SUBJECT_WORDS));
        let subject = pieces.len();
        shorten(&mut body);
        pieces.append(&mut body);
        Self { pieces, subject, is_reply: reading.is_reply }
    }

    /// How many of the pieces are the subject.
    pub fn subject_pieces(&self) -> usize {
        self.subject
    }

    /// Whether `re: ` stands before the subject.
    pub fn marks_reply(&self) -> bool {
        self.is_reply && self.subject > 0
    }

    /// All of it.
    pub fn words(&self) -> Words {
        self.without(&[])
    }

    /// One piece alone.
    pub fn only(&self, piece: usize) -> Words {
        let others: Vec<usize> = (0..self.pieces.len()).filter(|&number| number != piece).collect();
        self.without(&others)
    }

    /// All but these pieces.
    pub fn without(&self, left_out: &[usize]) -> Words {
        let mut words = Words { subject: String::new(), body: String::new() };
        for (number, piece) in self.pieces.iter().enumerate().filter(|(number, _)| !left_out.contains(number))
        {
            let part = if number < self.subject { &mut words.subject } else { &mut words.body };
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(&piece.text);
        }
        if self.is_reply && !words.subject.is_empty() {
            words.subject.insert_str(0, REPLY);
        }
        words
    }
}

/// A sentence as a piece, or where it is long, each of its clauses.
fn split(
    text: &str,
    sentence: Range<usize>,
    stretch: usize,
    clauses: impl Fn(Range<usize>) -> Vec<Range<usize>>,
) -> Vec<Piece> {
    let piece = |range: Range<usize>| {
        let words = even(text.get(range.clone())?);
        (!words.is_empty()).then_some(Piece { stretch, range, text: words })
    };
    if text[sentence.clone()].split_whitespace().nth(LONG_SENTENCE).is_none() {
        return piece(sentence).into_iter().collect();
    }
    clauses(sentence).into_iter().filter_map(piece).collect()
}

/// Where the line "Hi Ann," at the front of a text ends; 0 where there is none.
fn salutation(text: &str) -> usize {
    let start = text.len() - text.trim_start().len();
    let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
    let line = &text[start..end];
    if !line.is_empty() && line.len() <= 60 && is_greeting(line) { end } else { 0 }
}

/// How many of the pieces, from the first, have no more than `words` words; one at least.
fn most(pieces: &[Piece], words: usize) -> usize {
    let mut left = words;
    let fits = pieces.iter().take_while(|piece| {
        let count = piece.text.split(' ').count();
        let fits = count <= left;
        left = left.saturating_sub(count);
        fits
    });
    fits.count().max(1)
}

/// Leaves the middle of a long body out.
fn shorten(body: &mut Vec<Piece>) {
    let count = |piece: &Piece| piece.text.split(' ').count();
    if body.iter().map(count).sum::<usize>() <= WORDS {
        return;
    }
    let front = most(body, WORDS * 2 / 3);
    let mut left = WORDS.saturating_sub(body[..front].iter().map(count).sum());
    let mut back = body.len();
    while back > front && count(&body[back - 1]) <= left {
        back -= 1;
        left -= count(&body[back]);
    }
    body.drain(front..back);
    // A single sentence without any end.
    for piece in body {
        if count(piece) > WORDS {
            piece.text = piece.text.split(' ').take(WORDS).collect::<Vec<_>>().join(" ");
        }
    }
}

/// The words of a text, evenly spelled and apart by one space each.
fn even(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let composed: String;
    let text = if text.is_ascii() {
        text
    } else {
        composed = text.nfkc().collect();
        &composed
    };
    for word in text.split_whitespace() {
        let latin;
        let word = if word.is_ascii() {
            word
        } else {
            latin = latin_look(word);
            &latin
        };
        let word = plain_word(word);
        // Lines of dashes, stars and arrows say nothing.
        if word.is_empty() || word.len() > 2 && !word.contains(char::is_alphanumeric) && !is_spoken(word) {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Marks without letters that still say something: "???", "!!!" and all that is not ASCII, such as faces.
fn is_spoken(word: &str) -> bool {
    word.len() <= 12 && (word.contains(['?', '!']) || !word.is_ascii())
}

/// One word for what no reader can read.
fn plain_word(word: &str) -> &str {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\W*(?:https?://|www\.)\S+$").expect("a fixed pattern that every test compiles")
    });
    if word.len() < 6 {
        word
    } else if LINK.is_match(word) {
        "link"
    } else if word.find('@').is_some_and(|at| at > 0) && word.contains('.') {
        "address"
    } else if word.len() > LONG && word.is_ascii() && !word.contains(['-', '/', ',', '.']) {
        ""
    } else {
        word
    }
}

/// Letters of other scripts that stand in a Latin word because they look the same.
fn latin_look(word: &str) -> String {
    if !word.contains(|c: char| c.is_ascii_alphabetic()) {
        return word.to_owned();
    }
    word.chars().map(latin_letter).collect()
}

fn latin_letter(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' => 'C',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'К' | 'Κ' => 'K',
        'κ' => 'k',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'ո' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'ս' | 'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' => 'y',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Message;

    fn words(subject: &str, body: &str) -> Words {
        let mut message = Message { subject: subject.to_owned(), ..Message::default() };
        body.clone_into(&mut message.body.text);
        Passage::of(&Reading::of(&message)).words()
    }

    #[test]
    fn the_salutation_is_left_out_and_the_rest_is_not() {
        assert_eq!(words("", "Hi Ann,\n\nthe cake is dry.").body, "the cake is dry.");
        assert_eq!(
            words("", "Hi Ann, the cake is dry.\nBoth tiers.").body,
            "Hi Ann, the cake is dry. Both tiers."
        );
        assert_eq!(words("", "Dear Ms. Lee\nWhere is it?").body, "Where is it?");
    }

    #[test]
    fn an_old_subject_is_marked() {
        assert_eq!(words("Re: Fwd: Refund", "Thank you!").subject, "re: Refund");
        assert_eq!(words("Refund", "Please!").subject, "Refund");
        assert_eq!(words("", "Please!").subject, "");
    }

    #[test]
    fn look_alikes_links_and_rubbish_are_made_even() {
        assert_eq!(words("", "I want a rеfund nоw").body, "I want a refund now");
        assert_eq!(
            words("", "see https://example.org/a?b=c and ann@example.org").body,
            "see link and address"
        );
        assert_eq!(words("", &format!("so {} it is", "QUJD".repeat(30))).body, "so it is");
        assert_eq!(words("", "*****\nwell ???").body, "well ???");
        assert_eq!(words("", "𝐫𝐞𝐟𝐮𝐧𝐝").body, "refund");
    }

    #[test]
    fn a_long_body_keeps_its_beginning_and_its_end() {
        let middle = "And then there was more of it. ".repeat(80);
        let body = words("", &format!("First of all. {middle}At last the point.")).body;
        assert!(body.starts_with("First of all.") && body.ends_with("At last the point."), "{body}");
        assert!(body.split(' ').count() <= WORDS, "{}", body.split(' ').count());
        let endless = words("", &"word ".repeat(5000)).body;
        assert_eq!(endless.split(' ').count(), WORDS);
    }

    #[test]
    fn a_piece_can_be_left_out() {
        let mut message = Message { subject: "Cake".to_owned(), ..Message::default() };
        "It was dry. Could you send another?".clone_into(&mut message.body.text);
        let passage = Passage::of(&Reading::of(&message));
        assert_eq!(passage.pieces.len(), 3);
        assert_eq!(
            passage.without(&[1]),
            Words { subject: "Cake".to_owned(), body: "Could you send another?".to_owned() }
        );
        assert_eq!(passage.without(&[0]).subject, "");
    }
}
