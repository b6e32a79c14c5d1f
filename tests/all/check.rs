//! The check before sending, on tables of good and of flawed replies (`tests/fixtures/check`), and on the built-in
//! templates: what it must find, and where it must be still.

use std::collections::BTreeMap;
use std::path::Path;

use amicable::boundary::{Calendar, Policy};
use amicable::config::{Config, Environment};
use amicable::ledger::Load;
use amicable::mail::{Address, Message};
use amicable::reply::check::{Checked, Finding, FindingId, check};
use jiff::Zoned;
use serde::Deserialize;

/// A row of the tables.
#[derive(Deserialize)]
pub struct Row {
    /// Its name.
    id: String,
    original: Option<Original>,
    to: Vec<String>,
    cc: Vec<String>,
    attachments: usize,
    reply: String,
    findings: Vec<String>,
    about: String,
}

#[derive(Deserialize)]
struct Original {
    from: String,
    to: String,
    cc: String,
    subject: String,
    text: String,
}

fn rows(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check").join(name);
    let text = std::fs::read_to_string(path).expect("the table is there");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}")))
        .collect()
}

fn message(original: &Original) -> Message {
    let cc = if original.cc.is_empty() { String::new() } else { format!("Cc: {}\r\n", original.cc) };
    let raw = format!(
        "From: {}\r\nTo: {}\r\n{cc}Subject: {}\r\nDate: Tue, 24 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        original.from, original.to, original.subject, original.text
    );
    amicable::parse::parse(raw.as_bytes())
}

fn addresses(texts: &[String]) -> Vec<Address> {
    let parsed = texts.iter().map(|text| amicable::reply::parse_recipients(text));
    parsed.flat_map(|parsed| parsed.expect("an address of the table")).collect()
}

/// The owner of the tables.
pub fn owner() -> (Config, Load, Zoned) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check/policy.toml");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let config = Config::from_toml(&text, &path, &Environment::default()).expect("it is right");
    let mut load = Load::default();
    load.add(jiff::civil::date(2026, 12, 4), 3);
    (config, load, "2026-11-24T10:00[Europe/London]".parse().expect("a moment"))
}

fn findings(row: &Row) -> Vec<Finding> {
    let (config, load, now) = owner();
    let original = row.original.as_ref().map(message);
    let (to, cc) = (addresses(&row.to), addresses(&row.cc));
    check(&Checked {
        private: &[],
        body: &row.reply,
        to: &to,
        cc: &cc,
        attachments: row.attachments,
        original: original.as_ref(),
        own: &[Address::new("Kim Oak", "kim@example.org")],
        policy: &config.policy,
        calendar: &config.calendar,
        load: &load,
        now: &now,
    })
}

/// How many good replies are still, and how many flaws of the flawed ones are found.
struct Counted {
    good: usize,
    still: usize,
    flaws: usize,
    found: usize,
}

fn count(tables: &[&str]) -> Counted {
    let mut counted = Counted { good: 0, still: 0, flaws: 0, found: 0 };
    let mut missed: BTreeMap<String, usize> = BTreeMap::new();
    for row in tables.iter().flat_map(|table| rows(table)) {
        let found = findings(&row);
        let ids: Vec<&str> = found.iter().map(|finding| finding.id.word()).collect();
        for finding in &found {
            assert_eq!(
                row.reply.get(finding.start..finding.end).map(str::trim),
                Some(finding.quote.as_str()).filter(|_| finding.end > 0).or(Some("")),
                "{}",
                row.id
            );
        }
        if row.findings.is_empty() {
            counted.good += 1;
            counted.still += usize::from(found.is_empty());
            for finding in &found {
                println!(
                    "{} ({}): {} \"{}\": {}",
                    row.id,
                    row.about,
                    finding.id.word(),
                    finding.quote,
                    finding.why
                );
            }
        }
        for expected in &row.findings {
            counted.flaws += 1;
            if ids.contains(&expected.as_str()) {
                counted.found += 1;
            } else {
                *missed.entry(expected.clone()).or_default() += 1;
                println!("{} misses {expected}, found {ids:?}: {}", row.id, row.reply.replace('\n', " / "));
            }
        }
        let more: Vec<&&str> =
            ids.iter().filter(|id| !row.findings.iter().any(|expected| expected == *id)).collect();
        if !row.findings.is_empty() && !more.is_empty() {
            println!("{} has {more:?} besides {:?}", row.id, row.findings);
        }
    }
    println!("missed: {missed:?}");
    println!(
        "good replies without a finding: {} of {}; flaws found: {} of {}",
        counted.still, counted.good, counted.found, counted.flaws
    );
    counted
}

#[test]
fn good_replies_are_left_alone_and_flaws_are_found() {
    let counted = count(&["good.jsonl", "flawed.jsonl"]);
    assert!(counted.good >= 150 && counted.flaws >= 150);
    assert!(counted.still * 20 >= counted.good * 19, "more than one false finding in twenty");
    assert!(counted.found * 5 >= counted.flaws * 4, "fewer than four flaws in five");
}

#[test]
fn replies_that_no_phrase_was_written_for_fare_as_well() {
    let counted = count(&["unseen.jsonl"]);
    assert!(counted.still * 20 >= counted.good * 19, "{} of {}", counted.still, counted.good);
    assert!(counted.found * 5 >= counted.flaws * 4, "{} of {}", counted.found, counted.flaws);
}

#[test]
fn every_kind_of_finding_is_in_the_tables() {
    let all = rows("flawed.jsonl");
    // What is private is not in a table; it has a test of its own.
    for id in FindingId::ALL.into_iter().filter(|id| *id != FindingId::PrivateNote) {
        let count = all.iter().filter(|row| row.findings.iter().any(|found| found == id.word())).count();
        assert!(count >= 5, "{id:?}: {count}");
    }
}

#[test]
fn what_was_noted_for_oneself_is_found_before_it_goes_out() {
    let private = ["Third emergency since August; always says it is the last", "Pays late", "ok"];
    let rows = [
        ("Hello Ann,\n\nYou always say: it is the last time.\n", None),
        (
            "Hello Ann,\n\nThis is the third emergency since August, so here are my terms.\n",
            Some("third emergency since August"),
        ),
        ("Hello Ann,\n\nplease note: pays late.\n", None),
        ("Hello Ann,\n\nThat is ok.\n", None),
        ("Hello Ann,\n\nYes.\n\nOn Monday Ann wrote:\n> third emergency since August\n", None),
    ];
    let (policy, calendar, load) = (Policy::default(), Calendar::default(), Load::default());
    let (.., now) = owner();
    for (body, wanted) in rows {
        let found = check(&Checked {
            body,
            to: &[],
            cc: &[],
            attachments: 0,
            original: None,
            own: &[],
            policy: &policy,
            calendar: &calendar,
            private: &private,
            load: &load,
            now: &now,
        });
        let found = found.iter().find(|finding| finding.id == FindingId::PrivateNote);
        assert_eq!(found.map(|finding| finding.quote.as_str()), wanted, "{body}");
    }
}
