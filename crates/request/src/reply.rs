//! What the wallet is told when its answer has come (OpenID4VP 1.0 §8.2; the same in the JWT VC
//! Presentation Profile as today's apps read it).

use std::fmt;

use url::Url;

use crate::error::Address;
use crate::{RequestError, ResponseCode, Transport};

/// The page of the portal to which a wallet on the same device sends the person back.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnAddress(Url);

impl ReturnAddress {
    /// Reads an address over https.
    ///
    /// # Errors
    /// [`RequestError::AddressForm`], [`RequestError::AddressScheme`].
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        Self::parse_with(text, Transport::Https)
    }

    /// The same, with the schemes that `transport` accepts.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and [`RequestError::AddressForm`] for an address that has a
    /// `response_code` already.
    pub fn parse_with(text: &str, transport: Transport) -> Result<Self, RequestError> {
        let url = transport.read(text, Address::Return)?;
        if url.query_pairs().any(|(name, _)| name == "response_code") {
            return Err(RequestError::AddressForm { address: Address::Return });
        }
        Ok(Self(url))
    }

    /// The address with a code that nobody but the wallet hears of.
    #[must_use]
    pub fn with_code(&self, code: &ResponseCode) -> String {
        let mut url = self.0.clone();
        url.query_pairs_mut().append_pair("response_code", code.as_str());
        url.into()
    }
}

/// Prints no address.
impl fmt::Debug for ReturnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnAddress(..)")
    }
}
