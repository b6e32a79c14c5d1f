//! What is on the screen, and what the program knows while it runs. Plain data: no I/O, no drawing, no
//! decisions about keys.

mod clients;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, Zoned};
use ratatui_textarea::TextArea;

pub use clients::{
    ClientScreen, ClientsScreen, MarkKind, NoticesScreen, PERIODS, Prompt, PromptFor, ReportScreen,
    WaitingItem, WaitingScreen,
};

use super::keys::Scope;
use super::theme::Theme;
use crate::boundary::{Calendar, Policy};
use crate::ledger::{
    Commitment, CommitmentState, Errand, History, Load, Outlook, Party, Promise, Records, Snooze,
};
use crate::mail::{Address, Message};
use crate::reply::check::{Checked, Finding, check};
use crate::reply::signal::Heard;
use crate::reply::{Ask, Draft, Situation, TemplateSet, Values, own_text_end, promised};
use crate::store::{Correction, Given, OutboxItem, OutboxState, Row, SavedDraft};
use crate::triage::{Concern, Sender};

/// Everything that `update` changes and `view` shows.
#[derive(Debug)]
pub struct State {
    /// The screen.
    pub mode: Mode,
    /// All messages, newest first, as the store gives them.
    pub rows: Vec<Row>,
    /// The message under the cursor of the queue.
    pub selected: Option<i64>,
    /// All replies in the outbox, newest first.
    pub outbox: Vec<OutboxItem>,
    /// What is promised: the open ones first, by when they are due.
    pub commitments: Vec<Commitment>,
    /// What the store holds about clients.
    pub records: Records,
    /// What follows from it and the clock.
    pub outlook: Outlook,
    /// All that waits, in the order of its screen.
    pub waiting: Vec<WaitingItem>,
    /// The accounts by name.
    pub accounts: BTreeMap<String, Account>,
    /// The replies to choose from.
    pub templates: TemplateSet,
    /// What the owner has decided.
    pub policy: Policy,
    /// When the owner works.
    pub calendar: Calendar,
    /// The time, in the owner's zone.
    pub now: Zoned,
    /// The screen's width and height in cells.
    pub size: (u16, u16),
    /// The list or page from which a message was opened, to go back to.
    pub below: Option<Box<Mode>>,
    /// What was noted of clients in this session, by number, and can be taken back.
    pub noted: Vec<i64>,
    /// A word to the owner, until a moment.
    pub notice: Option<Notice>,
    /// The last change that `u` takes back.
    pub last_change: Option<Change>,
    /// The folder that replies land in, in the demo.
    pub demo_outbox: Option<String>,
    /// The owner writes in `$EDITOR` rather than here.
    pub external_editor: bool,
    /// The styles.
    pub theme: Theme,
}

/// What the screen says of an account, and what its replies need.
#[derive(Debug, Clone)]
pub struct Account {
    /// `From` of its replies.
    pub owner: Address,
    /// All addresses the owner receives mail at.
    pub own: Vec<Address>,
    /// Text below its replies.
    pub signature: String,
    /// When it was last looked at with success.
    pub checked: Option<Timestamp>,
    /// It is being looked at now.
    pub fetching: bool,
    /// Why the last look failed.
    pub fault: Option<String>,
}

/// A word to the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// It is about something that went wrong.
    pub bad: bool,
    /// Shown until then.
    pub until: Timestamp,
}

/// A change that can be taken back with one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A reply was queued.
    Queued(i64),
    /// A message was put away or taken out; what it was before.
    Done(i64, bool),
    /// A label was corrected; what stood there before.
    Label(i64, Option<Correction>),
    /// The draft of the reply to a message was thrown away.
    Discarded(i64, Box<SavedDraft>),
    /// A commitment was kept or released; what it was before.
    Settled(i64, CommitmentState),
    /// Something was noted of a client, under this number.
    Noted(i64),
    /// A message was put off or taken out again; what it was before.
    PutOff(i64, Option<Snooze>),
    /// A reply was said not to wait for an answer any more.
    Awaits(i64),
}

