//! The way of a reply: choose, answer what it asks, write, look it over.

use jiff::SignedDuration;
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use super::{Effect, bad, good, home, scrolled};
use crate::ledger::notice::Notice;
use crate::ledger::{Errand, Occasion, Promise};
use crate::mail::Address;
use crate::reply::{self, Ask, AutoSubmitted, Draft};
use crate::store::Pledges;
use crate::tui::keys::{Act, Key};
use crate::tui::page;
use crate::tui::state::{
    Account, Asking, Change, Choice, Editing, Field, FieldEditing, Mode, Opened, Pick, Reader, Reply, Review,
    State,
};

/// A changed text is kept after a pause of this length.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// So many templates are offered before an empty page.
const BEST: usize = 3;

/// The choice of replies to a message: the kept draft, the templates for what it asks, an empty page.
///
/// `first` goes before all others.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method itself is not general enough over lifetimes"
)]
pub(super) fn start(state: &State, opened: Opened, all: bool, first: Option<&str>) -> Pick {
    let concerns = state.row(opened.id).map(|row| row.concerns().to_vec()).unwrap_or_default();
    let kept = opened.draft.iter().map(|_| Choice::Draft);
    let errand = Errand::Reply;
    let heard = state.situation(&opened, &errand, |situation| situation.signals());
    let templates = reply::rank(&state.templates, &concerns, &heard)
        .into_iter()
        .map(|ranked| Choice::Template(ranked.template.id.clone(), ranked.why));
    let mut choices: Vec<Choice> = kept.chain(templates).collect();
    // Behind the three that fit best.
    let behind = (BEST + usize::from(opened.draft.is_some())).min(choices.len());
    choices.insert(behind, Choice::Blank);
    let is_first = |choice: &Choice| matches!(choice, Choice::Template(id, _) if Some(id.as_str()) == first);
    if let Some(at) = choices.iter().position(is_first) {
        let chosen = choices.remove(at);
        choices.insert(usize::from(opened.draft.is_some()), chosen);
    }
    let reply_all = all && has_other_recipients(state, &opened);
    Pick { opened, choices, selected: 0, reply_all, errand, direct: false }
}

/// A letter with an errand: what is known is filled in, the rest is asked, then it is looked over.
pub(super) fn errand(
    state: &mut State,
    opened: Opened,
    template: &'static str,
    errand: Errand,
) -> (Mode, Vec<Effect>) {
    if let Some(saved) = opened.draft.clone() {
        if saved.errand == errand {
            return go_on(state, Reply::kept(opened, saved), false);
        }
        bad(state, "There is a draft to this client already: go on with it, or throw it away with x first");
        let pick = Pick { direct: true, ..start(state, opened, false, None) };
        return (Mode::Pick(pick), Vec::new());
    }
    let choice = Choice::Template(template.to_owned(), String::new());
    let pick = Pick { opened, choices: vec![choice], selected: 0, reply_all: false, errand, direct: true };
    let Some(found) = state.templates.get(template) else {
        bad(state, format!("There is no template {template} any more"));
        return (Mode::Pick(pick), Vec::new());
    };
    let mut values = known_values(state, &pick.opened);
    // Another day for what is late is the owner's to choose; what is proposed stands in the questions.
    let asked = matches!(&pick.errand, Errand::Notice(Occasion::Delay { .. }));
    for ask in found.missing(&values).into_iter().cloned().collect::<Vec<_>>() {
        let answer = ask.suggest.and_then(|suggest| {
            state.situation(&pick.opened, &pick.errand, |situation| suggest.answer(situation))
        });
        if let Some(answer) = answer.filter(|answer| !asked && ask.kind.accepts(answer).is_ok()) {
            values.set(&ask.name, answer);
        }
    }
    ask_for(state, pick, template, values, false)
}

/// Whether a reply to all would go to more people than a reply to the sender.
pub(super) fn has_other_recipients(state: &State, opened: &Opened) -> bool {
    let own = account(state, opened).map(|account| account.own.clone()).unwrap_or_default();
    !reply::recipients(&opened.message, &own, true).1.is_empty()
}

/// The account a message came to.
fn account<'a>(state: &'a State, opened: &Opened) -> Option<&'a Account> {
    state.accounts.get(&state.row(opened.id)?.account)
}

