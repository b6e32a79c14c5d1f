//! Washing of foreign text: what is left can be shown in a terminal, logged and quoted as it is.
//!
//! Owns the decision which characters get past the parser. Knows nothing of mail, never decodes anything
//! and never changes what a reader sees, but for white space and characters that cannot be seen anyway.

use std::iter::Peekable;
use std::str::CharIndices;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Vietnamese, Hebrew and Thai need up to three marks on one letter; more is only ever decoration that
/// spills over the neighbouring lines of a terminal.
const MARKS_ON_A_LETTER: usize = 4;

/// How far an escape sequence may reach. Real window titles and hyperlinks are shorter; a longer or an
/// unterminated one loses its introducer only, so that no sender can hide the rest of a text.
const SEQUENCE_REACH: usize = 512;

/// Washes foreign text for one line of a screen, a log or a header: every run of white space, line ends
/// included, becomes one space, and the ends are trimmed.
pub fn wash_line(text: &str) -> String {
    wash_line_noting(text).0
}

/// Washes foreign text of several lines: `\n` line ends, tabs as four spaces, no white space at line ends.
pub fn wash_text(text: &str) -> String {
    wash_text_noting(text).0
}

/// What washing took away that the reader ought to know of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a tally: each is independent of the others")]
pub(super) struct Removed {
    /// Terminal escape sequences.
    pub escapes: bool,
    /// NUL, bell, backspace and the like.
    pub controls: bool,
    /// Characters that turn the direction of writing, inside a word.
    pub direction: bool,
    /// Characters that cannot be seen, inside a word.
    pub invisible: bool,
}

impl Removed {
    /// Takes over what another text had.
    pub fn join(&mut self, other: Removed) {
        self.escapes |= other.escapes;
        self.controls |= other.controls;
        self.direction |= other.direction;
        self.invisible |= other.invisible;
    }

    /// In plain words, for [`crate::mail::Message::notes`].
    pub fn notes(self) -> impl Iterator<Item = &'static str> {
        [
            (self.escapes, "terminal escape sequences were removed"),
            (self.controls, "control characters were removed"),
            (
                self.direction,
                "characters that reverse the direction of writing were removed from inside words",
            ),
            (self.invisible, "invisible characters were removed from inside words"),
        ]
        .into_iter()
        .filter_map(|(was, note)| was.then_some(note))
    }
}

/// [`wash_line`], and what was removed.
pub(super) fn wash_line_noting(text: &str) -> (String, Removed) {
    if is_clean_line(text) {
        return (text.to_owned(), Removed::default());
    }
    let (washed, removed) = strip(text);
    let mut line = String::with_capacity(washed.len());
    for word in washed.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    (line, removed)
}

/// [`wash_text`], and what was removed.
pub(super) fn wash_text_noting(text: &str) -> (String, Removed) {
    let (washed, removed) = strip(text);
    let mut lines = String::with_capacity(washed.len());
    for (index, line) in washed.split('\n').enumerate() {
        if index > 0 {
            lines.push('\n');
        }
        lines.push_str(line.trim_end());
    }
    (lines, removed)
}

/// The usual header needs no work: printable ASCII with single spaces.
fn is_clean_line(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !text.contains("  ")
        && !text.starts_with(' ')
        && !text.ends_with(' ')
}

