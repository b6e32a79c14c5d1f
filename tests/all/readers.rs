//! The trained readers: how well they read mail of writers they never saw, odd mail, and mail in its envelope; that the
//! shipped files are what the corpus makes; and what the owner teaches.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail as loudly as a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use amicable::parse::parse;
use amicable::triage::{Acquaintance, Choice, Concern, Depth, Engine, Reader, Sender, Settings, Verdict};
use serde::Deserialize;

/// Floors a little under what was reached; `docs/evaluation.md` has the figures.
const ADVERSARIAL: f64 = 0.86;
const UNSEEN_MACRO_F1: f64 = 0.81;
const WRAPPED: f64 = 0.97;

/// A line of the corpus or of the table of odd cases.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    id: String,
    phenomenon: String,
    sender: Sender,
    concerns: Vec<Concern>,
    subject: String,
    #[serde(default)]
    body: String,
    html: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Row {
    /// The mail as it would come in.
    fn raw(&self) -> Vec<u8> {
        let mut raw = "From: Someone <someone@example.org>\nTo: owner@example.com\nDate: Thu, 19 Nov 2026 09:00:00 +0000\n".to_owned();
        for (name, value) in &self.headers {
            raw.extend([name, ": ", value, "\n"]);
        }
        let kind = if self.html.is_some() { "html" } else { "plain" };
        let text = self.html.as_ref().unwrap_or(&self.body);
        raw.extend([
            "Subject: ",
            &self.subject,
            "\nContent-Type: text/",
            kind,
            "; charset=utf-8\n\n",
            text,
            "\n",
        ]);
        raw.into_bytes()
    }
}

fn rows(text: &str) -> Vec<Row> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn corpus() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/corpus");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let files = files.iter().filter(|file| file.extension().is_some_and(|e| e == "jsonl"));
    files.flat_map(|file| rows(&fs::read_to_string(file).unwrap())).collect()
}

fn engine() -> Engine {
    Engine::new(Settings::default())
}

fn read(engine: &Engine, raw: &[u8]) -> Verdict {
    engine.judge(&parse(raw), Acquaintance::default(), Depth::Brief).verdict
}

fn agrees(row: &Row, verdict: &Verdict) -> bool {
    let sorted = |concerns: &[Concern]| {
        let mut sorted = concerns.to_vec();
        sorted.sort();
        sorted
    };
    verdict.sender == row.sender && sorted(&verdict.concerns) == sorted(&row.concerns)
}

#[expect(clippy::cast_precision_loss, reason = "some hundred")]
fn share(of: usize, all: usize) -> f64 {
    of as f64 / all as f64
}

/// The table of odd cases: the share with all labels right may not fall.
#[test]
fn odd_mail_is_read() {
    let rows = rows(include_str!("../fixtures/triage/adversarial.jsonl"));
    assert!(rows.len() >= 200);
    let engine = engine();
    let mut by_phenomenon: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut right, mut sender_right) = (0, 0);
    for row in &rows {
        let verdict = read(&engine, &row.raw());
        let agrees = agrees(row, &verdict);
        right += usize::from(agrees);
        sender_right += usize::from(verdict.sender == row.sender);
        let count = by_phenomenon.entry(&row.phenomenon).or_default();
        *count = (count.0 + usize::from(agrees), count.1 + 1);
        if !agrees {
            println!(
                "{} ({}): is {:?} {:?}, read {:?} {:.2} {:?} {:?}",
                row.id,
                row.phenomenon,
                row.sender,
                row.concerns,
                verdict.sender,
                verdict.sender_score,
                verdict.concerns,
                verdict.scores
            );
        }
    }
    for (phenomenon, (right, all)) in by_phenomenon.iter().filter(|(_, (right, all))| right < all) {
        println!("{phenomenon}: {right} of {all}");
    }
    let passed = share(right, rows.len());
    println!("odd mail: {right} of {} right ({passed:.3}), sender {sender_right}", rows.len());
    assert!(passed >= ADVERSARIAL, "{passed:.3}");
}