pub(super) fn pick(state: &mut State, mut pick: Pick, act: Act) -> (Mode, Vec<Effect>) {
    let last = pick.choices.len().saturating_sub(1);
    match act {
        Act::Up => pick.selected = pick.selected.saturating_sub(1),
        Act::Down => pick.selected = (pick.selected + 1).min(last),
        Act::Top => pick.selected = 0,
        Act::Bottom => pick.selected = last,
        Act::ReplyAll => pick.reply_all = !pick.reply_all,
        Act::Discard => {
            let id = pick.opened.id;
            let discarded = pick.opened.draft.map(|saved| Change::Discarded(id, Box::new(saved)));
            state.last_change = discarded.or(state.last_change.take());
            let opened = Opened { draft: None, ..pick.opened };
            good(state, "The draft is thrown away. u in the queue brings it back");
            let again = Pick { direct: pick.direct, ..start(state, opened, pick.reply_all, None) };
            return (Mode::Pick(again), vec![Effect::DiscardDraft(id)]);
        }
        Act::Use => return begin(state, pick, false),
        Act::EditFirst => return begin(state, pick, true),
        _ => {
            let back = if pick.direct { home(state) } else { Mode::Reader(Reader::new(pick.opened)) };
            return (back, Vec::new());
        }
    }
    (Mode::Pick(pick), Vec::new())
}

/// What is offered as the answer to a question: what calendar and policy propose, else its default.
fn proposal(state: &State, pick: &Pick, ask: &Ask) -> String {
    let proposed = ask.suggest.and_then(|suggest| {
        state.situation(&pick.opened, &pick.errand, |situation| suggest.answer(situation))
    });
    proposed.or_else(|| ask.default.clone()).unwrap_or_default()
}

/// Goes on with the choice: to the questions, the editor, or the review.
fn begin(state: &mut State, pick: Pick, edit: bool) -> (Mode, Vec<Effect>) {
    let choice = pick.choices.get(pick.selected).cloned();
    if pick.opened.draft.is_some() && choice != Some(Choice::Draft) {
        // Another reply would take the place of the kept one.
        bad(state, "You have a draft: go on with it, or throw it away with x first");
        return (Mode::Pick(pick), Vec::new());
    }
    match choice {
        Some(Choice::Draft) => {
            let Some(saved) = pick.opened.draft.clone() else { return (Mode::Pick(pick), Vec::new()) };
            go_on(state, Reply::kept(pick.opened, saved), edit)
        }
        Some(Choice::Template(id, _)) => {
            let values = known_values(state, &pick.opened);
            ask_for(state, pick, &id, values, edit)
        }
        Some(Choice::Blank) | None => {
            let values = known_values(state, &pick.opened);
            let text = format!("{}\n\n", reply::greeting(&values));
            compose(state, pick, None, &text, true)
        }
    }
}

/// Asks what a template does not know yet, then writes it.
fn ask_for(
    state: &mut State,
    pick: Pick,
    id: &str,
    values: reply::Values,
    edit: bool,
) -> (Mode, Vec<Effect>) {
    let Some(template) = state.templates.get(id) else { return (Mode::Pick(pick), Vec::new()) };
    let asks = template.missing(&values).into_iter().cloned().collect::<Vec<_>>();
    let Some(first) = asks.first() else { return written(state, pick, id, &values, edit) };
    let line = offered(&proposal(state, &pick, first));
    let asking = Asking { pick, template: id.to_owned(), values, asks, at: 0, line, edit };
    (Mode::Ask(Box::new(asking)), Vec::new())
}

/// What is known without asking.
pub(in crate::tui) fn known_values(state: &State, opened: &Opened) -> reply::Values {
    let account = account(state, opened);
    let owner = account.map_or_else(|| Address::new("", ""), |account| account.owner.clone());
    let own = account.map(|account| account.own.clone()).unwrap_or_default();
    let (to, _) = reply::recipients(&opened.message, &own, false);
    reply::Values::known(to.first(), &owner, &opened.message, state.now.time_zone(), &state.policy.tone)
}

/// The template has all it needs.
fn written(
    state: &mut State,
    pick: Pick,
    template: &str,
    values: &reply::Values,
    edit: bool,
) -> (Mode, Vec<Effect>) {
    let rendered = state.templates.get(template).map(|found| found.render(values));
    match rendered {
        Some(Ok(text)) => {
            let found = state.templates.get(template);
            let promises = found.map(|found| found.promises(values)).unwrap_or_default();
            let subject = found.and_then(|found| found.subject(values));
            let written = Written { template: template.to_owned(), promises, subject };
            compose(state, pick, Some(written), &text, edit)
        }
        Some(Err(fault)) => {
            bad(state, fault.to_string());
            (Mode::Pick(pick), Vec::new())
        }
        None => (Mode::Pick(pick), Vec::new()),
    }
}

