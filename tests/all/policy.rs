//! What the owner has decided, on the command line: `policy`, `templates`, `check` and `commitments`, as a person or a
//! program calls them.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A home with a configuration.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check/policy.toml");
        let text = fs::read_to_string(policy).unwrap();
        fs::create_dir(home.path("templates")).unwrap();
        fs::write(home.path("config.toml"), format!("{text}\n[reply]\ntemplates = \"templates\"\n")).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Status, standard output, standard error.
    fn run(&self, arguments: &[&str], input: &str) -> (i32, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_amicable"))
            .args(arguments)
            .env("HOME", self.folder.path())
            .env("AMICABLE_CONFIG", self.path("config.toml"))
            .env("AMICABLE_DATA", self.path("data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }
}

#[test]
fn the_policy_is_said_in_plain_sentences_with_five_examples() {
    let (status, out, said) = Home::new().run(&["policy"], "");
    assert_eq!(status, 0, "{said}");
    for sentence in [
        "You work Mon 9:00-17:00; Tue 9:00-17:00",
        "Your time zone: Europe/London.",
        "You answer within 1 working day.",
        "Your work usually takes 5 working days.",
        "You do rush work with 1 working day of notice and 50 % on top, 2 a week at most.",
        "Refunds: refunds within 30 days, up to 200 EUR, a repair comes first.",
        "Payment: you have not said (payment).",
    ] {
        assert!(out.contains(sentence), "{sentence:?} is missing in:\n{out}");
    }
    assert_eq!(out.matches("    reply 1   ").count(), 5, "{out}");
    assert!(out.contains("Policy    at most 5 % off, for payment with the order"), "{out}");
}

#[test]
fn templates_are_listed_shown_begun_and_checked() {
    let home = Home::new();
    let (status, out, _) = home.run(&["templates", "list"], "");
    assert_eq!((status, out.lines().count() >= 50), (0, true), "{out}");
    let (status, out, _) = home.run(&["templates", "show", "emergency-decline"], "");
    assert!(status == 0 && out.starts_with("+++\nid = \"emergency-decline\""), "{out}");
    let (status, _, said) = home.run(&["templates", "show", "emergency-declin"], "");
    assert!(status == 2 && said.contains("amicable templates list"), "{said}");

    let (status, out, said) = home.run(&["templates", "new", "my-thanks"], "");
    assert_eq!(status, 0, "{said}");
    assert!(out.trim().ends_with("templates/my-thanks.md"), "{out}");
    let (status, _, _) = home.run(&["templates", "new", "my-no", "--from", "emergency-decline"], "");
    assert_eq!(status, 0);
    let (status, _, said) = home.run(&["templates", "new", "my-thanks"], "");
    assert!(status == 1 && said.contains("is there already"), "{said}");
    let (status, _, said) = home.run(&["templates", "new", "../etc"], "");
    assert!(status == 2 && said.contains("can't name a template"), "{said}");
    let (status, out, said) = home.run(&["templates", "check"], "");
    assert_eq!((status, out.as_str()), (0, ""), "{said}");

    let faulty = fs::read_to_string(home.path("templates/my-no.md"))
        .unwrap()
        .replace("stance = \"decline\"", "stance = \"declne\"");
    fs::write(home.path("templates/my-no.md"), faulty).unwrap();
    let (status, out, _) = home.run(&["templates", "check"], "");
    assert!(
        status == 2 && out.contains("my-no.md:4: stance: \"declne\" is unknown: did you mean \"decline\"?"),
        "{out}"
    );
    let (status, out, _) =
        home.run(&["templates", "check", home.path("templates/my-thanks.md").to_str().unwrap()], "");
    assert_eq!((status, out.as_str()), (0, ""));
}

#[test]
fn a_draft_is_checked_from_a_pipe_and_its_places_are_those_of_the_file() {
    let home = Home::new();
    let (status, out, said) =
        home.run(&["check"], "Hello Ann,\n\nThe cards are in the post since this morning.\n\nKim\n");
    assert_eq!((status, out.as_str()), (0, ""), "{said}");

    let draft = "To: Ann Lee <ann@example.com>\nSubject: Re: cards\n\nHello Ann,\n\nI'll send them as soon as possible.\n\nKim\n";
    let (status, out, _) = home.run(&["check", "-"], draft);
    assert_eq!(status, 3);
    assert!(
        out.starts_with("6:") && out.contains("vague-promise: \u{201c}as soon as possible\u{201d}"),
        "{out}"
    );
    let (status, out, _) = home.run(&["check", "--format", "json"], draft);
    assert_eq!(status, 3);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["v"], 1);
    let finding = &report["findings"][0];
    let (start, end) = (finding["start"].as_u64().unwrap(), finding["end"].as_u64().unwrap());
    let quoted = &draft[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()];
    assert_eq!((quoted, finding["quote"].as_str().unwrap()), ("as soon as possible", "as soon as possible"));
    for key in ["id", "quote", "start", "end", "why", "instead"] {
        assert!(finding.get(key).is_some(), "{key}");
    }
}

#[test]
fn a_draft_is_held_against_the_message_that_it_answers() {
    let home = Home::new();
    let original = "From: Ann Lee <ann@example.com>\r\nTo: kim@example.org\r\nSubject: Cards\r\n\r\nMay I have them?\r\n\r\nAnn\r\n";
    fs::write(home.path("original.eml"), original).unwrap();
    let original = home.path("original.eml");
    let check = |draft: &str, more: &[&str]| {
        let arguments = [&["check", "--reply-to", original.to_str().unwrap()], more].concat();
        home.run(&arguments, draft)
    };
    let (status, out, _) = check("Hello Ben,\n\nThey are attached.\n\nKim\n", &[]);
    assert!(status == 3 && out.contains("wrong-name") && out.contains("missing-attachment"), "{out}");
    let (status, out, _) = check("Hello Ann,\n\nThey are attached.\n\nKim\n", &["--attachments", "1"]);
    assert_eq!((status, out.as_str()), (0, ""));
    let (_, out, _) =
        check("To: ann@example.com\nCc: eve@example.net\n\nHello Ann,\n\nThey are ready.\n\nKim\n", &[]);
    assert!(out.contains("new-recipient") && out.contains("eve@example.net"), "{out}");
}

#[test]
fn hostile_drafts_are_checked_soundly() {
    let home = Home::new();
    let dash = "Hi Tom \u{2014} thanks for your patience.\n";
    assert_eq!(home.run(&["check"], dash).0, 0);
    let (status, out, _) = home.run(&["check"], "I send {{ x\u{1b}[31m\u{1b}]52;c;AAAA\u{7} }} now.\n");
    assert!(status == 3 && !out.contains('\u{1b}') && !out.contains('\u{7}'), "{out:?}");
    for long in
        ["\u{e9}".repeat(300_000), "I will send it by Friday, ".repeat(20_000), "soon. ".repeat(50_000)]
    {
        let (status, _, said) = home.run(&["check"], &long);
        assert!(status == 0 || status == 3, "{said}");
    }
    // Folded, marked and encoded heads are heads.
    let head = "\u{feff}To: =?utf-8?q?J=C3=B6rg?= <joerg@example.com>,\n\tann@example.com\nMIME-Version: 1.0\nAttach: a.pdf\n\nHello J\u{f6}rg,\n\nThe list is attached.\n";
    let (status, out, said) = home.run(&["check"], head);
    assert_eq!((status, out.as_str()), (0, ""), "{said}");
    for text in ["   Dear ,\n\nText.\n", "Hello Tom,\nI will deliver it quarter to 1 on Saturday.\n"] {
        let (_, out, _) = home.run(&["check", "--format", "json"], text);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        for finding in report["findings"].as_array().unwrap() {
            let place = |key: &str| usize::try_from(finding[key].as_u64().unwrap()).unwrap();
            assert_eq!(&text[place("start")..place("end")], finding["quote"].as_str().unwrap());
        }
    }
}

#[test]
fn what_can_not_be_checked_is_named() {
    let home = Home::new();
    let (status, _, said) = home.run(&["check", "/nowhere/draft"], "");
    assert!(status == 2 && said.contains("/nowhere/draft"), "{said}");
    let (status, _, said) = home.run(&["check", "--reply-to", "/nowhere.eml"], "Hello");
    assert!(status == 2 && said.contains("/nowhere.eml"), "{said}");
    fs::write(home.path("latin"), b"Gr\xfc\xdfe").unwrap();
    let (status, _, said) = home.run(&["check", home.path("latin").to_str().unwrap()], "");
    assert!(status == 2 && said.contains("UTF-8"), "{said}");
    let (status, _, said) = home.run(&["commitments", "kept", "7"], "");
    assert!(status == 1 && said.contains("there is no commitment 7"), "{said}");
    let (status, _, said) = home.run(&["commitments", "move", "1", "whenever"], "");
    assert!(status == 2 && said.contains("'whenever' names no day to come"), "{said}");
    let (status, out, _) = home.run(&["commitments", "--format", "json"], "");
    assert_eq!((status, out.as_str()), (0, "[]\n"));
}
