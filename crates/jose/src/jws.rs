//! JWS in compact form (RFC 7515 §7.1), parsed strictly and unbelieved until verified.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base64url;
use crate::json::{self, JsonError, Node, Tree};
use crate::{Algorithm, VerificationKey};

/// How large a compact JWS may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the compact form. Default 2 MiB: a presentation that carries one credential with
    /// the 1 MB photo that Entra allows, base64url-encoded twice.
    pub max_bytes: usize,
    /// Bytes of the encoded header. Default 16 KiB: a long-form did:ion in `kid` takes 1.5 KiB, an
    /// `x5c` of three certificates with RSA keys 8 KiB.
    pub max_header_bytes: usize,
    /// Certificates in `x5c`. Default 6: a leaf, and more issuers than any public hierarchy has.
    pub max_certificates: usize,
    /// Limits of the payload as JSON, for those who read it as JSON.
    pub json: json::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 * 1024 * 1024,
            max_header_bytes: 16 * 1024,
            max_certificates: 6,
            json: json::Limits::default(),
        }
    }
}

/// Why a text is not a compact JWS that can be verified here. Holds no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Longer than [`Limits::max_bytes`], or a header longer than [`Limits::max_header_bytes`].
    #[error("the token is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// Not three non-empty parts with two dots between them (RFC 7515 §7.1).
    #[error("the token does not have three parts")]
    NotThreeParts,
    /// A part is not canonical unpadded base64url.
    #[error("a part of the token is not canonical base64url")]
    Base64,
    /// The header is not strict JSON, or a member of it is of the wrong type.
    #[error("the token's header cannot be read")]
    Header(#[source] JsonError),
    /// `alg` is missing, `none`, symmetric, or not spoken here.
    #[error("the token's algorithm is not supported")]
    UnsupportedAlgorithm,
    /// `crit` is there: no extension is implemented, so none can be understood (RFC 7515 §4.1.11).
    #[error("the token has a critical header extension")]
    CriticalExtension,
    /// `b64` is there (RFC 7797).
    #[error("the token has an unencoded payload")]
    UnencodedPayload,
    /// `enc` or `zip` is there: this is a JWE's header.
    #[error("the token is encrypted")]
    Encrypted,
    /// `x5c` is empty, longer than [`Limits::max_certificates`], or a certificate in it is not
    /// canonical padded base64, which here is the standard alphabet's (RFC 7515 §4.1.6).
    #[error("the token's certificates cannot be read")]
    Certificates,
    /// The header's `alg` is not the algorithm of the key.
    #[error("the token's algorithm is not the key's")]
    AlgorithmMismatch,
    /// The signature does not verify.
    #[error("the token's signature does not verify")]
    SignatureMismatch,
}

impl JwsError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "jws_too_long",
            Self::NotThreeParts => "jws_not_three_parts",
            Self::Base64 => "jws_base64",
            Self::Header(_) => "jws_header",
            Self::UnsupportedAlgorithm => "jws_algorithm_unsupported",
            Self::CriticalExtension => "jws_critical_extension",
            Self::UnencodedPayload => "jws_unencoded_payload",
            Self::Encrypted => "jws_encrypted",
            Self::Certificates => "jws_x5c",
            Self::AlgorithmMismatch => "jws_algorithm_mismatch",
            Self::SignatureMismatch => "jws_signature_mismatch",
        }
    }
}

/// A compact JWS that has been parsed and not yet believed.
///
/// Its bytes are kept as they came: the signature is checked over them, never over a
/// re-serialisation.
#[derive(Clone)]
pub struct UnverifiedJws {
    compact: String,
    signing_input: usize,
    header: Header,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl UnverifiedJws {
    /// Parses a compact JWS.
    ///
    /// # Errors
    /// See [`JwsError`].
    pub fn parse(compact: impl Into<String>, limits: &Limits) -> Result<Self, JwsError> {
        let compact = compact.into();
        if compact.len() > limits.max_bytes {
            return Err(JwsError::TooLong { limit: limits.max_bytes });
        }
        let [header, payload, signature] = three_parts(&compact)?;
        if header.len() > limits.max_header_bytes {
            return Err(JwsError::TooLong { limit: limits.max_header_bytes });
        }
        let signing_input = header.len() + 1 + payload.len();
        let header = Header::parse(&decode(header)?, limits)?;
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Self { compact, signing_input, header, payload, signature })
    }

