//! What the commands about clients read: the store, the calendar and the policy, at one moment.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::classify::settings;
use super::exit::Stop;
use crate::boundary::{Calendar, Policy};
use crate::config::Config;
use crate::ledger::follow_up::{Waiting, waiting};
use crate::ledger::notice::{self, Ground, Plan};
use crate::ledger::{Client, FollowUp, Ledger, Load, Past, Person};
use crate::mail::Address;
use crate::store::{self, Store};
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
    pub(super) ledger: Ledger,
    pub(super) messages: Vec<Past>,
    pub(super) follow_ups: Vec<FollowUp>,
    pub(super) load: Load,
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
            ledger: Ledger::default(),
            messages: Vec::new(),
            follow_ups: Vec::new(),
            load: Load::default(),
        };
        book.read()?;
        Ok(book)
    }

    /// Reads the store again.
    pub(super) fn read(&mut self) -> Result<()> {
        let (rows, outbox) = (self.store.rows()?, self.store.outbox()?);
        let commitments = self.store.commitments()?;
        let facts = store::facts(&rows, &outbox, &commitments, &self.store.entries()?);
        self.load = Load::of(&commitments, &self.calendar.zone);
        self.messages.clone_from(&facts.messages);
        self.follow_ups = self.store.follow_ups(&outbox)?;
        self.ledger = Ledger::of(facts);
        Ok(())
    }

    /// What waits for an answer.
    pub(super) fn waiting(&self) -> Vec<Waiting> {
        let patience = self.policy.reminder_after;
        let of =
            |follow_up| waiting(follow_up, &self.ledger, &self.messages, &self.calendar, patience, &self.now);
        self.follow_ups.iter().map(of).collect()
    }

    /// Whom to tell of absences and delays.
    pub(super) fn plan(&self) -> Plan {
        notice::plan(&Ground {
            ledger: &self.ledger,
            messages: &self.messages,
            calendar: &self.calendar,
            load: &self.load,
            promises_a_day: self.policy.promises_a_day,
            own: &self.own,
            now: &self.now,
        })
    }

    /// The client whom an address or a part of a name means.
    pub(super) fn client(&self, who: &str) -> Result<&Client, Stop> {
        if let Some(client) = Person::parse(who).and_then(|person| self.ledger.client_of(&person)) {
            return Ok(client);
        }
        let lower = who.to_lowercase();
        let found: Vec<&Client> = self
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
