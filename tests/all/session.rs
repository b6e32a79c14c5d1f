//! The daily session as a person has it: the built program in a terminal, keys in, screen out, and what is on
//! the disk afterwards. Without servers; those are in `real_loop`.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

mod over_time;
mod real_loop;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use amicable::mail::RawMessage;
use amicable::store::{SavedDraft, Store};
use amicable::triage::{Engine, Settings};
use amicable::worker;

use super::servers::wait_for;
use super::terminal::{Ended, Terminal, has, words};

/// The window that everything must work in.
const SMALL: (u16, u16) = (80, 24);
/// What the demo says before it takes the screen.
const READING: &str = "Reading the demo inbox ...";

/// The owner's machine: a home of its own for each test, with a configured account.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    /// `servers` are the lines of the account that name its servers, `reply` those of `[reply]`.
    fn new(servers: &str, reply: &str) -> Self {
        let office = Self { folder: tempfile::Builder::new().prefix("am-").tempdir().unwrap() };
        for folder in ["home", "tmp"] {
            fs::create_dir(office.path(folder)).unwrap();
        }
        fs::write(office.path("password"), super::servers::PASSWORD).unwrap();
        fs::set_permissions(office.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
        office.configure(servers, reply);
        office
    }

    /// With servers that are not there, and these messages fetched before.
    fn with_mail(mail: &[&str], reply: &str) -> Self {
        // Nothing listens on the first port of a machine.
        let nowhere = r#"{ host = "127.0.0.1", port = 1, security = "none" }"#;
        let office = Self::new(&format!("imap = {nowhere}\nsmtp = {nowhere}"), reply);
        let raw = |(uid, text): (u32, &&str)| RawMessage {
            place: format!("INBOX/{uid}"),
            uid: Some(uid),
            received: None,
            flags: Vec::new(),
            bytes: text.as_bytes().to_vec(),
        };
        let messages: Vec<RawMessage> = (1..).zip(mail).map(raw).collect();
        let engine = Engine::new(Settings::default());
        worker::take_in_all(&mut office.store(), &engine, "bakery", &[], messages).unwrap();
        office
    }

    fn configure(&self, servers: &str, reply: &str) {
        let text = format!(
            "[account.bakery]\nemail = \"owner@example.com\"\nname = \"Änne Groß\"\n\
             signature = \"Änne Groß, Backstube\"\npassword_file = \"password\"\n{servers}\n[reply]\n{reply}\n"
        );
        fs::write(self.path("config.toml"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn variables(&self) -> [(&'static str, PathBuf); 4] {
        [
            ("HOME", self.path("home")),
            ("TMPDIR", self.path("tmp")),
            ("AMICABLE_CONFIG", self.path("config.toml")),
            ("AMICABLE_DATA", self.path("data")),
        ]
    }

    /// The program in a terminal.
    fn start(&self, arguments: &[&str], size: (u16, u16)) -> Terminal {
        Terminal::start(arguments, &self.variables().each_ref().map(|(name, path)| (*name, &**path)), size)
    }

    /// The program without a terminal: status, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amicable"));
        let output = command.args(arguments).envs(self.variables()).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn store(&self) -> Store {
        Store::open(&self.path("data")).unwrap()
    }

    /// The draft of the reply to the only message.
    fn draft(&self) -> Option<SavedDraft> {
        let store = self.store();
        store.draft(store.rows().unwrap()[0].id).unwrap()
    }

    /// The replies that the demo left.
    fn landed(&self) -> Vec<String> {
        let demos = fs::read_dir(self.path("tmp")).unwrap().map(|entry| entry.unwrap().path());
        let files = demos.filter_map(|demo| fs::read_dir(demo.join("outbox")).ok()).flatten();
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }
}

const CLIENT_MAIL: &str = "From: Jo Lind <jo@example.org>\r\nTo: owner@example.com\r\n\
    Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <cards@example.org>\r\nSubject: Place cards\r\n\r\n\
    Hello,\r\n\r\nthis is an emergency: the place cards are wrong and the wedding is tomorrow. I need them by \
    10 am, please help!\r\n\r\nJo\r\n";

/// Answers each question of a reply with its example; ends where the questions do.
fn answer_questions(terminal: &mut Terminal) {
    let done = |words: &str| words.contains("amicable Review") || words.contains("amicable Editor");
    for number in 1.. {
        let question = format!("Question {number} of");
        terminal.wait_until("a question, or the reply", |words| done(words) || words.contains(&question));
        let screen = terminal.screen();
        if done(&words(&screen)) {
            return;
        }
        let line =
            |start: &str| screen.lines().find_map(|line| line.trim().strip_prefix(start)).map(str::trim);
        if line(">").is_none_or(str::is_empty) {
            terminal.type_text(line("for example:").unwrap_or("Tuesday"));
        }
        terminal.press("enter");
    }
}

/// From the queue to the editor on a reply to the message under the cursor.
fn to_the_editor(terminal: &mut Terminal) {
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.press("e");
    answer_questions(terminal);
    terminal.wait_for("amicable Editor");
}

/// Sends what is reviewed; a second time where the check has found something, as it may on the day of the test.
fn confirm(terminal: &mut Terminal) {
    terminal.press("y");
    let asked = |words: &str| words.contains("y once more");
    terminal.wait_until("the queue, or a word of warning", |words| {
        asked(words) || words.contains("amicable Queue")
    });
    if asked(&words(&terminal.screen())) {
        terminal.press("y");
    }
}

fn a_reply_lands_in_the_demos_outbox(size: (u16, u16)) -> Ended {
    let office = Office::new("", "");
    let mut terminal = office.start(&["demo"], size);
    terminal.wait_for("Nothing leaves this machine");
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.press("enter");
    answer_questions(&mut terminal);
    terminal.press("e");
    terminal.wait_for("amicable Editor");
    terminal.type_text(" Typed at the keyboard.");
    terminal.press("ctrl+s");
    terminal.wait_for("amicable Review");
    terminal.press("pgdn");
    terminal.wait_for("Typed at the keyboard.");
    confirm(&mut terminal);
    terminal.wait_for("u takes it back");
    assert_eq!(office.landed(), Vec::<String>::new());
    terminal.wait_for("Reply to ");
    let landed = office.landed();
    assert_eq!(landed.len(), 1);
    assert!(landed[0].contains("Typed at the keyboard.") && landed[0].contains("In-Reply-To: <"));
    terminal.press("o");
    terminal.wait_for("amicable Outbox");
    terminal.wait_for("filed");
    terminal.press("ctrl+c");
    let ended = terminal.wait_for_end();
    assert_eq!(ended.status, 0);
    ended.assert_restored();
    assert!(ended.took_the_screen());
    let told = format!("{READING} Your replies are in {}/amicable-demo-", office.path("tmp").display());
    assert!(words(&ended.screen).starts_with(&told), "{}", ended.screen);
    ended
}

#[test]
fn the_demo_goes_from_the_first_screen_to_a_landed_reply() {
    a_reply_lands_in_the_demos_outbox(SMALL);
}

#[test]
fn the_demo_does_so_in_a_large_window() {
    a_reply_lands_in_the_demos_outbox((140, 40));
}

#[test]
fn a_reply_that_is_taken_back_never_lands_and_the_demo_leaves_nothing() {
    let office = Office::new("", "");
    let mut terminal = office.start(&["demo"], SMALL);
    terminal.wait_for("amicable Queue");
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.press("enter");
    answer_questions(&mut terminal);
    confirm(&mut terminal);
    terminal.wait_for("u takes it back");
    terminal.press("u");
    terminal.wait_for("Taken back: nothing was sent. It is a draft again");
    terminal.press("ctrl+c");
    let ended = terminal.wait_for_end();
    assert_eq!((ended.status, words(&ended.screen).as_str()), (0, READING));
    ended.assert_restored();
    assert_eq!(fs::read_dir(office.path("tmp")).unwrap().count(), 0);
}

#[test]
fn a_signal_to_end_keeps_the_text_and_restores_the_terminal() {
    for signal in ["TERM", "HUP", "INT"] {
        let office = Office::with_mail(&[CLIENT_MAIL], "");
        let mut terminal = office.start(&[], SMALL);
        terminal.wait_for("Jo Lind");
        to_the_editor(&mut terminal);
        terminal.type_text(" Words not to be lost.");
        terminal.wait_for("Words not to be lost.");
        terminal.signal(signal);
        let ended = terminal.wait_for_end();
        assert_eq!(ended.status, 0, "{signal}: {}", ended.screen);
        ended.assert_restored();
        assert!(office.draft().unwrap().draft.body.contains("Words not to be lost."), "{signal}");
    }
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_words() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let variables = office.variables();
    let mut variables: Vec<(&str, &std::path::Path)> =
        variables.iter().map(|(name, path)| (*name, &**path)).collect();
    variables.push(("AMICABLE_PANIC", "yes".as_ref()));
    let terminal = Terminal::start(&[], &variables, SMALL);
    let ended = terminal.wait_for_end();
    assert_eq!(ended.status, 101, "{}", ended.screen);
    assert!(ended.took_the_screen());
    assert!(words(&ended.screen).contains("asked for by a test"), "{}", ended.screen);
    ended.assert_restored();
}

/// The line to the home server breaks, or the window is closed: there is no terminal any more.
#[test]
fn a_terminal_that_goes_away_costs_no_text_and_leaves_no_process() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let variables = office.variables();
    let variables = variables.each_ref().map(|(name, path)| (*name, &**path));
    let log = office.path("log");
    // script(1) holds a terminal of its own for the program, and takes it along when it is killed.
    let amicable = format!("exec {}", env!("CARGO_BIN_EXE_amicable"));
    let mut terminal = Terminal::run(&["script", "-qc", &amicable, log.to_str().unwrap()], &variables, SMALL);
    terminal.wait_for("Jo Lind");
    to_the_editor(&mut terminal);
    terminal.type_text(" Words not to be lost.");
    terminal.wait_for("Words not to be lost.");
    let children = children(terminal.process_id());
    assert_eq!(children.len(), 1, "{children:?}");
    terminal.signal("KILL");
    terminal.wait_for_end();
    wait_for("the end of the program", || (!Path::new("/proc").join(&children[0]).exists()).then_some(()));
    assert!(office.draft().unwrap().draft.body.contains("Words not to be lost."));
}

/// The processes whose parent this is.
fn children(parent: u32) -> Vec<String> {
    let processes =
        fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_child = |pid: &String| {
        // proc(5): the fourth field, behind the name in brackets.
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields = status.rsplit(')').next().unwrap_or_default();
        fields.split_whitespace().nth(1) == Some(&parent.to_string())
    };
    processes.filter(|pid| pid.bytes().all(|byte| byte.is_ascii_digit())).filter(is_child).collect()
}

#[test]
fn every_screen_can_be_made_tiny_and_large_again() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let mut terminal = office.start(&[], SMALL);
    let to_and_fro = |terminal: &mut Terminal, title: &str| {
        let title = format!("amicable {title}");
        terminal.wait_for(&title);
        terminal.resize((20, 5));
        terminal.wait_for("amicable needs 40 columns and 10 lines");
        terminal.resize((140, 40));
        terminal.wait_for(&title);
        terminal.resize((40, 10));
        terminal.wait_for(&title);
        terminal.resize(SMALL);
        terminal.wait_for(&title);
    };
    to_and_fro(&mut terminal, "Queue");
    // Keys that lead to a screen, its name, and those that lead back to where they began.
    let rows = [("?", "Help", "?"), ("o", "Outbox", "o"), ("c", "Label", "q")];
    for (to, title, back) in rows {
        terminal.press(to);
        to_and_fro(&mut terminal, title);
        terminal.press(back);
        terminal.wait_for("amicable Queue");
    }
    for (key, title) in [("enter", "Reader"), ("r", "Choose a reply"), ("enter", "A line of text")] {
        terminal.press(key);
        to_and_fro(&mut terminal, title);
    }
    answer_questions(&mut terminal);
    to_and_fro(&mut terminal, "Review");
    for (to, title, back) in [("t", "A line of text", "enter"), ("e", "Editor", "ctrl+s")] {
        terminal.press(to);
        to_and_fro(&mut terminal, title);
        terminal.press(back);
        terminal.wait_for("amicable Review");
    }
    confirm(&mut terminal);
    terminal.wait_for("amicable Queue");
    terminal.press("q");
    to_and_fro(&mut terminal, "Leaving");
    terminal.press("l");
    terminal.wait_for_end().assert_restored();
}

#[test]
fn held_and_broken_keys_do_no_harm() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("Jo Lind");
    // What is no key is read letter by letter, so there are no letters in it that are keys.
    let broken: [&[u8]; 9] = [
        b"\x1b[999999999;999999999R",
        b"\x1b[<0;99999;99999M",
        b"\x1b[?1;2;3;4;5;6;7;8;9c",
        b"\x1b]0;##\x07",
        b"\x1b[I\x1b[O",
        b"\xff\xfe\xc3\x28\xed\xa0\x80",
        b"\0\0\0",
        b"\x1bP+5441\x1b\\",
        b"\x1b[1;99999999999999999999A",
    ];
    for bytes in broken {
        terminal.send(bytes);
        // More than crossterm reads at a time.
        terminal.send(&b"jk".repeat(600));
        terminal.press("?");
        terminal.wait_for("amicable Help");
        terminal.press("?");
        terminal.wait_for("amicable Queue");
    }
    to_the_editor(&mut terminal);
    for bytes in broken {
        terminal.send(bytes);
    }
    terminal.send(&b"x".repeat(2000));
    terminal.type_text(" Still here.");
    terminal.wait_for("Still here.");
    terminal.press("ctrl+q");
    let ended = terminal.wait_for_end();
    assert_eq!(ended.status, 0, "{}", ended.screen);
    ended.assert_restored();
    assert!(office.draft().unwrap().draft.body.contains("Still here."));
}

#[test]
fn pasted_rubbish_is_text_and_never_reaches_the_terminal() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("Jo Lind");
    // On a list of messages pasted text is nothing, whatever keys it looks like.
    terminal.paste(b"qqqqdddd\x03");
    to_the_editor(&mut terminal);
    let rubbish = "\x1b]0;owned\x07\x1b[2J\u{202e}nasty\u{200b}\u{9b}31m y q \x03\r\n".repeat(30_000);
    assert!(rubbish.len() > 1_000_000);
    terminal.paste(rubbish.as_bytes());
    terminal.type_text("Still here.");
    terminal.wait_for("Still here.");
    terminal.press("ctrl+s");
    terminal.wait_for("amicable Review");
    terminal.press("ctrl+c");
    let ended = terminal.wait_for_end();
    assert_eq!(ended.status, 0, "{}", ended.screen);
    ended.assert_restored();
    assert!(!has(&ended.bytes, b"\x1b]0;") && !has(&ended.bytes, "\u{202e}".as_bytes()));
    let text = office.draft().unwrap().draft.body;
    assert!(text.contains("nasty") && text.contains("Still here."));
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "a control character is left");
}

