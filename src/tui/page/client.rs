//! The page of one client: who they are, the verdict with its evidence and the next step, what is open, what was noted, and
//! what happened. For the owner's eyes alone.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{by_pressure, field, quiet, styled, width};
use crate::boundary::calendar::HoursOfWeek;
use crate::ledger::client::Kind;
use crate::ledger::commitment::lateness;
use crate::ledger::ladder::Step;
use crate::ledger::{Answer, Client, Errand, Party, counted, parting};
use crate::tui::state::State;
use crate::tui::when;

/// So many messages and replies are shown.
const SHOWN: usize = 40;

/// The page of a client.
pub fn client(state: &State, client: &Client) -> Vec<Line<'static>> {
    let width = width(state);
    let mut lines = vec![Line::styled(client.name().to_owned(), state.theme.strong())];
    for known in &client.known {
        let shared = if known.shared { "  (shared)" } else { "" };
        lines.extend(field(state, "Address", &format!("{}{shared}", known.address.address), width));
    }
    lines.extend(counts(state, client, width));
    lines.extend(verdict(state, client, width));
    lines.extend(parting_lines(state, client, width));
    lines.extend(open(state, client, width));
    lines.extend(notes(state, client, width));
    lines.extend(happened(state, client, width));
    lines
}

fn counts(state: &State, client: &Client, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let since = client.first().map(|at| when::moment(at, &state.now)).unwrap_or_default();
    let messages = client.written().count();
    let replies = client.answers.len();
    let unanswered = client.unanswered().count();
    let wait =
        if unanswered > 0 { format!(", {unanswered} without an answer of yours") } else { String::new() };
    let in_all = format!(
        "{} since {since}, {}{wait}",
        counted(messages, "message", "messages"),
        counted(replies, "reply", "replies")
    );
    lines.extend(field(state, "In all", &in_all, width));
    for kind in Kind::ALL {
        let dates = client.dates(kind);
        if dates.is_empty() {
            continue;
        }
        let said: Vec<String> = dates.iter().rev().take(6).map(|at| when::age(*at, &state.now)).collect();
        let more = if dates.len() > 6 { ", …" } else { "" };
        let text = format!("{}: {}{more}", kind.count(dates.len()), said.join(", "));
        lines.extend(field(state, "", &text, width));
    }
    let (hours, outside) = client.hours(&state.calendar);
    if messages > 0 {
        let text = format!("{outside} of {messages} outside your hours; {}", usual_hours(&hours));
        lines.extend(field(state, "Writes", &text, width));
    }
    lines
}

/// The stretch of the day in which most of their messages come.
fn usual_hours(HoursOfWeek(table): &HoursOfWeek) -> String {
    let names = [("morning", 5..12), ("afternoon", 12..17), ("evening", 17..22)];
    let sum = |hours: std::ops::Range<usize>| -> u32 {
        table.iter().flat_map(|day| day.get(hours.clone()).unwrap_or_default()).sum()
    };
    let night = sum(0..5) + sum(22..24);
    let mut stretches: Vec<(&str, u32)> = names.map(|(name, hours)| (name, sum(hours))).to_vec();
    stretches.push(("night", night));
    let (name, _) = stretches.iter().max_by_key(|(_, count)| *count).copied().unwrap_or(("day", 0));
    let weekend: u32 = table.iter().skip(5).flatten().sum();
    let weekends = if weekend > 0 { format!(", {weekend} at weekends") } else { String::new() };
    format!("mostly in the {name}{weekends}")
}

fn verdict(state: &State, client: &Client, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let advice = state.outlook.advice.get(&client.person());
    for habit in advice.iter().flat_map(|advice| &advice.habits) {
        lines.extend(field(state, "Often", &habit.says(), width));
    }
    if let Some(advice) = advice.filter(|advice| advice.step > Step::Note && parting::stage(client).is_none())
    {
        let text = format!("{} ({})", advice.step.word(), advice.why);
        lines.extend(field(state, "Next step", &text, width));
        if let Some(letter) = advice.letter.and_then(|id| state.templates.get(id)) {
            lines.extend(field(state, "", &format!("r offers: {}", letter.title), width));
        }
    }
    if let Some(since) = state.outlook.check_ins.get(&client.person()) {
        let text = format!(
            "due since {}; r invites them, y notes that you had it",
            when::moment(*since, &state.now)
        );
        lines.extend(field(state, "Yearly talk", &text, width));
    }
    lines
}

fn open(state: &State, client: &Client, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for who in Party::ALL {
        for owed in client.open(who) {
            let name = if who == Party::Owner { "Promised" } else { "Awaited" };
            let when = owed.due.map_or_else(|| owed.by.clone(), |due| lateness(due, &state.now));
            lines.extend(field(state, name, &format!("{}, {when}", owed.what), width));
        }
    }
    for (_, _, mark) in client.unpaid() {
        lines.extend(field(state, "Owed", &mark.says(), width));
    }
    lines
}

