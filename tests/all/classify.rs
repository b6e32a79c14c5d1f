//! `classify` and `explain` as they are run: the built program, real files, standard output and exit status.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail as loudly as a test")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const MESSAGE: &str = "\
From: Ann <ann@example.com>\n\
To: bakery@example.net\n\
Subject: The cake for Saturday\n\
Date: Fri, 20 Nov 2026 09:12:00 +0100\n\
Message-ID: <one@example.com>\n\
Content-Type: text/plain; charset=utf-8\n\
\n\
Hello,\n\
\n\
the cake was stale and I want my money back. Please answer before 5 today.\n\
From now on I shall bake myself.\n\
\n\
Ann\n";

/// The program with a home of its own, so that no configuration of this machine plays in.
fn amicable(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amicable"));
    command.env_clear().env("HOME", home).env("TZ", "UTC").current_dir(home).stdin(Stdio::null());
    command
}

fn run(home: &Path, arguments: &[&str]) -> Output {
    amicable(home).args(arguments).output().unwrap()
}

fn run_with(home: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = amicable(home);
    let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The rows of a run that must end well.
fn rows(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    printed(output)
}

/// The rows of a run that says at its end that not all could be read.
fn rows_of_a_part(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    printed(output)
}

fn printed(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn jsonl(home: &Path, sources: &[&str]) -> Vec<Value> {
    rows(&run(home, &[&["classify", "--format", "jsonl"], sources].concat()))
}

fn sources_of(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["source"].as_str().unwrap()).collect()
}

/// `MESSAGE` as every kind of source has it: `a.eml`, `eml/`, `inbox/` with one in `cur` and one in `new`, and
/// `all.mbox` with two.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    for folder in ["eml", "inbox/cur", "inbox/new", "inbox/tmp"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    for file in ["a.eml", "eml/a.eml", "inbox/cur/1700000000.a.host:2,S", "inbox/new/1700000001.b.host"] {
        fs::write(at(file), MESSAGE).unwrap();
    }
    fs::write(at("all.mbox"), mbox(&[MESSAGE, MESSAGE])).unwrap();
    home
}

fn mbox(messages: &[&str]) -> String {
    let entry = |message: &&str| {
        let quoted = message.replace("\nFrom ", "\n>From ");
        format!("From ann@example.com Fri Nov 20 08:12:00 2026\n{quoted}\n")
    };
    messages.iter().map(entry).collect()
}

#[test]
fn a_message_has_the_same_verdict_through_every_source() {
    let home = home();
    let home = home.path();
    let mut found = jsonl(home, &["a.eml", "eml", "inbox", "all.mbox", "all.mbox:2"]);
    let classify = ["classify", "--format", "jsonl", "-"];
    found.extend(rows(&run_with(home, &classify, MESSAGE.as_bytes())));
    found.extend(rows(&run_with(home, &classify, mbox(&[MESSAGE]).as_bytes())));
    let places = [
        "a.eml",
        "eml/a.eml",
        "inbox/cur/1700000000.a.host:2,S",
        "inbox/new/1700000001.b.host",
        "all.mbox:1",
        "all.mbox:2",
        "all.mbox:2",
        "-",
        "-:1",
    ];
    assert_eq!(sources_of(&found), places);
    // Where a message gives no date or identifier its source fills in; of these fields only what the message says
    // is compared.
    let verdict = |row: &Value| {
        let mut row = row.clone();
        for field in ["source", "date", "thread"] {
            row.as_object_mut().unwrap().remove(field);
        }
        row
    };
    for row in &found[1..] {
        assert_eq!(verdict(row), verdict(&found[0]), "{}", row["source"]);
    }
}

#[test]
fn reading_changes_nothing() {
    let home = home();
    let look = || {
        let mut files = Vec::new();
        for folder in ["", "eml", "inbox/cur", "inbox/new", "inbox/tmp"] {
            for entry in fs::read_dir(home.path().join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                files.push((path.clone(), modified, fs::read(&path).ok()));
            }
        }
        files.sort();
        files
    };
    let before = look();
    jsonl(home.path(), &["a.eml", "eml", "inbox", "all.mbox"]);
    run(home.path(), &["explain", "a.eml"]);
    assert_eq!(look(), before);
}