/// Whom a reminder or a notice is meant for.
fn addressee(state: &State, pick: &Pick) -> Option<Address> {
    match &pick.errand {
        Errand::Reply | Errand::Letter => None,
        Errand::Nudge(of) => {
            let asked = state.records.follow_ups.iter().find(|follow_up| follow_up.outbox == *of)?;
            Some(asked.to.clone())
        }
        Errand::Notice(occasion) => state.notice(pick.opened.id, occasion).map(|notice| notice.to.clone()),
    }
}

/// What a template gave beside its text.
struct Written {
    template: String,
    promises: Vec<Promise>,
    subject: Option<String>,
}

/// Makes the draft from its text; it is kept before anything else happens.
fn compose(
    state: &mut State,
    pick: Pick,
    written: Option<Written>,
    text: &str,
    edit: bool,
) -> (Mode, Vec<Effect>) {
    let Some(account) = account(state, &pick.opened) else {
        bad(state, "The account of this message is not in the configuration any more");
        return (Mode::Pick(pick), Vec::new());
    };
    let (original, own, signature) = (&pick.opened.message, &account.own, &account.signature);
    let subject = written.as_ref().and_then(|written| written.subject.as_deref());
    let mut draft = match subject {
        Some(subject) => Draft::anew(original, own, subject, text, signature),
        None => Draft::reply(original, own, pick.reply_all, text, signature, state.now.time_zone()),
    };
    // Whom it is meant for is known; a `Reply-To` may lead to a list or a stranger.
    if let Some(to) = addressee(state, &pick) {
        (draft.to, draft.cc) = (vec![to], Vec::new());
    }
    if let Errand::Notice(occasion) = &pick.errand {
        // A delay is told unasked, though it stands below an older mail.
        let answers = subject.is_none() && matches!(occasion, Occasion::Absence { .. });
        draft.auto_submitted =
            Some(if answers { AutoSubmitted::AutoReplied } else { AutoSubmitted::AutoGenerated });
    }
    // A letter of its own is no answer to the message that it is written under.
    let errand = match pick.errand {
        Errand::Reply if subject.is_some() => Errand::Letter,
        errand => errand,
    };
    // What nobody has chosen word by word is kept once it is changed.
    let kept = matches!(errand, Errand::Reply | Errand::Letter);
    let account = state.row(pick.opened.id).map(|row| row.account.clone()).unwrap_or_default();
    let (template, promises) =
        written.map_or((None, Vec::new()), |written| (Some(written.template), written.promises));
    let reply = Reply { opened: pick.opened, account, template, draft, promises, errand, kept };
    let (mode, mut effects) = go_on(state, reply.clone(), edit);
    if kept {
        effects.insert(0, save(&reply));
    }
    (mode, effects)
}

fn go_on(state: &State, reply: Reply, edit: bool) -> (Mode, Vec<Effect>) {
    if !edit {
        return (Mode::Review(Box::new(Review::new(state, reply))), Vec::new());
    }
    let text = reply.draft.body.clone();
    let mode = Mode::Edit(Box::new(editing(reply)));
    let effects = if state.external_editor { vec![Effect::Editor(text)] } else { Vec::new() };
    (mode, effects)
}

/// The editor on a reply, with the cursor where the owner goes on: at the end of the text above the
/// signature and the quoted original.
fn editing(reply: Reply) -> Editing {
    let mut area = TextArea::from(reply.draft.body.lines());
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    let end = reply::own_text_end(&reply.draft.body);
    let row = reply.draft.body.get(..end).map_or(0, |text| text.trim_end().lines().count()).saturating_sub(1);
    area.move_cursor(CursorMove::Jump(u16::try_from(row).unwrap_or(u16::MAX), 0));
    area.move_cursor(CursorMove::End);
    let own = reply.draft.body.get(..end).unwrap_or_default().trim();
    if own.ends_with(',') && own.lines().count() == 1 {
        // Below a greeting with nothing under it.
        area.insert_str("\n\n");
    }
    Editing { reply, area, changed: None }
}

