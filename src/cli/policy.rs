//! `amicable policy`: what was understood of the owner's decisions, in plain sentences, and what it would have said to five
//! example requests. Sends nothing and changes nothing.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use jiff::Zoned;

use super::classify::settings;
use super::exit::Exit;
use crate::config::Config;
use crate::ledger::{History, Load};
use crate::parse;
use crate::reply::{Situation, TemplateSet, rank, signal};
use crate::triage::{Choice, Concern, Engine, Settings};

/// What amicable understood of your policy, and what it would say to five example requests
#[derive(Debug, Args)]
pub struct PolicyArgs {}

/// The examples: what a client of any trade may write, and what it asks.
const EXAMPLES: [(&str, &str, &[Concern]); 5] = [
    (
        "A rush",
        "I know it's short notice: could you have it done by tomorrow at 17:00?",
        &[Concern::Emergency],
    ),
    ("A complaint", "What you delivered on Monday is broken already. I'm not happy.", &[Concern::Complaint]),
    ("A discount", "Could you do it for 20 % less? Money is tight this month.", &[Concern::Unusual]),
    ("Money back", "It isn't what I wanted after all. I'd like my money back, please.", &[Concern::Refund]),
    ("A call on Sunday", "Can I ring you on Sunday evening on your private number?", &[Concern::Unusual]),
];

/// Runs it.
pub fn run(_args: &PolicyArgs, config: Option<&Path>) -> Result<Exit> {
    let config = settings(config, true)?.context("there is no configuration")?;
    let now = Zoned::now().with_time_zone(config.calendar.zone.clone());
    let mut out = io::stdout().lock();
    write!(out, "{}", sentences(&config, &now))?;
    writeln!(out)?;
    writeln!(out, "If a client wrote this now, amicable would say:")?;
    let (templates, _) = TemplateSet::load(config.templates.as_deref());
    let engine = Engine::new(Settings { choice: Choice::Fast, ..config.triage() });
    for (title, text, concerns) in EXAMPLES {
        writeln!(out)?;
        write!(out, "{}", example(&config, &templates, &engine, title, text, concerns, &now))?;
    }
    Ok(Exit::Done)
}

/// The calendar and the policy in plain sentences.
fn sentences(config: &Config, now: &Zoned) -> String {
    let calendar = &config.calendar;
    let zone = calendar.zone.iana_name().unwrap_or("the clock of this computer");
    let mut lines = vec![format!("You work {}.", calendar.hours), format!("Your time zone: {zone}.")];
    let day = |date: jiff::civil::Date| date.strftime("%-d %B %Y").to_string();
    let ahead: Vec<String> = calendar
        .holidays
        .iter()
        .filter(|(date, _)| **date >= now.date())
        .take(4)
        .map(|(date, name)| format!("{} ({name})", day(*date)))
        .collect();
    lines.push(match ahead.as_slice() {
        [] => "No holidays are known.".to_owned(),
        some => format!("Next holidays: {}.", some.join(", ")),
    });
    for absence in calendar.absences.iter().filter(|absence| absence.until >= now.date()) {
        let stand_in = absence.stand_in.as_ref().map_or(String::new(), |who| format!("; {who} stands in"));
        lines.push(format!("You are away from {} to {}{stand_in}.", day(absence.from), day(absence.until)));
    }
    format!("{}\n{}", lines.join("\n"), config.policy)
}

fn example(
    config: &Config,
    templates: &TemplateSet,
    engine: &Engine,
    title: &str,
    text: &str,
    concerns: &[Concern],
    now: &Zoned,
) -> String {
    let date = jiff::fmt::rfc2822::to_string(now).unwrap_or_default();
    let raw =
        format!("From: Ann Lee <ann@example.com>\r\nSubject: {title}\r\nDate: {date}\r\n\r\n{text}\r\n");
    let message = parse::parse(raw.as_bytes());
    let verdict = engine.read(&message);
    let heard = signal::heard(&message);
    let situation = Situation {
        message: &message,
        heard: &heard,
        concerns,
        due: verdict.deadline.as_ref(),
        policy: &config.policy,
        calendar: &config.calendar,
        history: &History::default(),
        load: &Load::default(),
        rush_taken: 0,
        advice: None,
        parting: None,
        matter: &crate::reply::Matter::NONE,
        now,
    };
    let mut lines = vec![format!("{title}: \u{201c}{text}\u{201d}")];
    lines.extend(situation.card().iter().map(|line| format!("    {:<10}{}", line.name, line.text)));
    for (number, ranked) in rank(templates, concerns, &situation.signals()).into_iter().take(3).enumerate() {
        let why = if ranked.why.is_empty() { String::new() } else { format!(" ({})", ranked.why) };
        lines.push(format!("    reply {}   {}{why}", number + 1, ranked.template.title));
    }
    lines.join("\n") + "\n"
}