/// What becomes of one character.
enum Fate {
    Keep,
    Become(&'static str),
    Control,
    Direction,
    Invisible,
    Drop,
}

/// Removes what must not pass; line ends become `\n`, other white space becomes spaces.
fn strip(text: &str) -> (String, Removed) {
    let mut removed = Removed::default();
    if text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)) {
        return (text.to_owned(), removed);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_introducer(c) {
            removed.escapes |= skip_sequence(c, &text[at + c.len_utf8()..], at + c.len_utf8(), &mut chars);
            removed.controls |= c != '\u{1b}';
            continue;
        }
        match fate(c) {
            Fate::Keep => {
                let next = chars.peek().map(|&(_, next)| next);
                if keeps_place(c, &out, next, &mut marks) {
                    out.push(c);
                } else {
                    removed.invisible |= c == '\u{200d}' && inside_word(&out, text, at, c);
                }
            }
            Fate::Become(other) => {
                if !(c == '\r' && chars.peek().is_some_and(|&(_, next)| next == '\n')) {
                    out.push_str(other);
                }
                marks = 0;
            }
            Fate::Control => removed.controls = true,
            Fate::Direction => removed.direction |= inside_word(&out, text, at, c),
            Fate::Invisible => removed.invisible |= inside_word(&out, text, at, c),
            Fate::Drop => {}
        }
    }
    (compose(out), removed)
}

/// One spelling for each letter (NFC, UAX 15), so that phrases match however the sender's program writes.
fn compose(text: String) -> String {
    if unicode_normalization::is_nfc(&text) { text } else { text.nfc().collect() }
}

fn fate(c: char) -> Fate {
    match c {
        '\n' | ' '..='~' => Fate::Keep,
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Become("\n"),
        '\t' => Fate::Become("    "),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => Fate::Become(" "),
        c if c.is_control() => Fate::Control,
        // Marks, embeddings, overrides and isolates (UAX 9).
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Fate::Direction
        }
        // Tag characters and the supplementary variation selectors (the last range) can carry a whole hidden
        // message.
        '\u{200b}'
        | '\u{200c}'
        | '\u{2060}'..='\u{2065}'
        | '\u{feff}'
        | '\u{34f}'
        | '\u{e0000}'..='\u{e01ef}' => Fate::Invisible,
        c if is_useless(c) => Fate::Drop,
        _ => Fate::Keep,
    }
}

