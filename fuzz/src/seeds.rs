//! The seeds: what is good, or was once bad. Most are made by the test kit or read from the vectors of
//! other crates; inputs that a fuzzer found stand in `seeds/<target>/`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use staffpass_credentials::CredentialKind;
use staffpass_jose::{
    Algorithm, CryptoProvider as _, HeaderBuilder, PublicKey, UnsignedJws, base64url,
    jwe::{ContentEncryption, Sealing},
};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_request::{Endpoints, RequestedCredential, microsoft, openid4vp};
use staffpass_testkit::{claims, signing_key};

use crate::verdict::{EXCHANGES, list_token};

/// The anchor of the certificates.
pub(crate) const ROOT: &[u8] = include_bytes!("../certificates/root.der");

/// Where the lists of the seeds are.
pub(crate) const LIST: &str = "https://status.trust.example/1";

/// The verifier of the requests.
pub(crate) const VERIFIER: &str = "did:web:portal.example";

/// The object of the published IdentityHub reply.
pub(crate) const OBJECT: &str = "686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd";

/// A private key that encrypted seeds are for; it protects nothing.
pub(crate) const AGREEMENT_JWK: &str = concat!(
    r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","#,
    r#""y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","#,
    r#""d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#
);

/// The definition that submissions answer.
pub(crate) const DEFINITION: &[u8] = br#"{"id":"d1","input_descriptors":[
    {"id":"a","constraints":{"fields":[{"path":["$.vc.type","$.type"],"filter":{"type":"array","contains":{"const":"StaffIdentity"}}}]}},
    {"id":"b","constraints":{"fields":[{"path":["$.iss","$.issuer"],"filter":{"type":"string","pattern":"^did:web:trust\\.example$"}}]}}]}"#;

/// The seeds of a target: made, and found.
#[must_use]
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = made(target);
    seeds.extend(files(&root().join("fuzz/seeds").join(target)));
    seeds
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder, in the order of their names; none where there is no such folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

