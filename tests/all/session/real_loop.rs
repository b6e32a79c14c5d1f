//! The whole way of a reply between real mail servers: a client's mail comes in by SMTP, the owner answers it in
//! a terminal, and the answer lies in the client's mailbox. What amicable did is judged by looking at the
//! servers with other eyes than its own.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use amicable::config::Security;
use amicable::store::OutboxState;
use jiff::Zoned;
use mailparse::{MailHeaderMap, ParsedMail, parse_mail};

use super::super::servers::{Dovecot, MessageState, Postfix, wait_for};
use super::super::terminal::Terminal;
use super::{Office, SMALL, answer_questions, confirm};

pub(super) const OWNER: &str = "owner@example.com";
pub(super) const CLIENT: &str = "client@example.org";

/// The folders that the servers make for everybody.
const FOLDERS: [&str; 6] = ["INBOX", "Sent", "Drafts", "Archive", "Junk", "Trash"];

/// The mail servers of the owner and the client.
pub(super) struct Town {
    pub(super) postfix: Postfix,
    pub(super) dovecot: Dovecot,
}

impl Town {
    pub(super) fn start() -> Self {
        let dovecot = Dovecot::start();
        Self { postfix: Postfix::start(&dovecot), dovecot }
    }

    /// The lines of an account that name its servers.
    pub(super) fn account(&self, imap: Security, smtp: Security) -> String {
        let imap = entry(imap, self.dovecot.server(imap, OWNER).port);
        let smtp = entry(smtp, self.postfix.server(smtp, OWNER).port);
        self.account_at(&imap, &smtp)
    }

    fn account_at(&self, imap: &str, smtp: &str) -> String {
        format!("imap = {imap}\nsmtp = {smtp}\nca_file = \"{}\"", self.dovecot.ca_file().display())
    }

    /// A client's emergency comes in, with another's mail before and after it.
    fn receive(&self, from: &str) {
        let mail = EMERGENCY.replace("{from}", from).replace("{date}", &date());
        self.postfix.deliver(CLIENT, OWNER, mail.as_bytes());
        self.dovecot.wait_for(OWNER, "INBOX", |messages| {
            messages.iter().any(|message| message.message_id == "<emergency@example.org>")
        });
    }

    /// All that lies in the owner's folders, with its flags.
    fn belongings(&self) -> Vec<(&'static str, Vec<MessageState>)> {
        let mut client = self.dovecot.client(OWNER);
        FOLDERS.iter().map(|folder| (*folder, client.messages(folder))).collect()
    }

    /// What the client has.
    pub(super) fn received(&self) -> Vec<Vec<u8>> {
        let messages = self.dovecot.messages(CLIENT, "INBOX");
        messages.iter().map(|message| self.dovecot.message(CLIENT, "INBOX", message.uid)).collect()
    }

    /// Waits for the reply at the client's; there is never more than one.
    fn wait_for_reply(&self) -> Vec<u8> {
        self.dovecot.wait_for(CLIENT, "INBOX", |messages| !messages.is_empty());
        let mut received = self.received();
        assert_eq!(received.len(), 1);
        received.remove(0)
    }

    /// Waits until the original is marked as answered.
    fn wait_for_answered(&self) {
        self.dovecot.wait_for(OWNER, "INBOX", |messages| {
            let original = messages.iter().find(|m| m.message_id == "<emergency@example.org>").unwrap();
            original.flags == ["\\Answered"]
        });
    }
}

fn entry(security: Security, port: u16) -> String {
    let word = match security {
        Security::Tls => "tls",
        Security::Starttls => "starttls",
        Security::None => "none",
    };
    format!("{{ host = \"localhost\", port = {port}, security = \"{word}\" }}")
}

pub(super) fn date() -> String {
    jiff::fmt::rfc2822::to_string(&Zoned::now()).unwrap()
}

