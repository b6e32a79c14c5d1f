//! The measures that a policy is written in: working time, money, and shares of a price; how people write them, and how
//! they are said.

use std::fmt;
use std::sync::LazyLock;

use jiff::SignedDuration;
use regex::Regex;

/// A length of working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkingTime {
    /// Working days. One working day from Friday 16:30 is Monday 16:30.
    Days(u16),
    /// Time in which the owner works. Two hours from Friday 16:30 are Monday 10:30, where work is from nine to five.
    Time(SignedDuration),
}

/// The longest length that is taken: beyond two years nobody promises.
const MOST_DAYS: u16 = 500;

impl WorkingTime {
    /// `2 working days`, `1 day`, `3 weeks` (five working days each), `4 hours`, `90 minutes`.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.trim().to_lowercase();
        let (number, unit) = lower.split_at(lower.find(|c: char| !c.is_ascii_digit())?);
        let number: u16 = number.parse().ok()?;
        let unit = unit.trim().trim_start_matches("working").trim();
        match unit {
            "day" | "days" | "d" => (number <= MOST_DAYS).then_some(Self::Days(number)),
            "week" | "weeks" | "w" => number.checked_mul(5).filter(|days| *days <= MOST_DAYS).map(Self::Days),
            "hour" | "hours" | "h" => Some(Self::Time(SignedDuration::from_hours(number.into()))),
            "minute" | "minutes" | "min" | "m" => Some(Self::Time(SignedDuration::from_mins(number.into()))),
            _ => None,
        }
    }
}

impl fmt::Display for WorkingTime {
    /// "2 working days", "4 working hours".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self {
            Self::Days(days) => (i64::from(*days), "working day"),
            Self::Time(time) if time.as_mins() % 60 == 0 => (time.as_hours(), "working hour"),
            Self::Time(time) => (time.as_mins(), "working minute"),
        };
        write!(f, "{number} {unit}{}", if number == 1 { "" } else { "s" })
    }
}

/// An amount of money. Currencies are never converted into each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Money {
    /// How much.
    pub amount: f64,
    /// `EUR`, `GBP`, `USD` and so on; empty where it was not said.
    pub currency: String,
}

/// How people write amounts: the sign before or behind.
static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?P<before> [€£$] | \b(?:EUR|GBP|USD|CHF|AUD|CAD|NZD|SEK|NOK|DKK|PLN)\b )? \s?
        (?P<amount> \d{1,3}(?:[ ,']\d{3})+(?:\.\d{1,2})? | \d+(?:[.,]\d{1,2})? )
        (?: \s? (?P<behind> [€£$] | \b(?:EUR|GBP|USD|CHF|AUD|CAD|NZD|SEK|NOK|DKK|PLN|euros?|pounds?|quid|dollars?)\b ) )?",
    )
    .expect("a fixed pattern, compiled by every test")
});

impl Money {
    /// `80 EUR`, `€80`, `£1,250.50`, `80 euros`; a bare number has no currency.
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::find_all(text, true).into_iter().next()?;
        (found.0 == (0..text.trim().len())).then_some(found.1)
    }

    /// Every amount in a text with its byte range; bare numbers only where wanted.
    pub fn find_all(text: &str, bare: bool) -> Vec<(std::ops::Range<usize>, Self)> {
        let text = text.trim_end();
        MONEY
            .captures_iter(text)
            .filter_map(|found| {
                let sign = found.name("before").or(found.name("behind")).map(|sign| sign.as_str());
                if sign.is_none() && !bare {
                    return None;
                }
                let amount = found.name("amount")?.as_str();
                let amount = match amount.rsplit_once(',') {
                    // "12,50" has a decimal comma, "1,250" has not.
                    Some((whole, cents)) if cents.len() < 3 => {
                        format!("{}.{cents}", whole.replace([',', ' ', '\''], ""))
                    }
                    _ => amount.replace([',', ' ', '\''], ""),
                };
                let whole = found.get(0)?;
                let start = whole.start() + whole.as_str().len() - whole.as_str().trim_start().len();
                Some((
                    start..whole.end(),
                    Self { amount: amount.parse().ok()?, currency: currency(sign.unwrap_or_default()) },
                ))
            })
            .collect()
    }

    /// Whether it is more than another amount; nothing where the currencies differ.
    pub fn exceeds(&self, other: &Self) -> Option<bool> {
        let alike = self.currency.is_empty() || other.currency.is_empty() || self.currency == other.currency;
        alike.then_some(self.amount > other.amount + 0.005)
    }
}

fn currency(sign: &str) -> String {
    let word = sign.to_lowercase();
    match word.as_str() {
        "€" | "euro" | "euros" => "EUR".to_owned(),
        "£" | "pound" | "pounds" | "quid" => "GBP".to_owned(),
        "$" | "dollar" | "dollars" => "USD".to_owned(),
        _ => word.to_uppercase(),
    }
}

impl fmt::Display for Money {
    /// "80 EUR", "12.50 GBP".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.amount.fract().abs() < 0.005 {
            write!(f, "{:.0}", self.amount)?;
        } else {
            write!(f, "{:.2}", self.amount)?;
        }
        if self.currency.is_empty() { Ok(()) } else { write!(f, " {}", self.currency) }
    }
}

/// A part of a price, or an amount.
#[derive(Debug, Clone, PartialEq)]
pub enum Share {
    /// Of a hundred.
    Percent(f64),
    /// An amount, whatever the price.
    Amount(Money),
}

impl Share {
    /// `50 %`, `50 percent` or an amount with its currency such as `80 EUR`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = text
            .strip_suffix('%')
            .or_else(|| text.strip_suffix("percent"))
            .or_else(|| text.strip_suffix("per cent"));
        match number {
            Some(number) => {
                let percent: f64 = number.trim().replace(',', ".").parse().ok()?;
                (0.0..=1000.0).contains(&percent).then_some(Self::Percent(percent))
            }
            None => Money::parse(text).filter(|money| !money.currency.is_empty()).map(Self::Amount),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent} %"),
            Self::Amount(money) => money.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_time_is_read_and_said() {
        let rows = [
            ("2 working days", Some("2 working days")),
            ("1 day", Some("1 working day")),
            ("3 weeks", Some("15 working days")),
            ("4 hours", Some("4 working hours")),
            ("90 minutes", Some("90 working minutes")),
            ("soon", None),
            ("", None),
            ("5", None),
            ("-1 day", None),
            ("900 weeks", None),
        ];
        for (text, said) in rows {
            assert_eq!(WorkingTime::parse(text).map(|time| time.to_string()).as_deref(), said, "{text}");
        }
    }

    #[test]
    fn money_and_shares_are_read_and_said() {
        let rows = [
            ("80 EUR", Some("80 EUR")),
            ("€80", Some("80 EUR")),
            ("£1,250.50", Some("1250.50 GBP")),
            ("12,50 €", Some("12.50 EUR")),
            ("40 euros", Some("40 EUR")),
            ("50 %", Some("50 %")),
            ("2.5%", Some("2.5 %")),
            ("10 percent", Some("10 %")),
            ("80", None),
            ("half", None),
            ("80 EUR or so", None),
        ];
        for (text, said) in rows {
            assert_eq!(Share::parse(text).map(|share| share.to_string()).as_deref(), said, "{text}");
        }
        let amounts = Money::find_all("I pay 40 EUR of the £12.50, on the 3rd, 20 %", false);
        assert_eq!(
            amounts.iter().map(|(_, money)| money.to_string()).collect::<Vec<_>>(),
            ["40 EUR", "12.50 GBP"]
        );
    }
}
