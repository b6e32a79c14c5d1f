//! The list of messages, and the correction of a label.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::{cell, list};
use crate::ledger::parting;
use crate::store::{OutboxState, Row};
use crate::triage::{Concern, Sender};
use crate::tui::page::{by_pressure, one_line, percent, styled};
use crate::tui::state::{Group, Label, State, is_stuck};
use crate::tui::when;

/// Cells of the columns before the subject; the subject takes what is left.
const MARK: usize = 2;
const WHAT: usize = 22;
const CLIENT: usize = 18;
const AGE: usize = 8;

/// From here on the evidence stands in the line of its message rather than below it.
const WIDE: usize = 120;

/// Cells of the evidence in a wide line.
const EVIDENCE: usize = 50;

pub(super) fn draw(state: &State, frame: &mut Frame<'_>, area: Rect) {
    let queue = state.queue();
    if queue.is_empty() {
        let words = Line::styled("  No mail yet. f looks for it.", state.theme.quiet());
        return frame.render_widget(words, area);
    }
    let current = state.current().map(|row| row.id);
    let width = usize::from(area.width);
    let mut lines = super::promises::pressing(state, width);
    if let Some(line) = super::waiting::pressing(state) {
        lines.push(line);
        lines.push(Line::default());
    }
    let above = lines.len();
    let mut span = (0, 0);
    let mut last = None;
    for (group, row) in &queue {
        if last != Some(*group) {
            let count = queue.iter().filter(|(other, _)| other == group).count();
            lines.extend(heading(state, *group, count, last.is_none()));
            last = Some(*group);
        }
        let start = lines.len();
        let selected = Some(row.id) == current;
        lines.extend(message(state, *group, row, selected, width));
        if selected {
            // What stands above the first message stays in sight with it.
            let begin = if start == above + 1 { 0 } else { start };
            span = (begin, lines.len() - begin);
        }
    }
    list(frame, area, lines, span);
}

fn heading(state: &State, group: Group, count: usize, first: bool) -> Vec<Line<'static>> {
    let title = Line::from(vec![
        Span::styled(format!("  {}", group.title()), state.theme.strong()),
        Span::styled(format!("  {count}"), state.theme.quiet()),
    ]);
    if first { vec![title] } else { vec![Line::default(), title] }
}

/// A message in one or two lines: what it asks, who, subject, age; the words that say so.
fn message(state: &State, group: Group, row: &Row, selected: bool, width: usize) -> Vec<Line<'static>> {
    let wide = width >= WIDE && group == Group::NeedsYou;
    let age = when::age(row.sent_at, &state.now);
    let parted = match state.parting(row.id) {
        Some(parting::Stage::Parted { .. }) => "parted  ",
        Some(parting::Stage::Leaving { .. }) => "parting  ",
        None => "",
    };
    let draft = format!("{parted}{}", if row.has_draft { "draft  " } else { "" });
    let tail = MARK + WHAT + CLIENT + AGE + draft.len() + if wide { EVIDENCE + 1 } else { 0 };
    let subject = if row.subject.is_empty() { "(no subject)" } else { &row.subject };
    let quiet = if group == Group::Done { state.theme.quiet() } else { Style::new() };
    let mut spans = vec![Span::raw(if selected { "▌ " } else { "  " })];
    spans.extend(what(state, group, row));
    spans.push(Span::styled(cell(row.from.label(), CLIENT - 1) + " ", quiet));
    spans.push(Span::styled(cell(subject, width.saturating_sub(tail)), quiet));
    if wide {
        spans.push(Span::styled(format!(" {}", evidence(row, EVIDENCE)), state.theme.quiet()));
    }
    spans.push(Span::styled(draft, state.theme.good()));
    spans.push(Span::styled(format!("{age:>7} "), state.theme.quiet()));
    let style = if selected { state.theme.cursor() } else { Style::new() };
    let mut lines = vec![Line::from(spans).style(style)];
    let words = evidence(row, width.saturating_sub(MARK + WHAT + 1));
    if group == Group::NeedsYou && !wide && !words.trim().is_empty() {
        let indent = " ".repeat(MARK + WHAT);
        lines.push(Line::styled(format!("{indent}{words}"), state.theme.quiet()));
    }
    lines
}

