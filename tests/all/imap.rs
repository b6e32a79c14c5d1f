//! The IMAP source: against a real Dovecot, and against scripted servers that misbehave.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use amicable::config::{Security, Server};
use amicable::mail::MessageId;
use amicable::source::RawMessage;
use amicable::source::imap::{Connection, Cursor, Fault, FaultKind, Flag, Limits, SpecialUse, Taken};
use secrecy::SecretString;

use super::servers::{Dovecot, Layout, Options, PASSWORD, wait_for};

/// One server for all tests that need no special one; each uses a mailbox of its own.
fn dovecot() -> &'static Dovecot {
    static DOVECOT: OnceLock<Dovecot> = OnceLock::new();
    DOVECOT.get_or_init(Dovecot::start)
}

fn open(server: &Server, password: &str, ca_file: Option<&Path>) -> Result<Connection, Fault> {
    Connection::open(server, &SecretString::from(password), ca_file)
}

fn logged_in(dovecot: &Dovecot, user: &str) -> Connection {
    open(&dovecot.server(Security::Tls, user), PASSWORD, Some(&dovecot.ca_file())).unwrap()
}

fn mail(number: usize) -> Vec<u8> {
    format!("Message-ID: <{number}@example.org>\r\nSubject: Number {number}\r\n\r\nHello\r\n").into_bytes()
}

/// All that a fetch hands out.
fn fetch(
    connection: &mut Connection,
    folder: &str,
    last_uid: u32,
    window: u32,
) -> Result<(Vec<RawMessage>, Taken), Fault> {
    let selected = connection.examine(folder)?;
    let mut messages = Vec::new();
    let taken = connection.fetch_newer(&selected, last_uid, window, &mut |message| {
        messages.push(message);
        ControlFlow::Continue(())
    })?;
    Ok((messages, taken))
}

fn uids(messages: &[RawMessage]) -> Vec<u32> {
    messages.iter().filter_map(|message| message.uid).collect()
}

#[test]
fn every_way_to_secure_a_line_and_to_log_in_works() {
    let user = "every-way@example.com";
    dovecot().append(user, "INBOX", "", &mail(1));
    let plain = dovecot().server(Security::None, user);
    let servers = [
        dovecot().server(Security::Tls, user),
        dovecot().server(Security::Starttls, user),
        plain.clone(),
        Server { port: without_auth_plain(plain.port), ..plain },
    ];
    for server in servers {
        let mut connection = open(&server, PASSWORD, Some(&dovecot().ca_file())).unwrap();
        let (messages, _) = fetch(&mut connection, "INBOX", 0, 10).unwrap();
        assert_eq!(messages[0].bytes, mail(1), "{server:?}");
        connection.close();
    }
}

/// Dovecot as a server that knows no AUTHENTICATE PLAIN: its greeting goes through a door that hides it. The
/// port of that door, good for any number of connections.
fn without_auth_plain(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let door = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) =
                (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            let mut greeting = String::new();
            BufReader::new(&server).read_line(&mut greeting).unwrap();
            assert!(greeting.contains("AUTH=PLAIN"));
            client.write_all(greeting.replace("AUTH=PLAIN", "").as_bytes()).unwrap();
            let (mut to_client, mut from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
            thread::spawn(move || std::io::copy(&mut client, &mut server));
        }
    });
    door
}