/// The screens.
#[derive(Debug)]
pub enum Mode {
    /// The list of messages.
    Queue,
    /// One message.
    Reader(Reader),
    /// Correcting its label.
    Label(Label),
    /// Choosing a reply.
    Pick(Pick),
    /// Answering what the reply asks.
    Ask(Box<Asking>),
    /// Writing.
    Edit(Box<Editing>),
    /// The last look.
    Review(Box<Review>),
    /// Editing one line of the head.
    Field(Box<FieldEditing>),
    /// Replies on their way.
    Outbox(OutboxScreen),
    /// What is promised.
    Promises(PromisesScreen),
    /// The clients.
    Clients(ClientsScreen),
    /// One client.
    Client(ClientScreen),
    /// What waits.
    Waiting(WaitingScreen),
    /// Whom to tell.
    Notices(NoticesScreen),
    /// What a time was like.
    Report(ReportScreen),
    /// One line to write, for something.
    Prompt(Box<Prompt>),
    /// The keys of the screen below.
    Help(Box<Help>),
    /// A reply still waits.
    Leaving(Box<Leaving>),
}

impl Mode {
    /// Which keys hold.
    pub fn scope(&self) -> Scope {
        match self {
            Mode::Queue => Scope::Queue,
            Mode::Reader(_) => Scope::Reader,
            Mode::Label(_) => Scope::Label,
            Mode::Pick(_) => Scope::Pick,
            Mode::Ask(_) | Mode::Field(_) | Mode::Prompt(_) => Scope::Line,
            Mode::Edit(_) => Scope::Edit,
            Mode::Review(_) => Scope::Review,
            Mode::Outbox(_) => Scope::Outbox,
            Mode::Promises(_) => Scope::Promises,
            Mode::Clients(_) => Scope::Clients,
            Mode::Client(_) => Scope::Client,
            Mode::Waiting(_) => Scope::Waiting,
            Mode::Notices(_) => Scope::Notices,
            Mode::Report(_) => Scope::Report,
            Mode::Help(_) => Scope::Help,
            Mode::Leaving(_) => Scope::Leaving,
        }
    }
}

/// A message that was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Its number in the store.
    pub id: i64,
    /// The message.
    pub message: Message,
    /// An unfinished reply to it.
    pub draft: Option<SavedDraft>,
    /// What happened with its writer before.
    pub history: History,
    /// What its words say of the situation.
    pub heard: Vec<Heard>,
}

/// The reader.
#[derive(Debug)]
pub struct Reader {
    /// The message.
    pub opened: Opened,
    /// First line shown.
    pub scroll: usize,
    /// All headers are shown.
    pub headers: bool,
    /// Quoted history, signature and small print are unfolded.
    pub history: bool,
}

impl Reader {
    /// A message from its beginning.
    pub fn new(opened: Opened) -> Self {
        Self { opened, scroll: 0, headers: false, history: false }
    }
}

/// Correcting a label.
#[derive(Debug)]
pub struct Label {
    /// The message.
    pub opened: Opened,
    /// Opened from the reader, and goes back there.
    pub from_reader: bool,
    /// As the owner has set it so far.
    pub chosen: Correction,
}

/// Choosing a reply.
#[derive(Debug)]
pub struct Pick {
    /// The message to answer.
    pub opened: Opened,
    /// The kept draft first, if there is one, then templates, the best first.
    pub choices: Vec<Choice>,
    /// Index into the choices.
    pub selected: usize,
    /// To all recipients.
    pub reply_all: bool,
    /// What it is for.
    pub errand: Errand,
    /// The message was opened for this, and not to be read.
    pub direct: bool,
}

/// What a reply begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The draft that was kept.
    Draft,
    /// A template, by its id, and why it stands where it stands.
    Template(String, String),
    /// An empty page.
    Blank,
}

