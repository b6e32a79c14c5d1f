//! HTML to readable text. A small pass of our own first reduces a mail's HTML to what matters for reading
//! (paragraphs, lists, quotes, preformatted text); html2text then makes the text. Never follows a link and
//! never loads anything.
//!
//! The pass is there because html2text takes quadratic time on deep nesting and fails on deep quotes
//! (measured: 5,000 nested `div` take 0.2 s, 100 nested lists at width 80 give no text at all), lays out
//! tables that mail only uses for placing, and shows what the sender hid.

use std::fmt::Write as _;
use std::sync::LazyLock;

use html2text::render::TextDecorator;
use regex::Regex;

use super::{char_boundary, contain, zones};

/// Reduced HTML that is laid out, all parts of a message together. html2text takes time in proportion to it
/// and much of it (measured without optimisation: half a second for 128 KB of hostile tags). Pictures,
/// styles and scripts are gone by then: real mail has a tenth of it.
const REDUCED_LIMIT: usize = 128 * 1024;

/// Tags and texts that are looked at, all parts of a message together. A newsletter has some 5,000.
const TOKEN_LIMIT: usize = 60_000;

/// How far the end of a hidden element is looked for.
const HIDDEN_LIMIT: usize = 10_000;

/// Reduced HTML and tokens that are enough to compare the beginnings of two texts.
const BEGINNING: Allowance = Allowance { bytes: 2048, tokens: 1000 };

/// How often the text above an indented passage is looked at.
const LOOKS_ABOVE: usize = 64;

/// Quotes and lists nested deeper than this are shown at this depth.
const DEPTH_LIMIT: usize = 12;

/// No line wraps: whoever shows the text does that.
const WIDTH: usize = 1_000_000;

/// How many hidden elements may lack their end before hiding is no longer honoured (keeps hostile mail
/// from costing quadratic time).
const LOST_ENDS: usize = 4;

/// Readable text, and what went wrong.
pub(super) struct Readable {
    pub text: String,
    pub notes: Vec<&'static str>,
}

/// How much HTML may still be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    bytes: usize,
    tokens: usize,
}

impl Default for Allowance {
    /// What one message may have.
    fn default() -> Self {
        Self { bytes: REDUCED_LIMIT, tokens: TOKEN_LIMIT }
    }
}

/// Makes readable text of HTML, as far as the allowance reaches, and takes what it used from that.
pub(super) fn to_text(html: &str, allowance: &mut Allowance) -> Readable {
    let mut notes = Vec::new();
    let (plain, is_whole) = reduce(html, allowance);
    if !is_whole {
        notes.push("the HTML is too long and was cut");
    }
    let rendered = contain::quietly(|| {
        html2text::config::with_decorator(Marks)
            .raw_mode(true)
            .allow_width_overflow()
            .string_from_read(plain.as_bytes(), WIDTH)
            .ok()
    });
    let text = rendered.flatten().unwrap_or_else(|| {
        notes.push("the HTML could not be laid out; its bare text is shown");
        bare_text(&plain)
    });
    Readable { text, notes }
}

/// The text that HTML begins with, a kilobyte or so.
pub(super) fn beginning(html: &str) -> String {
    bare_text(&reduce(html, &mut BEGINNING.clone()).0)
}

static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"<[^<>]*>"));

/// A fall-back for what html2text refuses: tags out, the commonest entities in.
fn bare_text(html: &str) -> String {
    let broken =
        html.replace("<br>", "\n").replace("</div>", "\n").replace("</p>", "\n\n").replace("</li>", "\n");
    let bare = TAG.replace_all(&broken, "");
    let mut text = bare.into_owned();
    for (entity, c) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        text = text.replace(entity, c);
    }
    text
}

/// How html2text marks what it shows: quotes as mail does, lists with dashes, nothing else.
#[derive(Debug, Clone)]
struct Marks;

