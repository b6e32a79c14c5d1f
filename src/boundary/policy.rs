//! What the owner has decided on a calm day, in their own terms: what is answered by when, how long work takes, on which
//! terms it goes faster, what money goes back, who else can help. It says itself in plain sentences, and never decides
//! about a message.

use std::collections::BTreeMap;
use std::fmt;

use super::measure::{Share, WorkingTime};

/// The owner's policy. What is not said is not known, and nothing is held against it.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// By when a message is answered.
    pub response: WorkingTime,
    /// The same by what is asked: `emergency`, `complaint`, `unusual`, `refund`.
    pub response_for: BTreeMap<String, WorkingTime>,
    /// How long work usually takes.
    pub lead_time: Option<WorkingTime>,
    /// The same by kind of work.
    pub lead_times: BTreeMap<String, WorkingTime>,
    /// Whether work is done in less than its usual time.
    pub rush: Rush,
    /// Until when an order counts for a day, by kind of order, in the owner's words.
    pub cut_offs: BTreeMap<String, String>,
    /// Rounds of changes that the price includes.
    pub revisions: Option<u16>,
    /// Money back.
    pub refunds: Refunds,
    /// Money in advance.
    pub deposit: Option<Deposit>,
    /// The largest reduction, and what it is given for.
    pub discount: Option<Discount>,
    /// When invoices are due.
    pub payment: Payment,
    /// What is answered where and when, by channel, in the owner's words.
    pub channels: BTreeMap<String, String>,
    /// Who else can help, by kind of work.
    pub partners: BTreeMap<String, String>,
    /// So many promises make a day full.
    pub promises_a_day: u16,
    /// After so long a question that has no answer may be asked again.
    pub reminder_after: WorkingTime,
    /// What the owner keeps to, in their own words; for their own eyes.
    pub principles: Vec<String>,
    /// How clients are called, and how a letter ends.
    pub tone: Tone,
}

/// Work in less than its usual time.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Rush {
    /// The owner has not said.
    #[default]
    Unsaid,
    /// Not done.
    Never,
    /// Done on these terms.
    OnTerms {
        /// The least time that it takes.
        notice: WorkingTime,
        /// What it costs on top.
        surcharge: Option<Share>,
        /// How many such works a week.
        slots_a_week: Option<u16>,
    },
}

/// Money back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Refunds {
    /// So many days after delivery; none where the owner has not said. 0: never.
    pub within_days: Option<u16>,
    /// At most.
    pub most: Option<Share>,
    /// What is offered before.
    pub first: Option<Remedy>,
    /// Who pays for sending things back.
    pub return_postage: Option<Payer>,
}

/// What is offered before money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// A new one.
    Replacement,
    /// The same, mended.
    Repair,
}

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// The owner.
    Owner,
    /// The client.
    Client,
}

/// Money in advance.
#[derive(Debug, Clone, PartialEq)]
pub struct Deposit {
    /// How much.
    pub share: Share,
    /// Kept when cancelled less than so many days ahead.
    pub kept_within_days: Option<u16>,
}

/// A reduction.
#[derive(Debug, Clone, PartialEq)]
pub struct Discount {
    /// At most.
    pub most: Share,
    /// What for, in the owner's words.
    pub given_for: Option<String>,
}

/// Invoices.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    /// Due after so many days.
    pub within_days: Option<u16>,
    /// What a late one costs on top.
    pub late_fee: Option<Share>,
}

/// How letters sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tone {
    /// Clients are called by their first name; by their whole name otherwise.
    pub first_names: bool,
    /// The line above the owner's name.
    pub sign_off: String,
}

impl Default for Tone {
    fn default() -> Self {
        Self { first_names: true, sign_off: "Kind regards,".to_owned() }
    }
}

impl Default for Policy {
    /// An answer within one working day, three promises a day, and else nothing decided.
    fn default() -> Self {
        Self {
            response: WorkingTime::Days(1),
            response_for: BTreeMap::new(),
            lead_time: None,
            lead_times: BTreeMap::new(),
            rush: Rush::Unsaid,
            cut_offs: BTreeMap::new(),
            revisions: None,
            refunds: Refunds::default(),
            deposit: None,
            discount: None,
            payment: Payment { within_days: None, late_fee: None },
            channels: BTreeMap::new(),
            partners: BTreeMap::new(),
            promises_a_day: 3,
            reminder_after: WorkingTime::Days(3),
            principles: Vec::new(),
            tone: Tone::default(),
        }
    }
}

