//! The year before the demo inbox (`assets/demo/year.toml`): its mails, replies, promises and notes are put into the store
//! as if they had been lived through, each at its own time. The real parser, composer and store see to it; only the fast
//! reader reads these mails, and where it errs the label of the file stands as the owner's own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde::Deserialize;

use crate::boundary::calendar::Absence;
use crate::config::{Account, Config};
use crate::deliver;
use crate::ledger::{CommitmentState, Deed, Errand, Mark, Party, Person, Promise, Signs};
use crate::mail::{Message, MessageId, RawMessage};
use crate::parse;
use crate::reply::Draft;
use crate::store::{Arrival, Correction, Given, OutboxState, Pledges, SavedDraft, Store, TakenIn};
use crate::triage::{Acquaintance, Choice, Concern, Depth, Engine, Sender, Settings};

const YEAR: &str = include_str!("../../../assets/demo/year.toml");

/// Mails of the last days stay in the queue; older ones are long put away.
const RECENT: i32 = -14;

/// Until this day the owner answered on weekends, too; what would fall on one later was answered on the next day of work.
const LEARNED: i32 = -214;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    absence: Vec<Away>,
    join: Vec<Join>,
    shared: Vec<Shared>,
    mark: Vec<Noted>,
    mail: Vec<Mail>,
    promise: Vec<Promised>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Away {
    from: i32,
    until: i32,
    stand_in: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    day: i32,
    one: String,
    other: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    day: i32,
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    day: i32,
    client: String,
    what: String,
    #[serde(default)]
    text: String,
    last_day: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    from: String,
    name: String,
    day: i32,
    at: String,
    subject: String,
    text: String,
    concerns: Vec<Concern>,
    origin: Option<String>,
    answers: Option<String>,
    reply: Option<Reply>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    key: Option<String>,
    day: i32,
    at: String,
    text: String,
    template: Option<String>,
    #[serde(default)]
    asks: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promised {
    client: String,
    reply: String,
    who: Party,
    what: String,
    due: i32,
    done: Option<i32>,
    released: Option<i32>,
    #[serde(default)]
    moved: u32,
}

/// Days are counted from `now`.
struct Clock<'a> {
    now: &'a Zoned,
}

impl Clock<'_> {
    fn date(&self, day: i32) -> Date {
        self.now.date().saturating_add(day.days())
    }

    fn moment(&self, day: i32, at: &str) -> Result<Zoned> {
        let time = Time::strptime("%H:%M", at).with_context(|| format!("\"{at}\" is no time of day"))?;
        Ok(self.date(day).to_datetime(time).to_zoned(self.now.time_zone().clone())?)
    }

    fn day(&self, day: i32) -> Result<Timestamp> {
        Ok(self.moment(day, "17:00")?.timestamp())
    }
}

/// Adds the year's absences to the calendar.
pub fn absences(config: &mut Config, now: &Zoned) -> Result<()> {
    let clock = Clock { now };
    for away in read()?.absence {
        config.calendar.absences.push(Absence {
            from: clock.date(away.from),
            until: clock.date(away.until),
            stand_in: away.stand_in,
        });
    }
    Ok(())
}

/// Puts the year into the store.
pub fn live(store: &mut Store, config: &Config, now: &Zoned) -> Result<()> {
    let year = read()?;
    let account = config.accounts.first().context("the demo's configuration has no account")?;
    let engine = Engine::new(Settings { choice: Choice::Fast, ..config.triage() });
    let mut lived = Lived { store, account, config, engine, clock: Clock { now }, replies: BTreeMap::new() };
    lived.say(&year)?;
    for (number, mail) in (1..).zip(&year.mail) {
        lived.mail(number, mail, &year).with_context(|| format!("year.toml: mail \"{}\"", mail.subject))?;
    }
    Ok(())
}

fn read() -> Result<Year> {
    toml::from_str(YEAR).context("assets/demo/year.toml")
}

