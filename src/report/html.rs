//! The report as one web page that needs nothing but itself: no network, no script, its charts drawn in it,
//! its numbers in tables below them. The same six parts and the same words as in `text`. Every text that
//! somebody else wrote is escaped; the same report gives the same page.

use super::scale::{Group, joined, level, scaled, shared_out, total};
use super::text::{Role, clean, cut};
use super::words::{
    KINDS, NO_ANSWERS, NO_COMPLAINTS, NO_MESSAGES, NO_PROMISES, TITLES, WEEKDAYS, concerns, count, day,
    evenings, fates, lateness, lead, median, moved, overdue, percent, period, permille, promised, replies,
    several, share, spread, working_hours,
};
use super::{Outside, Report};

/// Bars that a chart has room for.
const MOST_WEEKS: usize = 26;

/// The width of a chart, of its labels, and of its longest bar; the rest is for numbers.
const WIDTH: usize = 720;
/// As [`WIDTH`].
const LABELS: usize = 200;
/// As [`WIDTH`].
const BAR: usize = 430;
/// The height of a row of a chart.
const ROW: usize = 24;

/// Cells of a label that fit beside a chart.
const LABEL_CELLS: usize = 24;

/// An hour in the heat map.
const HOUR: usize = 26;

/// How dark an hour is, from not at all to as dark as the darkest.
const SHADES: [&str; 6] = ["0", "0.2", "0.4", "0.6", "0.8", "1"];

/// The look of the page. All text has a contrast of 4.5 to 1 or more, all bars one of 3 to 1.
const STYLE: &str = "
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1b1f; --quiet: #55565c; --line: #d4d4da;
  --e: #b3261e; --c: #a85200; --u: #1f5fae; --r: #7b3fa0; --p: #707076;
  --g: #1b6e3c; --b: #b3261e; --s: #2f5d75; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #16181d; --ink: #e8e8ec; --quiet: #aeb0b8; --line: #3a3d45;
    --e: #ff8a80; --c: #ffb74d; --u: #82b1ff; --r: #ce93d8; --p: #9aa0a6;
    --g: #81c995; --b: #ff8a80; --s: #8fc1dc; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 50rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
svg { display: block; width: 100%; height: auto; margin: 1rem 0; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 0.875rem; }
caption { text-align: left; color: var(--quiet); }
th, td { padding: 0.2rem 0.6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
thead th { overflow-wrap: normal; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
.wide th, .wide td { padding: 0.1rem 0.3rem; overflow-wrap: normal; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; list-style: none; padding: 0; }
.legend span { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em; }
.e { fill: var(--e); background: var(--e); } .c { fill: var(--c); background: var(--c); }
.u { fill: var(--u); background: var(--u); } .r { fill: var(--r); background: var(--r); }
.p { fill: var(--p); background: var(--p); } .g { fill: var(--g); background: var(--g); }
.b { fill: var(--b); background: var(--b); } .s { fill: var(--s); background: var(--s); }
.h { fill: var(--s); stroke: var(--line); }
.good { color: var(--g); } .bad { color: var(--b); } .quiet, footer { color: var(--quiet); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); font-size: 0.875rem; }
rect, .legend span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, caption { break-after: avoid; }
  svg, tr, li { break-inside: avoid; }
  .wide { overflow: visible; font-size: 8pt; }
}
";

