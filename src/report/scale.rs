//! How long a bar is and how dark a cell, and weeks taken together until a chart has room for them.

use std::cmp::Ordering;

use super::words::{day, period};
use super::{Report, Week};

/// How long a bar of `value` is where one of `most` is `length` long; something is never nothing.
pub(super) fn scaled(value: u32, most: u32, length: usize) -> usize {
    if value == 0 || most == 0 {
        return 0;
    }
    let (value, most) = (u64::from(value), u64::from(most));
    let cells = (value * wide(length) + most / 2) / most;
    usize::try_from(cells).unwrap_or(length).clamp(1, length.max(1))
}

/// `length` cells for the parts of a bar. A small part has its cell as long as there is one for it.
pub(super) fn shared_out(parts: &[u32], length: usize) -> Vec<usize> {
    let sum: u64 = parts.iter().copied().map(u64::from).sum();
    if sum == 0 {
        return vec![0; parts.len()];
    }
    let due = |part: u32| u64::from(part) * wide(length);
    let whole = |part: u32| usize::try_from(due(part) / sum).unwrap_or(length);
    let mut cells: Vec<usize> = parts.iter().map(|&part| whole(part).max(usize::from(part > 0))).collect();
    loop {
        let used: usize = cells.iter().sum();
        let change = match used.cmp(&length) {
            Ordering::Greater => cells.iter_mut().max().map(|longest| *longest -= 1),
            Ordering::Less => {
                let short = cells.iter_mut().zip(parts);
                let short = short.max_by_key(|(cells, part)| due(**part).saturating_sub(wide(**cells) * sum));
                short.map(|(cells, _)| *cells += 1)
            }
            Ordering::Equal => None,
        };
        if change.is_none() {
            return cells;
        }
    }
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::from(u32::MAX)).min(u64::from(u32::MAX))
}

/// From 0 for nothing to `steps` for as many as the most; something is at least 1.
pub(super) fn level(number: u32, most: u32, steps: u8) -> usize {
    if most == 0 {
        return 0;
    }
    let step = (u64::from(number) * u64::from(steps)).div_ceil(u64::from(most));
    usize::try_from(step).unwrap_or(0).min(usize::from(steps))
}

/// Neighbouring weeks taken together.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// "3 Nov", or "4 weeks from 3 Nov".
    pub(super) label: String,
    /// How many weeks.
    pub(super) weeks: usize,
    /// All messages of clients.
    pub(super) messages: u32,
    /// Of each of [`super::words::KINDS`].
    pub(super) kinds: [u32; 5],
    /// Replies outside the hours of work.
    pub(super) outside: u32,
}

impl Group {
    fn add(&mut self, week: &Week) {
        let kinds = [week.emergency, week.complaint, week.unusual, week.refund, week.plain];
        self.weeks += 1;
        self.messages += week.messages;
        self.outside += week.outside;
        for (sum, number) in self.kinds.iter_mut().zip(kinds) {
            *sum += number;
        }
    }
}

/// The weeks in `most` groups or fewer, of 1, 2, 4, ... weeks.
pub(super) fn joined(report: &Report, most: usize) -> Vec<Group> {
    let mut size = 1;
    while report.weeks.len().div_ceil(size) > most.max(1) {
        size *= 2;
    }
    let group = |weeks: &[Week]| {
        let mut group = Group::default();
        for week in weeks {
            group.add(week);
        }
        let first = weeks.first().map(|week| day(report, week.monday.max(report.from)));
        let first = first.unwrap_or_default();
        group.label = match (size, weeks.len()) {
            (1, _) => first,
            (_, 1) => format!("1 week from {first}"),
            (_, many) => format!("{many} weeks from {first}"),
        };
        group
    };
    report.weeks.chunks(size).map(group).collect()
}

/// All weeks in one.
pub(super) fn total(report: &Report) -> Group {
    let mut all = Group { label: period(report), ..Group::default() };
    for week in &report.weeks {
        all.add(week);
    }
    all
}
