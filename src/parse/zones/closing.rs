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

/// What telephones and some programs add by themselves: "sent from", a make, a device or program, and
/// nothing after it but its model, a link or an excuse for typing errors. A sentence that begins so and goes
/// on is the sender's own.
static MACHINE_LINE: LazyLock<RegexSet> = LazyLock::new(|| {
    let lead = r"(?:sent|written|typed|dictated) (?:from|with|via|using|on)|von|gesendet (?:von|mit|über)|diese nachricht wurde von|envoyé (?:de|depuis|à partir (?:de|d['’]un))|enviado (?:desde|do|de|a partir d[oe])|inviato (?:dal?|con)|(?:verstuurd|verzonden) (?:vanaf|met|via)|skickat från|sendt fra";
    let owner = r"(?:(?:my|the|an?|new|all new|mobile|personal|work|meinem?|meiner|mon|ma|mi|meu|o|mijn|min|mit|il mio|mio) )*";
    let make = r"(?-i:[\p{Lu}\d][^\s;:!?]*,? )";
    let device = r"(?:iphone|ipad|phone|mobile(?: (?:phone|device))?|cell(?:phone)?|android(?:[ -](?:mobiltelefon|handy|gerät|smartphone|tablet|phone))?|galaxy|samsung|blackberry|pixel|tablet|apple watch|watch|mac|macbook|device|smartphone|outlook|(?:yahoo|proton|apple|windows|aol|samsung|gmx|fast|k-9|tuta|web\.de) ?mail|mail (?:for|für|pour|para|per|voor) windows|gmail|thunderbird|handheld|huawei|xiaomi|nokia|spark|handy|mobiltelefon|mobile|téléphone|móvil|telemóvel|celular|teléfono|cellulare|telefoon|toestel|telefono)";
    let more = r"(?:[ ,-]+(?:\d\S*|[a-z]\d\S*|pro|max|plus|mini|ultra|air|se|xl|5g|4g|lte|fe|edge|note|fold|flip|iphone|ipad|galaxy|ios|android|windows|mac|outlook|mail|mobile|phone|smartphone|device|tablet|handy|app|k-9|gmx|web\.de|apple|samsung|for|on|with|via|für|pour|para|per|voor|mit|gesendet|an?|the|my))*";
    let link = r"(?:\s*[<(\[]?(?:https?://|www\.)\S+)?";
    let excuse = r"(?:[\s.,;:!–—-]+(?:(?:so|please|any|all|the|my|for|and|or|excuse|forgive|pardon|ignore|apologies|sorry|typos?|typing|brevity|errors?|spelling|mistakes|autocorrect)\b[ ,.!]*)+)?";
    RegexSet::new([
        format!(r"(?i)^(?:{lead}) {owner}{make}{{0,4}}{device}{more}[.!]?{link}{excuse}[.!]?$"),
        format!(r"(?i)^(?:get outlook for|télécharge[rz] outlook pour|outlook für|obtener outlook para|scarica outlook per|outlook voor|obter o outlook para) (?:ios|android|mac|windows)(?: (?:herunterladen|downloaden))?[.!]?{link}$"),
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

/// So many subjects of lawyers make a paragraph that begins like legal text one. With two, complaints were
/// taken for legal text: "you lost the attachments and I hold you liable".
const LEGAL_SUBJECTS: usize = 3;

/// Words of lawyers by subject.
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

/// A plea for trees, which is legal text by itself.
static SAVE_PAPER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^[*_(\[\s]*(?:please (?:consider|think of|be mindful of) (?:the|our) environment|think before (?:you print|printing))\b.{0,80}$",
    )
});

/// A person speaks of themselves or complains. No firm's boilerplate does, so no paragraph with such a word
/// is legal text: to hide a complaint is the worst that can happen here.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)\b(?: i | i['’](?:m|ve|ll|d) | me | my | mine | myself
        | ich | mich | mir | mein(?:e[mnrs]?)? | je | j['’]ai | mes | yo | exijo | quiero | io | voglio | ik | mijn | mij
        | refund\w* | money\ back | complain\w* | compensat\w* | unacceptable | disappoint\w* | unhappy | furious | angry | rude
        | awful | terrible | mouldy | moldy | broken | stale | faulty | ruined | formal\ notice | trading\ standards | small\ claims
        | chargeback | hold\ you\w* | legal\ action
        | rückerstatt\w* | erstatt\w* | beschwer\w* | reklam\w* | rembours\w* | réclam\w* | plainte | reembols\w* | reclam\w*
        | rimbors\w* | terugbetal\w* | klacht )\b",
    )
});

