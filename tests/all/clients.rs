//! Clients over time on the command line: `clients`, `waiting`, `notices`, `report` and `reflect`, as a person or a program
//! calls them; and the report on the year of the demo, word for word.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use amicable::cli::demo;
use amicable::mail::{Address, RawMessage};
use amicable::report::{Period, Report, html, text};
use amicable::store::Store;
use amicable::triage::{Engine, Settings};
use amicable::worker;
use jiff::Zoned;
use jiff::civil::date;

/// A home with some mail, and no configuration.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new(mail: &[&str]) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        let raw = |(uid, text): (u32, &&str)| RawMessage {
            place: format!("INBOX/{uid}"),
            uid: Some(uid),
            received: None,
            flags: Vec::new(),
            bytes: text.replace('\n', "\r\n").into_bytes(),
        };
        let messages = (1..).zip(mail).map(raw).collect();
        let own = [Address::new("Kim", "kim@example.org")];
        let mut store = Store::open(&home.folder.path().join("data")).unwrap();
        worker::take_in_all(&mut store, &Engine::new(Settings::default()), "a", &own, messages).unwrap();
        home
    }

    /// Status, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amicable"));
        let output = command
            .args(arguments)
            .env("HOME", self.folder.path())
            .env("AMICABLE_CONFIG", self.folder.path().join("config.toml"))
            .env("AMICABLE_DATA", self.folder.path().join("data"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let (status, out, said) = self.run(arguments);
        assert_eq!(status, 0, "{arguments:?}: {said}");
        out
    }
}

const ANN: &str = "From: Ann Lee <ann@example.com>\nTo: kim@example.org\nSubject: The cards\nDate: Fri, 20 Nov 2026 09:00:00 +0000\nMessage-ID: <a@example.com>\n\nCould you print the cards again? Sorry that the invoice was paid late again.\n";
const ANN_AT_WORK: &str = "From: Ann Lee <ann@work.example.com>\nTo: kim@example.org\nSubject: From work\nDate: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <b@example.com>\n\nHello Kim, it is me again, about the cards that you print for us. Could I have all of them by Monday, please?\n";
const OFFICE: &str = "From: Ben Oak <office@example.net>\nTo: kim@example.org\nSubject: A quote\nDate: Fri, 20 Nov 2026 11:00:00 +0000\nMessage-ID: <c@example.com>\n\nCould you send us a quote for forty menus?\n";
const OFFICE_TOO: &str = "From: Cleo Ash <office@example.net>\nTo: kim@example.org\nSubject: Another\nDate: Fri, 20 Nov 2026 12:00:00 +0000\nMessage-ID: <d@example.com>\n\nCould you send me a quote for a sign?\n";

