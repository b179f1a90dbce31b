//! Why a request was not built, or not believed.

use staffpass_jose::json::JsonError;
use staffpass_jose::{Algorithm, JwsError, SigningError};
use staffpass_query::QueryError;

/// Why a request was refused: when it was built, or when a wallet read it.
///
/// Members, addresses and parts are named by what they are for or by their position; nothing of the
/// input is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A handle or a request's id is not of the form in which they are made.
    #[error("not a handle")]
    HandleForm,
    /// The key id is not a DID, one `#` and a fragment.
    #[error("the key id is not an absolute DID URL with one fragment")]
    KeyIdForm,
    /// The wallets of the protocol read no signature of this algorithm.
    #[error("the wallets read no signature of {algorithm}")]
    Algorithm {
        /// The algorithm of the request object.
        algorithm: Algorithm,
    },
    /// The client's did:web has a path, and Microsoft's resolver knows none.
    #[error("the client's did:web has a path")]
    DidWebPath,
    /// An address is not a URL, or has a user, a query or a fragment where none may be.
    #[error("the {address} address is malformed")]
    AddressForm {
        /// Which address.
        address: Address,
    },
    /// An address is neither https nor, where that is accepted, plain http on the loopback.
    #[error("the {address} address is not https")]
    AddressScheme {
        /// Which address.
        address: Address,
    },
    /// An address has another origin than the other one, or than the client's did:web (JWT VC
    /// Presentation Profile).
    #[error("the {address} address has another origin")]
    AddressOrigin {
        /// Which address.
        address: Address,
    },
    /// A text for people is empty, too long, or has control characters.
    #[error("{member} is empty, too long or has control characters")]
    TextForm {
        /// The member's name in the protocol.
        member: &'static str,
    },
    /// The life of a request is less than a second or more than the limit.
    #[error("a request lives from 1 to {limit} seconds")]
    Lifetime {
        /// The longest life, in seconds.
        limit: u64,
    },
    /// The time is outside 1970 to 9999.
    #[error("the time is out of range")]
    Clock,
    /// An expectation ends before it begins.
    #[error("the expectation expires no later than it begins")]
    EmptyWindow,
    /// What is asked for is malformed, or outside what can be asked for.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A part names no accepted issuer (attack B12).
    #[error("part {part} accepts no issuer")]
    NoAcceptedIssuer {
        /// Position of the part, from 0.
        part: usize,
    },
    /// A part has the name of a type as its id. Two parts of one type then could not be told apart.
    #[error("part {part} has the name of its type as id")]
    PartNamedAsType {
        /// Position of the part, from 0.
        part: usize,
    },
    /// A field has no pattern, or a filter that the wallet does not evaluate.
    #[error("field {field} of part {part} is not a string with a pattern")]
    FieldWithoutPattern {
        /// Position of the part, from 0.
        part: usize,
        /// Position of the field, from 0.
        field: usize,
    },
    /// A pattern does not begin with `^^`, or that of an issuer has an alternative that is not one
    /// whole identifier.
    #[error("the pattern of field {field} of part {part} is not anchored")]
    PatternNotAnchored {
        /// Position of the part, from 0.
        part: usize,
        /// Position of the field, from 0.
        field: usize,
    },
    /// A part asks for a format that is not spoken here.
    #[error("part {part} asks for a format that is not spoken")]
    FormatNotSpoken {
        /// Position of the part, from 0.
        part: usize,
    },
    /// No signature was made, or one that does not verify.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The request object is not a compact JWS, or not signed by the key.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// The claims of a request object are not JSON that can be read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// `typ` of a request object is that of no protocol spoken here.
    #[error("typ of the request object is that of no protocol")]
    Typ,
    /// The client identifier has a prefix that is not spoken here.
    #[error("the client identifier prefix is not spoken")]
    ClientIdPrefix,
    /// The client identifier is not that of the DID whose key signs.
    #[error("client_id is not the DID of kid")]
    ClientIdNotOfKey,
    /// A certificate cannot be read, or there is none, or there are too many.
    #[error("the certificates cannot be read")]
    CertificateForm,
    /// A certificate certifies itself: a leaf that proves nothing, or an anchor that does not belong
    /// into `x5c` (HAIP 1.0 §5).
    #[error("a certificate is signed by itself")]
    CertificateSelfSigned,
    /// The certificate is not that of the client identifier, or the client's name is not the host of
    /// the response address (OpenID4VP 1.0 §5.9.3).
    #[error("the certificate is not the client's")]
    CertificateName,
    /// A request by value is built for a party that signs, or a signed one for a party that cannot.
    #[error("the client identifier decides whether a request is signed")]
    Unsigned,
    /// The profile does not allow it.
    #[error("the profile wants another {member}")]
    Profile {
        /// The member's name in the protocol.
        member: &'static str,
    },
    /// A member that must be there is not.
    #[error("{member} is missing")]
    MemberMissing {
        /// The member's name in the protocol.
        member: &'static str,
    },
    /// A member has not the value, or is not of the form, that the protocol wants.
    #[error("{member} is not as the protocol wants it")]
    MemberValue {
        /// The member's name in the protocol.
        member: &'static str,
    },
    /// A member is there that must not be, or that asks for something not implemented.
    #[error("{member} must not be there")]
    MemberForbidden {
        /// The member's name in the protocol.
        member: &'static str,
    },
    /// A link is not a URL of a form that wallets read, or too long.
    #[error("the link is malformed")]
    LinkForm,
    /// The scheme of a link is that of no protocol spoken here.
    #[error("the link has the scheme of no protocol")]
    LinkScheme,
    /// A parameter of a link is missing, stands twice, or has a value that is none.
    #[error("{parameter} of the link is missing, repeated or malformed")]
    LinkParameter {
        /// The parameter's name.
        parameter: &'static str,
    },
    /// The request object is of another protocol than the link that led to it.
    #[error("the request object is of another protocol than its link")]
    LinkProtocol,
    /// The request object has another client identifier than the link that led to it (RFC 9101 §5).
    #[error("the request object has another client_id than its link")]
    LinkClientId,
}

