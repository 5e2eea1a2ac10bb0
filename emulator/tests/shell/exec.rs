//! The command `exec`.

use crate::support::PROGRAM;
use reqwest::Client;
use std::process::{Command, Stdio};
use std::time::Duration;

fn exec(arguments: &[&str], command: &[&str]) -> Command {
    let mut exec = Command::new(PROGRAM);
    exec.arg("exec").args(arguments).arg("--").args(command);
    exec
}

#[test]
fn exec_runs_the_command_and_ends_with_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let variables = ["URL", "APP_ID", "REGION", "AUTH_KEY", "REST_API_KEY", "CA_FILE"]
        .map(|name| format!("$COMETCHAT_EMULATOR_{name}"))
        .join(" ");
    let script = format!(r#"echo "{variables}"; exit 7"#);
    let output = exec(
        &["--tls", "--tls-cert-out", ca.to_str().unwrap(), "--app", "mine"],
        &["sh", "-c", &script],
    )
    .output()
    .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.starts_with("https://127.0.0.1:"), "{stdout}");
    assert!(
        stdout.trim().ends_with(&format!(
            "mine us emulator-auth-key emulator-rest-api-key {}",
            ca.display()
        )),
        "{stdout}"
    );
    assert!(std::fs::read_to_string(&ca).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(exec(&[], &["true"]).status().unwrap().code(), Some(0));
    assert_eq!(exec(&[], &["sh", "-c", "kill -9 $$"]).status().unwrap().code(), Some(137));
}

#[tokio::test]
async fn exec_forwards_signals_and_waits_for_the_command() {
    for (name, signal) in [("TERM", "-TERM"), ("INT", "-INT"), ("HUP", "-HUP")] {
        // The command takes its time to end.
        let script = format!(
            r#"
            trap 'sleep 0.5; echo got {name}; exit 5' {name}
            echo "$COMETCHAT_EMULATOR_URL"
            while :; do sleep 0.05; done
            "#
        );
        let mut child = exec(&[], &["sh", "-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        std::io::BufRead::read_line(&mut stdout, &mut url).unwrap();
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        tokio::time::sleep(Duration::from_millis(100)).await;
        let alive = Client::new().get(url.trim()).send().await;
        assert!(alive.is_ok(), "the emulator runs until the command has ended");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
        assert_eq!(rest.trim(), format!("got {name}"));
        assert_eq!(child.wait().unwrap().code(), Some(5));
        assert!(
            Client::new().get(url.trim()).send().await.is_err(),
            "the emulator ends with the command"
        );
    }
}

#[test]
fn exec_needs_a_known_command() {
    let output = exec(&[], &["no-such-command-here"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains("no-such-command-here") && error.contains("sh -c"), "{error}");
    let output = Command::new(PROGRAM).arg("exec").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
