//! Why an SD-JWT is refused, or not made.

use staffpass_jose::json::JsonError;
use staffpass_jose::{KeyError, SigningError};

/// Why an SD-JWT cannot be read, believed, made or presented. Holds no part of it.
///
/// `disclosure` is the position of a disclosure in the compact form, from 0; `path` the position of a
/// path among those given, from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SdJwtError {
    /// Longer than [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error("the SD-JWT is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// More disclosures than [`Limits::max_disclosures`](crate::Limits::max_disclosures).
    #[error("the SD-JWT has more than {limit} disclosures")]
    TooManyDisclosures {
        /// The limit in force.
        limit: usize,
    },
    /// The claims are nested deeper than the limits allow, once disclosures stand in their places.
    #[error("the claims are nested deeper than {limit} levels")]
    TooDeep {
        /// The limit in force, in levels.
        limit: usize,
    },
    /// The claims have more values than the limits allow, once disclosures stand in their places.
    #[error("the claims have more than {limit} values")]
    TooManyValues {
        /// The limit in force.
        limit: usize,
    },
    /// Not `JWT~`, disclosures each with its `~`, and perhaps a key binding JWT (RFC 9901 §4).
    #[error("not an SD-JWT in compact form")]
    Grammar,
    /// `_sd_alg` is no string, or names no hash algorithm spoken here (RFC 9901 §4.1.1).
    #[error("the hash algorithm of the SD-JWT is not supported")]
    HashAlgorithm,
    /// `_sd_alg` stands elsewhere than at the top of the payload (RFC 9901 §4.1.1).
    #[error("_sd_alg stands elsewhere than at the top of the payload")]
    NestedHashAlgorithm,
    /// `_sd` is no array of strings (RFC 9901 §4.2.4.1).
    #[error("_sd is not an array of strings")]
    DigestList,
    /// `...` stands beside other members, holds no string, or is no element of an array
    /// (RFC 9901 §4.2.4.2).
    #[error("a placeholder of an array element is malformed or misplaced")]
    Placeholder,
    /// A digest is not the canonical base64url of as many bytes as the hash algorithm gives.
    #[error("a digest does not have the form of the hash algorithm")]
    DigestForm,
    /// A digest stands twice in payload and disclosures (RFC 9901 §7.1).
    #[error("a digest stands twice")]
    DigestRepeated,
    /// A disclosure is not canonical base64url.
    #[error("disclosure {disclosure} is not canonical base64url")]
    DisclosureBase64 {
        /// Its position, from 0.
        disclosure: usize,
    },
    /// A disclosure is not strict JSON.
    #[error("disclosure {disclosure} is not strict JSON")]
    DisclosureJson {
        /// Its position, from 0.
        disclosure: usize,
        /// What is wrong with its JSON.
        #[source]
        reason: JsonError,
    },
    /// A disclosure is no array of two or three elements, its salt or its claim name is no string,
    /// or it has two where an object's digest needs three, or three where an array's needs two
    /// (RFC 9901 §4.2.1, §4.2.2, §7.1).
    #[error("disclosure {disclosure} has the wrong shape")]
    DisclosureShape {
        /// Its position, from 0.
        disclosure: usize,
    },
    /// The same disclosure stands twice.
    #[error("disclosure {disclosure} stands twice")]
    DisclosureRepeated {
        /// The position of the second, from 0.
        disclosure: usize,
    },
    /// No digest refers to a disclosure (RFC 9901 §7.1).
    #[error("no digest refers to disclosure {disclosure}")]
    DisclosureUnreferenced {
        /// Its position, from 0.
        disclosure: usize,
    },
    /// A disclosure, or a claim to be issued, is named `_sd`, `...` or `_sd_alg` (RFC 9901 §7.1).
    #[error("a claim has a reserved name")]
    ReservedName,
    /// A disclosed claim has the name of one that stands there already (RFC 9901 §7.1).
    #[error("disclosure {disclosure} has the name of a claim that stands there already")]
    NameCollision {
        /// Its position, from 0.
        disclosure: usize,
    },
    /// An issuer handed out an SD-JWT with a key binding (RFC 9901 §7.2).
    #[error("an SD-JWT from an issuer has a key binding")]
    KeyBindingFromIssuer,
    /// The key binding's `typ` is not `kb+jwt` (RFC 9901 §4.3).
    #[error("the key binding has another type than kb+jwt")]
    KeyBindingType,
    /// The key binding lacks `iat`, `aud`, `nonce` or `sd_hash`, or has one of the wrong type
    /// (RFC 9901 §4.3).
    #[error("the claims of the key binding cannot be read")]
    KeyBindingClaims(#[source] JsonError),
    /// The key binding's `sd_hash` is not that of this SD-JWT (RFC 9901 §4.3.1).
    #[error("the key binding was made for another SD-JWT or other disclosures")]
    SdHashMismatch,
    /// The issuer's payload is no JSON object.
    #[error("the payload is no JSON object")]
    PayloadShape,
    /// `cnf` is no object with a `jwk` (RFC 7800 §3.2).
    #[error("the confirmation claim has no key")]
    ConfirmationShape,
    /// The key in `cnf` cannot be used.
    #[error("the key of the confirmation claim cannot be used")]
    ConfirmationKey(#[source] KeyError),
    /// A path selects nothing, or leads through what is no object or no array.
    #[error("path {path} selects nothing")]
    PathSelectsNothing {
        /// The position of the path.
        path: usize,
    },
    /// A path leads into a claim of which nothing may be hidden
    /// ([`ALWAYS_OPEN`](crate::ALWAYS_OPEN)).
    #[error("path {path} would hide something of a claim that is always open")]
    AlwaysOpen {
        /// The position of the path.
        path: usize,
    },
    /// An SD-JWT without `cnf` has no holder who could bind it.
    #[error("the SD-JWT is bound to no key")]
    NotBound,
    /// A key binding was signed with another key than the one in `cnf`.
    #[error("the signing key is not the one of the confirmation claim")]
    HolderKeyMismatch,
    /// A date outside 1970 to 9999.
    #[error("the date is outside 1970 to 9999")]
    Date,
    /// The key binding was not signed.
    #[error("the key binding was not signed")]
    Signing(#[source] SigningError),
}

impl SdJwtError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "sd_jwt_too_long",
            Self::TooManyDisclosures { .. } => "sd_jwt_too_many_disclosures",
            Self::TooDeep { .. } => "sd_jwt_too_deep",
            Self::TooManyValues { .. } => "sd_jwt_too_many_values",
            Self::Grammar => "sd_jwt_grammar",
            Self::HashAlgorithm => "sd_jwt_hash_algorithm",
            Self::NestedHashAlgorithm => "sd_jwt_hash_algorithm_nested",
            Self::DigestList => "sd_jwt_digest_list",
            Self::Placeholder => "sd_jwt_placeholder",
            Self::DigestForm => "sd_jwt_digest_form",
            Self::DigestRepeated => "sd_jwt_digest_repeated",
            Self::DisclosureBase64 { .. } => "sd_jwt_disclosure_base64",
            Self::DisclosureJson { .. } => "sd_jwt_disclosure_json",
            Self::DisclosureShape { .. } => "sd_jwt_disclosure_shape",
            Self::DisclosureRepeated { .. } => "sd_jwt_disclosure_repeated",
            Self::DisclosureUnreferenced { .. } => "sd_jwt_disclosure_unreferenced",
            Self::ReservedName => "sd_jwt_reserved_name",
            Self::NameCollision { .. } => "sd_jwt_name_collision",
            Self::KeyBindingFromIssuer => "sd_jwt_key_binding_from_issuer",
            Self::KeyBindingType => "sd_jwt_key_binding_type",
            Self::KeyBindingClaims(_) => "sd_jwt_key_binding_claims",
            Self::SdHashMismatch => "sd_jwt_sd_hash_mismatch",
            Self::PayloadShape => "sd_jwt_payload_shape",
            Self::ConfirmationShape => "sd_jwt_confirmation_shape",
            Self::ConfirmationKey(_) => "sd_jwt_confirmation_key",
            Self::PathSelectsNothing { .. } => "sd_jwt_path_selects_nothing",
            Self::AlwaysOpen { .. } => "sd_jwt_always_open",
            Self::NotBound => "sd_jwt_not_bound",
            Self::HolderKeyMismatch => "sd_jwt_holder_key_mismatch",
            Self::Date => "sd_jwt_date",
            Self::Signing(error) => error.code(),
        }
    }
}
