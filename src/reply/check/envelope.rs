//! Who gets it, and how they are called: names, recipients, attachments.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation as _;

use super::text::{Reply, greeting_end};
use super::words::words;
use super::{Checked, Finding, FindingId};
use crate::boundary::Money;
use crate::mail::Address;

pub(super) fn findings(checked: &Checked<'_>, reply: &Reply<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(greeting(checked, reply));
    found.extend(new_recipients(checked));
    found.extend(reply_all(checked, reply));
    found.extend(attachment(checked, reply));
    found
}

/// A greeting in which a name is missing.
static NAMELESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^\s*(?:
            (?:hello|hi|hey|hiya|good\ (?:morning|afternoon|evening|day)|morning)(?:\ +[,!:.-]|\ {2,}[,!:.-]?)
            | dear\ *(?:(?:mr|mrs|ms|miss|mx|dr|prof(?:essor)?)\.?)?\ *[,!:-]
            | dear\ {2,}\S*
            | dear\ +(?:and|und|&)\b
            | dear\ *$
        )",
    )
    .expect("a fixed pattern, compiled by every test")
});

fn greeting(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    let line = reply.greeting.clone().or_else(|| {
        let first = reply.own.lines().next()?;
        NAMELESS.is_match(first).then_some(0..first.len())
    })?;
    let text = reply.own.get(line.clone())?;
    if NAMELESS.is_match(text) {
        let client =
            checked.original.and_then(|original| original.author()).map(|author| author.label().to_owned());
        let why = "the greeting has no name";
        return Some(reply.finding(
            FindingId::EmptyName,
            line,
            why,
            client.map(|name| format!("Hello {name},")),
        ));
    }
    wrong_name(checked, reply, line)
}

/// Words of greetings that are no names.
const NO_NAMES: [&str; 52] = [
    "hello",
    "hi",
    "hey",
    "hiya",
    "dear",
    "good",
    "morning",
    "afternoon",
    "evening",
    "day",
    "all",
    "both",
    "there",
    "team",
    "everyone",
    "everybody",
    "folks",
    "sir",
    "madam",
    "sirs",
    "friends",
    "family",
    "and",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "captain",
    "again",
    "you",
    "my",
    "ladies",
    "gentlemen",
    "to",
    "colleagues",
    "neighbours",
    "parents",
    "thanks",
    "thank",
    "the",
    "for",
    "happy",
    "greetings",
    "customer",
    "client",
    "students",
    "choir",
    "sister",
];

/// A greeting of somebody else.
fn wrong_name(checked: &Checked<'_>, reply: &Reply<'_>, line: Range<usize>) -> Option<Finding> {
    let text = reply.own.get(line.clone())?;
    let first = text.split_whitespace().next()?.to_lowercase();
    let thanks = first.starts_with("thank") || first.starts_with("cheers");
    // "Thanks for the dishes, Deb!" calls somebody behind the comma.
    let (start, called) = if thanks {
        let at = text.find(',')? + 1;
        (at, text.get(at..)?)
    } else {
        (0, text.get(..greeting_end(text))?)
    };
    let names: Vec<(usize, &str)> = called
        .unicode_word_indices()
        .filter(|(_, word)| word.starts_with(char::is_uppercase) && word.chars().count() > 1)
        .filter(|(_, word)| !NO_NAMES.contains(&plain(word).as_str()))
        .collect();
    let (at, name) = *names.first()?;
    if thanks && names.len() > 2 {
        return None;
    }
    let known = known_names(checked)?;
    let is_known = |name: &str| known.iter().any(|known| alike(&plain(name), known));
    if names.iter().any(|(_, name)| is_known(name)) {
        return None;
    }
    let client = checked
        .original
        .and_then(|original| original.author())
        .or(checked.to.first())
        .map_or("", |address| address.label());
    let from = line.start + start + at;
    let why = format!("this goes to {client}");
    Some(reply.finding(FindingId::WrongName, from..from + name.len(), why, None))
}

/// Everything that the client may be called by: the names of the recipients and what their message has in it. Nothing where
/// none of them has a name.
fn known_names(checked: &Checked<'_>) -> Option<Vec<String>> {
    let author = checked.original.and_then(|original| original.author());
    let mut addresses: Vec<&Address> = author.into_iter().chain(checked.to).collect();
    if checked.to.len() > 1 {
        addresses.extend(checked.cc);
    }
    if addresses.is_empty() {
        return None;
    }
    let mut names = Vec::new();
    for address in &addresses {
        let local = address.address.split('@').next().unwrap_or_default();
        names.extend(address.name.unicode_words().map(plain));
        names.extend(local.split(|c: char| !c.is_alphabetic()).map(plain));
    }
    let has_name = addresses.iter().any(|address| !address.name.is_empty());
    if let Some(original) = checked.original {
        names.extend(
            original.body.text.unicode_words().filter(|word| word.starts_with(char::is_uppercase)).map(plain),
        );
        names.extend(
            original.subject.unicode_words().filter(|word| word.starts_with(char::is_uppercase)).map(plain),
        );
    }
    names.retain(|name| name.chars().count() > 1);
    (has_name || names.len() > 1).then_some(names)
}

