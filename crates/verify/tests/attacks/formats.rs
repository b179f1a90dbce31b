//! The other encodings: each is accepted as it should be, and each fault is refused in each of them.

use staffpass_verify::policy::CredentialFormat;

use super::*;

pub(super) fn written(encoding: Encoding) -> Exchange {
    Scenario::new(Dialect::OpenId4Vp).encoding(encoding).build()
}

/// By an issuer with an https URL.
pub(super) fn by_https(encoding: Encoding) -> Exchange {
    let issuer = IssuerKind::Https("westmoor.example");
    Scenario::new(Dialect::OpenId4Vp).issuer(issuer, Algorithm::Es256).encoding(encoding).build()
}

#[test]
fn every_encoding_is_accepted_with_every_kind_of_holder_and_issuer() {
    for encoding in Encoding::ALL {
        for holder in HolderKind::ALL {
            let scenario = Scenario::new(Dialect::OpenId4Vp).holder(holder).encoding(encoding);
            let accepted = scenario.build().verify().expect("accepted");
            assert_eq!(accepted.credentials().len(), 3, "{encoding:?} {holder:?}");
        }
        for issuer in [IssuerKind::Jwk, IssuerKind::Web("westmoor.example")] {
            let scenario = Scenario::new(Dialect::OpenId4Vp).issuer(issuer, Algorithm::Es384);
            assert!(
                scenario.encoding(encoding).build().verify().is_ok(),
                "{encoding:?} {issuer:?}"
            );
        }
    }
}

#[test]
fn an_https_issuer_is_known_by_its_metadata() {
    let exchange = by_https(Encoding::SdJwtVc);
    let accepted = exchange.verify().unwrap();
    assert_eq!(accepted.credentials()[0].issuer(), "https://westmoor.example");
    let mut silent = exchange;
    silent.issuer.fall_silent();
    assert_eq!(codes(silent.verify()), [Code::IssuerUnavailable]);
}

#[test]
fn every_encoding_gives_the_same_claims() {
    let identity_of = |encoding| {
        let accepted = written(encoding).verify().unwrap();
        let identity = accepted.credentials().iter().find(|one| one.part() == Some("identity"));
        let subject = identity.unwrap().subject().clone();
        ["given_name", "family_name", "identity_id"].map(|name| subject[name].clone())
    };
    assert_eq!(identity_of(Encoding::VcJose), identity_of(Encoding::VcJwt));
    assert_eq!(identity_of(Encoding::SdJwtVc), identity_of(Encoding::VcJwt));
}

#[test]
fn revocation_is_seen_in_every_encoding() {
    for encoding in Encoding::ALL {
        let mut exchange = written(encoding);
        exchange.issuer.revoke(exchange.indices[1]);
        assert_eq!(codes(exchange.verify()), [Code::Revoked], "{encoding:?}");
    }
}

/// The same list of checks for each: one fault, one code, whatever the encoding.
#[test]
fn one_fault_has_one_code_in_every_encoding() {
    type Change = fn(&mut Exchange);
    let faults: [(Change, Code); 10] = [
        (|e| identity(e).key = signing_key(Algorithm::Es256, 999), Code::SignatureInvalid),
        (|e| presentation(e).key = signing_key(Algorithm::Es256, 999), Code::SignatureInvalid),
        (|e| presentation(e).set("aud", "https://other.example"), Code::AudienceMismatch),
        (|e| presentation(e).set("nonce", "another"), Code::NonceMismatch),
        (|e| presentation(e).set("iat", 1_000_000_000), Code::TooOld),
        (|e| presentation(e).set("iat", 4_000_000_000_u64), Code::NotYetValid),
        (|e| identity(e).set("exp", 1_000_000_000), Code::Expired),
        (|e| identity(e).set("nbf", 4_000_000_000_u64), Code::NotYetValid),
        (|e| header(e, "alg", "none"), Code::AlgorithmNotAllowed),
        (
            |e| trust(e, |issuer| issuer.may_assert = ["Else".to_owned()].into()),
            Code::TypeNotTrusted,
        ),
    ];
    for encoding in [Encoding::VcJose, Encoding::SdJwtVc] {
        for (place, (change, code)) in faults.iter().enumerate() {
            let mut exchange = written(encoding);
            change(&mut exchange);
            let codes = codes(exchange.verify());
            assert!(codes.iter().all(|found| found == code), "{encoding:?} {place}: {codes:?}");
        }
    }
}

