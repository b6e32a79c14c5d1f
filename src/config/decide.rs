//! The bridge from what was written ([`super::raw`]) to what is meant ([`Config`]): defaults, paths and words are
//! settled here, once. It runs on checked files alone, so what it refuses is a gap in [`super::check`].

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::schema::DAYS;
use super::{Account, Config, Environment, PasswordSource, Security, Server, holidays, raw, seconds};
use crate::boundary::policy::{Deposit, Discount, Payer, Payment, Refunds, Remedy, Rush, Tone};
use crate::boundary::{self, Absence, Calendar, Hours, Policy, Share, WorkingTime};
use crate::mail::Address;
use crate::triage::{Choice, Thresholds};

/// How long a confirmed reply can be called back unless the owner says otherwise.
const UNDO_WINDOW: u64 = 10;

/// How many messages a first fetch looks at unless the owner says otherwise.
const WINDOW: u32 = 200;

/// Which of the two protocols a server speaks: it decides the port.
#[derive(Clone, Copy)]
enum Protocol {
    Imap,
    Smtp,
}

impl Protocol {
    /// The registered ports: 993 and 465 (RFC 8314, 3.2 and 3.3), 143 (RFC 9051, 2.1), 587 (RFC 6409, 3.1) and,
    /// for a mail server on this machine, 25.
    fn port(self, security: Security) -> u16 {
        match (self, security) {
            (Protocol::Imap, Security::Tls) => 993,
            (Protocol::Imap, Security::Starttls | Security::None) => 143,
            (Protocol::Smtp, Security::Tls) => 465,
            (Protocol::Smtp, Security::Starttls) => 587,
            (Protocol::Smtp, Security::None) => 25,
        }
    }
}

/// What the file means. `names` are the accounts in the order of the file.
pub(super) fn config(
    mut written: raw::File,
    names: &[String],
    path: &Path,
    environment: &Environment,
) -> Result<Config, String> {
    let accounts = names
        .iter()
        .filter_map(|name| written.account.remove(name).map(|account| (name, account)))
        .map(|(name, raw)| account(name, raw, path, environment))
        .collect::<Result<Vec<_>, _>>()?;
    let calendar = calendar(&mut written, path, environment)?;
    let policy = policy(written.policy, tone(&written.reply))?;
    let reply = written.reply;
    Ok(Config {
        accounts,
        thresholds: thresholds(&written.triage.thresholds),
        engine: match written.triage.engine {
            raw::Engine::Auto => Choice::Auto,
            raw::Engine::Fast => Choice::Fast,
        },
        calendar,
        policy,
        templates: reply.templates.map(|folder| environment.path(&folder, path)).transpose()?,
        undo_window: undo_window(reply.undo_window)?,
        editor: editor(reply.editor, environment)?,
        window: written.fetch.window.unwrap_or(WINDOW),
    })
}

fn account(name: &str, raw: raw::Account, path: &Path, environment: &Environment) -> Result<Account, String> {
    let password = if let Some(command) = raw.password_command {
        PasswordSource::Command(words(command, environment)?)
    } else if let Some(variable) = raw.password_env {
        PasswordSource::Env(variable)
    } else if let Some(file) = raw.password_file {
        PasswordSource::File(environment.path(&file, path)?)
    } else if let Some(secret) = raw.password {
        PasswordSource::Plain(secret.0)
    } else {
        return Err(format!("[account.{name}] does not say where its password is"));
    };
    Ok(Account {
        name: name.to_owned(),
        imap: server(raw.imap, Protocol::Imap, &raw.email),
        smtp: server(raw.smtp, Protocol::Smtp, &raw.email),
        owner: Address::new(raw.name, raw.email),
        aliases: raw.aliases,
        password,
        ca_file: raw.ca_file.map(|file| environment.path(&file, path)).transpose()?,
        inbox: raw.inbox.unwrap_or_else(|| "INBOX".to_owned()),
        sent: raw.sent,
        signature: raw.signature,
    })
}

fn server(raw: raw::Server, protocol: Protocol, email: &str) -> Server {
    let security = match raw.security {
        raw::Security::Tls => Security::Tls,
        raw::Security::Starttls => Security::Starttls,
        raw::Security::None => Security::None,
    };
    Server {
        host: raw.host,
        port: raw.port.unwrap_or_else(|| protocol.port(security)),
        security,
        login: raw.login.unwrap_or_else(|| email.to_owned()),
    }
}

fn thresholds(raw: &raw::Thresholds) -> Thresholds {
    let usual = Thresholds::default();
    Thresholds {
        emergency: raw.emergency.unwrap_or(usual.emergency),
        refund: raw.refund.unwrap_or(usual.refund),
        complaint: raw.complaint.unwrap_or(usual.complaint),
        unusual: raw.unusual.unwrap_or(usual.unusual),
        client: raw.client.unwrap_or(usual.client),
    }
}

/// The owner's week, without their zone.
fn hours(raw: &BTreeMap<String, String>) -> Result<Hours, String> {
    let days = raw.iter().filter(|(name, _)| *name != "zone");
    let hours = days.clone().try_fold(Hours::none(), |hours, (name, text)| {
        let day = DAYS.iter().position(|day| day == name);
        let day = day.and_then(|day| Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok());
        let stretches = boundary::hours::day(text).ok_or_else(|| format!("`{name}` is no hours of a day"))?;
        day.map(|day| hours.with(day, stretches)).ok_or_else(|| format!("`{name}` is no day"))
    })?;
    // Without any hours the usual ones; with some, the days that are not named are closed.
    Ok(if days.count() == 0 { Hours::default() } else { hours })
}

