//! A request through a service, as Microsoft's Request Service is one: the service makes the nonce and
//! takes the wallet's answer, and the portal verifies the receipt.
//!
//! ```text
//!  connect_through_service ─► Connecting ── receive_receipt ─► Received | NotMatched
//!          │                                      │
//!   digest of the exchange          the same exchange; the expectation that it confirmed
//! ```
//!
//! What a wallet will answer cannot be known beforehand, so the share keeps the digest of what never
//! changes of the exchange. The expectation against which the receipt was verified comes from the same
//! exchange, which has held it against what was asked and what the service says. Both must agree with
//! the response.

use chrono::{DateTime, Utc};
use staffpass_request::entra::{Confirmed, Exchange};
use staffpass_verify::VerifiedResponse;

use crate::connection::NewRequest;
use crate::error::Refusal;
use crate::rules::Rules;
use crate::share::{By, Draft, Moved, Share};
use crate::wallet::Received;

impl Share {
    /// [`connect`](Self::connect) through a service. The exchange is stored by the caller. Here the
    /// request ends five minutes after it was made, whatever the service's clock says.
    ///
    /// Call it on a clone before the service is asked: what is refused should not be asked for.
    ///
    /// # Errors
    ///
    /// [`Refusal::RequestIncomplete`] where no receipt was asked for (nothing counts that was not
    /// verified here) or a credential has [no part](staffpass_request::entra::RequestedCredential::with_part);
    /// and as [`connect`](Self::connect).
    pub fn connect_through_service(
        &mut self,
        exchange: &Exchange,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        let request = NewRequest::through_service(exchange);
        self.step_on("connect_through_service", By::Person, now, |draft| {
            if !exchange.wants_receipt() {
                return Err(Refusal::RequestIncomplete { member: "receipt" });
            }
            draft.connect(&request)
        })
    }

    /// The receipt of a presentation was verified, and the exchange has
    /// [confirmed](Exchange::confirm) it. As [`receive`](Self::receive): all of it is taken, or
    /// nothing; a request is answered once.
    ///
    /// # Errors
    ///
    /// [`Refusal::ResponseToAnother`] where the exchange is another, has confirmed nothing or another
    /// response, or the service's nonce was in a receipt before (attack P24); and as
    /// [`receive`](Self::receive).
    pub fn receive_receipt(
        &mut self,
        response: &VerifiedResponse,
        exchange: &Exchange,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Received, Refusal> {
        let taken = self.step("receive_receipt", By::Person, now, |draft| {
            draft.check_answers(exchange.handle_digest(), &exchange.digest())?;
            let confirmed = draft.check_confirmed(exchange, response)?;
            let positions = 0..response.credentials().len();
            let parts = positions.map(|position| confirmed.part(position)).collect();
            draft.take(response, parts, exchange.handle_digest(), rules)
        });
        taken.map(|(arrival, events)| Received { arrival, events })
    }
}

impl Draft {
    fn check_confirmed<'e>(
        &mut self,
        exchange: &'e Exchange,
        response: &VerifiedResponse,
    ) -> Result<&'e Confirmed, Refusal> {
        let confirmed = exchange.confirmed().ok_or(Refusal::ResponseToAnother)?;
        if response.report().expectation.as_bytes() != confirmed.expectation_digest() {
            return Err(Refusal::ResponseToAnother);
        }
        self.share.requests.learn_nonce(*confirmed.nonce_digest().as_bytes())?;
        Ok(confirmed)
    }
}
