//! `amicable model` as it is run: teaching, listing, forgetting, taking lessons along, and measuring on labelled mail.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail as loudly as a test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const LETTER: &str = "From: Ann <ann@example.org>\nSubject: Pickup\nDate: Thu, 19 Nov 2026 09:00:00 +0000\n\n\
    See you on Tuesday at four as usual. I will bring the two frames with me.\n";

fn run(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_amicable"))
        .env_clear()
        .env("HOME", home)
        .env("TZ", "UTC")
        .current_dir(home)
        .stdin(Stdio::null())
        .args(arguments)
        .output()
        .unwrap()
}

fn said(home: &Path, arguments: &[&str]) -> String {
    let output = run(home, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(home: &Path, arguments: &[&str]) -> String {
    let output = run(home, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn verdict(home: &Path, file: &str) -> Value {
    serde_json::from_str(&said(home, &["classify", "--format", "jsonl", file])).unwrap()
}

fn home_with_a_letter() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("letter.eml"), LETTER).unwrap();
    home
}

#[test]
fn a_lesson_counts_at_once_and_is_taken_back_alone() {
    let home = home_with_a_letter();
    let home = home.path();
    let before = verdict(home, "letter.eml");
    assert_eq!(before["concerns"], serde_json::json!([]), "{before}");
    assert_eq!(said(home, &["model", "learn", "letter.eml", "unusual"]), "lesson 1: client, unusual\n");
    let taught = verdict(home, "letter.eml");
    assert_eq!(taught["concerns"], serde_json::json!(["unusual"]), "{taught}");
    let reasons = taught["evidence"].as_array().unwrap();
    assert!(reasons.iter().any(|reason| reason["in"] == "taught" && reason["quote"] == "Pickup"), "{taught}");
    assert_eq!(
        said(home, &["model", "learn", "letter.eml", "complaint+refund"]),
        "lesson 2: client, complaint+refund\n"
    );
    let list = said(home, &["model", "lessons"]);
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains("ann@example.org: Pickup See you on Tuesday"), "{list}");
    said(home, &["model", "forget", "2"]);
    assert_eq!(verdict(home, "letter.eml")["concerns"], serde_json::json!(["unusual"]));
    said(home, &["model", "forget", "1"]);
    let after = verdict(home, "letter.eml");
    assert_eq!(after, before);
}

#[test]
fn lessons_are_taken_along_and_taken_back_all_together() {
    let (one, other) = (home_with_a_letter(), home_with_a_letter());
    said(one.path(), &["model", "learn", "letter.eml", "other"]);
    let lessons = said(one.path(), &["model", "export"]);
    fs::write(other.path().join("lessons.jsonl"), &lessons).unwrap();
    assert_eq!(said(other.path(), &["model", "import", "lessons.jsonl"]), "1 lessons taken in\n");
    assert_eq!(said(other.path(), &["model", "import", "lessons.jsonl"]), "0 lessons taken in\n");
    assert_eq!(verdict(other.path(), "letter.eml")["sender"], "other");
    assert!(refused(other.path(), &["model", "reset"]).contains("say --yes"));
    assert_eq!(said(other.path(), &["model", "reset", "--yes"]), "1 lessons taken back\n");
    assert_eq!(said(other.path(), &["model", "lessons"]), "");
    assert_eq!(verdict(other.path(), "letter.eml")["sender"], "client");
}

#[test]
fn what_is_wrong_is_named_with_the_way_out() {
    let home = home_with_a_letter();
    let home = home.path();
    fs::write(home.join("bad.jsonl"), "{\"id\":\"a-1\",\"sender\":\"robot\",\"concerns\":[]}\n").unwrap();
    fs::write(home.join("odd.jsonl"), "{\"id\":\"a-1\",\"sender\":\"other\",\"concerns\":[\"refund\"]}\n")
        .unwrap();
    fs::create_dir_all(home.join("mail/angry")).unwrap();
    fs::write(home.join("empty.eml"), "From: a@example.org\n\n").unwrap();
    let rows: [(&[&str], &str); 9] = [
        (&["model", "learn", "letter.eml", "angry"], "'angry': that is no label; expected other, routine"),
        (&["model", "learn", "nowhere.eml", "other"], "nowhere.eml"),
        (&["model", "learn", "empty.eml", "other"], "there is nothing in it to learn from"),
        (&["model", "forget", "7"], "there is no lesson 7; `amicable model lessons` shows"),
        (&["model", "import", "bad.jsonl"], "bad.jsonl:1: "),
        (&["model", "eval", "bad.jsonl"], "bad.jsonl:1: unknown variant `robot`"),
        (&["model", "eval", "odd.jsonl"], "odd.jsonl:1: a message of an other has no concern"),
        (&["model", "eval", "mail"], "mail/angry: that is no label"),
        (&["model", "eval", "missing"], "missing: No such file"),
    ];
    for (arguments, words) in rows {
        let told = refused(home, arguments);
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    assert!(
        refused(home, &["model", "eval"]).contains("config"),
        "without a place it measures the owner's corrections"
    );
}

#[test]
fn own_labelled_mail_is_measured() {
    let home = home_with_a_letter();
    let home = home.path();
    for (label, name, text) in [
        ("routine", "a", "Tuesday at four is fine for us, see you then."),
        ("complaint+refund", "b", "The vase arrived broken. I want my money back please."),
        ("other", "c", "Automatic reply: I am out of the office until Monday."),
    ] {
        fs::create_dir_all(home.join("mail").join(label)).unwrap();
        let mail = format!("From: x@example.org\nSubject: \n\n{text}\n");
        fs::write(home.join("mail").join(label).join(format!("{name}.eml")), mail).unwrap();
    }
    let report = said(home, &["model", "eval", "mail"]);
    assert!(report.starts_with("3 messages, 1 of them of others\n"), "{report}");
    assert!(report.contains("macro-F1") && report.contains("calibration error"), "{report}");
    let report: Value =
        serde_json::from_str(&said(home, &["model", "eval", "mail", "--format", "json"])).unwrap();
    assert_eq!(report["messages"], 3);
    assert_eq!(report["concerns"].as_array().unwrap().len(), 4);
    assert_eq!(report["reliability"].as_array().unwrap().len(), 10);
}

/// A mailing list whose mail the owner wants to see as clients': the header spoke against it, and the lesson outweighs it.
#[test]
fn a_lesson_on_who_writes_holds_against_the_header() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let list = "From: Orders <orders@example.org>\nList-Id: <orders.example.org>\nSubject: Order 12\n\n\
        Two loaves and a cake, please, for Friday week.\n";
    fs::write(home.join("list.eml"), list).unwrap();
    fs::write(home.join("next.eml"), list.replace("Order 12", "Order 13").replace("Two", "Six")).unwrap();
    said(home, &["model", "learn", "list.eml", "routine"]);
    let taught = verdict(home, "next.eml")["sender_score"].as_f64().unwrap();
    said(home, &["model", "forget", "1"]);
    let before = verdict(home, "next.eml")["sender_score"].as_f64().unwrap();
    assert!(taught > 0.9 && before < taught, "{before} {taught}");
}
