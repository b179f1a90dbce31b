//! `cargo run -p benches --release -- report`: every row in rounds, a table, and
//! `docs/performance.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "a bench"
)]

mod chart;
mod machine;
mod page;
mod peers;
mod rounds;
mod rows;

use std::process::ExitCode;

use staffpass::request::Protocol;

const USAGE: &str = "usage: benches report [--peers] [--quick] [--dry-run]
       benches tokens DIRECTORY
       benches work NAME TURNS

report  measures every row and writes docs/performance.md and docs/performance.svg
        --peers    runs the binaries of benches/peers beside (build them first)
        --quick    few rounds: a look, not a measurement
        --dry-run  prints the table and writes nothing
tokens  writes the tokens that the peers verify
work    does one thing again and again, for a profiler; NAME is vp3, authenticator, sd-jwt, request
        or request-microsoft";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["report", options @ ..] => report(options),
        ["tokens", directory] => peers::write_tokens(std::path::Path::new(directory)),
        ["work", name, turns] => return work(name, turns),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn report(options: &[&str]) {
    let has = |option| options.contains(&option);
    let rounds = if has("--quick") { 40 } else { 400 };
    let mut figures = rows::measure(rounds);
    if has("--peers") {
        figures.peers = peers::measure(rounds);
    }
    print!("{}", page::table(&figures));
    if !has("--dry-run") {
        page::write(&figures);
    }
}

fn work(name: &str, turns: &str) -> ExitCode {
    let Ok(turns) = turns.parse::<u32>() else { return ExitCode::FAILURE };
    let verified = |work: benches::Work| repeat(turns, || work.verify());
    let asked = |protocol| {
        let mut asking = benches::Asking::new(protocol);
        repeat(turns, || asking.ask());
    };
    match name {
        "vp3" => verified(benches::Work::presentation(3)),
        "authenticator" => verified(benches::Work::authenticator()),
        "sd-jwt" => verified(benches::Work::sd_jwt()),
        "request" => asked(Protocol::OpenId4Vp),
        "request-microsoft" => asked(Protocol::JwtVcPresentationProfile),
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

fn repeat<T>(turns: u32, mut work: impl FnMut() -> T) {
    for _ in 0..turns {
        std::hint::black_box(work());
    }
}