const EMERGENCY: &str = "From: =?iso-8859-1?Q?J=F6rg_M=FCller?= <{from}>\r
To: =?utf-8?B?w4RubmUgR3Jvw58=?= <owner@example.com>\r
Subject: Re: Your offer for the cake\r
Date: {date}\r
Message-ID: <emergency@example.org>\r
In-Reply-To: <offer@example.com>\r
References: <offer@example.com>\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=iso-8859-1\r
Content-Transfer-Encoding: quoted-printable\r
\r
Hello,\r
\r
this is an emergency: the wedding is tomorrow at 10 am and the cake for Zo=EB\r
has not come. Please help, I need it by tonight!\r
\r
J=F6rg\r
\r
On 12 November 2026 at 09:00, =C4nne Gro=DF wrote:\r
> The cake comes the day before.\r
";

const NEWSLETTER: &[u8] = b"From: The mill <news@example.net>\r\nTo: owner@example.com\r\n\
    Date: Mon, 2 Nov 2026 08:00:00 +0000\r\nMessage-ID: <flour@example.net>\r\nSubject: Flour in November\r\n\
    List-Unsubscribe: <https://example.net/leave>\r\n\r\nFlour is cheaper this month.\r\n";

const THANKS: &[u8] = b"From: Pat Fern <pat@example.net>\r\nTo: owner@example.com\r\n\
    Date: Tue, 3 Nov 2026 08:00:00 +0000\r\nMessage-ID: <thanks@example.net>\r\nSubject: Thank you\r\n\r\n\
    The rolls were lovely, thank you.\r\n";

/// From the queue to the review of a reply, with these words typed into it.
fn write_reply(terminal: &mut Terminal, typed: &str) {
    terminal.wait_for("Jörg Müller");
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.press("enter");
    answer_questions(terminal);
    terminal.press("e");
    terminal.wait_for("amicable Editor");
    terminal.type_text(typed);
    terminal.press("ctrl+s");
    terminal.wait_for("amicable Review");
}

/// What is sent goes out within the time that keeps a test short.
const SOON: &str = "undo_window = \"1s\"";

fn a_reply_goes_all_the_way(imap: Security, smtp: Security) {
    let town = Town::start();
    town.dovecot.append(OWNER, "INBOX", "\\Seen", NEWSLETTER);
    town.dovecot.append(OWNER, "INBOX", "\\Flagged", THANKS);
    town.receive(CLIENT);
    let before = town.belongings();
    let office = Office::new(&town.account(imap, smtp), SOON);

    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("Jörg Müller");
    let screen = terminal.screen();
    let row = screen.lines().find(|line| line.contains("Jörg Müller")).unwrap();
    assert!(row.contains("▌ emergency") && row.contains("Your offer for the cake"), "{screen}");
    terminal.press("enter");
    terminal.wait_for("the cake for Zoë has not come");
    terminal.press("q");
    terminal.wait_for("amicable Queue");
    assert_eq!(town.belongings(), before, "looking has changed something");

    write_reply(&mut terminal, " Viele Grüße aus der Backstube.");
    confirm(&mut terminal);
    terminal.wait_for("Sent to Jörg Müller, and filed in Sent");
    town.wait_for_answered();
    terminal.press("q");
    terminal.wait_for_end().assert_restored();

    let received = town.wait_for_reply();
    check_reply(&parse_mail(&received).unwrap(), " Viele Grüße aus der Backstube.");

    // The copy is what the client has, without what the servers on the way put on top.
    let sent = town.dovecot.messages(OWNER, "Sent");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].flags, ["\\Seen"]);
    let copy = town.dovecot.message(OWNER, "Sent", sent[0].uid);
    let trace = received.strip_suffix(&copy[..]).expect("the copy differs from what the client has");
    assert!(trace.starts_with(b"Return-Path: <owner@example.com>"));

    // Nothing else has changed.
    let mut expected = before;
    for (folder, messages) in &mut expected {
        if let Some(original) = messages.iter_mut().find(|m| m.message_id == "<emergency@example.org>") {
            original.flags = vec!["\\Answered".to_owned()];
        }
        if *folder == "Sent" {
            messages.extend(sent.clone());
        }
    }
    assert_eq!(town.belongings(), expected);
}