#[test]
fn a_line_that_is_not_as_safe_as_configured_is_refused() {
    let other_name = Dovecot::with(Options { certificate_for: "DNS:mail.example.com", ..Options::default() });
    let no_tls = Dovecot::with(Options { tls: false, ..Options::default() });
    let login_disabled = Dovecot::with(Options { login_disabled: true, ..Options::default() });
    let no_plain = Dovecot::with(Options { mechanisms: "login", ..Options::default() });
    let (good, ca) = (dovecot().server(Security::Tls, "ann"), Some(dovecot().ca_file()));
    let starttls = dovecot().server(Security::Starttls, "ann");
    let elsewhere = Server { host: "192.0.2.1".to_owned(), security: Security::None, ..good.clone() };
    let crossed = Server { port: starttls.port, ..good.clone() };
    let unused = Server { port: 1, ..good.clone() };
    let nowhere = Server { host: "imap.invalid".to_owned(), ..good.clone() };
    let missing = Some(Path::new("/nowhere/ca.pem").to_owned());
    let no_pem = Some(dovecot().dir().join("dovecot.conf"));
    let rows = [
        ("no CA", good.clone(), None, FaultKind::Certificate, "not trusted"),
        ("no CA, STARTTLS", starttls.clone(), None, FaultKind::Certificate, "not trusted"),
        ("another CA", good.clone(), Some(other_name.ca_file()), FaultKind::Certificate, "not trusted"),
        (
            "another name",
            other_name.server(Security::Tls, "ann"),
            Some(other_name.ca_file()),
            FaultKind::Certificate,
            "ostname mismatch",
        ),
        (
            "another name, STARTTLS",
            other_name.server(Security::Starttls, "ann"),
            Some(other_name.ca_file()),
            FaultKind::Certificate,
            "ostname mismatch",
        ),
        (
            "no STARTTLS",
            no_tls.server(Security::Starttls, "ann"),
            None,
            FaultKind::Starttls,
            "offers no STARTTLS",
        ),
        (
            "LOGINDISABLED",
            login_disabled.server(Security::None, "ann"),
            None,
            FaultKind::Login,
            "LOGINDISABLED",
        ),
        (
            "no mechanism",
            no_plain.server(Security::Tls, "ann"),
            Some(no_plain.ca_file()),
            FaultKind::Login,
            "LOGINDISABLED",
        ),
        ("unsecured", elsewhere, None, FaultKind::Insecure, "another machine"),
        ("TLS to a plain port", crossed, ca.clone(), FaultKind::Protocol, "can't agree on a secured line"),
        ("nobody there", unused, ca.clone(), FaultKind::Network, "localhost:1 can't be reached"),
        ("no such host", nowhere, ca, FaultKind::Network, "imap.invalid"),
        ("no CA file", good.clone(), missing, FaultKind::Argument, "/nowhere/ca.pem can't be used"),
        ("no PEM", good, no_pem, FaultKind::Argument, "holds no certificate"),
    ];
    for (name, server, ca_file, kind, words) in rows {
        let fault =
            open(&server, PASSWORD, ca_file.as_deref()).err().unwrap_or_else(|| panic!("{name}: let in"));
        assert_eq!(fault.kind, kind, "{name}: {fault}");
        assert!(fault.what.contains(words), "{name}: {fault}");
        assert_eq!(fault.is_passing(), kind == FaultKind::Network, "{name}");
    }
}

#[test]
fn a_wrong_password_is_said_with_server_login_and_way_out() {
    let tls = dovecot().server(Security::Tls, "ann@example.com");
    let plain = dovecot().server(Security::None, "ann@example.com");
    let login = Server { port: without_auth_plain(plain.port), ..plain };
    for server in [tls, login] {
        for password in ["wrong", "", "grün", "se\"c\\ret", "secret {3}"] {
            let fault = open(&server, password, Some(&dovecot().ca_file())).err().unwrap();
            assert_eq!(fault.kind, FaultKind::Login, "{password:?}: {fault}");
            let place = format!("localhost:{} refuses the login of \"ann@example.com\": ", server.port);
            assert!(fault.what.starts_with(&place), "{fault}");
            assert!(fault.to_string().contains("app password"), "{fault}");
            assert!(!fault.is_passing());
        }
        for password in ["secret\r\na LOGOUT", "a\0b"] {
            let fault = open(&server, password, Some(&dovecot().ca_file())).err().unwrap();
            assert_eq!(fault.kind, FaultKind::Argument, "{fault}");
            assert!(!fault.to_string().contains("LOGOUT"), "{fault}");
        }
    }
}

#[test]
fn a_ca_file_may_hold_several_certificates() {
    let other =
        Dovecot::with(Options { certificate_for: "IP:127.0.0.1,DNS:localhost", ..Options::default() });
    let bundle = other.dir().join("bundle.pem");
    let pems = [dovecot().ca_file(), other.ca_file()].map(|file| std::fs::read_to_string(file).unwrap());
    std::fs::write(&bundle, pems.join("some text\n")).unwrap();
    for dovecot in [dovecot(), &other] {
        open(&dovecot.server(Security::Tls, "bundle"), PASSWORD, Some(&bundle)).unwrap();
    }
}

