//! Long texts laid out in lines of the screen's width: a message, and a reply before it goes. Both `update`
//! (how far can it scroll?) and `view` ask here.

mod client;

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub use client::client;

use super::state::{Mode, Reader, Reply, Review, State};
use super::when;
use crate::ledger::commitment::lateness;
use crate::ledger::{Errand, Party};
use crate::mail::{Attachment, Message, Zone, ZoneKind};
use crate::reply;
use crate::reply::check::{Finding, FindingId};
use crate::store::{OutboxState, Row};
use crate::triage::{Concern, Due, Evidence, Place, Sender};

/// Reasons shown above the text.
const REASONS: usize = 3;

/// Lines longer than this are hard to read.
const MAX_WIDTH: usize = 100;

/// Cells of the column that names a header field.
const NAME: usize = 10;

/// The width of text on this screen.
fn width(state: &State) -> usize {
    usize::from(state.size.0).saturating_sub(2).clamp(20, MAX_WIDTH)
}

/// The width of the pages of the report.
pub fn report_width(state: &State) -> usize {
    width(state)
}

/// Lines that a word to the owner may take.
const STATUS: usize = 4;

/// The status line; a word that is too long for one line takes more, since its end may be the way out.
pub fn status(state: &State) -> Vec<Line<'static>> {
    let line = status_line(state);
    let words: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let width = usize::from(state.size.0).saturating_sub(1).max(1);
    let mut lines = styled(words.trim_end(), width, line.style);
    lines.truncate(STATUS);
    lines
}

/// Lines of the screen below the title and above the status line and the keys.
pub fn body_height(state: &State) -> usize {
    usize::from(state.size.1).saturating_sub(2 + status(state).len()).max(1)
}

/// What just happened, what is about to, or what is wrong.
fn status_line(state: &State) -> Line<'static> {
    if let Some(notice) = &state.notice {
        let style = if notice.bad { state.theme.bad() } else { state.theme.good() };
        let sign = if notice.bad { " ! " } else { " " };
        return Line::styled(format!("{sign}{}", notice.text), style);
    }
    if let Some(words) = countdown(state) {
        return Line::styled(format!(" {words}"), state.theme.good());
    }
    if let Some(fault) = state.accounts.values().find_map(|account| account.fault.as_ref()) {
        return Line::styled(format!(" ! {fault}"), state.theme.bad());
    }
    match &state.demo_outbox {
        Some(folder) => Line::styled(
            format!(" Nothing leaves this machine: replies land in {folder}"),
            state.theme.quiet(),
        ),
        None => Line::default(),
    }
}

/// How long the newest reply can still be taken back.
fn countdown(state: &State) -> Option<String> {
    let item = state.outbox.iter().find(|item| item.state == OutboxState::Queued)?;
    let to = item.draft.to.first().map_or("", |address| address.label());
    let left = item.not_before.duration_since(state.now.timestamp());
    let seconds = (left.as_millis() + 999) / 1000;
    if seconds <= 0 {
        return Some(format!("The reply to {to} is about to go out"));
    }
    let again = if item.attempts > 0 { "is tried again" } else { "goes out" };
    let way = if matches!(state.mode, Mode::Queue | Mode::Leaving(_)) { "; u takes it back" } else { "" };
    Some(format!("The reply to {to} {again} in {seconds} s{way}"))
}

/// An opened message as the reader shows it.
pub fn message(state: &State, reader: &Reader) -> Vec<Line<'static>> {
    let message = &reader.opened.message;
    let row = state.row(reader.opened.id);
    let width = width(state);
    let mut lines = head(state, message, reader.headers, width);
    if let Some(row) = row {
        lines.extend(verdict(state, row, width));
    }
    lines.extend(card(state, reader, width));
    lines.push(Line::default());
    for zone in &message.body.zones {
        if is_folded(zone.kind) && !reader.history {
            lines.extend(fold(state, message, zone));
        } else {
            lines.extend(text(state, message, zone, row, width));
        }
    }
    if message.body.text.trim().is_empty() {
        lines.push(quiet(state, "(no text)"));
    }
    lines.extend(below(state, message, width));
    while lines.last().is_some_and(|line| line.width() == 0) {
        lines.pop();
    }
    lines
}

