//! The list of clients.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{NAME, cell, list};
use crate::ledger::ladder::Step;
use crate::ledger::outlook::StandsOut;
use crate::ledger::{Client, parting};
use crate::tui::state::{ClientsScreen, State};
use crate::tui::when;

pub(super) fn draw_clients(state: &State, screen: &ClientsScreen, frame: &mut Frame<'_>, area: Rect) {
    let clients = state.clients();
    if clients.is_empty() {
        let words = " No client has written yet.";
        return frame.render_widget(Line::styled(words, state.theme.quiet()), area);
    }
    let width = usize::from(area.width);
    let head = format!("  {} {:>5} {:>7}  {}", cell("Client", NAME), "mails", "last", "what stands out");
    let mut lines = vec![Line::styled(head, state.theme.quiet())];
    for (index, client) in clients.iter().enumerate() {
        lines.push(client_row(state, client, index == screen.selected, width));
    }
    list(frame, area, lines, (screen.selected + 1, 1));
}

fn client_row(state: &State, client: &Client, selected: bool, width: usize) -> Line<'static> {
    let mark = if selected { "▌ " } else { "  " };
    let last = client.last().map(|at| when::age(at, &state.now)).unwrap_or_default();
    let start = format!("{mark}{} {:>5} {last:>7}  ", cell(client.name(), NAME), client.written().count());
    let (what, style) = stands_out(state, client);
    let room = width.saturating_sub(NAME + 2 + 1 + 5 + 1 + 7 + 2);
    let line = Line::from(vec![Span::raw(start), Span::styled(cell(&what, room), style)]);
    if selected { line.style(state.theme.cursor()) } else { line }
}

/// What stands out of a client, in one line.
fn stands_out(state: &State, client: &Client) -> (String, Style) {
    match state.outlook.stands_out(client) {
        None => (String::new(), Style::new()),
        Some(StandsOut::Parting(parting::Stage::Parted { since })) => {
            (format!("parted {}", when::age(since, &state.now)), state.theme.quiet())
        }
        Some(StandsOut::Parting(parting::Stage::Leaving { .. })) => ("parting".to_owned(), state.theme.bad()),
        Some(StandsOut::Often(advice)) => {
            let style = if advice.step > Step::Note { state.theme.bad() } else { Style::new() };
            (advice.line(), style)
        }
        Some(StandsOut::Talk(_)) => ("yearly talk is due".to_owned(), state.theme.good()),
    }
}