pub(super) fn ask(state: &mut State, mut asking: Asking, act: Act) -> (Mode, Vec<Effect>) {
    if act != Act::Accept {
        let Some(before) = asking.at.checked_sub(1) else {
            let is_errand = asking.pick.errand != Errand::Reply;
            return (if is_errand { home(state) } else { Mode::Pick(asking.pick) }, Vec::new());
        };
        asking.at = before;
        let answer = asking.asks.get(before).and_then(|ask| asking.values.get(&ask.name));
        asking.line = offered(answer.unwrap_or_default());
        return (Mode::Ask(Box::new(asking)), Vec::new());
    }
    let answer = text_of(&asking.line);
    let Some(ask) = asking.asks.get(asking.at) else { return (Mode::Pick(asking.pick), Vec::new()) };
    if let Err(fault) = ask.kind.accepts(&answer) {
        bad(state, fault);
        return (Mode::Ask(Box::new(asking)), Vec::new());
    }
    asking.values.set(&ask.name, answer);
    asking.at += 1;
    match asking.asks.get(asking.at) {
        Some(next) => {
            let answer = asking.values.get(&next.name).map(str::to_owned);
            let answer = answer.unwrap_or_else(|| proposal(state, &asking.pick, next));
            asking.line = offered(&answer);
            (Mode::Ask(Box::new(asking)), Vec::new())
        }
        None => written(state, asking.pick, &asking.template, &asking.values, asking.edit),
    }
}

pub(super) fn edit(state: &mut State, mut editing: Editing, act: Act) -> (Mode, Vec<Effect>) {
    editing.reply.set_body(text_below(&editing.area));
    editing.reply.kept = true;
    let effects = vec![save(&editing.reply)];
    match act {
        Act::Review => (Mode::Review(Box::new(Review::new(state, editing.reply))), effects),
        Act::Editor => {
            let text = editing.reply.draft.body.clone();
            editing.changed = None;
            let mode = Mode::Edit(Box::new(editing));
            (mode, effects.into_iter().chain([Effect::Editor(text)]).collect())
        }
        _ => {
            good(state, "The draft is kept");
            (Mode::Reader(Reader::new(with_draft(editing.reply))), effects)
        }
    }
}

/// The message with the reply as its kept draft.
fn with_draft(reply: Reply) -> Opened {
    let draft = Some(reply.saved());
    Opened { draft, ..reply.opened }
}

/// The owner's own editor is done.
pub(super) fn edited(state: &mut State, text: &str) -> Vec<Effect> {
    let Mode::Edit(before) = std::mem::replace(&mut state.mode, Mode::Queue) else { return Vec::new() };
    let mut reply = before.reply;
    reply.set_body(crate::parse::wash_text(text).trim_end().to_owned());
    reply.kept = true;
    let effect = save(&reply);
    state.mode = Mode::Review(Box::new(Review::new(state, reply)));
    vec![effect]
}

pub(super) fn review(state: &mut State, mut review: Review, act: Act) -> (Mode, Vec<Effect>) {
    match act {
        Act::Send if !review.warned && !review.findings.is_empty() => {
            review.warned = true;
            review.scroll = 0;
            bad(state, "Look again at what is marked above; y once more sends it as it is");
            return (Mode::Review(Box::new(review)), Vec::new());
        }
        Act::Record => {
            review.record = !review.record;
            return (Mode::Review(Box::new(review)), Vec::new());
        }
        Act::Keeps => {
            review.keeps = !review.keeps;
            return (Mode::Review(Box::new(review)), Vec::new());
        }
        Act::Awaits => {
            review.awaits = !review.awaits;
            return (Mode::Review(Box::new(review)), Vec::new());
        }
        Act::Send => {
            let given = if review.record { review.given.clone() } else { Vec::new() };
            let kept = if review.keeps {
                review.reply.open_promises().map(|owed| owed.id).collect()
            } else {
                Vec::new()
            };
            // A notice that names another day takes the place of what was promised before.
            let replaced = match &review.reply.errand {
                Errand::Notice(occasion) => {
                    let notice = state.notice(review.reply.opened.id, occasion);
                    let anew = |notice: &&Notice| {
                        given.iter().any(|given| Some(&given.promise.what) == notice.promised.as_ref())
                    };
                    notice.filter(anew).map(|notice| notice.commitments.clone()).unwrap_or_default()
                }
                Errand::Reply | Errand::Letter | Errand::Nudge(_) => Vec::new(),
            };
            let pledges = Pledges { given, kept, replaced, awaits: review.awaits };
            let effect = Effect::Queue(review.reply.opened.id, Box::new(review.reply.saved()), pledges);
            return (Mode::Review(Box::new(review)), vec![effect]);
        }
        Act::EditText => return go_on(state, review.reply, true),
        Act::EditTo => return (edit_field(review.reply, Field::To), Vec::new()),
        Act::EditCc => return (edit_field(review.reply, Field::Cc), Vec::new()),
        Act::EditSubject => return (edit_field(review.reply, Field::Subject), Vec::new()),
        Act::Back if !review.reply.kept => return (home(state), Vec::new()),
        Act::Back => {
            good(state, "The draft is kept");
            return (Mode::Reader(Reader::new(with_draft(review.reply))), Vec::new());
        }
        _ => {}
    }
    let lines = page::review(state, &review).len();
    review.scroll = scrolled(review.scroll, act, lines, page::body_height(state)).unwrap_or(review.scroll);
    (Mode::Review(Box::new(review)), Vec::new())
}

