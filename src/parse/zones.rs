//! The zones of a clean text: what the sender newly wrote, and what is history, a passed-on message,
//! signature or legal text.
//!
//! Works on lines of washed text alone, whatever program wrote it: HTML quotes have become `>` lines before.
//! One rule goes before all others: the sender's own new words are never put into another zone, so where a
//! line can be read both ways it is new.

mod closing;
mod history;

use crate::mail::{Zone, ZoneKind};

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

/// Cuts a clean text into zones that cover it.
pub(super) fn find(text: &str, hints: Hints<'_>) -> Vec<Zone> {
    if text.is_empty() {
        return Vec::new();
    }
    let lines = lines_of(text);
    let mut kinds = vec![ZoneKind::New; lines.len()];
    history::mark(&lines, &mut kinds, hints);
    closing::mark(&lines, &mut kinds, hints);
    blank_lines_belong_to_what_precedes(&lines, &mut kinds);
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