/// The first sentence of a banner that mail servers put on top.
static BANNER: LazyLock<RegexSet> = LazyLock::new(|| {
    let subject = r"(?:e-?mail|message|sender|organi[sz]ation|nachricht|absender|courriel|expéditeur)";
    let outside = r"(?:outside|external|externe[rnms]?|extern|extérieur)";
    RegexSet::new([
        format!(
            r"(?i)^[\[*(!\s]*(?:caution|external|warning|achtung|attention)\b.{{0,60}}?\b(?:{subject}\b.{{0,40}}\b{outside}|{outside}\b.{{0,40}}\b{subject})\b.{{0,60}}$"
        ),
        r"(?i)^you don['’]t often get e-?mail from \S+@\S+.{0,10}$".to_owned(),
        r"(?i)^(?:virus-free|scanned by|this e-?mail has been (?:checked|scanned) (?:for|by)|diese e-?mail wurde von .{0,40} auf viren|l['’]absence de virus|libre de virus|privo di virus|virenfrei)\b.{0,80}$".to_owned(),
    ])
    .expect("the patterns are constants that every run of the tests compiles")
});

/// What banners say besides.
static BANNER_MORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^[\])*\s]*$|^(?:learn why this is important|www\.\S+|(?:please )?(?:do not|don['’]t|never|be careful|be cautious|use caution|exercise caution|think before|klicken sie|öffnen sie|verify|report)\b.{0,40}\b(?:links?|attachments?|click\w*|open\w*|respond\w*|reply\w*|sender|phishing|suspicious|anhänge)\b.{0,120})$",
    )
});

static POSTSCRIPT: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?i:p\.?\s?p?\.?s\.?)(?:[:,.\s–—-]|$)"));

/// Telephone, web, mail, street: details that stand in a name block however long they are.
static DETAIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)https?://|\bwww\.|\S@\S+\.\S|\+?\d[\d ()./-]{6,}\d|^(?:t|tel|telefon|phone|m|mob|mobile|mobil|fax|e|email|e-mail|mail|w|web|a|address|whatsapp|instagram|ig|facebook|vat|ust)\b\.?\s?[.:|]|\s[|•·]\s",
    )
});

/// A small word that may stand in a name, a title, a firm or an address: particles, labels of details,
/// and details themselves.
static PARTICLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x)^[(]?(?: of | and | the | for | at | in | near | de | du | des | la | le | les | et | d['’]\S+ | l['’]\S+ | von | van | vom | zu | zur | der | den | dem | die | das | und | für | bei
        | y | e | di | da | dal | della | do | dos | das | del | en | op | te | het | för | og | och | t/a | c/o | ext\.? | x+ | e\.\s?[kv]\. | i\.\s?[av]\.? | gez\. | pp?\.?p?\.?
        | tel | telefon | telephone | phone | mobile | mobil | mob | cell | fax | e-?mail | mail | web | website | whatsapp | instagram | facebook | t | m | f | w | a
        )[.:,)|]*$ | ://|^www\.|@ | ^[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.[a-z]{2,}(?:/\S*)?$",
    )
});

/// Words that tell something, however they are capitalised, so that no name, title or firm holds them.
static IS_TOLD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^i\s | \b(?: i['’](?:m|ve|ll|d) | it['’]s | my | you | your | this | that | is | are | was | were | been | have | has | had | do | does | did
        | \w+n['’]t | want | wants | wanted | need | needs | please | cannot | not | never | still | why | when | because | but | too | again | got | came | arrived
        | refund\w* | money | complain\w* | missing | wrong | broken | mouldy | moldy | stale | late | faulty | damaged | ruined | awful | terrible | worst
        | cancel\w* | urgent\w* | unacceptable | disgusting | disgrace\w* | compensat\w* )\b",
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
        let legal = banner(lines, start..end).or_else(|| legal_text(lines, start..end, after_legal));
        after_legal = legal.is_some();
        kinds[legal.unwrap_or(start..start)].fill(ZoneKind::Disclaimer);
        index = end;
    }
}

