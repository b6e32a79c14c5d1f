//! `amicable model eval`: how well the verdicts agree with labels.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::labelled::{self, Labelled};
use super::train::corpus_files;
use crate::cli::classify::{EngineChoice, engine, settings};
use crate::cli::exit::Exit;
use crate::cli::in_order::in_order;
use crate::triage::evaluation::{Case, Report, report};
use crate::triage::training::{Example, Scored, Unseen};
use crate::triage::{Acquaintance, Depth, Thresholds};

/// Measure how well the verdicts agree with labels
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Labelled mail: .jsonl files as in assets/corpus, or folders that hold folders (Maildir or .eml) named other,
    /// routine, emergency, complaint+refund and so on. Without any: the messages that you corrected
    #[arg(value_name = "FILE|FOLDER")]
    places: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Who reads
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    engine: EngineChoice,
    /// How many of the messages that went wrong are shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    misses: usize,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object
    Json,
}

/// Runs the command.
pub(super) fn run(args: &EvalArgs, config: Option<&Path>) -> anyhow::Result<Exit> {
    let settings = settings(config, args.places.is_empty())?;
    let labelled = if args.places.is_empty() {
        super::lessons::corrected(settings.as_ref())?
    } else {
        labelled::read(&corpus_files(&args.places)?)?
    };
    let engine = engine(settings.as_ref(), args.engine);
    let thresholds = engine.thresholds();
    let mut cases = Vec::new();
    in_order(
        move |sink| {
            let _ = labelled.into_iter().try_for_each(sink);
        },
        move |one: Labelled| {
            let verdict = engine.judge(&one.message, Acquaintance::default(), Depth::Brief).verdict;
            let text = beginning(&one.message.subject, &one.message.body.text);
            let scored = Scored { scores: verdict.scores, client: verdict.sender_score };
            Case { id: one.id, sender: one.sender, concerns: one.concerns, scored, text }
        },
        |case| {
            cases.push(case);
            ControlFlow::Continue(())
        },
    )?;
    let report = report(&cases, thresholds);
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
        Format::Text => text(&report, args.misses),
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The scores of one reader.
type Of = fn(&Unseen) -> Scored;

/// The report on messages of unseen writers, for each reader alone and both.
pub(super) fn print_unseen(examples: &[Example], unseen: &[Unseen]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let readers: [(&str, Of); 3] =
        [("fast alone", |u| u.fast), ("careful alone", |u| u.careful), ("both", |u| u.both)];
    for (name, of) in readers {
        let read = examples.iter().zip(unseen).filter(|(example, _)| example.careful.is_some());
        let cases: Vec<Case> = read
            .map(|(example, unseen)| Case {
                id: example.id.clone(),
                sender: example.sender,
                concerns: example.concerns.clone(),
                scored: of(unseen),
                text: beginning(example.words().0, example.words().1),
            })
            .collect();
        writeln!(out, "== {name}, writers not seen")?;
        let misses = if name == "both" { usize::MAX } else { 0 };
        out.write_all(text(&report(&cases, Thresholds::default()), misses).as_bytes())?;
    }
    Ok(())
}

fn beginning(subject: &str, body: &str) -> String {
    let words = subject.split_whitespace().chain(["|"]).chain(body.split_whitespace());
    words.take(60).collect::<Vec<_>>().join(" ")
}

fn text(report: &Report, misses: usize) -> String {
    let mut out = String::new();
    let mut say = |line: String| writeln!(out, "{line}").expect("writing to a String never fails");
    say(format!("{} messages, {} of them of others", report.messages, report.others));
    say("concern      precision  recall     F1   right  wrong  missed".to_owned());
    for line in &report.concerns {
        say(format!(
            "{:<12} {:>9.3} {:>7.3} {:>6.3} {:>7} {:>6} {:>7}",
            line.concern.word(),
            line.precision,
            line.recall,
            line.f1,
            line.count.right,
            line.count.wrong,
            line.count.missed
        ));
    }
    say(format!("macro-F1 {:.3}", report.macro_f1));
    say(format!(
        "sender right {:.3}, clients taken for others {}, others with a concern {:.1} of 1000",
        report.sender_accuracy, report.clients_overlooked, report.false_alarms_per_1000
    ));
    say(format!("all labels right {:.3}, calibration error {:.3}", report.exact, report.calibration_error));
    say("scores       number   mean  share that is so".to_owned());
    for bar in report.reliability.iter().filter(|bar| bar.scores > 0) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 40 marks")]
        let marks = "#".repeat((bar.is * 40.0).round() as usize);
        say(format!(
            "{:.1} to {:.1} {:>8} {:>6.2}  {:.2} {marks}",
            bar.from,
            bar.from + 0.1,
            bar.scores,
            bar.said,
            bar.is
        ));
    }
    say("threshold    precision and recall at it".to_owned());
    for line in &report.concerns {
        let at: Vec<String> = line
            .at
            .iter()
            .map(|at| format!("{:.1}: {:.2} {:.2}", at.threshold, at.precision, at.recall))
            .collect();
        say(format!("{:<12} {}", line.concern.word(), at.join("  ")));
    }
    for miss in report.misses.iter().take(misses) {
        say(format!("{:.2} {} is {}, said {}: {}", miss.off, miss.id, miss.label, miss.said, miss.text));
    }
    out
}