#[test]
fn the_owners_own_editor_writes_the_reply() {
    let office = Office::with_mail(&[CLIENT_MAIL], "editor = \"./editor\"");
    let script = office.path("editor");
    office.configure_editor(&script, "echo 'A line from my editor.' >> \"$1\"");
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("Jo Lind");
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.press("e");
    answer_questions(&mut terminal);
    terminal.wait_for("amicable Review");
    terminal.press("ctrl+c");
    let ended = terminal.wait_for_end();
    ended.assert_restored();
    assert!(office.draft().unwrap().draft.body.ends_with("A line from my editor."));
    assert_eq!(fs::read_dir(office.path("tmp")).unwrap().count(), 0, "the text lies around");
}

#[test]
fn an_editor_that_fails_costs_no_text() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let script = office.path("editor");
    office.configure_editor(&script, "echo 'A line from my editor.' >> \"$1\"; exit 3");
    let mut terminal = office.start(&[], SMALL);
    terminal.wait_for("Jo Lind");
    terminal.press("r");
    terminal.wait_for("amicable Choose a reply");
    terminal.press("e");
    answer_questions(&mut terminal);
    // Its text is told, and what was there before is on the screen.
    terminal.wait_for("amicable Editor");
    terminal.wait_for("exit status: 3");
    terminal.type_text("Still here.");
    terminal.wait_for("Still here.");
    terminal.press("ctrl+q");
    terminal.wait_for_end().assert_restored();
    assert!(office.draft().unwrap().draft.body.contains("Still here."));
    let left: Vec<PathBuf> =
        fs::read_dir(office.path("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left.len(), 1);
    assert!(fs::read_to_string(&left[0]).unwrap().ends_with("A line from my editor.\n"));
}

#[test]
fn without_a_terminal_the_session_does_not_begin() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    for arguments in [&[][..], &["demo"]] {
        let (status, out, said) = office.run(arguments);
        assert_eq!((status, &out[..]), (2, ""), "{said}");
        assert!(said.contains("needs a terminal") && said.contains("amicable classify"), "{said}");
    }
}

