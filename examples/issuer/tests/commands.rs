//! The command line: issuing one by one and from a CSV file, revoking, and several processes at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{Trust, holder, training};
use serde_json::Value;
use staffpass::jose::{UnverifiedJws, jws};

const ORIGIN: &str = "http://localhost:8090";

fn payload(token: &str) -> Value {
    let jws = UnverifiedJws::parse(token.split('~').next().unwrap(), &jws::Limits::default());
    serde_json::from_slice(jws.unwrap().unverified_payload()).unwrap()
}

fn id(errors: &str) -> &str {
    errors.trim().strip_prefix("id ").unwrap()
}

#[test]
fn a_bad_row_is_named_by_its_line_as_an_editor_counts_them_whatever_ends_them() {
    let trust = Trust::at(ORIGIN);
    let rows = ["kind,holder,subject", "training,x,\"two\nlines\"", "", "foo,x,y", "training,x"];
    for end in ["\n", "\r\n"] {
        let file = trust.file("staff.csv", &rows.join(end));
        let output = trust.run(&["issue", "--csv", file]);
        let errors = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<_> = errors.lines().filter(|line| line.starts_with("line ")).collect();
        let [first, second, third] = lines.as_slice() else { panic!("{errors}") };
        assert!(first.starts_with("line 2: "), "{errors}");
        assert!(second.starts_with("line 5: the kind"), "{errors}");
        assert_eq!(*third, "line 6: there are 2 cells under 3 names");
    }
}

#[test]
fn an_id_is_never_taken_for_an_option() {
    let trust = Trust::at(ORIGIN);
    for command in [&["revoke", "-Jx", "--reason", "-"][..], &["status", "-Jx"]] {
        let errors = String::from_utf8(trust.run(command).stderr).unwrap();
        assert!(errors.contains("no credential with this id"), "{errors}");
    }
    let claims = trust.file("claims.json", &training().to_string());
    let holder = holder().1.to_string();
    let command = ["issue", "--kind", "training", "--claims", claims, "--holder", &holder];
    let (_, errors) = trust.done(&command);
    assert!(id(&errors).bytes().all(|byte| byte.is_ascii_alphanumeric()), "{errors}");
}

