//! Names are resolved once, and what is connected to is what was judged.
//!
//! The HTTP client asks this resolver and nothing else, once for each connection, and connects to
//! the addresses that it is given. So no second answer can differ from the first (N3).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use staffpass_did::LoopbackHttp;

use crate::FetchError;
use crate::address::is_public;
use crate::error::Refusal;

/// Finds the addresses of a name; it may block.
pub(crate) type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// What the operating system says.
pub(crate) fn system(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

/// Lets through public addresses only.
#[derive(Clone)]
pub(crate) struct PublicOnly {
    lookup: Arc<Lookup>,
    loopback: LoopbackHttp,
    admits: fn(IpAddr) -> bool,
}

impl PublicOnly {
    pub(crate) fn new(lookup: Arc<Lookup>, loopback: LoopbackHttp) -> Self {
        Self { lookup, loopback, admits: is_public }
    }

    /// For tests, which send no packet beyond loopback.
    #[cfg(test)]
    pub(crate) fn admitting_all(lookup: Arc<Lookup>) -> Self {
        Self { lookup, loopback: LoopbackHttp::Refuse, admits: |_| true }
    }

    /// The addresses of a name. `localhost` is loopback and nothing else (RFC 6761 §6.3), where it
    /// is allowed; no other name may be.
    fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, FetchError> {
        if name == "localhost" && self.loopback == LoopbackHttp::Allow {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let addresses = (self.lookup)(name).map_err(|_| FetchError::Unresolved)?;
        if addresses.is_empty() {
            return Err(FetchError::Unresolved);
        }
        // One that is not public says that the name is not to be trusted with the others.
        if addresses.iter().copied().all(self.admits) {
            Ok(addresses)
        } else {
            Err(FetchError::AddressNotPublic)
        }
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let found = tokio::task::spawn_blocking(move || this.addresses(name.as_str())).await;
            let addresses = found.unwrap_or(Err(FetchError::Unresolved)).map_err(Refusal)?;
            // Port 0 stands for the URL's.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            let addresses: Addrs = Box::new(addresses);
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn giving(addresses: &'static [&'static str]) -> PublicOnly {
        let parsed: Vec<IpAddr> =
            addresses.iter().map(|address| address.parse().expect("an address")).collect();
        PublicOnly::new(Arc::new(move |_| Ok(parsed.clone())), LoopbackHttp::Allow)
    }

    #[test]
    fn n01_one_address_that_is_not_public_refuses_the_name() {
        let error = giving(&["9.9.9.9", "169.254.169.254"]).addresses("trust.example").unwrap_err();
        assert_eq!(error.code(), "fetch_address_not_public");
        let good = giving(&["9.9.9.9", "2620:fe::fe"]).addresses("trust.example").expect("public");
        assert_eq!(good.len(), 2);
    }

    #[test]
    fn n01_only_the_name_localhost_is_loopback() {
        for name in ["localtest.example", "localhost.example", "LOCALHOST", "localhost."] {
            let error = giving(&["127.0.0.1"]).addresses(name).unwrap_err();
            assert_eq!(error.code(), "fetch_address_not_public", "{name}");
        }
        // Whatever the resolver says of it.
        let addresses = giving(&["9.9.9.9"]).addresses("localhost").expect("loopback");
        assert!(addresses.iter().all(IpAddr::is_loopback));
    }

    #[test]
    fn a_name_without_an_address_does_not_resolve() {
        assert_eq!(giving(&[]).addresses("trust.example"), Err(FetchError::Unresolved));
        let failing = PublicOnly::new(
            Arc::new(|_| Err(io::ErrorKind::NotFound.into())),
            LoopbackHttp::Refuse,
        );
        assert_eq!(failing.addresses("trust.example"), Err(FetchError::Unresolved));
    }

    #[tokio::test]
    async fn n03_a_name_is_asked_for_once_and_the_answer_that_was_judged_is_the_one_that_is_used() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        // A rebinding name: public first, loopback from then on.
        let rebinding = |_: &str| -> io::Result<Vec<IpAddr>> {
            let first = ASKED.fetch_add(1, Ordering::SeqCst) == 0;
            Ok(vec![if first { [9, 9, 9, 9].into() } else { [127, 0, 0, 1].into() }])
        };
        let resolver = PublicOnly::new(Arc::new(rebinding), LoopbackHttp::Allow);
        let name: Name = "trust.example".parse().expect("a name");
        let given: Vec<_> = resolver.resolve(name).await.expect("public").collect();
        assert_eq!(given, [SocketAddr::from(([9, 9, 9, 9], 0))]);
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    }
}