/// Whether there is something to unfold.
pub fn has_folded(message: &Message) -> bool {
    message.body.zones.iter().any(|zone| is_folded(zone.kind) && !zone_text(message, zone).trim().is_empty())
}

/// Forwarded text may be the point of the message, so it is shown.
fn is_folded(kind: ZoneKind) -> bool {
    matches!(kind, ZoneKind::Quoted | ZoneKind::Signature | ZoneKind::Disclaimer)
}

fn zone_text<'a>(message: &'a Message, zone: &Zone) -> &'a str {
    message.body.text.get(zone.range()).unwrap_or_default()
}

fn head(state: &State, message: &Message, all: bool, width: usize) -> Vec<Line<'static>> {
    if all {
        return message
            .headers
            .iter()
            .flat_map(|header| field(state, &header.name, &header.value, width))
            .collect();
    }
    let from = message.author().map_or_else(|| "(nobody)".to_owned(), ToString::to_string);
    let subject = if message.subject.is_empty() { "(no subject)" } else { &message.subject };
    let mut lines = field(state, "From", &from, width);
    if let Some(other) =
        message.reply_to.first().filter(|other| !message.from.iter().any(|a| a.same_mailbox(other)))
    {
        lines.extend(field(state, "Reply to", &other.to_string(), width));
    }
    if let Some(date) = message.date {
        lines.extend(field(state, "Date", &when::moment(date, &state.now), width));
    }
    lines.extend(field(state, "Subject", subject, width));
    lines
}

/// A name in its column with a wrapped value beside it.
fn field(state: &State, name: &str, value: &str, width: usize) -> Vec<Line<'static>> {
    let indent = NAME.max(name.width() + 1);
    let room = width.saturating_sub(indent).max(10);
    wrapped(value, room)
        .enumerate()
        .map(|(index, range)| {
            let label = if index == 0 { format!("{name:<indent$}") } else { " ".repeat(indent) };
            Line::from(vec![
                Span::styled(label, state.theme.quiet()),
                Span::raw(value.get(range).unwrap_or_default().to_owned()),
            ])
        })
        .collect()
}

/// What amicable says of the message, and why.
fn verdict(state: &State, row: &Row, width: usize) -> Vec<Line<'static>> {
    let mut spans = vec![Span::styled(format!("{:<NAME$}", "Asks"), state.theme.quiet())];
    for (index, concern) in by_pressure(row.concerns()).into_iter().enumerate() {
        if index > 0 {
            spans.push(Span::raw(", "));
        }
        spans.push(Span::styled(concern.word(), state.theme.concern(concern)));
        if row.correction.is_none() {
            let percent = percent(row.verdict.scores.of(concern));
            spans.push(Span::styled(format!(" {percent:.0} %"), state.theme.quiet()));
        }
    }
    if row.concerns().is_empty() {
        spans.push(Span::raw(match row.sender() {
            Sender::Client => "nothing out of the ordinary",
            Sender::Other => "nothing: it is not from a client",
        }));
    }
    if row.correction.is_some() {
        spans.push(Span::styled("  (you said so)", state.theme.quiet()));
    }
    let mut lines = vec![Line::from(spans)];
    if let Some(due) = row.verdict.deadline.as_ref().filter(|_| row.concerns().contains(&Concern::Emergency))
    {
        lines.extend(field(state, "Wanted", &wanted(state, row, due), width));
    }
    for evidence in reasons(row) {
        let value = format!("\u{201c}{}\u{201d}  {}", one_line(&evidence.quote), evidence.says);
        for line in styled(&value, width.saturating_sub(NAME), state.theme.quiet()) {
            lines
                .push(Line::from([vec![Span::raw(" ".repeat(NAME))], line.spans].concat()).style(line.style));
        }
    }
    lines
}

/// The boundary card: policy, earliest moment, history, promises.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method itself is not general enough over lifetimes"
)]
fn card(state: &State, reader: &Reader, width: usize) -> Vec<Line<'static>> {
    let lines = state.situation(&reader.opened, &Errand::Reply, |situation| situation.card());
    lines
        .iter()
        .flat_map(|line| {
            let style = if line.presses { state.theme.bad() } else { Style::new() };
            let mut shown = field(state, line.name, &line.text, width);
            for line in &mut shown {
                if let Some(value) = line.spans.get_mut(1) {
                    value.style = style;
                }
            }
            shown
        })
        .collect()
}

