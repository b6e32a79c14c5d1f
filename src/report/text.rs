//! The report in lines of text: six pages that fit a width, in pieces that the screen may colour, and all of them below one
//! another for a file or a pipe. Its words stand in `words`, its bars are reckoned in `scale`. Says nothing by colour alone.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use super::scale::{joined, level, scaled, shared_out, total};
use super::words::{
    KINDS, NO_ANSWERS, NO_COMPLAINTS, NO_MESSAGES, NO_PROMISES, TITLES, WEEKDAYS, concerns, count, day,
    evenings, fates, lateness, lead, median, moved, overdue, percent, permille, promised, replies, several,
    share, short_hours, spread,
};
use super::{ClientShare, Late, Outside, Promises, Report, Topic, Wait};

/// One page of the report: a chart or a list under its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// What stands below the title.
    pub lines: Vec<Line>,
}

/// A line, in pieces that the screen may colour.
pub type Line = Vec<Piece>;

/// A piece of a line and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// What it stands for.
    pub role: Role,
}

impl Piece {
    fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role }
    }
}

/// What a piece stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing special.
    Plain,
    /// What may be read later.
    Quiet,
    /// A heading or a name.
    Strong,
    /// It went well.
    Good,
    /// It did not.
    Bad,
    /// Emergencies.
    Emergency,
    /// Complaints.
    Complaint,
    /// Unusual requests.
    Unusual,
    /// Refund demands.
    Refund,
}

/// Lines of a page that the smallest screen has room for.
const MOST_LINES: usize = 19;

/// Weeks, or groups of weeks, that a page has room for.
const MOST_WEEKS: usize = 15;

/// Longer bars say no more.
const LONGEST_BAR: usize = 80;

/// What stands before the second line of an entry.
const INDENT: &str = "  ";

/// How full an hour is, from not at all to as full as the fullest.
const SHADES: [&str; 6] = [" ", "·", "░", "▒", "▓", "█"];

/// How much of a week, from nothing to as much as the most.
const HEIGHTS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The pages of the report. No line is wider than `width` cells.
pub fn pages(report: &Report, width: usize) -> Vec<Page> {
    let bodies = [
        by_week(report, width),
        answers(report, width),
        promises(&report.promises, width),
        outside(report, width),
        clients(report, width),
        complaints(&report.complaints, width),
    ];
    let page = |(title, lines): (&str, Vec<Line>)| Page {
        title: cut(title, width),
        lines: lines.into_iter().map(|line| within(line, width)).collect(),
    };
    TITLES.into_iter().zip(bodies).map(page).collect()
}

/// All pages below one another, without colours.
pub fn text(report: &Report, width: usize) -> String {
    let page = |page: Page| {
        let mut lines = vec![page.title.clone(), "─".repeat(page.title.width())];
        lines.extend(page.lines.iter().map(|line| {
            let words: String = line.iter().map(|piece| piece.text.as_str()).collect();
            words.trim_end().to_owned()
        }));
        lines.join("\n") + "\n"
    };
    pages(report, width).into_iter().map(page).collect::<Vec<_>>().join("\n")
}

fn by_week(report: &Report, width: usize) -> Vec<Line> {
    let mut lines = wrapped(&lead(report), "", width, 3, Role::Plain);
    let groups = joined(report, MOST_WEEKS);
    let all = total(report);
    if all.messages == 0 {
        return lines;
    }
    let rows: Vec<Row> = groups
        .iter()
        .map(|group| Row {
            label: group.label.clone(),
            number: group.messages.to_string(),
            value: group.messages,
            parts: group.kinds.iter().zip(&KINDS).map(|(&n, kind)| (n, kind.fill, kind.role)).collect(),
        })
        .collect();
    lines.extend(chart(&rows, width));
    let seen = KINDS.iter().zip(all.kinds).filter(|(_, number)| *number > 0);
    let legend = seen.map(|(kind, number)| {
        Piece::new(format!("{} {}", kind.fill, count(number, kind.one, kind.many)), kind.role)
    });
    let several = several(&all).map(|words| Piece::new(format!("({words})"), Role::Quiet));
    let legend = flowing(legend.chain(several), "   ", "", width);
    if lines.len() + legend.len() < MOST_LINES {
        lines.push(Line::new());
    }
    lines.extend(legend);
    lines
}