fn calendar(written: &mut raw::File, path: &Path, environment: &Environment) -> Result<Calendar, String> {
    let zone = match written.hours.get("zone") {
        Some(name) => TimeZone::get(name).map_err(|_| format!("`{name}` is no time zone"))?,
        None => TimeZone::system(),
    };
    let mut calendar = Calendar::new(hours(&written.hours)?, zone);
    let raw = std::mem::take(&mut written.calendar);
    if let Some(file) = raw.holidays_file {
        calendar.holidays.extend(holidays::file(&environment.path(&file, path)?)?);
    }
    for line in &raw.holidays {
        calendar.holidays.extend(holidays::line(line));
    }
    for absence in raw.absences {
        let day = |text: &str| text.parse().map_err(|_| format!("`{text}` is no day"));
        let (from, until) = (day(&absence.from)?, day(&absence.until)?);
        calendar.absences.push(Absence { from, until, stand_in: absence.stand_in });
    }
    Ok(calendar)
}

fn policy(raw: raw::Policy, tone: Tone) -> Result<Policy, String> {
    let usual = Policy::default();
    let times = |raw: BTreeMap<String, String>| {
        raw.into_iter()
            .map(|(name, text)| Ok((name, time(&text)?)))
            .collect::<Result<BTreeMap<_, _>, String>>()
    };
    Ok(Policy {
        response: raw.response.as_deref().map(time).transpose()?.unwrap_or(usual.response),
        response_for: times(raw.response_for)?,
        lead_time: raw.lead_time.as_deref().map(time).transpose()?,
        lead_times: times(raw.lead_times)?,
        rush: raw.rush.map(rush).transpose()?.unwrap_or_default(),
        cut_offs: raw.cut_offs,
        revisions: raw.revisions,
        refunds: Refunds {
            within_days: raw.refund.within_days,
            most: raw.refund.most.as_deref().map(share).transpose()?,
            first: raw.refund.first.map(|word| match word.as_str() {
                "repair" => Remedy::Repair,
                _ => Remedy::Replacement,
            }),
            return_postage: raw.refund.return_postage.map(|word| match word.as_str() {
                "client" => Payer::Client,
                _ => Payer::Owner,
            }),
        },
        deposit: raw
            .deposit
            .map(|raw| {
                Ok::<_, String>(Deposit { share: share(&raw.share)?, kept_within_days: raw.kept_within_days })
            })
            .transpose()?,
        discount: raw
            .discount
            .map(|raw| Ok::<_, String>(Discount { most: share(&raw.most)?, given_for: raw.r#for }))
            .transpose()?,
        payment: Payment {
            within_days: raw.payment.within_days,
            late_fee: raw.payment.late_fee.as_deref().map(share).transpose()?,
        },
        channels: raw.channels,
        partners: raw.partners,
        promises_a_day: raw.promises_a_day.unwrap_or(usual.promises_a_day),
        reminder_after: raw.reminder_after.as_deref().map(time).transpose()?.unwrap_or(usual.reminder_after),
        principles: raw.principles,
        tone,
    })
}

fn rush(raw: raw::Rush) -> Result<Rush, String> {
    if raw.offer == "never" {
        return Ok(Rush::Never);
    }
    let notice = raw.notice.ok_or_else(|| "rush work has no `notice`".to_owned())?;
    Ok(Rush::OnTerms {
        notice: time(&notice)?,
        surcharge: raw.surcharge.as_deref().map(share).transpose()?,
        slots_a_week: raw.slots_a_week,
    })
}

fn tone(raw: &raw::Reply) -> Tone {
    let usual = Tone::default();
    Tone {
        first_names: raw.names.as_deref() != Some("whole"),
        sign_off: raw.sign_off.clone().unwrap_or(usual.sign_off),
    }
}

fn time(text: &str) -> Result<WorkingTime, String> {
    WorkingTime::parse(text).ok_or_else(|| format!("`{text}` is no working time"))
}

fn share(text: &str) -> Result<Share, String> {
    Share::parse(text).ok_or_else(|| format!("`{text}` is no part and no amount"))
}

fn undo_window(raw: Option<raw::Seconds>) -> Result<Duration, String> {
    let length = match raw {
        None => Some(UNDO_WINDOW),
        Some(raw::Seconds::Number(number)) => Some(number),
        Some(raw::Seconds::Text(text)) => seconds(&text).and_then(|n| u64::try_from(n).ok()),
    };
    length.map(Duration::from_secs).ok_or_else(|| "`undo_window` is no length of time".to_owned())
}

/// The built-in editor unless the owner names another. `$EDITOR` is what the environment says; where it says
/// nothing the built-in one is there.
fn editor(raw: Option<raw::Command>, environment: &Environment) -> Result<Option<Vec<String>>, String> {
    match raw {
        None => Ok(None),
        Some(raw::Command::Text(text)) if text == "built-in" => Ok(None),
        Some(raw::Command::Text(text)) if text == "$EDITOR" || text == "$VISUAL" => {
            Ok(environment.editor.as_deref().and_then(|line| environment.words(line)))
        }
        Some(command) => words(command, environment).map(Some),
    }
}

fn words(command: raw::Command, environment: &Environment) -> Result<Vec<String>, String> {
    match command {
        raw::Command::Text(text) => {
            environment.words(&text).ok_or_else(|| "a command line is not whole".to_owned())
        }
        raw::Command::Words(words) => Ok(words),
    }
}
