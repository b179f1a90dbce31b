use chrono::{DateTime, Utc};
use staffpass::request::HandleDigest;
use staffpass::share::{Receipt, Rules, Share};
use staffpass::verify::{
    Check, Evidence, Fetched, Outcome, Rejection, Source, Step, Verification, VerifiedResponse,
};

/// Brings what the verification asks for, until there is a verdict.
pub fn verdict(
    mut verification: Verification,
    mut evidence: Evidence,
    fetch: impl Fn(&Source) -> Option<Vec<u8>>,
    now: DateTime<Utc>,
) -> Result<VerifiedResponse, Rejection> {
    loop {
        match verification.step(&evidence, now) {
            Step::Done(verdict) => return *verdict,
            Step::Needs(sources) => sources.into_iter().for_each(|source| {
                let document = fetch(&source);
                let fetched = document.as_deref().map_or(Fetched::Unavailable, Fetched::Document);
                evidence.insert(source, fetched, now);
            }),
        }
    }
}

/// What becomes of the share. `request` is the digest of the handle in the address that was called.
pub fn take(
    share: &mut Share,
    verdict: Result<VerifiedResponse, Rejection>,
    request: &HandleDigest,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Option<Receipt>, Box<dyn std::error::Error>> {
    let rejection = match verdict {
        Ok(response) => {
            let received = share.receive(&response, request, rules, now)?;
            return Ok(received.arrival.into_receipt());
        }
        Err(rejection) => rejection,
    };
    // The codes name the checks that failed, and hold no claim.
    eprintln!("refused: {:?}", rejection.codes());
    // An answer without the right `state` could come from anybody, and changes nothing.
    let mut checks = rejection.report().checks.iter();
    let ours = checks.any(|made| made.check == Check::State && made.outcome == Outcome::Passed);
    match rejection.wallet_error() {
        Some(_) => drop(share.wallet_error(request, now)?),
        None if ours => drop(share.reject(request, &rejection, now)?),
        None => {}
    }
    Ok(None)
}
