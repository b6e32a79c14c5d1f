//! A connection that is logged in, and the commands on it. After any fault of the line or the protocol the
//! connection is over, and says so; a panic of foreign code is such a fault. No fetching of mail (see
//! [`super::fetch`]), no retrying: that is the worker's.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use imap_proto::parser::parse_response;
use imap_proto::types::{MailboxDatum, Response, ResponseCode, UidSetMember};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Security, Server};
use crate::mail::MessageId;

use super::adapter::{Adapter, Untagged};
use super::command::Command;
use super::connect::{Capabilities, connect, lost, place, words_after};
use super::guard::Guard;
use super::quote::{Flag, Mailbox, QuotedId};
use super::{Cursor, Fault, FaultKind, Limits};

/// How long a polite goodbye may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// A connection to a server, logged in.
pub struct Connection {
    place: String,
    guard: Arc<Guard>,
    /// Nothing once the connection is over.
    session: Option<imap::Session<Adapter>>,
    capabilities: Capabilities,
    selected: Option<Selected>,
    /// Folder names that are shown otherwise than the server writes them.
    odd_names: HashMap<String, Mailbox>,
}

/// A folder that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its name.
    pub folder: String,
    /// UIDVALIDITY; never 0.
    pub uid_validity: u32,
    /// The UID that the next message will have, where the server tells.
    pub uid_next: Option<u32>,
    /// How many messages are there.
    pub exists: u32,
    /// Whether flags may be changed.
    pub writable: bool,
}

impl Selected {
    /// The UID after which to go on. 0, from the start, where there is no cursor or where another UIDVALIDITY
    /// says that the UIDs were dealt anew.
    pub fn resume(&self, cursor: Option<Cursor>) -> u32 {
        cursor.filter(|cursor| cursor.uid_validity == self.uid_validity).map_or(0, |cursor| cursor.last_uid)
    }
}

/// The untagged responses of the answer to one command.
pub(super) struct Answer(Vec<Untagged>);

impl Answer {
    /// The responses that imap-proto can parse, with their bytes.
    pub fn responses(&self) -> impl Iterator<Item = (&[u8], Response<'_>)> {
        self.0.iter().filter(|untagged| !untagged.too_deep).filter_map(|untagged| {
            match parse_response(&untagged.bytes) {
                Ok(([], response)) => Some((&untagged.bytes[..], response)),
                _ => None,
            }
        })
    }
}

/// SASL PLAIN (RFC 4616).
struct Plain<'a> {
    login: &'a str,
    password: &'a SecretString,
    sent: Cell<bool>,
}

impl imap::Authenticator for Plain<'_> {
    type Response = String;

    /// Answers once; whoever asks again gets nothing.
    fn process(&self, _challenge: &[u8]) -> String {
        if self.sent.replace(true) {
            return String::new();
        }
        format!("\0{}\0{}", self.login, self.password.expose_secret())
    }
}

impl Connection {
    /// Connects, secures the line as configured and logs in.
    pub fn open(server: &Server, password: &SecretString, ca_file: Option<&Path>) -> Result<Self, Fault> {
        Self::open_with(server, password, ca_file, Limits::default(), Arc::default())
    }

    /// The same with other limits and a flag that stops whatever the connection waits for, within a second.
    pub fn open_with(
        server: &Server,
        password: &SecretString,
        ca_file: Option<&Path>,
        limits: Limits,
        cancel: Arc<AtomicBool>,
    ) -> Result<Self, Fault> {
        let guard = Guard::new(limits, cancel);
        let (stream, capabilities) = connect(server, ca_file, &guard)?;
        let mut client = imap::Client::new(Adapter::new(stream, Arc::clone(&guard)));
        client.greeting_read = true;
        guard.start(guard.limits.connect);
        let session = contained(|| log_in(client, server, password, &capabilities, &guard))
            .unwrap_or_else(|| Err(panicked(&place(server), "the login")))?;
        let mut connection = Self {
            place: place(server),
            session: Some(session),
            capabilities,
            selected: None,
            odd_names: HashMap::new(),
            guard,
        };
        connection.read_capabilities()?;
        Ok(connection)
    }

