//! What the commands about clients read: the store, the calendar and the policy, at one moment.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::classify::settings;
use super::exit::Stop;
use crate::boundary::{Calendar, Policy};
use crate::config::Config;
use crate::ledger::outlook::{Outlook, Setting};
use crate::ledger::{Client, Person, Records};
use crate::mail::Address;
use crate::report::{Period, Report};
use crate::store::Store;
use crate::worker;

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Table,
    Json,
}

/// All that the commands about clients read.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) store: Store,
    pub(super) calendar: Calendar,
    pub(super) policy: Policy,
    pub(super) own: Vec<Address>,
    pub(super) now: Zoned,
    pub(super) records: Records,
    pub(super) outlook: Outlook,
}

impl Book {
    /// That of the owner. Without a configuration the usual hours hold, on the clock of this computer.
    pub(super) fn open(config: Option<&Path>) -> Result<Self> {
        let config = settings(config, false)?;
        let store = Store::open(&Config::data_dir().map_err(Stop::usage)?)?;
        let own = config.as_ref().map(Config::own_addresses).unwrap_or_default();
        let usual = || (Calendar { zone: TimeZone::system(), ..Calendar::default() }, Policy::default());
        let (calendar, policy) = config.map_or_else(usual, |config| (config.calendar, config.policy));
        Self::of(store, calendar, policy, own, &Zoned::now())
    }

    /// That of a store.
    pub(super) fn of(
        mut store: Store,
        calendar: Calendar,
        policy: Policy,
        own: Vec<Address>,
        now: &Zoned,
    ) -> Result<Self> {
        worker::read_signs(&mut store, &own)?;
        let now = now.with_time_zone(calendar.zone.clone());
        let mut book = Self {
            store,
            calendar,
            policy,
            own,
            now,
            records: Records::default(),
            outlook: Outlook::default(),
        };
        book.read()?;
        Ok(book)
    }

    /// Reads the store again.
    pub(super) fn read(&mut self) -> Result<()> {
        self.records = self.store.records()?;
        self.outlook = Outlook::of(
            &self.records,
            &Setting {
                calendar: &self.calendar,
                patience: self.policy.reminder_after,
                promises_a_day: self.policy.promises_a_day,
                own: &self.own,
                now: &self.now,
            },
        );
        Ok(())
    }

    /// What the days from one on were like.
    pub(super) fn report(&self, from: Date) -> Report {
        let (calendar, policy) = (&self.calendar, &self.policy);
        Period { ledger: &self.records.ledger, calendar, policy, from, now: &self.now }.report()
    }

    /// The first of the last so many days.
    pub(super) fn days_back(&self, days: i32) -> Date {
        self.now.date().saturating_sub(jiff::Span::new().days(days))
    }

    /// The client whom an address or a part of a name means.
    pub(super) fn client(&self, who: &str) -> Result<&Client, Stop> {
        if let Some(client) = Person::parse(who).and_then(|person| self.records.ledger.client_of(&person)) {
            return Ok(client);
        }
        let lower = who.to_lowercase();
        let found: Vec<&Client> = self
            .records
            .ledger
            .clients()
            .iter()
            .filter(|client| client.name().to_lowercase().contains(&lower))
            .collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(Stop::usage(format!("no client is called \"{who}\"; `amicable clients` lists them"))),
            several => {
                let listed: Vec<String> =
                    several.iter().map(|client| format!("{} ({})", client.name(), client.person())).collect();
                Err(Stop::usage(format!("\"{who}\" may be any of {}; write the address", listed.join(", "))))
            }
        }
    }

    /// A moment as it stands in JSON, on the owner's clock.
    pub(super) fn said(&self, at: Timestamp) -> String {
        at.to_zoned(self.calendar.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// A day in a list.
    pub(super) fn day(&self, at: Timestamp) -> String {
        at.to_zoned(self.calendar.zone.clone()).strftime("%-d %b %Y").to_string()
    }
}
