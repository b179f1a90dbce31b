//! Requests of OpenID4VP 1.0 under every kind of client, encrypted and by POST; and HAIP 1.0.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::*;
use serde_json::{Value, json};
use staffpass_jose::jwe::ContentEncryption;
use staffpass_jose::{Algorithm, CryptoProvider};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_query::{CredentialQuery, DcqlQuery, Format};
use staffpass_request::openid4vp::{
    AuthorizationRequest, ClientIdPrefix, Party, RequestBuilder, ResponseKey, TransactionData,
    VerifierInfo, WalletPost,
};
use staffpass_request::{
    ClientKey, Link, Profile, Protocol, Request, RequestError, RequestObject, RequestUriMethod,
    RequestedCredential, ResponseMode, Transport, UnverifiedRequestObject,
};

const VCT: &str = "https://credentials.example/identity";

/// A leaf for `portal.example` by a local authority, and the authority's own certificate.
fn certificates() -> (Vec<u8>, Vec<u8>) {
    let mut authority = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "Example authority");
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let anchor = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let mut leaf = rcgen::CertificateParams::new(vec!["portal.example".to_owned()]).unwrap();
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "Example portal");
    let leaf = leaf.signed_by(&rcgen::KeyPair::generate().unwrap(), &issuer).unwrap();
    (leaf.der().to_vec(), anchor.der().to_vec())
}

fn sd_jwt() -> RequestedCredential {
    RequestedCredential::new("identity", "StaffIdentity")
        .with_vct(VCT)
        .with_format(Format::DcSdJwt)
        .with_claims(["family_name", "address.postcode"])
}

fn builder(party: &Party) -> RequestBuilder {
    RequestBuilder::new(party, [sd_jwt()]).unwrap()
}

fn signed(builder: RequestBuilder) -> Request {
    builder.build(now(), &mut rng(3)).unwrap().sign(&key()).unwrap()
}

fn code(builder: RequestBuilder) -> &'static str {
    builder.build(now(), &mut rng(3)).unwrap_err().code()
}

fn read(request: &Request) -> UnverifiedRequestObject {
    RequestObject::parse(request.object().as_str()).unwrap()
}

