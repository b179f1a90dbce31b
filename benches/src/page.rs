//! The table, and the page that it is written into.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::rows::{Counted, Figures};
use crate::{chart, machine};

const BEGIN: &str = "<!-- figures: written by `cargo run -p benches --release -- report` -->";
const END: &str = "<!-- end of figures -->";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Puts the figures into `docs/performance.md`, between their marks, and draws the chart beside it.
pub fn write(figures: &Figures) {
    let path = docs().join("performance.md");
    let page = std::fs::read_to_string(&path).expect("docs/performance.md is there");
    let (before, rest) = page.split_once(BEGIN).expect("the page has a place for figures");
    let (_, after) = rest.split_once(END).expect("the place for figures ends");
    let page = format!("{before}{BEGIN}\n\n{}\n{END}{after}", table(figures));
    std::fs::write(&path, page).expect("docs/performance.md can be written");
    chart::draw(&docs().join("performance.svg"), figures);
}

/// Every figure as Markdown.
pub fn table(figures: &Figures) -> String {
    let parts = [
        format!(
            "{}. Lower deciles of {} rounds of a millisecond a side, interleaved.\n",
            machine::description(),
            figures.rounds
        ),
        ratios(figures),
        others(figures),
        allocations(figures),
        worst(figures),
        peers(figures),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn ratios(figures: &Figures) -> String {
    let mut text =
        "| against the limit | limit, µs | ours, µs | ratio | to reach | the least |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for row in &figures.ratios {
        let (limit, ours) = (row.compared.limit * 1e6, row.compared.ours * 1e6);
        let (ratio, reach) = (row.compared.ratio, row.reach);
        let (name, what) = (&row.name, row.limit);
        let least = row.least.map_or_else(String::new, |least| format!("{least:.3}"));
        writeln!(
            text,
            "| {name} | {limit:.1} ({what}) | {ours:.1} | **{ratio:.3}** | ≤ {reach} | {least} |"
        )
        .expect("text");
    }
    text
}

fn others(figures: &Figures) -> String {
    let mut text = "| what | measured | to reach |\n|---|---|---|\n".to_owned();
    let rows = [
        ("two threads over one", format!("{:.2}", figures.threads), "≥ 1.95"),
        ("the same of the raw checks alone", format!("{:.2}", figures.raw_threads), ""),
        ("a list in evidence asked about an entry", nanoseconds(figures.asked), "≤ 200 ns"),
        ("a status entry read, its list found and asked", nanoseconds(figures.status), ""),
        (
            "list of 1,000,000 entries inserted: signature, inflate",
            format!("{:.2} ms", figures.list * 1e3),
            "≤ 5 ms",
        ),
        (
            "memory kept of that list over its inflated size",
            format!("{:.2}", kept(figures)),
            "≤ 1.10",
        ),
        (
            "time a credential among 50 over that among 3",
            format!("{:.2}", figures.growth),
            "≤ 1.05",
        ),
    ];
    for (what, measured, reach) in rows {
        writeln!(text, "| {what} | **{measured}** | {reach} |").expect("text");
    }
    text
}

fn nanoseconds(seconds: f64) -> String {
    format!("{:.0} ns", seconds * 1e9)
}

fn kept(figures: &Figures) -> f64 {
    let list = figures.allocations.iter().find(|counted| counted.name == "list");
    list.map_or(f64::NAN, |list| list.counts[3] as f64 / figures.inflated as f64)
}

fn allocations(figures: &Figures) -> String {
    let mut text =
        "| through Rust's global allocator | allocations | KiB | to reach |\n|---|---|---|---|\n"
            .to_owned();
    let reach = |name: &str| if name == "vp3" { "≤ 100, ≤ 16 KiB" } else { "" };
    let of_work = |counted: &&Counted| !counted.name.contains(':') && counted.name != "list";
    for Counted { name, counts } in figures.allocations.iter().filter(of_work) {
        let kib = counts[1] as f64 / 1024.0;
        writeln!(text, "| {name} | **{}** | **{kib:.1}** | {} |", counts[0], reach(name))
            .expect("text");
    }
    text
}

fn worst(figures: &Figures) -> String {
    let mut text = "| worst input of the default limits (≤ 100 ms, ≤ 64 MiB) | body, MiB | ms | most memory at once, MiB |\n|---|---|---|---|\n".to_owned();
    for (name, bytes, seconds) in &figures.worst {
        let counted = format!("worst: {name}");
        let counted = figures.allocations.iter().find(|one| one.name == counted);
        let most = counted.map_or(f64::NAN, |one| one.counts[2] as f64 / MIB);
        let (body, ms) = (*bytes as f64 / MIB, seconds * 1e3);
        writeln!(text, "| {name} | {body:.1} | **{ms:.1}** | **{most:.1}** |").expect("text");
    }
    text
}

const MIB: f64 = 1024.0 * 1024.0;

fn peers(figures: &Figures) -> String {
    if figures.peers.is_empty() {
        return String::new();
    }
    let mut text = "| peer, same bytes, interleaved | work | µs | over ours | what it leaves out |\n|---|---|---|---|---|\n".to_owned();
    for peer in &figures.peers {
        let (us, ratio) = (peer.seconds * 1e6, peer.seconds / peer.ours);
        let (name, work, note) = (&peer.name, &peer.work, &peer.leaves_out);
        writeln!(text, "| {name} | {work} | {us:.1} | **{ratio:.2}** | {note} |").expect("text");
    }
    text
}
