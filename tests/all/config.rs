//! The configuration file as its owner meets it: what may be written, what it comes to mean, and what is said about
//! each slip. A new fault is a new pair of files in `tests/fixtures/config`.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail as loudly as a test")]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use amicable::config::{Config, Environment, PasswordSource, Security};
use secrecy::ExposeSecret as _;

const EXAMPLE: &str = include_str!("../../config.example.toml");

const ACCOUNT: &str = r#"
[account.studio]
email = "ann@example.com"
imap = { host = "imap.example.com" }
smtp = { host = "smtp.example.com" }
"#;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config")
}

fn environment() -> Environment {
    Environment { home: Some("/home/ann".into()), editor: Some("vim -u NONE".to_owned()) }
}

/// A configuration in a folder of its own, which the returned guard keeps.
fn written(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

fn meant(text: &str) -> Config {
    Config::from_toml(text, Path::new("/nowhere/config.toml"), &environment()).unwrap()
}

fn faults(text: &str) -> String {
    Config::from_toml(text, Path::new("/nowhere/config.toml"), &environment()).unwrap_err().to_string()
}

/// The faulty files, copied to where their permissions are known: git keeps none.
fn faulty_files() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let mut cases = Vec::new();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let from = entry.unwrap().path();
        if from.extension().is_some_and(|end| end == "toml") {
            let to = folder.path().join(from.file_name().unwrap());
            fs::copy(&from, &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o644)).unwrap();
            cases.push(to);
        }
    }
    cases.sort();
    (folder, cases)
}

#[test]
fn each_faulty_file_is_told_in_the_expected_words() {
    let (folder, cases) = faulty_files();
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    let mut wrong = String::new();
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        let told = Config::from_toml(&text, &case, &environment()).unwrap_err().to_string();
        let told = told.replace(&format!("{}:", case.display()), "");
        let told = told.replace(folder.path().to_str().unwrap(), "{folder}");
        let told = told.lines().fold(String::new(), |text, line| text + line.trim_start() + "\n");
        let expected = fixtures().join(case.with_extension("expected").file_name().unwrap());
        if std::env::var_os("AMICABLE_BLESS").is_some() {
            fs::write(&expected, &told).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        if told != expected {
            write!(wrong, "{}\n told:\n{told} expected:\n{expected}\n", case.display()).unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}\nAMICABLE_BLESS=1 writes the .expected files; read them before you commit"
    );
}

