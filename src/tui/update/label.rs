//! Keys of the screen on which the owner says what a message is.

use super::{Effect, good};
use crate::store::Correction;
use crate::triage::{Concern, Sender};
use crate::tui::keys::Act;
use crate::tui::state::{Change, Label, Mode, Opened, Reader, State};

/// Begins with what stands there now.
pub(super) fn start(state: &State, opened: Opened, from_reader: bool) -> Mode {
    let Some(row) = state.row(opened.id) else { return Mode::Reader(Reader::new(opened)) };
    let chosen = Correction { sender: row.sender(), concerns: row.concerns().to_vec() };
    Mode::Label(Label { opened, from_reader, chosen })
}

pub(super) fn act(state: &mut State, mut label: Label, act: Act) -> (Mode, Vec<Effect>) {
    match act {
        Act::ToggleEmergency => toggle(&mut label.chosen, Concern::Emergency),
        Act::ToggleRefund => toggle(&mut label.chosen, Concern::Refund),
        Act::ToggleComplaint => toggle(&mut label.chosen, Concern::Complaint),
        Act::ToggleUnusual => toggle(&mut label.chosen, Concern::Unusual),
        Act::ToggleSender => toggle_sender(&mut label.chosen),
        Act::Save => {
            let chosen = label.chosen.clone();
            return keep(state, label, Some(chosen), "Kept. u takes it back");
        }
        Act::Reset => return keep(state, label, None, "Back to what amicable said. u takes it back"),
        _ => return (back(label), Vec::new()),
    }
    (Mode::Label(label), Vec::new())
}

fn keep(state: &mut State, label: Label, to: Option<Correction>, words: &str) -> (Mode, Vec<Effect>) {
    let id = label.opened.id;
    let was = state.row(id).and_then(|row| row.correction.clone());
    // Saying the same as the engine is worth keeping too: it is the owner's word now.
    state.last_change = Some(Change::Label(id, was));
    good(state, words);
    (back(label), vec![Effect::Correct(id, to)])
}

fn back(label: Label) -> Mode {
    if label.from_reader { Mode::Reader(Reader::new(label.opened)) } else { Mode::Queue }
}

fn toggle(chosen: &mut Correction, concern: Concern) {
    match chosen.concerns.iter().position(|known| *known == concern) {
        Some(at) => {
            chosen.concerns.remove(at);
        }
        None => chosen.concerns.push(concern),
    }
}

/// A message of an `other` has no concern, whatever words it uses.
fn toggle_sender(chosen: &mut Correction) {
    chosen.sender = match chosen.sender {
        Sender::Client => Sender::Other,
        Sender::Other => Sender::Client,
    };
    if chosen.sender == Sender::Other {
        chosen.concerns.clear();
    }
}
