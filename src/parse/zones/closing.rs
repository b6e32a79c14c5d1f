//! Finds what closes a new text: sign-off with name block, `-- ` signature, "Sent from my phone", legal
//! text. Looks only at lines that are new so far, and gives a line back to the new text when in doubt: a
//! postscript is new again.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::{Hints, Line, next_filled};
use crate::mail::ZoneKind;

/// A block below `-- ` of more lines than this is text that happens to follow two dashes. RFC 3676, 4.3
/// and good manners say four; firms write up to a dozen.
const SIGNATURE_LINES: usize = 16;

/// Lines of a name block below a sign-off: name, trade, firm, street, town, telephone, web, mail ..
const NAME_BLOCK_LINES: usize = 10;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that every run of the tests compiles")
}

/// A sign-off that has its line to itself.
static SIGN_OFF: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^(?:
        (?:with\s)?(?:(?:very|my|our|and|many|all|the|kind|kindest|best|warm|warmest|friendly)[\s,]+)*(?:regards|wishes)
        | (?:many|with|and|kind|lots\ of|much|all\ my|big|so|thank\ you\ and)?\s?(?:thanks|thank\ you|love|hugs|gratitude)
            (?:\s(?:again|so\ much|very\ much|a\ lot|a\ million|and\ (?:kind|best|warm)?\s?(?:regards|wishes)|in\ advance|everyone|all))?
        | (?:all\ the\ |my\ |all\ )?(?:best|very\ best) | cheers | ta | xx+ | x | sincerely | warmly | gratefully | respectfully
        | yours(?:\s(?:sincerely|faithfully|truly|ever))? | (?:sincerely|truly|faithfully)\ yours | take\ care | bye(?:\ (?:for\ now|now))?
        | speak\ soon | talk\ soon | see\ you(?:\ soon)? | have\ a\ (?:great|good|nice|lovely)\ (?:day|week|weekend|evening|one)
        | mit\ (?:freundlichen|besten|lieben|herzlichen|freundlichem|bestem|lieben)\ gr(?:ü|ue)(?:ß|ss)(?:en)?
        | (?:viele|liebe|beste|herzliche|freundliche|schöne)\ gr(?:ü|ue)(?:ß|ss)e(?:\s(?:aus|von)\s\S+)? | gr(?:ü|ue)(?:ß|ss)e | gru(?:ß|ss)
        | lg | vg | mfg | hochachtungsvoll | vielen\ dank | danke | herzlichst
        | cordialement | bien\ (?:cordialement|à\ (?:vous|toi)) | (?:très\ )?cordialement | amicalement | salutations(?:\ distinguées)? | merci(?:\ (?:beaucoup|d['’]avance))? | bises | à\ bientôt
        | (?:un\ )?(?:cordial\ )?saludos?(?:\ cordiales)? | un\ abrazo | atentamente | (?:muchas\ )?gracias
        | (?:cordiali|distinti|tanti|un\ cordiale)\ salut[oi] | saluti | grazie(?:\ mille)?
        | (?:met\ )?(?:vriendelijke|hartelijke|groene)\ groet(?:en)? | groet(?:en|jes)? | m\.?v\.?g\.? | bedankt
        | (?:com\ os\ melhores\ )?cumprimentos | atenciosamente | obrigad[oa] | abraços?
        )\s*(?:[,.!…–—-]|:\)|x{1,3}|☺|🙂|😊|🙏|❤️?|\s)*$",
    )
});

/// A short sign-off with the name on the same line: "Thanks, Ann", "Best - Ann".
static SIGN_OFF_WITH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?i:(?:(?:kind|best|warm|many|with)\s)*(?:regards|wishes|best|thanks|thank you|cheers|love|lg|vg|danke|merci|gracias|grazie|yours|xx?))\s?[,.!–—-]+\s?(?:\p{Lu}[\p{L}.'’-]*)(?:\s(?:and|&|\+)?\s?\p{Lu}[\p{L}.'’-]*){0,2}[.!]?\s?x{0,3}$",
    )
});

