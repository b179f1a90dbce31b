//! Reads trust anchors and a chain, and says what is wrong with them.
use staffpass_x509::{CertificateChain, TrustAnchors};

fn main() {
    let chain = CertificateChain::from_x5c(&[b"no certificate".to_vec()]);
    println!("{}", chain.unwrap_err().code());
    println!("{}", TrustAnchors::from_pem("").unwrap_err().code());
}
