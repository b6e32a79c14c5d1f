//! The page of keys, from the table.

use ratatui::text::{Line, Span};

use super::has_help;
use crate::tui::keys::{Scope, TABLE};
use crate::tui::state::State;

/// The keys of one screen first, then those of all others.
pub(super) fn lines(state: &State, scope: Scope) -> Vec<Line<'static>> {
    order(scope)
        .flat_map(|scope| {
            let title = Line::styled(scope.title(), state.theme.strong());
            let rows = TABLE.iter().filter(move |binding| binding.scope == scope).map(|binding| {
                Line::from(vec![
                    Span::styled(format!("  {:<18}", binding.keys.join(" ")), state.theme.key()),
                    Span::raw(binding.help),
                ])
            });
            [Line::default(), title].into_iter().chain(rows).collect::<Vec<_>>()
        })
        .skip(1)
        .collect()
}

/// How many lines there are.
pub(in crate::tui) fn height(scope: Scope) -> usize {
    TABLE.len() + 2 * order(scope).count() - 1
}

fn order(first: Scope) -> impl Iterator<Item = Scope> {
    [first]
        .into_iter()
        .chain(Scope::ALL.into_iter().filter(move |scope| *scope != first))
        .filter(|scope| has_help(*scope))
}