#[test]
fn folders_of_any_name_are_listed_opened_and_written() {
    let user = "folders@example.com";
    let names = [
        "Tom & Ann",
        "we\"ird\\box",
        "Söhne/Größe 10",
        "台北",
        "Kuchen 🎂",
        "100% (really) *",
        "[Gmail]",
        "{3}",
        "a  b",
    ];
    let mut connection = logged_in(dovecot(), user);
    for name in names {
        connection.create(name).unwrap();
        let (uid_validity, uid) = connection.append(name, &mail(1), &[]).unwrap().unwrap();
        assert_eq!((connection.examine(name).unwrap().uid_validity, uid), (uid_validity, 1));
    }
    let mut reader = logged_in(dovecot(), user);
    let listed = reader.folders().unwrap();
    for name in names {
        let shown = amicable::parse::wash_line(name);
        let folder =
            listed.iter().find(|folder| folder.name == shown).unwrap_or_else(|| panic!("no {shown}"));
        assert_eq!(folder.delimiter, Some('/'));
        assert_eq!(fetch(&mut reader, &folder.name, 0, 10).unwrap().0[0].bytes, mail(1));
    }
    // What the server has is what the standard says, not only what we read back.
    let raw = dovecot().client(user).command("LIST \"\" \"*\"").concat();
    assert!(String::from_utf8_lossy(&raw).contains("S&APY-hne/Gr&APYA3w-e 10"));
}

#[test]
fn no_name_smuggles_a_command_in() {
    let user = "inject@example.com";
    let mut connection = logged_in(dovecot(), user);
    let before = dovecot().client(user).command("LIST \"\" \"*\"");
    for name in ["x\"\r\nz CREATE \"pwned", "x\nz CREATE pwned", "x\0", "", "x\r"] {
        let faults = [
            connection.examine(name).err().unwrap(),
            connection.select(name).err().unwrap(),
            connection.create(name).err().unwrap(),
            connection.append(name, &mail(1), &[]).err().unwrap(),
            connection.add_flag(name, 1, 1, &Flag::Answered).err().unwrap(),
        ];
        assert!(faults.iter().all(|fault| fault.kind == FaultKind::Argument), "{faults:?}");
    }
    for name in ["x\" \"INBOX", "x {3}", "x) (", "\" (\\Deleted) {0+}"] {
        assert_eq!(connection.examine(name).err().unwrap().kind, FaultKind::NoSuchFolder, "{name}");
    }
    assert_eq!(Flag::keyword("x) CREATE pwned"), None);
    assert!(connection.is_open());
    assert_eq!(dovecot().client(user).command("LIST \"\" \"*\""), before);
}

#[test]
fn special_folders_are_found_by_mark_then_by_name() {
    let sent = |dovecot: &Dovecot, user: &str| logged_in(dovecot, user).special(SpecialUse::Sent).unwrap();
    let marked = sent(dovecot(), "special@example.com").unwrap();
    assert_eq!((marked.name.as_str(), marked.special), ("Sent", Some(SpecialUse::Sent)));

    let bare = Dovecot::with(Options { layout: Layout::Bare, ..Options::default() });
    assert_eq!(sent(&bare, "ann"), None);
    for name in ["Sent Items", "Gesendet", "Éléments envoyés"] {
        let user = &name.replace(' ', "-").to_lowercase().replace(|c: char| !c.is_ascii(), "e");
        logged_in(&bare, user).create(name).unwrap();
        assert_eq!(sent(&bare, user).unwrap().name, name);
    }
    let below = Dovecot::with(Options { layout: Layout::BelowInbox, ..Options::default() });
    assert_eq!(sent(&below, "ann").unwrap().name, "INBOX.Sent");
}

#[test]
fn mail_comes_newest_first_within_a_window_and_then_only_what_is_new() {
    let user = "window@example.com";
    for number in 1..=7 {
        dovecot().append(user, "INBOX", if number == 6 { "\\Seen urgent" } else { "" }, &mail(number));
    }
    let mut connection = logged_in(dovecot(), user);
    let (messages, taken) = fetch(&mut connection, "INBOX", 0, 3).unwrap();
    assert_eq!(uids(&messages), [7, 6, 5]);
    assert_eq!(messages[0].bytes, mail(7));
    assert_eq!(messages[0].place, "INBOX/7");
    assert!(
        messages[1].flags.contains(&"\\Seen".to_owned()) && messages[1].flags.contains(&"urgent".to_owned())
    );
    assert!(messages[0].received.is_some());
    let cursor = taken.cursor.unwrap();
    assert_eq!((cursor.last_uid, taken.count), (7, 3));

    let (messages, taken) = fetch(&mut connection, "INBOX", 7, 3).unwrap();
    assert_eq!((uids(&messages), taken.cursor), (vec![], Some(cursor)));
    for number in 8..=12 {
        dovecot().append(user, "INBOX", "", &mail(number));
    }
    let (messages, taken) = fetch(&mut connection, "INBOX", 7, 100).unwrap();
    assert_eq!(uids(&messages), [12, 11, 10, 9, 8]);
    assert_eq!(taken.cursor.unwrap().last_uid, 12);
    let (messages, taken) = fetch(&mut connection, "INBOX", 7, 2).unwrap();
    assert_eq!((uids(&messages), taken.cursor.unwrap().last_uid), (vec![12, 11], 12));
    assert_eq!(fetch(&mut connection, "INBOX", 0, 100).unwrap().0.len(), 12);
    assert!(fetch(&mut connection, "INBOX", 0, 0).unwrap().0.is_empty());
    assert!(fetch(&mut connection, "Drafts", 0, 100).unwrap().0.is_empty());
}