    /// What a server offers often differs after login (RFC 3501, 7.2.1).
    fn read_capabilities(&mut self) -> Result<(), Fault> {
        let offered = Capabilities::in_line(&self.guard.running().tagged);
        if let Some(capabilities) = offered {
            self.capabilities = capabilities;
            return Ok(());
        }
        let answer = self.run(&Command::capability())?;
        if let Some(capabilities) =
            answer.0.iter().find_map(|untagged| Capabilities::in_line(&untagged.bytes))
        {
            self.capabilities = capabilities;
        }
        Ok(())
    }

    /// Whether the server offers a capability, written in capitals.
    pub fn has_capability(&self, name: &str) -> bool {
        self.capabilities.has(name)
    }

    /// Whether commands may still go through.
    pub fn is_open(&self) -> bool {
        self.session.is_some()
    }

    /// Takes leave of the server. Dropping a connection merely hangs up, which is fine too.
    pub fn close(mut self) {
        if let Some(mut session) = self.session.take() {
            self.guard.start(GOODBYE);
            contained(|| drop(session.logout()));
        }
    }

    /// Opens a folder for looking: nothing in it can be changed, no message marked as read.
    pub fn examine(&mut self, folder: &str) -> Result<Selected, Fault> {
        let mailbox = self.mailbox(folder)?;
        self.open_folder(folder, &Command::examine(&mailbox), false)
    }

    /// Opens a folder for changing flags.
    pub fn select(&mut self, folder: &str) -> Result<Selected, Fault> {
        let mailbox = self.mailbox(folder)?;
        self.open_folder(folder, &Command::select(&mailbox), true)
    }

    fn open_folder(&mut self, folder: &str, command: &Command, writable: bool) -> Result<Selected, Fault> {
        self.selected = None;
        let answer = self.run(command).map_err(|fault| match fault.kind {
            FaultKind::Refused => Fault { kind: FaultKind::NoSuchFolder, ..fault }
                .hint("Check the folder's name in the account's configuration"),
            _ => fault,
        })?;
        let mut selected =
            Selected { folder: folder.to_owned(), uid_validity: 0, uid_next: None, exists: 0, writable };
        for (_, response) in answer.responses() {
            match response {
                Response::MailboxData(MailboxDatum::Exists(count)) => selected.exists = count,
                Response::Data { code: Some(ResponseCode::UidValidity(value)), .. } => {
                    selected.uid_validity = value;
                }
                Response::Data { code: Some(ResponseCode::UidNext(uid)), .. } => {
                    selected.uid_next = Some(uid);
                }
                _ => {}
            }
        }
        if selected.uid_validity == 0 {
            let what = format!(
                "{} gives {folder:?} no UIDVALIDITY: messages can't be told apart for good",
                self.place
            );
            return Err(Fault::new(FaultKind::Protocol, what));
        }
        self.selected = Some(selected.clone());
        Ok(selected)
    }

    /// Demands that the open folder is still this one; opens it again otherwise.
    pub(super) fn go_to(&mut self, wanted: &Selected) -> Result<(), Fault> {
        let here = |now: &Selected| {
            now.folder == wanted.folder
                && now.uid_validity == wanted.uid_validity
                && now.writable >= wanted.writable
        };
        if self.selected.as_ref().is_some_and(here) {
            return Ok(());
        }
        let now = if wanted.writable { self.select(&wanted.folder)? } else { self.examine(&wanted.folder)? };
        self.same_uids(&now, wanted.uid_validity)
    }

    fn same_uids(&self, now: &Selected, uid_validity: u32) -> Result<(), Fault> {
        if now.uid_validity == uid_validity {
            return Ok(());
        }
        let what = format!("{}: the messages of {:?} were numbered anew", self.place, now.folder);
        Err(Fault::new(FaultKind::UidsChanged, what).hint("They are read again from the start"))
    }

