//! The batch modes: each is a contract (see the README), and each line is judged by itself.

mod dcql;
mod did;
mod otp;
mod presentation;

use crate::documents::Shelf;
use crate::{Ending, Failure, lines};

/// `inspect batch`.
pub(crate) fn presentations() -> Result<Ending, Failure> {
    let shelf = Shelf::new(crate::provider::usual());
    lines::run(|line| {
        let case: presentation::Case<'_> = lines::case(line)?;
        lines::answer(&case.judge(&shelf))
    })
}

/// `inspect batch-did`.
pub(crate) fn dids() -> Result<Ending, Failure> {
    let provider = crate::provider::usual();
    lines::run(|line| {
        let case: did::Case<'_> = lines::case(line)?;
        lines::answer(&case.judge(&*provider))
    })
}

/// `inspect batch-dcql`.
pub(crate) fn queries() -> Result<Ending, Failure> {
    lines::run(|line| {
        let case: dcql::Case<'_> = lines::case(line)?;
        lines::answer(&case.judge())
    })
}

/// `inspect batch-otp`.
pub(crate) fn one_time_codes() -> Result<Ending, Failure> {
    lines::run(|line| {
        let case: otp::Case<'_> = lines::case(line)?;
        lines::answer(&case.compute()?)
    })
}