/// Answering what a template asks.
#[derive(Debug)]
pub struct Asking {
    /// To go back to.
    pub pick: Pick,
    /// The template's id.
    pub template: String,
    /// What is known so far.
    pub values: Values,
    /// The questions.
    pub asks: Vec<Ask>,
    /// The one on screen.
    pub at: usize,
    /// The answer so far.
    pub line: TextArea<'static>,
    /// To the editor afterwards, rather than to the review.
    pub edit: bool,
}

/// A reply being made.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The message it answers.
    pub opened: Opened,
    /// The account it is sent from.
    pub account: String,
    /// The template it began with.
    pub template: Option<String>,
    /// As it stands.
    pub draft: Draft,
    /// What its template promises with the answers given.
    pub promises: Vec<Promise>,
    /// What it is for.
    pub errand: Errand,
    /// It is kept as a draft. What the program wrote and the owner has only looked at is not.
    pub kept: bool,
}

impl Reply {
    /// A reply that was kept.
    pub fn kept(opened: Opened, saved: SavedDraft) -> Self {
        let SavedDraft { account, template, draft, promises, errand } = saved;
        Self { opened, account, template, draft, promises, errand, kept: true }
    }

    /// Changes the text. What the owner changed is theirs, and no automatic mail any more.
    pub fn set_body(&mut self, body: String) {
        if body.trim_end() != self.draft.body.trim_end() {
            self.draft.auto_submitted = None;
            self.kept = true;
        }
        self.draft.body = body;
    }

    /// What the owner has promised to the client, and is still open.
    pub fn open_promises(&self) -> impl Iterator<Item = &Commitment> {
        self.opened.history.open(Party::Owner)
    }

    /// As it is kept.
    pub fn saved(&self) -> SavedDraft {
        SavedDraft {
            account: self.account.clone(),
            template: self.template.clone(),
            draft: self.draft.clone(),
            promises: self.promises.clone(),
            errand: self.errand.clone(),
        }
    }
}

/// Writing.
#[derive(Debug)]
pub struct Editing {
    /// The reply; its text is behind the one in the area.
    pub reply: Reply,
    /// The text.
    pub area: TextArea<'static>,
    /// When the text was last changed without being kept.
    pub changed: Option<Timestamp>,
}

/// The last look before a reply is queued.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the screen")]
pub struct Review {
    /// The reply.
    pub reply: Reply,
    /// What the check finds in it.
    pub findings: Vec<Finding>,
    /// What it promises.
    pub given: Vec<Given>,
    /// First line shown.
    pub scroll: usize,
    /// What it promises is recorded when it is sent.
    pub record: bool,
    /// It keeps what was promised to the client before.
    pub keeps: bool,
    /// It asks something, and waits for an answer.
    pub awaits: bool,
    /// The owner has been told that there are findings; the next word counts.
    pub warned: bool,
}

impl Review {
    /// A reply from its beginning. It is read here, once: the screen is drawn often.
    pub fn new(state: &State, reply: Reply) -> Self {
        let (findings, given) = (state.findings(&reply), state.promised(&reply));
        // A reminder is part of what waits already; a notice wants no answer.
        let awaits =
            matches!(reply.errand, Errand::Reply | Errand::Letter) && asks(&reply.draft.body, &given);
        Self { reply, findings, given, scroll: 0, record: true, keeps: false, awaits, warned: false }
    }
}

/// Editing one line of the head.
#[derive(Debug)]
pub struct FieldEditing {
    /// The reply.
    pub reply: Reply,
    /// Which line.
    pub field: Field,
    /// The text so far.
    pub line: TextArea<'static>,
    /// Why it could not be taken.
    pub fault: Option<String>,
}

/// A line of the head that can be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The recipients.
    To,
    /// The copies.
    Cc,
    /// The subject.
    Subject,
}

