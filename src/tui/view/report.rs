//! The report, page by page.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::scrolling;
use crate::report::text::{self, Role};
use crate::triage::Concern;
use crate::tui::page::report_width;
use crate::tui::state::{PERIODS, ReportScreen, State};

pub(super) fn draw(state: &State, screen: &ReportScreen, frame: &mut Frame<'_>, area: Rect) {
    let pages = text::pages(&screen.report, report_width(state));
    let Some(page) = pages.get(screen.page.min(pages.len().saturating_sub(1))) else { return };
    let period = PERIODS.get(screen.period).map_or("week", |(_, word)| *word);
    let mut lines = vec![
        Line::from(vec![
            Span::styled(page.title.clone(), state.theme.strong()),
            Span::styled(
                format!("   the last {period}; page {} of {}", screen.page + 1, pages.len()),
                state.theme.quiet(),
            ),
        ]),
        Line::default(),
    ];
    lines.extend(page.lines.iter().map(|line| {
        let spans = line.iter().map(|piece| Span::styled(piece.text.clone(), style(state, piece.role)));
        Line::from(spans.collect::<Vec<_>>())
    }));
    scrolling(frame, area, lines, screen.scroll);
}

fn style(state: &State, role: Role) -> Style {
    match role {
        Role::Plain => Style::new(),
        Role::Quiet => state.theme.quiet(),
        Role::Strong => state.theme.strong(),
        Role::Good => state.theme.good(),
        Role::Bad => state.theme.bad(),
        Role::Emergency => state.theme.concern(Concern::Emergency),
        Role::Complaint => state.theme.concern(Concern::Complaint),
        Role::Unusual => state.theme.concern(Concern::Unusual),
        Role::Refund => state.theme.concern(Concern::Refund),
    }
}