/// What telephones and some programs add by themselves.
static MACHINE_LINE: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^(?:sent|written|typed|dictated) (?:from|with|via|using|by|on) (?:my |the |an? )?(?:\S+ ){0,4}(?:iphone|ipad|phone|mobile|cell|android|galaxy|samsung|blackberry|pixel|tablet|watch|mac|device|smartphone|outlook|mail|proton ?mail|yahoo|gmail|thunderbird|handheld|huawei|xiaomi|nokia|spark)\b.{0,80}$",
        r"(?i)^get outlook for (?:ios|android|mac).{0,60}$",
        r"(?i)^(?:von meinem|gesendet von|gesendet mit|diese nachricht wurde von meinem) .{0,60}(?:iphone|ipad|handy|android|galaxy|smartphone|mobiltelefon|mail|outlook|gesendet).{0,40}$",
        r"(?i)^envoyé (?:de|depuis|à partir d['’]?).{0,60}(?:iphone|ipad|mobile|téléphone|samsung|galaxy|android|smartphone|outlook|mail).{0,20}$",
        r"(?i)^enviado (?:desde|do|de|a partir d[oe]).{0,40}(?:iphone|ipad|móvil|telemóvel|celular|samsung|galaxy|android|outlook|correo).{0,20}$",
        r"(?i)^inviato da(?:l)? .{0,40}(?:iphone|ipad|cellulare|samsung|galaxy|android|outlook|mail|smartphone).{0,20}$",
        r"(?i)^(?:verstuurd|verzonden) (?:vanaf|met|via) .{0,40}(?:iphone|ipad|telefoon|samsung|galaxy|android|outlook|mail|toestel).{0,20}$",
        r"(?i)^télécharge[rz] outlook pour .{0,30}$|^(?:outlook für|obtener outlook para|scarica outlook per|outlook voor|obter o outlook para) .{0,40}$",
    ])
    .expect("the patterns are constants that every run of the tests compiles")
});

/// How legal text begins.
static LEGAL_START: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^[*_(\[\s]*(?:this|the) (?:information (?:contained |transmitted )?in (?:this|the) |contents? of this |content of this )?(?:e-?mail|message|communication|transmission|correspondence)\b",
        r"(?i)^[*_(\[\s]*(?:email |e-mail |legal |important |privacy |confidentiality |general )?(?:confidentiality|disclaimer|legal|privacy|privileged?)(?: (?:notice|note|statement|disclaimer|information|and .{3,40}))?\s*[:.*_-]",
        r"(?i)^[*_(\[\s]*(?:confidentiality|legal|email|e-mail) (?:notice|disclaimer)\b",
        r"(?i)^[*_(\[\s]*(?:if you (?:are not|have received this)|any (?:unauthori[sz]ed|views|opinions)|please (?:consider|think of) the environment|think before (?:you print|printing))\b",
        r"(?i)^[*_(\[\s]*diese (?:e-?mail|nachricht) (?:\(?.{0,40}\)? ?)?(?:enthält|kann|ist|und)\b",
        r"(?i)^[*_(\[\s]*(?:ce (?:message|courriel|mail)|ce courrier électronique)\b.{0,80}\b(?:confidentiel|destin)",
        r"(?i)^[*_(\[\s]*(?:este (?:mensaje|correo)|questo messaggio|questa (?:e-?mail|mail)|dit bericht|deze e-?mail|esta mensagem|este e-?mail)\b",
    ])
    .expect("the patterns are constants that every run of the tests compiles")
});

/// Words of lawyers; two different ones make a paragraph that begins like legal text one.
static LEGAL_WORDS: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)\bconfidential(?:ity)?\b|\bvertrauliche?\b|\bconfidentiel|\bconfidencial|\bvertrouwelijk|\briservat",
        r"(?i)\bintended (?:solely|only|exclusively|for|recipient)|\bdestinat(?:aire|ario)|\bgeadresseerde|\bempfänger|\baddressee",
        r"(?i)\battachments?\b|\banhänge|\bpièces? jointes?|\badjuntos?|\ballegati|\bbijlagen?",
        r"(?i)\bprivileged\b|\blegally\b|\bunauthori[sz]ed\b|\bunlawful|\bstrictly prohibited|\bunbefugt|\bnicht gestattet",
        r"(?i)\b(?:received|receive) (?:this|it) .{0,40}(?:in|by) (?:error|mistake)|\birrtümlich|\bpar erreur|\bpor error|\bper errore",
        r"(?i)\bnotify (?:the|us|me)\b.{0,20}|\bdelete (?:it|this|the)|\bdestroy\b|\bvernichten|\bdétrui|\blöschen",
        r"(?i)\bliab(?:le|ility)\b|\bviruse?s?\b|\bdisclos(?:e|ure)|\bcopying\b|\bdistribution\b|\bdisseminat|\bregistered (?:office|in)|\bcompany (?:number|no|reg)",
        r"(?i)\benvironment\b|\bprint(?:ing|ed)?\b|\bviews (?:or|and) opinions|\bopinions expressed|\bdata protection|\bmonitor(?:ed|ing)?\b",
    ])
    .expect("the patterns are constants that every run of the tests compiles")
});