/// The reply as the client's own program reads it.
fn check_reply(mail: &ParsedMail<'_>, typed: &str) {
    let header = |name: &str| mail.headers.get_all_values(name).join(" | ");
    assert_eq!(header("From"), "Änne Groß <owner@example.com>");
    assert_eq!(header("To"), "Jörg Müller <client@example.org>");
    assert_eq!(header("Subject"), "Re: Your offer for the cake");
    assert_eq!(header("In-Reply-To"), "<emergency@example.org>");
    assert_eq!(header("References"), "<offer@example.com> <emergency@example.org>");
    assert!(header("Message-ID").ends_with("@example.com>"), "{}", header("Message-ID"));
    assert!(jiff::fmt::rfc2822::parse(&header("Date")).is_ok(), "{}", header("Date"));
    assert_eq!(mail.ctype.charset.to_lowercase(), "utf-8");
    let text = mail.get_body().unwrap();
    for wanted in [typed, "Hello Jörg,", "-- \r\nÄnne Groß, Backstube", "> this is an emergency", "Zoë"] {
        assert!(text.contains(wanted), "{wanted:?} is missing:\n{text}");
    }
}

#[test]
fn a_reply_goes_all_the_way_over_tls_and_starttls() {
    a_reply_goes_all_the_way(Security::Tls, Security::Starttls);
}

#[test]
fn a_reply_goes_all_the_way_over_starttls_and_tls() {
    a_reply_goes_all_the_way(Security::Starttls, Security::Tls);
}

/// The owner confirms and leaves at once; the reply goes out when `again` runs amicable the next time.
fn a_reply_survives_quitting(again: fn(&Office)) {
    let town = Town::start();
    town.receive(CLIENT);
    let account = town.account(Security::Tls, Security::Starttls);
    let office = Office::new(&account, "undo_window = \"6s\"");
    let mut terminal = office.start(&[], SMALL);
    write_reply(&mut terminal, "");
    confirm(&mut terminal);
    terminal.wait_for("u takes it back");
    terminal.press("q");
    terminal.wait_for("amicable Leaving");
    terminal.press("l");
    terminal.wait_for_end().assert_restored();
    assert_eq!(office.store().outbox().unwrap()[0].state, OutboxState::Queued);

    again(&office);
    town.wait_for_answered();
    town.wait_for_reply();
    // Once more: it is not sent again.
    let (status, listed, said) = office.run(&["outbox", "--send", "--all"]);
    assert!(status == 0 && listed.contains("filed"), "{status}: {listed}{said}");
    assert_eq!(town.received().len(), 1);
    assert_eq!(town.dovecot.messages(OWNER, "Sent").len(), 1);
}

#[test]
fn a_reply_that_waits_while_the_owner_leaves_goes_out_in_the_next_session() {
    a_reply_survives_quitting(|office| {
        let mut terminal = office.start(&[], SMALL);
        terminal.wait_for("Sent to Jörg Müller, and filed in Sent");
        terminal.press("q");
        terminal.wait_for_end().assert_restored();
    });
}

#[test]
fn a_reply_that_waits_while_the_owner_leaves_goes_out_without_a_screen() {
    a_reply_survives_quitting(|office| {
        wait_for("the end of the undo window", || {
            let (status, listed, said) = office.run(&["outbox", "--send", "--all"]);
            assert_eq!(status, 0, "{listed}{said}");
            listed.contains("filed").then_some(())
        });
    });
}

