//! One presentation of three credentials with status, verified whole, beside the raw signature
//! checks of the same bytes; then the ratio of the two, measured interleaved.
#![allow(missing_docs, reason = "criterion's macros make the items")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::Presentation;
use criterion::{Criterion, criterion_group};

fn three_credentials(criterion: &mut Criterion) {
    let presentation = Presentation::three_credentials();
    let mut group = criterion.benchmark_group("vp_3_vc_es256");
    group.bench_function("raw_checks", |bencher| bencher.iter(|| presentation.raw_checks()));
    group.bench_function("verify", |bencher| bencher.iter(|| black_box(presentation.verify())));
    group.finish();
}

criterion_group!(benches, three_credentials);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    print_ratio(&Presentation::three_credentials());
}

/// Rounds that alternate between the two, so that both see the same noise; the median is printed.
fn print_ratio(presentation: &Presentation) {
    const ROUNDS: usize = 31;
    let mut rounds: Vec<(Duration, Duration)> = (0..ROUNDS)
        .map(|_| {
            let raw = timed(|| presentation.raw_checks());
            let whole = timed(|| drop(black_box(presentation.verify())));
            (raw, whole)
        })
        .collect();
    rounds.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    if let Some(median) = rounds.get(ROUNDS / 2) {
        let (raw, whole) = median;
        println!("presentation of {} bytes, 3 credentials, ES256, status", presentation.len());
        println!("  raw checks {raw:?}, whole verification {whole:?}, ratio {:.3}", ratio(median));
    }
}

fn timed(mut work: impl FnMut()) -> Duration {
    const TURNS: u32 = 50;
    let start = Instant::now();
    for _ in 0..TURNS {
        work();
    }
    start.elapsed() / TURNS
}

fn ratio((raw, whole): &(Duration, Duration)) -> f64 {
    whole.as_secs_f64() / raw.as_secs_f64()
}
