//! Certificate paths, good and with one thing wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P384_SHA384,
    PKCS_ECDSA_P521_SHA512, PKCS_ED25519, date_time_ymd,
};
use staffpass_jose::{
    CryptoProvider as _, Curve, HeaderBuilder, UnsignedJws, UnverifiedJws, base64url, jws,
};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_x509::{CertificateChain, KeyPurpose, ObjectId, TrustAnchors};
use support::{
    DNS, Entity, URI, anchors, at, authority, code, leaf_params, now, validate, validate_at,
};

const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

#[test]
fn a_leaf_with_its_issuer_is_believed() {
    let root = Entity::root();
    let issuer = Entity::intermediate(&root);
    let leaf = Entity::leaf(&issuer);
    let believed = validate(&[&leaf.der, &issuer.der], &anchors(&[&root])).expect("a path");
    assert_eq!(believed.public_key().curve(), Curve::P256);
    assert_eq!(believed.public_key().to_sec1(), leaf.key.public_key_raw());
    assert_eq!(believed.dns_names().collect::<Vec<_>>(), [DNS, "*.wild.example"]);
    assert_eq!(believed.uris().collect::<Vec<_>>(), [URI]);
    assert_eq!(believed.valid_until(), at("2027-01-01T00:00:00Z"));
    let issuer_key_id = issuer.params.key_identifier(&issuer.key);
    let root_key_id = root.params.key_identifier(&root.key);
    assert_eq!(believed.authority_key_ids().collect::<Vec<_>>(), [issuer_key_id, root_key_id]);
    let chain = CertificateChain::from_x5c(&[&leaf.der, &issuer.der]).expect("a chain");
    assert_eq!(believed.sha256(), chain.leaf_sha256());
    assert!(AwsLc.prepare(&believed.public_key().clone().into()).is_ok());
}

#[test]
fn a_leaf_that_the_anchor_signed_needs_no_issuer() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    assert_eq!(code(validate(&[&leaf.der], &anchors(&[&root]))), "accepted");
}

#[test]
fn one_of_several_anchors_is_enough() {
    let (root, other) = (Entity::root(), Entity::root());
    let leaf = Entity::leaf(&root);
    assert_eq!(code(validate(&[&leaf.der], &anchors(&[&other, &root]))), "accepted");
}

#[test]
fn a_header_carries_a_chain_and_the_leaf_s_key_verifies_the_token() {
    let root = Entity::root();
    let key = SigningKey::generate(staffpass_jose::Algorithm::Es256).unwrap();
    let leaf = certificate_of(&key, &root);
    let header = HeaderBuilder::new(staffpass_jose::Algorithm::Es256).x5c(&[&leaf]);
    let token = UnsignedJws::new(&header, b"{}").sign(&key).unwrap();
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).unwrap();
    let chain = CertificateChain::from_x5c(jws.header().x5c().expect("x5c")).expect("a chain");
    let leaf = chain.validate(&anchors(&[&root]), KeyPurpose::Any, &AwsLc, now());
    let key = AwsLc.prepare(&leaf.expect("a path").public_key().clone().into()).unwrap();
    assert!(jws.verify(&key).is_ok());
}

/// A certificate for a key that rcgen did not make.
fn certificate_of(key: &SigningKey, issuer: &Entity) -> Vec<u8> {
    struct Public(Vec<u8>);
    impl rcgen::PublicKeyData for Public {
        fn der_bytes(&self) -> &[u8] {
            &self.0
        }
        fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
            &rcgen::PKCS_ECDSA_P256_SHA256
        }
    }
    let public = Public(key.public_key().to_sec1());
    let issuer = rcgen::Issuer::from_params(&issuer.params, &issuer.key);
    leaf_params().signed_by(&public, &issuer).unwrap().der().to_vec()
}

#[test]
fn keys_of_other_curves_are_read() {
    let root = Entity::root();
    for (algorithm, curve) in
        [(&PKCS_ECDSA_P384_SHA384, Curve::P384), (&PKCS_ED25519, Curve::Ed25519)]
    {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let issuer = rcgen::Issuer::from_params(&root.params, &root.key);
        let leaf = leaf_params().signed_by(&key, &issuer).unwrap().der().to_vec();
        let believed = validate(&[&leaf], &anchors(&[&root])).expect("a path");
        assert_eq!(believed.public_key().curve(), curve);
    }
}

