//! Who is owed what by when.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{cell, list, more_below};
use crate::ledger::commitment::lateness;
use crate::ledger::{Commitment, CommitmentState, Party};
use crate::tui::state::{PromisesScreen, State};

/// Cells of the columns.
const WHEN: usize = 18;
const WHO: usize = 20;

pub(super) fn draw(state: &State, screen: &PromisesScreen, frame: &mut Frame<'_>, area: Rect) {
    if state.commitments.is_empty() {
        let words = " Nothing is promised. What a reply promises is recorded when it is sent.";
        return frame.render_widget(Line::styled(words, state.theme.quiet()), area);
    }
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    let mut span = (0, 0);
    let mut last = None;
    for (index, commitment) in state.commitments.iter().enumerate() {
        let open = commitment.state == CommitmentState::Open;
        if last != Some(open) {
            if last.is_some() {
                lines.push(Line::default());
            }
            lines.push(Line::styled(if open { "  Open" } else { "  Settled" }, state.theme.strong()));
            last = Some(open);
        }
        let start = lines.len();
        lines.extend(rows(state, commitment, index == screen.selected, width));
        if index == screen.selected {
            span = (start, lines.len() - start);
        }
    }
    list(frame, area, lines, span);
}

fn rows(state: &State, commitment: &Commitment, selected: bool, width: usize) -> Vec<Line<'static>> {
    let (line, style) = summary(state, commitment, width, selected);
    let mut lines = vec![Line::styled(line, if selected { state.theme.cursor() } else { style })];
    if selected {
        let mut more = vec![format!(
            "promised {}: {}",
            crate::tui::when::moment(commitment.made_at, &state.now),
            commitment.by
        )];
        more.extend(commitment.condition.iter().map(|condition| format!("if {condition}")));
        if commitment.moved > 0 {
            more.push(format!("moved {} times", commitment.moved).replace("1 times", "once"));
        }
        let room = width.saturating_sub(WHEN + 4);
        lines.extend(more_below(&more.join("; "), WHEN + 2, room, state.theme.quiet()));
    }
    lines
}

/// A promise in one line: when, who, what.
pub(super) fn summary(
    state: &State,
    commitment: &Commitment,
    width: usize,
    selected: bool,
) -> (String, Style) {
    let now = state.now.timestamp();
    let when = match (commitment.state, commitment.due) {
        (CommitmentState::Open, Some(due)) => lateness(due, &state.now),
        (CommitmentState::Open, None) => "no day".to_owned(),
        (settled, _) => settled.word().to_owned(),
    };
    let who = match commitment.who {
        Party::Owner => format!("to {}", commitment.client.label()),
        Party::Client => format!("from {}", commitment.client.label()),
    };
    let style = match commitment.state {
        CommitmentState::Open if commitment.is_overdue(now) => state.theme.bad(),
        CommitmentState::Open if commitment.is_due_today(&state.now) => state.theme.good(),
        CommitmentState::Open => Style::new(),
        _ => state.theme.quiet(),
    };
    let room = width.saturating_sub(2 + WHEN + WHO);
    let mark = if selected { "▌" } else { " " };
    (
        format!("{mark} {}{}{}", cell(&when, WHEN), cell(&who, WHO - 1) + " ", cell(&commitment.what, room)),
        style,
    )
}

/// What is late and what is due today, for the top of the queue.
pub(super) fn pressing(state: &State, width: usize) -> Vec<Line<'static>> {
    /// So many are shown; the list has them all.
    const SHOWN: usize = 3;
    let now = state.now.timestamp();
    let pressing: Vec<&Commitment> = state
        .commitments
        .iter()
        .filter(|commitment| commitment.is_overdue(now) || commitment.is_due_today(&state.now))
        .collect();
    if pressing.is_empty() {
        return Vec::new();
    }
    let late = pressing.iter().filter(|commitment| commitment.is_overdue(now)).count();
    let count = [(late, "late"), (pressing.len() - late, "today")];
    let counts: Vec<String> =
        count.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let mut lines = vec![Line::from(vec![
        Span::styled("  Promised", state.theme.strong()),
        Span::styled(format!("  {}; p shows all", counts.join(", ")), state.theme.quiet()),
    ])];
    for commitment in pressing.into_iter().take(SHOWN) {
        let (line, style) = summary(state, commitment, width, false);
        lines.push(Line::styled(line, style));
    }
    lines.push(Line::default());
    lines
}
