//! Keys of the list of clients and of the page of one.

use super::{Effect, Purpose, bad, good, list, prompt, scrolled};
use crate::ledger::ladder::Step;
use crate::ledger::{Client, Deed, Entry, Mark, Person, parting};
use crate::tui::keys::Act;
use crate::tui::page;
use crate::tui::state::{ClientScreen, ClientsScreen, MarkKind, Mode, PromptFor, State};

pub(super) fn screen() -> (Mode, Vec<Effect>) {
    (Mode::Clients(ClientsScreen::default()), Vec::new())
}

/// The page of the client who wrote a message.
pub(super) fn open(state: &State, message: i64, below: Mode) -> (Mode, Vec<Effect>) {
    match state.writer(message) {
        Some(client) => (page_of(client, below), Vec::new()),
        None => (below, Vec::new()),
    }
}

/// The page of a client.
pub(super) fn page_of(client: &Client, below: Mode) -> Mode {
    Mode::Client(ClientScreen {
        person: client.person(),
        message: client.written().next_back().map(|past| past.message),
        scroll: 0,
        warned: false,
        below: Box::new(below),
    })
}

pub(super) fn list(state: &mut State, mut screen: ClientsScreen, act: Act) -> (Mode, Vec<Effect>) {
    let clients = state.clients();
    let last = clients.len().saturating_sub(1);
    if let Some(to) = list::moved(state, screen.selected, act, last) {
        screen.selected = to;
        return (Mode::Clients(screen), Vec::new());
    }
    let mode = match (act, clients.get(screen.selected).copied()) {
        (Act::Open, Some(client)) => page_of(client, Mode::Clients(screen)),
        (Act::Open | Act::Back, _) => Mode::Queue,
        _ => Mode::Clients(screen),
    };
    (mode, Vec::new())
}

pub(super) fn enabled(state: &State, screen: &ClientScreen, act: Act) -> bool {
    let Some(client) = state.client_of(screen) else {
        return matches!(act, Act::Back | Act::Quit | Act::Help);
    };
    match act {
        Act::Reply | Act::Open | Act::Part => client.written().next().is_some(),
        Act::Paid => client.unpaid().next().is_some(),
        Act::Split => client.known.len() > 1,
        Act::Resume => {
            parting::stage(client).is_some() || parting::checklist(client, state.now.timestamp()).has_begun()
        }
        Act::Taken => state
            .outlook
            .advice
            .get(&client.person())
            .is_some_and(|advice| advice.step > Step::Note && advice.step < Step::Parting),
        Act::Undo => newest_entry(state, client).is_some(),
        _ => true,
    }
}

/// The newest entry of this session about a client: what was noted long ago is taken back by its number, on the command line.
fn newest_entry<'s>(state: &'s State, client: &Client) -> Option<&'s Entry> {
    let known = |person: &Person| client.known.iter().any(|known| known.person == *person);
    let about = |deed: &Deed| match deed {
        Deed::Join { one, other } => known(one) || known(other),
        Deed::Split { person } | Deed::Mark { person, .. } => known(person),
        Deed::Share { address, .. } => client.known.iter().any(|known| known.person.address() == address),
    };
    let mine = state.records.entries.iter().rev().filter(|entry| state.noted.contains(&entry.id));
    mine.into_iter().find(|entry| about(&entry.deed))
}

/// What is noted with words, and what is asked for.
const NOTES: [(Act, MarkKind, &str); 5] = [
    (Act::Note, MarkKind::Note, "Note, for yourself alone:"),
    (Act::LatePayment, MarkKind::LatePayment, "Which payment was late? (may be empty)"),
    (Act::Redo, MarkKind::Redo, "What was changed again? (may be empty)"),
    (Act::Unpaid, MarkKind::Unpaid, "What have they not paid?"),
    (Act::RefundDue, MarkKind::RefundDue, "What do you owe to them?"),
];