impl TextDecorator for Marks {
    type Annotation = ();

    fn decorate_link_start(&mut self, _url: &str) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_link_end(&mut self) -> String {
        String::new()
    }
    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_em_end(&self) -> String {
        String::new()
    }
    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strong_end(&self) -> String {
        String::new()
    }
    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }
    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_code_end(&self) -> String {
        String::new()
    }
    fn decorate_preformat_first(&self) {}
    fn decorate_preformat_cont(&self) {}
    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }
    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }
    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }
    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }
    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }
    fn make_subblock_decorator(&self) -> Self {
        Marks
    }
}

/// A start or end tag.
struct Tag<'a> {
    name: String,
    attributes: &'a str,
    is_end: bool,
}

/// The next piece of HTML.
enum Token<'a> {
    Text(&'a str),
    Tag(Tag<'a>),
    Comment,
}

/// Cuts HTML into tokens, in one pass.
struct Tokens<'a> {
    rest: &'a str,
    /// Whether a comment may still have an end ahead; looked for in vain only once.
    comments_end: bool,
    /// How many tokens may still be taken.
    left: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if self.rest.is_empty() || self.left == 0 {
            return None;
        }
        self.left -= 1;
        if !self.rest.starts_with('<') {
            return Some(Token::Text(self.take(self.rest.find('<').unwrap_or(self.rest.len()))));
        }
        if self.rest.starts_with("<!--") {
            // Unended comments run to their first `>`, so that no sender hides the text by accident.
            let end = if self.comments_end { self.rest.find("-->") } else { None };
            self.comments_end = end.is_some();
            let end = end.map(|at| at + 3).or_else(|| self.rest.find('>').map(|at| at + 1));
            self.take(end.unwrap_or(self.rest.len()));
            return Some(Token::Comment);
        }
        let after = self.rest[1..].strip_prefix('/').unwrap_or(&self.rest[1..]);
        match after.bytes().next() {
            Some(first) if first.is_ascii_alphabetic() => {}
            Some(b'!' | b'?') => {
                self.take(self.rest.find('>').map_or(self.rest.len(), |at| at + 1));
                return Some(Token::Comment);
            }
            _ => return Some(Token::Text(self.take(1))),
        }
        let is_end = self.rest[1..].starts_with('/');
        let end = tag_end(self.rest);
        let tag = self.take(end);
        let inner = tag.trim_start_matches(['<', '/']).trim_end_matches(['>', '/']);
        let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(inner.len());
        Some(Token::Tag(Tag {
            name: inner[..name_end].to_ascii_lowercase(),
            attributes: &inner[name_end..],
            is_end,
        }))
    }
}

impl<'a> Tokens<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Moves past the end of the element that has just begun; stays where it is if there is no end.
    fn skip_element(&mut self, name: &str) -> bool {
        let mut ahead = Tokens { left: self.left.min(HIDDEN_LIMIT), ..*self };
        let before = ahead.left;
        let mut depth = 1_usize;
        while let Some(token) = ahead.next() {
            let Token::Tag(tag) = token else { continue };
            if tag.name == name {
                depth = if tag.is_end { depth - 1 } else { depth + 1 };
            }
            if depth == 0 {
                self.rest = ahead.rest;
                self.left -= before - ahead.left;
                return true;
            }
        }
        false
    }

    /// Moves past an element whose content is no HTML (a style sheet, a script).
    fn skip_raw(&mut self, name: &str) -> bool {
        static ENDS: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)</(?:script|style|title|head)\b[^>]*>"));
        let close = ENDS.find_iter(self.rest).find(|end| {
            end.as_str().get(2..2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
        });
        if let Some(end) = close {
            self.rest = &self.rest[end.end()..];
        }
        close.is_some()
    }
}

/// The length of the tag that a text begins with: up to a `>` outside quotes, or to the next `<` where the
/// quotes are broken.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(1).take(16 * 1024) {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'<') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    text.find('>').map_or(text.len(), |at| at + 1)
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that every run of the tests compiles")
}