/// Banners that mail servers put on top, and boasts of virus scanners: one is enough.
static BANNER: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^[\[*(!\s]*(?:caution|external(?: e-?mail| sender)?|warning|achtung|attention)\b[\]*!:\s-]*.{0,60}\b(?:outside|external|extern|extérieur)\b.{0,200}$",
        r"(?i)^you don['’]t often get email from .{3,120}$",
        r"(?i)^(?:virus-free|scanned by|this e-?mail has been (?:checked|scanned) (?:for|by)|diese e-?mail wurde von .{0,40} auf viren|l['’]absence de virus|libre de virus|privo di virus|virenfrei)\b.{0,120}$",
    ])
    .expect("the patterns are constants that every run of the tests compiles")
});

static POSTSCRIPT: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?i:p\.?\s?p?\.?s\.?)(?:[:,.\s–—-]|$)"));

/// Telephone, web, mail, street: details that stand in a name block however long they are.
static DETAIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)https?://|\bwww\.|\S@\S+\.\S|\+?\d[\d ()./-]{6,}\d|^(?:t|tel|telefon|phone|m|mob|mobile|mobil|fax|e|email|e-mail|mail|w|web|a|address|whatsapp|instagram|ig|facebook|vat|ust)\b\.?\s?[.:|]|\s[|•·]\s",
    )
});