    /// The protected header. It selects among what policy allows and proves nothing.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload's bytes, unbelieved.
    #[must_use]
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The token as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.compact
    }

    /// Checks the signature under a key, whose algorithm the header must name (RFC 7515 §5.2).
    ///
    /// # Errors
    /// [`JwsError::AlgorithmMismatch`] or [`JwsError::SignatureMismatch`].
    pub fn verify(&self, key: &VerificationKey) -> Result<VerifiedJws<'_>, JwsError> {
        if self.header.alg != key.algorithm() {
            return Err(JwsError::AlgorithmMismatch);
        }
        let message = self.compact.as_bytes().get(..self.signing_input).unwrap_or_default();
        key.verify(message, &self.signature).map_err(|_| JwsError::SignatureMismatch)?;
        Ok(VerifiedJws { jws: self })
    }
}

impl fmt::Debug for UnverifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJws").field("alg", &self.header.alg).finish_non_exhaustive()
    }
}

/// A JWS whose signature has verified under a key that the caller chose. Made by
/// [`UnverifiedJws::verify`] alone.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct VerifiedJws<'a> {
    jws: &'a UnverifiedJws,
}

impl<'a> VerifiedJws<'a> {
    /// The payload's bytes, signed by the key.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.jws.payload
    }

    /// The protected header, signed by the key.
    #[must_use]
    pub fn header(&self) -> &'a Header {
        &self.jws.header
    }
}

/// The members of a protected header that are read here. `jwk`, `jku`, `x5u` and `x5t` are ignored:
/// no key ever comes from a header but by a certificate path to an anchor that policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The algorithm, one of a closed list.
    pub alg: Algorithm,
    /// The key id as it stands.
    pub kid: Option<String>,
    /// The media type of the whole token, as it stands (RFC 7515 §4.1.9).
    pub typ: Option<String>,
    /// The media type of the payload, as it stands (RFC 7515 §4.1.10).
    pub cty: Option<String>,
    x5c: Option<Vec<Vec<u8>>>,
}

impl Header {
    /// The certificates of `x5c` (RFC 7515 §4.1.6) as DER, the leaf first; at least one where the
    /// member is there. Unbelieved: only a path to an anchor that the caller trusts makes a key of
    /// them.
    #[must_use]
    pub fn x5c(&self) -> Option<&[Vec<u8>]> {
        self.x5c.as_deref()
    }

    fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, JwsError> {
        let mut json = limits.json;
        json.max_bytes = limits.max_header_bytes;
        let tree = Tree::parse(bytes, &json).map_err(JwsError::Header)?;
        let header = tree.root();
        if !header.is_object() {
            return Err(JwsError::Header(JsonError::Shape));
        }
        let text = |name| text(header, name);
        let (alg, kid, typ, cty) = (text("alg")?, text("kid")?, text("typ")?, text("cty")?);
        let x5c = header.get("x5c").map(texts).transpose()?;
        refuse_what_is_not_implemented(header)?;
        Ok(Self {
            alg: alg.and_then(Algorithm::from_name).ok_or(JwsError::UnsupportedAlgorithm)?,
            kid: kid.map(str::to_owned),
            typ: typ.map(str::to_owned),
            cty: cty.map(str::to_owned),
            x5c: x5c.map(|x5c| certificates(&x5c, limits)).transpose()?,
        })
    }
}

/// A member that may be absent but not `null`: a `typ` of `null` is not no `typ`.
fn text<'a>(header: Node<'a>, name: &str) -> Result<Option<&'a str>, JwsError> {
    let text = |member: Node<'a>| member.as_str().ok_or(JwsError::Header(JsonError::Shape));
    header.get(name).map(text).transpose()
}

fn texts(member: Node<'_>) -> Result<Vec<&str>, JwsError> {
    let texts = member.elements().and_then(|texts| texts.map(Node::as_str).collect());
    texts.ok_or(JwsError::Header(JsonError::Shape))
}

/// Whatever the member's value is, `null` included.
fn refuse_what_is_not_implemented(header: Node<'_>) -> Result<(), JwsError> {
    let stands = |name| header.get(name).is_some();
    if stands("crit") {
        return Err(JwsError::CriticalExtension);
    }
    if stands("b64") {
        return Err(JwsError::UnencodedPayload);
    }
    if stands("enc") || stands("zip") {
        return Err(JwsError::Encrypted);
    }
    Ok(())
}

