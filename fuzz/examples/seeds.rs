//! Writes the seeds of every target into `corpus/`, where cargo-fuzz looks for them.
#![allow(clippy::unwrap_used, reason = "a tool: what cannot be written stops it")]

use std::fs;
use std::path::Path;

use staffpass_fuzz::{TARGETS, seeds};

fn main() {
    for (name, _) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds::of(name).iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:03}")), seed).unwrap();
        }
    }
}
