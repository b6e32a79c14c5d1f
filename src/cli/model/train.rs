//! `amicable model texts` and `amicable model train`: from the corpus to the models. `training/` calls both.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;

use super::labelled;
use crate::cli::exit::{Exit, Stop};
use crate::triage::training;

/// Print what the readers see of labelled mail, a line of JSON each, with the fold of its writer
#[derive(Debug, Args)]
pub struct TextsArgs {
    /// Files of labelled mail, or folders of them
    #[arg(required = true)]
    places: Vec<PathBuf>,
}

/// Train the fast pass, fit how both readers are blended, and choose the anchors of lessons
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// The folder with the corpus
    #[arg(default_value = "assets/corpus")]
    corpus: PathBuf,
    /// What the careful reader answers to messages of writers it had not seen: lines {"id":..,"answers":[5 numbers]}
    #[arg(long, default_value = "training/unseen.jsonl", value_name = "FILE")]
    careful: PathBuf,
    /// Where fast.bin, blend.toml and anchors.bin go
    #[arg(long, default_value = "assets/model", value_name = "FOLDER")]
    out: PathBuf,
}

/// Runs `model texts`.
pub(super) fn texts(args: &TextsArgs) -> anyhow::Result<Exit> {
    let examples = labelled::examples(labelled::read(&corpus_files(&args.places)?)?);
    let mut out = io::stdout().lock();
    for example in &examples {
        let (subject, body) = example.words();
        let line = serde_json::json!({
            "id": example.id, "fold": example.fold, "sender": example.sender, "concerns": example.concerns,
            "subject": subject, "body": body,
        });
        writeln!(out, "{line}")?;
    }
    Ok(Exit::Done)
}

/// Runs `model train`.
pub(super) fn train(args: &TrainArgs) -> anyhow::Result<Exit> {
    let mut examples =
        labelled::examples(labelled::read(&corpus_files(std::slice::from_ref(&args.corpus))?)?);
    let careful = careful_answers(&args.careful)?;
    for example in &mut examples {
        example.careful = careful.get(&example.id).copied();
    }
    let unread = examples.iter().filter(|example| example.careful.is_none()).count();
    if unread > 0 {
        eprintln!("amicable: {unread} of {} messages have no answer of the careful reader", examples.len());
    }
    let trained = training::train(&examples).map_err(Stop::usage)?;
    let anchors = training::anchors(&examples);
    let files = [
        ("fast.bin", &trained.fast[..]),
        ("blend.toml", trained.blend.as_bytes()),
        ("anchors.bin", &anchors[..]),
    ];
    for (name, bytes) in files {
        let path = args.out.join(name);
        fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))?;
    }
    super::eval::print_unseen(&examples, &trained.unseen)?;
    Ok(Exit::Done)
}

/// The files themselves, and the .jsonl files of folders, in the order of their names.
pub(super) fn corpus_files(places: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut files = Vec::new();
    for place in places {
        if !place.is_dir() {
            files.push(place.clone());
            continue;
        }
        let entries = fs::read_dir(place).map_err(|e| Stop::usage(format!("{}: {e}", place.display())))?;
        let is_lines = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jsonl");
        let before = files.len();
        files.extend(entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(is_lines));
        if files.len() == before {
            // Folders named by labels.
            files.push(place.clone());
        }
    }
    files.sort();
    Ok(files)
}

#[derive(Deserialize)]
struct Answers {
    id: String,
    answers: [f32; 5],
}

fn careful_answers(file: &Path) -> anyhow::Result<BTreeMap<String, [f32; 5]>> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| Stop::usage(format!("{shown}: {error}")))?;
    let mut answers = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line: Answers = serde_json::from_str(line)
            .map_err(|error| Stop::usage(format!("{shown}:{}: {error}", number + 1)))?;
        answers.insert(line.id, line.answers);
    }
    Ok(answers)
}