#[test]
fn who_breaks_off_gets_no_cursor_and_loses_nothing() {
    let user = "break@example.com";
    for number in 1..=4 {
        dovecot().append(user, "INBOX", "", &mail(number));
    }
    let mut connection = logged_in(dovecot(), user);
    let selected = connection.examine("INBOX").unwrap();
    let taken = connection.fetch_newer(&selected, 0, 10, &mut |_| ControlFlow::Break(())).unwrap();
    assert_eq!((taken.count, taken.cursor), (1, None));
    assert_eq!(uids(&fetch(&mut connection, "INBOX", 0, 10).unwrap().0), [4, 3, 2, 1]);
}

#[test]
fn many_and_large_messages_come_in_batches_and_too_large_ones_in_part() {
    let user = "large@example.com";
    let large = [mail(1), format!("{}\r\n", "x".repeat(74)).repeat(43_000).into_bytes()].concat();
    let mut client = dovecot().client(user);
    for number in 1..=450 {
        let message = if number % 100 == 0 { large.clone() } else { mail(number) };
        client.append("INBOX", "", &message);
    }
    let limits = Limits { message_bytes: 3 << 20, cut_bytes: 100, ..Limits::default() };
    let server = dovecot().server(Security::Tls, user);
    let ca = dovecot().ca_file();
    let password = SecretString::from(PASSWORD);
    let mut whole = Connection::open(&server, &password, Some(&ca)).unwrap();
    let mut cutting = Connection::open_with(&server, &password, Some(&ca), limits, Arc::default()).unwrap();

    let (messages, taken) = fetch(&mut whole, "INBOX", 0, 1000).unwrap();
    assert_eq!(uids(&messages), (1..=450).rev().collect::<Vec<u32>>());
    assert_eq!(messages[50].bytes, large);
    assert_eq!((taken.cut, taken.skipped), (vec![], vec![]));

    let (messages, taken) = fetch(&mut cutting, "INBOX", 0, 1000).unwrap();
    assert_eq!(uids(&messages), (1..=450).rev().collect::<Vec<u32>>());
    assert_eq!(taken.cut, [400, 300, 200, 100]);
    assert_eq!(messages[50].bytes, &large[..100]);
    assert_eq!(messages[51].bytes, mail(399));
}

#[test]
fn another_uidvalidity_starts_anew() {
    let user = "anew@example.com";
    let mut connection = logged_in(dovecot(), user);
    connection.create("Work").unwrap();
    dovecot().append(user, "Work", "", &mail(1));
    let old = connection.examine("Work").unwrap();
    let cursor = fetch(&mut connection, "Work", 0, 10).unwrap().1.cursor;
    assert_eq!(old.resume(cursor), 1);

    let mut other = dovecot().client(user);
    other.command("DELETE Work");
    other.command("CREATE Work");
    other.append("Work", "", &mail(2));
    let mut connection = logged_in(dovecot(), user);
    let new = connection.examine("Work").unwrap();
    assert_ne!(new.uid_validity, old.uid_validity);
    assert_eq!(new.resume(cursor), 0);
    assert_eq!(new.resume(None), 0);
    let faults = [
        connection.fetch_newer(&old, 0, 10, &mut |_| ControlFlow::Continue(())).err().unwrap(),
        connection.add_flag("Work", old.uid_validity, 1, &Flag::Answered).err().unwrap(),
    ];
    assert!(faults.iter().all(|fault| fault.kind == FaultKind::UidsChanged), "{faults:?}");
    assert!(dovecot().messages(user, "Work")[0].flags.is_empty());
}

