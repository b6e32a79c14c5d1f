//! A reply's envelope and frame: whom it goes to, its subject, how it is threaded, the quoted original below.
//! Pure. Never chooses words and never sends.

use jiff::tz::TimeZone;

use crate::mail::{Address, Message, MessageId, ZoneKind};
use crate::reply::Draft;
use crate::reply::recipients::address_fault;

/// Identifiers kept in `References`: the first, which names the thread, and this many of the newest. Longer
/// lists help nobody and have made servers refuse mail for the size of its header.
const NEWEST_REFERENCES: usize = 20;
/// Longest identifier passed on, in bytes: with its field name it must fit into a line of 998 (RFC 5322,
/// 2.1.1).
const LONGEST_ID: usize = 900;
/// Quoted history up to this many lines is kept, where a reply among the lines would be riddles without it.
const SHORT_HISTORY: usize = 12;
/// Tags in brackets looked over for a mark of replying; more are no tags.
const MOST_TAGS: usize = 4;
/// Quoted text beyond this many bytes is cut before it is wrapped, so that a giant message costs nothing.
const MOST_QUOTED: usize = 32 * 1024;
/// Quoted lines beyond this are cut.
const LONGEST_QUOTE: usize = 200;
/// Width to which long lines (paragraphs of HTML mail) are wrapped when quoted (RFC 5322, 2.1.1: 78 with
/// the prefix).
const QUOTE_WIDTH: usize = 76;
/// Longest display name taken over from a message, in characters.
const LONGEST_NAME: usize = 100;

impl Draft {
    /// A reply to `original` by the owner of the addresses `own`, saying `text`: with the owner's signature
    /// (none where empty) and the quoted original below. Dates are said in `zone`.
    pub fn reply(
        original: &Message,
        own: &[Address],
        reply_all: bool,
        text: &str,
        signature: &str,
        zone: &TimeZone,
    ) -> Self {
        let (to, cc) = recipients(original, own, reply_all);
        let mut body = signed(text, signature);
        let quote = quote(original, zone);
        if !quote.is_empty() {
            body = format!("{body}\n\n{quote}");
        }
        body.push('\n');
        Self {
            to,
            cc,
            subject: reply_subject(&original.subject),
            in_reply_to: original.id.clone().filter(can_be_passed_on),
            references: references(original),
            body,
            auto_submitted: None,
        }
    }

    /// A mail to the same people under a subject of its own, which begins a new conversation.
    pub fn anew(original: &Message, own: &[Address], subject: &str, text: &str, signature: &str) -> Self {
        let (to, cc) = recipients(original, own, false);
        let body = signed(text, signature) + "\n";
        Self { to, cc, subject: subject.to_owned(), body, ..Self::default() }
    }
}

/// The text with the owner's signature below; none where that is empty.
fn signed(text: &str, signature: &str) -> String {
    let text = text.trim_end();
    if signature.trim().is_empty() {
        return text.to_owned();
    }
    // The separator that mail programs know a signature by (RFC 3676, 4.3).
    format!("{text}\n\n-- \n{}", signature.trim())
}

/// `To` and `Cc` of a reply. It goes to `Reply-To`, else to the author; a reply to one's own message goes
/// where that went. With `reply_all` everybody else who got it stands in `Cc`. The owner is never among
/// them, and nobody stands there twice.
pub fn recipients(original: &Message, own: &[Address], reply_all: bool) -> (Vec<Address>, Vec<Address>) {
    let is_own = |address: &Address| own.iter().any(|me| me.same_mailbox(address));
    // A form that writes in the owner's name asks to answer somebody else.
    let by_owner = original.author().is_some_and(is_own) && original.reply_to.iter().all(is_own);
    let choices: [&[Address]; 3] =
        if by_owner { [&original.to, &original.cc, &[]] } else { [&original.reply_to, &original.from, &[]] };
    let mut taken = own.to_vec();
    let to =
        choices.iter().map(|choice| others(choice, &mut taken)).find(|to| !to.is_empty()).unwrap_or_default();
    let cc = if reply_all {
        let mut cc = others(&original.to, &mut taken);
        cc.extend(others(&original.cc, &mut taken));
        cc
    } else {
        Vec::new()
    };
    (to, cc)
}

/// The mailboxes that can be written to and are not yet taken; takes them.
fn others(addresses: &[Address], taken: &mut Vec<Address>) -> Vec<Address> {
    let mut kept = Vec::new();
    for address in addresses {
        if address_fault(&address.address).is_none() && !taken.iter().any(|known| known.same_mailbox(address))
        {
            let name: String = address.name.chars().take(LONGEST_NAME).collect();
            taken.push(address.clone());
            kept.push(Address::new(name.trim(), address.address.as_str()));
        }
    }
    kept
}

/// What mail programs of several languages put before the subject of a reply.
const REPLY_MARKS: [&str; 11] =
    ["re", "aw", "antw", "sv", "vs", "odp", "res", "rif", "r\u{e9}f", "回复", "答复"];
/// What they put before the subject of a message passed on; these stay.
const FORWARD_MARKS: [&str; 7] = ["fwd", "fw", "wg", "tr", "vb", "doorst", "转发"];

/// The subject of a reply: one `Re:`, however often and in whatever language it was answered before.
/// Marks of forwarding and tags in brackets stay.
pub fn reply_subject(subject: &str) -> String {
    let bare = without_reply_marks(subject);
    format!("Re: {}", if bare.is_empty() { "your message" } else { &bare })
}

/// The subject without any marks of replying or forwarding.
pub fn bare_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((_, after)) = leading_mark(rest) {
        rest = after;
    }
    rest.to_owned()
}