/// Certificates are in the standard alphabet and padded, unlike everything else in a token.
fn certificates(x5c: &[&str], limits: &Limits) -> Result<Vec<Vec<u8>>, JwsError> {
    if x5c.is_empty() || x5c.len() > limits.max_certificates {
        return Err(JwsError::Certificates);
    }
    let decode = |text: &&str| STANDARD.decode(text).map_err(|_| JwsError::Certificates);
    x5c.iter().map(decode).collect()
}

fn three_parts(compact: &str) -> Result<[&str; 3], JwsError> {
    let mut parts = compact.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None)
            if !header.is_empty() && !payload.is_empty() && !signature.is_empty() =>
        {
            Ok([header, payload, signature])
        }
        _ => Err(JwsError::NotThreeParts),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    base64url::decode(part).map_err(|_| JwsError::Base64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(header: &str) -> String {
        let encode = |bytes: &[u8]| base64url::encode(bytes);
        format!("{}.{}.{}", encode(header.as_bytes()), encode(b"{}"), encode(&[1; 64]))
    }

    fn code(token: &str) -> &'static str {
        match UnverifiedJws::parse(token, &Limits::default()) {
            Ok(_) => "accepted",
            Err(error) => error.code(),
        }
    }

    #[test]
    fn a_header_with_members_that_are_not_read_is_accepted() {
        let header =
            r#"{"alg":"ES256","typ":"JWT","kid":"did:example:1#k","jwk":{},"jku":"https://x"}"#;
        let jws = UnverifiedJws::parse(token(header), &Limits::default()).expect("a token");
        assert_eq!(jws.header().kid.as_deref(), Some("did:example:1#k"));
        assert_eq!(jws.unverified_payload(), b"{}");
    }

    #[test]
    fn s01_none_in_any_spelling_is_refused_before_any_key_is_sought() {
        for alg in ["none", "None", "NONE", "nOne", ""] {
            let header = format!(r#"{{"alg":"{alg}"}}"#);
            assert_eq!(code(&token(&header)), "jws_algorithm_unsupported", "{alg}");
        }
        assert_eq!(code(&token("{}")), "jws_algorithm_unsupported");
    }

    #[test]
    fn s02_hmac_is_refused() {
        assert_eq!(code(&token(r#"{"alg":"HS256"}"#)), "jws_algorithm_unsupported");
    }

    #[test]
    fn s05_addresses_of_keys_are_read_by_nobody() {
        let header = |text: &str| {
            UnverifiedJws::parse(token(text), &Limits::default()).expect("a token").header().clone()
        };
        let with =
            r#"{"alg":"ES256","jku":"https://a.example/k","x5u":"https://a.example/c","x5t":"AQ"}"#;
        assert_eq!(header(with), header(r#"{"alg":"ES256"}"#));
        // Nor is it read whether such a member is of the right type.
        assert_eq!(header(r#"{"alg":"ES256","jku":[1],"x5u":{}}"#), header(r#"{"alg":"ES256"}"#));
    }

    #[test]
    fn s12_rsa_is_refused() {
        for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "RS1"] {
            let header = format!(r#"{{"alg":"{alg}"}}"#);
            assert_eq!(code(&token(&header)), "jws_algorithm_unsupported", "{alg}");
        }
    }

    #[test]
    fn s13_every_part_is_canonical_base64url() {
        let good = token(r#"{"alg":"ES256"}"#);
        for bad in [good.clone() + "=", format!(" {good}"), good.clone() + "\n"] {
            assert_eq!(code(&bad), "jws_base64", "{bad:?}");
        }
    }

    #[test]
    fn s14_any_crit_is_refused() {
        for crit in [r#"["exp"]"#, "[]", "null", r#"["b64","b64"]"#, r#""x""#] {
            let header = format!(r#"{{"alg":"ES256","crit":{crit}}}"#);
            assert_eq!(code(&token(&header)), "jws_critical_extension", "{crit}");
        }
    }

    #[test]
    fn s15_b64_is_refused() {
        assert_eq!(code(&token(r#"{"alg":"ES256","b64":false}"#)), "jws_unencoded_payload");
        assert_eq!(code(&token(r#"{"alg":"ES256","b64":true}"#)), "jws_unencoded_payload");
    }

    #[test]
    fn s16_a_header_member_that_stands_twice_is_refused() {
        assert_eq!(code(&token(r#"{"alg":"ES256","alg":"ES256"}"#)), "jws_header");
        assert_eq!(code(&token(r#"{"alg":"ES256","x":{"y":1,"y":2}}"#)), "jws_header");
    }

    #[test]
    fn s18_a_jwe_is_refused() {
        assert_eq!(code("a.b.c.d.e"), "jws_not_three_parts");
        assert_eq!(code(&token(r#"{"alg":"ES256","enc":"A128GCM"}"#)), "jws_encrypted");
    }

    #[test]
    fn s19_other_serialisations_are_refused() {
        assert_eq!(code(r#"{"payload":"e30","signatures":[]}"#), "jws_not_three_parts");
        for text in ["", ".", "..", "a.b", "a.b.", ".b.c", "a..c", "a.b.c.d"] {
            assert_eq!(code(text), "jws_not_three_parts", "{text}");
        }
    }

    #[test]
    fn r02_a_token_or_header_beyond_its_limit_is_refused() {
        let limits = Limits { max_bytes: 50, ..Limits::default() };
        let long = UnverifiedJws::parse(token(r#"{"alg":"ES256"}"#), &limits);
        assert_eq!(long.map(|_| ()), Err(JwsError::TooLong { limit: 50 }));
        let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(13_000));
        assert_eq!(code(&token(&header)), "jws_too_long");
    }

    #[test]
    fn pf39_a_token_at_its_limit_is_whole_and_beyond_it_an_error() {
        let good = token(r#"{"alg":"ES256"}"#);
        let limits = |max_bytes| Limits { max_bytes, ..Limits::default() };
        let whole = UnverifiedJws::parse(good.clone(), &limits(good.len())).expect("a token");
        assert_eq!(whole.as_str(), good);
        let beyond = UnverifiedJws::parse(good.clone(), &limits(good.len() - 1));
        assert_eq!(beyond.map(|_| ()).map_err(|e| e.code()), Err("jws_too_long"));
    }

    #[test]
    fn s20_x5c_is_bounded_and_in_canonical_standard_base64() {
        let header = |x5c: &str| token(&format!(r#"{{"alg":"ES256","x5c":{x5c}}}"#));
        let jws = UnverifiedJws::parse(header(r#"["+/8=","AQID"]"#), &Limits::default());
        let jws = jws.expect("a token");
        assert_eq!(jws.header().x5c(), Some(&[vec![0xfb, 0xff], vec![1, 2, 3]][..]));
        let many = format!("[{}]", ["\"AQID\""; 7].join(","));
        let bad = ["[]", r#"["-_8="]"#, r#"["+/8"]"#, r#"["+/9="]"#, r#"["AQ ID"]"#, &many];
        for x5c in bad {
            assert_eq!(code(&header(x5c)), "jws_x5c", "{x5c}");
        }
        for x5c in [r#""AQID""#, "[1]", "{}"] {
            assert_eq!(code(&header(x5c)), "jws_header", "{x5c}");
        }
        assert_eq!(code(&token(r#"{"alg":"ES256"}"#)), "accepted");
    }

    #[test]
    fn header_members_of_the_wrong_type_are_refused() {
        for header in [r#"{"alg":5}"#, r#"{"alg":"ES256","kid":5}"#, "[]", "\"ES256\"", "nonsense"]
        {
            assert_eq!(code(&token(header)), "jws_header", "{header}");
        }
        // As if it were absent; and an array that has the members in the order of the struct.
        for header in [
            r#"{"alg":"ES256","typ":null}"#,
            r#"{"alg":"ES256","kid":null}"#,
            r#"{"alg":"ES256","x5c":null}"#,
            r#"["ES256","k",null,null,null,0,0,0,0]"#,
        ] {
            assert_eq!(code(&token(header)), "jws_header", "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = UnverifiedJws::parse(text, &Limits::default());
        }

        #[test]
        fn no_header_makes_it_panic(header in "[{}\":,a-z\\\\ ]{0,40}") {
            let _ = UnverifiedJws::parse(token(&header), &Limits::default());
        }
    }
}
