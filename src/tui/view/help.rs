//! The page of keys, from the table.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::keys::{Scope, TABLE};
use crate::tui::page::styled;
use crate::tui::state::State;

/// Cells of the column with the keys.
const KEYS: usize = 20;

/// The keys of one screen first, then those of all others.
pub(in crate::tui) fn lines(state: &State, first: Scope) -> Vec<Line<'static>> {
    let width = usize::from(state.size.0).saturating_sub(KEYS + 2).clamp(20, 80);
    let others = Scope::ALL.into_iter().filter(|scope| *scope != first);
    let mut lines = Vec::new();
    for scope in [first].into_iter().chain(others) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(scope.title(), state.theme.strong()));
        for binding in TABLE.iter().filter(|binding| binding.scope == scope) {
            let mut keys = format!("  {:<width$}", binding.keys.join(" "), width = KEYS - 2);
            for help in styled(binding.help, width, Style::new()) {
                lines.push(Line::from([vec![Span::styled(keys, state.theme.key())], help.spans].concat()));
                keys = " ".repeat(KEYS);
            }
        }
    }
    lines
}