fn header(exchange: &mut Exchange, name: &str, value: &str) {
    identity(exchange).header.insert(name.to_owned(), value.into());
}

#[test]
fn s17_a_token_of_another_typ_is_refused_in_every_place() {
    for typ in ["JWT", "at+jwt", "kb+jwt", "vp+jwt", "statuslist+jwt", "vc+ld+jwt", "dc+sd-jwt"] {
        let mut exchange = written(Encoding::VcJose);
        header(&mut exchange, "typ", typ);
        let codes = codes(exchange.verify());
        let expected = [Code::TypMismatch, Code::ClaimsMalformed];
        assert!(codes.iter().all(|code| expected.contains(code)), "{typ}: {codes:?}");
    }
    for typ in ["JWT", "vc+jwt", "kb+jwt", "vp+jwt", "sd-jwt"] {
        let mut exchange = written(Encoding::SdJwtVc);
        header(&mut exchange, "typ", typ);
        let codes = codes(exchange.verify());
        assert!(codes.contains(&Code::TypMismatch), "{typ}: {codes:?}");
    }
    for (encoding, typ) in [
        (Encoding::VcJose, "vc+jwt"),
        (Encoding::VcJose, "kb+jwt"),
        (Encoding::VcJose, "JWT"),
        (Encoding::SdJwtVc, "vp+jwt"),
        (Encoding::SdJwtVc, "JWT"),
    ] {
        let mut exchange = written(encoding);
        presentation(&mut exchange).header.insert("typ".to_owned(), typ.into());
        let codes = codes(exchange.verify());
        let expected = [Code::TypMismatch, Code::ClaimsMalformed];
        assert!(codes.iter().all(|code| expected.contains(code)), "{typ}: {codes:?}");
    }
}

#[test]
fn s17_an_absent_typ_counts_only_where_the_policy_names_it() {
    let mut exchange = written(Encoding::VcJose);
    for presentation in &mut exchange.answer.presentations {
        presentation.credentials[0].header.remove("typ");
    }
    let refused = exchange.verify().unwrap_err();
    assert_eq!(refused.codes(), [Code::TypMismatch]);
    assert!(refused.report().failures().all(|(about, _)| matches!(about, Subject::Credential(..))));
    trust(&mut exchange, |issuer| issuer.typ_absent = true);
    let accepted = exchange.verify().unwrap();
    assert_eq!(waived(&accepted), of_each_credential(Check::Token, PolicyKey::TypAbsent));
    assert!(accepted.report().to_string().contains("token: waived by typ_absent"));
    // What needs no loosening is not said to have had one.
    let mut with_typ = written(Encoding::VcJose);
    trust(&mut with_typ, |issuer| issuer.typ_absent = true);
    assert_eq!(waived(&with_typ.verify().unwrap()), []);
    presentation(&mut exchange).header.remove("typ");
    assert!(codes(exchange.verify()).contains(&Code::TypMismatch));
}

#[test]
fn an_absent_typ_of_an_issuer_that_nobody_knows_is_the_lesser_fault() {
    let mut exchange = written(Encoding::VcJose);
    for presentation in &mut exchange.answer.presentations {
        presentation.credentials[0].header.remove("typ");
    }
    let other = TrustedIssuer::new("did:web:other.example", ["StaffIdentity"]);
    exchange.policy = TrustPolicy::builder().issuer(other);
    assert_eq!(codes(exchange.verify()), [Code::IssuerNotTrusted]);
}

#[test]
fn a_format_that_the_policy_does_not_take_from_an_issuer_is_refused() {
    for (encoding, other) in [
        (Encoding::VcJwt, CredentialFormat::VcJose),
        (Encoding::VcJose, CredentialFormat::SdJwtVc),
        (Encoding::SdJwtVc, CredentialFormat::VcJwt),
    ] {
        let mut exchange = written(encoding);
        trust(&mut exchange, |issuer| issuer.formats = [other].into());
        assert_eq!(codes(exchange.verify()), [Code::FormatNotTrusted], "{encoding:?}");
    }
}

