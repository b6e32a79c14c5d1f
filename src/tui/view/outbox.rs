//! Replies on their way, and leaving while one still waits.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{cell, list};
use crate::store::{OutboxItem, OutboxState};
use crate::tui::page::styled;
use crate::tui::state::{Leaving, OutboxScreen, State};
use crate::tui::when;

pub(super) fn draw(state: &State, screen: &OutboxScreen, frame: &mut Frame<'_>, area: Rect) {
    if state.outbox.is_empty() {
        let words = Line::styled(" No reply is on its way.", state.theme.quiet());
        return frame.render_widget(words, area);
    }
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    let mut span = (0, 0);
    for (index, item) in state.outbox.iter().enumerate() {
        let start = lines.len();
        lines.extend(rows(state, item, index == screen.selected, width));
        if index == screen.selected {
            span = (start, lines.len() - start);
        }
    }
    list(frame, area, lines, span);
}

fn rows(state: &State, item: &OutboxItem, selected: bool, width: usize) -> Vec<Line<'static>> {
    let to = item.draft.to.first().map_or("", |address| address.label());
    let age = when::age(item.queued_at, &state.now);
    let room = width.saturating_sub(2 + 9 + 22 + 9);
    let words = format!(
        "{} {}{}{}{age:>8}",
        if selected { "▌" } else { " " },
        cell(item.state.word(), 9),
        cell(to, 22),
        cell(&item.draft.subject, room),
    );
    let style = match item.state {
        _ if selected => state.theme.cursor(),
        OutboxState::Failed | OutboxState::Unknown => state.theme.bad(),
        OutboxState::Filed => state.theme.quiet(),
        _ => ratatui::style::Style::new(),
    };
    let mut lines = vec![Line::styled(words, style)];
    let explained = explanation(item, state.now.timestamp());
    if !explained.is_empty() && (selected || item.state != OutboxState::Filed) {
        for line in styled(&explained, width.saturating_sub(13), state.theme.quiet()) {
            lines.push(Line::from([vec![Span::raw(" ".repeat(11))], line.spans].concat()).style(line.style));
        }
    }
    lines
}

/// What the state means, and what was said last.
fn explanation(item: &OutboxItem, now: Timestamp) -> String {
    let words = item.words.as_str();
    match item.state {
        OutboxState::Queued if item.attempts > 0 => {
            format!("Nothing was sent. {words}. Tried again by itself; u takes it back")
        }
        OutboxState::Queued if item.not_before > now => {
            "Waits in its undo window; u takes it back".to_owned()
        }
        OutboxState::Queued => "About to go out".to_owned(),
        OutboxState::Sending => "Being handed to the server".to_owned(),
        OutboxState::Sent if words.is_empty() => {
            "It went out. Its copy in Sent is still to be filed".to_owned()
        }
        OutboxState::Sent => format!("It went out. Its copy in Sent is still to be filed: {words}"),
        OutboxState::Filed => words.to_owned(),
        OutboxState::Failed => format!("Nothing was sent: {words}. u makes it a draft again"),
        OutboxState::Unknown => format!(
            "The line was lost after the text had been handed over, so it may or may not have gone out: {words}. \
             Look in your Sent folder or ask; then w (it went), a (send again) or u (back to draft)"
        ),
    }
}

pub(super) fn draw_leaving(state: &State, leaving: &Leaving, frame: &mut Frame<'_>, area: Rect) {
    let waiting = state.waiting_replies();
    let what = if waiting == 1 { "1 reply has".to_owned() } else { format!("{waiting} replies have") };
    let mut lines =
        vec![Line::default(), Line::styled(format!("{what} not gone out yet."), state.theme.strong())];
    lines.push(Line::default());
    lines.push(Line::raw(if leaving.waiting {
        "Waiting until all is sent, then amicable ends."
    } else {
        match state.demo_outbox {
            Some(_) => "Wait for it, or leave it: the demo then ends without it.",
            None => "Wait for it, or leave it: then it goes out when amicable next runs.",
        }
    }));
    frame.render_widget(Paragraph::new(lines), area);
}