/// The report as a web page.
pub fn html(report: &Report) -> String {
    let title = format!("Report, {}", period(report));
    let bodies = [
        by_week(report),
        answers(report),
        promises(report),
        outside(report),
        clients(report),
        complaints(report),
    ];
    let sections = TITLES.iter().zip(bodies).enumerate();
    let sections: Vec<String> = sections
        .map(|(number, (title, body))| {
            let id = format!("part{}", number + 1);
            let head = format!("<h2 id=\"{id}\">{}</h2>", escaped(title));
            format!("<section aria-labelledby=\"{id}\">\n{head}\n{body}</section>\n")
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         {sections}</main>\n<footer>\n<p>Made by amicable for its owner alone; nothing of this was sent to \
         anybody.</p>\n</footer>\n</body>\n</html>\n",
        title = escaped(&title),
        sections = sections.concat(),
    )
}

fn by_week(report: &Report) -> String {
    let groups = joined(report, MOST_WEEKS);
    let all = total(report);
    if all.messages == 0 {
        return said(&lead(report), Role::Quiet);
    }
    let bars: Vec<Bar> = groups
        .iter()
        .map(|group| Bar {
            label: group.label.clone(),
            number: group.messages.to_string(),
            value: group.messages,
            parts: group.kinds.iter().zip(&KINDS).map(|(&number, kind)| (number, kind.role)).collect(),
        })
        .collect();
    let describes = "One bar for each week or group of weeks, as long as it had messages, in parts by \
                     what they asked. The table below has the numbers.";
    let mut heads = vec!["From", "Messages"];
    heads.extend(["Emergencies", "Complaints", "Unusual requests", "Refund demands", "Plain messages"]);
    let rows = groups.iter().map(|group| {
        let mut row = vec![group.label.clone(), group.messages.to_string()];
        row.extend(group.kinds.iter().map(u32::to_string));
        row
    });
    [
        said(&lead(report), Role::Plain),
        chart("weeks", "Messages of clients by week", describes, &bars),
        legend(&all),
        table("Messages of clients by week", &heads, rows),
    ]
    .concat()
}

fn legend(all: &Group) -> String {
    let seen = KINDS.iter().zip(all.kinds).filter(|(_, number)| *number > 0);
    let items: Vec<String> = seen
        .map(|(kind, number)| {
            let words = count(number, kind.one, kind.many);
            format!("<li><span class=\"{}\" aria-hidden=\"true\"></span>{words}</li>\n", fill(kind.role))
        })
        .collect();
    let several = several(all).map(|words| said(&format!("({words})"), Role::Quiet)).unwrap_or_default();
    format!("<ul class=\"legend\">\n{}</ul>\n{several}", items.concat())
}

fn answers(report: &Report) -> String {
    let answers = &report.answers;
    let mut parts = Vec::new();
    parts.extend(promised(answers).map(|words| said(&words, Role::Plain)));
    if answers.answered == 0 && answers.overdue == 0 {
        parts.push(said(NO_ANSWERS, Role::Quiet));
        return parts.concat();
    }
    let late = answers.answered.saturating_sub(answers.in_time);
    let bar = |label: &str, value: u32, role: Role| Bar {
        label: label.to_owned(),
        number: value.to_string(),
        value,
        parts: vec![(value, role)],
    };
    let bars = [
        bar("Answered in time", answers.in_time, Role::Good),
        bar("Answered later", late, Role::Bad),
        bar("Overdue", answers.overdue, Role::Bad),
    ];
    if answers.answered > 0 {
        let all = count(answers.answered, "answer", "answers");
        let percent = percent(answers.in_time, answers.answered);
        parts.push(said(&format!("In time: {} of {all}, {percent}.", answers.in_time), Role::Plain));
    }
    parts.extend(median(answers).map(|words| said(&words, Role::Plain)));
    let (words, role) = overdue(answers);
    parts.push(said(&words, role));
    let describes = "One bar each for messages that were answered in time, were answered later, or wait \
                     longer than promised. The table below has the numbers.";
    parts.push(chart("answers", "Answers against the promise", describes, &bars));
    parts.push(table("Answers against the promise", &["", "Messages"], bars.into_iter().map(Bar::told)));
    if !answers.slowest.is_empty() {
        let heads = ["Client", "Subject", "Written on", "It took"];
        let rows = answers.slowest.iter().map(|wait| {
            let took = working_hours(wait.hours);
            vec![wait.client.clone(), wait.subject.clone(), day(report, wait.date), took]
        });
        parts.push(table("The longest waits", &heads, rows));
    }
    parts.concat()
}

fn promises(report: &Report) -> String {
    let promises = &report.promises;
    let kinds = fates(promises);
    if kinds.iter().all(|(_, number, _)| *number == 0) {
        return said(NO_PROMISES, Role::Quiet);
    }
    let bars = kinds.map(|(label, value, role)| Bar {
        label: label.to_owned(),
        number: value.to_string(),
        value,
        parts: vec![(value, role)],
    });
    let describes = "One bar for each thing that may become of a promise. The table below has the numbers.";
    let mut parts = vec![chart("promises", "What became of promises", describes, &bars)];
    parts.push(table("What became of promises", &["", "Promises"], bars.into_iter().map(Bar::told)));
    if promises.moved > 0 {
        parts.push(said(&moved(promises), Role::Quiet));
    }
    if !promises.late.is_empty() {
        let rows =
            promises.late.iter().map(|late| vec![late.client.clone(), late.what.clone(), lateness(late)]);
        parts.push(table("Promises that were late, or are", &["Client", "What", "How late"], rows));
    }
    parts.concat()
}

fn outside(report: &Report) -> String {
    let (words, role) = evenings(&report.outside);
    let mut parts = vec![said(&words, role)];
    if report.outside.replies == 0 {
        return parts.concat();
    }
    parts.push(heat_map(&report.outside));
    parts.push(hours(&report.outside));
    let groups = joined(report, MOST_WEEKS);
    if total(report).outside > 0 {
        let bars: Vec<Bar> = groups
            .into_iter()
            .map(|group| Bar {
                label: group.label,
                number: group.outside.to_string(),
                value: group.outside,
                parts: vec![(group.outside, Role::Strong)],
            })
            .collect();
        let describes = "One bar for each week or group of weeks, as long as it had replies outside the \
                         hours of work. The table below has the numbers.";
        let title = "Replies outside your hours by week";
        parts.push(chart("outside", title, describes, &bars));
        parts.push(table(title, &["From", "Replies outside your hours"], bars.into_iter().map(Bar::told)));
    }
    parts.concat()
}

/// The hours of the week, each as dark as it had replies.
fn heat_map(outside: &Outside) -> String {
    let most = outside.by_hour.iter().flatten().copied().max().unwrap_or(0);
    let mut parts = Vec::new();
    for hour in [0, 6, 12, 18] {
        parts.push(label(44 + hour * HOUR, 14, "start", &hour.to_string()));
    }
    for (row, (name, numbers)) in WEEKDAYS.iter().zip(&outside.by_hour).enumerate() {
        let y = 20 + row * HOUR;
        parts.push(label(36, y + 17, "end", name));
        parts.extend(numbers.iter().enumerate().map(|(hour, &number)| {
            let (x, dark) = (44 + hour * HOUR, SHADES[level(number, most, 5)]);
            let size = HOUR - 2;
            format!(
                "<rect class=\"h\" x=\"{x}\" y=\"{y}\" width=\"{size}\" height=\"{size}\" \
                 fill-opacity=\"{dark}\"/>\n"
            )
        }));
    }
    let describes = format!(
        "A row for each day of the week, a field for each hour of the day, the darker the more replies were \
         written in it: at most {}. The table below has the numbers.",
        replies(most)
    );
    drawing("hours", "Replies by weekday and hour", &describes, 20 + 7 * HOUR, &parts.concat())
}

/// The numbers of the heat map.
fn hours(outside: &Outside) -> String {
    let names: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let mut heads = vec!["Day"];
    heads.extend(names.iter().map(String::as_str));
    let rows = WEEKDAYS.iter().zip(&outside.by_hour).map(|(name, numbers)| {
        let mut row = vec![(*name).to_owned()];
        row.extend(numbers.iter().map(u32::to_string));
        row
    });
    let title = "Replies by weekday and hour";
    let numbers = table(title, &heads, rows);
    format!("<div class=\"wide\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\">\n{numbers}</div>\n")
}

fn clients(report: &Report) -> String {
    if report.clients.is_empty() {
        return said(NO_MESSAGES, Role::Quiet);
    }
    let bars: Vec<Bar> = report
        .clients
        .iter()
        .map(|client| Bar {
            label: client.name.clone(),
            number: share(client),
            value: permille(client),
            parts: vec![(permille(client), Role::Strong)],
        })
        .collect();
    let describes = "One bar for each client, as long as their part in all messages and replies. The table \
                     below has the numbers.";
    let heads = ["Client", "Share", "Messages", "Replies", "Outside your hours", "Concerns"];
    let rows = report.clients.iter().map(|client| {
        let mut row = vec![client.name.clone(), share(client)];
        row.extend([client.messages, client.replies, client.outside].iter().map(u32::to_string));
        row.push(concerns(client).map(|(words, _)| words).collect::<Vec<_>>().join(", "));
        row
    });
    let title = "The share of each client";
    [chart("clients", title, describes, &bars), table(title, &heads, rows)].concat()
}

fn complaints(report: &Report) -> String {
    if report.complaints.is_empty() {
        return said(NO_COMPLAINTS, Role::Good);
    }
    let bars: Vec<Bar> = report
        .complaints
        .iter()
        .map(|topic| Bar {
            label: topic.says.clone(),
            number: topic.complaints.to_string(),
            value: topic.complaints,
            parts: vec![(topic.complaints, Role::Complaint)],
        })
        .collect();
    let describes = "One bar for each topic, as long as there were complaints about it. The table below \
                     has the numbers.";
    let rows =
        report.complaints.iter().map(|topic| vec![topic.says.clone(), spread(topic), topic.lesson.clone()]);
    let title = "Complaints by topic";
    let heads = ["Topic", "How many", "What may be learned from it"];
    [chart("topics", title, describes, &bars), table(title, &heads, rows)].concat()
}

/// A bar with its label and its number.
struct Bar {
    label: String,
    number: String,
    /// How long it is, beside the others.
    value: u32,
    /// What it is made of.
    parts: Vec<(u32, Role)>,
}

impl Bar {
    /// As a row of a table.
    fn told(self) -> Vec<String> {
        vec![self.label, self.number]
    }
}

/// Bars below one another.
fn chart(id: &str, title: &str, describes: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0);
    let rows: Vec<String> = bars.iter().enumerate().map(|(row, bar)| drawn(bar, row * ROW, most)).collect();
    drawing(id, title, describes, bars.len() * ROW, &rows.concat())
}

