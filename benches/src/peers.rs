//! Others' libraries on the same bytes: binaries of a workspace of their own, since one build graph
//! would give our crates the peers' `serde_json` features.
//!
//! Each reads the tokens once, and then for every line that it is given verifies them for a slice of
//! time and answers with the nanoseconds of one turn.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use benches::Work;

use crate::rounds::{lower_decile, seconds};

/// What a peer took.
pub struct Peer {
    /// Which library, and how it was used.
    pub name: String,
    /// Which tokens.
    pub work: String,
    /// Seconds of the peer.
    pub seconds: f64,
    /// Seconds of ours, in the same rounds.
    pub ours: f64,
    /// What it does not do that we do, by its own word.
    pub leaves_out: String,
}

const WORKS: [&str; 3] = ["vp3", "authenticator", "sd-jwt"];

fn work(name: &str) -> Work {
    match name {
        "authenticator" => Work::authenticator(),
        "sd-jwt" => Work::sd_jwt(),
        _ => Work::presentation(3),
    }
}

/// Writes the tokens of each work for the peers.
pub fn write_tokens(directory: &Path) {
    fs::create_dir_all(directory).expect("the directory can be made");
    for name in WORKS {
        let text = work(name).for_peers().to_string();
        fs::write(directory.join(format!("{name}.json")), text).expect("tokens can be written");
    }
}

struct Running {
    name: String,
    work: usize,
    leaves_out: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    seen: Vec<f64>,
}

/// Runs every peer that has been built, in rounds with ours between.
pub fn measure(rounds: usize) -> Vec<Peer> {
    let directory = std::env::temp_dir().join(format!("staffpass-peers-{}", std::process::id()));
    write_tokens(&directory);
    let works = WORKS.map(work);
    let mut running: Vec<Running> =
        binaries().iter().flat_map(|path| start(path, &directory)).collect();
    assert!(!running.is_empty(), "no peer is built: cargo build --release in benches/peers");
    let mut ours: [Vec<f64>; 3] = Default::default();
    for _ in 0..rounds {
        for (work, seen) in works.iter().zip(&mut ours) {
            seen.push(seconds(&mut || drop(work.verify()), 20));
        }
        running.iter_mut().for_each(Running::round);
    }
    fs::remove_dir_all(&directory).expect("the tokens can be removed");
    running.into_iter().map(|peer| peer.finish(&ours)).collect()
}

/// The executables of benches/peers, each named `peer-…`.
fn binaries() -> Vec<PathBuf> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/target");
    let target = std::env::var_os("PEERS_TARGET_DIR").map_or(peers, PathBuf::from);
    let Ok(found) = fs::read_dir(target.join("release")) else { return Vec::new() };
    let is_peer = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("peer-") && path.extension().is_none()
    };
    let mut found: Vec<_> = found.flatten().map(|entry| entry.path()).filter(is_peer).collect();
    found.sort();
    found
}

/// Starts a peer on each work: one that it cannot do it leaves without a word, and is left out.
fn start(path: &Path, tokens: &Path) -> Vec<Running> {
    let each = WORKS.iter().enumerate();
    each.filter_map(|(place, work)| {
        let mut child = Command::new(path)
            .arg(tokens.join(format!("{work}.json")))
            .arg(work)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a peer starts");
        let input = child.stdin.take().expect("a pipe");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a peer speaks or ends");
        let Some((name, leaves_out)) = line.trim_end().split_once('\t') else {
            child.wait().expect("a peer ends");
            return None;
        };
        let (name, leaves_out) = (name.to_owned(), leaves_out.to_owned());
        Some(Running { name, work: place, leaves_out, child, input, output, seen: Vec::new() })
    })
    .collect()
}

impl Running {
    fn round(&mut self) {
        writeln!(self.input, "go").expect("a peer listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a peer answers");
        self.seen.push(line.trim().parse::<f64>().expect("nanoseconds") / 1e9);
    }

    fn finish(self, ours: &[Vec<f64>; 3]) -> Peer {
        let Self { name, work, leaves_out, mut child, input, seen, .. } = self;
        drop(input);
        child.wait().expect("a peer ends");
        let ours = ours.get(work).map_or(f64::NAN, |ours| lower_decile(ours.iter().copied()));
        let work = WORKS.get(work).copied().unwrap_or_default().to_owned();
        Peer { name, work, seconds: lower_decile(seen.into_iter()), ours, leaves_out }
    }
}
