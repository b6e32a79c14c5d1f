//! The way of a reply: the choice with its preview, the questions, the editor, one line of the head.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};
use ratatui_textarea::TextArea;

use super::{cell, offset};
use crate::tui::page::styled;
use crate::tui::state::{Asking, Choice, Editing, Field, FieldEditing, Pick, State};
use crate::tui::update::known_values;

/// From here on the preview stands beside the list rather than below it.
const WIDE: u16 = 110;

/// From this height on there is room for empty lines.
const SPACIOUS: u16 = 9;

pub(super) fn draw_pick(state: &State, pick: &Pick, frame: &mut Frame<'_>, area: Rect) {
    let [head, rest] = Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(area);
    let who = if pick.reply_all { "everybody" } else { "the sender" };
    let from = pick.opened.message.author().map_or("(nobody)", |author| author.label());
    frame.render_widget(
        Line::from(vec![
            Span::raw(format!("Reply to {from} about ")),
            Span::styled(pick.opened.message.subject.clone(), state.theme.strong()),
            Span::styled(format!("  (to {who})"), state.theme.quiet()),
        ]),
        head,
    );
    let [list, preview] = if area.width >= WIDE {
        Layout::horizontal([Constraint::Percentage(42), Constraint::Percentage(58)]).areas(rest)
    } else {
        let listed = u16::try_from(pick.choices.len()).unwrap_or(u16::MAX).min(rest.height / 3).max(1);
        Layout::vertical([Constraint::Length(listed), Constraint::Min(1)]).areas(rest)
    };
    draw_choices(state, pick, frame, list);
    draw_preview(state, pick, frame, preview, area.width >= WIDE);
}

fn draw_choices(state: &State, pick: &Pick, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    let lines: Vec<Line<'static>> = pick
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| {
            let (title, detail) = describe(state, choice);
            let selected = index == pick.selected;
            let mark = if selected { "▌ " } else { "  " };
            let line = Line::from(vec![
                Span::raw(mark),
                Span::raw(cell(&title, (width * 3 / 5).min(44))),
                Span::styled(
                    cell(&format!(" {detail}"), width.saturating_sub(2 + (width * 3 / 5).min(44))),
                    state.theme.quiet(),
                ),
            ]);
            if selected { line.style(state.theme.cursor()) } else { line }
        })
        .collect();
    let skip = offset(pick.selected, 1, lines.len(), usize::from(area.height));
    frame.render_widget(Paragraph::new(lines.into_iter().skip(skip).collect::<Vec<_>>()), area);
}

fn describe(state: &State, choice: &Choice) -> (String, String) {
    match choice {
        Choice::Draft => ("Go on with your draft".to_owned(), "kept from before".to_owned()),
        Choice::Blank => ("An empty page".to_owned(), "in your own words".to_owned()),
        Choice::Template(id, why) => match state.templates.get(id) {
            Some(template) if why.is_empty() => (template.title.clone(), template.stance.word().to_owned()),
            Some(template) => (template.title.clone(), why.clone()),
            None => (id.clone(), String::new()),
        },
    }
}

fn draw_preview(state: &State, pick: &Pick, frame: &mut Frame<'_>, area: Rect, beside: bool) {
    let block = Block::new()
        .borders(if beside { Borders::LEFT } else { Borders::TOP })
        .border_style(state.theme.quiet());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner =
        if beside { Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner } } else { inner };
    let width = usize::from(inner.width).min(90);
    let mut lines = Vec::new();
    match pick.choices.get(pick.selected) {
        Some(Choice::Template(id, why)) => {
            if let Some(template) = state.templates.get(id) {
                lines.extend(styled(&template.situation, width, state.theme.quiet()));
                if !why.is_empty() {
                    lines.extend(styled(&format!("Why: {why}"), width, state.theme.good()));
                }
                lines.push(Line::default());
                let text = template.preview(&known_values(state, &pick.opened));
                lines.extend(text.lines().flat_map(|line| styled(line, width, Style::new())));
            }
        }
        Some(Choice::Draft) => {
            let text = pick.opened.draft.as_ref().map(|saved| saved.draft.body.clone()).unwrap_or_default();
            lines.extend(text.lines().flat_map(|line| styled(line, width, Style::new())));
        }
        Some(Choice::Blank) | None => {
            lines.extend(styled("Begin with a greeting and nothing else.", width, state.theme.quiet()));
        }
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

pub(super) fn draw_ask(state: &State, asking: &Asking, frame: &mut Frame<'_>, area: Rect) {
    let Some(ask) = asking.asks.get(asking.at) else { return };
    // In a small window the question and its line go before all else.
    let air = u16::from(area.height >= SPACIOUS);
    let [head, question, line, hint, _, preview] = Layout::vertical([
        Constraint::Length(1 + air),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(air),
        Constraint::Fill(1),
    ])
    .areas(area);
    let count = format!("Question {} of {}", asking.at + 1, asking.asks.len());
    frame.render_widget(Line::styled(count, state.theme.quiet()), head);
    frame.render_widget(Line::styled(ask.question.clone(), state.theme.strong()), question);
    draw_line(&asking.line, frame, line);
    if let Some(example) = &ask.example {
        frame.render_widget(Line::styled(format!("  for example: {example}"), state.theme.quiet()), hint);
    }
    let Some(template) = state.templates.get(&asking.template) else { return };
    let mut values = asking.values.clone();
    let so_far = asking.line.lines().join(" ");
    if !so_far.trim().is_empty() {
        values.set(&ask.name, &so_far);
    }
    let width = usize::from(preview.width).min(90);
    let text = template.preview(&values);
    let lines: Vec<Line<'static>> =
        text.lines().flat_map(|line| styled(line, width, state.theme.quiet())).collect();
    frame.render_widget(Paragraph::new(lines), preview);
}

pub(super) fn draw_field(state: &State, editing: &FieldEditing, frame: &mut Frame<'_>, area: Rect) {
    let title = match editing.field {
        Field::To => "To (addresses with commas between them)",
        Field::Cc => "Cc (addresses with commas between them; empty for none)",
        Field::Subject => "Subject",
    };
    draw_prompt(state, title, &editing.line, editing.fault.as_deref(), frame, area);
}

/// A line to write in, with what it is for above and why it could not be taken below.
pub(super) fn draw_prompt(
    state: &State,
    title: &str,
    text: &TextArea<'static>,
    fault: Option<&str>,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let [head, line, _, below] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
    ])
    .areas(area);
    frame.render_widget(Line::styled(title.to_owned(), state.theme.strong()), head);
    draw_line(text, frame, line);
    if let Some(words) = fault {
        let lines = styled(&format!("! {words}"), usize::from(below.width), state.theme.bad());
        frame.render_widget(Paragraph::new(lines), below);
    }
}

/// A line to write in, behind a prompt.
fn draw_line(area: &TextArea<'static>, frame: &mut Frame<'_>, place: Rect) {
    frame.render_widget(Span::raw("> "), place);
    let room = Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place };
    frame.render_widget(area, room);
}

pub(super) fn draw_edit(state: &State, editing: &Editing, frame: &mut Frame<'_>, area: Rect) {
    let [head, text] = Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(area);
    let to = editing.reply.draft.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let head_width = usize::from(head.width);
    frame.render_widget(
        Paragraph::new(vec![Line::styled(
            cell(&format!("To {to}: {}", editing.reply.draft.subject), head_width),
            state.theme.quiet(),
        )]),
        head,
    );
    frame.render_widget(&editing.area, text);
}