fn edit_field(reply: Reply, field: Field) -> Mode {
    let text = match field {
        Field::To => recipients(&reply.draft.to),
        Field::Cc => recipients(&reply.draft.cc),
        Field::Subject => reply.draft.subject.clone(),
    };
    Mode::Field(Box::new(FieldEditing { line: line(&text), reply, field, fault: None }))
}

fn recipients(addresses: &[Address]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn field(state: &State, mut editing: FieldEditing, act: Act) -> (Mode, Vec<Effect>) {
    let back = |reply| Mode::Review(Box::new(Review::new(state, reply)));
    if act != Act::Accept {
        return (back(editing.reply), Vec::new());
    }
    let text = text_of(&editing.line);
    let draft = &mut editing.reply.draft;
    let taken = match editing.field {
        Field::To => reply::parse_recipients(&text).map(|to| draft.to = to),
        Field::Cc if text.is_empty() => {
            draft.cc.clear();
            Ok(())
        }
        Field::Cc => reply::parse_recipients(&text).map(|cc| draft.cc = cc),
        Field::Subject => {
            draft.subject = text;
            Ok(())
        }
    };
    match taken {
        Ok(()) => {
            editing.reply.kept = true;
            let effect = save(&editing.reply);
            (back(editing.reply), vec![effect])
        }
        Err(fault) => {
            editing.fault = Some(fault);
            (Mode::Field(Box::new(editing)), Vec::new())
        }
    }
}

/// A key on a screen where text is written.
pub(super) fn write(state: &mut State, key: Key) {
    let now = state.now.timestamp();
    match &mut state.mode {
        Mode::Edit(editing) => {
            let changed = editing.area.input(key.0).then_some(now);
            editing.changed = changed.or(editing.changed);
        }
        Mode::Ask(asking) => {
            asking.line.input(key.0);
        }
        Mode::Field(editing) => {
            editing.line.input(key.0);
            editing.fault = None;
        }
        Mode::Prompt(prompt) => {
            prompt.line.input(key.0);
            prompt.fault = None;
        }
        _ => {}
    }
}

/// Pasted text is text, whatever keys it looks like.
pub(super) fn paste(state: &mut State, text: &str) {
    let now = state.now.timestamp();
    let text = crate::parse::wash_text(text);
    match &mut state.mode {
        Mode::Edit(editing) => {
            editing.area.insert_str(&text);
            editing.changed = Some(now);
        }
        Mode::Ask(asking) => {
            asking.line.insert_str(text.replace('\n', " "));
        }
        Mode::Field(editing) => {
            editing.line.insert_str(text.replace('\n', " "));
        }
        Mode::Prompt(prompt) => {
            prompt.line.insert_str(text.replace('\n', " "));
        }
        _ => {}
    }
}

/// Keeps a changed text after a pause.
pub(super) fn autosave(state: &mut State) -> Vec<Effect> {
    let now = state.now.timestamp();
    let Mode::Edit(editing) = &mut state.mode else { return Vec::new() };
    if editing.changed.is_none_or(|changed| now.duration_since(changed) < PAUSE) {
        return Vec::new();
    }
    editing.changed = None;
    let text = text_below(&editing.area);
    editing.reply.set_body(text);
    vec![save(&editing.reply)]
}

/// What must be kept before the program ends on this screen.
pub(in crate::tui) fn keep(mode: &Mode) -> Vec<Effect> {
    let Mode::Edit(editing) = mode else { return Vec::new() };
    let mut reply = editing.reply.clone();
    reply.set_body(text_below(&editing.area));
    vec![save(&reply)]
}

fn save(reply: &Reply) -> Effect {
    Effect::SaveDraft(reply.opened.id, Box::new(reply.saved()))
}

/// A line to write in, with its text so far.
fn line(text: &str) -> TextArea<'static> {
    let mut area = TextArea::from([text.to_owned()]);
    area.move_cursor(CursorMove::End);
    area
}

/// The same with its text marked: what is typed takes its place, enter takes it as it stands.
pub(super) fn offered(text: &str) -> TextArea<'static> {
    let mut area = line(text);
    if !text.is_empty() {
        area.select_all();
    }
    area
}

pub(super) fn text_of(line: &TextArea<'_>) -> String {
    line.lines().join(" ").trim().to_owned()
}

fn text_below(area: &TextArea<'_>) -> String {
    area.lines().join("\n")
}