/// In small letters, without accents of the usual kinds.
fn plain(word: &str) -> String {
    word.to_lowercase()
        .chars()
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            'ñ' => 'n',
            'š' => 's',
            'ž' => 'z',
            'ł' => 'l',
            other => other,
        })
        .collect()
}

/// Short forms that begin otherwise than the name.
const NICKNAMES: [(&str, &[&str]); 26] = [
    ("robert", &["bob", "bobby"]),
    ("william", &["bill", "billy"]),
    ("elizabeth", &["beth", "betty", "bess", "liz", "lizzie", "libby", "lisa", "elsie"]),
    ("margaret", &["peggy", "meg", "maggie", "greta", "daisy", "rita"]),
    ("richard", &["dick", "rick", "ricky"]),
    ("john", &["jack", "johnny"]),
    ("catherine", &["kate", "kathy", "kitty", "katie", "cathy"]),
    ("katherine", &["cathy"]),
    ("anthony", &["tony"]),
    ("henry", &["harry", "hal"]),
    ("mary", &["molly", "polly", "mamie"]),
    ("alexander", &["sandy", "sasha", "xander"]),
    ("alexandra", &["sandra", "sasha", "sandy"]),
    ("james", &["jim", "jimmy"]),
    ("edward", &["ted", "teddy", "ned"]),
    ("theodore", &["ted", "teddy"]),
    ("charles", &["chuck", "charlie"]),
    ("francis", &["frank"]),
    ("sarah", &["sally", "sadie"]),
    ("eleanor", &["nell", "nora", "ellie"]),
    ("helen", &["nell", "nellie"]),
    ("dorothy", &["dot", "dolly"]),
    ("antonia", &["toni"]),
    ("thomas", &["tom", "tommy"]),
    ("andrew", &["drew"]),
    ("rebecca", &["becky", "becca"]),
];

/// The same name, or a short form of it.
fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let shares = |a: &str, b: &str| {
        let start: String = a.chars().take(3).collect();
        start.chars().count() == 3 && b.starts_with(&start) && a.chars().count().min(b.chars().count()) <= 5
    };
    let nick = |name: &str, short: &str| {
        NICKNAMES.iter().any(|(long, shorts)| *long == name && shorts.contains(&short))
    };
    let end = |a: &str, b: &str| a.chars().count() >= 3 && b.chars().count() >= 6 && b.ends_with(a);
    shares(one, other) || nick(one, other) || nick(other, one) || end(one, other) || end(other, one)
}

fn new_recipients(checked: &Checked<'_>) -> Vec<Finding> {
    let Some(original) = checked.original else { return Vec::new() };
    let known = || {
        original
            .from
            .iter()
            .chain(&original.reply_to)
            .chain(&original.to)
            .chain(&original.cc)
            .chain(checked.own)
    };
    let is_new = |address: &&Address| !known().any(|other| other.same_mailbox(address));
    let say = |address: &Address| {
        let why = format!("{} was not in this conversation", address.address);
        Reply::of_all(FindingId::NewRecipient, &address.address, why)
    };
    checked.to.iter().chain(checked.cc).filter(is_new).map(say).collect()
}

/// A matter of one person's that goes to several.
fn reply_all(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    let original = checked.original?;
    let author = original.author()?;
    let others: Vec<&Address> = checked
        .to
        .iter()
        .chain(checked.cc)
        .filter(|address| {
            !address.same_mailbox(author) && !checked.own.iter().any(|own| own.same_mailbox(address))
        })
        .collect();
    let in_thread =
        |address: &&&Address| original.to.iter().chain(&original.cc).any(|other| other.same_mailbox(address));
    if others.iter().filter(in_thread).count() == 0 {
        return None;
    }
    // A greeting of several speaks to several.
    let greeting =
        reply.greeting.clone().and_then(|line| reply.own.get(line)).unwrap_or_default().to_lowercase();
    let to_several =
        [" all", " both", " team", " everyone", " and ", " & ", " folks", " everybody", " friends"];
    if to_several.iter().any(|word| greeting.contains(word)) {
        return None;
    }
    // A letter to one of several that speaks of money speaks of theirs.
    let calls_one = greeting.split_whitespace().count() <= 4 && !greeting.is_empty();
    let sentence = reply.sentences.iter().find(|range| {
        let sentence = reply.sentence(range);
        let money = calls_one && !Money::find_all(sentence, false).is_empty();
        money || words().private.stand_in(sentence)
    })?;
    let names = others.iter().map(|address| address.label()).collect::<Vec<_>>().join(", ");
    let why = format!("this is about one person's own matter, and goes to {names} too");
    Some(reply.finding(FindingId::ReplyAll, sentence.clone(), why, None))
}

fn attachment(checked: &Checked<'_>, reply: &Reply<'_>) -> Option<Finding> {
    if checked.attachments > 0 {
        return None;
    }
    reply.sentences.iter().find_map(|range| {
        let found = words().attached.all_but(reply.sentence(range), &words().attached_unless);
        let first = found.first()?;
        let why = "something is spoken of that comes with this mail, and no file is with it";
        Some(reply.finding(
            FindingId::MissingAttachment,
            range.start + first.start..range.start + first.end,
            why,
            None,
        ))
    })
}
