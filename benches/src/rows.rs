//! The rows of the report.

use std::process::Command;
use std::time::Instant;

use benches::{Asking, List, Work, worst_inputs};
use staffpass::request::Protocol;

use crate::peers::Peer;
use crate::rounds::{Compared, Pair, alone, lower_decile, seconds};

/// Everything that was measured.
pub struct Figures {
    /// Against their limits.
    pub ratios: Vec<Ratio>,
    /// Two threads' throughput over one's.
    pub threads: f64,
    /// The same of the raw checks, which share nothing: what the machine's processors give.
    pub raw_threads: f64,
    /// What a list takes to be asked about an entry, in seconds.
    pub asked: f64,
    /// What a status entry adds to a verification with its list at hand, in seconds.
    pub status: f64,
    /// A list of a million entries inserted and verified, in seconds.
    pub list: f64,
    /// A credential's time among fifty over its time among three.
    pub growth: f64,
    /// Each worst input: what it is, bytes of the body, seconds.
    pub worst: Vec<(&'static str, usize, f64)>,
    /// Counted by the other program: name, how many, bytes, the most at once, what is kept.
    pub allocations: Vec<Counted>,
    /// Bytes of a list of a million entries, inflated.
    pub inflated: u64,
    /// Others' times.
    pub peers: Vec<Peer>,
    /// Rounds of each.
    pub rounds: usize,
}

/// A row against its limit.
pub struct Ratio {
    /// What it is.
    pub name: String,
    /// What the limit is.
    pub limit: &'static str,
    /// What is to be reached.
    pub reach: f64,
    /// What was measured.
    pub compared: Compared,
    /// The limit with what nobody can leave out who reads the same bytes, over the limit.
    pub least: Option<f64>,
}

/// A line of the program that counts.
pub struct Counted {
    /// Of what.
    pub name: String,
    /// Allocations, bytes, the most bytes at once, bytes that were kept.
    pub counts: [i64; 4],
}

/// Measures everything.
pub fn measure(rounds: usize) -> Figures {
    let vp3 = Work::presentation(3);
    let (three, fifty) = (Work::body(3), Work::body(50));
    let list = List::of_a_million();
    let mut evidence = list.evidence();
    list.insert(&mut evidence);
    let mut status = Pair::new(|| list.verify_without_status(&evidence), || list.verify(&evidence));
    let mut asked = Pair::new(|| list.ask(), || list.ask());
    let mut growth = Pair::new(|| drop(three.verify()), || drop(fifty.verify()));
    let ratios = ratios(rounds, &mut [&mut status, &mut growth, &mut asked]);
    let (status, growth) = (status.compared(), growth.compared());
    Figures {
        ratios,
        threads: threads(&|| drop(vp3.verify()), rounds),
        raw_threads: threads(&|| vp3.raw_checks(), rounds),
        asked: asked.compared().ours,
        status: status.ours - status.limit,
        list: inserted(&list, rounds),
        growth: growth.ratio * 3.0 / 50.0,
        worst: worst(),
        allocations: allocations(),
        inflated: list.inflated_bytes(),
        peers: Vec::new(),
        rounds,
    }
}

/// Each verification and each request beside its raw signatures, and some other pairs between.
fn ratios(rounds: usize, others: &mut [&mut Pair<'_>]) -> Vec<Ratio> {
    let works = [
        ("VP-JWT with 3 VC-JWTs, ES256", Work::presentation(3), 1.05),
        ("Authenticator: ID token and VP ES256K, 3 VC-JWTs ES256", Work::authenticator(), 1.05),
        ("SD-JWT VC, 10 disclosures, KB-JWT, ES256", Work::sd_jwt(), 1.15),
    ];
    let mut pairs: Vec<_> = works
        .iter()
        .map(|(name, work, reach)| {
            let name = format!("{name} ({} bytes, {} signatures)", work.bytes(), work.signatures());
            let pair = Pair::new(|| work.raw_checks(), || drop(work.verify()));
            let least = Pair::new(|| work.raw_checks(), || work.least());
            (name, "raw checks", *reach, pair, Some(least))
        })
        .collect();
    for (name, protocol) in [
        ("OpenID4VP request built and signed", Protocol::OpenId4Vp),
        ("Microsoft request built and signed", Protocol::JwtVcPresentationProfile),
    ] {
        let (limit, mut ours) = (Asking::new(protocol), Asking::new(protocol));
        let pair = Pair::new(move || limit.raw_signature(), move || ours.ask());
        pairs.push((name.to_owned(), "raw signature", 1.15, pair, None));
    }
    for number in 0..rounds {
        for (.., pair, least) in &mut pairs {
            pair.round(number);
            least.iter_mut().for_each(|least| least.round(number));
        }
        others.iter_mut().for_each(|pair| pair.round(number));
    }
    let row = |(name, limit, reach, pair, least): (_, _, _, Pair<'_>, Option<Pair<'_>>)| Ratio {
        name,
        limit,
        reach,
        compared: pair.compared(),
        least: least.map(|least| least.compared().ratio),
    };
    pairs.into_iter().map(row).collect()
}

/// How much more two threads do than one, each at its best: only on an idle machine is it a figure.
fn threads(work: &(dyn Fn() + Sync), rounds: usize) -> f64 {
    const TURNS: u32 = 20;
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        one.push(seconds(&mut || work(), TURNS));
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..TURNS).for_each(|_| work()));
            }
        });
        two.push(start.elapsed().as_secs_f64() / f64::from(TURNS));
    }
    2.0 * lower_decile(one.into_iter()) / lower_decile(two.into_iter())
}

/// A list inserted and verified for the first time, less the rest of that verification.
fn inserted(list: &List, rounds: usize) -> f64 {
    let mut warm = list.evidence();
    list.insert(&mut warm);
    list.verify(&warm);
    let rest = alone(rounds, || list.verify(&warm));
    let cold = alone(rounds, || {
        let mut evidence = list.evidence();
        list.insert(&mut evidence);
        list.verify(&evidence);
    });
    cold - rest
}

fn worst() -> Vec<(&'static str, usize, f64)> {
    let inputs = worst_inputs();
    inputs.iter().map(|worst| (worst.name, worst.bytes(), alone(15, || worst.judge()))).collect()
}

/// Runs the program that counts.
fn allocations() -> Vec<Counted> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--release", "-p", "benches", "--bin", "allocations"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(counted).collect()
}

fn counted(line: &str) -> Option<Counted> {
    let mut fields = line.split('\t');
    let name = fields.next()?.to_owned();
    let counts: Vec<i64> = fields.filter_map(|field| field.parse().ok()).collect();
    Some(Counted { name, counts: counts.try_into().ok()? })
}