/// What keeps a session from beginning is said in the ordinary terminal, before the screen is taken.
fn refused(office: &Office, status: u32, wanted: &[&str]) {
    let ended = office.start(&[], (140, 40)).wait_for_end();
    assert_eq!(ended.status, status, "{}", ended.screen);
    for said in wanted {
        assert!(words(&ended.screen).contains(said), "{said:?} is not said:\n{}", ended.screen);
    }
    assert!(!ended.took_the_screen());
    ended.assert_restored();
}

#[test]
fn a_faulty_configuration_is_told_whole_before_the_screen_is_taken() {
    let office = Office::new("imap = { hosst = \"a\" }\nsmtp = 5", "undo_windo = 3");
    refused(&office, 2, &["config.toml", "hosst", "smtp", "undo_windo", "undo_window", "expected"]);
    fs::remove_file(office.path("config.toml")).unwrap();
    refused(&office, 2, &["config.toml"]);
}

#[test]
fn a_data_folder_that_cannot_be_one_is_told() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    fs::remove_dir_all(office.path("data")).unwrap();
    fs::write(office.path("data"), "a file").unwrap();
    refused(&office, 1, &["can't make the data folder", "/data"]);
}

#[test]
fn a_store_of_a_later_version_is_left_alone() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let file = office.path("data/amicable.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.pragma_update(None, "user_version", 4711).unwrap();
    drop(db);
    refused(&office, 1, &["later version of amicable", "4711", "update amicable"]);
    let db = rusqlite::Connection::open(&file).unwrap();
    let messages: i64 = db.query_row("SELECT count(*) FROM message", [], |row| row.get(0)).unwrap();
    assert_eq!(messages, 1);
}

#[test]
fn a_store_that_is_none_is_named() {
    let office = Office::with_mail(&[CLIENT_MAIL], "");
    let file = office.path("data/amicable.db");
    for file in [&file, &office.path("data/amicable.db-wal")] {
        let _ = fs::remove_file(file);
    }
    fs::write(&file, "not a database, but long enough to look into. ".repeat(50)).unwrap();
    refused(&office, 1, &["can't use the store", "/amicable.db", "to start anew, move that file away"]);
}

impl Office {
    /// Makes a shell script the owner's editor.
    fn configure_editor(&self, script: &Path, commands: &str) {
        fs::write(script, format!("#!/bin/sh\n{commands}\n")).unwrap();
        fs::set_permissions(script, fs::Permissions::from_mode(0o700)).unwrap();
        let nowhere = r#"{ host = "127.0.0.1", port = 1, security = "none" }"#;
        let reply = format!("editor = \"{}\"", script.display());
        self.configure(&format!("imap = {nowhere}\nsmtp = {nowhere}"), &reply);
    }
}