/// As much of JSON Schema as the schema of a row uses; what it does not know fails.
fn fits(value: &Value, schema: &Value, place: &str) {
    for (key, rule) in schema.as_object().unwrap() {
        match key.as_str() {
            "$schema" | "title" | "description" | "format" | "properties" => {}
            "const" => assert_eq!(value, rule, "{place}"),
            "enum" => assert!(rule.as_array().unwrap().contains(value), "{place}: {value}"),
            "minimum" => {
                assert!(value.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap()), "{place}: {value}");
            }
            "maximum" => {
                assert!(value.as_f64().is_none_or(|n| n <= rule.as_f64().unwrap()), "{place}: {value}");
            }
            "type" => {
                let kind = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(n) if n.is_i64() || n.is_u64() => "integer",
                    Value::Number(_) => "number",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                let allowed = |rule: &Value| rule == kind || (rule == "number" && kind == "integer");
                let one_of = rule.as_array().is_some_and(|rules| rules.iter().any(allowed));
                assert!(allowed(rule) || one_of, "{place}: {value} is of type {kind}, not {rule}");
            }
            "required" => {
                for field in rule.as_array().unwrap().iter().filter(|_| value.is_object()) {
                    assert!(value.get(field.as_str().unwrap()).is_some(), "{place} lacks {field}");
                }
            }
            "additionalProperties" => {
                assert_eq!(rule, false);
                for (field, inner) in value.as_object().into_iter().flatten() {
                    let known = schema["properties"].get(field);
                    fits(
                        inner,
                        known.unwrap_or_else(|| panic!("{place} has {field}")),
                        &format!("{place}.{field}"),
                    );
                }
            }
            "items" => value.as_array().into_iter().flatten().for_each(|item| fits(item, rule, place)),
            _ => panic!("{place}: the test does not know {key}"),
        }
    }
}

#[test]
fn every_line_fits_the_printed_schema() {
    let home = home();
    let output = run(home.path(), &["classify", "--schema"]);
    let schema: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    fs::write(home.path().join("empty.eml"), "").unwrap();
    fs::write(home.path().join("binary.eml"), [0u8, 159, 146, 150, 10, 255]).unwrap();
    let rows = jsonl(home.path(), &["a.eml", "inbox", "empty.eml", "binary.eml"]);
    assert_eq!(rows.len(), 5);
    for row in &rows {
        fits(row, &schema, "row");
    }
}

#[test]
fn the_fields_stand_in_the_order_of_the_schema() {
    let home = home();
    let output = run(home.path(), &["classify", "--format", "jsonl", "a.eml"]);
    let line = text(&output.stdout);
    let schema = text(&run(home.path(), &["classify", "--schema"]).stdout);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let places: Vec<_> = schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| line.find(&format!("\"{}\":", field.as_str().unwrap())).unwrap())
        .collect();
    assert!(places.is_sorted(), "{line}");
}

#[test]
fn json_is_one_array_whatever_the_number_of_rows() {
    let home = home();
    for (arguments, count) in [
        (&["inbox", "all.mbox"][..], 4),
        (&["a.eml"][..], 1),
        (&["inbox", "--since", "1s"][..], 0),
        (&["inbox", "all.mbox", "--limit", "3"][..], 3),
    ] {
        // Without a date of their own the messages of the Maildir are as old as their names say.
        for name in ["cur/1700000000.a.host:2,S", "new/1700000001.b.host"] {
            fs::write(home.path().join("inbox").join(name), "Subject: no date\n\nHello\n").unwrap();
        }
        let output = run(home.path(), &[&["classify", "--format", "json"], arguments].concat());
        assert!(output.status.success(), "{output:?}");
        let array: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!(array.as_array().unwrap().len(), count, "{arguments:?}");
    }
}