struct Lived<'a> {
    store: &'a mut Store,
    account: &'a Account,
    config: &'a Config,
    engine: Engine,
    clock: Clock<'a>,
    /// The identifiers of replies by their keys.
    replies: BTreeMap<String, MessageId>,
}

impl Lived<'_> {
    /// What the owner said of clients, in the order of the days.
    fn say(&self, year: &Year) -> Result<()> {
        let person = |text: &str| Person::parse(text).with_context(|| format!("\"{text}\" is no address"));
        let mut deeds: Vec<(i32, Deed)> = Vec::new();
        for join in &year.join {
            deeds.push((join.day, Deed::Join { one: person(&join.one)?, other: person(&join.other)? }));
        }
        for shared in &year.shared {
            deeds.push((shared.day, Deed::Share { address: shared.address.clone(), shared: true }));
        }
        for noted in &year.mark {
            let text = noted.text.clone();
            let mark = match (noted.what.as_str(), noted.last_day) {
                ("late-payment", _) => Mark::LatePayment { text },
                ("redo", _) => Mark::Redo { text },
                ("note", _) => Mark::Note { text },
                ("unpaid", _) => Mark::Unpaid { text },
                ("refund-due", _) => Mark::RefundDue { text },
                ("parting", Some(day)) => Mark::Parting { last_day: self.clock.date(day) },
                (what, _) => anyhow::bail!("year.toml: \"{what}\" is no mark"),
            };
            deeds.push((noted.day, Deed::Mark { person: person(&noted.client)?, mark }));
        }
        deeds.sort_by_key(|(day, _)| *day);
        for (day, deed) in deeds {
            self.store.add_entry(&deed, self.clock.day(day)?)?;
        }
        Ok(())
    }

    fn mail(&mut self, number: u32, mail: &Mail, year: &Year) -> Result<()> {
        let at = self.clock.moment(mail.day, &mail.at)?;
        let raw = self.raw(number, mail, &at)?;
        let message = parse::parse(&raw.bytes);
        let judged = self.engine.judge(&message, Acquaintance::default(), Depth::Brief);
        let concerns = judged.verdict.concerns.clone();
        let own = self.account.own();
        let taken = self.store.take_in(
            &[Arrival {
                account: &self.account.name,
                folder: "INBOX",
                // A folder of its own, so to say: the demo inbox has the UIDs from 1.
                uid_validity: 2,
                raw: &raw,
                message: &message,
                judged: &judged,
                reader: self.engine.fingerprint(),
                signs: &Signs::of(&message, &raw.bytes, &own),
            }],
            at.timestamp(),
        )?;
        let Some(TakenIn::New(id) | TakenIn::Known(id)) = taken.first().copied() else { return Ok(()) };
        if mail.origin.is_none() && (judged.verdict.sender != Sender::Client || concerns != mail.concerns) {
            let correction = Correction { sender: Sender::Client, concerns: mail.concerns.clone() };
            self.store.correct(id, Some(&correction), at.timestamp())?;
        }
        if let Some(reply) = &mail.reply {
            self.reply(id, number, reply, &message, year)?;
        }
        if mail.day < RECENT {
            self.store.set_done(id, true)?;
        }
        Ok(())
    }

    fn raw(&self, number: u32, mail: &Mail, at: &Zoned) -> Result<RawMessage> {
        let date = jiff::fmt::rfc2822::to_string(at)?;
        let mut head = format!(
            "From: {} <{}>\r\nTo: {}\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <year-{number}@{}>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
            mail.name,
            mail.from,
            self.account.owner,
            mail.subject,
            mail.from.rsplit('@').next().unwrap_or_default(),
        );
        if let Some(key) = &mail.answers {
            let id =
                self.replies.get(key).with_context(|| format!("there is no reply \"{key}\" before it"))?;
            write!(head, "In-Reply-To: {id}\r\nReferences: {id}\r\n")?;
        }
        if mail.origin.as_deref() == Some("auto-reply") {
            head.push_str("Auto-Submitted: auto-replied\r\n");
        }
        Ok(RawMessage {
            place: format!("year/{number}"),
            uid: Some(number),
            received: Some(at.timestamp()),
            flags: vec!["\\Seen".to_owned()],
            bytes: format!("{head}\r\n{}\r\n", mail.text.trim()).into_bytes(),
        })
    }

    fn reply(&mut self, id: i64, number: u32, reply: &Reply, original: &Message, year: &Year) -> Result<()> {
        let at = self.clock.moment(self.day_of(reply, year), &reply.at)?;
        let now = at.timestamp();
        let own = self.account.own();
        let draft = Draft::reply(original, &own, false, &reply.text, &self.account.signature, at.time_zone());
        let message_id = MessageId::new(&format!("year-reply-{number}@halestudio.example.com"))
            .context("no identifier")?;
        let outgoing = deliver::compose(&draft, &self.account.owner, message_id.clone(), &at)?;
        let saved = SavedDraft {
            account: self.account.name.clone(),
            template: reply.template.clone(),
            draft,
            promises: Vec::new(),
            errand: Errand::Reply,
        };
        let gave: Vec<&Promised> =
            year.promise.iter().filter(|promised| Some(&promised.reply) == reply.key.as_ref()).collect();
        let given = gave.iter().map(|promised| self.given(promised)).collect::<Result<_>>()?;
        let pledges = Pledges { given, awaits: reply.asks, ..Pledges::default() };
        let item = self.store.queue(&saved, Some(id), &outgoing, &pledges, now, now)?;
        self.store.set_outbox_state(item, OutboxState::Filed, "Sent", now, now)?;
        self.store.set_answered(item)?;
        self.settle(&gave)?;
        if let Some(key) = &reply.key {
            self.replies.insert(key.clone(), message_id);
        }
        Ok(())
    }

    /// The day of a reply: the next day of work, unless something that follows it would come too early.
    fn day_of(&self, reply: &Reply, year: &Year) -> i32 {
        let follows = |mail: &&Mail| mail.answers.is_some() && mail.answers == reply.key;
        let before = year.mail.iter().filter(follows).map(|mail| mail.day).min().unwrap_or(0);
        let works = |day: &i32| self.config.calendar.day(self.clock.date(*day)).is_ok();
        let day = (reply.day..before).find(works).filter(|day| day - reply.day <= 3 && reply.day > LEARNED);
        day.unwrap_or(reply.day)
    }

    fn given(&self, promised: &Promised) -> Result<Given> {
        let due = self.clock.date(promised.due);
        let promise = Promise {
            who: promised.who,
            what: promised.what.clone(),
            by: due.strftime("%A %-d %B").to_string(),
            condition: None,
        };
        Ok(Given { promise, due: Some(self.clock.day(promised.due)?) })
    }

    /// What became of promises that were given just now.
    fn settle(&self, gave: &[&Promised]) -> Result<()> {
        for promised in gave {
            let found = self
                .store
                .commitments()?
                .into_iter()
                .filter(|owed| owed.what == promised.what && owed.client.address == promised.client)
                .max_by_key(|owed| owed.id);
            let Some(owed) = found else {
                anyhow::bail!(
                    "year.toml: the promise \"{}\" is not that of a reply to its client",
                    promised.what
                )
            };
            for _ in 0..promised.moved {
                self.store.move_commitment(owed.id, &owed.by, owed.due)?;
            }
            match (promised.done, promised.released) {
                (Some(day), _) => {
                    self.store.set_commitment(owed.id, CommitmentState::Kept, self.clock.day(day)?)?;
                }
                (None, Some(day)) => {
                    self.store.set_commitment(owed.id, CommitmentState::Released, self.clock.day(day)?)?;
                }
                (None, None) => {}
            }
        }
        Ok(())
    }
}
