//! Every reason for a refusal, in one place. A code is never renamed: audits compare them over years.

use std::fmt;

use serde::{Serialize, Serializer};

/// Whose fault a refusal is, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// The wallet sent something that no wallet should.
    Wallet,
    /// The issuer's credential, document or list is not as it must be.
    Issuer,
    /// The portal's own request or policy.
    Portal,
    /// Something that had to be fetched is not there.
    Evidence,
    /// The person chose, declined, or took too long.
    Person,
    /// It cannot be told: a forgery looks like this, and so does a mistake.
    Undetermined,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $fault:ident;)*) => {
        /// Why a check failed. Holds no value of any token.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text of the code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Whose fault it is.
            #[must_use]
            pub const fn fault(self) -> Fault {
                match self { $(Self::$variant => Fault::$fault,)* }
            }
        }
    };
}

codes! {
    // The response as a whole.
    /// The body is not the form that this protocol and mode prescribe.
    ResponseMalformed = "response_malformed", Wallet;
    /// The answer is not encrypted to the key of this request, or cannot be opened.
    ResponseEncryption = "response_encryption", Wallet;
    /// The body, or a count in it, is beyond the limits.
    ResponseTooLarge = "response_too_large", Wallet;
    /// A field that may stand once stands twice, or one that must stand is missing.
    ResponseFields = "response_fields", Wallet;
    /// The body belongs to another protocol or response mode than this address.
    ResponseWrongProtocol = "response_wrong_protocol", Undetermined;
    /// `state` is missing or not the request's.
    StateMismatch = "state_mismatch", Undetermined;
    /// The request has expired.
    RequestExpired = "request_expired", Person;
    /// The wallet answered with an error; OpenID4VP does not tell declined from missing.
    WalletError = "wallet_error", Person;
    /// More signatures, keys or rounds than the budget allows.
    BudgetExhausted = "budget_exhausted", Wallet;
    /// Evidence is still missing after the last round.
    EvidenceMissing = "evidence_missing", Evidence;

    // Any token.
    /// The token is not a compact JWS as it must be.
    TokenMalformed = "token_malformed", Wallet;
    /// The token's algorithm is not spoken here, or not allowed by the policy.
    AlgorithmNotAllowed = "algorithm_not_allowed", Undetermined;
    /// `typ` is not the one of this kind of token.
    TypMismatch = "typ_mismatch", Undetermined;
    /// The claims are not strict JSON, or one that must be there is missing or of the wrong type.
    ClaimsMalformed = "claims_malformed", Undetermined;
    /// `kid` is missing or is no key identifier.
    KeyIdInvalid = "key_id_invalid", Undetermined;
    /// The key belongs to another identifier than the token's issuer.
    KeyOfAnother = "key_of_another", Undetermined;
    /// The identifier is malformed, or its method is not accepted here.
    IdentifierNotSupported = "identifier_not_supported", Undetermined;
    /// The identifier's document does not list this key.
    KeyUnknown = "key_unknown", Undetermined;
    /// The key is listed, in a form that cannot be read or is refused.
    KeyUnusable = "key_unusable", Undetermined;
    /// The key is listed, but not for this purpose.
    KeyPurpose = "key_purpose", Undetermined;
    /// The signature does not verify.
    SignatureInvalid = "signature_invalid", Undetermined;
    /// `aud` is not exactly this verifier.
    AudienceMismatch = "audience_mismatch", Undetermined;
    /// `nonce` is not the request's.
    NonceMismatch = "nonce_mismatch", Undetermined;
    /// `exp` has passed.
    Expired = "expired", Undetermined;
    /// `nbf`, `iat` or the issuance date lies in the future.
    NotYetValid = "not_yet_valid", Undetermined;
    /// The token is older than the request it answers.
    TooOld = "too_old", Undetermined;
    /// No date says how long the token is good for.
    DateMissing = "date_missing", Undetermined;

    // SD-JWT.
    /// A disclosure is malformed, not referenced, or collides with another claim.
    DisclosuresInvalid = "disclosures_invalid", Undetermined;
    /// Something is disclosed that may never be hidden (`iss`, `vct`, `cnf`, `status`, …).
    DisclosureForbidden = "disclosure_forbidden", Issuer;
    /// A key binding is asked for, and none is there.
    KeyBindingMissing = "key_binding_missing", Wallet;
    /// The key binding was made for another SD-JWT, or for other disclosures.
    SdHashMismatch = "sd_hash_mismatch", Wallet;
    /// The holder's key did not sign the transaction data of the request, or signed other data.
    TransactionDataMismatch = "transaction_data_mismatch", Wallet;

    // The ID token of the Microsoft profile.
    /// `iss` is not the self-issued issuer.
    SelfIssuedIssuer = "self_issued_issuer", Wallet;
    /// `sub_jwk` is there, or `sub` is missing.
    SubjectKey = "subject_key", Wallet;

    // Presentations.
    /// `vp` lacks its context or type, or holds something else than compact credentials.
    PresentationShape = "presentation_shape", Wallet;
    /// One response carries presentations by different holders, and the policy wants one.
    HoldersDiffer = "holders_differ", Wallet;

    // Credentials.
    /// The policy does not know this issuer.
    IssuerNotTrusted = "issuer_not_trusted", Issuer;
    /// The policy no longer, or not yet, trusts this issuer, or not credentials of this date.
    IssuerTrustLapsed = "issuer_trust_lapsed", Issuer;
    /// The issuer may not assert any type that this credential names.
    TypeNotTrusted = "type_not_trusted", Issuer;
    /// The policy does not take this format from this issuer.
    FormatNotTrusted = "format_not_trusted", Issuer;
    /// The issuer may not assert this value (another trust's ODS code, say).
    IssuerNotAuthorisedForValue = "issuer_not_authorised_for_value", Issuer;
    /// The issuer's key is not among the pinned ones.
    KeyNotPinned = "key_not_pinned", Issuer;
    /// None of the issuer's keys is among those that it had when last seen.
    KeyContinuityBroken = "key_continuity_broken", Issuer;
    /// The issuer's certificate chain is missing, or does not lead to a trusted anchor.
    CertificateChain = "certificate_chain", Issuer;
    /// The issuer's certificate names another issuer.
    CertificateName = "certificate_name", Issuer;
    /// The domain's configuration cannot be had.
    LinkedDomainUnavailable = "linked_domain_unavailable", Evidence;
    /// The domain does not say, or not validly, that the issuer's identifier is its own.
    LinkedDomainInvalid = "linked_domain_invalid", Issuer;
    /// The issuer's document cannot be had.
    IssuerUnavailable = "issuer_unavailable", Evidence;
    /// The issuer's document is not a document of that issuer.
    IssuerDocumentInvalid = "issuer_document_invalid", Issuer;
    /// `vc` lacks its context or type, or holds more than one subject.
    CredentialShape = "credential_shape", Issuer;
    /// A JWT claim and the member of `vc` that says the same disagree.
    ClaimsDisagree = "claims_disagree", Issuer;
    /// The credential is bound to another holder than the presentation's, or to nobody.
    HolderBinding = "holder_binding", Undetermined;

    // Status.
    /// The credential is revoked.
    Revoked = "revoked", Issuer;
    /// The credential is suspended.
    Suspended = "suspended", Issuer;
    /// The list carries a message about the credential that is not "valid".
    StatusSet = "status_set", Issuer;
    /// The status entry is malformed or of a type that is not known.
    StatusEntryInvalid = "status_entry_invalid", Issuer;
    /// The list is at an address that the policy does not allow for this issuer.
    StatusOriginNotAllowed = "status_origin_not_allowed", Issuer;
    /// The list cannot be had.
    StatusUnavailable = "status_unavailable", Evidence;
    /// The list is malformed, too large, expired, or does not fit the entry.
    StatusListInvalid = "status_list_invalid", Issuer;
    /// The list is not signed by the credential's issuer, or not validly.
    StatusListNotAuthentic = "status_list_not_authentic", Issuer;
    /// The policy asks for a status, and the credential has none.
    StatusRequired = "status_required", Issuer;

    // The answer.
    /// The wallet's map does not lead from every descriptor to one credential.
    SubmissionInvalid = "submission_invalid", Wallet;
    /// An answer to something that was not asked.
    Unrequested = "unrequested", Wallet;
    /// Something that was asked is missing.
    AnswerIncomplete = "answer_incomplete", Person;
    /// The credential is not of the type or format that was asked.
    AnswerWrongType = "answer_wrong_type", Wallet;
    /// The credential is not by an issuer that was asked for.
    AnswerWrongIssuer = "answer_wrong_issuer", Wallet;
    /// The credential lacks a claim or value that was asked.
    AnswerWrongClaims = "answer_wrong_claims", Wallet;
    /// More credentials for one part than were asked.
    AnswerTooMany = "answer_too_many", Wallet;
    /// One credential answers two parts.
    AnswerReused = "answer_reused", Wallet;
    /// The credentials speak of different persons, or one does not say of whom.
    PersonsDiffer = "persons_differ", Undetermined;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_codes_have_one_text() {
        let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(texts.iter().all(|t| t.bytes().all(|b| b == b'_' || b.is_ascii_lowercase())));
    }
}