    /// Puts a message into a folder, which is made if it is missing. Its UIDVALIDITY and UID, where the server
    /// tells (UIDPLUS, RFC 4315). `message` has CRLF line ends.
    pub fn append(
        &mut self,
        folder: &str,
        message: &[u8],
        flags: &[Flag],
    ) -> Result<Option<(u32, u32)>, Fault> {
        match self.try_append(folder, message, flags) {
            Err(fault) if fault.kind == FaultKind::NoSuchFolder => {
                self.create(folder)?;
                self.try_append(folder, message, flags)
            }
            done => done,
        }
    }

    fn try_append(
        &mut self,
        folder: &str,
        message: &[u8],
        flags: &[Flag],
    ) -> Result<Option<(u32, u32)>, Fault> {
        let mailbox = self.mailbox(folder)?;
        let flags: Vec<_> =
            flags.iter().map(|flag| imap::types::Flag::Custom(flag.as_str().into())).collect();
        let appended = self.attempt("APPEND", |session| {
            session.append(mailbox.between_quotes(), message).flags(flags).finish()
        })?;
        let uid = appended.uids.as_deref().and_then(<[UidSetMember]>::first).map(|member| match member {
            UidSetMember::Uid(uid) => *uid,
            UidSetMember::UidRange(range) => *range.start(),
        });
        Ok(appended.uid_validity.zip(uid))
    }

    /// Adds a flag to a message; whether the message is there. `uid_validity` is the one that belongs to `uid`.
    pub fn add_flag(
        &mut self,
        folder: &str,
        uid_validity: u32,
        uid: u32,
        flag: &Flag,
    ) -> Result<bool, Fault> {
        let open = self.selected.clone().filter(|now| now.folder == folder && now.writable);
        let now = open.map_or_else(|| self.select(folder), Ok)?;
        self.same_uids(&now, uid_validity)?;
        let answer = self.run(&Command::add_flag(uid, flag))?;
        Ok(answer.responses().any(|(_, response)| matches!(response, Response::Fetch(..))))
    }

    /// The UIDs of the messages with this `Message-ID`, in ascending order.
    pub fn find_by_message_id(&mut self, folder: &str, id: &MessageId) -> Result<Vec<u32>, Fault> {
        let id = QuotedId::new(id)?;
        self.examine(folder)?;
        self.search(&Command::search_message_id(&id))
    }

    /// The UIDs of all messages, in ascending order.
    pub fn uids(&mut self, selected: &Selected) -> Result<Vec<u32>, Fault> {
        self.go_to(selected)?;
        self.search(&Command::search_all())
    }

    fn search(&mut self, command: &Command) -> Result<Vec<u32>, Fault> {
        let answer = self.run(command)?;
        let mut uids = Vec::new();
        for (_, response) in answer.responses() {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                uids.extend(found);
            }
        }
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// A folder's name as the server knows it.
    pub(super) fn mailbox(&self, folder: &str) -> Result<Mailbox, Fault> {
        self.odd_names.get(folder).map_or_else(|| Mailbox::new(folder), |mailbox| Ok(mailbox.clone()))
    }

    pub(super) fn remember_name(&mut self, name: String, mailbox: Mailbox) {
        self.odd_names.insert(name, mailbox);
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.guard.limits
    }

    /// Runs a command that needs no continuation.
    pub(super) fn run(&mut self, command: &Command) -> Result<Answer, Fault> {
        self.attempt(command.name, |session| session.run_command_and_check_ok(command.as_str()))?;
        Ok(Answer(std::mem::take(&mut self.guard.running().untagged)))
    }

    /// Lets the crate do something; its errors become faults, and all but a plain refusal end the connection.
    fn attempt<T>(
        &mut self,
        name: &str,
        run: impl FnOnce(&mut imap::Session<Adapter>) -> imap::Result<T>,
    ) -> Result<T, Fault> {
        let Some(mut session) = self.session.take() else {
            return Err(Fault::new(FaultKind::Network, format!("the connection to {} is over", self.place)));
        };
        self.guard.start(self.guard.limits.command);
        match contained(|| run(&mut session)) {
            Some(Ok(done)) => {
                self.session = Some(session);
                Ok(done)
            }
            Some(Err(e)) => {
                let fault = fault_of(&self.place, &self.guard, name, &e);
                if matches!(fault.kind, FaultKind::Refused | FaultKind::NoSuchFolder) {
                    self.session = Some(session);
                }
                Err(fault)
            }
            None => Err(panicked(&self.place, name)),
        }
    }
}