#[test]
fn s20_an_unknown_anchor_is_refused() {
    let (root, other) = (Entity::root(), Entity::root());
    let issuer = Entity::intermediate(&root);
    let leaf = Entity::leaf(&issuer);
    // Another root of the same name has another key, so its signatures do not fit.
    let same_name = validate(&[&leaf.der, &issuer.der], &anchors(&[&other]));
    assert_eq!(code(same_name), "x509_signature_mismatch");
    let stranger = Entity::signed(authority("Another Root"), None);
    let refused = validate(&[&leaf.der, &issuer.der], &anchors(&[&stranger]));
    assert_eq!(code(refused), "x509_unknown_issuer");
    let missing = validate(&[&leaf.der], &anchors(&[&root]));
    assert_eq!(code(missing), "x509_unknown_issuer");
}

#[test]
fn s20_an_expired_certificate_is_refused_wherever_it_stands() {
    let root = Entity::root();
    let mut params = authority("Fictional Issuing CA");
    params.not_after = date_time_ymd(2026, 3, 1);
    let issuer = Entity::signed(params, Some(&root));
    let leaf = Entity::leaf(&issuer);
    let (x5c, anchors) = ([&leaf.der[..], &issuer.der[..]], anchors(&[&root]));
    let judge = |time| code(validate_at(&x5c, &anchors, KeyPurpose::Any, at(time)));
    assert_eq!(judge("2026-02-01T00:00:00Z"), "accepted");
    assert_eq!(judge("2026-03-01T00:00:00Z"), "accepted");
    assert_eq!(judge("2026-03-01T00:00:01Z"), "x509_expired");
    assert_eq!(judge("2025-12-31T23:59:59Z"), "x509_not_yet_valid");
    assert_eq!(judge("2026-01-01T00:00:00Z"), "accepted");
    assert_eq!(judge("1969-01-01T00:00:00Z"), "x509_path");
}

#[test]
fn s20_the_dates_of_a_leaf_count() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    let anchors = anchors(&[&root]);
    let late = validate_at(&[&leaf.der], &anchors, KeyPurpose::Any, at("2027-01-01T00:00:01Z"));
    assert_eq!(code(late), "x509_expired");
}

#[test]
fn s20_another_key_purpose_is_refused() {
    let root = Entity::root();
    let issuer = Entity::intermediate(&root);
    let leaf = Entity::leaf(&issuer);
    let anchors_ = anchors(&[&root]);
    let judge = |leaf: &Entity, purpose| {
        code(validate_at(&[&leaf.der, &issuer.der], &anchors_, purpose, now()))
    };
    let (client, server) = (oid(CLIENT_AUTH), oid(SERVER_AUTH));
    assert_eq!(judge(&leaf, KeyPurpose::Required(client)), "accepted");
    assert_eq!(judge(&leaf, KeyPurpose::IfLimited(client)), "accepted");
    assert_eq!(judge(&leaf, KeyPurpose::Required(server)), "x509_extended_key_usage");
    assert_eq!(judge(&leaf, KeyPurpose::IfLimited(server)), "x509_extended_key_usage");

    let mut params = leaf_params();
    params.extended_key_usages = Vec::new();
    let unlimited = Entity::signed(params, Some(&issuer));
    assert_eq!(judge(&unlimited, KeyPurpose::IfLimited(server)), "accepted");
    assert_eq!(judge(&unlimited, KeyPurpose::Required(server)), "x509_extended_key_usage");

    let mut params = leaf_params();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    let any = Entity::signed(params, Some(&issuer));
    assert_eq!(judge(&any, KeyPurpose::Required(client)), "x509_extended_key_usage");
}

#[test]
fn s20_an_issuer_limited_to_another_purpose_is_refused() {
    let root = Entity::root();
    let mut params = authority("Fictional Issuing CA");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let issuer = Entity::signed(params, Some(&root));
    let leaf = Entity::leaf(&issuer);
    let purpose = KeyPurpose::Required(oid(CLIENT_AUTH));
    let refused = validate_at(&[&leaf.der, &issuer.der], &anchors(&[&root]), purpose, now());
    assert_eq!(code(refused), "x509_extended_key_usage");
}

#[test]
fn s20_a_leaf_that_may_not_sign_is_refused() {
    let root = Entity::root();
    let mut params = leaf_params();
    params.key_usages = vec![KeyUsagePurpose::KeyAgreement];
    let leaf = Entity::signed(params, Some(&root));
    assert_eq!(code(validate(&[&leaf.der], &anchors(&[&root]))), "x509_key_usage");
}