fn parting_lines(state: &State, client: &Client, width: usize) -> Vec<Line<'static>> {
    let list = parting::checklist(client, state.now.timestamp());
    let standing = parting::stage(client);
    let begun = standing.is_some() || list.has_begun();
    if !begun {
        return Vec::new();
    }
    let mut lines = vec![Line::styled("Parting", state.theme.strong())];
    let day = match standing {
        Some(parting::Stage::Parted { since }) => {
            format!("you parted {}", when::moment(since, &state.now))
        }
        _ => match list.last_day {
            Some(day) => format!("the last day is {}", day.strftime("%A %-d %B %Y")),
            None => "no last day is set; e sets it".to_owned(),
        },
    };
    lines.extend(styled(&day, width, Style::new()));
    for letter in &list.letters {
        let (sign, style) = match letter.sent {
            Some(at) => {
                (format!("[x] {} ({})", letter.says, when::moment(at, &state.now)), state.theme.quiet())
            }
            None if list.next() == Some(letter) => {
                (format!("[ ] {}: e writes it", letter.says), Style::new())
            }
            None => (format!("[ ] {}", letter.says), state.theme.quiet()),
        };
        lines.extend(styled(&sign, width, style));
    }
    let still = [
        (list.promises.len(), "promise of yours", "promises of yours"),
        (list.unpaid.len(), "unpaid item", "unpaid items"),
        (list.refunds.len() + list.refunds_marked.len(), "refund that is due", "refunds that are due"),
    ];
    let open: Vec<String> = still
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, several)| counted(count, one, several))
        .collect();
    let text = if list.is_clear() {
        "nothing is open between you".to_owned()
    } else {
        format!("still open: {}", open.join(", "))
    };
    lines.extend(styled(&text, width, if list.is_clear() { state.theme.good() } else { state.theme.bad() }));
    lines.push(Line::default());
    lines
}

fn notes(state: &State, client: &Client, width: usize) -> Vec<Line<'static>> {
    if client.marks.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::default(), Line::styled("Noted, for you alone", state.theme.strong())];
    for (_, at, mark) in client.marks.iter().rev() {
        lines.extend(field(state, &when::age(*at, &state.now), &mark.says(), width));
    }
    lines
}

/// Messages and replies, the newest first.
fn happened(state: &State, client: &Client, width: usize) -> Vec<Line<'static>> {
    let mut events: Vec<(jiff::Timestamp, Vec<Span<'static>>)> = Vec::new();
    for past in client.messages.iter().filter(|past| past.client || !past.signs.by_person()) {
        let mut spans = vec![Span::raw(format!("wrote: {}", past.subject))];
        for concern in by_pressure(&past.concerns) {
            spans.push(Span::styled(format!("  {}", concern.word()), state.theme.concern(concern)));
        }
        if !past.signs.by_person() {
            spans = vec![Span::styled(
                format!("{}: {}", past.signs.origin.word(), past.subject),
                state.theme.quiet(),
            )];
        }
        events.push((past.at, spans));
    }
    for answer in &client.answers {
        let what = match answer.errand {
            Errand::Reply | Errand::Letter => "you",
            Errand::Nudge(_) => "you, reminding",
            Errand::Notice(_) => "you, telling",
        };
        let how = answered(state, answer);
        events.push((answer.at, vec![Span::styled(format!("{what}: {how}"), state.theme.quiet())]));
    }
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let more = events.len().saturating_sub(SHOWN);
    let mut lines = vec![Line::default(), Line::styled("What happened", state.theme.strong())];
    for (at, spans) in events.into_iter().take(SHOWN) {
        let age = Span::styled(format!("{:<10}", when::age(at, &state.now)), state.theme.quiet());
        let line = Line::from([vec![age], spans].concat());
        lines.push(cut(line, width));
    }
    if more > 0 {
        lines.push(quiet(state, format!("and {more} before")));
    }
    lines
}

/// A line cut to the width.
fn cut(line: Line<'static>, width: usize) -> Line<'static> {
    let mut left = width;
    let mut spans = Vec::new();
    for span in line.spans {
        if left == 0 {
            break;
        }
        let text = crate::tui::view::cell(&span.content, span.width().min(left));
        left = left.saturating_sub(span.width());
        spans.push(Span::styled(text, span.style));
    }
    Line::from(spans)
}

/// The letter, or what was answered in the owner's own words.
fn answered(state: &State, answer: &Answer) -> String {
    if let Some(id) = &answer.template {
        return state.templates.get(id).map_or_else(|| id.clone(), |template| template.title.clone());
    }
    let subject = answer.message.and_then(|message| state.row(message)).map(|row| row.subject.as_str());
    crate::reply::draft::reply_subject(subject.unwrap_or_default())
}
