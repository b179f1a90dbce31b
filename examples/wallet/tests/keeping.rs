//! The wallet's file: what is kept, from whom, and what survives.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::process::Stdio;

use common::{Home, Issuer, identity, job};
use serde_json::json;
use staffpass::aws_lc::SigningKey;
use staffpass::did::jwk;
use staffpass::jose::Algorithm;

#[test]
fn a_new_wallet_has_two_keys_under_two_methods() {
    let home = Home::empty();
    let said = home.ok(&["init"]);
    assert!(said.contains("did:jwk:") && said.contains("did:ion:"), "{said}");
    let [jwk, ion] = home.holders();
    assert!(jwk.as_str().starts_with("did:jwk:"));
    assert!(ion.as_str().starts_with("did:ion:") && ion.as_str().matches(':').count() == 3);
    assert_eq!(home.ok(&["list"]), "Nothing is held yet.\n");
}

#[test]
fn a_wallet_is_not_made_over_another() {
    let home = Home::new();
    let before = home.holders();
    assert!(home.refused(&["init"]).contains("is there already"));
    assert_eq!(home.holders(), before);
}

#[test]
fn without_a_wallet_the_person_is_told_how_to_make_one() {
    let said = Home::empty().refused(&["list"]);
    assert!(said.contains("there is no wallet") && said.contains("init"), "{said}");
}

#[test]
fn credentials_are_listed_with_kind_issuer_subject_and_dates() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, ion] = home.holders();
    home.add(&issuer.sd_jwt_vc("identity", &jwk, &identity()));
    home.add(&issuer.vc_jwt("StaffEmployment", &ion, 10, &job("Staff Nurse")));
    home.add(&issuer.vc_jwt("StaffEmployment", &jwk, 400, &job("Nurse")));
    let training = json!({ "subject": "fire-safety", "level": 1 });
    home.add(&issuer.vc_jwt("StaffTraining", &jwk, 10, &training));
    let list = home.ok(&["list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 5, "{list}");
    let has = |line: usize, words: &[&str]| {
        let all = words.iter().all(|word| lines[line].contains(word));
        assert!(all, "{words:?} in {}", lines[line]);
    };
    has(0, &["kind", "issuer", "subject or job", "valid until", "status"]);
    has(1, &["1", "identity", "eastmoor.example", "Amara Okafor-Lee", "valid"]);
    has(2, &["2", "employment", "Staff Nurse", "valid"]);
    has(3, &["3", "employment", "Nurse", "expired"]);
    has(4, &["4", "training", "fire safety level 1"]);
}

#[test]
fn one_credential_is_shown_whole() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    home.add(&issuer.sd_jwt_vc("identity", &jwk, &identity()));
    let said = home.ok(&["show", "1"]);
    for words in ["kind        identity", "SD-JWT VC", "birthdate: 1990-02-16", "status      valid"]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    for number in ["0", "2"] {
        assert!(home.refused(&["show", number]).contains("no such number"));
    }
}

#[test]
fn what_a_credential_says_cannot_command_the_terminal() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    let evil = json!({ "given_name": "A\u{1b}[2J\u{202e}", "family_name": "B" });
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &evil));
    for said in [home.ok(&["list"]), home.ok(&["show", "1"])] {
        assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said:?}");
    }
}

#[test]
fn a_credential_of_somebody_elses_is_not_taken() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let other = jwk::from_public_key(SigningKey::generate(Algorithm::Es256).unwrap().public_key());
    let file = home.path("token");
    for token in [
        issuer.vc_jwt("StaffIdentity", &other, 1, &identity()),
        issuer.sd_jwt_vc("identity", &other, &identity()),
    ] {
        std::fs::write(&file, token).unwrap();
        let said = home.refused(&["add", file.to_str().unwrap()]);
        assert!(said.contains("issued to none of this wallet's keys"), "{said}");
    }
    assert_eq!(home.ok(&["list"]), "Nothing is held yet.\n");
}

#[test]
fn of_several_tokens_all_are_taken_or_none() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    let good = issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity());
    let file = home.path("token");
    std::fs::write(&file, format!("{good}\nrubbish\n")).unwrap();
    home.refused(&["add", file.to_str().unwrap()]);
    assert_eq!(home.ok(&["list"]), "Nothing is held yet.\n");
    std::fs::write(&file, "\n").unwrap();
    assert!(home.refused(&["add", file.to_str().unwrap()]).contains("no credential"));
}

#[test]
fn a_credential_that_is_there_keeps_its_number() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    let token = issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity());
    home.add(&token);
    home.add(&token);
    assert_eq!(home.ok(&["list"]).lines().count(), 2);
}

#[tokio::test]
async fn a_credential_is_read_from_standard_input() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    let token = issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity());
    assert_eq!(home.with_person(&["add", "-"], &token).await.unwrap(), "Added as 1.\n");
}

#[test]
fn another_passphrase_does_not_open_it() {
    let home = Home::new();
    std::fs::write(home.path("passphrase"), "another").unwrap();
    assert!(home.refused(&["list"]).contains("the passphrase is wrong"));
    std::fs::write(home.path("passphrase"), "\n").unwrap();
    assert!(home.refused(&["list"]).contains("empty"));
}