/// Marks sign-offs, signatures and legal text within the lines that are new.
pub(super) fn mark(lines: &[Line<'_>], kinds: &mut [ZoneKind], hints: Hints<'_>) {
    let mut written = false;
    for stretch in stretches(kinds) {
        mark_legal(lines, kinds, stretch.clone());
        for stretch in stretches_within(kinds, stretch) {
            mark_signatures(lines, kinds, stretch, hints, &mut written);
        }
    }
}

/// The runs of new lines.
fn stretches(kinds: &[ZoneKind]) -> Vec<Range<usize>> {
    stretches_within(kinds, 0..kinds.len())
}

fn stretches_within(kinds: &[ZoneKind], within: Range<usize>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for index in within {
        if kinds[index] != ZoneKind::New {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.end == index => last.end = index + 1,
            _ => runs.push(index..index + 1),
        }
    }
    runs
}

/// Marks legal paragraphs. What follows one is legal as long as it speaks like it.
fn mark_legal(lines: &[Line<'_>], kinds: &mut [ZoneKind], stretch: Range<usize>) {
    let mut index = stretch.start;
    let mut after_legal = false;
    while let Some(start) = next_filled(&lines[..stretch.end], index) {
        let end = (start..stretch.end).find(|&at| lines[at].is_blank()).unwrap_or(stretch.end);
        let (from, is_legal) = legal_from(lines, start..end, after_legal);
        if is_legal {
            kinds[from..end].fill(ZoneKind::Disclaimer);
        }
        after_legal = is_legal;
        index = end;
    }
}

/// Where in a paragraph legal text begins, and whether it does.
fn legal_from(lines: &[Line<'_>], paragraph: Range<usize>, after_legal: bool) -> (usize, bool) {
    let text = |from: usize| {
        lines[from..paragraph.end].iter().map(|line| line.content).collect::<Vec<_>>().join(" ")
    };
    if paragraph.len() <= 3 && BANNER.is_match(&text(paragraph.start)) {
        return (paragraph.start, true);
    }
    if after_legal && !POSTSCRIPT.is_match(lines[paragraph.start].content) {
        let words = LEGAL_WORDS.matches(&text(paragraph.start)).iter().count();
        if words >= 2 || words == 1 && LEGAL_START.is_match(lines[paragraph.start].content) {
            return (paragraph.start, true);
        }
    }
    let start = paragraph.clone().find(|&at| LEGAL_START.is_match(lines[at].content));
    let is_legal = start.is_some_and(|start| LEGAL_WORDS.matches(&text(start)).iter().count() >= 2);
    (start.unwrap_or(paragraph.start), is_legal)
}

/// Marks sign-offs with their name blocks, signatures below dashes and the lines of machines. `written`:
/// new text stands above; without any, "Thanks, Ann" is all the sender wrote and stays new.
fn mark_signatures(
    lines: &[Line<'_>],
    kinds: &mut [ZoneKind],
    stretch: Range<usize>,
    hints: Hints<'_>,
    written: &mut bool,
) {
    let mut index = stretch.start;
    while let Some(at) = next_filled(&lines[..stretch.end], index) {
        let end = signature_end(lines, at, stretch.end, hints, *written);
        if let Some(end) = end {
            kinds[at..end].fill(ZoneKind::Signature);
        } else {
            *written = true;
        }
        index = end.unwrap_or(at + 1);
    }
}

/// One past the last line of the signature that begins at this line, if one does.
fn signature_end(
    lines: &[Line<'_>],
    at: usize,
    limit: usize,
    hints: Hints<'_>,
    written: bool,
) -> Option<usize> {
    let content = lines[at].content;
    if content.len() > 200 {
        return None;
    }
    if MACHINE_LINE.is_match(content) {
        return Some(at + 1);
    }
    if matches!(content, "--" | "—" | "-- -") {
        return dashed_end(lines, at, limit);
    }
    if !written {
        return None;
    }
    if SIGN_OFF.is_match(content) || names_its_author(content, hints.author) {
        return name_block_end(lines, at, limit, hints);
    }
    // A name alone closes a text too, if it is the sender's and begins a paragraph.
    let begins = at == 0 || lines[at - 1].is_blank() || lines[at - 1].content.ends_with(['.', '!', '?', ')']);
    (begins && is_own_name(content, hints.author)).then(|| name_block_end(lines, at, limit, hints)).flatten()
}

/// Below `-- ` everything is signature, but for a postscript; nothing if it is too long or asks something.
fn dashed_end(lines: &[Line<'_>], at: usize, limit: usize) -> Option<usize> {
    let mut filled = 0;
    for (index, line) in lines.iter().enumerate().take(limit).skip(at + 1) {
        if POSTSCRIPT.is_match(line.content) {
            return Some(index);
        }
        filled += usize::from(!line.is_blank());
        if filled > SIGNATURE_LINES || line.content.ends_with('?') {
            return None;
        }
    }
    (filled > 0).then_some(limit)
}

/// One past the name block below a sign-off at `at`; nothing where what follows is text.
fn name_block_end(lines: &[Line<'_>], at: usize, limit: usize, hints: Hints<'_>) -> Option<usize> {
    let mut end = at + 1;
    let mut filled = 0;
    while let Some(next) = next_filled(&lines[..limit], end) {
        let content = lines[next].content;
        if matches!(content, "--" | "—") || MACHINE_LINE.is_match(content) {
            // Another kind of signature begins: it is looked at by itself.
            return Some(next);
        }
        let is_apart = next > end && filled > 0;
        let ends = filled >= NAME_BLOCK_LINES
            || is_sentence(content) && !is_own_name(content, hints.author)
            || is_apart && !is_more_of_the_block(lines, next..limit, hints);
        if ends {
            // A sign-off that text follows at once is no sign-off: "Thanks!" and on it goes.
            let is_named = names_its_author(lines[at].content, hints.author);
            return (filled > 0 || is_named || is_own_name(lines[at].content, hints.author)).then_some(end);
        }
        filled += 1;
        end = next + 1;
    }
    Some(end)
}

/// Whether a paragraph below the name still tells who wrote: it holds details or the name, or is a line or
/// two that are no list.
fn is_more_of_the_block(lines: &[Line<'_>], rest: Range<usize>, hints: Hints<'_>) -> bool {
    let paragraph = || {
        lines[rest.clone()]
            .iter()
            .take(NAME_BLOCK_LINES)
            .take_while(|line| !line.is_blank())
            .map(|line| line.content)
    };
    let tells =
        |line: &str| DETAIL.is_match(line) || MACHINE_LINE.is_match(line) || is_own_name(line, hints.author);
    let is_item = |line: &str| {
        line.ends_with(':') || line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '*' | '•'))
    };
    paragraph().any(tells) || paragraph().count() <= 2 && !paragraph().any(is_item)
}

/// "Thanks, Ann", or "LG Ann" if Ann is the author.
fn names_its_author(line: &str, author: &str) -> bool {
    let rest = || {
        line.rsplit_once(' ').filter(|(before, name)| SIGN_OFF.is_match(before) && is_own_name(name, author))
    };
    SIGN_OFF_WITH_NAME.is_match(line) || rest().is_some()
}

/// Whether a line reads as text and not as a name, a trade or an address.
fn is_sentence(line: &str) -> bool {
    if POSTSCRIPT.is_match(line) || line.ends_with('?') || line.len() > 120 {
        return true;
    }
    if DETAIL.is_match(line) {
        return line.split_whitespace().count() > 14;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let small = words.iter().filter(|word| word.starts_with(|c: char| c.is_lowercase())).count();
    let ends = line.ends_with(['.', '!', ':', ';']) && words.len() > 3;
    let begins_small = line.starts_with(|c: char| c.is_lowercase()) && words.len() > 2;
    words.len() > 8 || small >= 4 || (ends || begins_small) && small >= 2
}

/// Whether a line is the sender's name, or the first of their names, give or take dashes and kisses.
fn is_own_name(line: &str, author: &str) -> bool {
    let line = line.trim_matches(|c: char| !c.is_alphanumeric());
    let line = line.strip_suffix(" x").or_else(|| line.strip_suffix(" xx")).unwrap_or(line);
    if line.is_empty() || author.is_empty() || line.len() > 60 {
        return false;
    }
    let (line, author) = (line.to_lowercase(), author.to_lowercase());
    line == author || author.split_whitespace().next() == Some(line.as_str()) && line.chars().count() > 1
}
