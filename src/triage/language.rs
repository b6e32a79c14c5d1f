//! Which language a text is written in, and whether it can be read. English is read; another language is
//! named and never guessed at. To add one: phrases for it in the phrasebook, and its place in [`of`].

use whatlang::Lang;

use super::reading::Reading;

/// So much of the text tells its language, in bytes.
const SAMPLE: usize = 2000;
/// Fewer letters than this tell no language: names and places decide then.
const ENOUGH: usize = 40;
/// Share of [`ENGLISH`] words from which a text is English without asking further. English letters have
/// 30 to 50 of 100; the other languages that share some of the words (Dutch "in", German "in") under 10.
const CLEARLY: usize = 20;
/// From this share on the text is mixed, and its English part is read.
const PARTLY: usize = 10;

/// Words that hold English together. Words that are also common in other languages are left out.
const ENGLISH: [&str; 60] = [
    "the", "and", "you", "to", "of", "it", "is", "that", "for", "your", "have", "with", "this", "my", "we",
    "but", "not", "be", "are", "if", "would", "can", "could", "our", "they", "from", "there", "what", "when",
    "which", "please", "thanks", "thank", "just", "been", "has", "had", "were", "how", "about", "it's",
    "i'm", "i've", "don't", "any", "some", "very", "like", "know", "want", "need", "back", "i", "on", "at",
    "or", "hi", "hello", "sorry", "by",
];

/// What is known of the language.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tongue {
    /// ISO 639-1, if it could be told.
    pub code: Option<&'static str>,
    /// The English name of a language that isn't read.
    pub unread: Option<&'static str>,
}

/// Tells the language of what the sender wrote.
pub(super) fn of(reading: &Reading) -> Tongue {
    let text = reading.text();
    let text = &text[..text.floor_char_boundary(SAMPLE)];
    let english = english_share(text);
    if english >= CLEARLY {
        return Tongue { code: Some("en"), unread: None };
    }
    if text.chars().filter(|letter| letter.is_alphabetic()).count() < ENOUGH {
        return Tongue::default();
    }
    match whatlang::detect(text).filter(whatlang::Info::is_reliable).map(|info| info.lang()) {
        Some(Lang::Eng) => Tongue { code: Some("en"), unread: None },
        Some(lang) if english < PARTLY => Tongue { code: iso_639_1(lang), unread: Some(lang.eng_name()) },
        _ => Tongue::default(),
    }
}

/// English function words of 100 words; 0 without words.
fn english_share(text: &str) -> usize {
    let mut all = 0;
    let mut known = 0;
    for word in text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}'))) {
        if !word.is_empty() {
            let word = word.to_lowercase().replace('\u{2019}', "'");
            all += 1;
            known += usize::from(ENGLISH.contains(&word.as_str()));
        }
    }
    (known * 100).checked_div(all).unwrap_or(0)
}

/// The two-letter code; nothing for a language that has none that is in use.
fn iso_639_1(lang: Lang) -> Option<&'static str> {
    /// ISO 639-3 as `whatlang` names them, with ISO 639-1.
    const CODES: [(&str, &str); 70] = [
        ("epo", "eo"),
        ("eng", "en"),
        ("rus", "ru"),
        ("cmn", "zh"),
        ("spa", "es"),
        ("por", "pt"),
        ("ita", "it"),
        ("ben", "bn"),
        ("fra", "fr"),
        ("deu", "de"),
        ("ukr", "uk"),
        ("kat", "ka"),
        ("ara", "ar"),
        ("hin", "hi"),
        ("jpn", "ja"),
        ("heb", "he"),
        ("yid", "yi"),
        ("pol", "pl"),
        ("amh", "am"),
        ("jav", "jv"),
        ("kor", "ko"),
        ("nob", "nb"),
        ("dan", "da"),
        ("swe", "sv"),
        ("fin", "fi"),
        ("tur", "tr"),
        ("nld", "nl"),
        ("hun", "hu"),
        ("ces", "cs"),
        ("ell", "el"),
        ("bul", "bg"),
        ("bel", "be"),
        ("mar", "mr"),
        ("kan", "kn"),
        ("ron", "ro"),
        ("slv", "sl"),
        ("hrv", "hr"),
        ("srp", "sr"),
        ("mkd", "mk"),
        ("lit", "lt"),
        ("lav", "lv"),
        ("est", "et"),
        ("tam", "ta"),
        ("vie", "vi"),
        ("urd", "ur"),
        ("tha", "th"),
        ("guj", "gu"),
        ("uzb", "uz"),
        ("pan", "pa"),
        ("aze", "az"),
        ("ind", "id"),
        ("tel", "te"),
        ("pes", "fa"),
        ("mal", "ml"),
        ("ori", "or"),
        ("mya", "my"),
        ("nep", "ne"),
        ("sin", "si"),
        ("khm", "km"),
        ("tuk", "tk"),
        ("aka", "ak"),
        ("zul", "zu"),
        ("sna", "sn"),
        ("afr", "af"),
        ("lat", "la"),
        ("slk", "sk"),
        ("cat", "ca"),
        ("tgl", "tl"),
        ("hye", "hy"),
        ("cym", "cy"),
    ];
    CODES.iter().find(|(long, _)| *long == lang.code()).map(|&(_, short)| short)
}