#[test]
fn s20_a_leaf_as_an_issuer_is_refused() {
    let root = Entity::root();
    let no_ca = Entity::leaf(&root);
    let mut params = leaf_params();
    params.distinguished_name.push(DnType::CommonName, "Impostor");
    let leaf = Entity::signed(params, Some(&no_ca));
    let refused = validate(&[&leaf.der, &no_ca.der], &anchors(&[&root]));
    assert_eq!(code(refused), "x509_not_a_ca");
}

#[test]
fn s20_an_authority_that_may_not_sign_certificates_is_refused() {
    let root = Entity::root();
    let mut params = authority("Fictional Issuing CA");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let issuer = Entity::signed(params, Some(&root));
    let leaf = Entity::leaf(&issuer);
    let refused = validate(&[&leaf.der, &issuer.der], &anchors(&[&root]));
    assert_eq!(code(refused), "x509_not_a_ca");
}

#[test]
fn s20_an_authority_as_a_leaf_is_refused() {
    let root = Entity::root();
    let issuer = Entity::intermediate(&root);
    assert_eq!(code(validate(&[&issuer.der], &anchors(&[&root]))), "x509_ca_as_leaf");
}

#[test]
fn s20_a_self_signed_leaf_is_refused_even_as_an_anchor() {
    let leaf = Entity::signed(leaf_params(), None);
    assert_eq!(code(validate(&[&leaf.der], &anchors(&[&leaf]))), "x509_self_signed_leaf");
}

#[test]
fn s20_an_anchor_in_the_chain_is_refused() {
    let root = Entity::root();
    let issuer = Entity::intermediate(&root);
    let leaf = Entity::leaf(&issuer);
    let whole = [&leaf.der[..], &issuer.der, &root.der];
    assert_eq!(code(validate(&whole, &anchors(&[&root]))), "x509_anchor_in_chain");
    // An issuing authority that the policy trusts directly is an anchor too.
    let short = validate(&[&leaf.der, &issuer.der], &anchors(&[&issuer]));
    assert_eq!(code(short), "x509_anchor_in_chain");
    // And a stranger's root proves nothing by standing there.
    let other = Entity::signed(authority("Another Root"), None);
    let foreign = Entity::leaf(&other);
    let refused = validate(&[&foreign.der, &other.der], &anchors(&[&root]));
    assert_eq!(code(refused), "x509_anchor_in_chain");
}

#[test]
fn s20_a_leaf_that_is_an_anchor_is_refused() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    assert_eq!(code(validate(&[&leaf.der], &anchors(&[&leaf]))), "x509_anchor_in_chain");
}

#[test]
fn s20_a_chain_that_is_too_long_is_refused() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    let many = vec![&leaf.der[..]; CertificateChain::MAX_LENGTH + 1];
    assert_eq!(code(validate(&many, &anchors(&[&root]))), "x509_chain_length");
    assert_eq!(code(validate(&[], &anchors(&[&root]))), "x509_chain_length");
    let long = vec![0x30; CertificateChain::MAX_BYTES + 1];
    assert_eq!(code(validate(&[&long], &anchors(&[&root]))), "x509_too_long");
    let none: [&[u8]; 0] = [];
    assert_eq!(TrustAnchors::from_der(&none).unwrap_err().code(), "x509_chain_length");
}

#[test]
fn s20_a_chain_of_the_greatest_length_is_believed() {
    let root = Entity::root();
    let mut issuers = vec![root];
    for depth in 1..CertificateChain::MAX_LENGTH {
        let params = authority(&format!("Fictional CA {depth}"));
        let issuer = Entity::signed(params, issuers.last());
        issuers.push(issuer);
    }
    let leaf = Entity::leaf(issuers.last().unwrap());
    let mut x5c = vec![&leaf.der[..]];
    x5c.extend(issuers[1..].iter().rev().map(|issuer| &issuer.der[..]));
    assert_eq!(x5c.len(), CertificateChain::MAX_LENGTH);
    assert_eq!(code(validate(&x5c, &anchors(&[&issuers[0]]))), "accepted");
}

