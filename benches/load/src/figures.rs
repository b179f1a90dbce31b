//! What was measured.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Figures(Mutex<Measured>);

#[derive(Default)]
struct Measured {
    /// Each whole share, from the link to the last page.
    shares: Vec<Duration>,
    /// Each POST of a wallet's answer.
    answers: Vec<Duration>,
    /// KiB that each portal has resident, by time.
    memory: Vec<Vec<u64>>,
}

impl Figures {
    fn measured(&self) -> MutexGuard<'_, Measured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clear(&self) {
        *self.measured() = Measured::default();
    }

    pub(crate) fn share(&self, took: Duration) {
        self.measured().shares.push(took);
    }

    pub(crate) fn answer(&self, took: Duration) {
        self.measured().answers.push(took);
    }

    pub(crate) fn memory(&self, kib: Vec<u64>) {
        self.measured().memory.push(kib);
    }

    pub(crate) fn walked(&self) -> u64 {
        self.measured().shares.len() as u64
    }

    pub(crate) fn text(&self, portals: usize, people: usize, took: Duration, kept: u64) -> String {
        let mut measured = self.measured();
        let seconds = took.as_secs_f64();
        let rate = measured.shares.len() as f64 / seconds;
        let mut text = format!(
            "{portals} portals, {people} people at once, {seconds:.0} s: {} shares, {rate:.1} a second; \
             {kept} in the database\n",
            measured.shares.len()
        );
        for (what, times) in [("an answer", true), ("a whole share", false)] {
            let times = if times { &mut measured.answers } else { &mut measured.shares };
            times.sort();
            let at = |part: f64| milliseconds(times, part);
            let (median, high, most) = (at(0.5), at(0.99), at(1.0));
            let _ = writeln!(
                text,
                "{what}: median {median:.0} ms, 99th percentile {high:.0} ms, most {most:.0} ms"
            );
        }
        for portal in 0..portals {
            let series = measured.memory.iter().filter_map(|all| all.get(portal));
            let mib: Vec<String> = spread(&series.collect::<Vec<_>>(), 10);
            let _ = writeln!(text, "MiB of portal {}: {}", portal + 1, mib.join(" "));
        }
        text
    }
}

fn milliseconds(sorted: &[Duration], part: f64) -> f64 {
    let place = (part * sorted.len().saturating_sub(1) as f64).round() as usize;
    sorted.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

/// So many of them, evenly, the first and the last among them.
fn spread(series: &[&u64], most: usize) -> Vec<String> {
    let last = series.len().saturating_sub(1);
    let places = (0..most.min(series.len())).map(|n| n * last / (most - 1).max(1));
    places.filter_map(|place| series.get(place)).map(|kib| (*kib / 1024).to_string()).collect()
}
