//! Each key is prepared once.

use std::sync::Arc;

fn main() {
    peer_josekit::run("josekit, keys kept", |jwk| {
        let verifier = Arc::new(peer_josekit::verifier(jwk));
        Box::new(move || Arc::clone(&verifier))
    });
}