#[test]
fn s20_a_path_longer_than_its_authority_allows_is_refused() {
    let root = Entity::root();
    let mut params = authority("Fictional Policy CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let policy = Entity::signed(params, Some(&root));
    let issuer = Entity::intermediate(&policy);
    let leaf = Entity::leaf(&issuer);
    let refused = validate(&[&leaf.der, &issuer.der, &policy.der], &anchors(&[&root]));
    assert_eq!(code(refused), "x509_path_length");
}

#[test]
fn s20_a_name_outside_the_constraints_is_refused() {
    let constrained = |subtree: &str| {
        let mut params = authority("Fictional Issuing CA");
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName(subtree.to_owned())],
            excluded_subtrees: Vec::new(),
        });
        let root = Entity::root();
        let issuer = Entity::signed(params, Some(&root));
        let mut params = leaf_params();
        params.subject_alt_names.truncate(1);
        let leaf = Entity::signed(params, Some(&issuer));
        code(validate(&[&leaf.der, &issuer.der], &anchors(&[&root])))
    };
    assert_eq!(constrained("trust.example"), "accepted");
    assert_eq!(constrained("other.example"), "x509_name_constraint");
}

/// A constraint of a kind that the path validation might not know, here of URIs.
#[test]
fn pf35_a_constraint_that_is_not_implemented_is_not_ignored() {
    let constrained = |host: &str| {
        let mut params = authority("Fictional Issuing CA");
        params.custom_extensions = vec![uri_constraint(host)];
        let root = Entity::root();
        let issuer = Entity::signed(params, Some(&root));
        let mut params = leaf_params();
        params.subject_alt_names = vec![rcgen::SanType::URI(URI.try_into().unwrap())];
        let leaf = Entity::signed(params, Some(&issuer));
        code(validate(&[&leaf.der, &issuer.der], &anchors(&[&root])))
    };
    assert_eq!(constrained("other.example"), "x509_name_constraint");
}

/// `NameConstraints { permittedSubtrees: [ uniformResourceIdentifier host ] }` in DER
/// (RFC 5280 §4.2.1.10).
fn uri_constraint(host: &str) -> CustomExtension {
    let element =
        |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
    let subtree = element(0x30, &element(0x86, host.as_bytes()));
    let constraints = element(0x30, &element(0xa0, &subtree));
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 30], constraints);
    extension.set_criticality(true);
    extension
}

/// Two authorities that certify each other under many keys: each certificate could stand after each
/// other one, and none leads to the anchor.
#[test]
fn pf30_a_maze_of_authorities_is_left_soon() {
    let (one, two) = ("Fictional CA One", "Fictional CA Two");
    let names = [one, two, one, two, one];
    let issuers: Vec<_> = names
        .iter()
        .map(|&name| {
            let above = if name == one { two } else { one };
            Entity::signed(authority(name), Some(&Entity::signed(authority(above), None)))
        })
        .collect();
    let leaf = Entity::leaf(&issuers[0]);
    let mut x5c = vec![&leaf.der[..]];
    x5c.extend(issuers.iter().map(|issuer| &issuer.der[..]));
    assert_eq!(x5c.len(), CertificateChain::MAX_LENGTH);
    let anchor = Entity::signed(authority(two), None);
    let start = std::time::Instant::now();
    assert_eq!(code(validate(&x5c, &anchors(&[&anchor]))), "x509_signature_mismatch");
    assert!(start.elapsed() < std::time::Duration::from_secs(1));
}

#[test]
fn s20_an_unknown_critical_extension_is_refused() {
    let root = Entity::root();
    let mut params = leaf_params();
    let mut extension =
        CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions = vec![extension];
    let leaf = Entity::signed(params, Some(&root));
    assert_eq!(code(validate(&[&leaf.der], &anchors(&[&root]))), "x509_critical_extension");
}

#[test]
fn s20_a_chain_out_of_order_is_refused() {
    let root = Entity::root();
    let issuer = Entity::intermediate(&root);
    let leaf = Entity::leaf(&issuer);
    let other = Entity::signed(authority("Another CA"), Some(&root));
    let unrelated = validate(&[&leaf.der, &other.der, &issuer.der], &anchors(&[&root]));
    assert_eq!(code(unrelated), "x509_chain_order");
    assert_eq!(code(validate(&[&issuer.der, &leaf.der], &anchors(&[&root]))), "x509_chain_order");
}

#[test]
fn s20_a_tampered_signature_is_refused() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    let mut changed = leaf.der.clone();
    // The last bytes are the last of S, which any number may be.
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(code(validate(&[&changed], &anchors(&[&root]))), "x509_signature_mismatch");
}

