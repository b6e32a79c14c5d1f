//! What waits: for an answer, for a moment, for a talk; and the line about it on top of the queue.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{NAME, cell, list, more_below};
use crate::ledger::counted;
use crate::ledger::follow_up::{Stage, Waiting};
use crate::tui::state::{State, WaitingItem, WaitingScreen};
use crate::tui::when;

pub(super) fn draw(state: &State, screen: &WaitingScreen, frame: &mut Frame<'_>, area: Rect) {
    let items = &state.waiting;
    if items.is_empty() {
        let words = " Nothing waits. A reply that asks something waits here for its answer.";
        return frame.render_widget(Line::styled(words, state.theme.quiet()), area);
    }
    let width = usize::from(area.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut span = (0, 0);
    let mut last = "";
    for (index, item) in items.iter().enumerate() {
        let title = match item {
            WaitingItem::Answer(_) => "Waits for an answer",
            WaitingItem::PutOff(_) => "Put off",
            WaitingItem::CheckIn(..) => "Yearly talk",
        };
        if title != last {
            if !last.is_empty() {
                lines.push(Line::default());
            }
            lines.push(Line::styled(format!("  {title}"), state.theme.strong()));
            last = title;
        }
        let start = lines.len();
        let selected = index == screen.selected;
        lines.extend(waiting_rows(state, item, selected, width));
        if selected {
            span = (start, lines.len() - start);
        }
    }
    list(frame, area, lines, span);
}

fn waiting_rows(state: &State, item: &WaitingItem, selected: bool, width: usize) -> Vec<Line<'static>> {
    const WHEN: usize = 22;
    let mark = if selected { "▌ " } else { "  " };
    let (when, who, what, style, more) = match item {
        WaitingItem::Answer(waiting) => answer_row(state, waiting),
        WaitingItem::PutOff(id) => {
            let row = state.row(*id);
            let until = row.and_then(|row| row.snooze?.until);
            let when = until.map_or_else(
                || "until they write".to_owned(),
                |at| format!("until {}", when::moment(at, &state.now)),
            );
            let who = row.map(|row| row.from.label().to_owned()).unwrap_or_default();
            let what = row.map(|row| row.subject.clone()).unwrap_or_default();
            (when, who, what, Style::new(), String::new())
        }
        WaitingItem::CheckIn(person, since) => {
            let who = state.records.ledger.client_of(person).map(|client| client.name().to_owned());
            let what = "a talk about the year, and how it goes on".to_owned();
            let when = format!("since {}", when::age(*since, &state.now));
            (when, who.unwrap_or_default(), what, state.theme.good(), String::new())
        }
    };
    let room = width.saturating_sub(2 + WHEN + 1 + NAME + 1);
    let line = format!("{mark}{} {} {}", cell(&when, WHEN), cell(&who, NAME), cell(&what, room));
    let mut lines = vec![Line::styled(line, if selected { state.theme.cursor() } else { style })];
    if selected && !more.is_empty() {
        let indent = 2 + WHEN + 1;
        lines.extend(more_below(&more, indent, width.saturating_sub(indent + 1), state.theme.quiet()));
    }
    lines
}

/// When, who, what, its style, and more of it.
fn answer_row(state: &State, waiting: &Waiting) -> (String, String, String, Style, String) {
    let follow_up = &waiting.follow_up;
    let since = when::age(follow_up.sent_at, &state.now);
    let (when, style) = match waiting.stage {
        Stage::Returned { .. } => ("it came back".to_owned(), state.theme.bad()),
        Stage::Due { .. } => (format!("remind (asked {since})"), state.theme.good()),
        _ => (format!("asked {since}"), Style::new()),
    };
    let mut more = Vec::new();
    if let Stage::Waiting { due: Some(due) } = waiting.stage {
        more.push(format!("a reminder is in place from {}", when::moment(due, &state.now)));
    }
    if let Stage::Returned { message } = waiting.stage {
        let subject = state.row(message).map(|row| row.subject.clone()).unwrap_or_default();
        more.push(format!("they never had it: {subject}"));
    }
    match follow_up.nudges.len() {
        0 => {}
        1 => more.push("reminded once".to_owned()),
        count => more.push(format!("reminded {count} times; what follows is yours to say")),
    }
    if let Some(at) = waiting.automatic {
        more.push(format!("an automatic answer came {}", when::moment(at, &state.now)));
    }
    if let Some(row) = waiting.wrote_since.and_then(|id| state.row(id)) {
        more.push(format!(
            "they wrote since about \u{201c}{}\u{201d}; d if that was the answer",
            row.subject
        ));
    }
    (when, follow_up.to.label().to_owned(), follow_up.subject.clone(), style, more.join("; "))
}

/// What waits and whom to tell, for the top of the queue: a line, where there is something.
pub(super) fn pressing(state: &State) -> Option<Line<'static>> {
    let outlook = &state.outlook;
    let due = outlook.pressing();
    let tell = outlook.to_tell(state.now.date());
    let talks = outlook.check_ins.len();
    let mut parts = Vec::new();
    if due > 0 {
        parts.push(format!("{} (w)", counted(due, "question unanswered", "questions unanswered")));
    }
    if tell > 0 {
        parts.push(format!("{} to tell (n)", counted(tell, "client", "clients")));
    }
    if talks > 0 {
        parts.push(format!("{} (w)", counted(talks, "yearly talk", "yearly talks")));
    }
    (!parts.is_empty()).then(|| {
        Line::from(vec![
            Span::styled("  Waiting  ", state.theme.strong()),
            Span::styled(parts.join(", "), state.theme.quiet()),
        ])
    })
}