#[test]
fn a_refused_recipient_is_told_and_the_reply_is_a_draft_again() {
    let town = Town::start();
    // Postfix knows this address as one that it refuses.
    town.receive("refused@example.com");
    let office = Office::new(&town.account(Security::Tls, Security::Starttls), SOON);
    let mut terminal = office.start(&[], SMALL);
    write_reply(&mut terminal, " Kept words.");
    confirm(&mut terminal);
    terminal.wait_for("Not sent to Jörg Müller");
    terminal.press("o");
    terminal.wait_for("failed");
    terminal.wait_for("550 5.1.1");
    terminal.wait_for("No such mailbox here");
    terminal.press("u");
    terminal.wait_for("Taken back: nothing was sent");
    terminal.wait_for("amicable Review");
    // With another address it goes.
    terminal.press("t");
    terminal.wait_for("To (addresses");
    terminal.press("home ctrl+k");
    terminal.type_text(CLIENT);
    terminal.press("enter");
    terminal.wait_for("amicable Review");
    confirm(&mut terminal);
    terminal.wait_for("filed in Sent");
    let received = town.wait_for_reply();
    assert!(parse_mail(&received).unwrap().get_body().unwrap().contains(" Kept words."));
    terminal.press("q");
    terminal.wait_for_end().assert_restored();
}

/// A stretch of the line to a server, which a test can break.
struct Line {
    port: u16,
    fault: Arc<Mutex<Fault>>,
    /// How often somebody connected.
    connections: Arc<AtomicUsize>,
}

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// Whoever connects is cut off.
    Down,
    /// Cut as the message ends (RFC 5321, 4.1.1.4), before the server knows.
    EndOfMessageLost,
    /// Cut as the message ends, once the server has taken it.
    AnswerLost,
}

impl Line {
    fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (fault, connections) = (Arc::new(Mutex::new(Fault::None)), Arc::new(AtomicUsize::new(0)));
        let (faulty, counted) = (Arc::clone(&fault), Arc::clone(&connections));
        thread::spawn(move || {
            for client in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let fault = *faulty.lock().unwrap();
                if fault != Fault::Down {
                    let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                    thread::spawn(move || carry(client.unwrap(), server, fault));
                }
            }
        });
        Self { port, fault, connections }
    }

    fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn carry(mut client: TcpStream, mut server: TcpStream, fault: Fault) {
    let (mut answers, mut listener) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let ended = Arc::new(Mutex::new(false));
    let sent = Arc::clone(&ended);
    let back = thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = answers.read(&mut bytes) {
            if *sent.lock().unwrap() || listener.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = listener.shutdown(Shutdown::Both);
    });
    let mut last = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        last.extend_from_slice(&bytes[..count]);
        last.drain(..last.len().saturating_sub(5));
        if last == b"\r\n.\r\n" {
            match fault {
                Fault::EndOfMessageLost => break,
                Fault::AnswerLost => *ended.lock().unwrap() = true,
                Fault::None | Fault::Down => {}
            }
        }
        if server.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = back.join();
}

/// The line breaks as the message ends; whether it went out only the client knows. `copies` are there.
fn a_reply_of_unknown_fate(fault: Fault, copies: usize, settle: fn(&mut Terminal)) {
    let town = Town::start();
    town.receive(CLIENT);
    let line = Line::to(town.postfix.plain_port);
    line.set(fault);
    let imap = entry(Security::Tls, town.dovecot.imaps_port);
    let office = Office::new(&town.account_at(&imap, &entry(Security::None, line.port)), SOON);
    let mut terminal = office.start(&[], SMALL);
    write_reply(&mut terminal, "");
    confirm(&mut terminal);
    terminal.wait_for("It is not known whether the reply to Jörg Müller went out");
    terminal.press("ctrl+c");
    terminal.wait_for_end().assert_restored();
    town.dovecot.wait_for(CLIENT, "INBOX", |messages| messages.len() == copies);

    // The line is whole again, but nothing goes over it by itself.
    line.set(Fault::None);
    let (status, listed, said) = office.run(&["outbox", "--send"]);
    assert!(status == 1 && listed.contains("unknown"), "{status}: {listed}{said}");
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("Jörg Müller");
    terminal.press("o");
    terminal.wait_for("unknown Jörg Müller");
    terminal.wait_for("it may or may not have gone out");
    terminal.press("f");
    let (_, listed, _) = office.run(&["outbox"]);
    assert!(listed.contains("unknown"), "{listed}");
    assert_eq!((line.connections(), town.received().len()), (1, copies));
    assert!(town.dovecot.messages(OWNER, "Sent").is_empty());

    settle(&mut terminal);
    town.wait_for_answered();
    town.wait_for_reply();
    assert_eq!(line.connections(), 2 - copies);
    assert_eq!(town.dovecot.messages(OWNER, "Sent").len(), 1);
    terminal.press("ctrl+c");
    terminal.wait_for_end().assert_restored();
}

