//! Draws the [`State`]. Never changes it, never decides.

mod clients;
mod help;
mod notices;
mod outbox;
mod promises;
mod queue;
mod reply;
mod report;
mod waiting;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::keys::{Act, Binding, TABLE};
use super::page;
use super::state::{Group, Mode, State};
use super::update::enabled;
use super::when;

pub(super) use help::lines as help_lines;

/// Cells of the name of a client in lists.
const NAME: usize = 20;

/// Below this there is no room to work in.
const SMALLEST: (u16, u16) = (40, 10);

/// Draws the screen.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (width, height) = SMALLEST;
        let words = format!("amicable needs {width} columns and {height} lines; q leaves");
        frame.render_widget(Paragraph::new(words).wrap(ratatui::widgets::Wrap { trim: true }), area);
        return;
    }
    let words = page::status(state);
    let [title, body, status, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(u16::try_from(words.len()).unwrap_or(1)),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(title_line(state, title.width), title);
    draw_body(&state.mode, state, frame, body);
    frame.render_widget(Paragraph::new(words), status);
    frame.render_widget(footer_line(state, footer.width), footer);
}

fn draw_body(mode: &Mode, state: &State, frame: &mut Frame<'_>, area: Rect) {
    // One cell of air on both sides.
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    match mode {
        Mode::Queue => queue::draw(state, frame, area),
        Mode::Reader(reader) => scrolling(frame, inner, page::message(state, reader), reader.scroll),
        Mode::Label(label) => queue::draw_label(state, label, frame, inner),
        Mode::Pick(pick) => reply::draw_pick(state, pick, frame, inner),
        Mode::Ask(asking) => reply::draw_ask(state, asking, frame, inner),
        Mode::Edit(editing) => reply::draw_edit(state, editing, frame, inner),
        Mode::Review(review) => scrolling(frame, inner, page::review(state, review), review.scroll),
        Mode::Field(editing) => reply::draw_field(state, editing, frame, inner),
        Mode::Outbox(screen) => outbox::draw(state, screen, frame, area),
        Mode::Promises(screen) => promises::draw(state, screen, frame, area),
        Mode::Clients(screen) => clients::draw_clients(state, screen, frame, area),
        Mode::Client(screen) => {
            let client = state.client_of(screen);
            let lines = client.map(|client| page::client(state, client)).unwrap_or_default();
            scrolling(frame, inner, lines, screen.scroll);
        }
        Mode::Waiting(screen) => waiting::draw(state, screen, frame, area),
        Mode::Notices(screen) => notices::draw(state, screen, frame, area),
        Mode::Report(screen) => report::draw(state, screen, frame, inner),
        Mode::Prompt(prompt) => {
            let fault = prompt.fault.as_deref();
            reply::draw_prompt(state, &prompt.question, &prompt.line, fault, frame, inner);
        }
        Mode::Help(help) => scrolling(frame, inner, help::lines(state, help.below.scope()), help.scroll),
        Mode::Leaving(leaving) => outbox::draw_leaving(state, leaving, frame, inner),
    }
}

/// Lines from the `scroll`th on, with a sign where there is more below.
fn scrolling(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>, scroll: usize) {
    let height = usize::from(area.height);
    // The screen may have grown since.
    let scroll = scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(scroll + height);
    let shown: Vec<Line<'static>> = lines.into_iter().skip(scroll).take(height).collect();
    frame.render_widget(Paragraph::new(shown), area);
    if below > 0 {
        let words = format!(" {below} more ");
        let width = u16::try_from(words.width()).unwrap_or(0).min(area.width);
        let corner = Rect { x: area.right() - width, y: area.bottom() - 1, width, height: 1 };
        frame.render_widget(Span::styled(words, ratatui::style::Modifier::REVERSED), corner);
    }
}

/// The program and screen on the left, the day on the right.
fn title_line(state: &State, width: u16) -> Line<'static> {
    let left = format!(" amicable  {}", state.mode.scope().title());
    let needing = state.queue().iter().filter(|(group, _)| *group == Group::NeedsYou).count();
    let need = if needing == 1 { "1 needs you".to_owned() } else { format!("{needing} need you") };
    let right = format!("{need}  ·  {} ", freshness(state));
    let gap = usize::from(width).saturating_sub(left.width() + right.width()).max(1);
    Line::from(vec![
        Span::styled(left, state.theme.strong()),
        Span::raw(" ".repeat(gap)),
        Span::styled(right, if is_stale(state) { state.theme.bad() } else { state.theme.quiet() }),
    ])
}

