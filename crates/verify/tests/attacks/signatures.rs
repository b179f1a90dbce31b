//! Signatures and keys (S).

use super::*;

#[test]
fn s01_alg_none_is_refused_before_any_key_is_sought() {
    for alg in ["none", "None", "nOnE"] {
        let codes = refused(|exchange| {
            presentation(exchange).header.insert("alg".to_owned(), alg.into());
        });
        assert!(codes.contains(&Code::AlgorithmNotAllowed), "{codes:?}");
    }
}

#[test]
fn s02_hmac_under_the_public_key_is_refused() {
    let codes = refused(|e| drop(identity(e).header.insert("alg".to_owned(), "HS256".into())));
    assert_eq!(codes, [Code::AlgorithmNotAllowed]);
}

#[test]
fn s04_s05_keys_and_addresses_in_headers_are_ignored() {
    let stranger = signing_key(Algorithm::Es256, 999);
    let codes = refused(|exchange| {
        let token = identity(exchange);
        token.key = Arc::clone(&stranger);
        token.header.insert("jwk".to_owned(), stranger.public_key().to_jwk());
        token.header.insert("jku".to_owned(), "https://stranger.example/jwks.json".into());
    });
    assert_eq!(codes, [Code::SignatureInvalid]);
}

#[test]
fn s06_a_kid_of_another_identifier_is_refused() {
    let stranger = Holder::new(HolderKind::Jwk(Algorithm::Es256), 999);
    let kid = format!("{}#0", stranger.did());
    let codes =
        refused(|e| drop(presentation(e).header.insert("kid".to_owned(), kid.clone().into())));
    assert!(codes.contains(&Code::KeyOfAnother), "{codes:?}");
    for kid in ["../../etc/passwd", "' OR 1=1 --", "https://x.example/#k", "#", ""] {
        let codes = refused(|e| drop(identity(e).header.insert("kid".to_owned(), kid.into())));
        assert!(matches!(codes[..], [Code::KeyIdInvalid | Code::KeyUnknown]), "{kid}: {codes:?}");
    }
}

#[test]
fn s06_a_part_of_a_key_id_does_not_match() {
    let codes = refused(|exchange| {
        let token = identity(exchange);
        let kid = token.header["kid"].as_str().unwrap().to_owned();
        token.header.insert("kid".to_owned(), kid[..kid.len() - 1].into());
    });
    assert!(matches!(codes[..], [Code::KeyUnknown | Code::KeyIdInvalid]), "{codes:?}");
}

#[test]
fn s07_a_key_listed_for_another_purpose_is_refused_unless_the_policy_names_it() {
    let only_authentication = |exchange: &Exchange| {
        let document = String::from_utf8(exchange.issuer.did_document()).unwrap();
        document.replace("\"assertionMethod\"", "\"notForAssertion\"")
    };
    let mut exchange = good(Dialect::OpenId4Vp);
    let verdict = |exchange: &Exchange| {
        let mut evidence = exchange.evidence();
        let source = Source::DidDocument(exchange.issuer.did().clone());
        let document = only_authentication(exchange);
        evidence.insert(source, Fetched::Document(document.as_bytes()), exchange.now);
        exchange.drive(
            exchange.verifier().receive(&exchange.expectation, &exchange.body()),
            &mut evidence,
        )
    };
    assert_eq!(codes(verdict(&exchange)), [Code::KeyPurpose]);
    trust(&mut exchange, |issuer| issuer.accept_authentication_key = true);
    let accepted = verdict(&exchange).unwrap();
    // The same key signed the list: the status leans on it too.
    let key = PolicyKey::AcceptAuthenticationKey;
    let named = [Check::Key, Check::Status].map(|check| of_each_credential(check, key)).concat();
    assert_eq!(waived(&accepted), named);
}

#[test]
fn s14_s15_critical_extensions_are_refused() {
    for (member, value) in [("crit", json!(["b64"])), ("crit", json!([])), ("b64", json!(false))] {
        let codes = refused(|e| drop(identity(e).header.insert(member.to_owned(), value.clone())));
        assert_eq!(codes, [Code::TokenMalformed], "{member}");
    }
}

/// Puts a member in front of the payload once more, and signs nothing anew.
fn duplicate_subject(compact: String) -> String {
    let parts: Vec<_> = compact.split('.').collect();
    let claims = String::from_utf8(base64url::decode(parts[1]).unwrap()).unwrap();
    let claims = claims.replacen('{', r#"{"sub":"did:example:other","#, 1);
    format!("{}.{}.{}", parts[0], base64url::encode(claims), parts[2])
}

#[test]
fn s16_a_claim_that_stands_twice_is_refused_before_the_signature() {
    let codes = refused(|exchange| identity(exchange).afterwards = duplicate_subject);
    assert_eq!(codes, [Code::ClaimsMalformed]);
}

#[test]
fn s17_one_kind_of_token_in_the_place_of_another_is_refused() {
    for typ in ["kb+jwt", "vc+jwt", "statuslist+jwt", "oauth-authz-req+jwt", "jwt", "vp+jwt"] {
        let codes = refused(|e| drop(identity(e).header.insert("typ".to_owned(), typ.into())));
        assert_eq!(codes, [Code::TypMismatch], "{typ}");
    }
    // A presentation where a credential belongs, and a credential that is also a presentation.
    let codes = refused(|exchange| {
        let vp = presentation(exchange).claims["vp"].clone();
        identity(exchange).claims.insert("vp".to_owned(), vp);
    });
    assert!(matches!(codes[..], [Code::TypMismatch | Code::ClaimsMalformed]), "{codes:?}");
}

#[test]
fn s24_an_algorithm_that_the_policy_leaves_out_is_refused() {
    let mut exchange = good(Dialect::OpenId4Vp);
    exchange.policy = exchange.policy.algorithms([Algorithm::Es384]);
    assert_eq!(codes(exchange.verify()), [Code::AlgorithmNotAllowed]);
}

#[test]
fn v09_a_pinned_key_is_the_only_one_that_counts() {
    let pin = |exchange: &mut Exchange, thumbprint: String| {
        trust(exchange, |issuer| issuer.key_thumbprints = [thumbprint].into());
    };
    let stranger = signing_key(Algorithm::Es256, 999).public_key().thumbprint().to_string();
    assert_eq!(refused(|exchange| pin(exchange, stranger.clone())), [Code::KeyNotPinned]);
    let mut exchange = good(Dialect::OpenId4Vp);
    let own = exchange.issuer.key().public_key().thumbprint().to_string();
    pin(&mut exchange, own);
    assert!(exchange.verify().is_ok());
}
