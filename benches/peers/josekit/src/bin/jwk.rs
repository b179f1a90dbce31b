//! Each key is made of its JWK each time, as most programs do.

fn main() {
    peer_josekit::run("josekit, key from its JWK", |jwk| {
        let jwk = jwk.clone();
        Box::new(move || Box::new(peer_josekit::verifier(&jwk)))
    });
}
