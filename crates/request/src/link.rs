//! The link that a QR code carries: where the request object is, and nothing of what it says
//! (attack B5).

use std::fmt;

use url::form_urlencoded;

use crate::error::Address;
use crate::{Profile, Protocol, RequestError, Transport, UnverifiedRequestObject};

/// Longest link that is read, in bytes. A QR code holds less than 3,000.
const MAX_LINK: usize = 4096;

/// A link to a request object.
///
/// ```text
/// openid-vc://?request_uri=<address>
/// openid4vp://?client_id=<client identifier>&request_uri=<address>[&request_uri_method=get|post]
/// ```
///
/// Under HAIP 1.0 the second begins with `haip-vp`. Values are percent-encoded once. Requests by
/// value (`request=…`) are not spoken; an unsigned one is read by
/// [`openid4vp::AuthorizationRequest::from_unsigned_link`](crate::openid4vp::AuthorizationRequest::from_unsigned_link).
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    protocol: Protocol,
    client_id: Option<String>,
    request_uri: String,
    method: RequestUriMethod,
    profile: Profile,
    transport: Transport,
}

/// How a wallet fetches the request object (`request_uri_method`, OpenID4VP 1.0 §5.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestUriMethod {
    /// By GET.
    #[default]
    Get,
    /// By POST, so that the wallet may say what it can do.
    Post,
}

impl Link {
    pub(crate) fn new(protocol: Protocol, client_id: Option<&str>, request_uri: &str) -> Self {
        Self {
            protocol,
            client_id: client_id.map(str::to_owned),
            request_uri: request_uri.to_owned(),
            method: RequestUriMethod::Get,
            profile: Profile::Base,
            transport: Transport::Https,
        }
    }

    pub(crate) const fn with_method(mut self, method: RequestUriMethod) -> Self {
        self.method = method;
        self
    }

    pub(crate) const fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Reads a link whose request object is served over https.
    ///
    /// # Errors
    /// [`RequestError::LinkForm`], [`RequestError::LinkScheme`], [`RequestError::LinkParameter`]
    /// for what is no link; [`RequestError::AddressForm`] and [`RequestError::AddressScheme`] for
    /// its `request_uri`.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        Self::parse_with(text, Transport::Https)
    }

    /// The same, with the schemes that `transport` accepts.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, transport: Transport) -> Result<Self, RequestError> {
        if text.len() > MAX_LINK || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RequestError::LinkForm);
        }
        let (protocol, profile, query) = split(text)?;
        let parameters = Parameters::parse(query)?;
        let request_uri = parameters.request_uri.ok_or(missing("request_uri"))?;
        transport.read(&request_uri, Address::Request)?;
        let client_id = match protocol {
            Protocol::OpenId4Vp | Protocol::OpenId4VpDraftPe => {
                Some(parameters.client_id.ok_or(missing("client_id"))?)
            }
            Protocol::JwtVcPresentationProfile => None,
        };
        let method = method(parameters.request_uri_method.as_deref())?;
        Ok(Self { protocol, client_id, request_uri, method, profile, transport })
    }

    /// The protocol of the request object.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The profile that its scheme promises.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The client identifier that the request object must have. None in the JWT VC Presentation
    /// Profile.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Where the request object is.
    #[must_use]
    pub fn request_uri(&self) -> &str {
        &self.request_uri
    }

    /// How it is fetched.
    #[must_use]
    pub const fn request_uri_method(&self) -> RequestUriMethod {
        self.method
    }

    /// Reads the request object that was fetched from [`request_uri`](Self::request_uri).
    ///
    /// # Errors
    /// As [`RequestObject::parse`](crate::RequestObject::parse); [`RequestError::LinkProtocol`] and
    /// [`RequestError::LinkClientId`] where it is not the one that the link promised (RFC 9101 §5).
    pub fn read_object(&self, compact: &str) -> Result<UnverifiedRequestObject, RequestError> {
        let object = UnverifiedRequestObject::parse(compact, self.transport)?;
        if object.protocol() != self.protocol {
            return Err(RequestError::LinkProtocol);
        }
        if self.client_id.as_deref().is_some_and(|client_id| client_id != object.client_id()) {
            return Err(RequestError::LinkClientId);
        }
        Ok(object)
    }
}

/// Writes the link, its values percent-encoded once.
impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(client_id) = &self.client_id {
            query.append_pair("client_id", client_id);
        }
        query.append_pair("request_uri", &self.request_uri);
        if self.method == RequestUriMethod::Post {
            query.append_pair("request_uri_method", "post");
        }
        write!(f, "{}://?{}", scheme(self.protocol, self.profile), query.finish())
    }
}

/// Prints no address.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// HAIP 1.0 §5 has a scheme of its own.
const fn scheme(protocol: Protocol, profile: Profile) -> &'static str {
    match profile {
        Profile::Base => protocol.link_scheme(),
        Profile::Haip => "haip-vp",
    }
}

/// Scheme and query. Between them nothing, or `authorize` as some verifiers write.
fn split(text: &str) -> Result<(Protocol, Profile, &str), RequestError> {
    let (found, rest) = text.split_once("://").ok_or(RequestError::LinkForm)?;
    let spoken = [
        (Protocol::OpenId4Vp, Profile::Base),
        (Protocol::OpenId4Vp, Profile::Haip),
        (Protocol::JwtVcPresentationProfile, Profile::Base),
    ];
    let own = |(protocol, profile): &_| scheme(*protocol, *profile).eq_ignore_ascii_case(found);
    let (protocol, profile) = spoken.into_iter().find(own).ok_or(RequestError::LinkScheme)?;
    let (place, query) = rest.split_once('?').ok_or(RequestError::LinkForm)?;
    if !matches!(place, "" | "/" | "authorize" | "authorize/") || query.contains('#') {
        return Err(RequestError::LinkForm);
    }
    Ok((protocol, profile, query))
}

#[derive(Default)]
struct Parameters {
    client_id: Option<String>,
    request_uri: Option<String>,
    request_uri_method: Option<String>,
}

impl Parameters {
    /// Decodes once. A `+` stands for itself: no value here has a space, and iOS leaves it too.
    fn parse(query: &str) -> Result<Self, RequestError> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.replace('+', "%2B").as_bytes()) {
            let (name, place) = match &*name {
                "client_id" => ("client_id", &mut parameters.client_id),
                "request_uri" => ("request_uri", &mut parameters.request_uri),
                "request_uri_method" => ("request_uri_method", &mut parameters.request_uri_method),
                // A request by value beside one by reference: which of them counts?
                "request" => return Err(RequestError::LinkParameter { parameter: "request" }),
                _ => continue,
            };
            if value.is_empty() || place.replace(value.into_owned()).is_some() {
                return Err(RequestError::LinkParameter { parameter: name });
            }
        }
        Ok(parameters)
    }
}

/// OpenID4VP 1.0 §5.10: case-sensitive, GET where it is absent.
fn method(value: Option<&str>) -> Result<RequestUriMethod, RequestError> {
    match value {
        None | Some("get") => Ok(RequestUriMethod::Get),
        Some("post") => Ok(RequestUriMethod::Post),
        Some(_) => Err(RequestError::LinkParameter { parameter: "request_uri_method" }),
    }
}

const fn missing(parameter: &'static str) -> RequestError {
    RequestError::LinkParameter { parameter }
}