/// How fresh what is shown is.
fn freshness(state: &State) -> String {
    if state.demo_outbox.is_some() {
        return "demo".to_owned();
    }
    if state.accounts.values().any(|account| account.fetching) {
        return "fetching".to_owned();
    }
    // The least fresh account is what counts.
    let oldest = state.accounts.values().map(|account| account.checked).min().flatten();
    match oldest {
        Some(checked) => format!("last checked {}", when::moment(checked, &state.now).replace("today ", "")),
        None => "not checked yet".to_owned(),
    }
}

fn is_stale(state: &State) -> bool {
    state.accounts.values().any(|account| account.fault.is_some())
}

/// The keys of the screen, those greyed that can do nothing now. Where they don't all fit, the way out and the list of all
/// keys go before the others.
fn footer_line(state: &State, width: u16) -> Line<'static> {
    let scope = state.mode.scope();
    let shown: Vec<&Binding> =
        TABLE.iter().filter(|binding| binding.scope == scope && !binding.footer.is_empty()).collect();
    let cells = |binding: &Binding| {
        binding.keys.first().copied().unwrap_or_default().width() + 1 + binding.footer.width() + 2
    };
    let is_way_out = |binding: &Binding| matches!(binding.act, Act::Help | Act::Back | Act::Quit);
    // The last one needs no space behind it.
    let mut room = usize::from(width) + 1;
    room = room.saturating_sub(shown.iter().filter(|binding| is_way_out(binding)).map(|b| cells(b)).sum());
    let mut full = false;
    let mut spans = vec![Span::raw(" ")];
    for binding in shown {
        if !is_way_out(binding) {
            full |= cells(binding) > room;
            if full {
                continue;
            }
            room -= cells(binding);
        }
        let key = binding.keys.first().copied().unwrap_or_default();
        let can = enabled(state, binding.act);
        spans.push(Span::styled(key, if can { state.theme.key() } else { state.theme.quiet() }));
        spans.push(Span::raw(" "));
        let words =
            if can { Span::raw(binding.footer) } else { Span::styled(binding.footer, state.theme.quiet()) };
        spans.extend([words, Span::raw("  ")]);
    }
    Line::from(spans)
}

/// A text cut to a number of cells, with `…` where something is missing; padded to fill them.
pub(super) fn cell(text: &str, width: usize) -> String {
    let full = text.width();
    if full <= width {
        return format!("{text}{}", " ".repeat(width - full));
    }
    let mut cut = String::new();
    let mut used = 0;
    for grapheme in unicode_segmentation::UnicodeSegmentation::graphemes(text, true) {
        if used + grapheme.width() + 1 > width {
            break;
        }
        used += grapheme.width();
        cut.push_str(grapheme);
    }
    cut.push('…');
    format!("{cut}{}", " ".repeat(width.saturating_sub(used + 1)))
}

/// A list with the lines from `span.0` on, `span.1` many, in sight.
fn list(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>, span: (usize, usize)) {
    let skip = offset(span.0, span.1, lines.len(), usize::from(area.height));
    frame.render_widget(Paragraph::new(lines.into_iter().skip(skip).collect::<Vec<_>>()), area);
}

/// What stands below the line under the cursor: wrapped into `room` cells, `indent` cells from the left.
fn more_below(text: &str, indent: usize, room: usize, style: Style) -> Vec<Line<'static>> {
    let inset = |line: Line<'static>| {
        Line::from([vec![Span::raw(" ".repeat(indent))], line.spans].concat()).style(line.style)
    };
    page::styled(text, room, style).into_iter().map(inset).collect()
}

/// The first line to show of a list of `lines` lines in a window of `height`, so that lines `at` to
/// `at + size` are in sight, near the middle where there is room.
fn offset(at: usize, size: usize, lines: usize, height: usize) -> usize {
    let centred = (at + size / 2).saturating_sub(height / 2);
    centred.min(lines.saturating_sub(height)).min(at)
}