#[test]
fn no_fault_shows_a_password() {
    let (_folder, cases) = faulty_files();
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        let told = Config::from_toml(&text, &case, &environment()).unwrap_err();
        for secret in ["hunter2", "12345"] {
            assert!(!told.to_string().contains(secret), "{told}");
        }
    }
    for line in
        ["password = hunter2", "password = \"hunter2", "pasword = \"hunter2\"", "password = [\"hunter2\"]"]
    {
        let told = faults(&format!("{ACCOUNT}{line}\n"));
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn the_example_means_what_it_says() {
    let config = meant(EXAMPLE);
    let [account] = config.accounts.as_slice() else { panic!("{config:?}") };
    assert_eq!(account.name, "bakery");
    assert_eq!(account.owner.to_string(), "Ann Baker <ann@example.com>");
    assert_eq!((account.imap.host.as_str(), account.imap.port), ("imap.example.com", 993));
    assert_eq!((account.smtp.host.as_str(), account.smtp.port), ("smtp.example.com", 465));
    let PasswordSource::Command(words) = &account.password else { panic!("{account:?}") };
    assert_eq!(words, &["pass", "show", "mail/bakery"]);
}

/// A line such as `# key = value`: nothing before the `#`, one space after it.
fn offered(line: &str) -> Option<&str> {
    let setting = line.strip_prefix("# ")?;
    let (key, _) = setting.split_once(" = ")?;
    key.chars().all(|c| c.is_ascii_lowercase() || c == '_').then_some(setting)
}

#[test]
fn every_line_that_the_example_offers_can_be_taken_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join(".config/amicable");
    fs::create_dir_all(home.join("templates")).unwrap();
    fs::write(home.join("company-ca.pem"), "-----BEGIN CERTIFICATE-----\n").unwrap();
    fs::write(home.join("password"), "secret\n").unwrap();
    let holiday =
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    fs::write(home.join("holidays.ics"), holiday).unwrap();
    fs::set_permissions(home.join("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let environment = Environment { home: Some(folder.path().to_owned()), editor: None };
    let passwords = ["password_command", "password_env", "password_file", "password"];
    let key_of = |line: &str| line.split(" = ").next().unwrap_or_default().to_owned();
    // Each way to give the password on its own, since a file names exactly one; all else at once.
    for chosen in passwords {
        let taken: String = EXAMPLE
            .lines()
            .map(|line| offered(line).unwrap_or(line))
            .filter(|line| key_of(line) == chosen || !passwords.contains(&key_of(line).as_str()))
            .fold(String::new(), |text, line| text + line + "\n");
        let config = Config::from_toml(&taken, &folder.path().join("config.toml"), &environment).unwrap();
        assert_eq!(config.accounts[0].aliases, ["orders@example.com", "hello@example.com"]);
        assert_eq!(config.accounts[0].sent.as_deref(), Some("Sent"));
        assert_eq!(config.templates, Some(home.join("templates")));
    }
}

#[test]
fn the_example_offers_the_defaults() {
    let plain = meant(EXAMPLE);
    let about_files = ["templates = ", "ca_file = ", "password", "holidays_file = "];
    let taken = EXAMPLE
        .lines()
        .map(|line| match offered(line) {
            Some(setting) if !about_files.iter().any(|start| setting.starts_with(start)) => setting,
            _ => line,
        })
        .fold(String::new(), |text, line| text + line + "\n");
    assert!(taken.contains("\nwindow = "), "{taken}");
    let full = meant(&taken);
    assert_eq!(full.thresholds, plain.thresholds);
    assert_eq!(full.undo_window, plain.undo_window);
    assert_eq!(full.editor, plain.editor);
    assert_eq!(full.window, plain.window);
    assert_eq!(full.accounts[0].inbox, plain.accounts[0].inbox);
}

#[test]
fn what_is_left_out_has_its_usual_value() {
    let config = meant(&format!("{ACCOUNT}password_env = \"P\"\n"));
    let account = &config.accounts[0];
    assert_eq!((account.inbox.as_str(), &account.sent, account.signature.as_str()), ("INBOX", &None, ""));
    assert_eq!(account.imap.login, "ann@example.com");
    assert_eq!(account.imap.security, Security::Tls);
    assert_eq!(config.undo_window, Duration::from_secs(10));
    assert_eq!((config.window, config.editor, config.templates), (200, None, None));
}

#[test]
fn the_port_follows_from_the_security() {
    for (security, host, imap, smtp) in [
        ("tls", "mail.example.com", 993, 465),
        ("starttls", "mail.example.com", 143, 587),
        ("none", "localhost", 143, 25),
        ("none", "127.0.0.1", 143, 25),
        ("none", "::1", 143, 25),
    ] {
        let server = format!("{{ host = \"{host}\", security = \"{security}\" }}");
        let text = format!(
            "[account.a]\nemail = \"ann@example.com\"\nimap = {server}\nsmtp = {server}\npassword_env = \"P\"\n"
        );
        let account = &meant(&text).accounts[0];
        assert_eq!((account.imap.port, account.smtp.port), (imap, smtp), "{security}");
    }
}

#[test]
fn accounts_keep_the_order_of_the_file() {
    let account = |name| ACCOUNT.replace("studio", name) + "password_env = \"P\"\n";
    let config = meant(&(account("zoe") + &account("ann") + &account("\"the shop\"")));
    let names: Vec<_> = config.accounts.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(names, ["zoe", "ann", "the shop"]);
}

#[test]
fn lengths_of_time_are_numbers_or_words() {
    for (written, seconds) in
        [("0", 0), ("3600", 3600), ("\"10s\"", 10), ("\"2m\"", 120), ("\"1 hour\"", 3600)]
    {
        let config = meant(&format!("{ACCOUNT}password_env = \"P\"\n[reply]\nundo_window = {written}\n"));
        assert_eq!(config.undo_window, Duration::from_secs(seconds), "{written}");
    }
}

#[test]
fn the_editor_is_built_in_or_of_the_system_or_named() {
    for (written, words) in [
        ("\"built-in\"", None),
        ("\"$EDITOR\"", Some(vec!["vim", "-u", "NONE"])),
        ("\"nano -w\"", Some(vec!["nano", "-w"])),
        ("[\"my editor\"]", Some(vec!["my editor"])),
    ] {
        let config = meant(&format!("{ACCOUNT}password_env = \"P\"\n[reply]\neditor = {written}\n"));
        let words = words.map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(config.editor, words, "{written}");
    }
}

#[test]
fn a_command_is_split_as_a_shell_would_without_a_shell() {
    for (written, words) in [
        ("pass show mail", vec!["pass", "show", "mail"]),
        ("sh -c 'echo \"a b\"; $HOME'", vec!["sh", "-c", "echo \"a b\"; $HOME"]),
        ("~/bin/secret mail", vec!["/home/ann/bin/secret", "mail"]),
    ] {
        let config = meant(&format!("{ACCOUNT}password_command = {written:?}\n"));
        let PasswordSource::Command(found) = &config.accounts[0].password else { panic!("{config:?}") };
        assert_eq!(found, &words);
    }
}

#[test]
fn a_password_in_the_file_wants_a_file_for_its_owner_alone() {
    let text = format!("{ACCOUNT}password = \"hunter2\"\n");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        let (_folder, path) = written(&text, mode);
        let told = Config::load(&path).unwrap_err().to_string();
        assert!(told.contains(":6:1: the password stands in this file"), "{told}");
        assert!(told.contains(&format!("(mode {mode:04o}); run: chmod 600 {}", path.display())), "{told}");
    }
    let (_folder, path) = written(&text, 0o600);
    let config = Config::load(&path).unwrap();
    assert_eq!(config.accounts[0].password().unwrap().expose_secret(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_password_file_wants_to_be_its_owners_alone_and_gives_its_first_line() {
    let (folder, path) = written(&format!("{ACCOUNT}password_file = \"secret\"\n"), 0o644);
    let secret = folder.path().join("secret");
    fs::write(&secret, "hunter2\nsecond line\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let told = Config::load(&path).unwrap_err().to_string();
    assert!(told.contains(&format!("run: chmod 600 {}", secret.display())), "{told}");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let account = &Config::load(&path).unwrap().accounts[0];
    assert_eq!(account.password().unwrap().expose_secret(), "hunter2");
    fs::remove_file(&secret).unwrap();
    let why = account.password().unwrap_err();
    assert!(why.contains("`studio`") && why.contains(secret.to_str().unwrap()), "{why}");
}

#[test]
fn a_password_variable_that_is_not_set_is_named() {
    let config = meant(&format!("{ACCOUNT}password_env = \"AMICABLE_TEST_NEVER_SET\"\n"));
    let why = config.accounts[0].password().unwrap_err();
    let expected =
        "no password for the account `studio`: the environment variable AMICABLE_TEST_NEVER_SET is not set";
    assert_eq!(why, expected);
}

#[test]
fn a_missing_file_tells_where_it_was_looked_for_and_what_else_there_is_to_do() {
    let told = Config::load(Path::new("/nowhere/amicable/config.toml")).unwrap_err().to_string();
    for word in ["/nowhere/amicable/config.toml: ", "`amicable demo`", "config.example.toml"] {
        assert!(told.contains(word), "{told}");
    }
    let told = Config::load(Path::new("/")).unwrap_err().to_string();
    assert!(told.contains("this is a folder"), "{told}");
}

#[test]
fn a_file_that_is_not_text_is_told_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, b"# Latin-1\n# caf\xe9\n").unwrap();
    let told = Config::load(&path).unwrap_err().to_string();
    assert!(told.contains("config.toml:2:6: this is not UTF-8"), "{told}");
}

#[test]
fn columns_are_counted_in_characters() {
    let told = faults("[account.a]\nimap = { host = \"jörg\", prot = 1 }\n");
    assert!(told.contains(":2:25: `prot`"), "{told}");
    let told = faults("\u{feff}emial = 1\n");
    assert!(told.contains(":1:1: `emial`"), "{told}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(cut in 0usize..6000, with in ".{0,20}") {
        let start = EXAMPLE.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
        let text = format!("{}{with}{}", &EXAMPLE[..start], &EXAMPLE[start..]);
        let _ = Config::from_toml(&text, Path::new("/nowhere/config.toml"), &environment());
        let _ = Config::from_toml(&EXAMPLE[..start], Path::new("/nowhere/config.toml"), &environment());
    }
}
