//! Finds the history of a conversation and passed-on messages in a text: `>` lines with their attribution
//! ("On Monday Ann wrote:"), and header blocks as Outlook writes them, in the languages of Western mail.
//! Never judges what stands above them.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::{Hints, Line, next_filled};
use crate::mail::ZoneKind;

/// An attribution is wrapped over at most this many lines.
const ATTRIBUTION_LINES: usize = 4;

/// A longer line is a paragraph, no attribution and no label.
const LINE_LIMIT: usize = 400;

/// Marks the lines that are no new text. Says whether answers may stand within the history that it would
/// have marked; then it has left that history new.
pub(super) fn mark(lines: &[Line<'_>], kinds: &mut [ZoneKind], hints: Hints<'_>) -> bool {
    let mut from = 0;
    let mut end = lines.len();
    let mut answers_inside = false;
    while let Some(tail) = find_tail(lines, hints, from) {
        let says_so = tail.kind == ZoneKind::Quoted
            && tail.end == lines.len()
            && announces_answers(&lines[..tail.start]);
        if says_so {
            answers_inside = true;
            from = tail.head_end;
            kinds[tail.start..from].fill(tail.kind);
            continue;
        }
        kinds[tail.start..tail.end].fill(tail.kind);
        from = tail.end;
        if tail.end == lines.len() {
            end = tail.start;
            break;
        }
    }
    mark_quotes(&lines[..end], &mut kinds[..end], hints);
    mark_lone_attribution(&lines[..end], &mut kinds[..end], hints);
    answers_inside
}

/// History without quote marks.
struct Tail {
    start: usize,
    /// One past the attribution or header block.
    head_end: usize,
    /// One past the history.
    end: usize,
    kind: ZoneKind,
}

/// Whether the new text says that answers stand in the quoted one.
fn announces_answers(above: &[Line<'_>]) -> bool {
    above
        .iter()
        .any(|line| line.depth == 0 && line.content.len() <= LINE_LIMIT && ANSWERS.is_match(line.content))
}

/// "My answers are below in capitals."
static ANSWERS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)\b(?: below | beneath | in-?\s?line | in\ (?:capitals|caps|capital\ letters|red|blue|green|purple|bold|colou?r|italics)
        | between\ (?:the|your)\ lines | within\ (?:the|your)\ (?:e-?mail|message|text) | unten | im\ text | in\ rot | in\ blau
        | ci-dessous | en\ (?:rouge|bleu) | abajo | en\ rojo | sotto | in\ rosso | hieronder | in\ het\ rood | abaixo )\b",
    )
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that every run of the tests compiles")
}

/// Dashes around "Original Message" in the languages of Outlook and others.
static ORIGINAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^-{2,}\s*(?: original\ message | original\ appointment | ursprüngliche\ nachricht
        | original-?nachricht | message\ d['’]origine | message\ original | mensaje\ original
        | messaggio\ originale | messaggio\ original | oorspronkelijk\ bericht | mensagem\ original
        | reply\ message | ursprungligt\ meddelande | oprindelig\ meddelelse )\s*-{2,}$",
    )
});

/// What programs write above a passed-on message.
static FORWARDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^(?: -{2,}\s*(?: forwarded\ (?:message|by\b.*) | weitergeleitete\ nachricht | message\ transf[ée]r[ée]
        | message\ transmis | mensaje\ reenviado | messaggio\ inoltrato | doorgestuurd\ bericht
        | mensagem\ (?:en|reen)caminhada | vidarebefordrat\ (?:meddelande|mejl) )\s*-{2,}
        | begin\ forwarded\ message: | anfang\ der\ weitergeleiteten\ (?:nachricht|e-?mail):
        | début\ du\ message\ (?:transféré|réexpédié)\s?: | inicio\ del\ mensaje\ reenviado:
        | inizio\ messaggio\ inoltrato: | begin\ doorgestuurd\ bericht: | início\ da\ mensagem\ (?:en|reen)caminhada: )$",
    )
});

/// A line of underscores, as Outlook on the web puts above the header block.
static RULE: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?:_{10,}|-{20,}|_{3,}\s*$|─{3,}|\*{20,})$"));