/// The strings of a JSON file of vectors, at any depth.
fn strings(path: &str) -> Vec<String> {
    let text = fs::read(root().join("crates").join(path)).unwrap_or_default();
    let mut found = Vec::new();
    collect(&serde_json::from_slice(&text).unwrap_or_default(), &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

/// The objects of a JSON file of vectors that have a member of this name.
fn objects(path: &str, member: &str) -> Vec<Value> {
    fn walk(value: &Value, member: &str, found: &mut Vec<Value>) {
        match value {
            Value::Array(elements) => elements.iter().for_each(|one| walk(one, member, found)),
            Value::Object(members) => {
                if members.contains_key(member) {
                    found.push(value.clone());
                }
                members.values().for_each(|one| walk(one, member, found));
            }
            _ => {}
        }
    }
    let text = fs::read(root().join("crates").join(path)).unwrap_or_default();
    let mut found = Vec::new();
    walk(&serde_json::from_slice(&text).unwrap_or_default(), member, &mut found);
    found
}

const WYCHEPROOF: &str = "jose-aws-lc/tests/vectors/wycheproof";
const PROFILE: &str = "did/tests/vectors/jwt-vc-presentation-profile";

fn made(target: &str) -> Vec<Vec<u8>> {
    match target {
        "jws" => jws(),
        "jwe" => jwe(),
        "jwk" => jwk(),
        "json" => json_texts(),
        "did" => dids(),
        "did_document" => did_documents(),
        "x509" => chains(),
        "status_list" => lists(),
        "status_token" => {
            bytes([status_token(1, "eNrbuRgAAhcBXQ"), status_token(2, "eNo76fITAAPfAgc")])
        }
        "status_entry" => status_entries(),
        "status_hub" => hub_replies(),
        "sd_jwt" => sd_jwts(),
        "dcql" => bytes(dcql()),
        "definition" => vec![DEFINITION.to_vec()],
        "submission" => bytes(submissions()),
        "credentials" => CredentialKind::ALL
            .map(|kind| Value::Object(claims(kind)).to_string().into_bytes())
            .into(),
        "otp" => otp(),
        "request_link" => request_links(),
        "request_object" => request_objects(),
        "held" => held(),
        "sets" => sets(),
        "policy" => policies(),
        "response" => responses(),
        "verdict" => verdicts(),
        "evidence" => evidence(),
        _ => Vec::new(),
    }
}

fn bytes(texts: impl IntoIterator<Item = impl ToString>) -> Vec<Vec<u8>> {
    texts.into_iter().map(|text| text.to_string().into_bytes()).collect()
}

fn jws() -> Vec<Vec<u8>> {
    let key = signing_key(Algorithm::EdDsa, 1);
    let header = HeaderBuilder::new(Algorithm::EdDsa).typ("JWT").kid("did:web:trust.example#key-1");
    let own = UnsignedJws::new(&header, br#"{"iss":"did:web:trust.example"}"#).sign(&*key);
    let published = strings(&format!("{WYCHEPROOF}/json_web_signature_test.json"));
    let published = published.into_iter().filter(|text| text.matches('.').count() == 2);
    bytes(own.ok().into_iter().chain(published.take(60)))
}

fn jwe() -> Vec<Vec<u8>> {
    let jwk: Value = serde_json::from_str(AGREEMENT_JWK).unwrap_or_default();
    let public = json!({"kty": "EC", "crv": "P-256", "x": jwk.get("x"), "y": jwk.get("y")});
    let own = PublicKey::from_jwk(&public).ok().map(PublicKey::for_encryption).map(|key| {
        ContentEncryption::ALL
            .map(|enc| AwsLc.seal(&key, &Sealing::new(enc).kid("k"), b"{\"a\":1}"))
    });
    let own = own.into_iter().flatten().flatten();
    let published = strings(&format!("{WYCHEPROOF}/json_web_encryption_test.json"));
    let published = published.into_iter().filter(|text| text.matches('.').count() == 4);
    bytes(own.chain(published.take(40)))
}

fn jwk() -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = vec![AGREEMENT_JWK.as_bytes().to_vec()];
    keys.extend(
        Algorithm::ALL.map(|algorithm| {
            signing_key(algorithm, 3).public_key().to_jwk().to_string().into_bytes()
        }),
    );
    keys.extend(
        Algorithm::ALL
            .map(|algorithm| signing_key(algorithm, 3).to_private_jwk().as_bytes().to_vec()),
    );
    for file in ["json_web_key_test", "json_web_signature_test"] {
        let found = objects(&format!("{WYCHEPROOF}/{file}.json"), "kty");
        keys.extend(found.iter().take(30).map(|key| key.to_string().into_bytes()));
    }
    keys
}

fn json_texts() -> Vec<Vec<u8>> {
    let mut texts = bytes([
        r#"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00",true,null,{"b":{}}]}"#,
        r#"{"a":1,"\u0061":2}"#,
        "[18446744073709551615,-9223372036854775808,1e308,0.1]",
    ]);
    texts
        .extend(CredentialKind::ALL.map(|kind| Value::from(claims(kind)).to_string().into_bytes()));
    texts
}

fn dids() -> Vec<Vec<u8>> {
    let mut dids = vec![
        "did:web:trust.example".to_owned(),
        "did:web:localhost%3A8443:a:b".to_owned(),
        "did:web:xn--bcher-kva.example#key-1".to_owned(),
    ];
    for file in ["ed25519-x25519", "nist-curves", "secp256k1", "x25519", "rsa", "bls12381"] {
        let path = format!("did/tests/vectors/did-key/{file}.json");
        let text = fs::read(root().join("crates").join(path)).unwrap_or_default();
        let vectors: Value = serde_json::from_slice(&text).unwrap_or_default();
        dids.extend(vectors.as_object().into_iter().flat_map(|file| file.keys().cloned()));
    }
    for file in ["all-ed25519", "raw_longform_did", "spec_test_vectors"] {
        let found = strings(&format!("{PROFILE}/{file}.json"));
        dids.extend(found.into_iter().filter(|text| text.starts_with("did:")));
    }
    dids.extend(Algorithm::ALL.map(|algorithm| {
        let key = signing_key(algorithm, 4);
        staffpass_did::jwk::from_public_key(key.public_key()).to_string()
    }));
    let ion = root().join("crates/did/tests/vectors/ion-sdk/long_form.txt");
    dids.push(fs::read_to_string(ion).unwrap_or_default().trim().to_owned());
    dids.sort();
    dids.dedup();
    bytes(dids)
}

fn did_documents() -> Vec<Vec<u8>> {
    let own = EXCHANGES.iter().map(|exchange| {
        let text = String::from_utf8(exchange.issuer.did_document()).unwrap_or_default();
        text.replace(exchange.issuer.did().as_str(), "did:web:trust.example").into_bytes()
    });
    let published = ["ed25519-x25519", "nist-curves", "secp256k1"].into_iter().flat_map(|file| {
        objects(&format!("did/tests/vectors/did-key/{file}.json"), "verificationMethod")
    });
    let published = published.map(|document| {
        let id = document.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        document.to_string().replace(&id, "did:web:trust.example").into_bytes()
    });
    own.chain(published).collect()
}

fn chains() -> Vec<Vec<u8>> {
    let leaf = include_bytes!("../certificates/leaf.der").as_slice();
    let issuer = include_bytes!("../certificates/issuer.der").as_slice();
    let of_root = include_bytes!("../certificates/leaf-of-root.der").as_slice();
    let chain = |certificates: &[&[u8]]| -> Vec<u8> {
        let each = certificates.iter().flat_map(|der| {
            let length = u16::try_from(der.len()).unwrap_or_default().to_be_bytes();
            length.into_iter().chain(der.iter().copied())
        });
        each.collect()
    };
    vec![chain(&[leaf, issuer]), chain(&[of_root]), chain(&[leaf, issuer, ROOT]), chain(&[leaf])]
}

fn lists() -> Vec<Vec<u8>> {
    let own = EXCHANGES.iter().map(|exchange| {
        Value::Object(exchange.issuer.status_list(exchange.now).claims).to_string().into_bytes()
    });
    let mut lists: Vec<_> = own.collect();
    let published = strings("status/tests/vectors/entra/identity_hub_response_jwt.json");
    for text in published {
        let token =
            base64url::decode(text.trim_end_matches('=').replace('+', "-").replace('/', "_"));
        let token = token.ok().and_then(|token| String::from_utf8(token).ok()).unwrap_or_default();
        lists.extend(token.split('.').nth(1).and_then(|claims| base64url::decode(claims).ok()));
    }
    lists
}

fn status_token(bits: u8, lst: &str) -> Value {
    json!({
        "sub": LIST, "iat": 1_767_225_600, "exp": 1_772_830_400, "ttl": 43_200,
        "status_list": {"bits": bits, "lst": lst},
    })
}

fn status_entries() -> Vec<Vec<u8>> {
    let mut entries: Vec<_> = EXCHANGES
        .iter()
        .flat_map(|exchange| &exchange.answer.presentations)
        .flat_map(|presentation| &presentation.credentials)
        .filter_map(|token| token.claims.get("vc")?.get("credentialStatus").cloned())
        .collect();
    entries.push(json!({"status_list": {"idx": 5, "uri": LIST}}));
    entries.push(json!([{
        "type": "BitstringStatusListEntry", "statusPurpose": "message", "statusListIndex": "94567",
        "statusListCredential": LIST, "statusSize": 2, "id": format!("{LIST}#94567"),
        "statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x1", "message": "b"},
            {"status": "0x2", "message": "c"}, {"status": "0x3", "message": "d"}],
    }]));
    bytes(entries)
}

