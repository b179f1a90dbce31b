//! OpenID4VCI 1.0, the pre-authorised code flow: what an issuer and a wallet say to one another when a
//! credential is handed over.
//!
//! ```text
//!  issuer                                                                     wallet
//!  Issuance::offer ──► code, tx_code                     QR: offer_link ────► UntrustedOffer
//!                        └── the tx_code goes by another channel                accept: known issuers
//!  IssuerMetadata ─────────────────────────────── well-known ──────────────►  KnownIssuer::read
//!  TokenRequest::parse, Issuance::redeem  ◄────── code, tx_code ────────────  token_request
//!  Nonces::issue                          ─────── c_nonce ─────────────────►
//!  CredentialRequest::parse, Issuance::accept ◄── proofs, token ────────────  key_proof,
//!   └─► a HolderKey each                                                      credential_request
//!  credential_response                    ─────── the credentials ──────────►
//! ```
//!
//! Only messages and their rules: no HTTP. An [`Issuance`] is a value to be stored *before* the answer
//! to a request is sent, whatever the answer is, so that a try counts and a code is good once.
//!
//! It is not HAIP's flow: there is no wallet attestation, no DPoP and no pushed request. Access tokens are
//! bearer tokens, so TLS protects them and nothing else.
//!
//! ```
//! # use staffpass_issue::openid4vci::{Issuance, OfferTerms, Refusal, TokenRequest};
//! # use staffpass_otp::CodeKey;
//! # fn main() -> Result<(), Refusal> {
//! # let now = "2026-03-02T09:00:00Z".parse().unwrap();
//! let key = CodeKey::new(&[7; 32]).unwrap(); // from the server's configuration
//! let terms = OfferTerms::new(["identity"]);
//! let mut offered = Issuance::offer(&terms, &key, now, &mut rand::rng())?;
//! let tx_code = offered.tx_code().expect("required unless waived").reveal().to_owned();
//!
//! // The wallet:
//! let form = staffpass_issue::openid4vci::token_request(offered.code(), Some(&tx_code));
//!
//! // The token endpoint:
//! let request = TokenRequest::parse(form.as_bytes())?;
//! let token = offered.issuance.redeem(&request, &key, now, &mut rand::rng())?;
//! assert_eq!(token.to_json()["token_type"], "Bearer");
//! // A code is good once.
//! assert!(offered.issuance.redeem(&request, &key, now, &mut rand::rng()).is_err());
//! # Ok(())
//! # }
//! ```

mod configuration;
mod holder_keys;
mod issuance;
mod messages;
mod metadata;
mod nonce;
mod proof;
mod refusal;
mod secret;
mod wallet;

pub use configuration::{ConfigurationFormat, CredentialConfiguration};
pub use holder_keys::HolderKeys;
pub use issuance::{Issuance, OfferTerms, Offered, TransactionCode};
pub use messages::{
    AccessToken, CredentialRequest, TokenRequest, TokenResponse, credential_response, offer_json,
    offer_link,
};
pub use metadata::{IssuerMetadata, well_known};
pub use nonce::Nonces;
pub use proof::{HolderKey, ProofRules};
pub use refusal::Refusal;
pub use wallet::{
    AcceptedOffer, KnownIssuer, TokenEndpoint, UntrustedOffer, credential_request, key_proof,
    key_proof_of_did, offer_address, read_access_token, read_credentials, read_nonce,
    token_request,
};

/// The grant type of the flow (§3.5).
pub const PRE_AUTHORIZED_CODE: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

/// `typ` of a key proof (appendix F.1).
pub const PROOF_TYPE: &str = "openid4vci-proof+jwt";
