//! Believes only what checks out: presentations and credentials, their keys, holders, dates and
//! status, under a trust policy, with a report of every check.
//!
//! ```text
//!  body of the POST ─┐                       ┌─► Needs(sources) ── you fetch ──► Evidence ─┐
//!  Expectation ──────┼─► Verifier::receive ──┤                                            │
//!  (by its address)  │   Verification::step ─┤◄──────────────────────────────────────────┘
//!  TrustPolicy ──────┘                       └─► Done( VerifiedResponse | Rejection ), each
//!                                                with its Report
//! ```
//!
//! It does no I/O and has no clock: documents and `now` are arguments. The same bytes, evidence and
//! `now` give the same verdict on any machine in any year.
//!
//! # The checks
//!
//! | stage | of what | checks |
//! |---|---|---|
//! | 1 | the response | its form and limits, the request still open, `state` |
//! | 2 | ID token (Microsoft profile) | form, key, signature, issuer, audience, nonce, dates |
//! | 3 | each presentation | form, holder's key, signature, audience, nonce, dates, what it carries, transaction data; then that all are by one holder (Microsoft profile) |
//! | 4 | each credential asked for | form, trusted issuer, its key, signature; then disclosures, shape, dates, types and values the issuer may assert, bound to the presentation's key |
//! | 5 | each such credential | its issuer's domain (where the policy asks), status, of every list it names |
//! | 6 | all together | one person (where the policy links) |
//! | 7 | the answer | what was asked, matched on the verified data, and nothing more |
//!
//! Checks of one stage are all made; no later stage looks at a token whose signature failed. A
//! response is accepted when every check passed or was waived by a key of the policy that the report
//! names.
//!
//! # The formats
//!
//! The list of checks is the same for each; where the rule differs, the function that holds it does:
//!
//! | check | VC-JWT 1.1 in a VP-JWT | VC-JOSE-COSE 2.0 | SD-JWT VC with a KB-JWT |
//! |---|---|---|---|
//! | presentation: token | `signed_form` | `signed_form` | `is_key_binding`; without one `unbound` |
//! | presentation: key | `holder_key` | `holder_key` | `key_bound` (`cnf.jwk`) |
//! | presentation: signature | `signature` | `signature` | `signature` |
//! | presentation: audience | `audience_is_this_verifier` | `audience_is_this_verifier` | `audience_is` |
//! | presentation: nonce | `nonce_is_the_requests` | `nonce_is_the_requests` | `nonce_is_the_requests` |
//! | presentation: dates | `dates_of_presentation` | `dates_of_presentation` | `dates_of_key_binding` |
//! | presentation: what it carries | `in_claim` | `enveloping` | `is_made_for_this` (`sd_hash`), `profile_has_hash` |
//! | presentation: transaction data, where sent | it has no place for it | it has no place for it | `authorises` |
//! | response: transaction data, where sent | `all_is_authorised` | `all_is_authorised` | `all_is_authorised` |
//! | any token: algorithm | `algorithm_is_allowed` | `algorithm_is_allowed` | `algorithm_is_allowed` |
//! | credential: token | `w3c_format` | `w3c_format`, `typ_is_taken` | `sd_jwt_format`, `typ_is_taken` |
//! | credential: issuer | `issuer_is_trusted` | `issuer_is_trusted` | `issuer_is_trusted` |
//! | credential: key, as the policy names its issuer | `issuer_key` | `issuer_key` | `issuer_key` |
//! | credential: signature | `signature` | `signature` | `signature` |
//! | credential: disclosures | none there | none there | `parse_sd_jwt` |
//! | credential: shape | `has_good_shape` (`dates_agree`) | `has_good_shape` | `has_good_shape` (`has_shape_of_its_format` alone) |
//! | credential: dates | `dates_of_credential`, `own_dates` (`expirationDate`) | `dates_of_credential`, `own_dates` (`validFrom`, `validUntil`) | `dates_of_credential` |
//! | credential: authority | `issuer_may_assert` | `issuer_may_assert` | `issuer_may_assert` |
//! | credential: holder binding | `holder_binding` (`sub`) | `holder_binding` (subject's `id`) | `holder_binding` (`cnf`) |
//! | credential: linked domain, where asked | `domain_names_issuer` | `domain_names_issuer` | `domain_names_issuer` |
//! | credential: status | `entries_say` | `entries_say` | `entries_say` |
//!
//! `issuer_key` is `key_in_document` for a DID, and for an https URL `key_in_certificate` where the
//! policy has certificates, else `key_in_metadata`.
//!
//! They come by the JWT VC Presentation Profile (the first alone), by OpenID4VP 1.0 `direct_post` and
//! `direct_post.jwt`, and by OpenID4VP's drafts with Presentation Exchange (the first two). Status: StatusList2021, Bitstring, RevocationList2020, Entra's
//! RevocationList2021 and the Token Status List, each list secured as VC-JWT 1.1, VC-JOSE-COSE or a
//! Status List Token. An issuer is a did:web, did:jwk, did:key or long-form did:ion, or an https URL
//! with metadata or with certificates: which of them is the policy's to say.
//!
//! # Using it
//!
//! The policy says whom to believe about what:
//!
//! ```
//! use staffpass_verify::policy::{Effect, TrustPolicy};
//!
//! let policy = TrustPolicy::from_toml(r#"
//!     [[issuer]]
//!     id = "did:web:old-trust.example"
//!     may_assert = ["StaffIdentity", "StaffEmployment"]
//! "#)?;
//! let looser = TrustPolicy::from_toml(&policy.to_toml().replace("\"deny\"", "\"accept\""))?;
//! assert!(policy.diff(&looser).iter().any(|change| change.effect == Effect::Loosens));
//! # Ok::<(), staffpass_verify::policy::PolicyError>(())
//! ```
//!
//! A verification asks for documents until it has a verdict:
//!
//! ```
//! # use chrono::{DateTime, Utc};
//! use staffpass_verify::{Evidence, Fetched, Rejection, Source, Step, Verification, VerifiedResponse};
//!
//! fn verdict(
//!     mut verification: Verification, // Verifier::receive(expectation, body)
//!     evidence: &mut Evidence,
//!     fetch: impl Fn(&Source) -> Option<Vec<u8>>,
//!     now: DateTime<Utc>,
//! ) -> Result<VerifiedResponse, Rejection> {
//!     loop {
//!         match verification.step(evidence, now) {
//!             Step::Done(verdict) => return *verdict,
//!             Step::Needs(sources) => sources.into_iter().for_each(|source| {
//!                 let document = fetch(&source);
//!                 let fetched = document.as_deref().map_or(Fetched::Unavailable, Fetched::Document);
//!                 evidence.insert(source, fetched, now);
//!             }),
//!         }
//!     }
//! }
//! ```
//!
//! A refusal names the checks that failed, by codes that stay, and holds no claim:
//!
//! ```
//! use std::sync::Arc;
//!
//! use staffpass_jose_aws_lc::AwsLc;
//! use staffpass_request::{Expectation, Protocol, ResponseMode};
//! use staffpass_verify::policy::TrustPolicy;
//! use staffpass_verify::{Code, Evidence, Step, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (now, until) = ("2026-03-02T09:00:00Z".parse()?, "2026-03-02T09:05:00Z".parse()?);
//! let expectation = Expectation::builder("did:web:portal.example", "n-0S6_WzA2Mj", now, until)
//!     .protocol(Protocol::JwtVcPresentationProfile, ResponseMode::Post)
//!     .state("af0ifjsldkj")
//!     .build()?;
//! let policy = "[[issuer]]\nid = \"did:web:trust.example\"\nmay_assert = [\"StaffIdentity\"]";
//! let verifier = Verifier::new(TrustPolicy::from_toml(policy)?, Arc::new(AwsLc));
//!
//! let mut verification = verifier.receive(&expectation, b"vp_token=a&vp_token=b");
//! let Step::Done(verdict) = verification.step(&Evidence::new(Arc::new(AwsLc)), now) else {
//!     unreachable!("nothing that was not asked for is fetched")
//! };
//! let rejection = verdict.unwrap_err();
//! assert!(rejection.codes().contains(&Code::ResponseFields));
//! # Ok(())
//! # }
//! ```

mod code;
mod evidence;
mod judge;
mod keyset;
mod limits;
pub mod policy;
mod report;
mod response;
mod source;
mod token;
mod verification;
mod verified;

pub use code::{Code, Fault};
pub use evidence::{Evidence, Fetched};
pub use limits::Limits;
pub use report::{
    Check, CheckRecord, Digest, EvidenceUsed, Offer, Outcome, PolicyKey, Report, Subject,
};
pub use response::WalletError;
pub use source::{IdentityHubSource, Source};
pub use verification::{Step, Verification, Verifier};
pub use verified::{CredentialStatus, Rejection, VerifiedCredential, VerifiedResponse};