fn joined(lines: &[Line<'_>]) -> String {
    lines.iter().map(|line| line.content).collect::<Vec<_>>().join(" ")
}

/// The banner that a paragraph begins with: up to three lines, all of whose sentences are a banner's.
fn banner(lines: &[Line<'_>], paragraph: Range<usize>) -> Option<Range<usize>> {
    let is_banner = |end: usize| {
        let text = joined(&lines[paragraph.start..end]);
        // A dot within an address is no end of a sentence.
        let mut sentences = text.split_inclusive(". ").map(str::trim);
        text.len() <= 600
            && !PERSONAL.is_match(&text)
            && sentences.next().is_some_and(|first| BANNER.is_match(first))
            && sentences.all(|more| BANNER_MORE.is_match(more))
    };
    let last = paragraph.end.min(paragraph.start + 3);
    (paragraph.start + 1..=last).rev().find(|&end| is_banner(end)).map(|end| paragraph.start..end)
}

/// The lines of a paragraph that are legal text, from where it begins to the end of the paragraph.
fn legal_text(lines: &[Line<'_>], paragraph: Range<usize>, after_legal: bool) -> Option<Range<usize>> {
    let starts = |at: &usize| LEGAL_START.is_match(lines[*at].content);
    let start = paragraph.clone().find(starts).or_else(|| after_legal.then_some(paragraph.start))?;
    if PERSONAL.is_match(&joined(&lines[paragraph.clone()])) || POSTSCRIPT.is_match(lines[start].content) {
        return None;
    }
    let text = joined(&lines[start..paragraph.end]);
    let subjects = LEGAL_WORDS.matches(&text).iter().count();
    let needed = if after_legal && starts(&start) { LEGAL_SUBJECTS - 1 } else { LEGAL_SUBJECTS };
    (subjects >= needed || SAVE_PAPER.is_match(&text)).then_some(start..paragraph.end)
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
        return if written { dashed_end(lines, at, limit, hints) } else { None };
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

/// Below `-- ` everything is signature, up to a postscript or the next dashes; nothing if it is too long or a line of it is
/// text: people draw such lines between their paragraphs too.
fn dashed_end(lines: &[Line<'_>], at: usize, limit: usize, hints: Hints<'_>) -> Option<usize> {
    let mut filled = 0;
    for (index, line) in lines.iter().enumerate().take(limit).skip(at + 1) {
        let content = line.content;
        if POSTSCRIPT.is_match(content) || matches!(content, "--" | "—") {
            return (filled > 0).then_some(index);
        }
        filled += usize::from(!content.is_empty());
        if filled > SIGNATURE_LINES || !content.is_empty() && !is_of_the_block(content, hints) {
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
            || !is_of_the_block(content, hints)
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

/// Whether a paragraph below the name still tells who wrote: it holds a detail or the name.
fn is_more_of_the_block(lines: &[Line<'_>], rest: Range<usize>, hints: Hints<'_>) -> bool {
    lines[rest].iter().take(NAME_BLOCK_LINES).take_while(|line| !line.is_blank()).any(|line| {
        let is_detail = DETAIL.is_match(line.content) && is_of_the_block(line.content, hints);
        is_detail || MACHINE_LINE.is_match(line.content) || is_own_name(line.content, hints.author)
    })
}

/// "Thanks, Ann", or "LG Ann" if Ann is the author.
fn names_its_author(line: &str, author: &str) -> bool {
    let rest = || {
        line.rsplit_once(' ').filter(|(before, name)| SIGN_OFF.is_match(before) && is_own_name(name, author))
    };
    SIGN_OFF_WITH_NAME.is_match(line) && !IS_TOLD.is_match(line) || rest().is_some()
}

/// Whether a line stands in a name block: the name, a contact detail, a trade, a firm, an address, or one
/// more sign-off. All of these are capitalised words with particles; any other small word makes it text.
fn is_of_the_block(line: &str, hints: Hints<'_>) -> bool {
    if is_own_name(line, hints.author) || SIGN_OFF.is_match(line) || MACHINE_LINE.is_match(line) {
        return true;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let most = if DETAIL.is_match(line) { 14 } else { 10 };
    let is_shouted = words.len() > 2 && line.ends_with('.') && !line.contains(|c: char| c.is_lowercase());
    let is_text = line.len() > 120
        || words.len() > most
        || line.ends_with(['?', '!', ':'])
        || is_shouted
        || POSTSCRIPT.is_match(line)
        || IS_TOLD.is_match(line);
    !is_text && words.iter().all(|word| !word.starts_with(char::is_lowercase) || PARTICLE.is_match(word))
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