/// AUTHENTICATE PLAIN where offered, as it carries any password; LOGIN otherwise.
fn log_in(
    client: imap::Client<Adapter>,
    server: &Server,
    password: &SecretString,
    capabilities: &Capabilities,
    guard: &Guard,
) -> Result<imap::Session<Adapter>, Fault> {
    let place = place(server);
    let secret = password.expose_secret();
    if [server.login.as_str(), secret].iter().any(|text| text.contains(['\0', '\r', '\n'])) {
        return Err(Fault::new(
            FaultKind::Argument,
            format!("login name or password for {place} holds a line end or NUL"),
        ));
    }
    let result = if capabilities.has("AUTH=PLAIN") {
        client.authenticate("PLAIN", &Plain { login: &server.login, password, sent: Cell::new(false) })
    } else if capabilities.has("LOGINDISABLED") {
        let what = format!("{place} lets nobody log in on this line (LOGINDISABLED)");
        let hint = match server.security {
            Security::None => "Set `security` to \"tls\" or \"starttls\"",
            _ => "Ask the provider whether mail programs may log in with a password",
        };
        return Err(Fault::new(FaultKind::Login, what).hint(hint));
    } else {
        client.login(&server.login, secret)
    };
    result.map_err(|(e, _)| {
        let fault = fault_of(&place, guard, "the login", &e);
        if fault.kind != FaultKind::Refused {
            return fault;
        }
        let login = crate::parse::wash_line(&server.login);
        let what =
            format!("{place} refuses the login of {login:?}: {}", words_after(&guard.running().tagged, 2));
        let hint = "Check `login` and the password; many providers want a password made for mail programs \
                    (an app password) instead of the one for their website";
        Fault::new(FaultKind::Login, what).hint(hint)
    })
}

/// Runs foreign code; nothing if it panicked.
fn contained<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

fn panicked(place: &str, name: &str) -> Fault {
    Fault::new(FaultKind::Protocol, format!("{place}: the answer to {name} could not be read"))
}

/// What an error of the crate means. Its own words are of little use; the last tagged line and the guard's
/// memory tell more.
fn fault_of(place: &str, guard: &Guard, name: &str, e: &imap::Error) -> Fault {
    let running = guard.running();
    let (tagged, bye) = (running.tagged.clone(), running.bye.clone());
    drop(running);
    if matches!(e, imap::Error::No(_) | imap::Error::Bad(_) | imap::Error::Append) && !tagged.is_empty() {
        return refusal(place, name, &tagged);
    }
    if guard.stopped().is_none()
        && let Some(bye) = bye
    {
        let what = format!("{place} closed the connection: {}", words_after(&bye, 2));
        return Fault::new(FaultKind::Busy, what);
    }
    match e {
        imap::Error::Io(e) => lost(place, guard, e),
        imap::Error::ConnectionLost => lost(place, guard, &std::io::ErrorKind::UnexpectedEof.into()),
        _ => {
            Fault::new(FaultKind::Protocol, format!("{place} does not keep to IMAP in its answer to {name}"))
        }
    }
}

/// A command was answered NO or BAD; codes by RFC 5530.
fn refusal(place: &str, name: &str, tagged: &[u8]) -> Fault {
    let words = words_after(tagged, 2);
    let code = words.strip_prefix('[').and_then(|rest| rest.split([' ', ']']).next()).unwrap_or("");
    let kind = match code.to_ascii_uppercase().as_str() {
        "UNAVAILABLE" | "INUSE" | "LIMIT" | "SERVERBUG" => FaultKind::Busy,
        "TRYCREATE" | "NONEXISTENT" => FaultKind::NoSuchFolder,
        _ => FaultKind::Refused,
    };
    Fault::new(kind, format!("{place} refuses {name}: {words}"))
}
