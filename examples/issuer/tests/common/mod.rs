//! A trust in a directory of its own, its program, and a service on a port of its own.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use clap::Parser as _;
use issuer::{Options, Service};
use serde_json::{Value, json};
use staffpass::aws_lc::SigningKey;
use staffpass::did::{Did, jwk};
use staffpass::jose::Algorithm;
use tokio::net::TcpListener;

/// A trust's directory, which goes when the test is over.
pub(crate) struct Trust {
    pub(crate) directory: PathBuf,
    pub(crate) origin: String,
    /// Options of every command beside the usual ones.
    pub(crate) more: Vec<&'static str>,
}

impl Trust {
    pub(crate) fn at(origin: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("staffpass-issuer-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        Self { directory, origin: origin.to_owned(), more: Vec::new() }
    }

    /// A trust whose service runs until the test is over.
    pub(crate) async fn served() -> Self {
        Self::served_with(&[]).await
    }

    /// The same, with more options.
    pub(crate) async fn served_with(more: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut trust = Self::at(&format!("http://{}", listener.local_addr().unwrap()));
        trust.more = more.to_vec();
        let arguments = trust.arguments(&["serve"]);
        let options = Options::parse_from(std::iter::once("issuer".to_owned()).chain(arguments));
        let service = Service::open(&options.common).unwrap();
        tokio::spawn(service.serve(listener));
        trust
    }

    /// A trust whose service is a program of its own, which can be killed.
    pub(crate) fn as_program() -> (Self, Program) {
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = port.local_addr().unwrap().to_string();
        drop(port);
        let trust = Self::at(&format!("http://{address}"));
        let program = trust.starts();
        (trust, program)
    }

    /// The program on the trust's own port, once it listens.
    pub(crate) fn starts(&self) -> Program {
        let address = self.origin.trim_start_matches("http://");
        let mut program = Command::new(env!("CARGO_BIN_EXE_issuer"));
        program.args(self.arguments(&["serve", "--listen", address])).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listens on"), "{line}");
        Program { child }
    }

    fn arguments(&self, command: &[&str]) -> Vec<String> {
        let shared = ["--data-dir", self.path("data"), "--public-url", &self.origin]
            .map(str::to_owned)
            .into_iter()
            .chain(["--allow-loopback-http".to_owned()])
            .chain(self.more.iter().map(|text| (*text).to_owned()));
        command.iter().map(|text| (*text).to_owned()).chain(shared).collect()
    }

    /// Runs the program.
    pub(crate) fn run(&self, command: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_issuer"));
        program.args(self.arguments(command)).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs the program, which must do what it is asked, and gives what it printed: out, then errors.
    pub(crate) fn done(&self, command: &[&str]) -> (String, String) {
        let output = self.run(command);
        let (out, errors) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{command:?}: {errors}");
        (out, errors)
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> &'static str {
        fs::write(self.directory.join(name), text).unwrap();
        self.path(name)
    }

    /// A path as text; leaked, as a test is short.
    pub(crate) fn path(&self, name: &str) -> &'static str {
        let path = self.directory.join(name);
        Box::leak(path.to_str().unwrap().to_owned().into_boxed_str())
    }
}

/// A running service; it ends with the test at the latest.
pub(crate) struct Program {
    child: Child,
}

impl Program {
    /// Ends it as a power cut does: no signal that it could handle.
    pub(crate) fn dies(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Trust {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all::<&Path>(&self.directory);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn holder() -> (SigningKey, Did) {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let did = jwk::from_public_key(key.public_key());
    (key, did)
}

/// A person of no trust, with the claims of a kind.
pub(crate) fn training() -> Value {
    json!({
        "identity_id": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
        "framework": "cstf", "subject": "fire-safety", "level": 1,
        "competency_name": "Fire Safety", "attainment_status": "achieved",
        "awarded_on": "2026-02-12", "renewal_period": {"value": 2, "unit": "year"},
        "valid_to": "2028-02-12", "learning_method": "elearning",
        "assurance": {
            "origin": "Substantive NHS Employing Organisation", "assurance_policy": "GPG 45",
            "assurance_outcome": "GPG 45 applied", "provider": "Eastmoor Hospitals (fictional)",
            "verifier": "Origin", "verification_method": "document_verification",
            "pedigree": "sourced", "last_refresh": "2026-03-02",
        },
    })
}
