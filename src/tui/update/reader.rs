//! Keys of the reader.

use super::{Effect, Purpose, clients, good, home, label, prompt, queue, reply, scrolled};
use crate::tui::keys::Act;
use crate::tui::page;
use crate::tui::state::{Mode, Reader, State};

pub(super) fn act(state: &mut State, mut reader: Reader, act: Act) -> (Mode, Vec<Effect>) {
    let id = reader.opened.id;
    match act {
        Act::Reply => return (Mode::Pick(reply::start(state, reader.opened, false, None)), Vec::new()),
        Act::ReplyAll => return (Mode::Pick(reply::start(state, reader.opened, true, None)), Vec::new()),
        Act::Label => return (label::start(state, reader.opened, true), Vec::new()),
        Act::Done => {
            let next = queue::beside(state, id, 1);
            let mut effects = queue::done(state, id);
            effects.extend(next.map(|next| Effect::Open(next, Purpose::Read)));
            return (Mode::Queue, effects);
        }
        Act::Client => return clients::open(state, id, Mode::Reader(reader)),
        Act::PutOff => return prompt::put_off(state, id, Mode::Reader(reader)),
        Act::Next => return go(state, reader, 1),
        Act::Previous => return go(state, reader, -1),
        Act::Back => return (home(state), Vec::new()),
        Act::Headers => reader.headers = !reader.headers,
        Act::History => reader.history = !reader.history,
        _ => {}
    }
    let lines = page::message(state, &reader).len();
    let scroll = reader.scroll;
    reader.scroll = scrolled(scroll, act, lines, page::body_height(state))
        .unwrap_or_else(|| scroll.min(lines.saturating_sub(page::body_height(state))));
    (Mode::Reader(reader), Vec::new())
}

fn go(state: &mut State, reader: Reader, step: isize) -> (Mode, Vec<Effect>) {
    if let Some(id) = queue::beside(state, reader.opened.id, step) {
        return (Mode::Queue, vec![Effect::Open(id, Purpose::Read)]);
    }
    good(state, if step > 0 { "That was the last message" } else { "That was the first message" });
    (Mode::Reader(reader), Vec::new())
}
