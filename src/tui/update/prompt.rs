//! Keys of a line that is written for something: another day, a note, an address.

use jiff::Timestamp;

use super::{Effect, bad, good, reply};
use crate::ledger::commitment::due;
use crate::ledger::{Deed, Mark, Person, Snooze};
use crate::tui::keys::Act;
use crate::tui::state::{Change, MarkKind, Mode, Prompt, PromptFor, State};
use crate::tui::when;

/// Asks for a line; `offered` stands there, marked.
pub(super) fn open(purpose: PromptFor, question: &str, offered: &str, below: Mode) -> (Mode, Vec<Effect>) {
    let line = reply::offered(offered);
    let prompt = Prompt { purpose, question: question.to_owned(), line, fault: None, below };
    (Mode::Prompt(Box::new(prompt)), Vec::new())
}

/// Asks until when a message is put off; one that is put off is taken out again.
pub(super) fn put_off(state: &mut State, id: i64, below: Mode) -> (Mode, Vec<Effect>) {
    if state.outlook.put_off.contains(&id) {
        state.last_change = Some(Change::PutOff(id, state.row(id).and_then(|row| row.snooze)));
        good(state, "Taken out again");
        return (below, vec![Effect::PutOff(id, None)]);
    }
    let question = "Until when? (\"Monday\", \"tomorrow 9:00\"; empty: until they write again)";
    open(PromptFor::PutOff(id), question, "", below)
}

pub(super) fn act(state: &mut State, mut prompt: Prompt, act: Act) -> (Mode, Vec<Effect>) {
    if act != Act::Accept {
        return (prompt.below, Vec::new());
    }
    let text = reply::text_of(&prompt.line);
    match take(state, &prompt.purpose, &text) {
        Ok(effects) => (prompt.below, effects),
        Err(fault) => {
            prompt.fault = Some(fault);
            (Mode::Prompt(Box::new(prompt)), Vec::new())
        }
    }
}

fn take(state: &mut State, purpose: &PromptFor, text: &str) -> Result<Vec<Effect>, String> {
    let effect = match purpose {
        PromptFor::Move(id) => moved(state, *id, text)?,
        PromptFor::PutOff(id) => is_put_off(state, *id, text)?,
        PromptFor::Mark(person, kind) => noted(state, person, *kind, text)?,
        PromptFor::Join(one) => joined(state, one, text)?,
        PromptFor::LastDay(person) => {
            let at = day_to_come(state, text)?;
            let last_day = at.to_zoned(state.calendar.zone.clone()).date();
            good(state, "The last day is set. e again writes the next letter; b calls it off");
            Effect::Note(Deed::Mark { person: person.clone(), mark: Mark::Parting { last_day } })
        }
    };
    Ok(vec![effect])
}

fn moved(state: &mut State, commitment: i64, text: &str) -> Result<Effect, String> {
    let at = day_to_come(state, text)?;
    if state.calendar.day(at.to_zoned(state.calendar.zone.clone()).date()).is_err() {
        bad(state, "Moved to a day on which you don't work. r tells the client");
    } else {
        good(state, "Moved. r tells the client");
    }
    Ok(Effect::Move(commitment, text.to_owned(), Some(at)))
}

fn is_put_off(state: &mut State, message: i64, text: &str) -> Result<Effect, String> {
    let until = if text.is_empty() { None } else { Some(begin_of(state, text)?) };
    let was = state.row(message).and_then(|row| row.snooze);
    state.last_change = Some(Change::PutOff(message, was));
    let when = until.map_or_else(|| "they write again".to_owned(), |at| when::moment(at, &state.now));
    good(state, format!("Put off until {when}. s again takes it out"));
    Ok(Effect::PutOff(message, Some(Snooze { until, since: state.now.timestamp() })))
}

fn noted(state: &mut State, person: &Person, kind: MarkKind, text: &str) -> Result<Effect, String> {
    if text.is_empty() && matches!(kind, MarkKind::Note | MarkKind::Unpaid | MarkKind::RefundDue) {
        return Err("A few words are needed".to_owned());
    }
    let text = text.to_owned();
    let mark = match kind {
        MarkKind::Note => Mark::Note { text },
        MarkKind::LatePayment => Mark::LatePayment { text },
        MarkKind::Redo => Mark::Redo { text },
        MarkKind::Unpaid => Mark::Unpaid { text },
        MarkKind::RefundDue => Mark::RefundDue { text },
    };
    good(state, "Noted, for yourself alone. u takes it back");
    Ok(Effect::Note(Deed::Mark { person: person.clone(), mark }))
}

fn joined(state: &mut State, one: &Person, text: &str) -> Result<Effect, String> {
    let other = Person::parse(text)
        .ok_or_else(|| format!("\"{text}\" is no mail address: write it as in ann@example.com"))?;
    if *one == other {
        return Err(format!("{other} is that address itself"));
    }
    let words = match state.records.ledger.client_of(&other) {
        Some(client) => {
            format!("{} ({other}) is the same client from now on. u takes it back", client.name())
        }
        None => format!("{other} is joined; nothing came from there yet. u takes it back"),
    };
    good(state, words);
    Ok(Effect::Note(Deed::Join { one: one.clone(), other }))
}

/// The end of the day or time that a text names; it has to be yet to come.
fn day_to_come(state: &State, text: &str) -> Result<Timestamp, String> {
    let at = due(text, &state.now, &state.calendar)
        .ok_or_else(|| "No day is named; write it as in \"Tuesday 1 December 12:00\"".to_owned())?;
    if at < state.now.timestamp() {
        return Err(format!("{text} is over; name a day to come"));
    }
    Ok(at)
}

/// When work begins on the day that a text names, or the time where it names one.
fn begin_of(state: &State, text: &str) -> Result<Timestamp, String> {
    let end = day_to_come(state, text)?;
    let named = crate::boundary::moments::moments(text, &state.now, &state.calendar);
    if named.first().is_some_and(|moment| moment.time.is_some()) {
        return Ok(end);
    }
    let local = end.to_zoned(state.calendar.zone.clone());
    let opens = state.calendar.day(local.date()).ok().and_then(|stretches| stretches.first().copied());
    let (opens, _) = opens.unwrap_or((jiff::civil::time(9, 0, 0, 0), jiff::civil::time(17, 0, 0, 0)));
    let begin = local.date().to_datetime(opens).to_zoned(state.calendar.zone.clone());
    // Today's morning may be over.
    Ok(begin.map_or(end, |begin| begin.timestamp()).max(state.now.timestamp()))
}
