//! Whom to tell of an absence or a delay.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::{NAME, cell, list, more_below};
use crate::ledger::notice::Notice;
use crate::tui::page::styled;
use crate::tui::state::{NoticesScreen, State};
use crate::tui::when;

pub(super) fn draw(state: &State, screen: &NoticesScreen, frame: &mut Frame<'_>, area: Rect) {
    let plan = &state.outlook.plan;
    let width = usize::from(area.width);
    if plan.notices.is_empty() {
        let words = "Nobody has to be told anything. Absences stand in [calendar] of the configuration; who \
                     should hear of one is listed here three weeks ahead, and whoever is promised something that is late.";
        let lines = styled(words, width.saturating_sub(2), state.theme.quiet());
        let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        return frame.render_widget(Paragraph::new(lines), inner);
    }
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut span = (0, 0);
    for (index, notice) in plan.notices.iter().enumerate() {
        let start = lines.len();
        let selected = index == screen.selected;
        lines.extend(notice_rows(state, notice, selected, width));
        if selected {
            span = (start, lines.len() - start);
        }
    }
    if !plan.spared.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled("  Not told", state.theme.strong()));
        for spared in &plan.spared {
            let text = format!("  {} {}", cell(spared.who.label(), NAME + 16), spared.why);
            lines.push(Line::styled(cell(&text, width), state.theme.quiet()));
        }
    }
    list(frame, area, lines, span);
}

fn notice_rows(state: &State, notice: &Notice, selected: bool, width: usize) -> Vec<Line<'static>> {
    const WHEN: usize = 16;
    let today = state.now.date();
    let (when, style) = match notice.told {
        Some(at) => (format!("told {}", when::age(at, &state.now)), state.theme.quiet()),
        None if notice.from <= today => ("now".to_owned(), state.theme.good()),
        None => (format!("from {}", notice.from.strftime("%a %-d %b")), Style::new()),
    };
    let day = |date: jiff::civil::Date| date.strftime("%a %-d %b").to_string();
    let what = match &notice.absence {
        Some(absence) => {
            let short = |date: jiff::civil::Date| date.strftime("%-d %b").to_string();
            format!("{}; away {} to {}", notice.why.says(), short(absence.from), short(absence.until))
        }
        None => notice.why.says().to_owned(),
    };
    let mark = if selected { "▌ " } else { "  " };
    let room = width.saturating_sub(2 + WHEN + 1 + NAME + 1);
    let line = format!("{mark}{} {} {}", cell(&when, WHEN), cell(&notice.name, NAME), cell(&what, room));
    let mut lines = vec![Line::styled(line, if selected { state.theme.cursor() } else { style })];
    if selected {
        let letter =
            state.templates.get(notice.template).map_or(notice.template, |found| found.title.as_str());
        let mut more = vec![format!("to {}: {letter}", notice.to.address)];
        if let Some(promised) = &notice.promised {
            let new = notice.new_day.map(|date| format!(", now {}", day(date))).unwrap_or_default();
            more.push(format!("{promised}{new}"));
        }
        let indent = 2 + WHEN + 1;
        let room = width.saturating_sub(indent + 1);
        lines.extend(more_below(&more.join("; "), indent, room, state.theme.quiet()));
    }
    lines
}
