//! Brings DID documents and status lists over HTTPS, with size and time limits and no redirects.
