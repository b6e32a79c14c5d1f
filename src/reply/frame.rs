//! Finding the owner's own words in a draft again: above the signature and the quoted original.

use super::{Template, Values};

impl Template {
    /// The text as far as it is known, with what is still to be asked in `‹ ›`. For looking at, never for
    /// sending.
    pub fn preview(&self, values: &Values) -> String {
        let mut shown = values.clone();
        for ask in self.missing(values) {
            shown.set(&ask.name, format!("\u{2039}{}\u{203a}", ask.name.replace('_', " ")));
        }
        self.render(&shown).unwrap_or_else(|fault| fault.to_string())
    }
}

/// Where the owner's own words end in the text of a draft, in bytes.
pub fn own_text_end(body: &str) -> usize {
    // RFC 3676, 4.3: the line between text and signature.
    if let Some(signature) = body.find("\n-- \n") {
        return signature;
    }
    let mut start = 0;
    let mut before = 0;
    for line in body.split_inclusive('\n') {
        if line.starts_with('>') {
            // The line before says who wrote what is quoted.
            return before;
        }
        if !line.trim().is_empty() {
            before = start;
        }
        start += line.len();
    }
    body.len()
}

/// The first line of a reply: with the client's first name where it is known.
pub fn greeting(values: &Values) -> String {
    match values.get("client_first_name") {
        Some(name) => format!("Hello {name},"),
        None => "Hello,".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_own_words_end_above_signature_and_quote() {
        let rows = [
            ("Hello Ann,\n\nYes.\n", "Hello Ann,\n\nYes.\n"),
            ("Yes.\n\n-- \nRobin\n\nOn Monday Ann wrote:\n> Can you?\n", "Yes.\n"),
            ("Yes.\n\nOn Monday Ann wrote:\n> Can you?\n", "Yes.\n\n"),
            ("On Monday Ann wrote:\n> Can you?\n", ""),
        ];
        for (body, own) in rows {
            assert_eq!(&body[..own_text_end(body)], own, "{body:?}");
        }
    }
}
