//! Measuring in short rounds: what is compared alternates, so that both see the same noise, and the
//! lower decile of the rounds counts, so that other programs on the machine disturb little. Work that
//! is always the same cannot be faster than it is: noise only adds.

use std::time::{Duration, Instant};

/// How long one side runs in one round.
const SLICE: Duration = Duration::from_millis(1);

type Side<'a> = Box<dyn FnMut() + 'a>;

/// Something that is measured beside its limit.
pub struct Pair<'a> {
    limit: Side<'a>,
    ours: Side<'a>,
    turns: (u32, u32),
    seen: Vec<(f64, f64)>,
}

/// What came of it, in seconds a turn.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// Seconds of the limit.
    pub limit: f64,
    /// Seconds of ours.
    pub ours: f64,
    /// Ours over the limit.
    pub ratio: f64,
}

impl<'a> Pair<'a> {
    /// Finds out how often each side fits into a slice.
    pub fn new(limit: impl FnMut() + 'a, ours: impl FnMut() + 'a) -> Self {
        let (mut limit, mut ours): (Side<'a>, Side<'a>) = (Box::new(limit), Box::new(ours));
        let turns = (turns_in_a_slice(&mut limit), turns_in_a_slice(&mut ours));
        Self { limit, ours, turns, seen: Vec::new() }
    }

    /// One round; the order changes from round to round.
    pub fn round(&mut self, number: usize) {
        let seen = if number.is_multiple_of(2) {
            let limit = seconds(&mut self.limit, self.turns.0);
            (limit, seconds(&mut self.ours, self.turns.1))
        } else {
            let ours = seconds(&mut self.ours, self.turns.1);
            (seconds(&mut self.limit, self.turns.0), ours)
        };
        self.seen.push(seen);
    }

    /// The lower deciles so far.
    pub fn compared(&self) -> Compared {
        let limit = lower_decile(self.seen.iter().map(|seen| seen.0));
        let ours = lower_decile(self.seen.iter().map(|seen| seen.1));
        Compared { limit, ours, ratio: ours / limit }
    }
}

/// Measures one thing alone: the lower decile of so many turns, in seconds.
pub fn alone(turns: usize, mut work: impl FnMut()) -> f64 {
    lower_decile((0..turns).map(|_| seconds(&mut work, 1)))
}

fn turns_in_a_slice(work: &mut dyn FnMut()) -> u32 {
    work();
    let once = alone(3, work).max(1e-9);
    let turns = (SLICE.as_secs_f64() / once).clamp(1.0, 1e6);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let turns = turns as u32;
    turns
}

/// Seconds a turn.
pub fn seconds(work: &mut dyn FnMut(), turns: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..turns {
        work();
    }
    start.elapsed().as_secs_f64() / f64::from(turns)
}

/// The value below which a tenth of them lies.
pub fn lower_decile(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 10).copied().unwrap_or(f64::NAN)
}