fn answers(report: &Report, width: usize) -> Vec<Line> {
    let answers = &report.answers;
    let mut lines = Vec::new();
    if let Some(words) = promised(answers) {
        lines.extend(wrapped(&words, "", width, 3, Role::Plain));
    }
    if answers.answered == 0 && answers.overdue == 0 {
        lines.extend(wrapped(NO_ANSWERS, "", width, 2, Role::Quiet));
        return lines;
    }
    if answers.answered > 0 {
        let (good, rest) = (answers.in_time, answers.answered.saturating_sub(answers.in_time));
        let row = Row {
            label: "In time".to_owned(),
            number: format!(
                "{} of {}, {}",
                good,
                count(answers.answered, "answer", "answers"),
                percent(good, answers.answered)
            ),
            value: answers.answered,
            parts: vec![(good, "█", Role::Good), (rest, "░", Role::Quiet)],
        };
        lines.extend(chart(&[row], width));
    }
    if let Some(words) = median(answers) {
        lines.extend(wrapped(&words, "", width, 2, Role::Plain));
    }
    let (words, role) = overdue(answers);
    lines.extend(wrapped(&words, "", width, 2, role));
    if !answers.slowest.is_empty() {
        lines.extend([Line::new(), vec![Piece::new("The longest waits, in working time", Role::Strong)]]);
        lines.extend(slowest(report, &answers.slowest, width));
    }
    lines
}

fn slowest(report: &Report, waits: &[Wait], width: usize) -> Vec<Line> {
    let took: Vec<String> = waits.iter().map(|wait| short_hours(wait.hours)).collect();
    let days: Vec<String> = waits.iter().map(|wait| day(report, wait.date)).collect();
    let names = names(waits.iter().map(|wait| wait.client.as_str()), width);
    let (hours, dates) = (widest(took.iter().map(String::as_str)), widest(days.iter().map(String::as_str)));
    let heads = took.iter().zip(days).zip(names);
    let lines = waits.iter().zip(heads).map(|(wait, ((took, day), name))| {
        vec![
            Piece::new(format!("{INDENT}{took:>hours$}  "), Role::Bad),
            Piece::new(format!("{day:<dates$}  "), Role::Quiet),
            Piece::new(name, Role::Strong),
            Piece::new(clean(&wait.subject), Role::Plain),
        ]
    });
    lines.collect()
}

fn promises(promises: &Promises, width: usize) -> Vec<Line> {
    let kinds = fates(promises);
    if kinds.iter().all(|(_, number, _)| *number == 0) {
        return wrapped(NO_PROMISES, "", width, 2, Role::Quiet);
    }
    let rows = kinds.map(|(label, number, role)| Row {
        label: label.to_owned(),
        number: number.to_string(),
        value: number,
        parts: vec![(number, "█", role)],
    });
    let mut lines = chart(&rows, width);
    if promises.moved > 0 {
        lines.extend(wrapped(&moved(promises), "", width, 2, Role::Quiet));
    }
    if !promises.late.is_empty() {
        lines.extend([Line::new(), vec![Piece::new("Late", Role::Strong)]]);
        lines.extend(late(&promises.late, width));
    }
    lines
}

fn late(late: &[Late], width: usize) -> Vec<Line> {
    let said: Vec<String> = late.iter().map(lateness).collect();
    let column = widest(said.iter().map(String::as_str));
    let names = names(late.iter().map(|late| late.client.as_str()), width);
    let lines = late.iter().zip(said).zip(names).map(|((late, said), name)| {
        let role = if late.open { Role::Bad } else { Role::Quiet };
        vec![
            Piece::new(format!("{INDENT}{said:<column$}  "), role),
            Piece::new(name, Role::Strong),
            Piece::new(clean(&late.what), Role::Plain),
        ]
    });
    lines.collect()
}

/// Names cut to a column, with the gap behind it.
fn names<'a>(names: impl Iterator<Item = &'a str>, width: usize) -> Vec<String> {
    let names: Vec<String> = names.map(|name| cut(&clean(name), (width / 4).clamp(8, 24))).collect();
    let column = widest(names.iter().map(String::as_str)) + 2;
    names.into_iter().map(|name| padded(name, column)).collect()
}