/// One bar, its top at `y`.
fn drawn(bar: &Bar, y: usize, most: u32) -> String {
    let name = cut(&clean(&bar.label), LABEL_CELLS);
    let mut parts = vec![label(LABELS - 8, y + 16, "end", &name)];
    let counts: Vec<u32> = bar.parts.iter().map(|(count, _)| *count).collect();
    let mut x = LABELS;
    for (length, (_, role)) in shared_out(&counts, scaled(bar.value, most, BAR)).iter().zip(&bar.parts) {
        if *length > 0 {
            // A thin gap shows where the next part begins.
            let (class, shown) = (fill(*role), length.saturating_sub(1).max(1));
            parts.push(format!(
                "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{shown}\" height=\"{}\"/>\n",
                y + 3,
                ROW - 6
            ));
            x += length;
        }
    }
    parts.push(label(x + 8, y + 16, "start", &bar.number));
    parts.concat()
}

/// Text in a drawing.
fn label(x: usize, y: usize, anchor: &str, text: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>\n", escaped(text))
}

/// A drawing with what those hear who do not see it.
fn drawing(id: &str, title: &str, describes: &str, height: usize, inner: &str) -> String {
    format!(
        "<svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{inner}</svg>\n",
        escaped(title),
        escaped(describes),
    )
}