/// The value of an attribute, quotes taken off.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    static ATTRIBUTE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"([A-Za-z][A-Za-z0-9:_-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#));
    ATTRIBUTE
        .captures_iter(attributes)
        .find(|found| found.get(1).is_some_and(|key| key.as_str().eq_ignore_ascii_case(name)))
        .and_then(|found| found.get(2).or(found.get(3)).or(found.get(4)))
        .map(|value| value.as_str().trim())
}

/// Whether the sender meant an element not to be seen: the preview lines of newsletters, mostly.
fn is_hidden(name: &str, attributes: &str) -> bool {
    static STYLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)",
        )
    });
    static NO_SIZE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)font-size\s*:\s*0+(?:\.0+)?(?:px|pt|em|%)?\s*(?:;|!|$)"));
    // The attribute of that name, not the word within the value of another.
    static BARE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(?i)^(?:[^"']|"[^"]*"|'[^']*')*?\shidden(?:[\s=/]|$)"#));
    // Newsletters give whole table cells no font size, to close gaps, and set it again within.
    let sized = matches!(name, "span" | "font" | "a" | "b" | "i" | "em" | "strong" | "small");
    if attributes.len() < "hidden".len() {
        return false;
    }
    attribute(attributes, "style")
        .is_some_and(|style| STYLE.is_match(style) || sized && NO_SIZE.is_match(style))
        || (attributes.len() < 200 && BARE.is_match(attributes))
}

/// Reduces HTML to a flat sequence of `div`, `p`, `br` and `pre`, in quotes and lists of limited depth, and
/// says whether the allowance was enough for it.
fn reduce(html: &str, allowance: &mut Allowance) -> (String, bool) {
    let mut out = Reduced::default();
    let mut tokens = Tokens { rest: html, comments_end: true, left: allowance.tokens };
    while out.html.len() < allowance.bytes
        && let Some(token) = tokens.next()
    {
        match token {
            Token::Comment => {}
            Token::Text(text) => {
                let room = char_boundary(text, allowance.bytes - out.html.len());
                out.text(&text[..room]);
            }
            Token::Tag(tag) if tag.is_end => out.end(&tag.name),
            Token::Tag(tag) => match tag.name.as_str() {
                "script" | "style" | "title" | "head" if out.lost_ends < LOST_ENDS => {
                    out.lost_ends += usize::from(!tokens.skip_raw(&tag.name));
                }
                "br" | "img" | "hr" | "input" | "meta" | "link" | "col" | "wbr" => out.empty(&tag),
                name if out.lost_ends < LOST_ENDS && is_hidden(name, tag.attributes) => {
                    out.lost_ends += usize::from(!tokens.skip_element(name));
                }
                _ => out.start(&tag),
            },
        }
    }
    let is_whole = tokens.rest.trim().is_empty() && out.html.len() <= allowance.bytes;
    allowance.tokens = tokens.left;
    allowance.bytes = allowance.bytes.saturating_sub(out.html.len());
    (out.finish(), is_whole)
}

/// What [`reduce`] has written so far.
#[derive(Default)]
struct Reduced {
    html: String,
    /// The block that is open: `div` or `p`; empty where none is.
    block: &'static str,
    /// Quotes and lists that are open, and elements that are shown as such.
    nested: Vec<Nested>,
    /// Where the text of a link began, and its target.
    link: Option<(usize, String)>,
    lost_ends: usize,
    /// How often the text above a passage was looked at.
    looks_above: usize,
}

/// An open element that nests.
struct Nested {
    /// As the sender wrote it.
    name: String,
    /// As it is written out; empty where the depth is over the limit.
    shown: &'static str,
}

impl Reduced {
    fn text(&mut self, text: &str) {
        if self.block.is_empty() {
            if text.trim().is_empty() && !self.is_open("pre") {
                return;
            }
            self.open_block("div");
        }
        // A lone `<` is no tag.
        if text == "<" { self.html.push_str("&lt;") } else { self.html.push_str(text) }
    }

    fn is_open(&self, shown: &str) -> bool {
        self.nested.iter().any(|nested| nested.shown == shown)
    }

    fn open_block(&mut self, block: &'static str) {
        self.close_block();
        let _ = write!(self.html, "<{block}>");
        self.block = block;
    }

    fn close_block(&mut self) {
        if !self.block.is_empty() {
            let _ = write!(self.html, "</{}>", self.block);
            self.block = "";
        }
    }

    fn empty(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "br" => {
                if self.block.is_empty() {
                    self.open_block("div");
                }
                self.html.push_str("<br>");
            }
            "hr" => {
                self.open_block("div");
                self.html.push_str("____________________");
                self.close_block();
            }
            "img" => self.image(tag.attributes),
            _ => {}
        }
    }

    /// A picture is its description, if it is one to look at.
    fn image(&mut self, attributes: &str) {
        let is_dot = ["width", "height"].iter().any(|side| {
            attribute(attributes, side)
                .is_some_and(|size| matches!(size.trim_end_matches("px"), "0" | "1" | "2"))
        });
        let alt = attribute(attributes, "alt").unwrap_or_default();
        if !is_dot && !alt.is_empty() && !is_hidden("img", attributes) {
            let alt = alt.replace('<', "&lt;");
            self.text(&format!("[{alt}]"));
        }
    }

    fn start(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "p" if is_tight(tag.attributes) => self.open_block("div"),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.open_block("p"),
            // Some programs indent the sender's own words by it.
            "blockquote" => {
                let quotes =
                    self.is_open("blockquote") || is_cited(tag.attributes) || self.is_below_attribution();
                self.nest(&tag.name, if quotes { "blockquote" } else { "" });
            }
            "div" if is_quoting_class(tag.attributes) => self.nest(&tag.name, "blockquote"),
            // Counted, so that the end of an inner `div` is not taken for that of the quote.
            "div" if self.nested.iter().any(|nested| nested.name == "div") => self.nest("div", ""),
            "ul" | "menu" => self.nest(&tag.name, "ul"),
            "ol" => self.nest(&tag.name, "ol"),
            "pre" => self.nest(&tag.name, "pre"),
            "li" => {
                self.end("li");
                let in_list = self.nested.last().is_some_and(|nested| matches!(nested.shown, "ul" | "ol"));
                self.nest("li", if in_list { "li" } else { "" });
            }
            "td" | "th" => self.text(" "),
            "a" => {
                let target = attribute(tag.attributes, "href").unwrap_or_default();
                self.link = Some((self.html.len(), target.to_owned()));
            }
            name if is_block(name) => self.close_block(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "a" => self.end_link(),
            "td" | "th" => {}
            "blockquote" | "ul" | "ol" | "menu" | "li" | "pre" | "div"
                if self
                    .nested
                    .iter()
                    .rev()
                    .take_while(|nested| may_close_over(&nested.name, name))
                    .any(|nested| nested.name == name) =>
            {
                while let Some(nested) = self.nested.pop() {
                    self.close_block();
                    if !nested.shown.is_empty() {
                        let _ = write!(self.html, "</{}>", nested.shown);
                    }
                    if nested.name == name {
                        break;
                    }
                }
            }
            name if is_block(name) => self.close_block(),
            _ => {}
        }
    }

    fn nest(&mut self, name: &str, shown: &'static str) {
        self.close_block();
        let depth = self.nested.iter().filter(|nested| !nested.shown.is_empty()).count();
        let shown = if depth < DEPTH_LIMIT { shown } else { "" };
        if !shown.is_empty() {
            let _ = write!(self.html, "<{shown}>");
        }
        // Beyond any real depth nothing is remembered, so that ends cannot cost quadratic time.
        if self.nested.len() < 64 {
            self.nested.push(Nested { name: name.to_owned(), shown });
        }
    }

    /// Whether the last words so far are an attribution ("On Monday Ann wrote:").
    fn is_below_attribution(&mut self) -> bool {
        self.looks_above += 1;
        if self.looks_above > LOOKS_ABOVE {
            return false;
        }
        let from = char_boundary(&self.html, self.html.len().saturating_sub(1200));
        let text = bare_text(&self.html[from..]);
        let mut words = String::new();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).rev().take(4).any(|line| {
            words = if words.is_empty() { line.to_owned() } else { format!("{line} {words}") };
            zones::is_attribution(&words)
        })
    }

    /// Shows the target of a link where the text does not.
    fn end_link(&mut self) {
        let Some((start, target)) = self.link.take() else { return };
        let shown = self.html.get(start..).unwrap_or_default();
        if is_telling(&target) && !says_the_same(shown, &target) && !shown.trim().is_empty() {
            let target: String = target.chars().take(300).collect();
            let target = target.replace('<', "&lt;").replace('>', "&gt;");
            self.text(&format!(" ({target})"));
        }
    }

    fn finish(mut self) -> String {
        self.close_block();
        while let Some(nested) = self.nested.pop() {
            if !nested.shown.is_empty() {
                let _ = write!(self.html, "</{}>", nested.shown);
            }
        }
        self.html
    }
}