#[test]
fn the_passphrase_may_stand_in_the_environment() {
    let home = Home::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wallet"));
    command.args(["--file", home.file().to_str().unwrap(), "holders"]);
    let output = command.env("WALLET_PASSPHRASE", common::PASSPHRASE).output().unwrap();
    assert!(output.status.success());
    let output = command.env("WALLET_PASSPHRASE", "another").output().unwrap();
    assert!(!output.status.success());
}

#[test]
fn nothing_in_the_file_can_be_read_without_the_passphrase() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    let bytes = std::fs::read(home.file()).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    for text in ["eyJ", "did:jwk", "private_jwk", "StaffIdentity"] {
        let there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!there, "{text}");
    }
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    let mode = std::fs::metadata(home.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let home = Home::new();
    let mut bytes = std::fs::read(home.file()).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(home.file(), &bytes).unwrap();
    assert!(home.refused(&["list"]).contains("damaged"));
    assert_eq!(std::fs::read(home.file()).unwrap(), bytes);
}

#[test]
fn what_a_crash_left_half_written_is_not_the_wallet() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    std::fs::write(home.path("wallet.age.new"), b"age-encryption.org/v1\n-> scr").unwrap();
    assert_eq!(home.ok(&["list"]).lines().count(), 2);
    home.add(&issuer.vc_jwt("StaffEmployment", &jwk, 1, &job("Nurse")));
    assert_eq!(home.ok(&["list"]).lines().count(), 3);
    assert!(!home.path("wallet.age.new").exists());
}

#[test]
fn processes_at_once_lose_no_credential() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    let mut running = Vec::new();
    for nth in 0..12 {
        let file = home.path(&format!("token-{nth}"));
        let token = issuer.vc_jwt("StaffEmployment", &jwk, nth, &job("Nurse"));
        std::fs::write(&file, token).unwrap();
        running.push(
            home.command(&["add", file.to_str().unwrap()]).stdout(Stdio::null()).spawn().unwrap(),
        );
    }
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(home.ok(&["list"]).lines().count(), 13);
}

/// How many credentials there are, as a reading of the whole file finds them.
fn held(home: &Home) -> usize {
    home.ok(&["list"]).lines().count() - 1
}

/// Kills a process at some moment of the time that it takes, before its first or after its last as well.
fn kill_within(mut process: std::process::Child, takes: std::time::Duration) {
    std::thread::sleep(takes.mul_f64(rand::random_range(0.0..1.2)));
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn a_process_that_is_killed_at_any_moment_leaves_the_old_state_or_the_new() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    // Enough that writing takes a while.
    let many = (0..200).map(|nth| issuer.vc_jwt("StaffEmployment", &jwk, nth, &job("Nurse")));
    home.add(&many.collect::<Vec<_>>().join("\n"));
    let file = home.path("token");
    let add = |number| {
        std::fs::write(&file, issuer.vc_jwt("StaffTraining", &jwk, number, &job("-"))).unwrap();
        home.command(&["add", file.to_str().unwrap()]).stdout(Stdio::null()).spawn().unwrap()
    };
    let started = std::time::Instant::now();
    assert!(add(0).wait().unwrap().success());
    let takes = started.elapsed();
    let mut known = held(&home);
    for number in 1..=40 {
        let before = std::fs::read(home.file()).unwrap();
        kill_within(add(number), takes);
        let now = held(&home);
        assert!(now == known || now == known + 1, "{known} became {now}");
        if now == known {
            assert_eq!(std::fs::read(home.file()).unwrap(), before);
        }
        known = now;
    }
    // No lock is left, and what was left beside the file is in nobody's way.
    assert!(add(41).wait().unwrap().success());
    assert_eq!(held(&home), known + 1);
}

#[test]
fn of_two_processes_at_once_the_death_of_one_loses_nothing_of_the_other() {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    let adds = |name: &str, token: &str| {
        let file = home.path(name);
        std::fs::write(&file, token).unwrap();
        home.command(&["add", file.to_str().unwrap()]).stdout(Stdio::null()).spawn().unwrap()
    };
    let started = std::time::Instant::now();
    assert!(
        adds("first", &issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()))
            .wait()
            .unwrap()
            .success()
    );
    let takes = started.elapsed();
    for nth in 0..20 {
        let before = held(&home);
        let dies = adds("dies", &issuer.vc_jwt("StaffTraining", &jwk, nth, &job("-")));
        let title = format!("Nurse-{nth}");
        let mut lives = adds("lives", &issuer.vc_jwt("StaffEmployment", &jwk, nth, &job(&title)));
        kill_within(dies, takes);
        assert!(lives.wait().unwrap().success());
        let list = home.ok(&["list"]);
        assert!(list.contains(&title), "{list}");
        let now = list.lines().count() - 1;
        assert!(now == before + 1 || now == before + 2, "{before} became {now}");
    }
}

#[tokio::test]
async fn a_wallet_is_removed_when_the_person_says_so() {
    let home = Home::new();
    let kept = home.with_person(&["reset"], "\n").await.unwrap();
    assert_eq!(kept, "Nothing was changed.\n");
    assert!(home.file().exists());
    home.with_person(&["reset"], "yes\n").await.unwrap();
    assert!(!home.file().exists());
    home.ok(&["init"]);
    home.ok(&["reset", "--yes"]);
    assert!(!home.file().exists());
}

#[test]
fn the_name_of_a_wallet_needs_no_folder() {
    let home = Home::empty();
    let mut command = home.command(&["init"]);
    let bare = ["--file", "here.age"];
    assert!(command.args(bare).current_dir(home.path("")).output().is_ok());
}
