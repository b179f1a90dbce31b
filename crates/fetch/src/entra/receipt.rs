//! The receipt of a presentation, verified as if the wallet had posted it here.

use chrono::{DateTime, Utc};
use staffpass_request::RequestError;
use staffpass_request::entra::{CallbackError, Checked, Exchange, Presented};
use staffpass_verify::{Evidence, Rejection, VerifiedResponse, Verifier};

use crate::Fetcher;

/// Why a receipt does not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// There is none.
    #[error("there is no receipt")]
    Missing,
    /// Its ID token cannot be read.
    #[error("the receipt cannot be read")]
    Unreadable(#[source] RequestError),
    /// Its tokens are refused; the report says why.
    #[error("the tokens of the receipt are refused")]
    Rejected(Box<Rejection>),
    /// What was verified is not what the service says, or not what was asked.
    #[error(transparent)]
    Refused(CallbackError),
}

impl ReceiptError {
    /// The stable code. Those of the tokens' checks are in the report.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "entra_receipt_missing",
            Self::Unreadable(error) => error.code(),
            Self::Rejected(_) => "entra_receipt_rejected",
            Self::Refused(error) => error.code(),
        }
    }
}

impl Fetcher {
    /// Verifies the receipt of a presentation as if the wallet had posted it here, and confirms that
    /// it is what the service says and what was asked. The exchange is verified or refused
    /// afterwards.
    ///
    /// Keep [`Receipt::nonce_digest`](staffpass_request::entra::Receipt::nonce_digest) where it can
    /// stand but once, and refuse a receipt whose digest is there already.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub async fn verify_receipt(
        &self,
        verifier: &Verifier,
        exchange: &mut Exchange,
        presented: &Presented,
        evidence: &mut Evidence,
        clock: impl Fn() -> DateTime<Utc>,
    ) -> Result<VerifiedResponse, ReceiptError> {
        let verified = self.verify_tokens(verifier, exchange, presented, evidence, clock).await;
        let response = verified.inspect_err(|_| exchange.refuse())?;
        let checked: Vec<_> = response
            .credentials()
            .iter()
            .map(|c| Checked::new(c.issuer(), c.types(), c.subject(), c.holder()))
            .collect();
        exchange.confirm(presented, &checked).map_err(ReceiptError::Refused)?;
        Ok(response)
    }

    async fn verify_tokens(
        &self,
        verifier: &Verifier,
        exchange: &Exchange,
        presented: &Presented,
        evidence: &mut Evidence,
        clock: impl Fn() -> DateTime<Utc>,
    ) -> Result<VerifiedResponse, ReceiptError> {
        let receipt = presented.receipt().ok_or(ReceiptError::Missing)?;
        let expectation = receipt.expectation(exchange).map_err(ReceiptError::Unreadable)?;
        let mut verification = verifier.receive(&expectation, &receipt.body());
        let verdict = self.verify(&mut verification, evidence, clock).await;
        verdict.map_err(|rejection| ReceiptError::Rejected(Box::new(rejection)))
    }
}
