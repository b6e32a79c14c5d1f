//! What the documents say is true: the keys, the commands, the help.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use amicable::tui::keys::{Scope, TABLE};
use assert_cmd::Command;

fn readme() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// The table of keys, as the README has it.
fn keys() -> String {
    let mut text = String::new();
    for scope in Scope::ALL {
        writeln!(text, "\n**{}**\n\n| keys | |\n|---|---|", scope.title()).expect("a String takes all");
        for binding in TABLE.iter().filter(|binding| binding.scope == scope) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
            writeln!(text, "| {} | {} |", keys.join(" "), binding.help).expect("a String takes all");
        }
    }
    text
}

/// `BLESS=1` writes the table into the README.
#[test]
fn the_readme_has_every_key() {
    let text = fs::read_to_string(readme()).expect("it is there");
    let (before, rest) = text.split_once("<!-- keys -->\n").expect("the mark is there");
    let (within, after) = rest.split_once("<!-- /keys -->").expect("the mark is there");
    if std::env::var_os("BLESS").is_some() {
        let new = format!("{before}<!-- keys -->\n{}\n<!-- /keys -->{after}", keys());
        fs::write(readme(), new).expect("it can be written");
    } else {
        assert_eq!(within.trim(), keys().trim(), "run this test with BLESS=1");
    }
}

#[test]
fn the_commands_of_the_readme_are_real() {
    let text = fs::read_to_string(readme()).expect("it is there");
    let commands: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("amicable "))
        .map(|line| line.split(['#', '>', '<']).next().unwrap_or_default())
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        // Each flag must be known to the subcommand's help.
        let mut words = command.split_whitespace();
        let subcommand = words.next().expect("a subcommand");
        let help = Command::cargo_bin("amicable").expect("it is built").args([subcommand, "--help"]).assert();
        let help = String::from_utf8_lossy(&help.success().get_output().stdout).into_owned();
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(help.contains(flag), "'amicable {subcommand}' has no {flag}");
        }
    }
}

#[test]
fn help_says_what_there_is() {
    let help = Command::cargo_bin("amicable").expect("it is built").arg("--help").assert().success();
    let help = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
    insta::assert_snapshot!(help);
}

#[test]
fn the_example_account_of_the_readme_is_enough() {
    let text = fs::read_to_string(readme()).expect("it is there");
    let (_, rest) = text.split_once("```toml\n").expect("there is an example");
    let (example, _) = rest.split_once("```").expect("it ends");
    let environment = amicable::config::Environment::default();
    let config = amicable::config::Config::from_toml(example, &PathBuf::from("README.md"), &environment);
    assert_eq!(config.expect("it is complete").accounts[0].imap.port, 993);
}