/// The same words plain and in a whole mail around them get the same labels.
#[test]
fn a_message_in_its_envelope_is_read_as_without() {
    const GREETINGS: [&str; 5] =
        ["Dear Mr Hill,\n\n", "Hi Ann,\n\n", "Hello,\n\n", "Good morning Robin,\n\n", "Hey!\n\n"];
    const CLOSINGS: [&str; 5] = [
        "\n\nKind regards,\nRuth Someone\n",
        "\n\nBest,\nRuth\n\nSent from my phone\n",
        "\n\nYours sincerely,\nR. Someone\n\n--\nRuth Someone\nSomeone & Sons Ltd, 4 Dock Road\nTel. 01632 960123\n",
        "\n\nThanks,\nRuth\n\nThis e-mail is confidential and intended solely for the addressee. If you have received it in error please notify the sender and delete it.\n",
        "\n\nCheers, Ruth\n",
    ];
    const HISTORY: &str = "\nOn Tue, 17 Nov 2026 at 10:12, Owner <owner@example.com> wrote:\n> We refund half until four weeks before.\n> I am so sorry for the complaint; urgent work costs more.\n";
    let engine = engine();
    let rows: Vec<Row> = corpus()
        .into_iter()
        .step_by(9)
        .filter(|row| !row.body.contains("wrote:") && !row.body.contains('@'))
        .collect();
    let (mut same, mut all) = (0, 0);
    for (number, row) in rows.iter().enumerate() {
        let plain = read(&engine, &row.raw());
        let mut wrapped = row.clone();
        wrapped.body = format!("{}{}{}", GREETINGS[number % 5], row.body, CLOSINGS[number / 5 % 5]);
        if number % 2 == 0 {
            wrapped.body += HISTORY;
        }
        let verdict = read(&engine, &wrapped.raw());
        let is_same = verdict.sender == plain.sender
            && verdict.concerns.len() == plain.concerns.len()
            && verdict.concerns.iter().all(|c| plain.concerns.contains(c));
        all += 1;
        same += usize::from(is_same);
        if !is_same {
            println!(
                "{}: {:?} {:?} became {:?} {:?}",
                row.id, plain.sender, plain.concerns, verdict.sender, verdict.concerns
            );
        }
    }
    println!("in an envelope: {same} of {all} alike");
    assert!(all > 200 && share(same, all) >= WRAPPED, "{same} of {all}");
}

/// Learning again gives the shipped files byte for byte; and what readers say that saw nothing of a message's writer is
/// as good as the documents say.
#[test]
fn the_shipped_models_are_what_the_corpus_makes_and_read_unseen_writers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_amicable"))
        .current_dir(root)
        .args(["model", "train", "--out"])
        .arg(made.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    for name in ["fast.bin", "blend.toml"] {
        let (new, shipped) =
            (fs::read(made.path().join(name)), fs::read(root.join("assets/model").join(name)));
        assert!(new.unwrap() == shipped.unwrap(), "{name}: run `amicable model train`");
    }
    // The encoder's sums are in another order on other processors, so a number may be rounded the other way.
    let new = fs::read(made.path().join("anchors.bin")).unwrap();
    let shipped = fs::read(root.join("assets/model/anchors.bin")).unwrap();
    let head = "AMICANC1".len() + 8 + 4 * 384;
    let off = |(a, b): (&u8, &u8)| a.cast_signed().abs_diff(b.cast_signed()) > 1;
    assert_eq!(new.len(), shipped.len());
    let off = new.iter().zip(&shipped).skip(head).filter(|&pair| off(pair)).count();
    assert!(off * 1000 <= new.len(), "anchors.bin: {off} numbers are others; run `amicable model train`");
    let report = String::from_utf8(output.stdout).unwrap();
    let number = |reader: &str, before: &str| -> f64 {
        let (_, part) = report.split_once(&format!("== {reader}, writers not seen")).unwrap();
        let (_, number) = part.split_once(before).unwrap();
        number.split_whitespace().next().unwrap().parse().unwrap()
    };
    let (fast, both) = (number("fast alone", "macro-F1 "), number("both", "macro-F1 "));
    let error = number("both", "calibration error ");
    println!("unseen writers: fast {fast}, both {both}, calibration error {error}");
    assert!(both >= UNSEEN_MACRO_F1 && both > fast, "{both} {fast}");
    assert!(error <= 0.03, "{error}");
}