#[test]
fn d11_a_credential_of_another_format_than_was_asked_is_refused() {
    for (asked, sent) in [
        (Encoding::SdJwtVc, Encoding::VcJwt),
        (Encoding::SdJwtVc, Encoding::VcJose),
        (Encoding::VcJwt, Encoding::SdJwtVc),
    ] {
        let mut exchange = written(asked);
        let mut other = written(sent).answer;
        for presentation in &mut other.presentations {
            presentation.token.set("nonce", exchange.expectation.nonce().as_str());
        }
        exchange.answer.presentations = other.presentations;
        let codes = codes(exchange.verify());
        assert!(codes.contains(&Code::TokenMalformed), "{asked:?} {sent:?}: {codes:?}");
    }
}

#[test]
fn t11_issuer_and_subject_of_both_layers_agree_in_vc_jose_cose() {
    for (claim, value) in [
        ("iss", json!("did:web:other.example")),
        ("sub", json!("did:example:other")),
        ("jti", json!("urn:uuid:another")),
    ] {
        let mut exchange = written(Encoding::VcJose);
        identity(&mut exchange).claims.insert(claim.to_owned(), value);
        assert_eq!(codes(exchange.verify()), [Code::ClaimsDisagree], "{claim}");
    }
}

#[test]
fn a_vc_jose_cose_credential_needs_no_date() {
    let mut exchange = written(Encoding::VcJose);
    for date in ["validFrom", "validUntil", "iat", "nbf", "exp"] {
        identity(&mut exchange).claims.remove(date);
    }
    assert!(exchange.verify().is_ok(), "VC data model 2.0, section 4.9: it may be absent");
}

#[test]
fn p06_a_vc_jose_cose_presentation_that_names_no_holder_is_its_signers() {
    let silent = |kid: Option<&str>| {
        let mut exchange = written(Encoding::VcJose);
        let token = presentation(&mut exchange);
        token.claims.remove("holder");
        token.claims.remove("iss");
        if let Some(kid) = kid {
            token.header.insert("kid".to_owned(), kid.into());
        }
        exchange
    };
    assert!(silent(None).verify().is_ok());
    assert!(codes(silent(Some("#0")).verify()).contains(&Code::IdentifierNotSupported));
    // Another's signature is another's presentation, and the credentials are not bound to that one.
    let mut stolen = silent(None);
    let other = Holder::new(HolderKind::Jwk(Algorithm::Es256), 999);
    let kid = other.token(json!({})).header["kid"].clone();
    presentation(&mut stolen).header.insert("kid".to_owned(), kid);
    presentation(&mut stolen).key = Arc::clone(other.key());
    assert!(codes(stolen.verify()).contains(&Code::HolderBinding));
}

#[test]
fn t07_a_vc_jose_cose_presentation_has_one_id() {
    let mut exchange = written(Encoding::VcJose);
    presentation(&mut exchange).set("id", "urn:uuid:one");
    presentation(&mut exchange).set("jti", "urn:uuid:one");
    assert!(exchange.verify().is_ok());
    presentation(&mut exchange).set("jti", "urn:uuid:two");
    assert!(codes(exchange.verify()).contains(&Code::ClaimsDisagree));
}

#[test]
fn t07_the_dates_of_a_vc_jose_cose_credential_count_beside_those_of_its_jwt() {
    for (member, value, code) in [
        ("validUntil", json!("2026-03-01T00:00:00Z"), Code::Expired),
        ("validFrom", json!("2026-03-03T00:00:00Z"), Code::NotYetValid),
        ("validFrom", json!("soon"), Code::ClaimsMalformed),
        ("validUntil", json!(1_900_000_000), Code::ClaimsMalformed),
    ] {
        let mut exchange = written(Encoding::VcJose);
        identity(&mut exchange).set(member, value);
        assert_eq!(codes(exchange.verify()), [code], "{member}");
    }
}