#[test]
fn looking_changes_nothing() {
    let user = "looking@example.com";
    for (number, flags) in ["", "\\Seen", "\\Flagged urgent", ""].into_iter().enumerate() {
        dovecot().append(user, "INBOX", flags, &mail(number));
    }
    let state = || ["INBOX", "Sent", "Drafts"].map(|folder| dovecot().messages(user, folder));
    let list = || dovecot().client(user).command("LIST \"\" \"*\"");
    let before = (state(), list());
    let mut connection = logged_in(dovecot(), user);
    connection.folders().unwrap();
    connection.special(SpecialUse::Sent).unwrap();
    fetch(&mut connection, "INBOX", 0, 2).unwrap();
    fetch(&mut connection, "INBOX", 0, 10).unwrap();
    let selected = connection.examine("INBOX").unwrap();
    assert_eq!(connection.uids(&selected).unwrap(), [1, 2, 3, 4]);
    let flags = connection.flags(&selected, 2..=3).unwrap();
    assert_eq!(flags.iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), [2, 3]);
    assert!(flags[0].1.contains(&"\\Seen".to_owned()) && flags[1].1.contains(&"urgent".to_owned()));
    assert_eq!(connection.flags(&selected, 90..=99).unwrap(), []);
    connection.find_by_message_id("INBOX", &MessageId::new("1@example.org").unwrap()).unwrap();
    assert_eq!(connection.examine("Nowhere").err().unwrap().kind, FaultKind::NoSuchFolder);
    connection.close();
    assert_eq!((state(), list()), before);
}

#[test]
fn a_sent_copy_is_filed_found_and_the_original_marked_answered() {
    let user = "filing@example.com";
    dovecot().append(user, "INBOX", "", &mail(1));
    dovecot().append(user, "INBOX", "\\Seen", &mail(2));
    let mut connection = logged_in(dovecot(), user);
    let (uid_validity, uid) = connection.append("Sent", &mail(3), &[Flag::Seen]).unwrap().unwrap();
    assert_eq!(connection.examine("Sent").unwrap().uid_validity, uid_validity);
    assert_eq!(dovecot().message(user, "Sent", uid), mail(3));
    assert_eq!(dovecot().messages(user, "Sent")[0].flags, ["\\Seen"]);
    // A folder that is missing is made, and other mail programs will see it.
    let keyword = Flag::keyword("$amicable").unwrap();
    assert!(connection.append("Filed/Ünder", &mail(4), &[Flag::Seen, keyword]).unwrap().is_some());
    assert_eq!(dovecot().messages(user, "Filed/&ANw-nder")[0].flags, ["$amicable", "\\Seen"]);
    let subscribed = dovecot().client(user).command("LSUB \"\" \"*\"").concat();
    assert!(String::from_utf8_lossy(&subscribed).contains("Filed/&ANw-nder"));

    let id = |text: &str| MessageId::new(text).unwrap();
    assert_eq!(connection.find_by_message_id("Sent", &id("3@example.org")).unwrap(), [uid]);
    assert_eq!(connection.find_by_message_id("Sent", &id("4@example.org")).unwrap(), Vec::<u32>::new());
    assert_eq!(
        connection.find_by_message_id("Sent", &id("\"quoted\\\"@example.org")).unwrap(),
        Vec::<u32>::new()
    );

    let inbox = connection.examine("INBOX").unwrap().uid_validity;
    assert!(connection.add_flag("INBOX", inbox, 2, &Flag::Answered).unwrap());
    assert!(!connection.add_flag("INBOX", inbox, 99, &Flag::Answered).unwrap());
    let flags: Vec<_> = dovecot().messages(user, "INBOX").into_iter().map(|message| message.flags).collect();
    assert_eq!(flags, [vec![], vec!["\\Answered".to_owned(), "\\Seen".to_owned()]]);
}

#[test]
fn a_server_that_went_away_is_a_passing_fault_and_the_connection_says_so() {
    let dovecot = Dovecot::start();
    let mut connection = logged_in(&dovecot, "ann");
    drop(dovecot);
    // The process of a connection ends a moment after its master.
    let fault = wait_for("the end of the connection", || connection.examine("INBOX").err());
    for fault in [fault, connection.examine("INBOX").err().unwrap()] {
        assert!(fault.is_passing(), "{fault}");
        assert!(!connection.is_open());
    }
}

// ---- Scripted servers ----

/// What a scripted server says: the first text at once, each other one after a line of the client.
type Script = Vec<Vec<u8>>;

/// How a script ends.
#[derive(Clone, Copy)]
enum End {
    /// The server hangs up.
    Close,
    /// The server says nothing more, and stays.
    Hang,
    /// The server says a byte now and then, without end.
    Drip,
}