impl Policy {
    /// By when a message that asks this (`emergency` and so on) is answered.
    pub fn response_to(&self, concern: Option<&str>) -> WorkingTime {
        concern.and_then(|concern| self.response_for.get(concern)).copied().unwrap_or(self.response)
    }

    /// The usual time for work of the kind that a text speaks of, and that kind; the general one where none is named.
    pub fn lead_time_for(&self, text: &str) -> Option<(Option<&str>, WorkingTime)> {
        let named = spoken_of(&self.lead_times, text).map(|(kind, time)| (Some(kind), *time));
        named.or(self.lead_time.map(|time| (None, time)))
    }

    /// A partner for the kind of work that a text speaks of.
    pub fn partner_for(&self, text: &str) -> Option<(&str, &str)> {
        spoken_of(&self.partners, text).map(|(kind, who)| (kind, who.as_str()))
    }

    /// What the owner has decided about work in less than its usual time, in one line.
    pub fn rush_line(&self) -> String {
        match &self.rush {
            Rush::Unsaid => "you have not said whether you do rush work".to_owned(),
            Rush::Never => "no rush work".to_owned(),
            Rush::OnTerms { notice, surcharge, slots_a_week } => {
                let mut line = format!("rush work with {notice} of notice");
                if let Some(surcharge) = surcharge {
                    line = format!("{line} and {surcharge} on top");
                }
                if let Some(slots) = slots_a_week {
                    line = format!("{line}, {slots} a week at most");
                }
                line
            }
        }
    }

