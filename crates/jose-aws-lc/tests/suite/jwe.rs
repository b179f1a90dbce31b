//! Encrypted responses: what opens, what is refused, and what is sealed.

use serde_json::{Value, json};
use staffpass_jose::jwe::{AgreementKey, ContentEncryption, Limits, Sealing, UnopenedJwe};
use staffpass_jose::{Curve, KeyUse, PublicKey, base64url};

use super::{Subject, hex};

const VECTORS: &str = include_str!("../vectors/wycheproof/json_web_encryption_test.json");

/// The key of RFC 7518 appendix C that belongs to Bob, the recipient.
fn bob() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    })
}

/// Alice's ephemeral key of the same appendix.
fn alice() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
    })
}

fn bob_key(subject: &Subject) -> Box<dyn AgreementKey> {
    key_of(subject, &bob()).expect("the key of the appendix")
}

fn key_of(subject: &Subject, jwk: &Value) -> Result<Box<dyn AgreementKey>, &'static str> {
    subject.provider.agreement_key_from_private_jwk(&jwk.to_string()).map_err(|e| e.code())
}

fn parse(compact: &str) -> Result<UnopenedJwe, &'static str> {
    UnopenedJwe::parse(compact, &Limits::default()).map_err(|e| e.code())
}

fn open(key: &dyn AgreementKey, compact: &str) -> Result<Vec<u8>, &'static str> {
    let plaintext = key.open(&parse(compact)?).map_err(|e| e.code())?;
    Ok(plaintext.to_vec())
}

fn seal(subject: &Subject, recipient: &PublicKey, sealing: &Sealing, text: &[u8]) -> String {
    subject.provider.seal(recipient, sealing, text).expect("a JWE")
}

fn sealed(subject: &Subject, key: &dyn AgreementKey) -> String {
    let sealing = Sealing::new(ContentEncryption::A128Gcm).kid(&key.kid());
    seal(subject, key.public_key(), &sealing, b"{\"state\":\"1\"}")
}

/// A JWE with this header, whose other parts have the right shape.
fn with_header(header: &Value) -> String {
    let header = base64url::encode(header.to_string());
    format!("{header}..{}.{}.{}", base64url::encode([1; 12]), "AQ", base64url::encode([2; 16]))
}

fn good_header() -> Value {
    json!({"alg": "ECDH-ES", "enc": "A128GCM", "epk": alice()})
}

fn changed(member: &str, value: impl Into<Value>) -> String {
    let mut header = good_header();
    header[member] = value.into();
    with_header(&header)
}

/// The parties, keys and `enc` of the appendix. It stops at the content key,
/// `VqqN6vgjbSBcIijNcacQGg`, under which this was encrypted by another implementation.
pub(crate) fn rfc_7518_appendix_c(subject: &Subject) {
    let header = concat!(
        r#"{"alg":"ECDH-ES","enc":"A128GCM","apu":"QWxpY2U","apv":"Qm9i","epk":{"kty":"EC","#,
        r#""crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","#,
        r#""y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}}"#,
    );
    let header = base64url::encode(header);
    let token =
        format!("{header}..AAAAAAAAAAAAAAAA.w7vq7pZ2UaNXBwtQ34rPhd-qXad3.zf-u5W3QkdYzJXSfYayGzA");
    let plaintext = open(&*bob_key(subject), &token);
    assert_eq!(plaintext.as_deref(), Ok(&b"the key of appendix C"[..]));
}