#[cfg(unix)]
#[test]
fn what_a_trust_keeps_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let trust = Trust::at(ORIGIN);
    let claims = trust.file("claims.json", &training().to_string());
    trust.done(&["offer", "--kind", "training", "--claims", claims]);
    let mut kept = vec![trust.directory.join("data"), trust.directory.join("data/offers")];
    for directory in kept.clone() {
        let entries = std::fs::read_dir(directory).unwrap();
        kept.extend(entries.map(|entry| entry.unwrap().path()));
    }
    assert!(kept.len() > 5);
    for path in kept {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn a_credential_is_issued_in_each_format() {
    let trust = Trust::at(ORIGIN);
    let claims = trust.file("claims.json", &training().to_string());
    let did = holder().1.to_string();
    for (format, member) in
        [("jwt_vc_json", "vc"), ("vc+jwt", "credentialSubject"), ("dc+sd-jwt", "vct")]
    {
        let arguments = ["issue", "--kind", "training", "--claims", claims];
        let (out, errors) =
            trust.done(&[&arguments[..], &["--holder", &did, "--format", format]].concat());
        assert!(payload(out.trim()).get(member).is_some(), "{format}");
        let (status, _) = trust.done(&["status", id(&errors)]);
        assert!(status.contains(format) && status.contains("not revoked"), "{status}");
    }
}

#[test]
fn a_revoked_credential_says_so_and_why_and_stays_revoked() {
    let trust = Trust::at(ORIGIN);
    let claims = trust.file("claims.json", &training().to_string());
    let did = holder().1.to_string();
    let (_, errors) =
        trust.done(&["issue", "--kind", "training", "--claims", claims, "--holder", &did]);
    let id = id(&errors);
    assert_eq!(trust.done(&["revoke", id, "--reason", "left the trust"]).0, "revoked\n");
    assert_eq!(trust.done(&["revoke", id, "--reason", "again"]).0, "was revoked before\n");
    let (status, _) = trust.done(&["status", id]);
    assert!(status.contains("left the trust") && !status.contains("again"), "{status}");
}

#[test]
fn what_was_not_issued_is_neither_shown_nor_revoked() {
    let trust = Trust::at(ORIGIN);
    for command in [&["status", "x"][..], &["revoke", "x", "--reason", "r"]] {
        let output = trust.run(command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("no credential with this id"));
    }
}

#[test]
fn claims_that_break_a_rule_are_not_issued_and_every_fault_is_named() {
    let trust = Trust::at(ORIGIN);
    let mut wrong = training();
    wrong["level"] = "one".into();
    wrong["awarded_on"] = "yesterday".into();
    let claims = trust.file("claims.json", &wrong.to_string());
    let did = holder().1.to_string();
    let output = trust.run(&["issue", "--kind", "training", "--claims", claims, "--holder", &did]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.contains("level") && errors.contains("awarded_on"), "{errors}");
    assert!(!errors.contains("yesterday"), "{errors}");
}

/// A CSV file of trainings: each row's holder and level, other columns being the same.
fn csv(rows: &[(&str, &str)]) -> String {
    let claims = training();
    let flat = flatten(&claims, "");
    let names: Vec<_> = flat.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = format!("kind,holder,{}\n", names.join(","));
    for (holder, level) in rows {
        let cells: Vec<_> = flat
            .iter()
            .map(|(name, cell)| if name == "level" { (*level).to_owned() } else { cell.clone() })
            .collect();
        text.push_str(&format!("training,{holder},{}\n", cells.join(",")));
    }
    text
}

fn flatten(value: &Value, before: &str) -> Vec<(String, String)> {
    let Value::Object(members) = value else {
        let cell = value.as_str().map_or_else(|| value.to_string(), |text| format!("\"{text}\""));
        return vec![(before.to_owned(), cell)];
    };
    let path =
        |name: &str| if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") };
    members.iter().flat_map(|(name, value)| flatten(value, &path(name))).collect()
}

#[test]
fn a_bad_row_is_named_with_its_line_and_the_others_go_on() {
    let trust = Trust::at(ORIGIN);
    let did = holder().1.to_string();
    let rows =
        [(did.as_str(), "1"), ("did:web:x.example", "1"), (&did, "9"), (&did, "x"), (&did, "2")];
    let file = trust.file("staff.csv", &csv(&rows));
    let output = trust.run(&["issue", "--csv", file]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for line in ["line 3: the holder is no did", "line 4: ", "line 5: level: is not JSON"] {
        assert!(errors.contains(line), "{errors}");
    }
    assert!(errors.ends_with("2 issued, 3 refused\n"), "{errors}");
    let out = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["line"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 6]);
    let subject = &payload(lines[1]["credential"].as_str().unwrap())["vc"]["credentialSubject"];
    assert_eq!(subject["level"], 2);
    assert_eq!(subject["renewal_period"], training()["renewal_period"]);
}

#[test]
fn a_file_without_a_needed_column_issues_nothing() {
    let trust = Trust::at(ORIGIN);
    let file = trust.file("staff.csv", "kind,level\ntraining,1\n");
    let output = trust.run(&["issue", "--csv", file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no column holder"));
}

#[test]
fn i08_processes_at_once_give_no_index_out_twice_and_lose_no_credential() {
    let trust = Trust::at(ORIGIN);
    let did = holder().1.to_string();
    let rows: Vec<_> = (0..20).map(|_| (did.as_str(), "1")).collect();
    let file = trust.file("staff.csv", &csv(&rows));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| trust.done(&["issue", "--csv", file, "--format", "dc+sd-jwt"]));
        }
    });
    let ledger = fs::read_to_string(trust.path("data/ledger.jsonl")).unwrap();
    let indices: BTreeSet<_> = ledger
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["issued"]["index"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(indices.len(), 80);
}

#[test]
fn a_ledger_that_a_crash_cut_short_is_read_and_continued() {
    let trust = Trust::at(ORIGIN);
    let claims = trust.file("claims.json", &training().to_string());
    let did = holder().1.to_string();
    let issue = ["issue", "--kind", "training", "--claims", claims, "--holder", &did];
    let (_, first) = trust.done(&issue);
    let ledger = trust.path("data/ledger.jsonl");
    let whole = fs::read_to_string(ledger).unwrap();
    fs::write(ledger, format!("{whole}{{\"issued\":{{\"id\":")).unwrap();
    let (_, second) = trust.done(&issue);
    for errors in [&first, &second] {
        trust.done(&["status", id(errors)]);
    }
    assert_eq!(fs::read_to_string(ledger).unwrap().lines().count(), 2);
}

#[test]
fn no_claim_is_in_the_ledger() {
    let trust = Trust::at(ORIGIN);
    let claims = trust.file("claims.json", &training().to_string());
    let did = holder().1.to_string();
    trust.done(&["issue", "--kind", "training", "--claims", claims, "--holder", &did]);
    let ledger = fs::read_to_string(trust.path("data/ledger.jsonl")).unwrap();
    assert!(!ledger.contains("7d0d3c9e") && !ledger.contains("Fire"), "{ledger}");
}

#[test]
fn lists_that_were_issued_under_another_url_are_not_continued() {
    let mut trust = Trust::at(ORIGIN);
    let claims = trust.file("claims.json", &training().to_string());
    let did = holder().1.to_string();
    let issue = ["issue", "--kind", "training", "--claims", claims, "--holder", &did];
    trust.done(&issue);
    trust.origin = "http://localhost:9999".to_owned();
    let output = trust.run(&issue);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("another public URL"));
}
