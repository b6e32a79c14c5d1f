//! The list of clients, what waits, whom to tell, and the report.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{cell, offset};
use crate::ledger::follow_up::{Stage, Waiting};
use crate::ledger::ladder::Step;
use crate::ledger::notice::Notice;
use crate::ledger::outlook::StandsOut;
use crate::ledger::{Client, counted, parting};
use crate::report::text::{self, Role};
use crate::tui::page::{report_width, styled};
use crate::tui::state::{
    ClientsScreen, NoticesScreen, PERIODS, Prompt, ReportScreen, State, WaitingItem, WaitingScreen,
};
use crate::tui::when;

/// Cells of the name of a client.
const NAME: usize = 20;

/// Rows with the one under the cursor in sight.
fn list(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>, span: (usize, usize)) {
    let skip = offset(span.0, span.1, lines.len(), usize::from(area.height));
    frame.render_widget(Paragraph::new(lines.into_iter().skip(skip).collect::<Vec<_>>()), area);
}

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

pub(super) fn draw_waiting(state: &State, screen: &WaitingScreen, frame: &mut Frame<'_>, area: Rect) {
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
        for line in styled(&more, width.saturating_sub(indent + 1), state.theme.quiet()) {
            let spans = [vec![Span::raw(" ".repeat(indent))], line.spans].concat();
            lines.push(Line::from(spans).style(line.style));
        }
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

pub(super) fn draw_notices(state: &State, screen: &NoticesScreen, frame: &mut Frame<'_>, area: Rect) {
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
        for line in styled(&more.join("; "), width.saturating_sub(indent + 1), state.theme.quiet()) {
            let spans = [vec![Span::raw(" ".repeat(indent))], line.spans].concat();
            lines.push(Line::from(spans).style(line.style));
        }
    }
    lines
}

pub(super) fn draw_report(state: &State, screen: &ReportScreen, frame: &mut Frame<'_>, area: Rect) {
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
    super::scrolling(frame, area, lines, screen.scroll);
}

fn style(state: &State, role: Role) -> Style {
    use crate::triage::Concern;
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

pub(super) fn draw_prompt(state: &State, prompt: &Prompt, frame: &mut Frame<'_>, area: Rect) {
    super::reply::draw_prompt(state, &prompt.question, &prompt.line, prompt.fault.as_deref(), frame, area);
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
