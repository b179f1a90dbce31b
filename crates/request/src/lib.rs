//! Presentation requests in a wallet's protocol, and the exact record of what was asked.
mod address;
mod asked;
mod error;
mod expectation;
mod link;
pub mod microsoft;
mod object;
pub mod openid4vp;
mod protocol;
mod request;
mod secret;
mod text;

pub use address::{Endpoints, Transport};
pub use asked::RequestedCredential;
pub use error::{Address, RequestError};
pub use expectation::{Expectation, ExpectationBuilder};
pub use link::{Link, RequestUriMethod};
pub use object::{AuthorizationRequest, RequestObject, UnverifiedRequestObject};
pub use protocol::{Protocol, ResponseMode};
pub use request::{DEFAULT_LIFETIME, MAX_LIFETIME, Request, UnsignedRequest};
pub use secret::{Handle, HandleDigest, Nonce, RequestId, RequestIdDigest, State};
