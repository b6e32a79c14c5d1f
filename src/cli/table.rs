//! Verdicts as a table for people: aligned columns that fit a width, one message a line, its reasons below it if they
//! are asked for.

use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::verdict_row::Row;
use crate::mail::Address;
use crate::triage::{Evidence, Place, Sender, Topic};

/// From this width there is room for the time of day and long names.
const WIDE: usize = 110;

/// The table; it knows its columns before it has seen a row, so that rows can be printed as they come.
#[derive(Debug)]
pub(super) struct Table {
    width: usize,
    date: usize,
    from: usize,
    concerns: usize,
    zone: TimeZone,
}

/// A score such as `0.97`, or the word `score` above it.
const SCORE: usize = 5;

/// Between columns.
const GAP: &str = "  ";

/// What stands before the reasons of a row.
const INDENT: &str = "    ";

impl Table {
    /// A table of `width` columns that shows times in `zone`.
    pub(super) fn new(width: usize, zone: TimeZone) -> Self {
        if width >= WIDE {
            Self {
                width,
                date: "2026-11-20 09:12".len(),
                from: 26,
                concerns: "emergency, refund".len() + 4,
                zone,
            }
        } else {
            Self { width, date: "2026-11-20".len(), from: 16, concerns: "emergency, refund".len(), zone }
        }
    }

    /// The line above the columns.
    pub(super) fn head(&self) -> String {
        self.line(["date", "from", "concerns", "score", "subject"].map(str::to_owned))
    }

    /// The line of a row; below it why it could not be read, and its reasons if `explain` is set.
    pub(super) fn row(&self, row: &Row, explain: bool) -> String {
        let pattern = if self.width >= WIDE { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d" };
        let date = row.moment.map(|moment| moment.to_zoned(self.zone.clone()).strftime(pattern).to_string());
        let score = row.concerns.first().map(|&concern| format!("{:.2}", row.scores.of(concern)));
        let mut text = self.line([
            date.unwrap_or_else(|| "-".to_owned()),
            row.from.as_ref().map_or("-", Address::label).to_owned(),
            self.concerns(row),
            score.unwrap_or_default(),
            if row.unread { row.source.clone() } else { row.subject.clone() },
        ]);
        if explain {
            for evidence in &row.evidence {
                text.push_str(&self.reason(evidence));
            }
        }
        if explain || row.unread {
            for note in &row.notes {
                text.push_str(&self.below(&format!("note: {note}")));
            }
        }
        text
    }

    /// As many concerns as there is room for, and how many more there are.
    fn concerns(&self, row: &Row) -> String {
        let words: Vec<&str> = row.concerns.iter().map(|concern| concern.word()).collect();
        if words.is_empty() {
            let word = if row.unread {
                "not read"
            } else if row.sender == Sender::Other {
                "(other)"
            } else {
                "-"
            };
            return word.to_owned();
        }
        let shown = |count: usize| match words.len() - count {
            0 => words.join(", "),
            more => format!("{} +{more}", words[..count].join(", ")),
        };
        let room = (1..=words.len()).rev().map(shown).find(|text| text.len() <= self.concerns);
        room.unwrap_or_else(|| shown(1))
    }

    fn line(&self, [date, from, concerns, score, subject]: [String; 5]) -> String {
        let mut line = String::new();
        let columns = [(date, self.date), (from, self.from), (concerns, self.concerns), (score, SCORE)];
        for (text, width) in columns {
            let text = shortened(&text, width);
            line.push_str(&text);
            line.push_str(&" ".repeat(width.saturating_sub(text.width())));
            line.push_str(GAP);
        }
        line.push_str(&shortened(&subject, self.width.saturating_sub(line.width()).max("subject".len())));
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    }

    fn reason(&self, evidence: &Evidence) -> String {
        self.below(&reason(evidence))
    }

    /// Text below a row, broken to the width.
    fn below(&self, text: &str) -> String {
        let deeper = format!("{INDENT}{INDENT}");
        let options = textwrap::Options::new(self.width).initial_indent(INDENT).subsequent_indent(&deeper);
        textwrap::fill(text, options) + "\n"
    }
}

/// A reason on one line: `emergency +2.1 "before 5 today" (body): deadline in 6 working hours`.
pub(super) fn reason(evidence: &Evidence) -> String {
    let quote: Vec<&str> = evidence.quote.split_whitespace().collect();
    let place = match evidence.place {
        Place::Subject => "subject",
        Place::Body => "body",
        Place::Header => "header",
        Place::Taught => "taught",
    };
    let topic = topic(evidence.concern);
    format!("{topic} {:+.1} \"{}\" ({place}): {}", evidence.weight, quote.join(" "), evidence.says)
}

/// The word for what a reason speaks for or against.
pub(super) fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Emergency => "emergency",
        Topic::Refund => "refund",
        Topic::Complaint => "complaint",
        Topic::Unusual => "unusual",
        Topic::Sender => "sender",
    }
}

/// The text on one line and within `width` columns; where it is cut there is an ellipsis.
fn shortened(text: &str, width: usize) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.width() <= width {
        return line;
    }
    let mut kept = String::new();
    for cluster in line.graphemes(true) {
        if kept.width() + cluster.width() + 1 > width {
            break;
        }
        kept.push_str(cluster);
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters_as_they_are_seen() {
        for (text, width, expected) in [
            ("cake", 4, "cake"),
            ("two\n  tier cake", 30, "two tier cake"),
            ("two tier cake", 8, "two tie…"),
            ("生日蛋糕", 5, "生日…"),
            ("生日蛋糕", 8, "生日蛋糕"),
            ("👩‍👩‍👧‍👧 family", 4, "👩‍👩‍👧‍👧 …"),
        ] {
            assert_eq!(shortened(text, width), expected, "{text:?} in {width}");
        }
    }
}
