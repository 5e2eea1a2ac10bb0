//! Tests of the workflows in `.github/workflows`: which file they publish, and what they install.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::commands::test::Options;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/workflows")
}

fn workflow(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// The text of one job.
fn job(workflow: &str, name: &str) -> String {
    let starts_job = |line: &str| {
        let name = line.strip_prefix("  ");
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    let lines = workflow.lines().skip_while(|line| *line != format!("  {name}:")).skip(1);
    lines.take_while(|line| !starts_job(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn r2_the_published_file_is_the_one_that_was_packed_and_tested() {
    let release = workflow("release.yml");
    let (pack, test, publish) =
        (job(&release, "pack"), job(&release, "test"), job(&release, "publish"));
    assert!(pack.contains("cargo xtask release --dry-run") && pack.contains("upload-artifact"));
    assert!(!pack.contains("xtask test"), "the packages of the tests never run where it is packed");
    assert!(
        test.contains("download-artifact") && test.contains("--tarball \"$(ls release/*.tgz)\"")
    );
    assert!(!test.contains("id-token"), "the tests cannot publish");
    assert!(publish.contains("needs: [pack, test"));
    let checks =
        ["$PACKED  SHA256SUMS", "$TESTED  SHA256SUMS", "npm publish ./cometchat-auth-*.tgz"];
    let places = checks.map(|text| publish.find(text).unwrap());
    assert!(places.is_sorted(), "both checksums are compared before it is published");
    for forbidden in ["npm ci", "npm install", "cargo "] {
        assert!(!publish.contains(forbidden), "the job that publishes runs no other code");
    }
}

#[test]
fn r3_tools_are_installed_from_lock_files_and_advisories_are_checked_weekly() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let locked = line.contains("--locked") && line.contains("--version");
            assert!(!line.contains("cargo install") || locked, "{}: {line}", path.display());
        }
    }
    let weekly = workflow("weekly.yml");
    assert!(weekly.contains("cargo deny check") && weekly.contains("npm audit"));
}

#[test]
fn r4_tests_install_system_packages_only_when_asked() {
    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }
    let options = |arguments: &[&str]| Cli::try_parse_from(arguments).unwrap().options;
    assert!(!options(&["test"]).install);
    assert!(options(&["test", "--install"]).install);
    let ci = fs::read_to_string(folder().join("../../.ci/run")).unwrap();
    assert!(ci.contains("cargo xtask test --install"));
}