#[test]
fn bulk_mail_is_settled_by_the_fast_pass_and_a_clients_mail_is_not() {
    let engine = engine();
    let mut raw =
        b"List-Id: <news.example.net>\nList-Unsubscribe: <https://example.net/u>\nPrecedence: bulk\n"
            .to_vec();
    raw.extend(
        b"From: News <news@example.net>\nSubject: This week\n\nOur offers of the week. Unsubscribe here.\n",
    );
    let bulk = read(&engine, &raw);
    assert_eq!((bulk.sender, bulk.reader), (Sender::Other, Reader::Fast));
    let client = read(
        &engine,
        b"From: Ann <ann@example.org>\nSubject: Cake\n\nThe cake was dry and I want my money back.\n",
    );
    assert_eq!((client.sender, client.reader), (Sender::Client, Reader::Careful));
    let fast = Engine::new(Settings { choice: Choice::Fast, ..Settings::default() });
    let by_fast = read(
        &fast,
        b"From: Ann <ann@example.org>\nSubject: Cake\n\nThe cake was dry and I want my money back.\n",
    );
    assert_eq!(by_fast.reader, Reader::Fast);
}

/// An owner who works at any hour and gives a discount to anybody who asks, so that neither is unusual to them. Twenty
/// corrections, and their next hundred messages, of which 28 are of that kind, are read better, while all other mail is
/// read as well as before. No reader learned from any of these messages.
#[test]
fn twenty_corrections_make_an_owners_next_hundred_messages_better_and_the_rest_no_worse() {
    let theirs = rows(include_str!("../fixtures/triage/owner.jsonl"));
    let apart =
        [include_str!("../fixtures/triage/tuning.jsonl"), include_str!("../fixtures/triage/held-out.jsonl")];
    let mut apart = apart.iter().flat_map(|text| rows(text));
    let (taught, next) = theirs.split_at(20);
    let next: Vec<Row> = next.iter().cloned().chain(apart.by_ref().take(100 - next.len())).collect();
    // Of the rest those of the same kind are left out: the corpus calls them unusual, this owner would not.
    let same_kind =
        regex::Regex::new(r"(?i)closed|stay on|for cash|discount|in the morning\? I know").unwrap();
    let odd = [
        include_str!("../fixtures/triage/adversarial.jsonl"),
        include_str!("../fixtures/triage/overlooked.jsonl"),
    ];
    let others = apart.chain(odd.iter().flat_map(|text| rows(text)));
    let others: Vec<Row> = others.filter(|row| !same_kind.is_match(&row.body)).collect();
    let engine = engine();
    let judged = |row: &Row| engine.judge(&parse(&row.raw()), Acquaintance::default(), Depth::Brief);
    let read: Vec<_> = next.iter().chain(&others).map(|row| (row, judged(row))).collect();
    let right = || -> (usize, usize) {
        let right: Vec<bool> = read
            .iter()
            .map(|(row, one)| agrees(row, &engine.judge_again(&one.verdict, &one.basis)))
            .collect();
        let (next, others) = right.split_at(next.len());
        (next.iter().filter(|right| **right).count(), others.iter().filter(|right| **right).count())
    };
    let before = right();
    let lesson = |(row, id): (&Row, i64)| {
        let mut message = parse(&row.raw());
        // Clients of their own, so that only likeness counts.
        message.from[0].address = format!("client{id}@example.org");
        engine.lesson(id, &message, Sender::Client, &row.concerns)
    };
    engine.teach(taught.iter().zip(1..).map(lesson).collect());
    let after = right();
    println!(
        "their next {}: {} right before, {} after; the other {}: {} before, {} after",
        next.len(),
        before.0,
        after.0,
        others.len(),
        before.1,
        after.1
    );
    assert_eq!((taught.len(), next.len()), (20, 100));
    assert!(after.0 >= before.0 + 5, "{before:?} {after:?}");
    assert!(after.1 * 200 + others.len() >= before.1 * 200, "{before:?} {after:?}");
}