/// A score in per cent. None is shown as certain.
pub(super) fn percent(score: f32) -> f32 {
    (score * 100.0).clamp(1.0, 99.0)
}

/// By when it is wanted, with the working time that was left when it was sent. On another day than that "tomorrow" would be
/// another one.
fn wanted(state: &State, row: &Row, due: &Due) -> String {
    let zone = || state.now.time_zone().clone();
    let sent = row.sent_at.to_zoned(zone());
    let hours = due.hours.and_then(|hours| jiff::SignedDuration::try_from_secs_f64(hours * 3600.0).ok());
    let at = hours.and_then(|hours| row.sent_at.checked_add(hours).ok());
    let over = at.filter(|at| *at < state.now.timestamp()).map_or("", |_| "; that is over");
    let when = match at {
        Some(at) if sent.date() != state.now.date() => {
            at.to_zoned(zone()).strftime("%a %-d %b, %-H:%M").to_string()
        }
        _ => due.when.clone(),
    };
    let hours = due.working_hours.map(|hours| match hours {
        hours if hours < 0.5 => "no working time of yours".to_owned(),
        hours if hours < 1.5 => "1 of your working hours".to_owned(),
        hours => format!("{hours:.0} of your working hours"),
    });
    match hours {
        Some(hours) if over.is_empty() => format!("{when}, {hours} after it was sent"),
        _ => format!("{when}{over}"),
    }
}

/// The strongest reasons for what the message counts as.
fn reasons(row: &Row) -> Vec<&Evidence> {
    let speaks = |evidence: &&Evidence| match evidence.concern.concern() {
        Some(concern) => row.concerns().contains(&concern) && evidence.weight > 0.0,
        None => row.concerns().is_empty() && row.sender() == Sender::Other && evidence.weight < 0.0,
    };
    row.verdict.evidence.iter().filter(speaks).take(REASONS).collect()
}

/// A quote in one line.
pub(super) fn one_line(quote: &str) -> String {
    quote.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line in place of a folded zone.
fn fold(state: &State, message: &Message, zone: &Zone) -> Vec<Line<'static>> {
    let lines = zone_text(message, zone).lines().filter(|line| !line.trim().is_empty()).count();
    if lines == 0 {
        return Vec::new();
    }
    let what = match zone.kind {
        ZoneKind::Quoted => "of earlier mail",
        ZoneKind::Signature => "of signature",
        _ => "of small print",
    };
    let count = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
    vec![quiet(state, format!("[{count} {what}: z unfolds]")), Line::default()]
}

/// A zone in full, with the evidence highlighted.
fn text(
    state: &State,
    message: &Message,
    zone: &Zone,
    row: Option<&Row>,
    width: usize,
) -> Vec<Line<'static>> {
    let base = if zone.kind == ZoneKind::New { Style::new() } else { state.theme.quiet() };
    let marks = row.map(|row| marks(state, row)).unwrap_or_default();
    let body = &message.body.text;
    let mut lines = Vec::new();
    let mut start = zone.start;
    for source_line in zone_text(message, zone).split_inclusive('\n') {
        let content = source_line.trim_end_matches('\n');
        for range in wrapped(content, width) {
            let shown = start + range.start..start + range.end;
            lines.push(Line::from(spans(body, shown, &marks, base)));
        }
        start += source_line.len();
    }
    lines
}

/// Ranges of the clean text to highlight.
fn marks(state: &State, row: &Row) -> Vec<(Range<usize>, Style)> {
    row.verdict
        .evidence
        .iter()
        .filter(|evidence| evidence.place == Place::Body && evidence.weight > 0.0)
        .filter_map(|evidence| {
            let concern = evidence.concern.concern().filter(|concern| row.concerns().contains(concern))?;
            Some((evidence.start..evidence.end, state.theme.evidence(concern)))
        })
        .collect()
}