/// The first column: the concerns; for the others why they are, for what is done what became of it.
fn what(state: &State, group: Group, row: &Row) -> Vec<Span<'static>> {
    let plain = |words: &str| vec![Span::styled(cell(words, WHAT - 1) + " ", state.theme.quiet())];
    if let (true, Some(stuck)) = (is_stuck(row), row.reply) {
        let words = if stuck == OutboxState::Queued {
            "reply not sent yet".to_owned()
        } else {
            format!("reply {stuck}")
        };
        return vec![Span::styled(cell(&words, WHAT - 1) + " ", state.theme.bad())];
    }
    match group {
        Group::NeedsYou => concerns(state, row.concerns()),
        Group::Routine => plain(""),
        Group::Others => {
            let why = row
                .verdict
                .evidence
                .iter()
                .find(|evidence| evidence.concern.concern().is_none() && evidence.weight < 0.0);
            plain(if row.correction.is_some() { "you said so" } else { why.map_or("", |why| &why.says) })
        }
        Group::Later => plain("put off"),
        Group::Done => plain(match row.reply {
            Some(OutboxState::Queued | OutboxState::Sending) => "reply waits",
            Some(_) => "replied",
            None if row.answered => "answered",
            None if row.done => "put away",
            None => "answered later",
        }),
    }
}

/// The words of the concerns, the most pressing in its colour.
fn concerns(state: &State, concerns: &[Concern]) -> Vec<Span<'static>> {
    let concerns = by_pressure(concerns);
    let Some(first) = concerns.first() else { return vec![Span::raw(cell("", WHAT))] };
    let words: Vec<&str> = concerns.iter().map(|concern| concern.word()).collect();
    let all = cell(&words.join(", "), WHAT - 1);
    let rest = all.strip_prefix(first.word()).unwrap_or_default().to_owned();
    vec![Span::styled(first.word(), state.theme.concern(*first)), Span::raw(rest + " ")]
}

/// The words that speak most for what the message counts as, and what they say, in `room` cells: where both
/// don't fit, the quote is cut first.
fn evidence(row: &Row, room: usize) -> String {
    if row.correction.is_some() {
        return cell("you said so", room);
    }
    let Some(evidence) = row.verdict.top_evidence() else { return cell("", room) };
    let quote = one_line(&evidence.quote);
    // Quotation marks and the space between.
    let left = room.saturating_sub(evidence.says.width() + 4).max(room / 2);
    let quote = if quote.width() > left { cell(&quote, left) } else { quote };
    cell(&format!("\u{201c}{}\u{201d}  {}", quote.trim_end(), evidence.says), room)
}

pub(super) fn draw_label(state: &State, label: &Label, frame: &mut Frame<'_>, area: Rect) {
    let message = &label.opened.message;
    let width = usize::from(area.width);
    let from = message.author().map_or("(nobody)", |author| author.label());
    let mut lines = vec![
        Line::from(vec![
            Span::styled(format!("{from}: "), state.theme.strong()),
            Span::raw(message.subject.clone()),
        ]),
        Line::default(),
        Line::raw("What is this message?"),
        Line::default(),
    ];
    let client = label.chosen.sender == Sender::Client;
    for (number, concern) in (1..).zip(Concern::ALL) {
        let on = label.chosen.concerns.contains(&concern);
        let score = state.row(label.opened.id).map_or(1.0, |row| percent(row.verdict.scores.of(concern)));
        let style = if on { state.theme.concern(concern) } else { Style::new() };
        lines.push(Line::from(vec![
            Span::styled(format!("  {number}  "), state.theme.key()),
            Span::styled(format!("[{}] {:<12}", if on { "x" } else { " " }, concern.word()), style),
            Span::styled(format!("amicable says {score:.0} %"), state.theme.quiet()),
        ]));
    }
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::styled("  o  ", state.theme.key()),
        Span::raw(if client { "from a client" } else { "not from a client: it asks nothing" }),
    ]));
    lines.push(Line::default());
    lines.extend(reasons(state, label, width));
    frame.render_widget(Paragraph::new(lines), area);
}

/// Why amicable says so: all of it, for and against.
fn reasons(state: &State, label: &Label, width: usize) -> Vec<Line<'static>> {
    let Some(row) = state.row(label.opened.id) else { return Vec::new() };
    let mut lines = vec![Line::styled("Why amicable says so", state.theme.strong())];
    for evidence in &row.verdict.evidence {
        let topic = evidence.concern.concern().map_or("client", Concern::word);
        let side = if evidence.weight < 0.0 { "against" } else { "for" };
        let words =
            format!("{side:<8}{topic:<10} \u{201c}{}\u{201d}  {}", one_line(&evidence.quote), evidence.says);
        lines.extend(styled(&words, width, state.theme.quiet()));
    }
    if row.verdict.evidence.is_empty() {
        lines.push(Line::styled("It found no words that say anything special.", state.theme.quiet()));
    }
    lines
}
