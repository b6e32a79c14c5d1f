//! The same messages give the same verdict whether they come over IMAP, from a Maildir, an mbox, single files or
//! standard input; and reading them over IMAP leaves the server as it was.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use amicable::source::demo;
use serde_json::Value;

use crate::servers::{Dovecot, PASSWORD};

const USER: &str = "five@example.com";

fn amicable(home: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amicable"));
    command.env_clear().env("HOME", home).env("TZ", "UTC").env("MAIL_PASSWORD", PASSWORD).current_dir(home);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it is built");
    child.stdin.take().expect("it is piped").write_all(input).expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// The rows of a run without what tells the source, sorted by message.
fn rows(home: &Path, arguments: &[&str], input: &[u8]) -> Vec<Value> {
    let output = amicable(home, &[&["classify", "--format", "jsonl"], arguments].concat(), input);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    let lines = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let mut rows: Vec<Value> = lines
        .lines()
        .map(|line| {
            let mut row: Value = serde_json::from_str(line).expect("it is JSON");
            for only_of_the_source in ["source", "uid"] {
                row.as_object_mut().expect("it is an object").remove(only_of_the_source);
            }
            row
        })
        .collect();
    rows.sort_by_key(|row| row["message_id"].to_string());
    rows
}

/// The demo mails that carry what names and dates them; as IMAP has them, with CRLF.
fn mails() -> Vec<Vec<u8>> {
    let now = "2026-11-20T10:30:00[UTC]".parse().expect("it is a moment");
    let complete = |mail: &Vec<u8>| {
        let text = String::from_utf8_lossy(mail).to_lowercase();
        ["\nmessage-id:", "\ndate:"].iter().all(|name| format!("\n{text}").contains(name))
    };
    demo::inbox(&now).into_iter().map(|raw| with_crlf(&raw.bytes)).filter(complete).collect()
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
        whole.extend_from_slice(bare);
        whole.extend_from_slice(b"\r\n");
    }
    whole
}

/// An mbox with `From ` lines quoted (mboxrd) and LF, as such files are.
fn mbox(mails: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for mail in mails {
        file.extend_from_slice(b"From sender@example.net Fri Nov 20 10:30:00 2026\n");
        for line in mail.split_inclusive(|byte| *byte == b'\n') {
            let quoted =
                line.iter().position(|byte| *byte != b'>').is_some_and(|at| line[at..].starts_with(b"From "));
            file.extend_from_slice(if quoted { b">" } else { b"" });
            file.extend_from_slice(line.strip_suffix(b"\r\n").unwrap_or(line));
            file.push(b'\n');
        }
        file.push(b'\n');
    }
    file
}

#[test]
fn the_verdict_is_the_same_through_all_five_sources() {
    let folder = tempfile::tempdir().expect("there is room");
    let home = folder.path();
    let mails = mails();
    assert!(mails.len() > 60, "{}", mails.len());
    let dovecot = Dovecot::start();
    for name in ["Maildir/cur", "Maildir/new", "single"] {
        fs::create_dir_all(home.join(name)).expect("there is room");
    }
    let mut client = dovecot.client(USER);
    for (number, mail) in mails.iter().enumerate() {
        client.append("INBOX", if number % 3 == 0 { "\\Seen" } else { "" }, mail);
        fs::write(home.join(format!("Maildir/cur/{number}.test:2,S")), mail).expect("there is room");
        fs::write(home.join(format!("single/{number}.eml")), mail).expect("there is room");
    }
    fs::write(home.join("all.mbox"), mbox(&mails)).expect("there is room");
    let config = format!(
        "[account.test]\nemail = \"{USER}\"\nname = \"Robin Hale\"\npassword_env = \"MAIL_PASSWORD\"\n\
         imap = {{ host = \"localhost\", port = {} }}\nsmtp = {{ host = \"localhost\" }}\nca_file = {:?}\n",
        dovecot.imaps_port,
        dovecot.ca_file()
    );
    fs::write(home.join("config.toml"), config).expect("there is room");

    let before = dovecot.messages(USER, "INBOX");
    let wanted = rows(home, &["--config", "config.toml"], b"");
    assert_eq!(dovecot.messages(USER, "INBOX"), before, "reading changed something on the server");
    assert_eq!(wanted.len(), mails.len());
    assert!(wanted.iter().filter(|row| row["primary"].is_string()).count() > 20);
    for source in ["Maildir", "all.mbox", "single"] {
        assert_eq!(rows(home, &["--config", "config.toml", source], b""), wanted, "{source}");
    }
    let mut by_stdin: Vec<Value> = mails
        .iter()
        .step_by(8)
        .flat_map(|mail| rows(home, &["--config", "config.toml", "-"], mail))
        .collect();
    by_stdin.sort_by_key(|row| row["message_id"].to_string());
    let through_stdin: Vec<Value> = wanted.iter().filter(|row| by_stdin.contains(row)).cloned().collect();
    assert_eq!(by_stdin, through_stdin);
}

#[test]
fn no_connection_is_a_passing_fault_and_a_wrong_password_is_not() {
    let folder = tempfile::tempdir().expect("there is room");
    let dovecot = Dovecot::start();
    let config = |port: u16| {
        format!(
            "[account.test]\nemail = \"{USER}\"\nname = \"Robin Hale\"\npassword_env = \"PATH_OF_NOTHING\"\n\
             imap = {{ host = \"localhost\", port = {port} }}\nsmtp = {{ host = \"localhost\" }}\nca_file = {:?}\n",
            dovecot.ca_file()
        )
    };
    let run = |port: u16, password: &str| {
        let file = folder.path().join("config.toml");
        fs::write(&file, config(port)).expect("there is room");
        let mut command = Command::new(env!("CARGO_BIN_EXE_amicable"));
        command
            .env_clear()
            .env("HOME", folder.path())
            .env("PATH_OF_NOTHING", password)
            .env("AMICABLE_CONFIG", &file);
        let output = command.arg("classify").output().expect("it is built");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // Port 1 is nobody's.
    let (status, words) = run(1, PASSWORD);
    assert_eq!(status, Some(75), "{words}");
    assert!(words.contains("account test: localhost:1"), "{words}");
    let (status, words) = run(dovecot.imaps_port, "wrong");
    assert_eq!(status, Some(1), "{words}");
    assert!(!words.contains("wrong\n") && words.contains("test"), "{words}");
}
