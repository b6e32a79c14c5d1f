//! Keys of the report.

use super::{Effect, scrolled};
use crate::report::text;
use crate::tui::keys::Act;
use crate::tui::page;
use crate::tui::state::{Mode, PERIODS, ReportScreen, State};

/// The last week.
pub(super) fn screen(state: &State) -> (Mode, Vec<Effect>) {
    (of_period(state, 0, 0), Vec::new())
}

fn of_period(state: &State, period: usize, page: usize) -> Mode {
    let days = PERIODS.get(period).map_or(7, |(days, _)| *days);
    Mode::Report(ReportScreen { report: Box::new(state.report(days)), period, page, scroll: 0 })
}

pub(super) fn act(state: &mut State, mut screen: ReportScreen, act: Act) -> (Mode, Vec<Effect>) {
    let pages = text::pages(&screen.report, page::report_width(state));
    match act {
        Act::Back => return (Mode::Queue, Vec::new()),
        Act::Next => screen.page = (screen.page + 1).min(pages.len().saturating_sub(1)),
        Act::Previous => screen.page = screen.page.saturating_sub(1),
        Act::Period => {
            return (of_period(state, (screen.period + 1) % PERIODS.len(), screen.page), Vec::new());
        }
        act => {
            // Title and an empty line stand above.
            let lines = pages.get(screen.page).map_or(0, |page| page.lines.len() + 2);
            let scroll = scrolled(screen.scroll, act, lines, page::body_height(state));
            screen.scroll = scroll.unwrap_or(screen.scroll);
            return (Mode::Report(screen), Vec::new());
        }
    }
    screen.scroll = 0;
    (Mode::Report(screen), Vec::new())
}
