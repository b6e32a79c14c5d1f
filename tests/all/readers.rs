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
const ADVERSARIAL: f64 = 0.80;
const UNSEEN_MACRO_F1: f64 = 0.77;
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

/// An owner who gives a discount to anybody who asks: such requests are nothing unusual to them. With some twenty
/// corrections the next such messages are read better, and all other mail as well as before.
#[test]
fn corrections_of_an_owner_make_their_next_messages_better_and_the_rest_no_worse() {
    let about_price = regex::Regex::new(
        r"(?i)discount|cheaper|% off|percent off|lower price|less than|knock .{0,20}off|for half|mates.? rate|friend price|price match|best price|reduc|come down",
    )
    .unwrap();
    let is_haggling = |row: &Row| row.concerns == [Concern::Unusual] && about_price.is_match(&row.body);
    let (haggling, rest): (Vec<Row>, Vec<Row>) = corpus().into_iter().partition(is_haggling);
    let (taught, next) = haggling.split_at(haggling.len() * 2 / 3);
    let engine = engine();
    let judged = |row: &Row| engine.judge(&parse(&row.raw()), Acquaintance::default(), Depth::Brief);
    let before: Vec<_> = next.iter().take(100).map(judged).collect();
    let others: Vec<_> = rest.iter().step_by(12).map(|row| (row, judged(row))).collect();
    let lessons = taught
        .iter()
        .zip(1..)
        .map(|(row, id)| {
            let mut message = parse(&row.raw());
            // Clients of their own, so that only likeness counts.
            message.from[0].address = format!("client{id}@example.org");
            engine.lesson(id, &message, Sender::Client, &[])
        })
        .collect();
    engine.teach(lessons);
    let unusual = |verdict: &Verdict| verdict.concerns.contains(&Concern::Unusual);
    let after: Vec<_> = before.iter().map(|one| engine.judge_again(&one.verdict, &one.basis)).collect();
    let right_before = before.iter().filter(|one| !unusual(&one.verdict)).count();
    let right_after = after.iter().filter(|verdict| !unusual(verdict)).count();
    let agree = |row: &Row, verdict: &Verdict| usize::from(agrees(row, verdict));
    let rest_before: usize = others.iter().map(|(row, one)| agree(row, &one.verdict)).sum();
    let rest_after: usize =
        others.iter().map(|(row, one)| agree(row, &engine.judge_again(&one.verdict, &one.basis))).sum();
    println!(
        "their own: {right_before} of {} right before, {right_after} after; the rest: {rest_before} of {} before, {rest_after} after",
        before.len(),
        others.len()
    );
    assert!(taught.len() >= 15 && before.len() >= 8, "{} {}", taught.len(), before.len());
    assert!(right_after > right_before, "{right_before} {right_after} of {}", before.len());
    assert!(
        rest_after * 100 + others.len() >= rest_before * 100,
        "{rest_before} {rest_after} of {}",
        others.len()
    );
}
