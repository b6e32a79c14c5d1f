//! Text to the pieces of words that the encoder knows: WordPiece with the uncased basic tokenizer of BERT (Devlin et
//! al. 2018), as the `tokenizers` library does it. Takes any text; time grows with its length. A literal `[SEP]` in a
//! text is five ordinary pieces.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// Begins every text.
pub(super) const CLS: u32 = 101;
/// Ends subject and body.
pub(super) const SEP: u32 = 102;
/// A word that can't be put together from known pieces.
const UNKNOWN: u32 = 100;
/// A word of more characters is unknown, as in the reference.
const LONGEST_WORD: usize = 100;

/// The pieces of words by their number.
#[derive(Debug)]
pub(super) struct WordPiece {
    /// Those that begin a word.
    first: HashMap<&'static str, u32>,
    /// Those that go on with one, without their `##`.
    more: HashMap<&'static str, u32>,
    /// Bytes of the longest piece.
    longest: usize,
}

impl WordPiece {
    /// One piece a line, its number that of the line.
    pub fn new(vocabulary: &'static str) -> Self {
        let mut known = Self { first: HashMap::new(), more: HashMap::new(), longest: 0 };
        for (number, line) in (0..).zip(vocabulary.lines()) {
            known.longest = known.longest.max(line.len());
            match line.strip_prefix("##").filter(|rest| !rest.is_empty()) {
                Some(rest) => known.more.insert(rest, number),
                None => known.first.insert(line, number),
            };
        }
        known
    }

    /// `[CLS] subject [SEP] body [SEP]`, at most `most` pieces (at least 3): what is too much is cut off the body.
    pub fn encode(&self, subject: &str, body: &str, most: usize) -> Vec<u32> {
        let mut pieces = vec![CLS];
        self.append(subject, most - 2, &mut pieces);
        pieces.push(SEP);
        self.append(body, most - 1, &mut pieces);
        pieces.push(SEP);
        pieces
    }

    /// Appends the pieces of a text until there are `most`.
    fn append(&self, text: &str, most: usize, pieces: &mut Vec<u32>) {
        let mut word = String::new();
        for c in text.chars() {
            if pieces.len() >= most {
                break;
            }
            self.take(c, &mut word, pieces);
        }
        self.end_word(&mut word, pieces);
        pieces.truncate(most);
    }

    /// Takes one character in: it goes on with the word, ends it, or stands alone.
    fn take(&self, c: char, word: &mut String, pieces: &mut Vec<u32>) {
        if matches!(c, '\t' | '\n' | '\r' | ' ') {
            self.end_word(word, pieces);
        } else if c == '\0' || c == '\u{fffd}' || is_invisible(c) {
        } else if c.is_whitespace() {
            self.end_word(word, pieces);
        } else if is_ideograph(c) {
            self.alone(c, word, pieces);
        } else {
            // Accents come off: canonical decomposition, without the marks.
            for part in std::iter::once(c).nfd().filter(|part| !is_mark(*part)) {
                for lower in part.to_lowercase() {
                    if is_punctuation(lower) {
                        self.alone(lower, word, pieces);
                    } else {
                        word.push(lower);
                    }
                }
            }
        }
    }

    fn alone(&self, c: char, word: &mut String, pieces: &mut Vec<u32>) {
        self.end_word(word, pieces);
        word.extend(std::iter::once(c).nfd().filter(|part| !is_mark(*part)));
        self.end_word(word, pieces);
    }

    /// Cuts a word into the longest known pieces, from the left.
    fn end_word(&self, word: &mut String, pieces: &mut Vec<u32>) {
        let before = pieces.len();
        let mut rest = word.as_str();
        let mut known = &self.first;
        if word.chars().nth(LONGEST_WORD).is_some() {
            pieces.push(UNKNOWN);
            rest = "";
        }
        while !rest.is_empty() {
            let mut end = rest.floor_char_boundary(self.longest);
            let found = loop {
                if let Some(&number) = known.get(&rest[..end]) {
                    break Some(number);
                }
                end = rest.floor_char_boundary(end.saturating_sub(1));
                if end == 0 {
                    break None;
                }
            };
            let Some(number) = found else {
                pieces.truncate(before);
                pieces.push(UNKNOWN);
                break;
            };
            pieces.push(number);
            rest = &rest[end..];
            known = &self.more;
        }
        word.clear();
    }
}

/// Characters of the Unicode categories Cc, Cf, Cs and Co.
fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
    )
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.general_category() == GeneralCategory::NonspacingMark
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || (!c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Punctuation)
}

/// The blocks that the reference takes for Chinese characters.
fn is_ideograph(c: char) -> bool {
    matches!(
        u32::from(c),
        0x3400..=0x4dbf
            | 0x4e00..=0x9fff
            | 0xf900..=0xfaff
            | 0x20000..=0x2a6df
            | 0x2a700..=0x2b73f
            | 0x2b740..=0x2b81f
            | 0x2b920..=0x2ceaf
            | 0x2f800..=0x2fa1f
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Row {
        text: String,
        tokens: Vec<u32>,
    }

    fn vocabulary() -> WordPiece {
        WordPiece::new(include_str!("../../assets/model/vocabulary.txt"))
    }

    #[test]
    fn odd_and_ordinary_strings_are_cut_as_the_reference_cuts_them() {
        let known = vocabulary();
        let mut wrong = Vec::new();
        let rows = include_str!("../../tests/fixtures/triage/wordpiece.jsonl").lines();
        let mut count = 0;
        for row in rows.map(|line| serde_json::from_str::<Row>(line).unwrap()) {
            let encoded = known.encode("", &row.text, 10_000);
            count += 1;
            if encoded[2..encoded.len() - 1] != row.tokens[..] {
                wrong.push(format!(
                    "{:?}: {:?}, not {:?}",
                    row.text,
                    &encoded[2..encoded.len() - 1],
                    row.tokens
                ));
            }
        }
        assert!(count > 200 && wrong.is_empty(), "{count} strings\n{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_too_much_is_cut_off_and_the_marks_stay() {
        let known = vocabulary();
        for most in [3, 4, 10, 64] {
            let pieces = known.encode(&"cake ".repeat(100), &"dry ".repeat(100), most);
            assert!(pieces.len() <= most, "{most}: {pieces:?}");
            assert_eq!((pieces[0], pieces[pieces.len() - 1]), (CLS, SEP));
            assert_eq!(pieces.iter().filter(|&&piece| piece == SEP).count(), 2);
        }
    }
}
