//! The house is in order: what the documents and the layout promise is looked up in the tree itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use gradimento_common::problem::ProblemType;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file of the tree with this ending, below one of these folders, with its path from the root and its text.
fn files(folders: &[&str], ending: &str) -> Vec<(String, String)> {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules", ".git"].contains(&name.as_str()) {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if name.ends_with(ending) && path.is_file() {
            let shown = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((shown, std::fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!found.is_empty(), "no {ending} below {folders:?}");
    found
}

/// The part of a file before its tests.
fn production(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap().split("#[cfg(test)]\npub(crate) mod tests {").next().unwrap()
}

#[test]
fn common_is_pure() {
    for (path, text) in files(&["common/src"], ".rs") {
        for door in ["std::fs", "std::net", "std::env", "std::thread", "std::process", "tokio", "SystemTime", "Instant"] {
            assert!(!production(&text).contains(door), "{path} uses {door}");
        }
    }
}

#[test]
fn every_file_says_why_it_exists() {
    for (path, text) in files(&["common", "collector", "aggregator", "deploy", "tests"], ".rs") {
        // The tests of a module in a file of their own need no more than their name.
        let of_module = path.ends_with("/tests.rs");
        assert!(of_module || text.starts_with("//! "), "{path} does not open with why it exists");
    }
}

#[test]
fn sql_stays_in_the_stores() {
    let statements = ["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM", "CREATE TABLE", "PRAGMA "];
    for (path, text) in files(&["collector/src", "aggregator/src", "common/src", "deploy/src"], ".rs") {
        if path.contains("/store/") || path.ends_with("/store.rs") || path.ends_with("/tests.rs") {
            continue;
        }
        for statement in statements {
            let quoted = format!("\"{statement}");
            assert!(!production(&text).contains(&quoted), "{path} holds {statement}");
        }
    }
}

#[test]
fn every_problem_has_its_section_word_for_word() {
    let page = std::fs::read_to_string(root().join("PROBLEMS.md")).unwrap();
    // Lines are wrapped in the document; the words are what counts.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (page, mut written) = (words(&page), 0);
    for kind in ProblemType::ALL {
        let section = format!(
            "## {} - **Status**: {} - **Title**: {} - **Advice**: {}",
            kind.slug(),
            kind.status(),
            kind.title(),
            kind.advice()
        );
        assert!(page.contains(&words(&section)), "PROBLEMS.md lacks or misspells: {section}");
        written += 1;
    }
    assert_eq!(page.matches("## ").count(), written, "PROBLEMS.md has a section too many");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut links = 0;
    for entry in std::fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                assert!(root().join(file).exists(), "{} links to {file}", path.display());
                links += 1;
            }
        }
    }
    assert!(links > 5);
}
