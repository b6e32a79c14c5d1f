//! The one table of keys: dispatch, footer, help and the README all come from [`TABLE`].

use std::fmt;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Which screen a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The list of messages.
    Queue,
    /// One message.
    Reader,
    /// The choice of a reply.
    Pick,
    /// A question that a reply needs answered, or one line of the head of a reply.
    Line,
    /// The text of a reply.
    Edit,
    /// The last look before a reply is queued.
    Review,
    /// What the owner says a message is.
    Label,
    /// Replies on their way.
    Outbox,
    /// What is promised.
    Promises,
    /// The clients.
    Clients,
    /// One client.
    Client,
    /// What waits for an answer, or for a moment.
    Waiting,
    /// Whom to tell of an absence or a delay.
    Notices,
    /// What a time was like.
    Report,
    /// The list of keys.
    Help,
    /// Leaving while a reply still waits.
    Leaving,
}

impl Scope {
    /// All, in the order of a session.
    pub const ALL: [Scope; 16] = [
        Scope::Queue,
        Scope::Reader,
        Scope::Label,
        Scope::Pick,
        Scope::Line,
        Scope::Edit,
        Scope::Review,
        Scope::Outbox,
        Scope::Promises,
        Scope::Clients,
        Scope::Client,
        Scope::Waiting,
        Scope::Notices,
        Scope::Report,
        Scope::Leaving,
        Scope::Help,
    ];

    /// How the screen is called.
    pub fn title(self) -> &'static str {
        match self {
            Scope::Queue => "Queue",
            Scope::Reader => "Reader",
            Scope::Pick => "Choose a reply",
            Scope::Line => "A line of text",
            Scope::Edit => "Editor",
            Scope::Review => "Review",
            Scope::Label => "Label",
            Scope::Outbox => "Outbox",
            Scope::Promises => "Promises",
            Scope::Clients => "Clients",
            Scope::Client => "Client",
            Scope::Waiting => "Waiting",
            Scope::Notices => "Notices",
            Scope::Report => "Report",
            Scope::Help => "Help",
            Scope::Leaving => "Leaving",
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is said in plain words in its row of TABLE")]
pub enum Act {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    NextGroup,
    Open,
    Back,
    Next,
    Previous,
    Reply,
    ReplyAll,
    Label,
    Done,
    Undo,
    Outbox,
    Fetch,
    Help,
    Quit,
    Headers,
    History,
    Use,
    EditFirst,
    Accept,
    Review,
    Editor,
    Send,
    EditText,
    EditTo,
    EditCc,
    EditSubject,
    Discard,
    ToggleEmergency,
    ToggleRefund,
    ToggleComplaint,
    ToggleUnusual,
    ToggleSender,
    Save,
    Reset,
    WentOut,
    SendAgain,
    WaitAndSend,
    Leave,
    Promises,
    Record,
    Keeps,
    Kept,
    Released,
    Move,
    Waiting,
    Notices,
    Report,
    Clients,
    Client,
    PutOff,
    Awaits,
    Note,
    LatePayment,
    Redo,
    Unpaid,
    RefundDue,
    Paid,
    CheckIn,
    Join,
    Split,
    Share,
    Part,
    Resume,
    Taken,
    Period,
}

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where it holds.
    pub scope: Scope,
    /// The keys, as [`Key`] writes them; the first is shown in the footer.
    pub keys: &'static [&'static str],
    /// What it does.
    pub act: Act,
    /// The word in the footer; empty if it isn't shown there.
    pub footer: &'static str,
    /// What it does, in the help page and the README.
    pub help: &'static str,
}

const fn row(
    scope: Scope,
    keys: &'static [&'static str],
    act: Act,
    footer: &'static str,
    help: &'static str,
) -> Binding {
    Binding { scope, keys, act, footer, help }
}