#[test]
fn clients_are_joined_split_told_apart_and_all_of_it_is_taken_back() {
    let home = Home::new(&[ANN, ANN_AT_WORK, OFFICE, OFFICE_TOO]);
    let before = home.ok(&["clients", "--format", "json"]);
    let addresses = |out: &str| -> Vec<Vec<String>> {
        let rows: serde_json::Value = serde_json::from_str(out).unwrap();
        let of = |row: &serde_json::Value| serde_json::from_value(row["addresses"].clone()).unwrap();
        rows.as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(addresses(&before).len(), 3, "{before}");
    assert!(home.ok(&["clients"]).contains("Several names write from office@example.net"));
    home.ok(&["clients", "join", "ann@example.com", "ann@work.example.com"]);
    let joined = home.ok(&["clients", "--format", "json"]);
    assert!(addresses(&joined).iter().any(|known| known.len() == 2), "{joined}");
    home.ok(&["clients", "split", "ann@work.example.com"]);
    assert_eq!(home.ok(&["clients", "--format", "json"]), before);
    home.ok(&["clients", "shared", "office@example.net"]);
    let shared = home.ok(&["clients", "--format", "json"]);
    assert!(shared.contains("office@example.net (ben oak)") && shared.contains("(cleo ash)"), "{shared}");
    for _ in 0..3 {
        home.ok(&["clients", "undo"]);
    }
    assert_eq!(home.ok(&["clients", "--format", "json"]), before);
    let rows = [
        (&["clients", "undo"][..], "there is no entry to take back"),
        (&["clients", "undo", "99"], "there is no entry 99"),
        (&["clients", "show", "Nobody"], "no client is called \"Nobody\""),
        (
            &["clients", "show", "Ann"],
            "may be any of Ann Lee (ann@work.example.com), Ann Lee (ann@example.com)",
        ),
        (&["clients", "join", "ann@example.com", "Ann"], "\"Ann\" is no mail address"),
        (&["clients", "split", "ann@example.com"], "is joined to no other address"),
        (&["clients", "part", "ann@example.com", "yesterday"], "names no day to come"),
        (&["clients", "paid", "ann@example.com", "7"], "says of ann@example.com nothing that is owed"),
        (&["clients", "note", "ann@example.com", " "], "a few words are needed"),
        (&["clients", "told", "ann@example.com", "off"], "expected rule, surcharge or review-talk"),
    ];
    for (arguments, wanted) in rows {
        let (status, _, said) = home.run(arguments);
        assert!(status != 0 && said.contains(wanted), "{arguments:?}: {status} {said}");
    }
    assert_eq!(home.ok(&["clients", "--format", "json"]), before, "what failed has changed nothing");
}

#[test]
fn what_is_noted_of_a_client_is_shown_with_its_number_and_counted() {
    let home = Home::new(&[ANN]);
    let shown = home.ok(&["clients", "show", "ann"]);
    assert!(shown.contains("1 late payment: 20 Nov 2026"), "{shown}");
    home.ok(&["clients", "unpaid", "ann", "invoice 7"]);
    home.ok(&["clients", "changes", "ann"]);
    let shown = home.ok(&["clients", "note", "ann", "likes\u{1b}[31m blue"]);
    assert!(shown.contains("unpaid: invoice 7") && shown.contains("1 round of changes"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let entry = shown.lines().find(|line| line.contains("unpaid")).unwrap();
    let entry = entry.split_whitespace().next().unwrap();
    home.ok(&["clients", "paid", "ann", entry]);
    let (status, _, _) = home.run(&["clients", "paid", "ann", entry]);
    assert_eq!(status, 2, "it is paid already");
    let shown = home.ok(&["clients", "parted", "ann"]);
    assert!(shown.contains("Parting: the last word"), "{shown}");
    assert!(home.ok(&["clients"]).contains("parted on"));
    home.ok(&["clients", "resume", "ann"]);
    assert!(!home.ok(&["clients"]).contains("parted on"));
}

#[test]
fn without_anything_the_lists_are_empty_and_the_report_says_so() {
    let home = Home::new(&[]);
    for command in ["clients", "waiting", "notices"] {
        assert_eq!(home.ok(&[command]), "", "{command}");
    }
    assert!(home.ok(&["report"]).contains("No messages of clients in this time."));
    let json: serde_json::Value = serde_json::from_str(&home.ok(&["report", "--format", "json"])).unwrap();
    assert_eq!(json["v"], 1);
    assert!(home.ok(&["report", "--format", "html", "--since", "30d"]).starts_with("<!DOCTYPE html>"));
    let (status, _, said) = home.run(&["report", "--since", "whenever"]);
    assert!(status == 2 && said.contains("expected a length of time"), "{said}");
}

#[test]
fn reflecting_wants_a_terminal_and_its_list_does_not() {
    let home = Home::new(&[]);
    let (status, _, said) = home.run(&["reflect"]);
    assert!(status == 2 && said.contains("needs a terminal"), "{said}");
    assert_eq!(home.ok(&["reflect", "--list"]), "");
    let (status, _, said) = home.run(&["reflect", "--forget", "3"]);
    assert!(status == 1 && said.contains("there is no exercise 3"), "{said}");
}

/// The year of the demo as seen on a Friday morning.
static YEAR: LazyLock<Report> = LazyLock::new(|| {
    let now: Zoned = "2026-11-20T10:30[Europe/London]".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::new(demo::configured(&now).unwrap().triage());
    let (config, store) = demo::furnished(folder.path(), &engine, &now).unwrap();
    let ledger = store.records().unwrap().ledger;
    // The clock of the demo is that of the machine.
    let mut calendar = config.calendar.clone();
    calendar.zone = now.time_zone().clone();
    let from = date(2025, 11, 21);
    Period { ledger: &ledger, calendar: &calendar, policy: &config.policy, from, now: &now }.report()
});

#[test]
fn the_report_on_the_year_of_the_demo_is_as_it_was_looked_at() {
    let report = &*YEAR;
    insta::assert_snapshot!("year as text", text::text(report, 78));
    insta::assert_snapshot!("year as json", serde_json::to_string_pretty(report).unwrap());
    insta::assert_snapshot!("year as html", html::html(report));
}

#[test]
fn the_year_of_the_demo_shows_something_worth_seeing() {
    let report = &*YEAR;
    let sum = |of: fn(&amicable::report::Week) -> u32| report.weeks.iter().map(of).sum::<u32>();
    assert!(report.clients.len() >= 10 && sum(|week| week.messages) > 200);
    for count in [sum(|w| w.emergency), sum(|w| w.complaint), sum(|w| w.unusual), sum(|w| w.refund)] {
        assert!(count >= 3);
    }
    assert!(report.promises.kept > 10 && report.promises.kept_late > 2);
    assert!(report.outside.evenings > 10 && report.complaints.len() >= 5);
}

#[test]
fn the_demo_can_be_looked_at_without_a_session() {
    let home = Home::new(&[]);
    let report = home.ok(&["demo", "report", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert!(report["weeks"].as_array().unwrap().len() > 50);
    assert!(home.ok(&["demo", "clients"]).contains("6 emergencies in 122 days"));
    // Nothing of it is left.
    let left: Vec<_> = fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [home.folder.path().join("data")]);
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/year.toml").exists());
}
