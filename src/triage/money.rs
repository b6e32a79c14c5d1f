//! Amounts of money in what the sender newly wrote. Says nothing of what they mean.

use std::sync::LazyLock;

use regex::Regex;

use super::reading::Reading;

/// So many amounts of one message are kept.
const MOST: usize = 12;

static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        (?: [£$€₹¥₦] | (?-u:\b)(?:US\$|C\$|A\$|NZ\$|S\$|GBP|EUR|USD|CAD|AUD|NZD|CHF|INR|SGD|NGN|KES|ZAR|Rs\.?|R|KSh|PLN)\s? )
        \s?\d{1,3}(?:[,.\x20]?\d{3})*(?:[.,]\d{1,2})?\s?k?(?-u:\b)
        | (?-u:\b)\d{1,3}(?:[,.]?\d{3})*(?:[.,]\d{2})?\s?
        (?: [£$€₹] | (?:pounds?|quid|euros?|dollars?|bucks|rupees?|naira|shillings?|rand|francs?|zloty|kroner|pence|cents|GBP|EUR|USD|CHF|INR|SGD|PLN)(?-u:\b) )",
    )
    .expect("a fixed pattern that every test compiles")
});

/// The amounts as they are written, each once, in order.
pub(super) fn amounts(reading: &Reading) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for amount in reading.stretches.iter().flat_map(|stretch| AMOUNT.find_iter(stretch.text)) {
        let amount = amount.as_str().trim().to_owned();
        if !found.contains(&amount) {
            found.push(amount);
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Message;

    #[test]
    fn amounts_are_found_as_people_write_them() {
        let rows = [
            ("I paid £55 and then another 1,200.50 euros.", "£55|1,200.50 euros"),
            ("two £55 back, $4.99 and €1.200,00", "£55|$4.99|€1.200,00"),
            ("forty quid, or 40 quid", "40 quid"),
            ("Rs. 4500 or Rs 45,000 or R350", "Rs. 4500|Rs 45,000|R350"),
            ("room 12 at 5 on 3/12, for 40 people", ""),
        ];
        for (text, expected) in rows {
            let mut message = Message::default();
            text.clone_into(&mut message.body.text);
            assert_eq!(amounts(&Reading::of(&message)).join("|"), expected, "{text}");
        }
    }
}