#[test]
fn a_reply_that_was_lost_on_the_line_is_sent_again_only_when_the_owner_says_so() {
    a_reply_of_unknown_fate(Fault::EndOfMessageLost, 0, |terminal| {
        terminal.press("a");
        terminal.wait_for("filed Jörg Müller");
    });
}

#[test]
fn a_reply_that_got_through_unheard_is_filed_when_the_owner_says_so() {
    a_reply_of_unknown_fate(Fault::AnswerLost, 1, |terminal| {
        terminal.press("w");
        terminal.wait_for("filed Jörg Müller");
    });
}

#[test]
fn a_reply_is_filed_later_when_the_server_is_away_after_sending() {
    let town = Town::start();
    town.receive(CLIENT);
    let line = Line::to(town.dovecot.imaps_port);
    let smtp = entry(Security::Starttls, town.postfix.submission_port);
    let office = Office::new(&town.account_at(&entry(Security::Tls, line.port), &smtp), SOON);
    let mut terminal = office.start(&[], SMALL);
    write_reply(&mut terminal, "");
    line.set(Fault::Down);
    confirm(&mut terminal);
    town.wait_for_reply();
    terminal.press("o");
    terminal.wait_for("sent Jörg Müller");
    terminal.wait_for("It went out. Its copy in Sent is still to be filed: ");
    wait_for("the words of the fault", || {
        let (status, listed, said) = office.run(&["outbox"]);
        assert_eq!(status, 0, "{listed}{said}");
        (listed.contains("sent ") && listed.contains("localhost")).then_some(())
    });
    assert!(town.dovecot.messages(OWNER, "Sent").is_empty());

    line.set(Fault::None);
    terminal.press("f");
    terminal.wait_for("filed Jörg Müller");
    town.wait_for_answered();
    assert_eq!(town.dovecot.messages(OWNER, "Sent")[0].flags, ["\\Seen"]);
    assert_eq!(town.received().len(), 1);
    terminal.press("ctrl+c");
    terminal.wait_for_end().assert_restored();
}