/// The vectors for EC keys, as they say. What is refused though valid wraps a key, or encrypts with
/// CBC or a 192-bit key, or to P-384.
pub(crate) fn wycheproof_json_web_encryption_vectors(subject: &Subject) {
    let file: Value = serde_json::from_str(VECTORS).expect("a vector file");
    let (mut opened, mut not_spoken, mut refused) = (0, 0, 0);
    for group in file["testGroups"].as_array().expect("groups") {
        for test in group["tests"].as_array().expect("tests") {
            let (id, valid) = (&test["tcId"], test["result"] == "valid");
            let token = test["jwe"].as_str().map_or_else(|| test["jwe"].to_string(), str::to_owned);
            match judge(subject, &group["private"], &token) {
                Ok(plaintext) => {
                    assert!(valid, "{id} was opened");
                    let expected = test["pt"].as_str().map(hex);
                    assert!(expected.is_none_or(|expected| expected == plaintext), "{id}");
                    opened += 1;
                }
                Err(code) if valid => {
                    assert!(NOT_SPOKEN.contains(&code), "{id} was refused: {code}");
                    not_spoken += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert_eq!((opened, not_spoken, refused), (2, 63, 74));
}

/// The only reasons to refuse a valid vector.
const NOT_SPOKEN: [&str; 7] = [
    "jwe_algorithm_unsupported",
    "jwe_encryption_unsupported",
    "jwe_not_five_parts",
    "jwe_compressed",
    "key_type_unsupported",
    "key_curve_unsupported",
    "key_algorithm_mismatch",
];

/// The token is read first, as at an endpoint, then its key.
fn judge(subject: &Subject, private: &Value, token: &str) -> Result<Vec<u8>, &'static str> {
    let jwe = parse(token)?;
    let key = key_of(subject, private)?;
    key.open(&jwe).map(|plaintext| plaintext.to_vec()).map_err(|e| e.code())
}

pub(crate) fn what_is_sealed_opens(subject: &Subject) {
    let key = subject.provider.agreement_key().expect("a key");
    for enc in ContentEncryption::ALL {
        for plaintext in [&b""[..], b"{}", &[7; 100_000]] {
            let sealing = Sealing::new(enc).kid("k").apu(*b"nonce").apv(*b"client").cty("json");
            let token = seal(subject, key.public_key(), &sealing.typ("JWE"), plaintext);
            let jwe = parse(&token).expect("a JWE");
            assert_eq!(jwe.header().enc, enc);
            assert_eq!(jwe.header().kid.as_deref(), Some("k"));
            assert_eq!(jwe.header().apu.as_deref(), Some(&b"nonce"[..]));
            assert_eq!(jwe.header().apv.as_deref(), Some(&b"client"[..]));
            assert_eq!(jwe.header().cty.as_deref(), Some("json"));
            assert_eq!(jwe.header().typ.as_deref(), Some("JWE"));
            assert_eq!(open(&*key, &token).as_deref(), Ok(plaintext));
        }
    }
}

pub(crate) fn no_two_jwes_share_a_key_or_a_vector(subject: &Subject) {
    let key = subject.provider.agreement_key().expect("a key");
    let (one, two) = (sealed(subject, &*key), sealed(subject, &*key));
    let (one, two) = (parse(&one).expect("a JWE"), parse(&two).expect("a JWE"));
    assert_ne!(one.header().epk, two.header().epk);
    assert_ne!(one.initialization_vector(), two.initialization_vector());
    let other = subject.provider.agreement_key().expect("a key");
    assert_ne!(key.kid(), other.kid());
}

pub(crate) fn an_agreement_key_comes_back_from_its_private_jwk(subject: &Subject) {
    let key = subject.provider.agreement_key().expect("a key");
    let token = sealed(subject, &*key);
    let again = subject.provider.agreement_key_from_private_jwk(&key.private_jwk());
    let again = again.expect("the same key");
    assert_eq!(again.private_jwk(), key.private_jwk());
    assert_eq!(again.public_key(), key.public_key());
    assert!(open(&*again, &token).is_ok());

    let jwk = key.public_jwk();
    assert_eq!((&jwk["alg"], &jwk["use"]), (&json!("ECDH-ES"), &json!("enc")));
    assert_eq!(jwk["kid"], json!(key.kid()));
    assert_eq!(jwk.get("d"), None);
    let public = PublicKey::from_jwk(&jwk).expect("a public key");
    assert_eq!(public.key_use(), KeyUse::Encryption);
    assert_eq!(&public, key.public_key());
}

pub(crate) fn pf38_halves_of_two_agreement_keys_make_no_key(subject: &Subject) {
    let with = |member: &str, value: Value| {
        let mut jwk = bob();
        jwk[member] = value;
        key_of(subject, &jwk).map(|_| ()).err()
    };
    assert_eq!(with("x", alice()["x"].clone()), Some("key_public_mismatch"));
    assert_eq!(with("y", alice()["y"].clone()), Some("key_public_mismatch"));
    assert_eq!(with("d", json!(base64url::encode([0; 32]))), Some("key_secret_invalid"));
    assert_eq!(with("d", json!(base64url::encode([255; 32]))), Some("key_secret_invalid"));
    assert_eq!(with("d", json!("AQ")), Some("key_secret_invalid"));
    assert_eq!(with("d", Value::Null), Some("key_secret_invalid"));
    assert_eq!(with("crv", json!("P-384")), Some("key_curve_unsupported"));
    assert_eq!(with("kty", json!("OKP")), Some("key_type_unsupported"));
    assert_eq!(with("use", json!("sig")), Some("key_use_mismatch"));
    assert_eq!(with("alg", json!("ES256")), Some("key_algorithm_mismatch"));
    assert_eq!(with("alg", json!("ECDH-ES")), None);
}

pub(crate) fn p09_another_key_does_not_open(subject: &Subject) {
    let key = subject.provider.agreement_key().expect("a key");
    let other = subject.provider.agreement_key().expect("a key");
    assert_eq!(open(&*other, &sealed(subject, &*key)), Err("jwe_not_opened"));
}

pub(crate) fn p10_other_algorithms_are_refused(subject: &Subject) {
    let key = bob_key(subject);
    let algorithms = [
        "dir",
        "RSA1_5",
        "RSA-OAEP",
        "RSA-OAEP-256",
        "A128KW",
        "A256GCMKW",
        "ECDH-ES+A128KW",
        "ECDH-ES+A256KW",
        "ecdh-es",
        "none",
        "ES256",
        "",
    ];
    for alg in algorithms {
        assert_eq!(open(&*key, &changed("alg", alg)), Err("jwe_algorithm_unsupported"), "{alg}");
    }
    assert_eq!(open(&*key, &changed("alg", Value::Null)), Err("jwe_algorithm_unsupported"));
}

pub(crate) fn p10_another_content_encryption_is_refused(subject: &Subject) {
    let key = bob_key(subject);
    for enc in ["A192GCM", "A128CBC-HS256", "A256CBC-HS512", "a128gcm", "none", ""] {
        assert_eq!(open(&*key, &changed("enc", enc)), Err("jwe_encryption_unsupported"), "{enc}");
    }
    // Of the right kind, but not the one that was used: key and authenticated data both differ.
    let token = sealed(subject, &*key);
    let (header, rest) = token.split_once('.').expect("five parts");
    let header = String::from_utf8(base64url::decode(header).unwrap()).unwrap();
    let header = base64url::encode(header.replace("A128GCM", "A256GCM"));
    assert_eq!(open(&*key, &format!("{header}.{rest}")), Err("jwe_not_opened"));
}

/// PF19 and P10: a compressed plaintext may be any size.
pub(crate) fn pf19_jwe_zip_refused(subject: &Subject) {
    for zip in [json!("DEF"), json!("GZ"), Value::Null, json!(1)] {
        assert_eq!(open(&*bob_key(subject), &changed("zip", zip)), Err("jwe_compressed"));
    }
}

/// PF19 and P11: passwords and their rounds are not implemented, whatever `alg` says.
pub(crate) fn pf19_jwe_pbes2_refused(subject: &Subject) {
    let key = bob_key(subject);
    let refused = open(&*key, &changed("alg", "PBES2-HS256+A128KW"));
    assert_eq!(refused, Err("jwe_algorithm_unsupported"));
    for (member, value) in [("p2c", json!(1_000_000)), ("p2s", json!("AQ"))] {
        assert_eq!(open(&*key, &changed(member, value)), Err("jwe_foreign_member"), "{member}");
    }
}

pub(crate) fn p11_rounds_cost_nothing(subject: &Subject) {
    let mut header = good_header();
    header["alg"] = json!("PBES2-HS512+A256KW");
    header["p2c"] = json!(u64::MAX);
    let refused = open(&*bob_key(subject), &with_header(&header));
    assert_eq!(refused, Err("jwe_algorithm_unsupported"));
}

pub(crate) fn s14_any_crit_of_a_jwe_is_refused(subject: &Subject) {
    for crit in [json!(["exp"]), json!([]), Value::Null] {
        let refused = open(&*bob_key(subject), &changed("crit", crit));
        assert_eq!(refused, Err("jwe_critical_extension"));
    }
}

pub(crate) fn p12_malformed_jwes_are_refused(subject: &Subject) {
    let key = bob_key(subject);
    let good = sealed(subject, &*key);
    let parts: Vec<&str> = good.split('.').collect();
    let with = |index: usize, part: &str| {
        let mut parts = parts.clone();
        parts[index] = part;
        open(&*key, &parts.join("."))
    };
    for text in ["", ".", "....", "a.b.c.d", "a.b.c.d.e.f", "{}", r#"{"ciphertext":"AQ"}"#] {
        let refused = open(&*key, text);
        assert!(matches!(refused, Err("jwe_not_five_parts" | "jwe_header")), "{text} {refused:?}");
    }
    assert_eq!(with(0, "!"), Err("jwe_base64"));
    assert_eq!(with(0, &base64url::encode("[]")), Err("jwe_header"));
    assert_eq!(with(1, "AQ"), Err("jwe_encrypted_key"));
    assert_eq!(with(2, ""), Err("jwe_length"));
    assert_eq!(with(2, &base64url::encode([0; 16])), Err("jwe_length"));
    assert_eq!(with(2, &base64url::encode([0; 12])), Err("jwe_not_opened"));
    assert_eq!(with(3, "A"), Err("jwe_base64"));
    assert_eq!(with(3, ""), Err("jwe_not_opened"));
    assert_eq!(with(4, ""), Err("jwe_length"));
    for length in [1, 8, 12, 15, 17] {
        assert_eq!(with(4, &base64url::encode(vec![0; length])), Err("jwe_length"), "{length}");
    }
    assert_eq!(with(4, &base64url::encode([0; 16])), Err("jwe_not_opened"));
    assert_eq!(open(&*key, &(good.clone() + "=")), Err("jwe_base64"));
    assert_eq!(open(&*key, &good).as_deref(), Ok(&b"{\"state\":\"1\"}"[..]));
}

pub(crate) fn p12_malformed_header_members_are_refused(subject: &Subject) {
    let key = bob_key(subject);
    for (member, value, code) in [
        ("alg", json!(5), "jwe_header"),
        ("enc", json!(["A128GCM"]), "jwe_header"),
        ("kid", json!(5), "jwe_header"),
        ("apu", json!(5), "jwe_header"),
        ("apu", json!("QWxpY2U="), "jwe_base64"),
        ("apv", json!("+/"), "jwe_base64"),
        ("iv", json!("AQ"), "jwe_foreign_member"),
        ("tag", json!("AQ"), "jwe_foreign_member"),
        ("epk", Value::Null, "jwe_ephemeral_key"),
        ("epk", json!("AQ"), "jwe_ephemeral_key"),
        ("epk", json!({}), "jwe_ephemeral_key"),
        ("epk", bob(), "jwe_ephemeral_key"),
    ] {
        assert_eq!(open(&*key, &changed(member, value)), Err(code), "{member}");
    }
    let twice = base64url::encode(
        good_header()
            .to_string()
            .replace(r#""enc":"A128GCM""#, r#""enc":"A128GCM","enc":"A256GCM""#),
    );
    assert_eq!(open(&*key, &format!("{twice}..AQ.AQ.AQ")), Err("jwe_header"));
}

pub(crate) fn r02_a_jwe_beyond_its_limits_is_refused(subject: &Subject) {
    let long = changed("kid", "k".repeat(4096));
    assert_eq!(open(&*bob_key(subject), &long), Err("jwe_too_long"));
    let mut limits = Limits::default();
    limits.max_bytes = 100;
    let refused = UnopenedJwe::parse(&with_header(&good_header()), &limits);
    assert_eq!(refused.map(|_| ()).map_err(|e| e.code()), Err("jwe_too_long"));
}

/// A point of another curve would give away the secret, residue by residue.
pub(crate) fn p13_an_ephemeral_key_off_the_curve_is_refused(subject: &Subject) {
    let key = bob_key(subject);
    assert_eq!(open(&*key, &with_header(&good_header())), Err("jwe_not_opened"));
    let zero = base64url::encode([0; 32]);
    let mut near = base64url::decode(alice()["y"].as_str().unwrap()).unwrap();
    near[31] ^= 1;
    let points = [
        (alice()["x"].clone(), json!(base64url::encode(near))),
        (alice()["y"].clone(), alice()["x"].clone()),
        (json!(zero), json!(zero)),
        (json!(base64url::encode([255; 32])), alice()["y"].clone()),
    ];
    for (x, y) in points {
        let epk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
        assert_eq!(open(&*key, &changed("epk", epk)), Err("jwe_ephemeral_key"));
    }
}

pub(crate) fn p13_an_ephemeral_key_of_another_curve_is_refused(subject: &Subject) {
    let key = bob_key(subject);
    let x = base64url::encode([9; 32]);
    for epk in [
        json!({"kty": "OKP", "crv": "X25519", "x": x}),
        json!({"kty": "EC", "crv": "secp256k1", "x": alice()["x"], "y": alice()["y"]}),
        json!({"kty": "EC", "crv": "P-384", "x": alice()["x"], "y": alice()["y"]}),
        json!({"kty": "EC", "crv": "P-256", "x": alice()["x"]}),
        json!({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}),
        json!({"kty": "oct", "k": x}),
    ] {
        assert_eq!(open(&*key, &changed("epk", epk)), Err("jwe_ephemeral_key"));
    }
}

pub(crate) fn s18_a_jws_is_no_jwe(subject: &Subject) {
    let key = bob_key(subject);
    assert_eq!(open(&*key, "eyJhbGciOiJFUzI1NiJ9.e30.AQ"), Err("jwe_not_five_parts"));
}

/// The header is authenticated: apu, apv and every other byte.
pub(crate) fn no_single_bit_flip_opens(subject: &Subject) {
    let key = subject.provider.agreement_key().expect("a key");
    let sealing = Sealing::new(ContentEncryption::A256Gcm).apu(*b"u").apv(*b"v");
    let token = seal(subject, key.public_key(), &sealing, b"{}");
    assert!(open(&*key, &token).is_ok());
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let flipped = String::from_utf8(bytes).expect("ASCII");
            assert!(open(&*key, &flipped).is_err(), "byte {at}, bit {bit}");
        }
    }
}

pub(crate) fn s03_recipients_that_are_not_for_encryption_are_refused(subject: &Subject) {
    let sealing = Sealing::new(ContentEncryption::A128Gcm);
    let seal = |key: &PublicKey| subject.provider.seal(key, &sealing, b"{}").map_err(|e| e.code());
    let mut jwk = bob();
    jwk.as_object_mut().unwrap().remove("d");
    let signature = PublicKey::from_jwk(&jwk).expect("a key");
    assert_eq!(seal(&signature), Err("jwe_recipient_key"));
    assert!(seal(&signature.for_encryption()).is_ok());
    let point = PublicKey::from_x25519(&[9; 32]).expect("a key");
    assert_eq!(seal(&point), Err("jwe_recipient_key"));
    let off = PublicKey::from_affine(Curve::P256, &[1; 32], &[1; 32]).expect("two coordinates");
    assert_eq!(seal(&off.for_encryption()), Err("jwe_recipient_key"));
}

pub(crate) fn b14_debug_prints_no_agreement_key(subject: &Subject) {
    let key = bob_key(subject);
    let text = format!("{key:?} {:?}", parse(&sealed(subject, &*key)));
    for secret in ["VEmDZpDX", "weNJy2Hs", "[84, 73"] {
        assert!(!text.contains(secret), "{text}");
    }
}