/// The labels of a header block: from, date, to, subject, others.
static LABELS: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^\*?(?:from|von|de|da|van|från|fra)\s?:\*?(?:\s|$)",
        r"(?i)^\*?(?:sent|date|gesendet(?: am)?|datum|envoyé(?: le)?|enviad[oa](?: el| em)?|fecha|inviato|data|verzonden|skickat|sendt|dato)\s?:\*?(?:\s|$)",
        r"(?i)^\*?(?:to|an|à|a|para|aan|till|til|destinataires?)\s?:\*?(?:\s|$)",
        r"(?i)^\*?(?:subject|betreff|objet|asunto|oggetto|onderwerp|assunto|ämne|emne)\s?:\*?(?:\s|$)",
    ])
    .expect("the patterns are constants that every run of the tests compiles")
});

/// Any label at the beginning of a line.
static ANY_LABEL: LazyLock<Regex> = LazyLock::new(|| regex(r"^\*?\p{L}[\p{L} -]{0,20}\s?:\*?(?:\s|$)"));

/// "On .. wrote:" where the verb stands last.
static VERB_LAST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:on|le|el|il|il giorno|em|a|no dia|w dniu|dnia)\s.{3,360}\b(?:wrote|writes|a écrit|escribió|ha scritto|escreveu|napisał(?:\(a\)|a)?)\s?:$",
    )
});

/// "Am .. schrieb Ann:" where the name stands last.
static NAME_LAST: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^(?:am|op|den|on)\s.{3,240}\b(?:schrieb|schreef|skrev|wrote)\s.{1,160}:$"));

/// "Ann Oak <ann@example.com> wrote:", "Ann Oak wrote on 3 Nov:", and old Gmail's date, name, address, colon.
static NAME_FIRST: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^.{0,80}<[^<>\s]+@[^<>\s]+>\s*(?:\([^()]*\)\s*)?(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev)\b.{0,80}:$",
        r"^(?:\p{Lu}[\p{L}.'’-]*\s+){1,4}(?:wrote|schrieb|schreef|a écrit|escribió|ha scritto|escreveu)(?:\s.{0,80}\d.{0,40})?\s?:$",
        r"^(?:\p{L}{2,4}[.,]{0,2}\s)?\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.{0,60}<[^<>\s]+@[^<>\s]+>\s?:$",
        r"^\d{4}年\d{1,2}月\d{1,2}日.{0,80}(?:<[^<>\s]+@[^<>\s]+>|\d{1,2}:\d{2}).{0,60}[:：]$",
    ])
    .expect("the patterns are constants that every run of the tests compiles")
});

/// A time of day.
static TIME: LazyLock<Regex> = LazyLock::new(|| regex(r"\b\d{1,2}[:.hH]\d{2}\b"));

/// "I wrote", in any of the languages: prose, unless quote marks follow.
static FIRST_PERSON: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:(?:i|we|you|he|she|they) (?:wrote|writes)|schrieb (?:ich|er|sie|wir)|(?:j['’]|tu |nous |vous |elle |il )(?:ai|as|avons|avez|a) écrit)\b",
    )
});

/// An attribution whatever follows it?
pub(in crate::parse) fn is_attribution(text: &str) -> bool {
    text.len() <= LINE_LIMIT
        && text.ends_with([':', '：'])
        && (VERB_LAST.is_match(text) || NAME_LAST.is_match(text) || NAME_FIRST.is_match(text))
}

/// An attribution that needs no quote marks after it to be one: it names the moment and the person as
/// programs do, which people who tell of a mail do not.
fn is_machine_made(text: &str) -> bool {
    is_attribution(text)
        && !FIRST_PERSON.is_match(text)
        && text.contains(|c: char| c.is_ascii_digit())
        && (TIME.is_match(text) || text.contains('@'))
}