#[test]
fn s20_an_algorithm_that_is_not_lent_is_refused() {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let params = authority("Fictional Root");
    let root = params.self_signed(&key).unwrap().der().to_vec();
    let issuer = rcgen::Issuer::from_params(&params, &key);
    let leaf = leaf_params().signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    let anchors = TrustAnchors::from_der(&[root]).unwrap();
    assert_eq!(code(validate(&[leaf.der()], &anchors)), "x509_algorithm_unsupported");
}

#[test]
fn s20_what_is_not_der_is_refused() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    let anchors = anchors(&[&root]);
    let judge = |der: &[u8]| code(validate(&[der], &anchors));
    assert_eq!(judge(b""), "x509_malformed");
    assert_eq!(judge(b"no certificate"), "x509_malformed");
    assert_eq!(judge(&[&leaf.der[..], &[0]].concat()), "x509_malformed");
    assert_eq!(judge(&leaf.der[..leaf.der.len() - 1]), "x509_malformed");
    // A length of three bytes where two say it: BER, not DER (X.690 §10.1).
    assert_eq!(leaf.der[..2], [0x30, 0x82]);
    let padded = [&[0x30, 0x83, 0], &leaf.der[2..]].concat();
    assert_eq!(judge(&padded), "x509_malformed");
    // FALSE of an extension's critical flag written out, which DER leaves away (X.690 §11.5).
    let name = [0x06, 0x03, 0x55, 0x1d, 0x11];
    let at = leaf.der.windows(name.len()).position(|window| window == name);
    let written = insert(&leaf.der, at.expect("subjectAltName") + name.len(), &[1, 1, 0]);
    assert_eq!(judge(&written), "x509_not_canonical");
}

/// Inserts bytes between two elements, and corrects the length of everything around them.
fn insert(element: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let content = element_content(element);
    let start = element.len() - content.len();
    let mut inner = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let here = start + content.len() - rest.len();
        let length = rest.len() - element_rest(rest).len();
        if here == at {
            inner.extend(bytes);
        }
        let (child, after) = rest.split_at(length);
        if here < at && at < here + length {
            inner.extend(insert(child, at - here, bytes));
        } else {
            inner.extend(child);
        }
        rest = after;
    }
    let length = u16::try_from(inner.len()).unwrap().to_be_bytes();
    let mut written = match inner.len() {
        0..=0x7f => vec![element[0], length[1]],
        0x80..=0xff => vec![element[0], 0x81, length[1]],
        _ => vec![element[0], 0x82, length[0], length[1]],
    };
    written.extend(inner);
    written
}

fn element_length(element: &[u8]) -> (usize, usize) {
    match element[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(element[2])),
        _ => (4, usize::from(u16::from_be_bytes([element[2], element[3]]))),
    }
}

fn element_content(element: &[u8]) -> &[u8] {
    let (start, length) = element_length(element);
    &element[start..start + length]
}

fn element_rest(elements: &[u8]) -> &[u8] {
    let (start, length) = element_length(elements);
    &elements[start + length..]
}

#[test]
fn s20_a_key_that_is_not_spoken_here_is_refused() {
    let root = Entity::root();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
    let issuer = rcgen::Issuer::from_params(&root.params, &root.key);
    let leaf = leaf_params().signed_by(&key, &issuer).unwrap().der().to_vec();
    assert_eq!(code(validate(&[&leaf], &anchors(&[&root]))), "x509_key");
}

#[test]
fn s20_pem_with_anything_but_certificates_is_refused() {
    let root = Entity::root();
    let issuer = Entity::intermediate(&root);
    let leaf = Entity::leaf(&issuer);
    let pem = |der: &[u8]| {
        let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    };
    let chain = CertificateChain::from_pem(&(pem(&leaf.der) + &pem(&issuer.der))).expect("PEM");
    assert_eq!(chain.certificates().collect::<Vec<_>>(), [&leaf.der[..], &issuer.der]);
    assert_eq!(TrustAnchors::from_pem(&pem(&root.der)), Ok(anchors(&[&root])));
    let secret = leaf.key.serialize_pem();
    for text in ["", "text", &secret, &(pem(&root.der) + &secret)] {
        assert_eq!(TrustAnchors::from_pem(text).unwrap_err().code(), "x509_pem");
    }
}