/// Starts a scripted server, good for one connection. Its port.
fn scripted(texts: Script, end: End) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        // Whatever goes wrong here is the client's doing, which is what the test looks at.
        drop(play(stream, &texts, end));
    });
    port
}

fn play(mut stream: TcpStream, texts: &[Vec<u8>], end: End) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    for (number, text) in texts.iter().enumerate() {
        if number > 0 {
            lines.read_until(b'\n', &mut Vec::new())?;
        }
        stream.write_all(text)?;
    }
    match end {
        End::Close => Ok(()),
        End::Hang => std::io::copy(&mut lines, &mut std::io::sink()).map(drop),
        End::Drip => loop {
            stream.write_all(b"x")?;
            thread::sleep(Duration::from_millis(50));
        },
    }
}

/// Small enough to be over soon, large enough for a busy machine.
fn hasty() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(1500),
        command: Duration::from_secs(4),
        responses: 10_000,
        ..Limits::default()
    }
}

/// Connects to a scripted server, opens INBOX and fetches, as far as it comes. A hang is a failed test.
fn visit(security: Security, port: u16, cancel: Arc<AtomicBool>) -> Result<(Vec<RawMessage>, Taken), Fault> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let server = Server { host: "localhost".to_owned(), port, security, login: "ann".to_owned() };
        let opened = Connection::open_with(&server, &SecretString::from(PASSWORD), None, hasty(), cancel);
        drop(sender.send(opened.and_then(|mut connection| fetch(&mut connection, "INBOX", 0, 10))));
    });
    receiver.recv_timeout(Duration::from_mins(1)).expect("no hang and no panic")
}

const GREETING: &str = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n";
const LOGGED_IN: &str = "a1 OK [CAPABILITY IMAP4rev1] welcome\r\n";
const OPENED: &str = "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\na2 OK opened\r\n";
const SIZES: &str = "* 1 FETCH (UID 1 RFC822.SIZE 2)\r\n* 2 FETCH (UID 2 RFC822.SIZE 2)\r\na3 OK done\r\n";
const BOTH: &str =
    "* 1 FETCH (UID 1 FLAGS () BODY[] {2}\r\nab)\r\n* 2 FETCH (UID 2 BODY[] {2}\r\ncd)\r\na4 OK done\r\n";

