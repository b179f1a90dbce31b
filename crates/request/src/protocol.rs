//! Which protocol a request speaks, and how its answer comes.

use serde::{Deserialize, Serialize};

/// The protocol of a request: what is sent, and how the answer is read.
///
/// A module of this crate belongs to each, and its quirks stay there. The names that serde writes
/// are for storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Protocol {
    /// OpenID for Verifiable Presentations 1.0, with DCQL: [`openid4vp`](crate::openid4vp).
    #[serde(rename = "openid4vp")]
    OpenId4Vp,
    /// The drafts before it, with Presentation Exchange: [`openid4vp_draft`](crate::openid4vp_draft).
    #[serde(rename = "openid4vp_draft_pe")]
    OpenId4VpDraftPe,
    /// The JWT VC Presentation Profile (SIOPv2 and Presentation Exchange), as Microsoft
    /// Authenticator speaks it: [`microsoft`](crate::microsoft).
    #[serde(rename = "jwt_vc_presentation_profile")]
    JwtVcPresentationProfile,
}

impl Protocol {
    /// The scheme of the link that is shown to the wallet.
    #[must_use]
    pub const fn link_scheme(self) -> &'static str {
        match self {
            Self::OpenId4Vp | Self::OpenId4VpDraftPe => "openid4vp",
            Self::JwtVcPresentationProfile => "openid-vc",
        }
    }

    /// `typ` of the request object (RFC 9101 §10.8; in the profile plain `JWT`).
    #[must_use]
    pub const fn request_typ(self) -> &'static str {
        match self {
            Self::OpenId4Vp | Self::OpenId4VpDraftPe => "oauth-authz-req+jwt",
            Self::JwtVcPresentationProfile => "JWT",
        }
    }

    /// The media type with which the request object is served.
    #[must_use]
    pub const fn request_media_type(self) -> &'static str {
        match self {
            Self::OpenId4Vp | Self::OpenId4VpDraftPe => "application/oauth-authz-req+jwt",
            Self::JwtVcPresentationProfile => "application/jwt",
        }
    }
}

/// What may be chosen within a protocol. Nothing sets it by itself: it comes with the party that was
/// made for it, and with it everything that it prescribes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Profile {
    /// The protocol's own rules.
    #[default]
    #[serde(rename = "base")]
    Base,
    /// The High Assurance Interoperability Profile 1.0 of OpenID4VP:
    /// [`Party::haip`](crate::openid4vp::Party::haip).
    #[serde(rename = "haip")]
    Haip,
}

impl Profile {
    /// For serde: what need not be written.
    pub(crate) fn is_base(&self) -> bool {
        *self == Self::Base
    }
}

/// How the wallet sends its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ResponseMode {
    /// `post`: a form to `redirect_uri`, the mode of the JWT VC Presentation Profile.
    #[serde(rename = "post")]
    Post,
    /// `direct_post`: a form to `response_uri` (OpenID4VP 1.0 §8.2).
    #[serde(rename = "direct_post")]
    DirectPost,
    /// `direct_post.jwt`: the same form with one field, a JWE to a key of the request (OpenID4VP 1.0
    /// §8.3.1).
    #[serde(rename = "direct_post.jwt")]
    DirectPostJwt,
}

impl ResponseMode {
    /// The value of `response_mode`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::DirectPost => "direct_post",
            Self::DirectPostJwt => "direct_post.jwt",
        }
    }
}