/// The first line of the attribution that ends on line `last`: the fewest lines that make one.
fn attribution_ending_at(lines: &[Line<'_>], last: usize, is_one: fn(&str) -> bool) -> Option<usize> {
    if !lines[last].content.ends_with([':', '：']) {
        return None;
    }
    let mut text = String::new();
    for first in (last.saturating_sub(ATTRIBUTION_LINES - 1)..=last).rev() {
        let line = &lines[first];
        if line.is_blank() || line.depth != lines[last].depth || text.len() + line.content.len() > LINE_LIMIT
        {
            return None;
        }
        text = if text.is_empty() { line.content.to_owned() } else { format!("{} {text}", line.content) };
        if is_one(&text) {
            return Some(first);
        }
    }
    None
}

fn find_tail(lines: &[Line<'_>], hints: Hints<'_>, from: usize) -> Option<Tail> {
    let first_new = lines.iter().position(|line| line.depth == 0 && !line.is_blank())?;
    (from..lines.len())
        .filter(|&at| {
            let line = &lines[at];
            line.depth == 0 && !line.is_blank() && line.content.len() <= LINE_LIMIT
        })
        .find_map(|at| tail_at(lines, at, hints, first_new).filter(|tail| tail.start >= from))
}

/// The history that begins at this line, or whose attribution ends here. `first_new`: the first line that
/// is not quoted.
fn tail_at(lines: &[Line<'_>], index: usize, hints: Hints<'_>, first_new: usize) -> Option<Tail> {
    let line = lines[index].content;
    let below = next_filled(lines, index + 1)?;
    if lines[below].depth > 0 {
        // Quote marks follow: they say themselves how far the history goes.
        return None;
    }
    let to_the_end =
        |head_end: usize, kind: ZoneKind| Some(Tail { start: index, head_end, end: lines.len(), kind });
    if FORWARDED.is_match(line) {
        return to_the_end(below, ZoneKind::Forwarded);
    }
    let quoted_or_passed_on =
        if hints.is_forward || !hints.is_reply { ZoneKind::Forwarded } else { ZoneKind::Quoted };
    if ORIGINAL.is_match(line) {
        let head_end = header_block(lines, below).map_or(below, |block| block.end);
        return to_the_end(head_end, quoted_or_passed_on);
    }
    let is_label = LABELS.is_match(line);
    if is_label || RULE.is_match(line) {
        let block = header_block(lines, if is_label { index } else { below })?;
        return block
            .is_history(!is_label, hints)
            .then(|| to_the_end(block.end, quoted_or_passed_on))
            .flatten();
    }
    if index == first_new && !hints.is_reply {
        return None;
    }
    let first = attribution_ending_at(lines, index, is_machine_made)?;
    let is_one = hints.is_reply || lines[first..=index].iter().any(|line| line.content.contains('@'));
    // Without anything above it, what follows may be the answer as well. Without quote marks nothing says
    // where the history ends, so it is one paragraph.
    let end = (below..lines.len()).find(|&at| lines[at].is_blank()).unwrap_or(lines.len());
    (first_new < first && is_one).then_some(Tail {
        start: first,
        head_end: index + 1,
        end,
        kind: ZoneKind::Quoted,
    })
}

/// An attribution on top without quote marks below it: what follows may be history or the answer to it, so
/// only the attribution itself is no new text.
fn mark_lone_attribution(lines: &[Line<'_>], kinds: &mut [ZoneKind], hints: Hints<'_>) {
    let Some(first) = next_filled(lines, 0).filter(|_| hints.is_reply) else { return };
    let last = lines.len().min(first + ATTRIBUTION_LINES);
    let end = (first..last).find(|&at| attribution_ending_at(lines, at, is_machine_made) == Some(first));
    if let Some(end) = end {
        kinds[first..=end].fill(ZoneKind::Quoted);
    }
}

/// What a header block holds.
#[derive(Default)]
struct HeaderBlock {
    /// Labels for author, date, recipient and subject.
    seen: [bool; 4],
    /// How many lines with any label.
    labels: usize,
    /// A line holds a time of day.
    timed: bool,
    /// Its first line holds an address.
    addressed: bool,
    /// The line of author or recipient holds an address.
    mailbox: bool,
    /// One past its last labelled line.
    end: usize,
}

impl HeaderBlock {
    /// Whether it is one that a mail program wrote. Contact forms have labels too: outside a conversation
    /// only a block with all four and a time counts. Within one, an address or all four with a time: people
    /// write "From: 12 Oak Lane, To: 4 Elm Street, Date: 14 June" themselves. Below a rule, labels of a
    /// language that is not known here count as well.
    fn is_history(&self, below_rule: bool, hints: Hints<'_>) -> bool {
        let known = self.seen.iter().filter(|&&seen| seen).count();
        let from = self.seen[0];
        if !hints.is_reply && !hints.is_forward {
            return from && known == 4 && self.timed;
        }
        from && known == 4 && self.timed
            || from && self.mailbox && known >= if below_rule { 2 } else { 3 }
            || below_rule && self.labels >= 3 && self.timed && self.addressed
    }
}

/// The block of labelled lines that begins here; nothing if the first line has no label.
fn header_block(lines: &[Line<'_>], first: usize) -> Option<HeaderBlock> {
    let mut block = HeaderBlock::default();
    let mut unlabelled = 0;
    for (index, line) in lines.iter().enumerate().skip(first).take(14) {
        if line.is_blank() {
            // Some programs put empty lines between the labels.
            match lines.get(index + 1) {
                Some(next) if LABELS.is_match(next.content) => continue,
                _ => break,
            }
        }
        if !ANY_LABEL.is_match(line.content) || line.content.len() > LINE_LIMIT {
            // A long list of recipients goes on over several lines.
            unlabelled += 1;
            if index == first || unlabelled > 3 {
                break;
            }
            continue;
        }
        block.labels += 1;
        block.timed |= TIME.is_match(line.content);
        block.addressed |= index == first && line.content.contains('@');
        if unlabelled == 0 || LABELS.is_match(line.content) {
            block.end = index + 1;
        }
        for label in &LABELS.matches(line.content) {
            block.seen[label] = true;
            block.mailbox |= (label == 0 || label == 2) && line.content.contains('@');
        }
    }
    (block.labels > 0).then_some(block)
}

/// Marks runs of `>` lines with their attributions.
fn mark_quotes(lines: &[Line<'_>], kinds: &mut [ZoneKind], hints: Hints<'_>) {
    let mut index = 0;
    while index < lines.len() {
        if lines[index].depth == 0 {
            index += 1;
            continue;
        }
        let end = run_end(lines, index);
        let lead = lead_of(lines, kinds, index);
        if lead.is_some() || is_quote(&lines[index..end], hints) {
            let kind = lead.map_or_else(|| kind_of_run(&lines[index..end]), |lead| lead.1);
            let start = lead.map_or(index, |lead| lead.0);
            kinds[start..end].fill(kind);
        }
        index = end;
    }
}

/// One past the last line of the run of `>` lines; empty lines between two of them belong to it.
fn run_end(lines: &[Line<'_>], start: usize) -> usize {
    let mut end = start;
    for (index, line) in lines.iter().enumerate().skip(start) {
        if line.depth > 0 {
            end = index + 1;
        } else if !line.is_blank() {
            break;
        }
    }
    end
}

/// The line above the run that introduces it (an attribution, or a passed-on message's marker), and what
/// the run is by it.
fn lead_of(lines: &[Line<'_>], kinds: &[ZoneKind], start: usize) -> Option<(usize, ZoneKind)> {
    let last = (start.saturating_sub(3)..start).rev().find(|&index| !lines[index].is_blank())?;
    if kinds[last] != ZoneKind::New || lines[last].depth > 0 {
        return None;
    }
    let content = lines[last].content;
    if FORWARDED.is_match(content) {
        return Some((last, ZoneKind::Forwarded));
    }
    if ORIGINAL.is_match(content) {
        return Some((last, ZoneKind::Quoted));
    }
    attribution_ending_at(lines, last, is_attribution).map(|first| (first, ZoneKind::Quoted))
}

/// Whether `>` lines without an attribution are history. In an answer they are; elsewhere one or two may
/// be a list whose bullets happen to be `>`, or a line that an mbox file escaped.
fn is_quote(run: &[Line<'_>], hints: Hints<'_>) -> bool {
    let filled = run.iter().filter(|line| !line.is_blank()).count();
    if run.iter().all(|line| line.is_blank() || line.depth == 1 && line.content.starts_with("From ")) {
        return filled == 0;
    }
    hints.is_reply
        || hints.is_forward
        || filled > 3
        || run.iter().any(|line| line.depth > 1)
        || run.iter().any(|line| FORWARDED.is_match(line.content) || is_machine_made(line.content))
}

/// A run without a lead may have it inside, as Apple's mail writes it.
fn kind_of_run(run: &[Line<'_>]) -> ZoneKind {
    let first = run.iter().find(|line| !line.is_blank());
    if first.is_some_and(|line| FORWARDED.is_match(line.content)) {
        ZoneKind::Forwarded
    } else {
        ZoneKind::Quoted
    }
}
