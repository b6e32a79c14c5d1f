//! Recipients as the owner types them: `Ann Lee <ann@example.com>, bob@example.org`. A small, strict part of
//! the grammar of RFC 5322, 3.4: no groups, no comments, no quoted local parts. Never looks anything up.

use crate::mail::Address;

/// Reads a list of mailboxes separated by commas. A name with a comma in it stands in double quotes. Each
/// mailbox is kept once. The error names what can't be read and how to write it.
pub fn parse_recipients(text: &str) -> Result<Vec<Address>, String> {
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(format!(
            "a list of recipients is one line of text, but it holds the control character U+{:04X}: delete it",
            u32::from(control)
        ));
    }
    let mut addresses: Vec<Address> = Vec::new();
    for item in split_at_commas(text)? {
        let address = mailbox(item)?;
        if !addresses.iter().any(|known| known.same_mailbox(&address)) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// Items between commas outside double quotes; empty ones are dropped, so a comma at the end does no harm.
fn split_at_commas(text: &str) -> Result<Vec<&str>, String> {
    let (mut items, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                items.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Err(format!(
            "{:?} opens a double quote that is never closed: add the closing one",
            text.trim()
        ));
    }
    items.push(&text[start..]);
    Ok(items.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect())
}

fn mailbox(item: &str) -> Result<Address, String> {
    let (name, address) = match item.strip_suffix('>').map(|inner| inner.rsplit_once('<')) {
        Some(Some((name, address))) => (display_name(name.trim(), item)?, address.trim()),
        _ => (String::new(), item),
    };
    match address_fault(address) {
        Some(fault) => Err(format!("{fault}; write name@example.com or Name <name@example.com>")),
        None => Ok(Address::new(name, address)),
    }
}

fn display_name(name: &str, item: &str) -> Result<String, String> {
    if let Some(quoted) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let mut plain = String::with_capacity(quoted.len());
        let mut chars = quoted.chars();
        while let Some(c) = chars.next() {
            plain.extend(if c == '\\' { chars.next() } else { Some(c) });
        }
        return Ok(plain.trim().to_owned());
    }
    if name.contains(['<', '>', '"']) {
        return Err(format!(
            "\"{item}\" can't be read: separate recipients with commas, as in Name <name@example.com>"
        ));
    }
    Ok(name.to_owned())
}

/// Why mail can't be sent to this address; nothing if it can. `local@domain` in ASCII by RFC 5321, 4.1.2,
/// with the lengths of 4.5.3.1.
pub fn address_fault(address: &str) -> Option<String> {
    let fault = |why: &str| Some(format!("\"{address}\" is no mail address: {why}"));
    let Some((local, domain)) = address.rsplit_once('@') else { return fault("it has no @") };
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return fault("it holds a space");
    }
    if !address.is_ascii() {
        return fault("only plain letters can be sent to (write an international domain in its xn-- form)");
    }
    if local.is_empty() || domain.is_empty() {
        return fault("something is missing before or after the @");
    }
    if local.len() > 64 || address.len() > 254 {
        return fault("it is too long");
    }
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    if !local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom)) {
        return fault("the part before the @ holds a misplaced dot or a character that can't stand there");
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
    };
    if !domain.split('.').all(label) {
        return fault("the part after the @ is no domain");
    }
    None
}