fn openid4vp(object: &UnverifiedRequestObject) -> &AuthorizationRequest {
    match object.unverified_request() {
        staffpass_request::AuthorizationRequest::OpenId4Vp(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_sd_jwt_vc_is_asked_for_by_its_vct_and_its_claims_at_the_top() {
    let (_, claims) = decode(signed(builder(&openid4vp_party())).object().as_str());
    assert_eq!(
        claims["dcql_query"]["credentials"],
        json!([{
            "id": "identity",
            "format": "dc+sd-jwt",
            "meta": { "vct_values": [VCT] },
            "claims": [{ "path": ["family_name"] }, { "path": ["address", "postcode"] }],
        }])
    );
    let algorithms = json!(["ES256", "ES256K", "ES384", "EdDSA"]);
    assert_eq!(
        claims["client_metadata"]["vp_formats_supported"],
        json!({ "dc+sd-jwt": {
            "sd-jwt_alg_values": algorithms,
            "kb-jwt_alg_values": algorithms,
        } })
    );
}

#[test]
fn an_sd_jwt_vc_without_a_vct_is_not_asked_for() {
    let asked = RequestedCredential::new("identity", "StaffIdentity").with_format(Format::DcSdJwt);
    let error = RequestBuilder::new(&openid4vp_party(), [asked]).unwrap_err();
    assert_eq!(error, RequestError::MemberMissing { member: "vct_values" });
}

#[test]
fn microsofts_wallets_are_asked_for_no_sd_jwt_vc() {
    let asked = sd_jwt().with_issuers([ISSUER]);
    let builder = staffpass_request::microsoft::RequestBuilder::new(&microsoft_party(), [asked]);
    let error = builder.build(now(), &mut rng(1)).unwrap_err();
    assert_eq!(error, RequestError::FormatNotSpoken { part: 0 });
}

#[test]
fn an_encrypted_answer_has_a_key_of_its_own_that_only_the_portal_keeps() {
    let party = openid4vp_party();
    let request = signed(builder(&party).encrypted_to(AwsLc.agreement_key().unwrap()));
    let (_, claims) = decode(request.object().as_str());
    let own = request.response_key().unwrap();
    assert_eq!(claims["response_mode"], "direct_post.jwt");
    let metadata = &claims["client_metadata"];
    assert_eq!(metadata["encrypted_response_enc_values_supported"], json!(["A128GCM", "A256GCM"]));
    let jwk = &metadata["jwks"]["keys"][0];
    assert_eq!((&jwk["kid"], &jwk["alg"]), (&json!(own.kid()), &json!("ECDH-ES")));
    assert_eq!((&jwk["use"], &jwk["d"]), (&json!("enc"), &Value::Null));
    let expectation = request.expectation();
    assert_eq!(expectation.response_mode(), Some(ResponseMode::DirectPostJwt));
    assert_eq!(expectation.response_key_id(), Some(own.kid()));
    let private: Value = serde_json::from_str(own.private_jwk()).unwrap();
    let secret = private["d"].as_str().unwrap().to_owned();
    assert!(!serde_json::to_string(expectation).unwrap().contains(&secret));
    assert!(!format!("{request:?} {own:?}").contains(&secret));
    AwsLc.agreement_key_from_private_jwk(own.private_jwk()).unwrap();
}

#[test]
fn the_key_is_stored_with_the_request_and_comes_back() {
    let party = openid4vp_party();
    let request = signed(builder(&party).encrypted_to(AwsLc.agreement_key().unwrap()));
    let stored = serde_json::to_string(&request).unwrap();
    let back: Request = serde_json::from_str(&stored).unwrap();
    let (was, is) = (request.response_key().unwrap(), back.response_key().unwrap());
    assert_eq!((was.kid(), was.private_jwk()), (is.kid(), is.private_jwk()));
    let key: ResponseKey = serde_json::from_value(serde_json::to_value(is).unwrap()).unwrap();
    assert_eq!(&key, is);
}

#[test]
fn a_wallet_encrypts_to_the_requests_key_with_the_strongest_that_is_offered() {
    let party = openid4vp_party();
    let request = signed(builder(&party).encrypted_to(AwsLc.agreement_key().unwrap()));
    let object = read(&request);
    let encryption = openid4vp(&object).response_encryption.clone().unwrap();
    assert_eq!(encryption.kid, request.response_key().unwrap().kid());
    assert_eq!(encryption.content_encryption, ContentEncryption::A256Gcm);
}

#[test]
fn an_encrypted_mode_without_a_usable_key_is_refused() {
    let party = openid4vp_party();
    let request = signed(builder(&party).encrypted_to(AwsLc.agreement_key().unwrap()));
    let (header, claims) = decode(request.object().as_str());
    let refused = |change: fn(&mut Value)| {
        let mut claims = claims.clone();
        change(&mut claims["client_metadata"]);
        RequestObject::parse(&encode(&header, &claims)).unwrap_err().code()
    };
    assert_eq!(
        refused(|metadata| drop(metadata.as_object_mut().unwrap().remove("jwks"))),
        "request_member_missing"
    );
    let changes: [fn(&mut Value); 6] = [
        |metadata| metadata["jwks"]["keys"] = json!([]),
        |metadata| metadata["jwks"]["keys"][0]["alg"] = json!("RSA-OAEP"),
        |metadata| metadata["jwks"]["keys"][0]["use"] = json!("sig"),
        |metadata| drop(metadata["jwks"]["keys"][0].as_object_mut().unwrap().remove("kid")),
        |metadata| metadata["jwks"]["keys"][0]["x"] = json!("AQ"),
        |metadata| metadata["encrypted_response_enc_values_supported"] = json!(["A128CBC-HS256"]),
    ];
    for change in changes {
        assert_eq!(refused(change), "request_member_value");
    }
}

#[test]
fn without_a_list_the_content_encryption_is_a128gcm() {
    let party = openid4vp_party();
    let request = signed(builder(&party).encrypted_to(AwsLc.agreement_key().unwrap()));
    let (header, mut claims) = decode(request.object().as_str());
    let metadata = claims["client_metadata"].as_object_mut().unwrap();
    metadata.remove("encrypted_response_enc_values_supported");
    let object = RequestObject::parse(&encode(&header, &claims)).unwrap();
    let encryption = openid4vp(&object).response_encryption.clone().unwrap();
    assert_eq!(encryption.content_encryption, ContentEncryption::A128Gcm);
}

#[test]
fn a_client_of_x509_hash_signs_with_its_chain_and_no_kid() {
    let (leaf, _) = certificates();
    let party =
        Party::x509_hash(std::slice::from_ref(&leaf), Algorithm::Es256, endpoints()).unwrap();
    let request = signed(builder(&party));
    let (header, claims) = decode(request.object().as_str());
    assert_eq!(header["kid"], Value::Null);
    assert_eq!(header["x5c"].as_array().unwrap().len(), 1);
    assert_eq!(claims["client_id"], party.client_id());
    assert!(party.client_id().starts_with("x509_hash:"));
    assert_eq!(party.client_id().len(), "x509_hash:".len() + 43);
    let object = read(&request);
    assert_eq!(object.client_key(), ClientKey::Certificates(&[leaf]));
    assert_eq!((object.client_did(), object.key_id()), ("", ""));
    assert_eq!(request.expectation().client_id(), party.client_id());
}

#[test]
fn a_client_of_x509_san_dns_is_a_name_of_its_certificate_and_its_host() {
    let (leaf, _) = certificates();
    let chain = [leaf.clone()];
    let named = |name: &str| Party::x509_san_dns(name, &chain, Algorithm::Es256, endpoints());
    let party = named("portal.example").unwrap();
    assert_eq!(party.client_id(), "x509_san_dns:portal.example");
    let object = read(&signed(builder(&party)));
    assert_eq!(object.client_key(), ClientKey::Certificates(std::slice::from_ref(&leaf)));
    assert_eq!(named("other.example").unwrap_err(), RequestError::CertificateName);
    let elsewhere = staffpass_request::Endpoints::new("https://a.example/r", "https://a.example/p");
    let elsewhere =
        Party::x509_san_dns("portal.example", &chain, Algorithm::Es256, elsewhere.unwrap());
    assert_eq!(elsewhere.unwrap_err(), RequestError::CertificateName);
}

#[test]
fn s21_neither_an_anchor_nor_a_self_signed_leaf_stands_in_x5c() {
    let (leaf, anchor) = certificates();
    let party = |chain: &[Vec<u8>]| Party::haip(chain, endpoints()).unwrap_err();
    assert_eq!(party(&[leaf.clone(), anchor.clone()]), RequestError::CertificateSelfSigned);
    assert_eq!(party(&[anchor]), RequestError::CertificateSelfSigned);
    assert_eq!(party(&[]), RequestError::CertificateForm);
    assert_eq!(party(&[vec![0x30, 0x03, 1, 2, 3]]), RequestError::CertificateForm);
    assert_eq!(party(&vec![leaf; 7]), RequestError::CertificateForm);
}

#[test]
fn a_request_object_with_the_certificate_of_another_client_is_refused() {
    let ((leaf, anchor), (other, _)) = (certificates(), certificates());
    let party = Party::x509_hash(&[leaf], Algorithm::Es256, endpoints()).unwrap();
    let (header, claims) = decode(signed(builder(&party)).object().as_str());
    let standard = |der: &[u8]| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(der)
    };
    let code = |x5c: Value, client_id: &str| {
        let (mut header, mut claims) = (header.clone(), claims.clone());
        header["x5c"] = x5c;
        claims["client_id"] = json!(client_id);
        RequestObject::parse(&encode(&header, &claims)).unwrap_err().code()
    };
    let own = header["x5c"].clone();
    let hash = party.client_id();
    assert_eq!(code(json!([standard(&other)]), hash), "request_certificate_name");
    assert_eq!(code(json!([standard(&anchor)]), hash), "request_certificate_self_signed");
    assert_eq!(code(own.clone(), "x509_san_dns:evil.example"), "request_certificate_name");
    assert_eq!(
        code(own.clone(), "decentralized_identifier:did:web:portal.example"),
        "request_member_missing"
    );
    let address = claims["response_uri"].as_str().unwrap();
    assert_eq!(code(own.clone(), &format!("redirect_uri:{address}")), "request_client_id_prefix");
    assert_eq!(code(own, "verifier_attestation:portal.example"), "request_client_id_prefix");
}

#[test]
fn a_client_that_is_known_already_has_a_name_without_a_colon() {
    let known = |name: &str| Party::pre_registered(name, "key-1", Algorithm::Es256, endpoints());
    let party = known("example-portal").unwrap();
    let request = signed(builder(&party));
    let object = read(&request);
    let own = ClientKey::Registered { client_id: "example-portal", key_id: Some("key-1") };
    assert_eq!(object.client_key(), own);
    assert_eq!(known("https://portal.example").unwrap_err(), RequestError::ClientIdPrefix);
    assert_eq!(known("").unwrap_err().code(), "request_text_form");
    assert_eq!(ClientIdPrefix::split("a"), Some((ClientIdPrefix::PreRegistered, "a")));
    assert_eq!(ClientIdPrefix::split("origin:https://a.example"), None);
    assert_eq!(ClientIdPrefix::split(":a"), None);
    assert_eq!(ClientIdPrefix::split(""), None);
}

#[test]
fn an_unsigned_request_is_whole_in_its_link_and_never_signed() {
    let party = Party::unsigned_for_tests(endpoints());
    assert_eq!(code(builder(&party)), "request_unsigned");
    let request = builder(&party).build_by_value(now(), &mut rng(3)).unwrap();
    let client_id = format!("redirect_uri:{}", request.response_uri());
    assert_eq!(request.expectation().client_id(), client_id);
    let read = AuthorizationRequest::from_unsigned_link(request.link(), Transport::Https).unwrap();
    assert_eq!(read.client_id, client_id);
    assert_eq!(read.response_uri, request.response_uri());
    assert_eq!(read.nonce, request.expectation().nonce().as_str());
    assert_eq!(read.state.as_deref(), Some(request.expectation().state().unwrap().as_str()));
    assert_eq!(Some(&read.query), request.expectation().query());
    assert!(!request.link().contains('+'));
    let signs = builder(&openid4vp_party()).build_by_value(now(), &mut rng(3)).unwrap_err();
    assert_eq!(signs, RequestError::Unsigned);
}

#[test]
fn an_unsigned_link_for_another_address_or_with_something_twice_is_refused() {
    let party = Party::unsigned_for_tests(endpoints());
    let link = builder(&party).build_by_value(now(), &mut rng(3)).unwrap().link().to_owned();
    let code = |link: &str| {
        AuthorizationRequest::from_unsigned_link(link, Transport::Https).unwrap_err().code()
    };
    assert_eq!(
        code(&link.replace("response_uri=https%3A%2F%2Fportal", "response_uri=https%3A%2F%2Fevil")),
        "request_address_origin"
    );
    assert_eq!(code(&format!("{link}&nonce=again")), "request_link_form");
    assert_eq!(code(&link.replace("openid4vp:", "openid-vc:")), "request_link_scheme");
    assert_eq!(code(&format!("{link}&scope=openid")), "request_member_forbidden");
}

#[test]
fn haip_has_one_way_to_ask() {
    let (leaf, _) = certificates();
    let party = Party::haip(&[leaf], endpoints()).unwrap();
    let encrypted = |builder: RequestBuilder| builder.encrypted_to(AwsLc.agreement_key().unwrap());
    let request = signed(encrypted(builder(&party)));
    assert!(request.link().starts_with("haip-vp://?client_id=x509_hash%3A"));
    let link = Link::parse(request.link()).unwrap();
    assert_eq!((link.protocol(), link.profile()), (Protocol::OpenId4Vp, Profile::Haip));
    assert!(link.read_object(request.object().as_str()).is_ok());
    assert_eq!(link.to_string(), request.link());
    assert_eq!(request.expectation().profile(), Profile::Haip);
    let (header, claims) = decode(request.object().as_str());
    assert_eq!(header["alg"], "ES256");
    let formats = &claims["client_metadata"]["vp_formats_supported"];
    let es256 = json!({ "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] });
    assert_eq!(*formats, json!({ "dc+sd-jwt": es256 }));

    assert_eq!(code(builder(&party)), "request_profile");
    let vc = RequestBuilder::new(&party, [identity()]).unwrap();
    assert_eq!(code(encrypted(vc)), "request_profile");
    let unbound = CredentialQuery::sd_jwt_vc("identity", VCT).accept_without_holder_binding();
    let unbound = RequestBuilder::for_query(&party, DcqlQuery::new([unbound]).unwrap());
    assert_eq!(code(encrypted(unbound)), "request_profile");
}

#[test]
fn a_base_request_is_stored_as_before() {
    let stored = serde_json::to_value(openid4vp_request(1).expectation()).unwrap();
    for member in ["profile", "response_key_id", "transaction_data"] {
        assert_eq!(stored.get(member), None, "{member}");
    }
}

#[test]
fn a_wallet_that_posts_gets_its_nonce_in_an_object_that_is_else_the_same() {
    let key = key();
    let builder = builder(&openid4vp_party()).request_uri_method(RequestUriMethod::Post);
    let request = builder.build(now(), &mut rng(3)).unwrap().sign(&key).unwrap();
    assert!(request.link().ends_with("&request_uri_method=post"));
    assert_eq!(Link::parse(request.link()).unwrap().request_uri_method(), RequestUriMethod::Post);
    let post = WalletPost::parse(b"wallet_nonce=qPmxiNFCR3QTm19POc8u&x=y&wallet_metadata=%7B%7D");
    let post = post.unwrap();
    assert_eq!(post.wallet_metadata.as_ref().map(serde_json::Map::len), Some(0));
    let nonce = post.wallet_nonce.unwrap();
    let object = request.object().with_wallet_nonce(&nonce).unwrap().sign(&key).unwrap();
    let (header, mut claims) = decode(object.as_str());
    let (plain_header, plain) = decode(request.object().as_str());
    assert_eq!(header, plain_header);
    assert_eq!(claims.as_object_mut().unwrap().remove("wallet_nonce"), Some(json!(nonce)));
    assert_eq!(claims, plain);
    let read = RequestObject::parse(object.as_str()).unwrap();
    let verified = read.verify(staffpass_jose::Signer::verification_key(&key)).unwrap();
    assert_eq!(verified.nonce(), request.expectation().nonce().as_str());
    assert_eq!(openid4vp(&read).wallet_nonce.as_deref(), Some(&*nonce));
}

#[test]
fn the_certificates_stay_when_a_wallet_posts() {
    let (leaf, _) = certificates();
    let party = Party::x509_hash(&[leaf], Algorithm::Es256, endpoints()).unwrap();
    let request = signed(builder(&party));
    let object = request.object().with_wallet_nonce("n").unwrap().sign(&key()).unwrap();
    let headers = (decode(object.as_str()).0, decode(request.object().as_str()).0);
    assert_eq!(headers.0, headers.1);
}

#[test]
fn microsofts_request_objects_take_no_wallet_nonce() {
    let error = microsoft_request(1).object().with_wallet_nonce("n").unwrap_err();
    assert_eq!(error, RequestError::MemberForbidden { member: "wallet_nonce" });
}

#[test]
fn r10_what_a_wallet_posts_for_the_object_is_bounded() {
    let parsed = |body: &str| WalletPost::parse(body.as_bytes());
    assert_eq!(parsed("").unwrap(), WalletPost::default());
    let long = format!("wallet_metadata=%22{}%22", "a".repeat(65 * 1024));
    let deep = format!("wallet_metadata=%7B%22a%22:{}1{}%7D", "[".repeat(40), "]".repeat(40));
    for bad in [
        "wallet_nonce=a&wallet_nonce=b",
        "wallet_nonce=",
        "wallet_nonce=a%20b",
        "wallet_metadata=%5B%5D",
        "wallet_metadata=nonsense",
        "wallet_metadata=%7B%22a%22:1,%22a%22:2%7D",
        &long,
        &deep,
        &format!("wallet_nonce={}", "n".repeat(513)),
        &"x=y&".repeat(20),
    ] {
        let error = parsed(bad).unwrap_err();
        assert_eq!(error.code(), "request_member_value", "{}", &bad[..bad.len().min(40)]);
    }
    assert_eq!(WalletPost::parse(&[0xff]).unwrap_err().code(), "request_member_value");
    let post = parsed("wallet_nonce=secret").unwrap();
    assert!(!format!("{post:?}").contains("secret"));
}

#[test]
fn transaction_data_are_sent_as_they_are_kept() {
    let data = TransactionData::new("https://example.org/consent", ["identity"])
        .with_member("text", json!("Share your record"))
        .with_member("type", json!("another"));
    let request = signed(builder(&openid4vp_party()).transaction_data(data));
    let (_, claims) = decode(request.object().as_str());
    let sent = claims["transaction_data"].as_array().unwrap();
    assert_eq!(request.expectation().transaction_data(), [sent[0].as_str().unwrap()]);
    let bytes = staffpass_jose::base64url::decode(sent[0].as_str().unwrap()).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&bytes).unwrap(),
        json!({
            "type": "https://example.org/consent",
            "credential_ids": ["identity"],
            "text": "Share your record",
        })
    );
}

#[test]
fn transaction_data_need_a_credential_of_the_query_with_its_holders_key() {
    let party = openid4vp_party();
    let code_of = |ids: &[&str]| {
        code(builder(&party).transaction_data(TransactionData::new("t", ids.iter().copied())))
    };
    assert_eq!(code_of(&["other"]), "request_member_value");
    assert_eq!(code_of(&[]), "request_member_value");
    let unbound = CredentialQuery::sd_jwt_vc("identity", VCT).accept_without_holder_binding();
    let unbound = RequestBuilder::for_query(&party, DcqlQuery::new([unbound]).unwrap());
    let unbound = unbound.transaction_data(TransactionData::new("t", ["identity"]));
    assert_eq!(code(unbound), "request_member_value");
}

#[test]
fn an_attestation_about_the_verifier_is_sent_as_it_is() {
    let info = VerifierInfo::new("jwt", json!("eyJ..")).for_credentials(["identity"]);
    let (_, claims) =
        decode(signed(builder(&openid4vp_party()).verifier_info(info)).object().as_str());
    let sent = json!([{ "format": "jwt", "data": "eyJ..", "credential_ids": ["identity"] }]);
    assert_eq!(claims["verifier_info"], sent);
    for info in [
        VerifierInfo::new("", json!("x")),
        VerifierInfo::new("jwt", json!(5)),
        VerifierInfo::new("jwt", json!("x")).for_credentials(["other"]),
    ] {
        let builder = builder(&openid4vp_party()).verifier_info(info);
        assert_eq!(code(builder), "request_member_value");
    }
}
