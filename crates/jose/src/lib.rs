//! Signed JSON, parsed strictly: JWS, JWT and JWK, with one joint where a crypto provider fits in.