#[test]
fn s21_a_name_that_the_leaf_does_not_have_is_refused() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    let believed = validate(&[&leaf.der], &anchors(&[&root])).expect("a path");
    let refused = Err("x509_name_mismatch");
    let dns = |name| believed.check_dns_name(name).map_err(|e| e.code());
    assert_eq!(dns(DNS), Ok(()));
    assert_eq!(dns("Credentials.Trust.EXAMPLE"), Ok(()));
    for name in ["", "trust.example", "x.credentials.trust.example", "credentials.trust.example."] {
        assert_eq!(dns(name), refused, "{name}");
    }
    // A wildcard speaks for nobody, not even by its own spelling.
    assert_eq!(dns("a.wild.example"), refused);
    assert_eq!(dns("*.wild.example"), refused);

    let uri = |uri| believed.check_uri(uri).map_err(|e| e.code());
    assert_eq!(uri(URI), Ok(()));
    for other in ["", "https://credentials.trust.example/", "https://evil.example/identity"] {
        assert_eq!(uri(other), refused, "{other}");
    }
    assert_eq!(uri("HTTPS://credentials.trust.example/identity"), refused);
}

#[test]
fn s21_another_subject_key_identifier_is_refused() {
    let root = Entity::root();
    let mut params = leaf_params();
    // rcgen writes the identifier for authorities and explicit end entities.
    params.is_ca = IsCa::ExplicitNoCa;
    let leaf = Entity::signed(params, Some(&root));
    let believed = validate(&[&leaf.der], &anchors(&[&root])).expect("a path");
    let id = leaf.params.key_identifier(&leaf.key);
    assert_eq!(believed.subject_key_id(), Some(&id[..]));
    assert_eq!(believed.check_subject_key_id(&id), Ok(()));
    for other in [&id[1..], &[], &[0; 20]] {
        let refused = believed.check_subject_key_id(other).map_err(|e| e.code());
        assert_eq!(refused, Err("x509_name_mismatch"));
    }
}

#[test]
fn a_leaf_without_names_has_none() {
    let root = Entity::root();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, DNS);
    params.not_before = date_time_ymd(2026, 1, 1);
    let leaf = Entity::signed(params, Some(&root));
    let believed = validate(&[&leaf.der], &anchors(&[&root])).expect("a path");
    // The common name is no name (RFC 9525 §2).
    assert_eq!(believed.check_dns_name(DNS).map_err(|e| e.code()), Err("x509_name_mismatch"));
    assert_eq!(believed.dns_names().count() + believed.uris().count(), 0);
}

#[test]
fn an_object_identifier_is_dotted_numbers() {
    assert_eq!(oid(CLIENT_AUTH).to_string(), CLIENT_AUTH);
    for text in ["", "1", "client", "1.3.", "1..3", "3.1"] {
        let refused = ObjectId::parse(text).map_err(|e| e.code());
        assert_eq!(refused, Err("x509_object_identifier"), "{text}");
    }
}

#[test]
fn debug_prints_no_name() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    let chain = CertificateChain::from_x5c(&[&leaf.der]).unwrap();
    assert_eq!(format!("{chain:?}"), "CertificateChain { length: 1, .. }");
    assert_eq!(format!("{:?}", anchors(&[&root])), "TrustAnchors { count: 1 }");
    let believed = validate(&[&leaf.der], &anchors(&[&root])).expect("a path");
    assert_eq!(format!("{believed:?}"), "ValidatedLeaf { .. }");
    assert!(!base64url::encode(believed.sha256()).is_empty());
}

fn oid(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

/// Every bit of a leaf: none of them can be changed and the leaf still be believed.
#[test]
fn s20_no_single_bit_flip_is_believed() {
    let root = Entity::root();
    let leaf = Entity::leaf(&root);
    let anchors = anchors(&[&root]);
    for at in 0..leaf.der.len() {
        for bit in 0..8 {
            let mut changed = leaf.der.clone();
            changed[at] ^= 1 << bit;
            assert!(validate(&[&changed], &anchors).is_err(), "byte {at}, bit {bit}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(CertificateChain::from_x5c(&[bytes]).is_err());
    }

    #[test]
    fn no_pem_makes_it_panic(text in "(-----BEGIN CERTIFICATE-----|[A-Za-z0-9+/=\n-]{0,40}){0,4}") {
        prop_assert!(TrustAnchors::from_pem(&text).is_err());
    }
}
