//! Every seed through its target, and what stands near it: cut short at each place, and with each byte
//! changed. A target that panics fails here as it would under a fuzzer.
#![allow(clippy::panic, clippy::expect_used, missing_docs, reason = "tests")]

use staffpass_fuzz::{TARGETS, seeds};

#[test]
fn pf31_every_target_has_seeds_and_takes_them() {
    for (name, target) in TARGETS {
        let seeds = seeds::of(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        seeds.iter().for_each(|seed| target(seed));
        target(b"");
    }
}

#[test]
fn r05_no_seed_cut_short_or_changed_makes_a_target_panic() {
    for (name, target) in TARGETS {
        for seed in seeds::of(name) {
            let steps = if SLOW.contains(&name) { 4 } else { 24 };
            let step = (seed.len() / steps).max(1);
            for at in (0..seed.len()).step_by(step) {
                target(seed.get(..at).unwrap_or_default());
                for change in [0x01, 0x20, 0x80] {
                    let mut changed = seed.clone();
                    changed.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= change);
                    target(&changed);
                }
            }
        }
    }
}

/// Targets that verify a whole answer for each input.
const SLOW: [&str; 3] = ["evidence", "response", "verdict"];

#[test]
fn every_target_has_an_executable() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz_targets");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .expect("the executables")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().trim_end_matches(".rs").to_owned())
        .collect();
    found.sort();
    assert_eq!(found, TARGETS.map(|(name, _)| name));
}
