//! What only a terminal is shown, on a pseudo-terminal of the system's own.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod support;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use support::inspect;

/// A pseudo-terminal: what is written on the second end is read from the first.
fn terminal() -> (File, File) {
    let shown = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&shown).and_then(|()| unlockpt(&shown)).expect("it may be opened");
    let name = ptsname(&shown, Vec::new()).expect("it has a name");
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let written = OpenOptions::new().read(true).write(true).open(path).expect("it opens");
    (File::from(shown), written)
}

/// Everything that was shown, to the end: on Linux that is an error, once nobody holds the other end.
fn everything(mut shown: File) -> String {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = shown.read(&mut part) {
        bytes.extend_from_slice(&part[..count]);
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// Where a stream of the program goes.
#[derive(Clone, Copy, PartialEq)]
enum To {
    Terminal,
    Pipe,
}

/// Runs the program with these streams, and returns what was shown on the terminal and what came out
/// of a piped stdout.
fn run(arguments: &[&str], stdin: &str, stdout: To, stderr: To) -> (String, String) {
    let (shown, written) = terminal();
    let stream = |to| match to {
        To::Terminal => Stdio::from(written.try_clone().expect("another handle")),
        To::Pipe => Stdio::piped(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_inspect"));
    command.args(arguments).env("TERM", "xterm").env_remove("NO_COLOR").env_remove("CLICOLOR");
    command.stdin(Stdio::piped()).stdout(stream(stdout)).stderr(stream(stderr));
    let mut child = command.spawn().expect("the binary runs");
    // Its handles of the terminal are copies: with these gone, the end of the program is the end.
    drop((command, written));
    let reader = thread::spawn(move || everything(shown));
    child.stdin.take().expect("a pipe").write_all(stdin.as_bytes()).expect("it was read");
    let piped = child.wait_with_output().expect("it ends");
    (reader.join().expect("it was shown"), String::from_utf8(piped.stdout).expect("UTF-8"))
}

fn cases(count: usize) -> String {
    let case = |id| {
        json!({
            "id": id, "kind": "hotp", "secret_hex": "3132333435363738393031323334353637383930",
            "counter": id, "digits": 6, "algorithm": "SHA1",
        })
    };
    (0..count).map(|id| format!("{}\n", case(id))).collect()
}

#[test]
fn a_batch_counts_its_cases_on_a_terminal_and_nowhere_else() {
    let stdin = cases(300);
    let (shown, answers) = run(&["batch-otp"], &stdin, To::Pipe, To::Terminal);
    assert!(shown.contains(" cases, "), "{shown:?}");
    assert_eq!(answers.lines().count(), 300);
    // In a pipe nothing is counted, and the answers are the same.
    let piped = inspect(&["batch-otp"], &stdin);
    assert_eq!((piped.err.as_str(), &piped.out), ("", &answers));
    let (shown, again) = run(&["batch-otp"], &stdin, To::Pipe, To::Pipe);
    assert_eq!((shown.as_str(), again), ("", answers.clone()));
    // Where the answers themselves are shown, a count would stand between them.
    let (shown, _) = run(&["batch-otp"], &stdin, To::Terminal, To::Terminal);
    assert_eq!(shown.replace("\r\n", "\n"), answers);
}

#[test]
fn text_is_for_a_terminal_with_colour_and_json_for_a_pipe() {
    let folder = support::Folder::new("terminal-policy");
    let policy = "[[issuer]]\nid = \"did:web:a.example\"\nmay_assert = [\"StaffIdentity\"]\n";
    let policy = folder.write("policy.toml", policy);
    let (shown, _) = run(&["policy", &policy], "", To::Terminal, To::Pipe);
    assert!(shown.contains("did:web:a.example") && shown.contains('\u{1b}'), "{shown:?}");
    let (shown, piped) = run(&["policy", &policy], "", To::Pipe, To::Terminal);
    assert_eq!(shown, "");
    let json: serde_json::Value = serde_json::from_str(&piped).expect("JSON");
    assert!(json.is_object() && !piped.contains('\u{1b}'), "{piped}");
}
