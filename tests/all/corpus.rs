//! The training mail in `assets/corpus`: what it must hold, and that nothing in it is written twice.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail as loudly as a test")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use amicable::triage::{Concern, Sender};
use serde::Deserialize;

/// One line. `voice` and `phenomenon` are free words for people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    trade: String,
    voice: String,
    phenomenon: String,
    sender: Sender,
    concerns: Vec<Concern>,
    subject: String,
    body: String,
}

fn corpus() -> Vec<(String, Row)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/corpus");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "jsonl")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        for (number, line) in fs::read_to_string(file).unwrap().lines().enumerate() {
            let row = serde_json::from_str(line).unwrap_or_else(|e| panic!("{name}:{}: {e}", number + 1));
            rows.push((name.clone(), row));
        }
    }
    rows
}

#[test]
fn the_corpus_is_large_and_has_every_kind_of_mail_from_many_trades() {
    let rows = corpus();
    let count = |is: &dyn Fn(&Row) -> bool| rows.iter().filter(|(_, row)| is(row)).count();
    let trades: BTreeSet<&str> = rows.iter().map(|(_, row)| row.trade.as_str()).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for concern in Concern::ALL {
        counts.insert(concern.word(), count(&|row| row.concerns.contains(&concern)));
        counts.insert(
            match concern {
                Concern::Emergency => "emergency alone",
                Concern::Complaint => "complaint alone",
                Concern::Unusual => "unusual alone",
                Concern::Refund => "refund alone",
            },
            count(&|row| row.concerns == [concern]),
        );
    }
    counts.insert("several", count(&|row| row.concerns.len() > 1));
    counts.insert("routine", count(&|row| row.sender == Sender::Client && row.concerns.is_empty()));
    counts.insert("other", count(&|row| row.sender == Sender::Other));
    println!("{} messages, {} trades, {counts:?}", rows.len(), trades.len());
    assert!(rows.len() >= 13_000, "{}", rows.len());
    assert!(trades.len() >= 300, "{}", trades.len());
    for (kind, count) in counts {
        assert!(count >= 300, "{kind}: {count}");
    }
    let words = |row: &Row| row.body.split_whitespace().count();
    assert!(count(&|row| words(row) <= 12) >= 300, "one-liners");
    assert!(count(&|row| words(row) >= 120) >= 400, "letters");
    assert!(count(&|row| row.subject.trim().is_empty()) >= 100, "without a subject");
}

#[test]
fn every_row_has_its_own_name_and_a_label_that_can_be() {
    let mut ids = BTreeSet::new();
    for (file, row) in corpus() {
        assert!(row.id.starts_with(&format!("{file}-")), "{} in {file}", row.id);
        assert!(row.sender == Sender::Client || row.concerns.is_empty(), "{}", row.id);
        let concerns: BTreeSet<_> = row.concerns.iter().collect();
        assert_eq!(concerns.len(), row.concerns.len(), "{}", row.id);
        assert!(!row.trade.is_empty() && !row.voice.is_empty() && !row.phenomenon.is_empty(), "{}", row.id);
        assert!(!row.subject.is_empty() || !row.body.is_empty(), "{}", row.id);
        assert!(ids.insert(row.id.clone()), "{} twice", row.id);
    }
}

/// People and addresses are invented: every address is at a domain that RFC 2606 keeps free.
#[test]
fn every_address_is_at_an_example_domain() {
    let address = regex::Regex::new(r"[\w.+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)").unwrap();
    for (_, row) in corpus() {
        let text = format!("{} {}", row.subject, row.body);
        for found in address.captures_iter(&text) {
            let domain = found[1].trim_end_matches('.').to_lowercase();
            let free = ["example.com", "example.org", "example.net"];
            let is_free = free.iter().any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
            assert!(is_free, "{}: {}", row.id, &found[0]);
        }
    }
}

/// Shingles: all runs of four words.
fn shingles(row: &Row) -> BTreeSet<Vec<String>> {
    let text = format!("{} {}", row.subject, row.body).to_lowercase();
    let words: Vec<String> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.windows(4).map(<[String]>::to_vec).collect()
}

/// Two messages that share more than a third of the shorter one's runs of four words are one message.
#[test]
fn no_two_messages_are_nearly_the_same() {
    let rows = corpus();
    let all: Vec<BTreeSet<Vec<String>>> = rows.iter().map(|(_, row)| shingles(row)).collect();
    let mut where_found: HashMap<&[String], Vec<usize>> = HashMap::new();
    for (number, shingles) in all.iter().enumerate() {
        for shingle in shingles {
            where_found.entry(shingle).or_default().push(number);
        }
    }
    let mut near = Vec::new();
    for (number, shingles) in all.iter().enumerate() {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for other in
            shingles.iter().flat_map(|shingle| &where_found[&shingle[..]]).filter(|other| **other < number)
        {
            *shared.entry(*other).or_default() += 1;
        }
        for (other, count) in shared {
            if count >= 4 && count * 100 > 35 * shingles.len().min(all[other].len()) {
                near.push(format!("{} and {} share {count} runs", rows[number].1.id, rows[other].1.id));
            }
        }
    }
    assert!(near.is_empty(), "{}", near.join("\n"));
}

/// A label as one labeller gave it.
#[derive(Debug, Deserialize)]
struct Label {
    sender: Sender,
    concerns: BTreeSet<Concern>,
}

/// A message that was labelled a second time by somebody who saw its text alone and not the first label.
#[derive(Debug, Deserialize)]
struct Twice {
    id: String,
    first: Label,
    second: Label,
}

/// Cohen's kappa of yes and no given twice: the agreement beyond that of chance (Cohen 1960).
#[expect(clippy::cast_precision_loss, reason = "some hundred")]
fn kappa(given: &[(bool, bool)]) -> f64 {
    let share = |is: &dyn Fn(&(bool, bool)) -> bool| {
        given.iter().filter(|one| is(one)).count() as f64 / given.len() as f64
    };
    let agree = share(&|(a, b)| a == b);
    let (first, second) = (share(&|one| one.0), share(&|one| one.1));
    let chance = first * second + (1.0 - first) * (1.0 - second);
    (agree - chance) / (1.0 - chance)
}

/// 640 messages drawn at random were labelled twice, blind. Where the two disagreed, the guide settled it, and the corpus
/// has what it settled.
#[test]
fn two_labellers_agree() {
    let twice = include_str!("../fixtures/triage/second-labels.jsonl").lines();
    let twice: Vec<Twice> = twice.map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: BTreeSet<String> = corpus().into_iter().map(|(_, row)| row.id).collect();
    assert!(twice.len() >= 600 && twice.iter().all(|one| ids.contains(&one.id)), "{}", twice.len());
    let agreement = |says: &dyn Fn(&Label) -> bool| {
        kappa(&twice.iter().map(|one| (says(&one.first), says(&one.second))).collect::<Vec<_>>())
    };
    let mut all = vec![("sender", agreement(&|label| label.sender == Sender::Client))];
    all.extend(
        Concern::ALL.map(|concern| (concern.word(), agreement(&|label| label.concerns.contains(&concern)))),
    );
    println!("Cohen's kappa over {} messages: {all:.3?}", twice.len());
    assert!(all.iter().all(|(_, kappa)| *kappa >= 0.9), "{all:?}");
}