/// The owner works at any hour, so that a test may run at any; and pays up to fifty back.
pub(super) const DECIDED: &str = "undo_window = 1
[hours]
mon = \"0:00-23:59\"
tue = \"0:00-23:59\"
wed = \"0:00-23:59\"
thu = \"0:00-23:59\"
fri = \"0:00-23:59\"
sat = \"0:00-23:59\"
sun = \"0:00-23:59\"
[policy]
refund = { within_days = 14, most = \"50 EUR\" }
";

/// An emergency has come in, and the owner stands before the choice of replies to it.
fn at_the_choice(town: &Town) -> (Office, Terminal) {
    town.receive(CLIENT);
    let office = Office::new(&town.account(Security::Tls, Security::Starttls), DECIDED);
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("J\u{f6}rg M\u{fc}ller");
    terminal.press("r");
    (office, terminal)
}

/// The cursor of the choice of replies on one of them.
pub(super) fn choose(terminal: &mut Terminal, title: &str) {
    terminal.wait_for("amicable Choose a reply");
    for _ in 0..60 {
        if terminal.screen().lines().any(|line| line.trim_start().starts_with(&format!("\u{258c} {title}"))) {
            return;
        }
        terminal.press("j");
        std::thread::sleep(std::time::Duration::from_millis(60));
    }
    panic!("{title} is not offered:\n{}", terminal.screen());
}

#[test]
fn a_promise_is_recorded_shows_as_due_and_is_kept_by_the_next_reply() {
    let town = Town::start();
    let (office, mut terminal) = at_the_choice(&town);
    choose(&mut terminal, "Heard you");
    terminal.press("enter");
    // A Tuesday, a week ahead or less, at noon.
    let tuesday = Zoned::now().date().tomorrow().unwrap();
    let tuesday = tuesday.saturating_add(
        jiff::Span::new().days(i64::from(tuesday.weekday().until(jiff::civil::Weekday::Tuesday))),
    );
    for answer in ["12:00", &tuesday.strftime("%A %-d %B").to_string()] {
        terminal.wait_for("amicable A line of text");
        terminal.type_text(answer);
        terminal.wait_for(&format!("> {answer}"));
        terminal.press("enter");
    }
    terminal.wait_for("These promises are recorded when it is sent");
    confirm(&mut terminal);
    terminal.wait_for("filed in Sent");
    let reply = town.wait_for_reply();
    assert!(parse_mail(&reply).unwrap().get_body().unwrap().contains("by 12:00 Tuesday"));
    terminal.press("p");
    terminal.wait_for("amicable Promises");
    terminal.wait_for("to J\u{f6}rg M\u{fc}ller");
    terminal.press("q q");
    terminal.wait_for_end().assert_restored();

    let (status, out, said) = office.run(&["commitments", "--format", "json"]);
    assert_eq!(status, 0, "{said}");
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(rows[0]["state"], "open");
    assert_eq!(rows[0]["address"], CLIENT);
    assert!(rows[0]["due"].as_str().unwrap().starts_with(&format!("{tuesday}T12:00:00")), "{out}");
    let (_, calendar, _) = office.run(&["commitments", "--format", "ics"]);
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.contains("DTSTART:"), "{calendar}");

    // Its day comes; the client asks again.
    let (status, _, said) = office.run(&["commitments", "move", "1", "today 23:59"]);
    assert_eq!(status, 0, "{said}");
    let again = format!(
        "From: J\u{f6}rg <{CLIENT}>\r\nTo: {OWNER}\r\nSubject: And now?\r\nDate: {}\r\nMessage-ID: <again@example.org>\r\n\r\n\
         Could you tell me what you found out?\r\n",
        date()
    );
    town.postfix.deliver(CLIENT, OWNER, again.as_bytes());
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("And now?");
    terminal.wait_for("Promised");
    terminal.wait_for("1 today");
    terminal.press("r");
    choose(&mut terminal, "An empty page");
    terminal.press("enter");
    terminal.wait_for("amicable Editor");
    terminal.type_text("The cake is on its way.");
    terminal.press("ctrl+s");
    terminal.wait_for("Promised before, and open");
    terminal.press("d");
    terminal.wait_for("This reply keeps");
    confirm(&mut terminal);
    terminal.wait_for("filed in Sent");
    terminal.press("q");
    terminal.wait_for_end().assert_restored();
    assert_eq!(office.run(&["commitments"]).1, "");
    assert!(office.run(&["commitments", "--all"]).1.contains("kept"), "it is still told");
}

#[test]
fn a_refund_beyond_the_policy_is_pointed_out_and_sent_only_after_the_owners_word() {
    let town = Town::start();
    let (office, mut terminal) = at_the_choice(&town);
    choose(&mut terminal, "An empty page");
    terminal.press("enter");
    terminal.wait_for("amicable Editor");
    terminal.type_text("I will send 120 EUR back to your account tomorrow.");
    terminal.press("ctrl+s");
    terminal.wait_for("policy: refunds within 14 days, up to 50 EUR");
    terminal.press("y");
    terminal.wait_for("y once more sends it as it is");
    assert_eq!(office.store().outbox().unwrap(), []);
    terminal.press("y");
    terminal.wait_for("filed in Sent");
    let reply = town.wait_for_reply();
    assert!(parse_mail(&reply).unwrap().get_body().unwrap().contains("120 EUR"));
    terminal.press("q");
    terminal.wait_for_end().assert_restored();
}