impl RequestError {
    /// The stable code for logs, reports and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::HandleForm => "request_handle_form",
            Self::KeyIdForm => "request_key_id_form",
            Self::Algorithm { .. } => "request_algorithm",
            Self::DidWebPath => "request_did_web_path",
            Self::AddressForm { .. } => "request_address_form",
            Self::AddressScheme { .. } => "request_address_scheme",
            Self::AddressOrigin { .. } => "request_address_origin",
            Self::TextForm { .. } => "request_text_form",
            Self::Lifetime { .. } => "request_lifetime",
            Self::Clock => "request_clock",
            Self::EmptyWindow => "request_empty_window",
            Self::Query(error) => error.code(),
            Self::NoAcceptedIssuer { .. } => "request_no_accepted_issuer",
            Self::PartNamedAsType { .. } => "request_part_named_as_type",
            Self::FieldWithoutPattern { .. } => "request_field_without_pattern",
            Self::PatternNotAnchored { .. } => "request_pattern_not_anchored",
            Self::FormatNotSpoken { .. } => "request_format_not_spoken",
            Self::Signing(error) => error.code(),
            Self::Jws(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::Typ => "request_typ",
            Self::ClientIdPrefix => "request_client_id_prefix",
            Self::ClientIdNotOfKey => "request_client_id_not_of_key",
            Self::CertificateForm => "request_certificate_form",
            Self::CertificateSelfSigned => "request_certificate_self_signed",
            Self::CertificateName => "request_certificate_name",
            Self::Unsigned => "request_unsigned",
            Self::Profile { .. } => "request_profile",
            Self::MemberMissing { .. } => "request_member_missing",
            Self::MemberValue { .. } => "request_member_value",
            Self::MemberForbidden { .. } => "request_member_forbidden",
            Self::LinkForm => "request_link_form",
            Self::LinkScheme => "request_link_scheme",
            Self::LinkParameter { .. } => "request_link_parameter",
            Self::LinkProtocol => "request_link_protocol",
            Self::LinkClientId => "request_link_client_id",
        }
    }
}

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// Where the wallet fetches the request object.
    Request,
    /// Where the wallet posts its answer.
    Response,
    /// The verifier's logo.
    Logo,
    /// The verifier's terms of service.
    Terms,
    /// Where the person comes back on the same device.
    Return,
    /// Where Microsoft's Request Service calls back.
    Callback,
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Logo => "logo",
            Self::Terms => "terms",
            Self::Return => "return",
            Self::Callback => "callback",
        })
    }
}