/// A script that goes well up to the given texts.
fn after(count: usize, texts: &[&str]) -> Script {
    let well = [GREETING, "+ \r\n", LOGGED_IN, OPENED, SIZES];
    well[..count].iter().chain(texts).map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn a_server_that_keeps_to_the_script_is_read() {
    let (messages, taken) =
        visit(Security::None, scripted(after(5, &[BOTH]), End::Hang), Arc::default()).unwrap();
    assert_eq!(uids(&messages), [2, 1]);
    assert_eq!(taken.cursor, Some(Cursor { uid_validity: 7, last_uid: 2 }));
}

#[test]
fn a_server_that_misbehaves_is_a_clear_fault() {
    use End::{Close, Drip, Hang};
    use FaultKind::{Busy, Login, Network, NoSuchFolder, Protocol};
    let endless_line = "x".repeat(20_000);
    let flood = "* 1 EXISTS\r\n".repeat(100_000);
    let rows: Vec<(&str, Script, End, FaultKind, &str)> = vec![
        ("greeting: BYE", after(0, &["* BYE too many connections\r\n"]), Close, Busy, "too many connections"),
        ("greeting: PREAUTH", after(0, &["* PREAUTH as root\r\n"]), Hang, Protocol, "PREAUTH"),
        ("greeting: another protocol", after(0, &["220 mail ESMTP\r\n"]), Hang, Protocol, "220 mail ESMTP"),
        ("greeting: endless", after(0, &[&endless_line]), Hang, Protocol, "has no end"),
        ("greeting: nothing", after(0, &[""]), Hang, Network, "silent for 1.5 s"),
        ("greeting: drip", after(0, &[""]), Drip, Network, "not done after 5 s"),
        ("greeting: hangs up", after(0, &[""]), Close, Network, "closed the connection"),
        ("capability: BYE", after(0, &["* OK hi\r\n", "* BYE later\r\n"]), Close, Busy, "later"),
        ("capability: none", after(0, &["* OK hi\r\n", "c OK\r\n"]), Hang, Protocol, "CAPABILITY"),
        (
            "login: 8-bit words",
            after(2, &["a1 NO Anmeldung ungültig\r\n"]),
            Hang,
            Login,
            "Anmeldung ungültig",
        ),
        ("login: unavailable", after(2, &["a1 NO [UNAVAILABLE] down\r\n"]), Hang, Busy, "down"),
        ("login: refused at once", after(1, &["a1 NO never\r\n"]), Hang, Login, "never"),
        ("login: no words", after(2, &["a1 NO\r\n"]), Hang, Login, "refuses the login"),
        ("login: wrong tag", after(2, &["z9 OK fine\r\n"]), Hang, Protocol, "the login"),
        ("login: BYE", after(2, &["* BYE go away\r\n"]), Close, Busy, "go away"),
        ("login: asked for ever", after(2, &[&"+ \r\n".repeat(1_000)]), Hang, Network, "silent"),
        ("EXAMINE: refused", after(3, &["a2 NO [NONEXISTENT] no such\r\n"]), Hang, NoSuchFolder, "no such"),
        ("EXAMINE: no UIDVALIDITY", after(3, &["* 1 EXISTS\r\na2 OK\r\n"]), Hang, Protocol, "UIDVALIDITY"),
        ("EXAMINE: 0", after(3, &["* OK [UIDVALIDITY 0] x\r\na2 OK x\r\n"]), Hang, Protocol, "UIDVALIDITY"),
        ("EXAMINE: garbage", after(3, &["\x01\x02garbage\r\n"]), Hang, Protocol, "garbage"),
        ("EXAMINE: flood", after(3, &[&flood]), Hang, Protocol, "responses without an end"),
        ("EXAMINE: drip", after(3, &["* OK "]), Drip, Network, "not done after 4 s"),
        (
            "FETCH: huge",
            after(5, &["* 1 FETCH (UID 1 BODY[] {4000000000}\r\n"]),
            Hang,
            Protocol,
            "4000000000 bytes",
        ),
        (
            "FETCH: huger",
            after(5, &["* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\nx"]),
            Close,
            Network,
            "closed",
        ),
        (
            "FETCH: cut",
            after(5, &["* 1 FETCH (UID 1 BODY[] {100}\r\nabc"]),
            Close,
            Network,
            "closed the connection",
        ),
        (
            "FETCH: stalled",
            after(5, &["* 1 FETCH (UID 1 BODY[] {100}\r\nabc"]),
            Hang,
            Network,
            "silent for 1.5 s",
        ),
        (
            "FETCH: BYE",
            after(5, &["* 1 FETCH (UID 1\r\n* BYE shutting down\r\n"]),
            Close,
            Busy,
            "shutting down",
        ),
    ];
    // Side by side: many of them are waits.
    let visits = rows.into_iter().map(|(name, texts, end, kind, words)| {
        let visit = thread::spawn(move || visit(Security::None, scripted(texts, end), Arc::default()).err());
        (name, visit, kind, words)
    });
    for (name, visit, kind, words) in visits.collect::<Vec<_>>() {
        let fault = visit.join().unwrap().unwrap_or_else(|| panic!("{name}: went well"));
        assert_eq!(fault.kind, kind, "{name}: {fault}");
        assert!(fault.what.contains("localhost:") && fault.what.contains(words), "{name}: {fault}");
    }
}

#[test]
fn what_nobody_asked_for_or_can_read_does_not_stop_the_rest() {
    let strange = "* ESEARCH (TAG \"x\") UID ALL 1:3\r\n* XYZZY (((\r\n* NO low disk\r\n* BAD odd\r\n* PREAUTH what\r\n\
                   * OK Tür\r\n* STATUS \"x\" (SIZE 5)\r\n* CAPABILITY IMAP4rev1\r\n* VANISHED 9\r\n* 3 EXPUNGE\r\n";
    let deep = "(".repeat(5_000);
    let text = |texts: &[&str]| texts.concat();
    let rows: Vec<(&str, Script, Vec<u32>, Vec<u32>)> = vec![
        ("before", after(3, &[&text(&[strange, OPENED]), SIZES, BOTH]), vec![2, 1], vec![]),
        ("sizes", after(4, &[&text(&[strange, SIZES]), BOTH]), vec![2, 1], vec![]),
        ("bodies", after(5, &[&text(&[strange, BOTH])]), vec![2, 1], vec![]),
        (
            "line feeds only",
            after(3, &[&OPENED.replace('\r', ""), &SIZES.replace('\r', ""), BOTH]),
            vec![2, 1],
            vec![],
        ),
        ("words like a literal", after(5, &[&text(&["* OK really {100}\r\n", BOTH])]), vec![2, 1], vec![]),
        (
            "one nested too deep",
            after(5, &[&text(&["* 9 FETCH (UID 9 BODYSTRUCTURE ", &deep, "\r\n", BOTH])]),
            vec![2, 1],
            vec![],
        ),
        (
            "one message nested too deep",
            after(
                5,
                &[&text(&[
                    "* 1 FETCH (UID 1 BODYSTRUCTURE ",
                    &deep,
                    "\r\n",
                    &BOTH[BOTH.find("* 2").unwrap()..],
                ])],
            ),
            vec![2],
            vec![1],
        ),
        ("one left out", after(5, &[&BOTH[BOTH.find("* 2").unwrap()..]]), vec![2], vec![1]),
        ("one is NIL", after(5, &["* 2 FETCH (UID 2 BODY[] NIL)\r\na4 OK\r\n"]), vec![], vec![2, 1]),
        ("none at all", after(5, &["a4 OK\r\n"]), vec![], vec![2, 1]),
        (
            "one that nobody asked for",
            after(5, &[&text(&["* 5 FETCH (UID 5 BODY[] {2}\r\nxy)\r\n", BOTH])]),
            vec![2, 1],
            vec![],
        ),
        ("one twice", after(5, &[&text(&[&BOTH[..BOTH.find("* 2").unwrap()], BOTH])]), vec![2, 1], vec![]),
    ];
    for (name, texts, wanted, skipped) in rows {
        let (messages, taken) = visit(Security::None, scripted(texts, End::Hang), Arc::default())
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(uids(&messages), wanted, "{name}");
        assert_eq!(taken.skipped, skipped, "{name}");
        assert_eq!(taken.cursor.unwrap().last_uid, 2, "{name}");
    }
}

#[test]
fn starttls_that_was_tampered_with_is_refused() {
    let offers = "* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hello\r\n";
    let rows = [
        (
            "injected",
            vec![offers, "c OK go\r\n* OK [CAPABILITY AUTH=PLAIN] injected\r\n"],
            FaultKind::Starttls,
        ),
        ("refused", vec![offers, "c NO not today\r\n"], FaultKind::Refused),
        ("taken out", vec!["* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n"], FaultKind::Starttls),
        ("logged in already", vec!["* PREAUTH hello\r\n"], FaultKind::Protocol),
        ("no TLS after it", vec![offers, "c OK go\r\n", "* OK in the clear\r\n"], FaultKind::Protocol),
    ];
    for (name, texts, kind) in rows {
        let texts = texts.into_iter().map(|text| text.as_bytes().to_vec()).collect();
        let fault = visit(Security::Starttls, scripted(texts, End::Hang), Arc::default()).err().unwrap();
        assert_eq!(fault.kind, kind, "{name}: {fault}");
    }
}

#[test]
fn an_append_that_is_refused_says_why_and_leaves_the_connection_usable() {
    let texts = after(
        3,
        &[
            "* 5 EXISTS\r\na2 NO [OVERQUOTA] mailbox is full\r\n",
            "* 6 EXISTS\r\n+ go\r\n",
            "",
            "",
            "",
            "a3 OK kept\r\n",
        ],
    );
    let server = Server {
        host: "localhost".to_owned(),
        port: scripted(texts, End::Hang),
        security: Security::None,
        login: "ann".to_owned(),
    };
    let mut connection =
        Connection::open_with(&server, &SecretString::from(PASSWORD), None, hasty(), Arc::default()).unwrap();
    let fault = connection.append("Sent", &mail(1), &[]).err().unwrap();
    assert!(fault.kind == FaultKind::Refused && fault.what.contains("mailbox is full"), "{fault}");
    assert_eq!(connection.append("Sent", &mail(1), &[]), Ok(None));
}

#[test]
fn a_raised_flag_stops_any_wait() {
    for (texts, security) in [
        (after(0, &[""]), Security::None),
        (after(0, &[""]), Security::Tls),
        (after(2, &[""]), Security::None),
        (after(4, &["* 1 FETCH (UID 1"]), Security::None),
    ] {
        let cancel = Arc::new(AtomicBool::new(false));
        let raise = Arc::clone(&cancel);
        let port = scripted(texts, End::Hang);
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            raise.store(true, Ordering::Relaxed);
        });
        let fault = visit(security, port, cancel).err().unwrap();
        assert_eq!(fault.kind, FaultKind::Cancelled, "{fault}");
        assert!(!fault.is_passing());
    }
}