fn without_reply_marks(subject: &str) -> String {
    let (mut kept, mut rest) = (String::new(), subject.trim());
    loop {
        if let Some((mark, after)) = leading_mark(rest) {
            if !is_reply_mark(mark) {
                kept.push_str(rest[..rest.len() - after.len()].trim_end());
                kept.push(' ');
            }
            rest = after;
        } else if let Some(tag) = leading_tag(rest) {
            kept.push_str(tag);
            kept.push(' ');
            rest = rest[tag.len()..].trim_start();
        } else {
            return format!("{kept}{rest}").trim().to_owned();
        }
    }
}

/// `Re:`, `RE :`, `Re[2]:`, `Re(3):`, `AW:`, `Fwd:`: the mark without its count, and what follows.
fn leading_mark(subject: &str) -> Option<(&str, &str)> {
    let (head, rest) = subject.split_once([':', '\u{ff1a}'])?;
    let head = head.trim();
    let mark = match head.find(['[', '(']) {
        Some(at) => {
            let count = head[at + 1..].trim_end_matches([']', ')']);
            if count.is_empty() || !count.bytes().all(|c| c.is_ascii_digit()) {
                return None;
            }
            head[..at].trim_end()
        }
        None => head,
    };
    let is_mark = is_reply_mark(mark) || FORWARD_MARKS.contains(&mark.to_lowercase().as_str());
    is_mark.then(|| (mark, rest.trim_start()))
}

fn is_reply_mark(mark: &str) -> bool {
    REPLY_MARKS.contains(&mark.to_lowercase().as_str())
}

/// `[EXTERNAL]`, only where a mark of replying or forwarding follows, perhaps after further tags: other
/// brackets are the subject itself.
fn leading_tag(subject: &str) -> Option<&str> {
    let mut rest = subject;
    for _ in 0..MOST_TAGS {
        rest = rest.strip_prefix('[')?.split_once(']')?.1.trim_start();
        if leading_mark(rest).is_some() {
            return subject.split_inclusive(']').next();
        }
    }
    None
}

/// `References` of a reply by RFC 5322, 3.6.4: the parent's, else its `In-Reply-To` if that is one, and the
/// parent's own identifier.
fn references(original: &Message) -> Vec<MessageId> {
    let ancestors = match (original.references.as_slice(), original.in_reply_to.as_slice()) {
        ([], [parent]) => std::slice::from_ref(parent),
        (references, _) => references,
    };
    let mut ids: Vec<MessageId> = Vec::new();
    for id in ancestors.iter().filter(|id| can_be_passed_on(id) && original.id.as_ref() != Some(id)) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids.extend(original.id.clone().filter(can_be_passed_on));
    if ids.len() > NEWEST_REFERENCES + 1 {
        ids.drain(1..ids.len() - NEWEST_REFERENCES);
    }
    ids
}

fn can_be_passed_on(id: &MessageId) -> bool {
    id.as_str().is_ascii() && id.as_str().len() <= LONGEST_ID
}

/// The original below the reply: who wrote when, and what they newly wrote; of the history before it only
/// what is short. Empty where there is nothing to quote.
fn quote(original: &Message, zone: &TimeZone) -> String {
    let text = quotable(original);
    let text = &text[..text.floor_char_boundary(MOST_QUOTED)];
    if text.is_empty() {
        return String::new();
    }
    // Words longer than a line are mostly web addresses: broken, they would not work.
    let options = textwrap::Options::new(QUOTE_WIDTH)
        .break_words(false)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        // What was quoted already keeps its line breaks: wrapped, it would lose its marks.
        if line.starts_with('>') {
            lines.push(format!(">{line}"));
        } else {
            lines.extend(
                textwrap::wrap(line, &options).iter().map(|line| format!("> {line}").trim_end().to_owned()),
            );
        }
    }
    if lines.len() > LONGEST_QUOTE {
        lines.truncate(LONGEST_QUOTE);
        lines.push("> [...]".to_owned());
    }
    format!("{}\n{}", attribution(original, zone), lines.join("\n"))
}

/// What of the original is worth quoting, in its own order.
fn quotable(original: &Message) -> String {
    let body = &original.body;
    let pieces = body.zones.iter().filter_map(|zone| {
        let text = body.text.get(zone.range())?;
        match zone.kind {
            ZoneKind::New => Some(text.to_owned()),
            ZoneKind::Quoted | ZoneKind::Forwarded => short_history(text),
            ZoneKind::Signature | ZoneKind::Disclaimer => None,
        }
    });
    let pieces: Vec<String> =
        pieces.map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect();
    pieces.join("\n\n")
}

/// One level of history if it is short; what it quotes in turn is left out.
fn short_history(text: &str) -> Option<String> {
    let is_deeper =
        |line: &&str| line.trim_start().strip_prefix('>').is_some_and(|l| l.trim_start().starts_with('>'));
    let lines: Vec<&str> = text.lines().filter(|line| !is_deeper(line)).collect();
    let written = lines.iter().filter(|line| !line.trim_matches(['>', ' ']).is_empty()).count();
    (written <= SHORT_HISTORY).then(|| lines.join("\n"))
}

/// "On 20 November 2026 at 09:12, Ann Lee wrote:"
fn attribution(original: &Message, zone: &TimeZone) -> String {
    let who = original.author().map_or("you", Address::label);
    match original.date {
        Some(date) => {
            let date = date.to_zoned(zone.clone());
            format!("On {}, {who} wrote:", date.strftime("%-d %B %Y at %H:%M"))
        }
        None if who == "you" => "You wrote:".to_owned(),
        None => format!("{who} wrote:"),
    }
}