/// A table; the first cell of a row names it, numbers stand on the right.
fn table(caption: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let head = |text: &&str| match *text {
        "" => "<td></td>".to_owned(),
        text => format!("<th scope=\"col\">{}</th>", escaped(text)),
    };
    let heads: Vec<String> = heads.iter().map(head).collect();
    let cell = |(column, text): (usize, &String)| match column {
        0 => format!("<th scope=\"row\">{}</th>", escaped(text)),
        _ if is_number(text) => format!("<td class=\"n\">{}</td>", escaped(text)),
        _ => format!("<td>{}</td>", escaped(text)),
    };
    let line = |row: Vec<String>| {
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let rows: Vec<String> = rows.map(line).collect();
    format!(
        "<table>\n<caption>{}</caption>\n<thead>\n<tr>{}</tr>\n</thead>\n<tbody>\n{}</tbody>\n</table>\n",
        escaped(caption),
        heads.concat(),
        rows.concat()
    )
}

/// Whether a cell is a count or a share.
fn is_number(text: &str) -> bool {
    let digits = text.strip_suffix(" %").unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A paragraph.
fn said(words: &str, role: Role) -> String {
    let class = match role {
        Role::Good => " class=\"good\"",
        Role::Bad => " class=\"bad\"",
        Role::Quiet => " class=\"quiet\"",
        _ => "",
    };
    format!("<p{class}>{}</p>\n", escaped(words))
}

/// The class that fills a bar.
fn fill(role: Role) -> &'static str {
    match role {
        Role::Emergency => "e",
        Role::Complaint => "c",
        Role::Unusual => "u",
        Role::Refund => "r",
        Role::Good => "g",
        Role::Bad => "b",
        Role::Strong => "s",
        Role::Plain | Role::Quiet => "p",
    }
}

/// A text that is nothing but text to a browser.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::super::text::tests::{empty, full};
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        let page = html(&full(6));
        let name = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne";
        assert!(page.contains(name), "{page}");
        assert!(
            !page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{202e}'),
            "{page}"
        );
        assert_eq!(escaped("& < > \" '"), "&amp; &lt; &gt; &quot; &#39;");
    }

    #[test]
    fn it_needs_no_network_and_no_script() {
        let page = html(&full(6)).to_lowercase().replace("http-equiv", "");
        for word in
            ["http", "://", "url(", "@import", "src=", "href", "javascript", "xmlns", " onload", "<link"]
        {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
        assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"));
    }

    #[test]
    fn every_drawing_is_named_and_described() {
        let page = html(&full(60));
        let times = |what: &str| page.matches(what).count();
        assert_eq!(times("<svg "), 7);
        assert_eq!((times("<title id="), times("<desc id="), times("role=\"img\"")), (7, 7, 7));
        assert_eq!(times("<rect class=\"h\""), 7 * 24);
        let mut ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "no name is given twice");
    }

    #[test]
    fn what_is_opened_is_closed() {
        for page in [html(&full(30)), html(&empty())] {
            for tag in ["section", "svg", "table", "tr", "th", "td", "ul", "li", "p", "text", "title", "desc"]
            {
                let opened =
                    page.matches(&format!("<{tag} ")).count() + page.matches(&format!("<{tag}>")).count();
                assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
            }
            assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.ends_with("</html>\n"));
        }
    }

    #[test]
    fn it_has_the_six_parts_and_says_what_the_text_says() {
        let (page, plain) = (html(&full(4)), text::text(&full(4), 1000));
        for words in TITLES.into_iter().chain([
            "42 messages of clients, 3 Nov to 29 Nov 2026.",
            "34 of 40 answers, 85 %",
            "Half of the answers came within 3.5 working hours.",
            "1 of them was given another day at least once.",
            "1 day late, still open",
            "4 complaints of 1 client",
            "4 emergencies, 1 complaint, 2 refund demands",
        ]) {
            assert!(page.contains(words), "{words}: {page}");
            assert!(plain.contains(words), "{words}: {plain}");
        }
        let end = "Made by amicable for its owner alone; nothing of this was sent to anybody.";
        assert!(page.contains(end));
        assert_eq!(page, html(&full(4)), "the same report, the same page");
    }

    #[test]
    fn an_empty_time_is_said_kindly() {
        let page = html(&empty());
        for words in [NO_MESSAGES, NO_ANSWERS, NO_PROMISES, NO_COMPLAINTS, "No replies in this time."] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("NaN") && !page.contains("<svg"), "{page}");
    }

    #[test]
    fn only_counts_and_shares_are_numbers() {
        assert_eq!(
            ["12", "34 %", "", "3 Nov", "1 %x", " %"].map(is_number),
            [true, true, false, false, false, false]
        );
    }
}