fn hub_replies() -> Vec<Vec<u8>> {
    let own = EXCHANGES.iter().take(3).map(|exchange| exchange.issuer.hub_reply(exchange.now));
    own.chain(files(&root().join("crates/status/tests/vectors/entra"))).collect()
}

/// Claims of which one is concealed, with its disclosure, and with a key binding that is none.
fn sd_jwts() -> Vec<Vec<u8>> {
    let key = signing_key(Algorithm::EdDsa, 1);
    let disclosure = base64url::encode(r#"["2GLC42sKQveCfGfryNRN9w","given_name","Asha"]"#);
    let digest = staffpass_sd_jwt::HashAlgorithm::Sha256.digest(&disclosure);
    let claims = json!({
        "iss": "https://trust.example", "vct": "https://trust.example/identity", "_sd": [digest],
        "_sd_alg": "sha-256", "cnf": {"jwk": key.public_key().to_jwk()},
    });
    let header = HeaderBuilder::new(Algorithm::EdDsa).typ("dc+sd-jwt");
    let signed = |header: &HeaderBuilder, claims: &Value| {
        UnsignedJws::new(header, claims.to_string().as_bytes()).sign(&*key).unwrap_or_default()
    };
    let jwt = signed(&header, &claims);
    let bound = format!("{jwt}~{disclosure}~");
    let sd_hash = staffpass_sd_jwt::HashAlgorithm::Sha256.digest(&bound);
    let kb = json!({"aud": "a", "nonce": "n", "iat": 1_772_442_000, "sd_hash": sd_hash});
    let kb = signed(&HeaderBuilder::new(Algorithm::EdDsa).typ("kb+jwt"), &kb);
    bytes([format!("{jwt}~"), bound.clone(), format!("{bound}{kb}")])
}

fn dcql() -> Vec<Value> {
    vec![
        json!({"credentials": [{
            "id": "identity", "format": "dc+sd-jwt",
            "meta": {"vct_values": ["https://trust.example/identity"]},
            "claims": [
                {"id": "a", "path": ["given_name"], "values": ["Asha"]},
                {"id": "b", "path": ["registrations", null, "body"]},
                {"id": "c", "path": ["employer", "names", 1]},
            ],
            "claim_sets": [["a", "b"], ["c"]],
        }]}),
        json!({
            "credentials": [
                {"id": "x", "format": "jwt_vc_json", "multiple": true,
                 "meta": {"type_values": [["VerifiableCredential", "StaffIdentity"]]},
                 "claims": [{"path": ["credentialSubject", "age"], "values": [41, true]}]},
                {"id": "y", "format": "dc+sd-jwt", "require_cryptographic_holder_binding": false,
                 "meta": {"vct_values": ["v"]},
                 "trusted_authorities": [{"type": "aki", "values": ["AQID"]}]},
            ],
            "credential_sets": [
                {"options": [["x"], ["y"]]}, {"options": [["x", "y"]], "required": false},
            ],
        }),
    ]
}

fn submissions() -> Vec<Value> {
    let entry = |id: &str, path: &str, nested: &str| {
        json!({"id": id, "format": "jwt_vp", "path": path,
            "path_nested": {"id": id, "format": "jwt_vc", "path": nested}})
    };
    let submission =
        |map: Vec<Value>| json!({"id": "s", "definition_id": "d1", "descriptor_map": map});
    let nested = "$.vp.verifiableCredential[0]";
    vec![
        submission(vec![
            entry("a", "$[0]", nested),
            entry("b", "$[0]", "$.verifiableCredential[1]"),
        ]),
        submission(vec![entry("a", "$[1]", nested), entry("b", "$[1]", nested)]),
    ]
}

fn otp() -> Vec<Vec<u8>> {
    use staffpass_otp::{Binding, Channel, Code, CodeKey, Confirmation, Lifetime};
    let mut stored = Confirmation::new();
    let mut rng = staffpass_testkit::rng(9);
    let binding = Binding::new("share", Channel::Email, "asha@westmoor.example");
    let lifetime = Lifetime::from_seconds(600);
    if let (Ok(key), Ok(lifetime)) = (CodeKey::new(&[7; 32]), lifetime) {
        let code = Code::generate(&mut rng);
        let _ = stored.add_code(&code, &binding, &key, lifetime, staffpass_testkit::now());
        let _ = stored.count_attempt(staffpass_testkit::now());
    }
    let stored = serde_json::to_string(&stored).unwrap_or_default();
    let window = serde_json::to_string(&staffpass_otp::SendWindow::default()).unwrap_or_default();
    bytes(["123456".to_owned(), " 123 456 ".to_owned(), "12345678".to_owned(), stored, window])
}

fn request_links() -> Vec<Vec<u8>> {
    bytes([
        "openid-vc://?request_uri=https%3A%2F%2Fportal.example%2Fr%2Fabc",
        "openid4vp://?client_id=decentralized_identifier%3Adid%3Aweb%3Aportal.example&request_uri=https%3A%2F%2Fportal.example%2Fr%2Fabc&request_uri_method=post",
        "openid-vc://?request_uri=http%3A%2F%2F127.0.0.1%2Fr",
    ])
}

/// Requests as our own builders make them, as claims; and published ones, whole.
fn request_objects() -> Vec<Vec<u8>> {
    let published = ["spec_test_vectors", "request_service_requests", "all-ed25519"];
    let published = published.map(|file| strings(&format!("request/tests/vectors/{file}.json")));
    let whole = published.into_iter().flatten().filter(|text| text.matches('.').count() == 2);
    let mut objects: Vec<_> = whole.map(|text| [&[0], text.as_bytes()].concat()).collect();
    for (number, request) in [(1_u8, openid4vp_request()), (2, microsoft_request())] {
        let request = request.unwrap_or_default();
        let claims = request.split('.').nth(1).and_then(|claims| base64url::decode(claims).ok());
        objects.push([&[number], &claims.unwrap_or_default()[..]].concat());
    }
    objects.push(
        b"\x03wallet_nonce=abc&wallet_metadata=%7B%22vp_formats_supported%22%3A%7B%7D%7D".to_vec(),
    );
    objects
}

fn endpoints() -> Option<Endpoints> {
    Endpoints::new("https://portal.example/request", "https://portal.example/response").ok()
}

fn asked() -> Vec<RequestedCredential> {
    let one = |id, name| RequestedCredential::new(id, name).with_issuers(["did:web:trust.example"]);
    vec![one("identity", "StaffIdentity"), one("employment", "StaffEmployment")]
}

fn openid4vp_request() -> Option<String> {
    let kid = format!("{VERIFIER}#key-1");
    let party = openid4vp::Party::new(&kid, Algorithm::EdDsa, endpoints()?).ok()?;
    let builder = openid4vp::RequestBuilder::new(&party, asked()).ok()?;
    let mut rng = staffpass_testkit::rng(5);
    let unsigned = builder.build(staffpass_testkit::now(), &mut rng).ok()?;
    Some(String::from_utf8_lossy(unsigned.signing_input()).into_owned())
}

fn microsoft_request() -> Option<String> {
    let (kid, name) = (format!("{VERIFIER}#key-1"), "Westmoor Hospitals (fictional)");
    let party = microsoft::Party::new(&kid, Algorithm::EdDsa, name, endpoints()?).ok()?;
    let builder = microsoft::RequestBuilder::new(&party, asked());
    let mut rng = staffpass_testkit::rng(5);
    let unsigned = builder.build(staffpass_testkit::now(), &mut rng).ok()?;
    Some(String::from_utf8_lossy(unsigned.signing_input()).into_owned())
}

fn held() -> Vec<Vec<u8>> {
    let presentations = EXCHANGES.iter().flat_map(|exchange| &exchange.answer.presentations);
    let mut held = Vec::new();
    for presentation in presentations {
        let tokens = presentation.credentials.iter().map(|token| token.compact().into_bytes());
        held.extend(tokens);
        held.push(presentation.without_key_binding().into_bytes());
    }
    held.extend(sd_jwts());
    held
}

fn sets() -> Vec<Vec<u8>> {
    let mut sets = files(&root().join("crates/disclosure/tests/tables"));
    sets.extend(bytes([
        "[[credential]]\nid = \"identity\"\nkind = \"identity\"\nlabel = \"Identity\"\nmandatory = true\n",
        "expiring_soon_days = 30\n[[training]]\nsubject = \"fire-safety\"\nlevel = 1\nmax_age_months = 12\nmandatory = true\n",
    ]));
    sets
}

fn policies() -> Vec<Vec<u8>> {
    let mut policies = bytes([concat!(
        "clock_leeway_seconds = 60\nunknown_status = \"deny\"\n[[issuer]]\n",
        "id = \"did:web:trust.example\"\nmay_assert = [\"StaffIdentity\"]\n",
        "where = [{ type = \"StaffIdentity\", path = [\"employer\", \"ods_code\"], values = [\"Z9Z9Z\"] }]\n",
        "valid_from = \"2026-01-01T00:00:00Z\"\nstatus = \"required\"\n",
        "status_origins = [\"https://status.trust.example\"]\n",
    )]);
    policies.extend(
        EXCHANGES.iter().map(|exchange| exchange.verifier().policy().to_toml().into_bytes()),
    );
    policies
}

fn responses() -> Vec<Vec<u8>> {
    let numbered = (0_u8..).zip(EXCHANGES.iter());
    let bodies = numbered.flat_map(|(place, exchange)| {
        let body = exchange.body();
        let vp = exchange.answer.presentations.first().map(|vp| vp.compact().into_bytes());
        let error = b"error=access_denied&state=x".to_vec();
        [Some(body), vp, Some(error)]
            .into_iter()
            .flatten()
            .map(move |body| [&[place], &body[..]].concat())
    });
    bodies.collect()
}

fn verdicts() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, exchange) in (0_u8..).zip(EXCHANGES.iter()) {
        let Some(presentation) = exchange.answer.presentations.first() else { continue };
        let tokens = [
            Some(&presentation.token),
            presentation.credentials.first(),
            exchange.answer.id_token.as_ref(),
        ];
        let first = |slot: u8, part: u8| place + 6 * (slot + 4 * part);
        for (slot, token) in (0_u8..).zip(tokens) {
            let Some(token) = token else { continue };
            let texts = [
                json!({"nonce": "another", "aud": null}).to_string(),
                Value::Object(token.claims.clone()).to_string(),
                Value::Object(token.header.clone()).to_string(),
            ];
            for (part, text) in (0_u8..).zip(texts) {
                seeds.push([&[first(slot, part)], text.as_bytes()].concat());
            }
            seeds.push([&[first(slot, 0)], &b"{}"[..]].concat());
        }
        if !presentation.credentials.iter().all(|token| token.disclosures.is_empty()) {
            for disclosure in
                [r#"["salt","more",{"a":[1]}]"#, r#"["salt","_sd",1]"#, r#"["salt",1]"#]
            {
                seeds.push([&[first(3, 0)], disclosure.as_bytes()].concat());
            }
        }
    }
    seeds
}

fn evidence() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, exchange) in (0_u8..).zip(EXCHANGES.iter()) {
        let issuer = &exchange.issuer;
        let list = list_token(exchange);
        let claims = Value::Object(list.claims.clone()).to_string().into_bytes();
        let metadata = issuer.metadata();
        let keys: Value = serde_json::from_slice(&metadata).unwrap_or_default();
        let keys = keys.get("jwks").map(Value::to_string).unwrap_or_default();
        let documents = [
            issuer.did_document(),
            list.compact().into_bytes(),
            claims,
            metadata,
            keys.into_bytes(),
            issuer.did_configuration(exchange.now),
        ];
        for (kind, document) in (0_u8..).zip(documents) {
            seeds.push([&[place + 6 * kind], &document[..]].concat());
        }
        seeds.push([&[place + 6], &issuer.hub_reply(exchange.now)[..]].concat());
    }
    seeds
}
