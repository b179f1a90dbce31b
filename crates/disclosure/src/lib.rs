//! Shows only what was chosen: the chosen credential set, what in a wallet could answer a request, and
//! the smallest presentation that does.
//!
//! ```text
//!  portal   Catalogue ─► CredentialSet ── freeze ──► AskedSet ── to_dcql, to_definition ──► request
//!                        identity always in it          │                                     │
//!            asked, chosen, received ◄── receive ───────┘                                     ▼
//!  wallet   RequestReview::verify ──► matches(held) ──► Choice ──► present ──► AuthorizationResponse
//!           who asks, what for,       what answers,     the        chosen      form, for
//!           where it goes             what is missing   person's   only        response_uri
//! ```
//!
//! **The portal's side**
//!
//! - [`Catalogue`] and [`CredentialSet`]: what a person can be asked for, and what he or she has
//!   ticked. Identity cannot be taken out.
//! - [`AskedSet`]: the set frozen into a request, [strict or lenient](Completeness), and held against
//!   what came, so that asked, chosen and received stand side by side ([`SetRow`]).
//! - [`TrainingPolicy`]: the trust's own table of training, which says what is asked for (all that is
//!   mandatory, some subjects, any) and how old a record may be ([`TrainingVerdict`]).
//!
//! **The holder's side**
//!
//! - [`RequestReview`] is a request that a wallet may show. It is made by
//!   [`verify`](RequestReview::verify) alone: signature by an authentication key of the verifier's DID,
//!   or by a certificate that the wallet's authorities vouch for; time; the answer's address on
//!   the verifier's own origin; and the [domain](LinkedDomain) that has [confirmed](DomainRule) it.
//! - [`Matches`] lays the request beside what is held: which credentials answer each part and why the
//!   others do not ([`Unusable`]), which parts nothing answers ([`Missing`]), which of the request's
//!   own [options](Matches::options) can be completed, and [what would leave](Matches::shown).
//! - [`Matches::present`] makes the answer in the request's own protocol, with the chosen credentials
//!   and no others, each presented by the key to which it was issued; of an SD-JWT VC it shows the
//!   fewest disclosures that answer. [`Matches::present_encrypted`] encrypts it where that is asked.
//!
//! There is no wallet here: the caller keeps [`HeldCredential`]s and keys as it likes. There is no I/O,
//! no clock and no randomness of its own (but a provider's, for the key of an encrypted answer). A W3C
//! credential is shown whole, since it cannot hide a claim; what else an SD-JWT VC shows is what its
//! issuer left open.
//!
//! ```
//! use staffpass_disclosure::{Catalogue, CredentialSet, HeldCredential, Holder, RequestReview};
//! # use chrono::{TimeZone, Utc};
//! # use serde_json::json;
//! # use staffpass_did::{DidDocument, DidUrl, Relationships, jwk, publish::DocumentBuilder};
//! # use staffpass_jose::{Algorithm, HeaderBuilder, UnsignedJws};
//! # use staffpass_jose_aws_lc::{AwsLc, SigningKey};
//! # use staffpass_request::{Endpoints, RequestObject, openid4vp};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap();
//! # let portal_key = SigningKey::generate(Algorithm::Es256)?;
//! # let portal = "did:web:portal.example".parse()?;
//! # let json = DocumentBuilder::new(&portal)
//! #     .key("key-1", portal_key.public_key(), Relationships::SIGNING).build()?;
//! # let document = DidDocument::parse(&portal, json.to_string().as_bytes())?;
//! # let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a")?;
//! # let party = openid4vp::Party::new("did:web:portal.example#key-1", Algorithm::Es256, endpoints)?;
//! # let key = SigningKey::generate(Algorithm::Es256)?;
//! # let key_id = DidUrl::new(&jwk::from_public_key(key.public_key()), "0")?;
//! # let token = UnsignedJws::new(&HeaderBuilder::new(Algorithm::Es256), json!({
//! #     "iss": "did:web:eastmoor.example", "sub": key_id.did().as_str(), "iat": 1_760_000_000,
//! #     "vc": {"type": ["VerifiableCredential", "StaffIdentity"], "credentialSubject": {"name": "A"}},
//! # }).to_string().as_bytes()).sign(&key)?;
//! // The portal: the person ticks training, and takes it out again.
//! let catalogue = Catalogue::staff();
//! let mut set = CredentialSet::with_chosen(&catalogue, ["training"])?;
//! set.remove("training")?;
//! assert!(set.remove("identity").is_err());
//! let asked = set.to_requested(&catalogue, |_| vec!["did:web:eastmoor.example"])?;
//! # let request = openid4vp::RequestBuilder::new(&party, asked)?
//! #     .build(now, &mut rand::rng())?.sign(&portal_key)?;
//! # let object = RequestObject::parse(request.object().as_str())?;
//!
//! // The wallet: verify, match, choose, present.
//! let review =
//!     RequestReview::verify(&object, Some(&document), &AwsLc, &Default::default(), now)?;
//! assert_eq!(review.origin(), "https://portal.example");
//! let held = [HeldCredential::parse(&token)?];
//! let matches = review.matches(&held, &[key_id.did().clone()], now);
//! let choice = matches.default_choice()?; // or Missing, with the parts' names
//! let holder = Holder::new(&key_id, &key);
//! let response = matches.present(&choice, &[holder], now, &mut rand::rng())?;
//! assert!(response.body().starts_with("vp_token="));
//! assert_eq!(response.shared().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! The trust's table of training says what is asked for and how old it may be:
//!
//! ```
//! use staffpass_disclosure::TrainingPolicy;
//!
//! let policy = TrainingPolicy::from_toml(r#"
//!     [[training]]
//!     subject = "resuscitation"
//!     level = 2
//!     max_age_months = 12
//!     mandatory = true
//! "#)?;
//! assert_eq!(policy.mandatory().count(), 1);
//! # Ok::<(), staffpass_disclosure::DisclosureError>(())
//! ```
//!
//! A catalogue of a trust's own:
//!
//! ```
//! use staffpass_disclosure::{Catalogue, CredentialSet};
//!
//! let catalogue = Catalogue::from_toml(r#"
//!     [[credential]]
//!     id = "identity"
//!     kind = "identity"
//!     label = "Identity"
//!     mandatory = true
//!
//!     [[credential]]
//!     id = "parking"
//!     type = "StaffParking"
//!     vct = "urn:example:parking:1"
//!     label = "Parking permit"
//! "#)?;
//! let set = CredentialSet::new(&catalogue);
//! assert_eq!(set.parts().map(|part| part.as_str()).collect::<Vec<_>>(), ["identity"]);
//! # Ok::<(), staffpass_disclosure::DisclosureError>(())
//! ```

mod asked;
mod catalogue;
mod error;
mod held;
mod linked_domain;
mod matching;
mod present;
mod review;
mod set;
mod toml_text;
mod training;

pub use asked::{AskedPart, AskedSet, Completeness, SetRow};
pub use catalogue::{Catalogue, CatalogueEntry, PartId};
pub use error::DisclosureError;
pub use held::{Encoding, HeldCredential};
pub use linked_domain::{ClaimedDomain, DomainRule, LinkedDomain};
pub use matching::{Choice, Matches, Missing, PartMatches, SetOption, SetOptions, Unusable};
pub use present::{AuthorizationResponse, Decline, Holder, Shared};
pub use review::{CertificatePurpose, RequestReview, ReviewOptions, VerifierId};
pub use set::CredentialSet;
pub use training::{TrainingCover, TrainingPolicy, TrainingRule, TrainingVerdict, UnknownTraining};