#[test]
fn the_table_has_a_line_for_each_message_and_fits_its_width() {
    let home = home();
    let output = run(home.path(), &["classify", "inbox", "all.mbox"]);
    let table = text(&output.stdout);
    assert_eq!(table.lines().count(), 5, "{table}");
    assert!(table.starts_with("date "), "{table}");
    for column in ["date", "from", "concerns", "score", "subject"] {
        assert!(table.lines().next().unwrap().contains(column), "{table}");
    }
    assert!(table.lines().all(|line| line.chars().count() <= 120), "{table}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// What a terminal of 80 columns gets to see.
fn on_a_terminal(home: &Path, arguments: &[&str]) -> (String, u32) {
    let size = portable_pty::PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = portable_pty::native_pty_system().openpty(size).unwrap();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_amicable"));
    command.args(arguments);
    command.env_clear();
    for (name, value) in [("HOME", home.to_str().unwrap()), ("TZ", "UTC"), ("TERM", "xterm")] {
        command.env(name, value);
    }
    command.cwd(home);
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut seen = Vec::new();
    // A pseudo-terminal whose other side is closed ends in an error on Linux.
    let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut seen);
    let status = child.wait().unwrap().exit_code();
    (String::from_utf8_lossy(&seen).into_owned(), status)
}

#[test]
fn on_a_terminal_the_table_fits_its_columns() {
    let home = home();
    let long = MESSAGE.replace("The cake for Saturday", &"a very long subject ".repeat(20));
    fs::write(home.path().join("long.eml"), long).unwrap();
    let (seen, status) = on_a_terminal(home.path(), &["classify", "--explain", "long.eml", "inbox"]);
    assert_eq!(status, 0, "{seen}");
    let mut screen = vt100::Parser::new(
        std::num::NonZeroU16::new(200).unwrap(),
        std::num::NonZeroU16::new(300).unwrap(),
        0,
    );
    screen.process(seen.as_bytes());
    let lines: Vec<String> = screen.screen().rows(0, 300).collect();
    assert!(lines.iter().any(|line| line.starts_with("date ")), "{seen}");
    for line in lines {
        assert!(line.trim_end().chars().count() <= 80, "{line}");
    }
}

#[test]
fn what_is_no_mail_is_a_row_with_a_note() {
    let home = home();
    let home = home.path();
    fs::write(home.join("empty.eml"), "").unwrap();
    fs::write(home.join("picture.png"), [137u8, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13]).unwrap();
    fs::create_dir_all(home.join("odd/cur/a-folder")).unwrap();
    symlink("/nowhere/at/all", home.join("odd/cur/a-link")).unwrap();
    let output = run(home, &["classify", "--format", "jsonl", "empty.eml", "picture.png", "odd"]);
    let found = rows_of_a_part(&output);
    assert_eq!(sources_of(&found), ["empty.eml", "picture.png", "odd/cur/a-folder", "odd/cur/a-link"]);
    for row in &found {
        assert!(!row["notes"].as_array().unwrap().is_empty(), "{row}");
    }
    assert_eq!(found[2]["notes"][0], "not a file, so it was not read");
    assert!(found[3]["notes"][0].as_str().unwrap().contains("can't be read: No such file"), "{}", found[3]);
    let told = text(&output.stderr);
    assert!(told.contains("odd/cur/a-folder") && told.contains("odd/cur/a-link"), "{told}");
    let table = text(&run(home, &["classify", "odd"]).stdout);
    assert!(table.contains("not read") && table.contains("note: not a file"), "{table}");
}

#[test]
fn a_message_past_the_limit_is_a_row_and_the_next_one_is_read() {
    let home = home();
    let path = home.path().join("huge.mbox");
    let huge = format!("Subject: huge\n\n{}\n", "0123456789abcde\n".repeat((65 << 20) / 16));
    fs::write(&path, mbox(&["Subject: before\n\nHello\n", &huge, MESSAGE])).unwrap();
    let found = rows_of_a_part(&run(home.path(), &["classify", "--format", "jsonl", "huge.mbox"]));
    assert_eq!(sources_of(&found), ["huge.mbox:1", "huge.mbox:2", "huge.mbox:3"]);
    assert_eq!(found[1]["notes"][0], "larger than 64 MiB, so it was not read");
    let mut last = found[2].clone();
    last["source"] = json!("a.eml");
    assert_eq!(last["notes"], jsonl(home.path(), &["a.eml"])[0]["notes"]);
}

/// Arguments, a word of what is said on standard error. The status is 2 and standard output stays empty.
const WRONG_USAGE: &[(&[&str], &[&str])] = &[
    (&["no-such-file"], &["no-such-file: there is no such file or folder"]),
    (&["a.eml", "gone/1", "gone/2"], &["gone/1: there is no such", "gone/2: there is no such"]),
    (&["empty-folder"], &["empty-folder: this folder is no Maildir", ".eml"]),
    (&["-", "-"], &["standard input (-) can be read once"]),
    (&["a.eml", "--since", "soon"], &["'soon'", "7d", "2026-11-01"]),
    (&["a.eml", "--since", "2026-13-01"], &["'2026-13-01'", "2026-11-01"]),
    (&["a.eml", "--since", "2999-01-01"], &["'2999-01-01'", "in the future"]),
    (&["a.eml", "--limit", "0"], &["'0'", "--limit"]),
    (&["a.eml", "--limit", "few"], &["'few'", "--limit"]),
    (&["a.eml", "--only", "urgent"], &["'urgent'", "emergency, complaint, unusual, refund"]),
    (&["a.eml", "--fail-on", "emergancy"], &["'emergancy'", "'emergency'"]),
    (&["a.eml", "--format", "xml"], &["'xml'", "table, json, jsonl"]),
    (&["a.eml", "--engine", "slow"], &["'slow'", "auto, fast"]),
    (&["a.eml", "--frobnicate"], &["--frobnicate"]),
    (&["--config", "no-such.toml", "a.eml"], &["no-such.toml: there is no configuration here"]),
    (&["--config", "a.eml", "a.eml"], &["a.eml:1:5: ", "not TOML"]),
    (&[], &["/.config/amicable/config.toml: there is no configuration here", "amicable demo"]),
];

#[test]
fn wrong_usage_is_told_with_the_value_and_the_way_out() {
    let home = home();
    fs::create_dir(home.path().join("empty-folder")).unwrap();
    for (arguments, words) in WRONG_USAGE {
        let output = run(home.path(), &[&["classify"], *arguments].concat());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        for word in *words {
            assert!(told.contains(word), "{arguments:?} lacks {word:?}: {told}");
        }
    }
}

#[test]
fn a_faulty_configuration_is_told_before_anything_is_read() {
    let home = home();
    let folder = home.path().join(".config/amicable");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "[account.a]\nemial = \"ann@example.com\"\n").unwrap();
    let output = run(home.path(), &["classify", "a.eml"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("config.toml:2:1: `emial` is not known in [account.a]; did you mean `email`?"),
        "{told}"
    );
    assert!(told.contains("lacks `imap`") && told.contains("lacks `smtp`"), "{told}");
    assert!(output.stdout.is_empty());
}

#[test]
fn since_keeps_what_is_younger_and_limit_ends_the_rows() {
    let home = home();
    let now = jiff::Timestamp::now().as_second();
    for days in [1, 10, 30] {
        let name = format!("dated/cur/{}.{days}.host:2,", now - days * 86_400);
        fs::create_dir_all(home.path().join("dated/cur")).unwrap();
        fs::write(home.path().join(name), "Subject: no date of its own\n\nHello\n").unwrap();
    }
    let count = |arguments: &[&str]| jsonl(home.path(), &[&["dated"], arguments].concat()).len();
    for (since, expected) in [("7d", 1), ("3 weeks", 2), ("2 months", 3), ("2001-01-01", 3), ("1 hour", 0)] {
        assert_eq!(count(&["--since", since]), expected, "{since}");
    }
    for (limit, expected) in [("1", 1), ("3", 3), ("9", 3)] {
        assert_eq!(count(&["--limit", limit]), expected, "{limit}");
    }
}

#[test]
fn only_and_fail_on_go_by_the_concerns_of_the_rows() {
    let home = home();
    let home = home.path();
    fs::write(home.join("thanks.eml"), "From: b@example.com\nSubject: Thanks\n\nThank you, all is well.\n")
        .unwrap();
    let all = jsonl(home, &["a.eml", "thanks.eml"]);
    for word in ["emergency", "complaint", "unusual", "refund"] {
        let with: Vec<_> = all
            .iter()
            .filter(|row| row["concerns"].as_array().unwrap().contains(&json!(word)))
            .cloned()
            .collect();
        assert_eq!(jsonl(home, &["a.eml", "thanks.eml", "--only", word]), with, "{word}");
        let output = run(home, &["classify", "a.eml", "thanks.eml", "--fail-on", word]);
        assert_eq!(output.status.code(), Some(if with.is_empty() { 0 } else { 3 }), "{word}");
    }
    let count = |word| jsonl(home, &["a.eml", "thanks.eml", "--only", word]).len();
    assert_eq!(count("any") + count("none"), 2);
    assert_eq!(count("any,none"), 2);
    let output = run(home, &["classify", "a.eml", "--fail-on", "none,any", "--only", "none"]);
    assert_eq!(output.status.code(), Some(3), "a message has a concern or has none");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = home();
    fs::write(home.path().join("many.mbox"), mbox(&vec![MESSAGE; 2000])).unwrap();
    for format in ["table", "json", "jsonl"] {
        let mut command = amicable(home.path());
        command
            .args(["classify", "--format", format, "many.mbox"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        let mut output = BufReader::with_capacity(64, child.stdout.take().unwrap());
        output.read_line(&mut first).unwrap();
        drop(output);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{format}");
        assert!(ended.stderr.is_empty(), "{format}: {}", text(&ended.stderr));
    }
}

/// A Maildir and an mbox of `count` small messages, numbered in their subjects and identifiers.
fn many(home: &Path, count: usize) {
    fs::create_dir_all(home.join("many/cur")).unwrap();
    let mut all = std::io::BufWriter::new(fs::File::create(home.join("many.mbox")).unwrap());
    for n in 0..count {
        let message = MESSAGE.replace("<one@", &format!("<{n}@")).replace("The cake", &format!("Cake {n}"));
        fs::write(home.join(format!("many/cur/{}.x.host:2,", 1_700_000_000 + n)), &message).unwrap();
        all.write_all(mbox(&[&message]).as_bytes()).unwrap();
    }
    all.flush().unwrap();
}

#[test]
fn five_thousand_messages_are_all_there_and_in_order() {
    let home = home();
    many(home.path(), 5000);
    let names = |n| format!("many/cur/{}.x.host:2,", 1_700_000_000 + n);
    let found = jsonl(home.path(), &["--engine", "fast", "many"]);
    assert_eq!(sources_of(&found), (0..5000).map(names).collect::<Vec<_>>());
    let found = jsonl(home.path(), &["--engine", "fast", "many.mbox"]);
    assert_eq!(sources_of(&found), (1..=5000).map(|n| format!("many.mbox:{n}")).collect::<Vec<_>>());
}

/// The most memory the program had at once, in KiB, read while it still is there: it waits for the rest of its
/// standard input after it has read all messages.
fn peak_memory(home: &Path, messages: &Path) -> (u64, usize) {
    let mut command = amicable(home);
    command.args(["classify", "--engine", "fast", "--format", "jsonl", messages.to_str().unwrap(), "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let count = fs::read_to_string(messages).unwrap().matches("\nMessage-ID: ").count();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let read = lines.by_ref().take(count).count();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak = peak.trim().trim_end_matches(" kB").parse().unwrap();
    drop(child.stdin.take());
    assert_eq!(lines.count(), 1, "standard input is the last row");
    assert!(child.wait().unwrap().success());
    (peak, read)
}

#[test]
fn memory_does_not_grow_with_the_number_of_messages() {
    let home = home();
    many(home.path(), 500);
    let (few, _) = peak_memory(home.path(), &home.path().join("many.mbox"));
    many(home.path(), 5000);
    let (more, read) = peak_memory(home.path(), &home.path().join("many.mbox"));
    assert_eq!(read, 5000);
    // 4500 further messages of about 400 bytes and their rows of more than 500 would be 4 MB if they were held.
    assert!(more < few + 2000, "{few} KiB for 500 messages, {more} KiB for 5000");
}

#[test]
#[ignore = "takes a while; run it with --ignored --nocapture to see the figure"]
fn a_hundred_thousand_messages_need_little_memory() {
    let home = home();
    many(home.path(), 100_000);
    let (peak, read) = peak_memory(home.path(), &home.path().join("many.mbox"));
    assert_eq!(read, 100_000);
    println!("100,000 messages: {peak} KiB at most");
    assert!(peak < 64 << 10, "{peak} KiB");
    assert_eq!(jsonl(home.path(), &["--engine", "fast", "many"]).len(), 100_000);
}

#[test]
fn a_pipe_given_by_name_is_read_whole() {
    let home = home();
    let script = format!("'{}' classify --format jsonl <(cat a.eml)", env!("CARGO_BIN_EXE_amicable"));
    let output =
        Command::new("bash").args(["-c", &script]).current_dir(home.path()).env("HOME", home.path()).output();
    let found = rows(&output.unwrap());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["concerns"], jsonl(home.path(), &["a.eml"])[0]["concerns"]);
    assert_eq!(found[0]["notes"], jsonl(home.path(), &["a.eml"])[0]["notes"]);
}

#[test]
fn explain_says_the_verdict_of_classify_with_thresholds_and_zones() {
    let home = home();
    let row = &jsonl(home.path(), &["--explain", "a.eml"])[0];
    let output = run(home.path(), &["explain", "--format", "json", "a.eml"]);
    let explained: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    for (field, value) in row.as_object().unwrap() {
        assert_eq!(&explained[field], value, "{field}");
    }
    assert_eq!(explained["thresholds"]["refund"], 0.4);
    assert!(explained["zones"].is_array());
    let output = text(&run(home.path(), &["explain", "a.eml"]).stdout);
    for word in
        ["Message   a.eml", "Sender ", "emergency ", "refund ", "complaint ", "unusual ", "counts from 0.40"]
    {
        assert!(output.contains(word), "{output}");
    }
}

#[test]
fn explain_goes_by_the_owners_thresholds() {
    let home = home();
    let config = "[account.a]\nemail = \"ann@example.net\"\nimap = { host = \"a.example.com\" }\n\
                  smtp = { host = \"a.example.com\" }\npassword_env = \"P\"\n[triage]\nthresholds = { refund = 0.25 }\n";
    fs::write(home.path().join("my.toml"), config).unwrap();
    let output = run(home.path(), &["explain", "--config", "my.toml", "--format", "json", "a.eml"]);
    let explained: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(explained["thresholds"]["refund"], 0.25);
}

#[test]
fn explain_wants_one_message_and_shows_how_to_name_it() {
    let home = home();
    fs::create_dir_all(home.path().join("nothing/cur")).unwrap();
    for (arguments, word) in [
        (&["all.mbox"][..], "name one, such as all.mbox:1"),
        (&["inbox"][..], "name one, such as inbox/cur/1700000000.a.host:2,S"),
        (&["all.mbox:9"][..], "no message of that number"),
        (&["nothing"][..], "there is no message in it"),
        (&["no-such-file"][..], "no-such-file: there is no such file or folder"),
        (&[][..], "<SOURCE>"),
    ] {
        let output = run(home.path(), &[&["explain"], arguments].concat());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(word), "{told}");
        assert!(output.stdout.is_empty());
    }
    assert!(run(home.path(), &["explain", "all.mbox:2"]).status.success());
    assert!(run_with(home.path(), &["explain", "-"], MESSAGE.as_bytes()).status.success());
}

#[test]
fn source_names_reach_the_screen_without_control_characters() {
    let home = home();
    let name: PathBuf = home.path().join("\u{1b}[31mred\u{202e}.eml");
    symlink("/nowhere", home.path().join("eml").join(name.file_name().unwrap())).unwrap();
    for arguments in
        [&["classify", "eml"][..], &["classify", "eml", "--format", "jsonl"], &["classify", "no\u{1b}such"]]
    {
        let output = run(home.path(), arguments);
        for bytes in [&output.stdout, &output.stderr] {
            assert!(!text(bytes).contains(['\u{1b}', '\u{202e}']), "{arguments:?}: {:?}", text(bytes));
        }
    }
}