/// A stretch of text cut where a highlight begins or ends.
fn spans(
    text: &str,
    range: Range<usize>,
    marks: &[(Range<usize>, Style)],
    base: Style,
) -> Vec<Span<'static>> {
    let mut cuts: Vec<usize> = marks
        .iter()
        .flat_map(|(mark, _)| [mark.start, mark.end])
        .filter(|cut| range.contains(cut))
        .chain([range.start, range.end])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .filter_map(|pair| {
            let piece = text.get(pair[0]..pair[1])?;
            let mark = marks.iter().find(|(mark, _)| mark.start <= pair[0] && pair[1] <= mark.end);
            Some(Span::styled(piece.to_owned(), mark.map_or(base, |(_, style)| *style)))
        })
        .collect()
}

/// Attachments, and what was wrong with the message.
fn below(state: &State, message: &Message, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if !message.attachments.is_empty() {
        lines.push(Line::default());
    }
    for attachment in &message.attachments {
        let value = format!("{}  ({}, {})", attachment.name, attachment.media_type, size(attachment));
        lines.extend(field(state, "Attached", &value, width));
    }
    if !message.notes.is_empty() {
        lines.push(Line::default());
    }
    for note in &message.notes {
        lines.extend(field(state, "Note", note, width));
    }
    lines
}