#[test]
fn v18_a_vc_jose_cose_payload_is_the_credential() {
    for (member, value, expected) in [
        ("vc", json!({"type": ["VerifiableCredential"]}), Code::TypMismatch),
        ("vp", json!({}), Code::TypMismatch),
        ("@context", json!(["https://www.w3.org/2018/credentials/v1"]), Code::CredentialShape),
        ("type", json!(["StaffIdentity"]), Code::CredentialShape),
    ] {
        let mut exchange = written(Encoding::VcJose);
        identity(&mut exchange).set(member, value);
        assert_eq!(codes(exchange.verify()), [expected], "{member}");
    }
}

#[test]
fn v18_what_is_no_envelope_is_no_credential() {
    for (member, value) in [
        ("type", json!("VerifiableCredential")),
        ("id", json!("https://issuer.example/credentials/1")),
        ("id", json!("data:application/vc+sd-jwt,eyJ.eyJ.e30")),
    ] {
        let exchange = written(Encoding::VcJose);
        let vp = &exchange.answer.presentations[0];
        let mut token = vp.token.clone();
        let mut envelope = json!({
            "type": "EnvelopedVerifiableCredential",
            "id": format!("data:application/vc+jwt,{}", vp.credentials[0].compact()),
        });
        envelope[member] = value;
        token.set("verifiableCredential", json!([envelope]));
        let body = body_of(&exchange, "identity", &token.compact());
        let codes = codes_of(&exchange, &body);
        assert_eq!(codes, [Code::PresentationShape], "{member}");
    }
}

/// A body with one presentation only, as it stands.
pub(super) fn body_of(exchange: &Exchange, part: &str, token: &str) -> Vec<u8> {
    let state = exchange.expectation.state().unwrap().as_str();
    let vp_token = json!({part: [token]}).to_string();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("vp_token", &vp_token).append_pair("state", state);
    form.finish().into_bytes()
}

pub(super) fn codes_of(exchange: &Exchange, body: &[u8]) -> Vec<Code> {
    let verification = exchange.verifier().receive(&exchange.expectation, body);
    codes(exchange.drive(verification, &mut Evidence::new(Arc::new(AwsLc))))
}

#[test]
fn p06_the_holder_that_a_presentation_names_is_its_signer() {
    let mut exchange = written(Encoding::VcJose);
    presentation(&mut exchange).set("holder", "did:example:another");
    assert!(codes(exchange.verify()).contains(&Code::KeyOfAnother));
    let mut exchange = written(Encoding::VcJose);
    let other = Holder::new(HolderKind::Jwk(Algorithm::Es256), 999);
    presentation(&mut exchange).set("holder", other.did().as_str());
    assert!(codes(exchange.verify()).contains(&Code::KeyOfAnother));
}

#[test]
fn s22_how_a_key_is_found_is_the_policys_to_say() {
    // The issuer is trusted by its DID; the token says that it is the https issuer of that host.
    let by_url = by_https(Encoding::SdJwtVc);
    let mut exchange = by_url.clone();
    exchange.policy = written(Encoding::SdJwtVc).policy;
    assert_eq!(codes(exchange.verify()), [Code::IssuerNotTrusted]);
    // A key that the token itself brings is read by nobody.
    let mut exchange = by_url;
    let stranger = signing_key(Algorithm::Es256, 999);
    let token = identity(&mut exchange);
    token.header.insert("jwk".to_owned(), stranger.public_key().to_jwk());
    token.key = stranger;
    assert_eq!(codes(exchange.verify()), [Code::SignatureInvalid]);
}

#[test]
fn s27_a_key_set_with_two_keys_of_one_id_is_no_key_set() {
    let exchange = by_https(Encoding::SdJwtVc);
    let metadata = String::from_utf8(exchange.issuer.metadata()).unwrap();
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    let key = metadata["jwks"]["keys"][0].clone();
    metadata["jwks"]["keys"] = json!([key.clone(), key]);
    assert_eq!(with_metadata(&exchange, &metadata), [Code::IssuerDocumentInvalid]);
}

#[test]
fn n05_metadata_that_speaks_for_another_or_points_elsewhere_is_refused() {
    let exchange = by_https(Encoding::SdJwtVc);
    let metadata: Value = serde_json::from_slice(&exchange.issuer.metadata()).unwrap();
    let mut another = metadata.clone();
    another["issuer"] = json!("https://other.example");
    assert_eq!(with_metadata(&exchange, &another), [Code::IssuerDocumentInvalid]);
    let elsewhere = json!({
        "issuer": "https://westmoor.example", "jwks_uri": "https://other.example/keys",
    });
    assert_eq!(with_metadata(&exchange, &elsewhere), [Code::IssuerDocumentInvalid]);
    let mut both = metadata;
    both["jwks_uri"] = json!("https://westmoor.example/keys");
    assert_eq!(with_metadata(&exchange, &both), [Code::IssuerDocumentInvalid]);
}