/// Replies on their way.
#[derive(Debug, Default)]
pub struct OutboxScreen {
    /// Index into the outbox.
    pub selected: usize,
}

/// What is promised.
#[derive(Debug, Default)]
pub struct PromisesScreen {
    /// Index into the commitments.
    pub selected: usize,
}

/// The list of keys.
#[derive(Debug)]
pub struct Help {
    /// The screen below.
    pub below: Mode,
    /// First line shown.
    pub scroll: usize,
}

/// Leaving while a reply still waits.
#[derive(Debug)]
pub struct Leaving {
    /// The screen below.
    pub below: Mode,
    /// Only waiting for the last reply.
    pub waiting: bool,
}

/// The groups of the queue, in their order on screen. Every message is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A client asks something that touches the owner's boundary, or a reply got stuck.
    NeedsYou,
    /// A client writes.
    Routine,
    /// Put off until a moment, or until the client writes again.
    Later,
    /// Anyone else.
    Others,
    /// Answered or put away.
    Done,
}

impl Group {
    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Group::NeedsYou => "Needs you",
            Group::Routine => "Routine",
            Group::Later => "Later",
            Group::Others => "Others",
            Group::Done => "Done",
        }
    }
}

impl State {
    /// The messages in the order of the queue: by group, within *needs you* by concern, then newest first.
    pub fn queue(&self) -> Vec<(Group, &Row)> {
        let replies = self.replies();
        let place = |row| (self.group(row, &replies), row);
        let mut queue: Vec<(Group, &Row)> = self.rows.iter().map(place).collect();
        // The sort is stable, so messages of one rank stay newest first.
        queue.sort_by_key(|(group, row)| (*group, if *group == Group::NeedsYou { rank(row) } else { 0 }));
        queue
    }

    /// The group of a message; what is put off waits among what is later, unless its reply got stuck.
    fn group(&self, row: &Row, replies: &BTreeMap<(&str, &str), Timestamp>) -> Group {
        match group(row, replies) {
            Group::NeedsYou | Group::Routine if self.outlook.put_off.contains(&row.id) && !is_stuck(row) => {
                Group::Later
            }
            group => group,
        }
    }

    /// For each thread and writer, when the owner last replied to them in it: such a reply answers what they
    /// had said before. By our own clock, since a `Date` is only a claim.
    fn replies(&self) -> BTreeMap<(&str, &str), Timestamp> {
        let mut replies = BTreeMap::new();
        for row in self.rows.iter().filter(|row| is_answered(row)) {
            let Some(at) = row.replied_at else { continue };
            let newest = replies.entry((row.thread.0.as_str(), row.from.address.as_str())).or_insert(at);
            *newest = (*newest).max(at);
        }
        replies
    }

    /// The message under the cursor: the selected one, or the first.
    pub fn current(&self) -> Option<&Row> {
        self.selected.and_then(|id| self.row(id)).or_else(|| self.queue().first().map(|(_, row)| *row))
    }

    /// A message by its number.
    pub fn row(&self, id: i64) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// What is promised, by day.
    pub fn load(&self) -> Load {
        Load::of(&self.commitments, &self.calendar.zone)
    }

    /// Rush work that was promised within the last seven days.
    pub fn rush_taken(&self) -> u16 {
        let now = self.now.timestamp();
        let young =
            |item: &&OutboxItem| now.duration_since(item.queued_at) < SignedDuration::from_hours(7 * 24);
        let rush = |item: &&OutboxItem| item.template.as_deref() == Some("emergency-accept-rush");
        let count = self
            .outbox
            .iter()
            .filter(rush)
            .filter(young)
            .filter(|item| item.state != OutboxState::Failed)
            .count();
        u16::try_from(count).unwrap_or(u16::MAX)
    }

