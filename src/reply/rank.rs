//! The order in which replies are offered: what fits the concern, the client's words, the history, the calendar and the
//! policy, and why. Deterministic; the owner may take any.

use super::signal::{Heard, Signal};
use super::{Template, TemplateSet};
use crate::triage::Concern;

/// A template with its place.
#[derive(Debug, Clone)]
pub struct Ranked<'t> {
    /// The template.
    pub template: &'t Template,
    /// How well it fits.
    pub score: i32,
    /// Why it stands where it stands, in one line; empty where only the concern fits.
    pub why: String,
}

/// What it counts that a template answers the most pressing concern, another one, or any message.
const PRIMARY: i32 = 10;
const FURTHER: i32 = 4;
const ANY: i32 = 5;
/// It counts less where the first concern of the template is not there.
const BESIDE: i32 = 6;
/// A template for another concern is far off.
const FOREIGN: i32 = -20;
/// So many reasons are told.
const REASONS: usize = 2;

/// All templates, the best first.
pub fn rank<'t>(templates: &'t TemplateSet, concerns: &[Concern], heard: &[Heard]) -> Vec<Ranked<'t>> {
    let mut ranked: Vec<Ranked<'t>> =
        templates.iter().map(|template| place(template, concerns, heard)).collect();
    ranked.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| a.template.place.cmp(&b.template.place))
            .then_with(|| a.template.stance.cmp(&b.template.stance))
            .then_with(|| a.template.id.cmp(&b.template.id))
    });
    ranked
}

fn place<'t>(template: &'t Template, concerns: &[Concern], heard: &[Heard]) -> Ranked<'t> {
    let mut score = fit(template, concerns);
    let mut reasons: Vec<(i32, &str)> = Vec::new();
    for found in heard {
        if !speaks_here(found.signal, concerns, heard) {
            continue;
        }
        if let Some(at) = template.when.iter().position(|signal| *signal == found.signal) {
            let weight = weight(found.signal, at);
            score += weight;
            if !reasons.iter().any(|(_, says)| *says == found.says) {
                reasons.push((weight, &found.says));
            }
        }
        if template.unless.contains(&found.signal) {
            score -= found.signal.weight();
        }
    }
    reasons.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let why = reasons.into_iter().take(REASONS).map(|(_, says)| says).collect::<Vec<_>>().join("; ");
    Ranked { template, score, why }
}

/// Whether a decision of the owner's is about what is at hand.
fn speaks_here(signal: Signal, concerns: &[Concern], heard: &[Heard]) -> bool {
    let has = |signal: Signal| heard.iter().any(|heard| heard.signal == signal);
    match signal {
        // Who asks nothing out of the ordinary is not sent to somebody else.
        Signal::Partner => !concerns.is_empty() || has(Signal::OtherTrade),
        Signal::OtherTrade => concerns.contains(&Concern::Unusual) || has(Signal::Partner),
        // A line of the policy speaks only where its matter is at hand.
        Signal::RepairFirst => has(Signal::Broken) || has(Signal::Goods),
        Signal::DiscountPossible => has(Signal::Discount) || has(Signal::Price),
        Signal::RefundOpen | Signal::RefundClosed => {
            concerns.contains(&Concern::Refund) || concerns.contains(&Concern::Complaint)
        }
        Signal::RushNever => concerns.contains(&Concern::Emergency),
        _ => true,
    }
}

/// The first signal of a template counts in full, each further one less.
fn weight(signal: Signal, at: usize) -> i32 {
    match at {
        0 => signal.weight(),
        1 => signal.weight() * 2 / 3,
        _ => signal.weight() / 2,
    }
}

/// How well a template answers what is asked.
fn fit(template: &Template, concerns: &[Concern]) -> i32 {
    let pressing: Vec<Concern> =
        Concern::ALL.into_iter().filter(|concern| concerns.contains(concern)).collect();
    match (template.concerns.as_slice(), pressing.first()) {
        ([], Some(_)) => ANY,
        ([], None) => PRIMARY,
        (_, None) => FOREIGN,
        (answered, Some(first)) => {
            let further = pressing.iter().skip(1).filter(|concern| answered.contains(concern)).count();
            let further = i32::try_from(further).unwrap_or(0) * FURTHER;
            // Where it went wrong here, putting it right is as pressing as the hour.
            let ours = *first == Concern::Emergency
                && concerns.contains(&Concern::Complaint)
                && answered.contains(&Concern::Complaint);
            match answered.contains(first) || ours {
                // It is first of all about something that was not asked.
                true if !concerns.contains(&answered[0]) => PRIMARY - BESIDE,
                true => PRIMARY + further,
                false if further > 0 => further,
                false => FOREIGN,
            }
        }
    }
}