fn size(attachment: &Attachment) -> String {
    match attachment.size {
        bytes if bytes < 1_000 => format!("{bytes} bytes"),
        bytes if bytes < 1_000_000 => format!("{} kB", bytes / 1_000),
        bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn quiet(state: &State, text: impl Into<String>) -> Line<'static> {
    Line::styled(text.into(), state.theme.quiet())
}

/// A reply as the review shows it: what hinders it first, then the head, then the text.
pub fn review(state: &State, review: &Review) -> Vec<Line<'static>> {
    let reply = &review.reply;
    let width = width(state);
    let draft = &reply.draft;
    let mut lines: Vec<Line<'static>> = hindrances(reply)
        .into_iter()
        .flat_map(|hindrance| styled(&format!("! {hindrance}"), width, state.theme.bad()))
        .collect();
    for finding in review.findings.iter().filter(|finding| finding.id != FindingId::Placeholder) {
        lines.extend(finding_lines(state, finding, width));
    }
    if let Some(state_of_first) = state.row(reply.opened.id).and_then(|row| row.reply) {
        let words =
            format!("! This message has a reply already ({state_of_first}): this would be a second mail");
        lines.extend(styled(&words, width, state.theme.bad()));
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(promise_lines(state, review, width));
    if let Some(account) = state.accounts.get(&reply.account) {
        lines.extend(field(state, "From", &account.owner.to_string(), width));
    }
    let list = |addresses: &[crate::mail::Address]| {
        addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    lines.extend(field(state, "To", &list(&draft.to), width));
    if !draft.cc.is_empty() {
        lines.extend(field(state, "Cc", &list(&draft.cc), width));
    }
    lines.extend(field(state, "Subject", &draft.subject, width));
    lines.push(Line::default());
    for source_line in draft.body.lines() {
        let style = if source_line.starts_with('>') { state.theme.quiet() } else { Style::new() };
        lines.extend(styled(source_line, width, style));
    }
    lines
}

/// A text in one style, wrapped.
pub(super) fn styled(text: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    wrapped(text, width)
        .map(|range| Line::styled(text.get(range).unwrap_or_default().to_owned(), style))
        .collect()
}

/// Why a reply can't be sent as it stands.
pub fn hindrances(reply: &Reply) -> Vec<String> {
    let draft = &reply.draft;
    let mut found = Vec::new();
    if draft.to.is_empty() {
        found.push("There is no recipient (t edits)".to_owned());
    }
    let own = draft.body.get(..reply::own_text_end(&draft.body)).unwrap_or(&draft.body);
    if own.trim().is_empty() {
        found.push("There is no text (e edits)".to_owned());
    }
    found.extend(
        reply::leftovers(&draft.body)
            .into_iter()
            .map(|leftover| format!("{} still has to be filled in (e edits)", leftover.quote)),
    );
    found
}

/// A finding: its words, why, and what could stand there instead.
fn finding_lines(state: &State, finding: &Finding, width: usize) -> Vec<Line<'static>> {
    let quote = one_line(&finding.quote);
    let words = match quote.chars().count() {
        0 => format!("! {}", finding.why),
        1..=60 => format!("! \u{201c}{quote}\u{201d}: {}", finding.why),
        _ => format!(
            "! \u{201c}{}\u{2026}\u{201d}: {}",
            quote.chars().take(57).collect::<String>(),
            finding.why
        ),
    };
    let mut lines = styled(&words, width, state.theme.bad());
    if let Some(instead) = &finding.instead {
        lines.extend(styled(&format!("  instead: {instead}"), width, state.theme.quiet()));
    }
    lines
}

/// What the reply promises, and whether that is recorded.
fn promise_lines(state: &State, review: &Review, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for given in &review.given {
        let who = if given.promise.who == Party::Owner { "You" } else { "They" };
        let when = given.due.map_or_else(|| given.promise.by.clone(), |due| lateness(due, &state.now));
        let condition =
            given.promise.condition.as_ref().map(|words| format!(", if {words}")).unwrap_or_default();
        lines.extend(field(state, who, &format!("{}, {when}{condition}", given.promise.what), width));
    }
    let owed: Vec<String> = review.reply.open_promises().map(|owed| owed.what.clone()).collect();
    let keeps = (!owed.is_empty()).then(|| {
        let sign = if review.keeps { "This reply keeps" } else { "Promised before, and open" };
        let way = if review.keeps { "d: it doesn't" } else { "d: this reply keeps it" };
        format!("{sign}: {} ({way})", owed.join("; "))
    });
    if !lines.is_empty() {
        let words = if review.record {
            "These promises are recorded when it is sent (p: don't)"
        } else {
            "These promises are not recorded (p: do)"
        };
        lines.insert(0, quiet(state, words));
    }
    let waits = match &review.reply.errand {
        Errand::Reply | Errand::Letter if review.awaits => {
            let patience = state.policy.reminder_after;
            Some(format!("It waits for an answer; you are reminded after {patience} (w: it doesn't)"))
        }
        Errand::Reply | Errand::Letter => None,
        Errand::Nudge(_) => Some("A reminder: it is stopped if they answer before it goes out".to_owned()),
        Errand::Notice(_) => Some(match review.reply.draft.auto_submitted {
            Some(how) => format!(
                "A notice, once to this client; marked as automatic, so that no machine answers it (Auto-Submitted: {})",
                how.keyword()
            ),
            None => "A notice, once to this client, in your own words".to_owned(),
        }),
    };
    lines.extend(waits.into_iter().flat_map(|words| styled(&words, width, state.theme.quiet())));
    if let Some(words) = keeps {
        let style = if review.keeps { state.theme.good() } else { state.theme.quiet() };
        lines.extend(styled(&words, width, style));
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// The byte ranges of the lines that a line of text is wrapped into; one, maybe empty, at least. The white
/// space at which a line breaks belongs to neither.
pub(super) fn wrapped(text: &str, width: usize) -> impl Iterator<Item = Range<usize>> {
    let options = textwrap::Options::new(width.max(1)).word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut ranges = Vec::new();
    let mut from = 0;
    for line in textwrap::wrap(text, options) {
        // Each line is a stretch of the text; they follow one another.
        let start = from + text.get(from..).and_then(|rest| rest.find(line.as_ref())).unwrap_or(0);
        from = start + line.len();
        ranges.push(start..from);
    }
    if ranges.is_empty() {
        ranges.push(0..0);
    }
    ranges.into_iter()
}

/// The concerns in the order of the queue: the most pressing first.
pub(super) fn by_pressure(concerns: &[Concern]) -> Vec<Concern> {
    Concern::ALL.into_iter().filter(|concern| concerns.contains(concern)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_are_stretches_of_the_text_in_order() {
        let text =
            "  The cake  was lovely, but donaudampfschifffahrtsgesellschaft spelled it wrong. 🎂 again";
        let lines: Vec<&str> = wrapped(text, 16).map(|range| text.get(range).unwrap()).collect();
        assert!(lines.iter().all(|line| line.width() <= 16), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(wrapped("", 10).next(), Some(0..0), "an empty line is a line");
    }
}
