//! Placeholders that were left in a finished text. Knows how people and programs write them; never changes
//! the text. Sending is refused where it finds one, so it would rather miss a doubtful one.

use std::sync::LazyLock;

use regex::Regex;

/// A placeholder in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The words.
    pub quote: String,
}

/// Shapes that are placeholders wherever they stand. Group 1 is what is shown.
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // {{ client_first_name }}, {% if %}; also one whose end was lost.
        r"(\{\{[^{}\n]{0,80}\}{0,2}|\{%[^%\n]{0,80}%?\}?)",
        // {name}, ${name}
        r"(?:^|[^{])(\$?\{[A-Za-z][A-Za-z0-9_ -]{0,40}\})",
        // <your name>, <<NAME>>
        r"(?i)(<(?:your|insert|enter|add|client|customer|recipient)[ _][^<>\n@]{1,40}>|<<[A-Z _]{2,40}>>)",
        // XX where an amount, a date or a duration belongs. Kisses ("Love, Ann XX") are none.
        r"\b(?i:by|on|at|until|till|before|from|for|costs?|is|to|about|around|within)\s+[€$£]?\s?(X{2,})\b",
        r"[€$£]\s?(X{2,})\b",
        r"\b(X{1,2}[:/.]X{1,2}(?:[:/.]X{2,4})?)\b",
        r"\b(X{2,})\s?(?:€|%|(?i:eur|euros?|pounds?|dollars?|minutes?|hours?|days?|weeks?|working|am|pm)\b)",
    ]
    .iter()
    .map(|shape| Regex::new(shape).expect("a fixed pattern, compiled by every test"))
    .collect()
});

static BRACKET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[([^\[\]\n]{2,40})\]").expect("a fixed pattern, compiled by every test"));
static TODO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(TODO|FIXME)\b(?:\s+(\w+))?").expect("a fixed pattern, compiled by every test")
});

/// A bracket that begins with one of these is a placeholder: `[your name]`, `[insert date]`.
const OPENERS: [&str; 8] = ["your", "insert", "enter", "add", "client", "customer", "recipient", "xx"];
/// A bracket that ends with one of these is a placeholder: `[DATE]`, `[new date]`, `[order number]`.
const SLOTS: [&str; 20] = [
    "name",
    "date",
    "time",
    "day",
    "amount",
    "price",
    "sum",
    "deadline",
    "address",
    "phone",
    "number",
    "company",
    "month",
    "year",
    "title",
    "signature",
    "placeholder",
    "todo",
    "tbd",
    "xx",
];
/// After these a TODO is spoken of, not left over: "your TODO list".
const TODO_THINGS: [&str; 8] = ["list", "lists", "app", "item", "items", "board", "page", "comments"];

/// The placeholders in a text, in order, none overlapping. Lines that begin with `>` are somebody else's
/// words and don't count.
pub fn leftovers(text: &str) -> Vec<Leftover> {
    let mut found: Vec<Leftover> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_start().starts_with('>') {
            found.extend(in_line(line).into_iter().map(|(from, to)| Leftover {
                start: start + from,
                end: start + to,
                quote: line[from..to].to_owned(),
            }));
        }
        start += line.len();
    }
    found.sort_by_key(|leftover| (leftover.start, std::cmp::Reverse(leftover.end)));
    let mut reached = 0;
    found.retain(|leftover| {
        let apart = leftover.start >= reached;
        reached = reached.max(leftover.end);
        apart
    });
    found
}

fn in_line(line: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    for shape in SHAPES.iter() {
        spans
            .extend(shape.captures_iter(line).filter_map(|found| found.get(1)).map(|m| (m.start(), m.end())));
    }
    for found in BRACKET.find_iter(line) {
        // `[your name](https://..)` is a link.
        let is_link = line[found.end()..].starts_with('(');
        if !is_link && is_slot(&line[found.start() + 1..found.end() - 1]) {
            spans.push((found.start(), found.end()));
        }
    }
    for found in TODO.captures_iter(line) {
        let spoken_of =
            found.get(2).is_some_and(|next| TODO_THINGS.contains(&next.as_str().to_lowercase().as_str()));
        if let (false, Some(word)) = (spoken_of, found.get(1)) {
            spans.push((word.start(), word.end()));
        }
    }
    spans
}

/// Whether the words between brackets name something to be filled in.
fn is_slot(inside: &str) -> bool {
    let lower = inside.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| c.is_whitespace() || c == '_' || c == '-').filter(|w| !w.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    words.len() <= 4 && (OPENERS.contains(first) || SLOTS.contains(last))
}