fn outside(report: &Report, width: usize) -> Vec<Line> {
    let outside = &report.outside;
    let (words, role) = evenings(outside);
    let mut lines = wrapped(&words, "", width, 5, role);
    if outside.replies == 0 {
        return lines;
    }
    lines.push(Line::new());
    lines.extend(heat_map(outside, width));
    let groups = joined(report, width.saturating_sub(INDENT.width()));
    let most = groups.iter().map(|group| group.outside).max().unwrap_or(0);
    if most > 0 {
        let step = groups.first().map_or(1, |group| group.weeks);
        let step = if step == 1 { "a week" } else { &format!("{step} weeks") };
        let line: String = groups.iter().map(|group| HEIGHTS[level(group.outside, most, 7)]).collect();
        lines.push(Line::new());
        let words = format!("Outside your hours, at most {most} in {step}:");
        lines.extend(wrapped(&words, "", width, 2, Role::Plain));
        lines.push(vec![Piece::new(format!("{INDENT}{line}"), Role::Strong)]);
    }
    lines
}

/// The hours of the week, each as dark as it had replies.
fn heat_map(outside: &Outside, width: usize) -> Vec<Line> {
    let cells = if width >= 60 { 2 } else { 1 };
    let most = outside.by_hour.iter().flatten().copied().max().unwrap_or(0);
    let hours = ["0", "6", "12", "18"].map(|hour| format!("{hour:<0$}", 6 * cells)).concat();
    let mut lines = vec![vec![Piece::new(format!("    {hours}"), Role::Quiet)]];
    lines.extend(WEEKDAYS.iter().zip(&outside.by_hour).map(|(day, hours)| {
        let shades: String = hours.iter().map(|&n| SHADES[level(n, most, 5)].repeat(cells)).collect();
        let sum: u32 = hours.iter().sum();
        vec![
            Piece::new(format!("{day} "), Role::Plain),
            Piece::new(shades, Role::Strong),
            Piece::new(format!(" {sum:>3}"), Role::Quiet),
        ]
    }));
    let words = format!("Replies by the hour; █ is {} in one hour of the week.", replies(most));
    lines.extend(wrapped(&words, "", width, 2, Role::Quiet));
    lines
}

fn clients(report: &Report, width: usize) -> Vec<Line> {
    if report.clients.is_empty() {
        return wrapped(NO_MESSAGES, "", width, 2, Role::Quiet);
    }
    let rows: Vec<Row> = report
        .clients
        .iter()
        .map(|client| Row {
            label: cut(&clean(&client.name), name_width(width)),
            number: share(client),
            value: permille(client),
            parts: vec![(permille(client), "█", Role::Plain)],
        })
        .collect();
    let entries = chart(&rows, width).into_iter().zip(&report.clients);
    let blocks = entries.map(|(line, client)| {
        let mut block = vec![line];
        block.extend(flowing(taken(client), " ", INDENT, width));
        block
    });
    filled(blocks.collect(), number(report.clients_in_all), "client", "clients")
}

/// What a client took, and with which concerns.
fn taken(client: &ClientShare) -> Vec<Piece> {
    let outside = match client.outside {
        0 => String::new(),
        number => format!(" ({number} outside your hours)"),
    };
    let mut pieces = vec![
        Piece::new(count(client.messages, "message", "messages"), Role::Quiet),
        Piece::new(format!("{}{outside}", replies(client.replies)), Role::Quiet),
    ];
    pieces.extend(concerns(client).map(|(words, role)| Piece::new(words, role)));
    let last = pieces.len() - 1;
    for piece in &mut pieces[..last] {
        piece.text.push(',');
    }
    pieces
}

fn complaints(topics: &[Topic], width: usize) -> Vec<Line> {
    if topics.is_empty() {
        return wrapped(NO_COMPLAINTS, "", width, 2, Role::Good);
    }
    let rows: Vec<Row> = topics
        .iter()
        .map(|topic| Row {
            label: cut(&clean(&topic.says), name_width(width)),
            number: topic.complaints.to_string(),
            value: topic.complaints,
            parts: vec![(topic.complaints, "█", Role::Complaint)],
        })
        .collect();
    let entries = chart(&rows, width).into_iter().zip(topics);
    let blocks = entries.map(|(line, topic)| {
        let mut block = vec![line];
        let words = format!("{}. {}", spread(topic), clean(&topic.lesson));
        block.extend(wrapped(words.trim(), INDENT, width, 2, Role::Quiet));
        block
    });
    filled(blocks.collect(), topics.len(), "topic", "topics")
}

