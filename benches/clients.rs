//! How long it takes to tell what happened with clients: `cargo bench --bench clients`. What counts are the ratios within one
//! run: ten times as much mail should take about ten times as long. Nothing here passes or fails.

use std::hint::black_box;
use std::time::Instant;

use amicable::boundary::calendar::Absence;
use amicable::boundary::{Calendar, WorkingTime};
use amicable::ledger::follow_up::waiting;
use amicable::ledger::ladder::{Everybody, advice};
use amicable::ledger::notice::{Ground, plan};
use amicable::ledger::{Answer, Facts, FollowUp, Load, Past, Records};
use amicable::mail::{Address, MessageId};
use amicable::triage::Concern;
use jiff::civil::date;
use jiff::{SignedDuration, Zoned};

/// Messages a client writes in a year, on average.
const EACH: usize = 25;

fn main() {
    println!("messages  clients    ledger   verdicts    notices    waiting");
    for messages in [1_000, 10_000, 50_000] {
        measure(messages);
    }
}

fn measure(count: usize) {
    let now: Zoned = "2026-11-24T10:00[Europe/London]".parse().expect("a moment");
    let absences = vec![Absence { from: date(2026, 11, 26), until: date(2026, 11, 30), stand_in: None }];
    let calendar = Calendar { absences, zone: now.time_zone().clone(), ..Calendar::default() };
    let clients = count / EACH;
    let client =
        |number: usize| Address::new(format!("Client {number}"), format!("client{number}@example.com"));
    let at = |number: usize| {
        let minutes = i64::try_from(number * 365 * 24 * 60 / count).unwrap_or(0);
        now.timestamp() - SignedDuration::from_mins(minutes)
    };
    let facts = Facts {
        messages: (0..count)
            .map(|number| Past {
                message: i64::try_from(number).unwrap_or(0),
                at: at(number),
                arrived_at: at(number),
                from: client(number % clients),
                client: true,
                thread: format!("thread {}", number / 2),
                topic: format!("topic {}", number / 2),
                // Few are what most are not.
                concerns: if number % 7 == 0 { vec![Concern::ALL[number % 4]] } else { Vec::new() },
                ..Past::default()
            })
            .collect(),
        answers: (0..count / 2)
            .map(|number| Answer {
                outbox: i64::try_from(number).unwrap_or(0),
                message: Some(i64::try_from(number * 2).unwrap_or(0)),
                at: at(number * 2) + SignedDuration::from_hours(3),
                thread: format!("thread {number}"),
                to: client(number * 2 % clients),
                ..Answer::default()
            })
            .collect(),
        ..Facts::default()
    };
    let begun = Instant::now();
    let records = black_box(Records::of(facts, Vec::new(), Vec::new()));
    let ledger = &records.ledger;
    let made = begun.elapsed();
    let begun = Instant::now();
    let everybody = Everybody::of(ledger, &now);
    let found = ledger.clients().iter().filter(|client| advice(client, &everybody, &now).is_some()).count();
    let judged = begun.elapsed();
    let begun = Instant::now();
    let planned = plan(&Ground {
        ledger,
        messages: &records.messages,
        calendar: &calendar,
        load: &Load::default(),
        promises_a_day: 3,
        own: &[],
        now: &now,
    });
    let told = begun.elapsed();
    let follow_up = FollowUp {
        outbox: 1,
        message_ids: MessageId::new("question@example.com").into_iter().collect(),
        message: Some(1),
        to: client(1),
        subject: String::new(),
        topic: "a topic".to_owned(),
        question: None,
        thread: "thread 0".to_owned(),
        sent_at: at(count / 50),
        nudges: Vec::new(),
        referred_by: Vec::new(),
    };
    let begun = Instant::now();
    for _ in 0..20 {
        black_box(waiting(&follow_up, &records, &calendar, WorkingTime::Days(3), &now));
    }
    let waited = begun.elapsed();
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{count:>8}  {clients:>7}  {:>6.1} ms  {:>6.1} ms  {:>6.1} ms  {:>6.1} ms   ({found} patterns, {} notices, 20 questions)",
        ms(made),
        ms(judged),
        ms(told),
        ms(waited),
        planned.notices.len()
    );
}