/// Characters that show nothing and that no one misses.
fn is_useless(c: char) -> bool {
    let listed = matches!(c,
        // A soft hyphen only says where a word may be broken; newsletters are full of them.
        '\u{ad}' | '\u{fe00}'..='\u{fe0d}'
        // Deprecated format characters, fillers, annotation marks, musical controls, non-characters.
        | '\u{206a}'..='\u{206f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{fdd0}'..='\u{fdef}');
    listed || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether a character that may pass is welcome where it stands: joiners only within emoji, variation
/// selectors only once, combining marks only so many. `marks` counts those on the present letter.
fn keeps_place(c: char, before: &str, next: Option<char>, marks: &mut usize) -> bool {
    match c {
        '\u{200d}' => before.chars().next_back().is_some_and(is_emoji) && next.is_some_and(is_emoji),
        '\u{fe0e}' | '\u{fe0f}' => before.chars().next_back().is_some_and(|last| !is_combining_mark(last)),
        c if is_combining_mark(c) => {
            *marks += 1;
            *marks <= MARKS_ON_A_LETTER
        }
        _ => {
            *marks = 0;
            true
        }
    }
}

/// Roughly: pictographs, skin tones, and the symbols that emoji sequences are made of (UTS 51).
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether a removed character stood between two letters of a script that has no use for it. Persian and
/// the scripts of India join and part letters with invisible characters; that is spelling, no trick.
fn inside_word(before: &str, text: &str, at: usize, c: char) -> bool {
    let latin = |c: char| c.is_alphanumeric() && c < '\u{530}';
    let after = text[at + c.len_utf8()..].chars().next();
    before.chars().next_back().is_some_and(|c| latin(c) || c == '.') && after.is_some_and(latin)
}

fn is_introducer(c: char) -> bool {
    matches!(c, '\u{1b}' | '\u{90}' | '\u{98}' | '\u{9b}' | '\u{9d}' | '\u{9e}' | '\u{9f}')
}

/// Moves past the escape sequence (ECMA-48) that `introducer` begins and whose rest begins `rest`, at byte
/// `at`. Says whether there was one.
fn skip_sequence(introducer: char, rest: &str, at: usize, chars: &mut Peekable<CharIndices>) -> bool {
    let (kind, skipped) = match introducer {
        '\u{1b}' => match rest.chars().next() {
            Some(second) => (second, second.len_utf8()),
            None => return true,
        },
        '\u{9b}' => ('[', 0),
        '\u{9d}' => (']', 0),
        _ => ('P', 0),
    };
    let length = match kind {
        '[' => control_sequence(&rest[skipped..]).map_or(skipped, |length| skipped + length),
        ']' | 'P' | 'X' | '^' | '_' => {
            control_string(&rest[skipped..]).map_or(skipped, |length| skipped + length)
        }
        // Two or three characters: charset selection, cursor save, reset.
        '(' | ')' | '*' | '+' | '#' | '%' => {
            skipped + rest[skipped..].chars().next().filter(char::is_ascii_graphic).map_or(0, char::len_utf8)
        }
        '0'..='~' => skipped,
        _ => 0,
    };
    while chars.next_if(|&(index, _)| index < at + length).is_some() {}
    length > 0
}

/// The length of parameters and final byte of a control sequence, unless it is none.
fn control_sequence(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let end = bytes.iter().take(SEQUENCE_REACH).position(|byte| !(0x20..0x40).contains(byte))?;
    (0x40..0x7f).contains(&bytes[end]).then_some(end + 1)
}

/// The length of a control string up to and with its terminator, unless it has none within reach.
fn control_string(rest: &str) -> Option<usize> {
    for (index, c) in rest.char_indices().take_while(|&(index, _)| index < SEQUENCE_REACH) {
        match c {
            '\u{7}' | '\u{9c}' => return Some(index + c.len_utf8()),
            '\u{1b}' if rest[index + 1..].starts_with('\\') => return Some(index + 2),
            '\n' | '\u{1b}' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trick_is_taken_out_of_a_line() {
        let rows = [
            ("plain", "plain"),
            ("  two\t spaces\r\n and a fold ", "two spaces and a fold"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]8;;https://example.com\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}2Jgone", "gone"),
            ("\u{1b}]never ended", "never ended"),
            ("\u{1b}", ""),
            ("\u{1b}é", "é"),
            ("a\u{0}b\u{7}c\u{8}", "abc"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("re\u{200b}fund", "refund"),
            ("\u{feff}BOM", "BOM"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("one\u{2028}two", "one two"),
            ("👩\u{200d}🍳 cooks", "👩\u{200d}🍳 cooks"),
            ("a\u{200d}b", "ab"),
            ("❤\u{fe0f} you", "❤\u{fe0f} you"),
            ("hi\u{e0041}\u{e0042}", "hi"),
            ("cafe\u{301}", "café"),
            ("z\u{335}\u{336}\u{337}\u{338}\u{334}\u{335}\u{336}!", "z\u{335}\u{336}\u{337}\u{338}!"),
        ];
        for (dirty, clean) in rows {
            assert_eq!(wash_line(dirty), clean, "{dirty:?}");
            assert_eq!(wash_line(clean), clean, "washing twice: {clean:?}");
        }
    }

    #[test]
    fn text_keeps_its_lines() {
        assert_eq!(wash_text("a \r\nb\rc\u{2028}d\u{c}e\tf\u{a0}g"), "a\nb\nc\nd\ne    f g");
    }

    #[test]
    fn only_tricks_inside_words_are_worth_a_note() {
        assert!(wash_line_noting("re\u{200b}fund").1.invisible);
        assert!(!wash_line_noting("\u{200b} \u{200c} \u{34f} preheader").1.invisible);
        assert!(!wash_line_noting("می\u{200c}خواهم").1.invisible);
        assert!(wash_line_noting("photo\u{202e}gpj.exe").1.direction);
        assert!(!wash_line_noting("שלום\u{200f} world").1.direction);
    }
}