fn number(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// As many entries as a page has room for, and how many more of `all` there are.
fn filled(blocks: Vec<Vec<Line>>, all: usize, one: &str, many: &str) -> Vec<Line> {
    let all = all.max(blocks.len());
    let fits = blocks.iter().map(Vec::len).sum::<usize>() <= MOST_LINES && all == blocks.len();
    let room = if fits { MOST_LINES } else { MOST_LINES - 1 };
    let mut lines = Vec::new();
    let mut shown = 0;
    for block in blocks {
        if lines.len() + block.len() > room {
            break;
        }
        lines.extend(block);
        shown += 1;
    }
    if shown < all {
        let more = u32::try_from(all - shown).unwrap_or(u32::MAX);
        lines.push(vec![Piece::new(format!("and {} more", count(more, one, many)), Role::Quiet)]);
    }
    lines
}

/// A bar with its label and its number.
struct Row {
    label: String,
    number: String,
    /// How long the bar is, beside those of the other rows.
    value: u32,
    /// What it is made of: how much, in which fill, and what that stands for.
    parts: Vec<(u32, &'static str, Role)>,
}

/// Bars below one another, the longest as long as there is room.
fn chart(rows: &[Row], width: usize) -> Vec<Line> {
    let label = widest(rows.iter().map(|row| row.label.as_str()));
    let number = widest(rows.iter().map(|row| row.number.as_str()));
    let room = width.saturating_sub(label + number + 3).clamp(1, LONGEST_BAR);
    let most = rows.iter().map(|row| row.value).max().unwrap_or(0);
    rows.iter()
        .map(|row| {
            let head = format!("{}{:>number$} ", padded(row.label.clone(), label + 2), row.number);
            let parts: Vec<u32> = row.parts.iter().map(|(part, ..)| *part).collect();
            let cells = shared_out(&parts, scaled(row.value, most, room));
            let bar = cells.into_iter().zip(&row.parts).filter(|(cells, _)| *cells > 0);
            let bar = bar.map(|(cells, (_, fill, role))| Piece::new(fill.repeat(cells), *role));
            [Piece::new(head, Role::Plain)].into_iter().chain(bar).collect()
        })
        .collect()
}

/// The text with spaces up to the width.
fn padded(text: String, width: usize) -> String {
    let gap = width.saturating_sub(text.width());
    text + &" ".repeat(gap)
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// The column of names on a screen of this width.
fn name_width(width: usize) -> usize {
    (width * 2 / 5).clamp(8, 32)
}

/// A text in one role, broken to the width and indented; what is beyond `most` lines is cut.
fn wrapped(text: &str, indent: &str, width: usize, most: usize, role: Role) -> Vec<Line> {
    let room = width.saturating_sub(indent.width()).max(1);
    let options = textwrap::Options::new(room).word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut parts: Vec<String> = textwrap::wrap(text, options).into_iter().map(String::from).collect();
    if parts.len() > most {
        let rest = parts.drain(most.saturating_sub(1)..).collect::<Vec<_>>().join(" ");
        parts.push(cut(&rest, room));
    }
    parts.into_iter().map(|part| vec![Piece::new(format!("{indent}{part}"), role)]).collect()
}

/// Pieces beside one another, as many to a line as it has room for.
fn flowing(pieces: impl IntoIterator<Item = Piece>, between: &str, indent: &str, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    for piece in pieces {
        let needs = piece.text.width();
        match lines.last_mut() {
            Some(line) if used + between.width() + needs <= width => {
                used += between.width() + needs;
                line.extend([Piece::new(between, Role::Plain), piece]);
            }
            _ => {
                used = indent.width() + needs;
                lines.push(vec![Piece::new(indent, Role::Plain), piece]);
            }
        }
    }
    lines
}

/// The line, cut to the width.
fn within(line: Line, width: usize) -> Line {
    let mut room = width;
    let mut kept = Line::new();
    for piece in line {
        let needs = piece.text.width();
        if needs > room {
            kept.push(Piece { text: cut(&piece.text, room), ..piece });
            break;
        }
        room -= needs;
        kept.push(piece);
    }
    kept
}

/// The text within `width` cells; where it is cut there is an ellipsis.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for cluster in text.graphemes(true) {
        used += cluster.width();
        if used > width {
            break;
        }
        kept.push_str(cluster);
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// A foreign text on one line, without what a terminal or a browser would obey.
pub(super) fn clean(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control() && !turns(*c)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;

    use super::*;
    use crate::report::words::{NO_REPLIES, working_hours};
    use crate::report::{Answers, Week};

    /// Names and subjects that no column was made for.
    pub(in crate::report) const FOREIGN: [&str; 5] = [
        "株式会社とても長い名前のお菓子屋さん東京本店営業部第三課",
        "👩‍👩‍👧‍👧 The Family Of Many 🎂🎂🎂🎂 And More Of Them 🎂🎂🎂🎂",
        "<script>alert(\"x\")</script> & Söhne",
        "Donaudampfschifffahrtsgesellschaftskapitänswitwenverein e. V.",
        "A\u{1b}[31mnn\u{202e} Lee\n",
    ];

    /// A time without anything.
    pub(in crate::report) fn empty() -> Report {
        let promise = "1 working day; to an emergency 4 hours".to_owned();
        Report {
            v: crate::report::VERSION,
            from: date(2026, 11, 3),
            until: date(2026, 11, 30),
            weeks: Vec::new(),
            answers: Answers {
                promise,
                answered: 0,
                in_time: 0,
                overdue: 0,
                median_hours: None,
                slowest: Vec::new(),
            },
            promises: Promises { kept: 0, kept_late: 0, overdue: 0, released: 0, moved: 0, late: Vec::new() },
            outside: Outside { replies: 0, evenings: 0, weekends: 0, days_off: 0, by_hour: [[0; 24]; 7] },
            clients: Vec::new(),
            clients_in_all: 0,
            complaints: Vec::new(),
        }
    }

    /// So many full weeks, and whatever a page may show.
    pub(in crate::report) fn full(weeks: u8) -> Report {
        let monday = date(2026, 11, 2);
        let week = |number: u8| Week {
            monday: monday + i32::from(number).weeks(),
            messages: 9 + u32::from(number) % 5,
            emergency: 1,
            complaint: 2,
            unusual: u32::from(number) % 3,
            refund: u32::from(number.is_multiple_of(4)),
            plain: 7,
            outside: u32::from(number) % 6,
        };
        let mut report = empty();
        report.weeks = (0..weeks).map(week).collect();
        report.until = monday + i32::from(weeks).weeks() - 1.day();
        let wait = |name: &str| Wait {
            client: name.to_owned(),
            subject: format!("About {name}"),
            date: date(2026, 11, 12),
            hours: 37.6,
        };
        let slowest = FOREIGN.into_iter().map(wait).collect();
        let promise = report.answers.promise.clone();
        report.answers =
            Answers { promise, answered: 40, in_time: 34, overdue: 3, median_hours: Some(3.5), slowest };
        let late =
            |name: &str| Late { what: format!("Send {name}"), client: name.to_owned(), days: 1, open: true };
        let late = FOREIGN.into_iter().map(late).collect();
        report.promises = Promises { kept: 12, kept_late: 2, overdue: 3, released: 1, moved: 1, late };
        report.outside =
            Outside { replies: 40, evenings: 5, weekends: 3, days_off: 1, by_hour: [[2; 24]; 7] };
        report.outside.by_hour[6][23] = 9;
        report.clients = FOREIGN.into_iter().cycle().take(12).map(client).collect();
        report.complaints = FOREIGN.into_iter().cycle().take(12).map(topic).collect();
        report
    }

    fn client(name: &str) -> ClientShare {
        ClientShare {
            name: name.to_owned(),
            messages: 1,
            replies: 22,
            outside: 4,
            emergency: 4,
            complaint: 1,
            unusual: 0,
            refund: 2,
            share: 0.343,
        }
    }

    fn topic(name: &str) -> Topic {
        Topic {
            topic: "late".to_owned(),
            says: name.to_owned(),
            complaints: 4,
            clients: 1,
            lesson: format!("Say a later day, and keep it. {name}"),
        }
    }

    fn assert_fits(report: &Report, width: usize) {
        for page in pages(report, width) {
            assert!(page.title.width() <= width, "{}", page.title);
            for line in &page.lines {
                let words: String = line.iter().map(|piece| piece.text.as_str()).collect();
                let cells: usize = line.iter().map(|piece| piece.text.width()).sum();
                assert!(words.width() <= width && cells <= width, "{width}: {words:?}");
                assert!(!words.contains(char::is_control), "{words:?}");
            }
            assert!(width < 78 || page.lines.len() <= 19, "{width}: {:?}", page.title);
        }
    }

    #[test]
    fn no_line_is_wider_than_the_screen_and_no_page_is_longer() {
        for width in [40, 78, 140] {
            for weeks in [0, 1, 15, 16, 60, 255] {
                assert_fits(&full(weeks), width);
            }
            assert_fits(&empty(), width);
        }
        for width in 0..40 {
            assert_fits(&full(20), width);
        }
    }

    #[test]
    fn an_empty_time_is_said_kindly() {
        let text = text(&empty(), 78);
        for words in [NO_MESSAGES, NO_ANSWERS, NO_PROMISES, NO_REPLIES, NO_COMPLAINTS] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("NaN") && text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        let mut report = full(2);
        report.clients[0].share = f64::NAN;
        report.answers.median_hours = Some(f64::NAN);
        report.answers.slowest[0].hours = f64::INFINITY;
        let text = text(&report, 78);
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    }

    #[test]
    fn every_page_has_its_title_and_its_facts() {
        let text = text(&full(4), 78);
        for title in TITLES {
            assert!(text.contains(&format!("{title}\n{}\n", "─".repeat(title.len()))), "{title}: {text}");
        }
        for words in [
            "42 messages of clients, 3 Nov to 29 Nov 2026.",
            "█ 4 emergencies   ▓ 8 complaints   ▒ 3 unusual requests   ░ 1 refund demand",
            "34 of 40 answers, 85 %",
            "Half of the answers came within 3.5 working hours.",
            "1 of them was given another day",
            "1 day late, still open",
            "Of 40 replies, 9 were written outside your hours: 5 before or after work",
            "1 message, 22 replies (4 outside your hours), 4 emergencies, 1 complaint,",
            "4 complaints of 1 client. Say a later day",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }

    #[test]
    fn weeks_are_joined_where_there_are_too_many() {
        let labels = |weeks: u8| -> Vec<String> {
            joined(&full(weeks), MOST_WEEKS).into_iter().map(|group| group.label).collect()
        };
        assert_eq!(labels(2), ["3 Nov", "9 Nov"], "the first week is cut");
        assert_eq!(labels(15).len(), 15);
        assert_eq!(labels(8)[1], "9 Nov");
        let many = labels(33);
        assert_eq!(many.len(), 9);
        assert_eq!(many[0], "4 weeks from 3 Nov 2026");
        assert_eq!(many[8], "1 week from 14 Jun 2027");
    }

    #[test]
    fn bars_add_up_and_small_parts_are_seen() {
        assert_eq!(shared_out(&[1, 0, 0, 0, 99], 10), [1, 0, 0, 0, 9]);
        assert_eq!(shared_out(&[1, 1, 1, 1, 1], 3).iter().sum::<usize>(), 3);
        assert_eq!(shared_out(&[2, 1], 10), [7, 3]);
        assert_eq!(shared_out(&[0, 0], 10), [0, 0]);
        assert_eq!(
            (scaled(1, 1000, 20), scaled(0, 5, 20), scaled(5, 5, 20), scaled(3, 0, 20)),
            (1, 0, 20, 0)
        );
        assert_eq!([0, 1, 5, 10].map(|number| level(number, 10, 5)), [0, 1, 3, 5]);
    }

    #[test]
    fn numbers_are_said_as_people_say_them() {
        assert_eq!(count(1, "message", "messages"), "1 message");
        assert_eq!(count(0, "message", "messages"), "0 messages");
        let hours = [0.5, 1.0, 3.46, 9.96, 38.2].map(working_hours);
        assert_eq!(
            hours,
            [
                "30 working minutes",
                "1 working hour",
                "3.5 working hours",
                "10 working hours",
                "38 working hours"
            ]
        );
        assert_eq!(
            [(0, 0), (199, 200), (1, 900), (3, 3)].map(|(a, b)| percent(a, b)),
            ["0 %", "99 %", "1 %", "100 %"]
        );
    }

    #[test]
    fn texts_are_cut_between_characters_as_they_are_seen() {
        for (text, width, expected) in
            [("cake", 4, "cake"), ("two tier cake", 8, "two tie…"), ("生日蛋糕", 5, "生日…"), ("cake", 0, "")]
        {
            assert_eq!(cut(text, width), expected);
        }
        assert_eq!(clean("A\u{1b}[31mnn\u{202e} \n Lee\n"), "A[31mnn Lee");
    }
}