/// Every key of the program.
pub static TABLE: &[Binding] = &[
    row(Scope::Queue, &["enter", "l", "right"], Act::Open, "read", "Read the message"),
    row(Scope::Queue, &["r"], Act::Reply, "reply", "Choose a reply to the message"),
    row(Scope::Queue, &["c"], Act::Label, "label", "Correct what the message is"),
    row(
        Scope::Queue,
        &["d"],
        Act::Done,
        "done",
        "Put the message away, or take it out again (only here, not on the server)",
    ),
    row(Scope::Queue, &["u"], Act::Undo, "undo", "Take back the reply that still waits, or the last change"),
    row(Scope::Queue, &["o"], Act::Outbox, "outbox", "Replies on their way"),
    row(Scope::Queue, &["p"], Act::Promises, "promises", "Who is owed what by when"),
    row(Scope::Queue, &["w"], Act::Waiting, "waiting", "What waits for an answer, or for a moment"),
    row(Scope::Queue, &["i"], Act::Client, "client", "Who writes, and what happened before"),
    row(Scope::Queue, &["s"], Act::PutOff, "later", "Put the message off, or take it out again"),
    row(Scope::Queue, &["C"], Act::Clients, "", "All clients"),
    row(Scope::Queue, &["n"], Act::Notices, "", "Whom to tell of an absence or a delay"),
    row(Scope::Queue, &["t"], Act::Report, "", "What the last week, month or year was like"),
    row(Scope::Queue, &["f"], Act::Fetch, "fetch", "Look for new mail now"),
    row(Scope::Queue, &["j", "down"], Act::Down, "", "Next message"),
    row(Scope::Queue, &["k", "up"], Act::Up, "", "Previous message"),
    row(Scope::Queue, &["tab"], Act::NextGroup, "", "Next group"),
    row(Scope::Queue, &["pgdn", "ctrl+d", "space"], Act::PageDown, "", "A screen down"),
    row(Scope::Queue, &["pgup", "ctrl+u"], Act::PageUp, "", "A screen up"),
    row(Scope::Queue, &["g", "home"], Act::Top, "", "First message"),
    row(Scope::Queue, &["G", "end"], Act::Bottom, "", "Last message"),
    row(Scope::Queue, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Queue, &["q", "ctrl+c"], Act::Quit, "quit", "Leave"),
    row(Scope::Reader, &["r"], Act::Reply, "reply", "Choose a reply"),
    row(Scope::Reader, &["a"], Act::ReplyAll, "", "Choose a reply that goes to all recipients"),
    row(Scope::Reader, &["c"], Act::Label, "label", "Correct what the message is"),
    row(Scope::Reader, &["d"], Act::Done, "done", "Put the message away and read the next"),
    row(Scope::Reader, &["i"], Act::Client, "client", "Who writes, and what happened before"),
    row(Scope::Reader, &["s"], Act::PutOff, "", "Put the message off, or take it out again"),
    row(
        Scope::Reader,
        &["z"],
        Act::History,
        "history",
        "Unfold or fold quoted history, signature and small print",
    ),
    row(Scope::Reader, &["h"], Act::Headers, "headers", "Show or hide all headers"),
    row(Scope::Reader, &["n", "J"], Act::Next, "next", "Next message of the queue"),
    row(Scope::Reader, &["p", "K"], Act::Previous, "", "Previous message of the queue"),
    row(Scope::Reader, &["j", "down"], Act::Down, "", "A line down"),
    row(Scope::Reader, &["k", "up"], Act::Up, "", "A line up"),
    row(Scope::Reader, &["pgdn", "ctrl+d", "space"], Act::PageDown, "", "A screen down"),
    row(Scope::Reader, &["pgup", "ctrl+u"], Act::PageUp, "", "A screen up"),
    row(Scope::Reader, &["g", "home"], Act::Top, "", "To the beginning"),
    row(Scope::Reader, &["G", "end"], Act::Bottom, "", "To the end"),
    row(Scope::Reader, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Reader, &["esc", "q", "left"], Act::Back, "back", "Back to the queue"),
    row(Scope::Reader, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Label, &["1", "e"], Act::ToggleEmergency, "emergency", "It is, or is no, emergency"),
    row(Scope::Label, &["2", "r"], Act::ToggleRefund, "refund", "It is, or is no, refund demand"),
    row(Scope::Label, &["3", "c"], Act::ToggleComplaint, "complaint", "It is, or is no, complaint"),
    row(Scope::Label, &["4", "u"], Act::ToggleUnusual, "unusual", "It is, or is no, unusual request"),
    row(
        Scope::Label,
        &["o"],
        Act::ToggleSender,
        "client/other",
        "It is from a client, or from somebody else",
    ),
    row(Scope::Label, &["enter", "s"], Act::Save, "save", "Keep it so"),
    row(Scope::Label, &["x"], Act::Reset, "reset", "Back to what amicable said"),
    row(Scope::Label, &["esc", "q"], Act::Back, "cancel", "Leave it as it was"),
    row(Scope::Label, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Pick, &["enter"], Act::Use, "use", "Use this reply as it is, and review it"),
    row(Scope::Pick, &["e"], Act::EditFirst, "edit", "Use this reply, and edit it first"),
    row(Scope::Pick, &["a"], Act::ReplyAll, "to all", "Reply to all recipients, or to the sender alone"),
    row(Scope::Pick, &["j", "down"], Act::Down, "", "Next reply"),
    row(Scope::Pick, &["k", "up"], Act::Up, "", "Previous reply"),
    row(Scope::Pick, &["g", "home"], Act::Top, "", "First reply"),
    row(Scope::Pick, &["G", "end"], Act::Bottom, "", "Last reply"),
    row(Scope::Pick, &["x"], Act::Discard, "discard draft", "Throw the kept draft away"),
    row(Scope::Pick, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Pick, &["esc", "q", "left"], Act::Back, "back", "Back to the message"),
    row(Scope::Pick, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Line, &["enter"], Act::Accept, "next", "Take the text as it stands"),
    row(Scope::Line, &["esc"], Act::Back, "back", "Back without it"),
    row(Scope::Line, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Edit, &["ctrl+s"], Act::Review, "review", "Done: look it over before it goes"),
    row(Scope::Edit, &["ctrl+o"], Act::Editor, "$EDITOR", "Go on in your own editor"),
    row(Scope::Edit, &["esc"], Act::Back, "leave (kept)", "Back to the message; the draft is kept"),
    row(Scope::Edit, &["ctrl+q"], Act::Quit, "", "Leave; the draft is kept"),
    row(
        Scope::Review,
        &["y"],
        Act::Send,
        "send",
        "Send it (it waits in the outbox first, and can be taken back)",
    ),
    row(Scope::Review, &["e"], Act::EditText, "text", "Edit the text"),
    row(Scope::Review, &["t"], Act::EditTo, "to", "Edit the recipients"),
    row(Scope::Review, &["c"], Act::EditCc, "cc", "Edit the copies"),
    row(Scope::Review, &["s"], Act::EditSubject, "subject", "Edit the subject"),
    row(Scope::Review, &["p"], Act::Record, "promises", "Record what it promises when it is sent, or don't"),
    row(
        Scope::Review,
        &["d"],
        Act::Keeps,
        "keeps",
        "This reply keeps what was promised to the client, or it doesn't",
    ),
    row(Scope::Review, &["w"], Act::Awaits, "waits", "It waits for an answer, or it doesn't"),
    row(Scope::Review, &["j", "down"], Act::Down, "", "A line down"),
    row(Scope::Review, &["k", "up"], Act::Up, "", "A line up"),
    row(Scope::Review, &["pgdn", "space"], Act::PageDown, "", "A screen down"),
    row(Scope::Review, &["pgup"], Act::PageUp, "", "A screen up"),
    row(Scope::Review, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Review, &["esc", "q"], Act::Back, "back (kept)", "Back to the message; the draft is kept"),
    row(Scope::Review, &["ctrl+c"], Act::Quit, "", "Leave; the draft is kept"),
    row(Scope::Outbox, &["u", "e"], Act::Undo, "take back", "Take the reply back and edit it"),
    row(Scope::Outbox, &["w"], Act::WentOut, "it went", "For an unknown one: it did go out"),
    row(
        Scope::Outbox,
        &["a"],
        Act::SendAgain,
        "send again",
        "For an unknown one: it did not go out; send it again",
    ),
    row(Scope::Outbox, &["f"], Act::Fetch, "try now", "Try now what waits for its next try"),
    row(Scope::Outbox, &["j", "down"], Act::Down, "", "Next reply"),
    row(Scope::Outbox, &["k", "up"], Act::Up, "", "Previous reply"),
    row(Scope::Outbox, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Outbox, &["esc", "q", "o", "left"], Act::Back, "back", "Back to the queue"),
    row(Scope::Outbox, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Promises, &["d"], Act::Kept, "kept", "It is kept; once more: it is open again"),
    row(Scope::Promises, &["m"], Act::Move, "move", "Give it another day"),
    row(
        Scope::Promises,
        &["x"],
        Act::Released,
        "released",
        "It is not owed any more; once more: it is open again",
    ),
    row(Scope::Promises, &["r"], Act::Reply, "tell them", "Write to the client that it will be later"),
    row(Scope::Promises, &["enter", "l", "right"], Act::Open, "message", "Read the message that it answered"),
    row(Scope::Promises, &["j", "down"], Act::Down, "", "Next promise"),
    row(Scope::Promises, &["k", "up"], Act::Up, "", "Previous promise"),
    row(Scope::Promises, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Promises, &["esc", "q", "p", "left"], Act::Back, "back", "Back to the queue"),
    row(Scope::Promises, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Clients, &["enter", "l", "right"], Act::Open, "open", "What happened with the client"),
    row(Scope::Clients, &["j", "down"], Act::Down, "", "Next client"),
    row(Scope::Clients, &["k", "up"], Act::Up, "", "Previous client"),
    row(Scope::Clients, &["pgdn", "ctrl+d", "space"], Act::PageDown, "", "A screen down"),
    row(Scope::Clients, &["pgup", "ctrl+u"], Act::PageUp, "", "A screen up"),
    row(Scope::Clients, &["g", "home"], Act::Top, "", "First client"),
    row(Scope::Clients, &["G", "end"], Act::Bottom, "", "Last client"),
    row(Scope::Clients, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Clients, &["esc", "q", "C", "left"], Act::Back, "back", "Back to the queue"),
    row(Scope::Clients, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(
        Scope::Client,
        &["r"],
        Act::Reply,
        "write",
        "Write to them; the letter for the next step comes first",
    ),
    row(Scope::Client, &["enter"], Act::Open, "message", "Read their newest message"),
    row(Scope::Client, &["n"], Act::Note, "note", "Note something, for yourself alone"),
    row(Scope::Client, &["p"], Act::LatePayment, "", "Note that they paid late"),
    row(Scope::Client, &["c"], Act::Redo, "", "Note another round of changes"),
    row(Scope::Client, &["o"], Act::Unpaid, "", "Note what they have not paid"),
    row(Scope::Client, &["m"], Act::RefundDue, "", "Note money that you owe to them"),
    row(Scope::Client, &["x"], Act::Paid, "", "What was noted first as owed is paid"),
    row(Scope::Client, &["t"], Act::Taken, "", "Note that you told them of the next step, without a letter"),
    row(Scope::Client, &["y"], Act::CheckIn, "", "Note that you had your yearly talk"),
    row(
        Scope::Client,
        &["e"],
        Act::Part,
        "end",
        "End the work together: set the last day, then write the next letter",
    ),
    row(Scope::Client, &["b"], Act::Resume, "", "It goes on after all: the parting is called off"),
    row(Scope::Client, &["a"], Act::Join, "join", "Another address belongs to this client, too"),
    row(Scope::Client, &["s"], Act::Split, "", "Their newest address is a client of its own"),
    row(
        Scope::Client,
        &["h"],
        Act::Share,
        "",
        "Several people write from their newest address, or only one does",
    ),
    row(
        Scope::Client,
        &["u"],
        Act::Undo,
        "undo",
        "Take back what you noted last, of what you noted in this session",
    ),
    row(Scope::Client, &["j", "down"], Act::Down, "", "A line down"),
    row(Scope::Client, &["k", "up"], Act::Up, "", "A line up"),
    row(Scope::Client, &["pgdn", "ctrl+d", "space"], Act::PageDown, "", "A screen down"),
    row(Scope::Client, &["pgup", "ctrl+u"], Act::PageUp, "", "A screen up"),
    row(Scope::Client, &["g", "home"], Act::Top, "", "To the beginning"),
    row(Scope::Client, &["G", "end"], Act::Bottom, "", "To the end"),
    row(Scope::Client, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Client, &["esc", "q", "i", "left"], Act::Back, "back", "Back"),
    row(Scope::Client, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Waiting, &["enter", "l", "right"], Act::Open, "message", "Read the message"),
    row(Scope::Waiting, &["r"], Act::Reply, "remind", "Remind them kindly, or write to them"),
    row(Scope::Waiting, &["d"], Act::Done, "done", "It does not wait any more"),
    row(Scope::Waiting, &["i"], Act::Client, "client", "Who it is"),
    row(Scope::Waiting, &["u"], Act::Undo, "undo", "Take the last change back"),
    row(Scope::Waiting, &["j", "down"], Act::Down, "", "Next"),
    row(Scope::Waiting, &["k", "up"], Act::Up, "", "Previous"),
    row(Scope::Waiting, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Waiting, &["esc", "q", "w", "left"], Act::Back, "back", "Back to the queue"),
    row(Scope::Waiting, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Notices, &["r", "enter"], Act::Reply, "look over", "Look the letter over, and send it"),
    row(Scope::Notices, &["l", "right"], Act::Open, "message", "Read their newest message"),
    row(Scope::Notices, &["i"], Act::Client, "client", "Who it is"),
    row(Scope::Notices, &["u"], Act::Undo, "undo", "Take back the letter that still waits"),
    row(Scope::Notices, &["j", "down"], Act::Down, "", "Next"),
    row(Scope::Notices, &["k", "up"], Act::Up, "", "Previous"),
    row(Scope::Notices, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Notices, &["esc", "q", "n", "left"], Act::Back, "back", "Back to the queue"),
    row(Scope::Notices, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(Scope::Report, &["n", "tab", "right"], Act::Next, "next page", "Next page"),
    row(Scope::Report, &["p", "left"], Act::Previous, "previous", "Previous page"),
    row(Scope::Report, &["j", "down"], Act::Down, "", "A line down"),
    row(Scope::Report, &["k", "up"], Act::Up, "", "A line up"),
    row(Scope::Report, &["pgdn", "space"], Act::PageDown, "", "A screen down"),
    row(Scope::Report, &["pgup"], Act::PageUp, "", "A screen up"),
    row(Scope::Report, &["t"], Act::Period, "week, month, quarter, year", "Look at another length of time"),
    row(Scope::Report, &["?", "f1"], Act::Help, "keys", "All keys"),
    row(Scope::Report, &["esc", "q"], Act::Back, "back", "Back to the queue"),
    row(Scope::Report, &["ctrl+c"], Act::Quit, "", "Leave"),
    row(
        Scope::Leaving,
        &["w", "enter"],
        Act::WaitAndSend,
        "wait and send",
        "Wait until it is sent, then leave",
    ),
    row(
        Scope::Leaving,
        &["l", "ctrl+c"],
        Act::Leave,
        "leave",
        "Leave now; it goes out when amicable next runs",
    ),
    row(Scope::Leaving, &["u"], Act::Undo, "take back", "Take it back and edit it"),
    row(Scope::Leaving, &["esc", "q"], Act::Back, "stay", "Stay"),
    row(Scope::Help, &["j", "down"], Act::Down, "", "A line down"),
    row(Scope::Help, &["k", "up"], Act::Up, "", "A line up"),
    row(Scope::Help, &["pgdn", "space"], Act::PageDown, "", "A screen down"),
    row(Scope::Help, &["pgup"], Act::PageUp, "", "A screen up"),
    row(Scope::Help, &["esc", "q", "?", "f1"], Act::Back, "back", "Back"),
    row(Scope::Help, &["ctrl+c"], Act::Quit, "", "Leave"),
];

/// What a key does on a screen.
pub fn act(scope: Scope, key: Key) -> Option<Act> {
    let name = key.to_string();
    TABLE
        .iter()
        .find(|binding| binding.scope == scope && binding.keys.contains(&name.as_str()))
        .map(|binding| binding.act)
}

/// A key as pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub KeyEvent);

impl Key {
    /// Reads the table's way of writing: `j`, `G`, `enter`, `ctrl+s`, `pgdn`, `f1`.
    pub fn parse(text: &str) -> Option<Self> {
        let (modifiers, name) = match text.strip_prefix("ctrl+") {
            Some(name) => (KeyModifiers::CONTROL, name),
            None => (KeyModifiers::NONE, text),
        };
        let code = match NAMES.iter().find(|(_, known)| *known == name) {
            Some((code, _)) => *code,
            None => match (name.strip_prefix('f').and_then(|number| number.parse().ok()), single(name)) {
                (Some(number), _) => KeyCode::F(number),
                (None, Some(letter)) => KeyCode::Char(letter),
                (None, None) => return None,
            },
        };
        Some(Self(KeyEvent::new(code, modifiers)))
    }
}

fn single(name: &str) -> Option<char> {
    let mut letters = name.chars();
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

const NAMES: [(KeyCode, &str); 13] = [
    (KeyCode::Enter, "enter"),
    (KeyCode::Esc, "esc"),
    (KeyCode::Tab, "tab"),
    (KeyCode::Char(' '), "space"),
    (KeyCode::Up, "up"),
    (KeyCode::Down, "down"),
    (KeyCode::Left, "left"),
    (KeyCode::Right, "right"),
    (KeyCode::PageUp, "pgup"),
    (KeyCode::PageDown, "pgdn"),
    (KeyCode::Home, "home"),
    (KeyCode::End, "end"),
    (KeyCode::Backspace, "backspace"),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("ctrl+")?;
        } else if self.0.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("alt+")?;
        }
        match (NAMES.iter().find(|(code, _)| *code == self.0.code), self.0.code) {
            (Some((_, name)), _) => f.write_str(name),
            (None, KeyCode::Char(letter)) => write!(f, "{letter}"),
            (None, KeyCode::F(number)) => write!(f, "f{number}"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_read_and_written_alike() {
        for name in TABLE.iter().flat_map(|binding| binding.keys) {
            let key = Key::parse(name).unwrap_or_else(|| panic!("'{name}' is no key"));
            assert_eq!(key.to_string(), *name);
        }
    }

    #[test]
    fn no_key_does_two_things_on_one_screen() {
        for scope in Scope::ALL {
            let mut seen = std::collections::BTreeSet::new();
            for name in TABLE.iter().filter(|binding| binding.scope == scope).flat_map(|binding| binding.keys)
            {
                assert!(seen.insert(name), "'{name}' stands twice for {scope:?}");
            }
            assert!(!seen.is_empty(), "{scope:?} has no keys");
        }
    }
}