    /// What the owner has decided about money back, in one line.
    pub fn refund_line(&self) -> Option<String> {
        let refunds = &self.refunds;
        let mut parts = Vec::new();
        match refunds.within_days {
            Some(0) => parts.push("no refunds".to_owned()),
            Some(days) => parts.push(format!("refunds within {days} days")),
            None => {}
        }
        if let Some(most) = &refunds.most {
            parts.push(format!("up to {most}"));
        }
        match refunds.first {
            Some(Remedy::Replacement) => parts.push("a replacement comes first".to_owned()),
            Some(Remedy::Repair) => parts.push("a repair comes first".to_owned()),
            None => {}
        }
        match refunds.return_postage {
            Some(Payer::Owner) => parts.push("you pay for sending things back".to_owned()),
            Some(Payer::Client) => parts.push("the client pays for sending things back".to_owned()),
            None => {}
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// What the owner has decided about deposits, in one line.
    pub fn deposit_line(&self) -> Option<String> {
        let deposit = self.deposit.as_ref()?;
        Some(match deposit.kept_within_days {
            Some(days) => {
                format!("a deposit of {}, kept when cancelled less than {days} days ahead", deposit.share)
            }
            None => format!("a deposit of {}", deposit.share),
        })
    }

    /// What the owner has decided about reductions, in one line.
    pub fn discount_line(&self) -> Option<String> {
        let discount = self.discount.as_ref()?;
        Some(match &discount.given_for {
            Some(what) => format!("at most {} off, for {what}", discount.most),
            None => format!("at most {} off", discount.most),
        })
    }

    /// What the owner has decided about invoices, in one line.
    pub fn payment_line(&self) -> Option<String> {
        let days = self.payment.within_days.map(|days| format!("invoices are due after {days} days"));
        let fee = self.payment.late_fee.as_ref().map(|fee| format!("a late one costs {fee} on top"));
        let parts: Vec<String> = days.into_iter().chain(fee).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// The entry whose name a text speaks of: all its words stand there, in any form ("wedding album" for "albums of the
/// wedding"); the one with the most words first.
fn spoken_of<'a, T>(entries: &'a BTreeMap<String, T>, text: &str) -> Option<(&'a str, &'a T)> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let stands = |name: &str| {
        let name = name.to_lowercase();
        let mut parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).peekable();
        parts.peek().is_some() && parts.all(|part| words.iter().any(|word| same_word(part, word)))
    };
    entries
        .iter()
        .filter(|(name, _)| stands(name))
        .max_by_key(|(name, _)| name.split_whitespace().count())
        .map(|(name, value)| (name.as_str(), value))
}

/// The same word, but for an ending.
fn same_word(one: &str, other: &str) -> bool {
    let stem = |word: &str| word.trim_end_matches('s').trim_end_matches('e').to_owned();
    stem(one) == stem(other)
}

impl fmt::Display for Policy {
    /// In plain sentences, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "You answer within {}.", self.response)?;
        for (concern, time) in &self.response_for {
            let what = match concern.as_str() {
                "unusual" => "an unusual request",
                "refund" => "a refund demand",
                "complaint" => "a complaint",
                _ => "an emergency",
            };
            writeln!(f, "You answer {what} within {time}.")?;
        }
        match self.lead_time {
            Some(time) => writeln!(f, "Your work usually takes {time}.")?,
            None => writeln!(f, "You have not said how long your work usually takes (lead_time).")?,
        }
        for (kind, time) in &self.lead_times {
            writeln!(f, "Work on \"{kind}\" takes {time}.")?;
        }
        match &self.rush {
            Rush::Unsaid => writeln!(f, "You have not said whether you do rush work (rush).")?,
            Rush::Never => writeln!(f, "You never do rush work.")?,
            Rush::OnTerms { .. } => writeln!(f, "You do {}.", self.rush_line())?,
        }
        for (what, when) in &self.cut_offs {
            writeln!(f, "Cut-off for \"{what}\": {when}.")?;
        }
        if let Some(rounds) = self.revisions {
            writeln!(f, "Your price includes {rounds} rounds of changes.")?;
        }
        let lines = [
            ("Refunds", "refund", self.refund_line()),
            ("Deposits", "deposit", self.deposit_line()),
            ("Discounts", "discount", self.discount_line()),
            ("Payment", "payment", self.payment_line()),
        ];
        for (name, key, line) in lines {
            match line {
                Some(line) => writeln!(f, "{name}: {line}.")?,
                None => writeln!(f, "{name}: you have not said ({key}).")?,
            }
        }
        for (channel, what) in &self.channels {
            writeln!(f, "By {channel}: {what}.")?;
        }
        for (kind, who) in &self.partners {
            writeln!(f, "For \"{kind}\" you pass people on to {who}.")?;
        }
        writeln!(f, "A day with {} promises is full.", self.promises_a_day)?;
        writeln!(f, "A question without an answer is asked again after {}.", self.reminder_after)?;
        for principle in &self.principles {
            writeln!(f, "You keep to this: {principle}")?;
        }
        let named = if self.tone.first_names { "by their first name" } else { "by their whole name" };
        writeln!(f, "You call clients {named}, and end with \"{}\".", self.tone.sign_off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_work_that_a_text_speaks_of_is_found() {
        let policy = Policy {
            lead_time: Some(WorkingTime::Days(5)),
            lead_times: BTreeMap::from([
                ("album".to_owned(), WorkingTime::Days(10)),
                ("wedding album".to_owned(), WorkingTime::Days(20)),
                ("cakes".to_owned(), WorkingTime::Days(3)),
            ]),
            partners: BTreeMap::from([("video".to_owned(), "Robin".to_owned())]),
            ..Policy::default()
        };
        let rows = [
            ("When is our wedding album done?", Some("wedding album"), 20),
            ("Two albums please", Some("album"), 10),
            ("A cake for Friday", Some("cakes"), 3),
            ("The pancakes", None, 5),
        ];
        for (text, kind, days) in rows {
            assert_eq!(policy.lead_time_for(text), Some((kind, WorkingTime::Days(days))), "{text}");
        }
        assert_eq!(policy.partner_for("Do you do videos too?"), Some(("video", "Robin")));
        assert_eq!(policy.partner_for("Do you do portraits?"), None);
    }

    #[test]
    fn what_is_not_decided_is_said_to_be_open() {
        let text = Policy::default().to_string();
        assert!(text.contains("You have not said whether you do rush work"), "{text}");
        assert!(text.contains("You answer within 1 working day."), "{text}");
    }
}
