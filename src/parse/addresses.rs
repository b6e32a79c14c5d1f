//! Mailboxes of an address field (RFC 5322, 3.4). One bad mailbox never costs the others: each is read by
//! itself, by mailparse where it follows the rules, as far as it makes sense where it does not.

use std::ops::Range;

use mailparse::{MailAddr, addrparse};

use super::wash::{Removed, wash_line_noting};
use super::words::decode_words;
use crate::mail::Address;

/// Reads an address field, not yet decoded but for its 8-bit text. What washing removed goes to `removed`.
pub(super) fn read(field: &str, removed: &mut Removed) -> Vec<Address> {
    mailboxes(field).iter().filter_map(|mailbox| one(mailbox, removed)).collect()
}

fn one(mailbox: &str, removed: &mut Removed) -> Option<Address> {
    let (name, address) = by_the_rules(mailbox).unwrap_or_else(|| as_it_looks(mailbox));
    let mut wash = |text: &str| {
        let (text, was) = wash_line_noting(text);
        removed.join(was);
        text
    };
    let name = wash(&decode_words(&name).0);
    let address = wash(&decode_words(&address).0).replace(' ', "");
    let name = name.trim_matches(['"', '\'']).trim().to_owned();
    // Many programs repeat the address as its own name.
    let name = if name.eq_ignore_ascii_case(&address) { String::new() } else { name };
    (!name.is_empty() || !address.is_empty()).then_some(Address { name, address })
}

/// As mailparse reads it; nothing where it refuses, or takes a phrase for a part of the address.
fn by_the_rules(mailbox: &str) -> Option<(String, String)> {
    let list = addrparse(mailbox).ok()?.into_inner();
    match <[MailAddr; 1]>::try_from(list).ok()? {
        [MailAddr::Single(single)] => {
            let sound = !single
                .addr
                .contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ':' | '"'));
            sound.then(|| (single.display_name.unwrap_or_default(), single.addr))
        }
        [MailAddr::Group(_)] => None,
    }
}

/// The best guess: what stands in angle brackets, else the word with an `@`, is the address.
fn as_it_looks(mailbox: &str) -> (String, String) {
    if let Some((name, rest)) = mailbox.rsplit_once('<') {
        let address = rest.split('>').next().unwrap_or_default();
        return (unquoted(name), bare(address));
    }
    match mailbox.split_whitespace().find(|word| word.contains('@')) {
        Some(word) => (unquoted(&mailbox.replacen(word, "", 1)), bare(word)),
        None => (unquoted(mailbox), String::new()),
    }
}

fn unquoted(name: &str) -> String {
    name.trim_matches([' ', ',', '"']).replace("\\\"", "\"")
}

fn bare(address: &str) -> String {
    let address = address.trim().trim_matches(['<', '>', '(', ')', '"', '\'', ';', ',']);
    let scheme = address.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
    if scheme { address[7..].to_owned() } else { address.to_owned() }
}

/// Cuts a field at the commas (and semicolons, as Outlook's users write them) between mailboxes: those
/// outside quotes, brackets and comments. Names of groups are left out.
fn mailboxes(field: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut quoted, mut angle, mut comment) = (false, false, 0_usize);
    let mut start = 0;
    let mut skip = false;
    for (at, c) in field.char_indices() {
        if std::mem::take(&mut skip) {
            continue;
        }
        match c {
            '\\' => skip = true,
            '"' if comment == 0 => quoted = !quoted,
            _ if quoted => {}
            '<' => angle = true,
            '>' => angle = false,
            '(' => comment += 1,
            ')' => comment = comment.saturating_sub(1),
            ':' if !angle && comment == 0 && is_group_name(&field[start..at]) => start = at + 1,
            // Also within angle brackets: where a closing one is missing it must not cost the others.
            ',' | ';' if comment == 0 => {
                pieces.push(start..at);
                start = at + 1;
                angle = false;
            }
            _ => {}
        }
    }
    pieces.push(start..field.len());
    join_lost_surnames(field, &pieces)
}

/// `Müller, Jörg <joerg@example.com>` written without quotes: one mailbox, not two.
fn join_lost_surnames(field: &str, pieces: &[Range<usize>]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(pieces.len());
    let mut surname: Option<&str> = None;
    for piece in pieces {
        let text = field[piece.clone()].trim();
        let could_be_surname = !text.is_empty() && !text.contains(['@', '<', '"', '=', '(']);
        match surname.take() {
            Some(name) if text.contains('<') && !text.starts_with('"') => {
                joined.push(format!("{name}, {text}"));
            }
            Some(name) => joined.extend([name.to_owned(), text.to_owned()]),
            None if could_be_surname => surname = Some(text),
            None => joined.push(text.to_owned()),
        }
    }
    joined.extend(surname.map(str::to_owned));
    joined.retain(|mailbox| !mailbox.is_empty());
    joined
}

fn is_group_name(text: &str) -> bool {
    let name = text.trim();
    !name.is_empty() && !name.contains('@') && !name.eq_ignore_ascii_case("mailto")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mailbox_is_read_by_itself() {
        let rows: [(&str, &[(&str, &str)]); 18] = [
            ("Ann <ann@example.com>", &[("Ann", "ann@example.com")]),
            ("ann@example.com, bob@example.com", &[("", "ann@example.com"), ("", "bob@example.com")]),
            ("\"Oak, Ann\" <ann@example.com>", &[("Oak, Ann", "ann@example.com")]),
            ("Müller, Jörg <j@example.com>", &[("Müller, Jörg", "j@example.com")]),
            (
                "Foo, Bob <b@example.com>, c@example.com",
                &[("Foo, Bob", "b@example.com"), ("", "c@example.com")],
            ),
            ("Ann <ann@example.com", &[("Ann", "ann@example.com")]),
            ("Ann <ann@example.com, b@example.com", &[("Ann", "ann@example.com"), ("", "b@example.com")]),
            ("Foo Bar a@example.com", &[("Foo Bar", "a@example.com")]),
            ("mailto:a@example.com", &[("", "a@example.com")]),
            ("Ann", &[("Ann", "")]),
            ("<>", &[]),
            ("", &[]),
            (
                "Team: ann@example.com, Bob <b@example.com>;",
                &[("", "ann@example.com"), ("Bob", "b@example.com")],
            ),
            ("undisclosed-recipients:;", &[]),
            ("=?utf-8?q?J=C3=B6rg?= <j@example.com>", &[("Jörg", "j@example.com")]),
            ("\"=?utf-8?q?J=C3=B6rg?=\" <j@example.com>", &[("Jörg", "j@example.com")]),
            ("ann@example.com <ann@example.com>", &[("", "ann@example.com")]),
            ("bad, <good@example.com>, x y z", &[("bad", "good@example.com"), ("x y z", "")]),
        ];
        for (field, mailboxes) in rows {
            let read = read(field, &mut Removed::default());
            let read: Vec<_> = read.iter().map(|a| (a.name.as_str(), a.address.as_str())).collect();
            assert_eq!(read, mailboxes, "{field}");
        }
    }
}