pub(super) fn act(state: &mut State, mut screen: ClientScreen, act: Act) -> (Mode, Vec<Effect>) {
    let Some(client) = state.client_of(&screen).cloned() else {
        return (*screen.below, Vec::new());
    };
    let warned = std::mem::take(&mut screen.warned);
    // The newest address may have become another.
    screen.person = client.person();
    let person = screen.person.clone();
    let newest = client.written().next_back().map(|past| past.message);
    if let Some((_, kind, question)) = NOTES.iter().find(|(note, ..)| *note == act) {
        return prompt::open(PromptFor::Mark(person, *kind), question, "", Mode::Client(screen));
    }
    let mark = |mark| vec![Effect::Note(Deed::Mark { person: person.clone(), mark })];
    let effects = match (act, newest) {
        (Act::Back, _) => return (*screen.below, Vec::new()),
        (Act::Open, Some(id)) => vec![Effect::Open(id, Purpose::Read)],
        (Act::Reply, Some(id)) => vec![Effect::Open(id, next_letter(state, &client))],
        (Act::Part, Some(id)) => return part(state, &client, id, screen, warned),
        (Act::Join, _) => {
            let question = "Which other address is theirs?";
            return prompt::open(PromptFor::Join(person), question, "", Mode::Client(screen));
        }
        (Act::Paid, _) => {
            let first = client.unpaid().next().map(|(id, _, what)| (*id, what.says()));
            let Some((entry, what)) = first else { return (Mode::Client(screen), Vec::new()) };
            good(state, format!("Paid ({what}). u takes it back"));
            mark(Mark::Paid { entry })
        }
        (Act::CheckIn, _) => {
            good(state, "Noted: the next yearly talk is a year from today. u takes it back");
            mark(Mark::CheckIn)
        }
        (Act::Taken, _) => match state.outlook.advice.get(&person).map(|advice| advice.step) {
            Some(step) => {
                good(state, format!("Noted: you told them ({}). u takes it back", step.word()));
                mark(Mark::Taken { step })
            }
            None => Vec::new(),
        },
        (Act::Resume, _) => {
            good(state, "The work goes on. u takes it back");
            mark(Mark::Resumed)
        }
        (Act::Split, _) => {
            good(state, format!("{person} is a client of its own. u takes it back"));
            vec![Effect::Note(Deed::Split { person: person.clone() })]
        }
        (Act::Share, _) => {
            let address = person.address().to_owned();
            let shared = !state.records.ledger.shared().contains(&address);
            let words = if shared { "is shared: each name is a client" } else { "belongs to one person" };
            good(state, format!("{address} {words}. u takes it back"));
            vec![Effect::Note(Deed::Share { address, shared })]
        }
        (Act::Undo, _) => match newest_entry(state, &client) {
            Some(entry) => {
                let (id, what) = (entry.id, entry.deed.says());
                good(state, format!("Taken back: {what}"));
                vec![Effect::TakeNoteBack(id)]
            }
            None => Vec::new(),
        },
        _ => {
            let lines = page::client(state, &client).len();
            let scroll = scrolled(screen.scroll, act, lines, page::body_height(state));
            screen.scroll = scroll.unwrap_or(screen.scroll);
            Vec::new()
        }
    };
    (Mode::Client(screen), effects)
}

/// A choice of letters with the one for the next step in front.
pub(super) fn next_letter(state: &State, client: &Client) -> Purpose {
    if matches!(parting::stage(client), Some(parting::Stage::Parted { .. })) {
        return Purpose::Reply { all: false };
    }
    let advised = state.outlook.advice.get(&client.person()).and_then(|advice| advice.letter);
    let talk = state.outlook.check_ins.contains_key(&client.person());
    match advised.or_else(|| talk.then_some("relationship-yearly-review")) {
        Some(template) => Purpose::Letter(template),
        None => Purpose::Reply { all: false },
    }
}

/// Sets the last day first, then writes letter after letter.
fn part(
    state: &mut State,
    client: &Client,
    newest: i64,
    mut screen: ClientScreen,
    warned: bool,
) -> (Mode, Vec<Effect>) {
    let list = parting::checklist(client, state.now.timestamp());
    let is_over = matches!(parting::stage(client), Some(parting::Stage::Parted { .. }));
    let told = list.letters.first().is_some_and(|letter| letter.sent.is_some());
    // Nobody's last day comes before they were told what would have to change.
    if told && list.last_day.is_none() && !is_over {
        let question = "What is the last day of your work for them?";
        return prompt::open(PromptFor::LastDay(client.person()), question, "", Mode::Client(screen));
    }
    let last_word = |letter: &parting::Letter| letter.template == parting::LETTERS[2].0;
    match list.next() {
        Some(letter) if !warned && last_word(letter) && is_early(state, &list) => {
            screen.warned = true;
            bad(state, format!("{}; e again writes the last word all the same", early(state, &list)));
            (Mode::Client(screen), Vec::new())
        }
        Some(letter) => {
            let effect = Effect::Open(newest, Purpose::Letter(letter.template));
            (Mode::Client(screen), vec![effect])
        }
        None if !is_over => {
            let deed = Deed::Mark { person: client.person(), mark: Mark::Parted };
            good(state, "You have parted; their further mail is marked. b calls it off");
            (Mode::Client(screen), vec![Effect::Note(deed)])
        }
        None => {
            bad(state, "All letters are written. r writes to them");
            (Mode::Client(screen), Vec::new())
        }
    }
}

/// Whether it is early for the last word.
fn is_early(state: &State, list: &parting::Checklist<'_>) -> bool {
    list.last_day.is_some_and(|day| day > state.now.date()) || !list.is_clear()
}

/// Why it is.
fn early(state: &State, list: &parting::Checklist<'_>) -> String {
    let to_come = list.last_day.filter(|day| *day > state.now.date());
    let day = to_come.map(|day| format!("The last day is {}", day.strftime("%-d %B")));
    match (day, list.is_clear()) {
        (Some(day), true) => day,
        (Some(day), false) => format!("{day}, and something is still open between you"),
        (None, _) => "Something is still open between you".to_owned(),
    }
}