/// Whether the end of `name` may reach past an open `inner`: a quote ends the lists in it, but the end of a
/// list or a `div` never ends a quote that was begun in it.
fn may_close_over(inner: &str, name: &str) -> bool {
    inner == name || name == "blockquote" || inner != "blockquote"
}

/// A paragraph without space around it: how Outlook writes every line.
fn is_tight(attributes: &str) -> bool {
    attributes.contains("MsoNormal")
        || attribute(attributes, "style").is_some_and(|style| {
            let style = style.to_ascii_lowercase().replace(' ', "");
            style.contains("margin:0") || style.contains("margin-top:0") && style.contains("margin-bottom:0")
        })
}

/// A quote by its own word, as mail programs mark the ones that they make.
fn is_cited(attributes: &str) -> bool {
    attribute(attributes, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"))
        || attribute(attributes, "cite").is_some()
        || attribute(attributes, "class").is_some_and(|class| class.to_ascii_lowercase().contains("quote"))
}

/// Elements without a cite mark in which mail programs put the history of a conversation.
fn is_quoting_class(attributes: &str) -> bool {
    attribute(attributes, "class")
        .is_some_and(|class| class.split_whitespace().any(|name| name == "yahoo_quoted"))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "div"
            | "p"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "table"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "caption"
            | "center"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "address"
            | "dl"
            | "dt"
            | "dd"
            | "form"
            | "fieldset"
            | "figure"
            | "figcaption"
            | "body"
            | "html"
            | "aside"
    )
}

/// Targets that a reader can judge: the web and mail, no places within the page.
fn is_telling(target: &str) -> bool {
    let target = target.trim_start();
    ["http://", "https://", "mailto:", "tel:"]
        .iter()
        .any(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Whether the text of a link is its target, give or take the scheme and a slash.
fn says_the_same(shown: &str, target: &str) -> bool {
    let core = |text: &str| {
        let text =
            TAG.replace_all(text, "").trim().to_ascii_lowercase().replace("&amp;", "&").replace("&nbsp;", "");
        let mut text = text.as_str();
        for lead in ["https://", "http://", "mailto:", "tel:", "www."] {
            text = text.strip_prefix(lead).unwrap_or(text);
        }
        text.trim_end_matches('/').replace(' ', "")
    };
    let target = core(target);
    core(shown) == target || core(shown) == target.split('?').next().unwrap_or_default()
}