#[test]
fn the_keys_may_stand_in_a_set_of_their_own_at_the_issuers_origin() {
    let exchange = by_https(Encoding::SdJwtVc);
    let metadata: Value = serde_json::from_slice(&exchange.issuer.metadata()).unwrap();
    let pointing = json!({
        "issuer": "https://westmoor.example", "jwks_uri": "https://westmoor.example/keys",
    });
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let source = Source::issuer_metadata("https://westmoor.example").unwrap();
    let pointing = pointing.to_string();
    evidence.insert(source, Fetched::Document(pointing.as_bytes()), exchange.now);
    let set = Source::JwkSet("https://westmoor.example/keys".parse().unwrap());
    let keys = metadata["jwks"].to_string();
    evidence.insert(set, Fetched::Document(keys.as_bytes()), exchange.now);
    let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    assert!(exchange.drive(verification, &mut evidence).is_ok());
    let source = Source::issuer_metadata("https://westmoor.example").unwrap();
    let set = Source::JwkSet("https://westmoor.example/keys".parse().unwrap());
    assert_eq!(evidence.points_to(&source), Some(set.clone()));
    assert_eq!(evidence.points_to(&set), None);
}

#[test]
fn n17_a_key_set_all_of_whose_keys_changed_is_held() {
    let exchange = by_https(Encoding::SdJwtVc);
    let source = Source::issuer_metadata("https://westmoor.example").unwrap();
    let metadata = exchange.issuer.metadata();
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let verify = |evidence: &mut Evidence| {
        let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
        exchange.drive(verification, evidence)
    };
    evidence.insert(source.clone(), Fetched::Document(&metadata), exchange.now);
    assert_eq!(evidence.points_to(&source), None);
    let another = signing_key(Algorithm::Es256, 999).public_key().thumbprint();
    evidence.expect_keys(&source, &[another]);
    assert_eq!(codes(verify(&mut evidence)), [Code::KeyContinuityBroken]);
    evidence.accept_keys(&source);
    assert!(verify(&mut evidence).is_ok());
}

fn with_metadata(exchange: &Exchange, metadata: &Value) -> Vec<Code> {
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let source = Source::issuer_metadata("https://westmoor.example").unwrap();
    let text = metadata.to_string();
    evidence.insert(source, Fetched::Document(text.as_bytes()), exchange.now);
    let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    codes(exchange.drive(verification, &mut evidence))
}

/// How an issuer's key is found does not hang on the format: the front page of the crate says so.
#[test]
fn a_w3c_credential_by_an_https_issuer_has_its_key_in_the_metadata() {
    let name = "https://westmoor.example";
    for encoding in [Encoding::VcJwt, Encoding::VcJose] {
        let mut exchange = by_https(encoding);
        for presentation in &mut exchange.answer.presentations {
            let token = &mut presentation.credentials[0];
            token.set("iss", name);
            token.header.insert("kid".to_owned(), "key-1".into());
            if encoding == Encoding::VcJose {
                token.set("issuer", name);
            }
        }
        trust(&mut exchange, |issuer| {
            issuer.status_signers = ["did:web:westmoor.example".to_owned()].into();
        });
        let accepted = exchange.verify().unwrap();
        assert_eq!(accepted.credentials()[0].issuer(), name, "{encoding:?}");
        let token = identity(&mut exchange);
        token.key = signing_key(Algorithm::Es256, 999);
        assert_eq!(codes(exchange.verify()), [Code::SignatureInvalid], "{encoding:?}");
    }
}

#[test]
fn s17_a_vc_jwt_without_its_credential_is_malformed_and_not_of_another_type() {
    let mut exchange = written(Encoding::VcJwt);
    identity(&mut exchange).claims.remove("vc");
    assert_eq!(codes(exchange.verify()), [Code::ClaimsMalformed]);
}
