//! The zones of a clean text: what the sender newly wrote, and what is history, a passed-on message,
//! signature or legal text.
//!
//! Works on lines of washed text alone, whatever program wrote it: HTML quotes have become `>` lines before.
//! One rule goes before all others: the sender's own new words are never put into another zone, so where a
//! line can be read both ways it is new.

mod closing;
mod history;

use std::sync::LazyLock;

use regex::Regex;

use crate::mail::{Zone, ZoneKind};
pub(super) use history::is_attribution;

/// What else of the message helps to tell zones apart.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hints<'a> {
    /// It answers another message: `In-Reply-To`, `References` or a subject with "Re:".
    pub is_reply: bool,
    /// Its subject begins with "Fwd:" or the like.
    pub is_forward: bool,
    /// The sender's display name.
    pub author: &'a str,
}

/// One line of the text.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    /// First byte of the line in the text.
    start: usize,
    /// The line without its quote marks and the white space around it.
    content: &'a str,
    /// How many `>` it begins with.
    depth: usize,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.content.is_empty()
    }
}

/// The zones of a text, and what is in doubt about them.
pub(super) struct Found {
    pub zones: Vec<Zone>,
    /// The sender says that answers stand in the quoted text, and nothing there marks them.
    pub answers_inside: bool,
}

/// Cuts a clean text into zones that cover it.
pub(super) fn find(text: &str, hints: Hints<'_>) -> Found {
    if text.is_empty() {
        return Found { zones: Vec::new(), answers_inside: false };
    }
    let lines = lines_of(text);
    let mut kinds = vec![ZoneKind::New; lines.len()];
    let answers_inside = history::mark(&lines, &mut kinds, hints);
    let read = |kinds: &[ZoneKind]| {
        let mut kinds = kinds.to_vec();
        closing::mark(&lines, &mut kinds, hints);
        kinds
    };
    let unquoted: Vec<ZoneKind> =
        kinds.iter().map(|&kind| if kind == ZoneKind::Quoted { ZoneKind::New } else { kind }).collect();
    let mut kinds = read(&kinds);
    if is_silent(&lines, &kinds, hints) {
        kinds = read(&unquoted);
    }
    if is_silent(&lines, &kinds, hints) {
        kinds = unquoted;
    }
    blank_lines_belong_to_what_precedes(&lines, &mut kinds);
    Found { zones: zones_of(text, &lines, kinds), answers_inside }
}

fn zones_of(text: &str, lines: &[Line<'_>], kinds: Vec<ZoneKind>) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    for (line, kind) in lines.iter().zip(kinds) {
        match zones.last_mut() {
            Some(last) if last.kind == kind => {}
            Some(last) => {
                last.end = line.start;
                zones.push(Zone { kind, start: line.start, end: text.len() });
            }
            None => zones.push(Zone { kind, start: 0, end: text.len() }),
        }
    }
    zones
}

/// A greeting that has its line to itself.
static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:hi|hiya|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|guten (?:tag|morgen|abend)|liebe[rs]?|sehr geehrte[rs]?|moin|bonjour|salut|cher|chère|hola|buen[oa]s\s\w+|estimad[oa]s?|ciao|buongiorno|gentile|beste|geachte|olá)(?:\s[\p{L}.'’-]+){0,4}\s?[,!.:–—-]*$",
    )
    .expect("the pattern is a constant that every run of the tests compiles")
});

/// Whether nothing new but a greeting is left of a message that begins a conversation. Then what was taken
/// for history or the like can only be what the sender has to say.
fn is_silent(lines: &[Line<'_>], kinds: &[ZoneKind], hints: Hints<'_>) -> bool {
    let says = |(line, kind): (&Line<'_>, &ZoneKind)| {
        *kind == ZoneKind::New && !line.is_blank() && !GREETING.is_match(line.content)
    };
    !hints.is_reply && !hints.is_forward && !lines.iter().zip(kinds).any(says)
}

fn lines_of(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split('\n')
        .map(|whole| {
            let (depth, content) = quote_depth(whole);
            let line = Line { start, content, depth };
            start += whole.len() + 1;
            line
        })
        .collect()
}

/// Takes the quote marks (`>`, `> >`, `>>`) off a line and counts them.
fn quote_depth(line: &str) -> (usize, &str) {
    let mut rest = line.trim_start_matches(' ');
    // An indented line is quoted only if the mark stands where programs put it.
    if line.len() - rest.len() > 3 {
        return (0, line.trim());
    }
    let mut depth = 0;
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    (depth, rest.trim())
}

fn blank_lines_belong_to_what_precedes(lines: &[Line<'_>], kinds: &mut [ZoneKind]) {
    for index in 1..lines.len() {
        if lines[index].is_blank() && lines[index].depth == 0 {
            kinds[index] = kinds[index - 1];
        }
    }
    // Empty lines at the very beginning go with the first line that is not.
    if let Some(first) = lines.iter().position(|line| !line.is_blank()) {
        for index in 0..first {
            kinds[index] = kinds[first];
        }
    }
}

/// The next line from `from` on that is not empty.
fn next_filled(lines: &[Line<'_>], from: usize) -> Option<usize> {
    (from..lines.len()).find(|&index| !lines[index].is_blank())
}