    /// An opened message as the owner stands before it, for `look`.
    pub fn situation<T>(
        &self,
        opened: &Opened,
        errand: &Errand,
        look: impl FnOnce(&Situation<'_>) -> T,
    ) -> T {
        let row = self.row(opened.id);
        let load = self.load();
        let matter = self.matter(opened.id, errand);
        let writer = self.writer(opened.id).map(crate::ledger::Client::person);
        look(&Situation {
            message: &opened.message,
            heard: &opened.heard,
            concerns: row.map_or(&[], Row::concerns),
            due: row.and_then(|row| row.verdict.deadline.as_ref()),
            policy: &self.policy,
            calendar: &self.calendar,
            history: &opened.history,
            load: &load,
            rush_taken: self.rush_taken(),
            advice: writer.as_ref().and_then(|person| self.outlook.advice.get(person)),
            parting: self.parting(opened.id),
            matter: &matter,
            now: &self.now,
        })
    }

    /// What a reply promises, by its template and by its words.
    fn promised(&self, reply: &Reply) -> Vec<Given> {
        let found = promised(&reply.draft.body, &reply.promises, &self.now, &self.calendar);
        found.into_iter().map(|(promise, due)| Given { promise, due }).collect()
    }

    /// What the check before sending finds in a reply.
    fn findings(&self, reply: &Reply) -> Vec<Finding> {
        let load = self.load();
        let own = self.accounts.get(&reply.account).map(|account| account.own.as_slice()).unwrap_or_default();
        let private: Vec<&str> =
            self.writer(reply.opened.id).map(|client| client.private_words().collect()).unwrap_or_default();
        check(&Checked {
            private: &private,
            body: &reply.draft.body,
            to: &reply.draft.to,
            cc: &reply.draft.cc,
            attachments: 0,
            original: Some(&reply.opened.message),
            own,
            policy: &self.policy,
            calendar: &self.calendar,
            load: &load,
            now: &self.now,
        })
    }

    /// Replies that have not left yet.
    pub fn waiting_replies(&self) -> usize {
        self.outbox
            .iter()
            .filter(|item| matches!(item.state, OutboxState::Queued | OutboxState::Sending))
            .count()
    }
}

/// Whether a reply wants an answer: it asks, or it says what the client is to do.
fn asks(body: &str, given: &[Given]) -> bool {
    let own = body.get(..own_text_end(body)).unwrap_or(body);
    own.contains('?') || given.iter().any(|given| given.promise.who == Party::Client)
}

/// After so many failed tries a reply is stuck: some minutes have gone by.
const STUCK_AFTER: u32 = 3;

/// The reply needs the owner: it failed, it is unknown, or it does not get through.
pub fn is_stuck(row: &Row) -> bool {
    match row.reply {
        Some(OutboxState::Failed | OutboxState::Unknown) => true,
        Some(OutboxState::Queued) => row.tries >= STUCK_AFTER,
        _ => false,
    }
}

/// This very message has its reply.
fn is_answered(row: &Row) -> bool {
    if row.reply.is_some() { !is_stuck(row) } else { row.answered }
}

fn group(row: &Row, replies: &BTreeMap<(&str, &str), Timestamp>) -> Group {
    if is_stuck(row) {
        return Group::NeedsYou;
    }
    let later = replies.get(&(row.thread.0.as_str(), row.from.address.as_str()));
    let answered = is_answered(row) || later.is_some_and(|replied| row.arrived_at <= *replied);
    match row.sender() {
        _ if row.done || answered => Group::Done,
        Sender::Other => Group::Others,
        Sender::Client if row.concerns().is_empty() => Group::Routine,
        Sender::Client => Group::NeedsYou,
    }
}

/// Stuck replies first, then by the most pressing concern.
fn rank(row: &Row) -> usize {
    if is_stuck(row) {
        return 0;
    }
    let pressing = Concern::ALL.iter().position(|concern| row.concerns().contains(concern));
    1 + pressing.unwrap_or(Concern::ALL.len())
}
