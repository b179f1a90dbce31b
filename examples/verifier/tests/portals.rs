//! What portals call: what may be asked, who may call, and what is said of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;

use common::*;
use serde_json::{Value, json};
use staffpass::did::{Did, DidDocument};
use staffpass::jose::{CryptoProvider as _, Signer as _, UnverifiedJws, base64url, jws};
use verifier::{ROUTES, Service};

#[tokio::test]
async fn what_cannot_be_asked_is_a_400() {
    let world = World::new().await;
    let sd_jwt = |dialect: &str| json!({ "dialect": dialect, "credentials": [{ "id": "identity", "vct": "https://c.example/i" }] });
    let query = json!({ "credentials": [] });
    for ask in [
        json!({}),
        json!({ "dialect": "siop" }),
        json!({ "dialect": "OpenID4VP" }),
        json!({ "dialect": "openid4vp" }),
        json!({ "dialect": "openid4vp", "credentials": [] }),
        with(ask("openid4vp"), "unknown", 1),
        with(ask("openid4vp"), "dcql_query", query.clone()),
        json!({ "dialect": "openid4vp", "dcql_query": query.clone() }),
        with(ask("openid4vp"), "response_mode", "fragment"),
        with(ask("openid4vp"), "request_uri_method", "POST"),
        with(ask("openid4vp"), "client_id_prefix", "origin"),
        with(ask("openid4vp"), "format", "mso_mdoc"),
        with(ask("openid4vp"), "format", "dc+sd-jwt"),
        sd_jwt("openid4vp"),
        with(ask("openid4vp"), "flow", "same_device"),
        with(ask("openid4vp"), "return_url", "https://portal.example/back"),
        with(with(ask("openid4vp"), "flow", "same_device"), "return_url", "javascript:alert(1)"),
        with(
            with(ask("openid4vp"), "client_id_prefix", "redirect_uri"),
            "request_uri_method",
            "post",
        ),
        json!({ "dialect": "openid4vp", "credentials": [{ "id": "a b", "type": TYPE }] }),
        json!({ "dialect": "openid4vp", "credentials": [{ "id": "a", "type": TYPE, "more": 1 }] }),
        json!({ "dialect": "microsoft", "credentials": [{ "id": "a", "type": "Unknown" }] }),
        json!({ "dialect": "microsoft", "credentials": [{ "id": TYPE, "type": TYPE }] }),
        with(ask("microsoft"), "response_mode", "direct_post.jwt"),
        with(ask("microsoft"), "client_id_prefix", "x509_hash"),
        with(ask("microsoft"), "request_uri_method", "post"),
        with(ask("microsoft"), "format", "dc+sd-jwt"),
        with(ask("openid4vp_draft_pe"), "response_mode", "direct_post.jwt"),
        with(ask("openid4vp_draft_pe"), "client_id_prefix", "redirect_uri"),
        with(ask("openid4vp_draft_pe"), "request_uri_method", "post"),
        with(ask("openid4vp_draft_pe"), "format", "dc+sd-jwt"),
        json!({ "dialect": "openid4vp_draft_pe", "credentials": [] }),
        json!({ "dialect": "openid4vp_draft_pe", "dcql_query": query }),
        with(sd_jwt("haip"), "format", "jwt_vc_json"),
        with(sd_jwt("haip"), "response_mode", "direct_post"),
        with(sd_jwt("haip"), "client_id_prefix", "decentralized_identifier"),
        with(sd_jwt("haip"), "client_id_prefix", "redirect_uri"),
        ask("haip"),
    ] {
        let (status, body) = world.post("/requests", &ask).await;
        assert_eq!(status, 400, "{ask} {body}");
        assert_eq!(body["error"], "invalid_request", "{ask}");
        assert!(body["code"].is_string() && body["message"].is_string());
    }
}

#[tokio::test]
async fn the_defaults_may_be_spelled_out() {
    let world = World::new().await;
    let mut spelled = ask("openid4vp");
    for (member, value) in [
        ("response_mode", "direct_post"),
        ("request_uri_method", "get"),
        ("client_id_prefix", "decentralized_identifier"),
        ("format", "jwt_vc_json"),
        ("flow", "cross_device"),
    ] {
        spelled[member] = json!(value);
    }
    let (status, made) = world.post("/requests", &spelled).await;
    assert_eq!(status, 201);
    assert_eq!(
        made["link"].as_str().unwrap().split("%3A").next(),
        Some("openid4vp://?client_id=decentralized_identifier")
    );
    let (status, _) = world.post("/requests", &with(spelled, "dialect", "microsoft")).await;
    assert_eq!(status, 201);
}

#[tokio::test]
async fn haip_is_one_choice() {
    let world = World::new().await;
    let credentials = json!([{ "id": "identity", "vct": "https://credentials.example/identity" }]);
    let short = json!({ "dialect": "haip", "credentials": credentials });
    let mut long = short.clone();
    long["format"] = json!("dc+sd-jwt");
    long["response_mode"] = json!("direct_post.jwt");
    long["client_id_prefix"] = json!("x509_hash");
    long["request_uri_method"] = json!("post");
    for ask in [short, long] {
        let open = world.open(&ask).await;
        assert!(open.link.starts_with("haip-vp://?client_id=x509_hash%3A"), "{}", open.link);
        let mode = open.asked.response_mode().unwrap();
        assert_eq!(mode.as_str(), "direct_post.jwt");
    }
}

#[tokio::test]
async fn the_qr_code_is_an_image_with_a_label() {
    let world = World::new().await;
    let (_, made) = world.post("/requests", &ask("microsoft")).await;
    let svg = made["qr_svg"].as_str().unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("aria-label=\"Scan with your wallet\""));
    let expires: chrono::DateTime<chrono::Utc> =
        made["expires_at"].as_str().unwrap().parse().unwrap();
    let left = expires - chrono::Utc::now();
    assert!(left <= chrono::TimeDelta::minutes(5) && left > chrono::TimeDelta::minutes(4));
}

#[tokio::test]
async fn a_body_that_is_not_json_or_means_two_things_is_refused() {
    let world = World::new().await;
    let url = format!("{}/requests", world.base);
    let send = |media: &'static str, body: String| {
        world.http.post(&url).header("content-type", media).body(body).send()
    };
    let good = ask("openid4vp").to_string();
    assert_eq!(send("text/plain", good.clone()).await.unwrap().status(), 415);
    assert_eq!(send("application/json; charset=utf-8", good).await.unwrap().status(), 201);
    let twice = r#"{"dialect":"openid4vp","dialect":"microsoft"}"#.to_owned();
    for bad in ["", "{", &twice, "[]"] {
        let reply = send("application/json", bad.to_owned()).await.unwrap();
        assert_eq!(reply.status(), 400, "{bad}");
    }
}

#[tokio::test]
async fn with_an_api_key_a_portal_needs_it_and_a_wallet_does_not() {
    let directory = directory();
    let file = directory.join("api-key");
    std::fs::write(&file, "correct horse battery staple\n").unwrap();
    let world = World::with(&["--api-key-file", file.to_str().unwrap()]).await;
    let url = format!("{}/requests", world.base);
    let send = |key: Option<&str>| {
        let post = world.http.post(&url).json(&ask("openid4vp"));
        match key {
            Some(key) => post.header("authorization", key.to_owned()).send(),
            None => post.send(),
        }
    };
    for key in [None, Some("Bearer wrong"), Some("correct horse battery staple"), Some("Bearer ")] {
        let reply = send(key).await.unwrap();
        assert_eq!(reply.status(), 401, "{key:?}");
        assert_eq!(reply.headers()["cache-control"], "no-store");
    }
    let made = send(Some("Bearer correct horse battery staple")).await.unwrap();
    let (status, made) = read(made).await;
    assert_eq!(status, 201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/requests/{id}")).await.0, 401);
    assert_eq!(world.post(&format!("/requests/{id}/return"), &json!({})).await.0, 401);
    assert_eq!(world.get("/.well-known/did.json").await.0, 200);
    let link = made["link"].as_str().unwrap();
    let transport = staffpass::request::Transport::HttpsOrLoopbackHttp;
    let link = staffpass::request::Link::parse_with(link, transport).unwrap();
    assert_eq!(world.http.get(link.request_uri()).send().await.unwrap().status(), 200);
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn off_loopback_the_service_does_not_open_without_an_api_key() {
    let directory = directory();
    std::fs::write(
        directory.join("policy.toml"),
        "[[issuer]]\nid = \"did:web:a.example\"\nmay_assert = [\"A\"]\n",
    )
    .unwrap();
    let error = async |base: &str, more: &[&str]| {
        Service::open(&options(&directory, base, more)).await.err().map(|error| error.to_string())
    };
    assert_eq!(error("http://localhost:8080", &[]).await, None);
    assert!(error("https://portal.example", &[]).await.unwrap().contains("--api-key-file"));
    let listen = ["--listen", "0.0.0.0:8080"];
    assert!(error("http://localhost:8080", &listen).await.unwrap().contains("--api-key-file"));
    let file = directory.join("short");
    std::fs::write(&file, "short").unwrap();
    let short = ["--api-key-file", file.to_str().unwrap()];
    assert!(error("https://portal.example", &short).await.unwrap().contains("too short"));
    assert!(error("https://portal.example/path", &[]).await.is_some());
    assert!(error("http://portal.example", &[]).await.is_some());
    std::fs::remove_dir_all(directory).unwrap();
}

/// The service of `options` on a port of its own, which no wallet would find at the public URL.
async fn serve(options: &verifier::Options) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(Service::open(options).await.unwrap().serve(listener));
    base
}

#[tokio::test]
async fn an_unsigned_request_needs_an_option_of_its_own_where_http_is_not_plain() {
    let directory = directory();
    write_policy(&directory, "did:web:a.example");
    let file = directory.join("api-key");
    std::fs::write(&file, "correct horse battery staple").unwrap();
    let key = ["--api-key-file", file.to_str().unwrap()];
    for (more, expected) in [(vec![], 400), (vec!["--allow-unsigned-requests"], 201)] {
        let options = strict_options(&directory, "https://v.example", &[&key[..], &more].concat());
        let base = serve(&options).await;
        let ask = with(ask("openid4vp"), "client_id_prefix", "redirect_uri");
        let post = reqwest::Client::new().post(format!("{base}/requests")).json(&ask);
        let post = post.bearer_auth("correct horse battery staple");
        assert_eq!(post.send().await.unwrap().status(), expected, "{more:?}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn a_policy_with_an_issuer_or_a_list_on_loopback_needs_plain_http_to_be_allowed() {
    let directory = directory();
    let file = directory.join("api-key");
    std::fs::write(&file, "correct horse battery staple").unwrap();
    let key = ["--api-key-file", file.to_str().unwrap()];
    for id in ["did:web:localhost%3A8123", "did:web:127.0.0.1%3A8123", "http://localhost:8123/a"] {
        write_policy(&directory, id);
        let strict = strict_options(&directory, "https://v.example", &key);
        assert!(Service::open(&strict).await.is_err(), "{id}");
        assert!(
            Service::open(&options(&directory, "http://localhost:8080", &[])).await.is_ok(),
            "{id}"
        );
    }
    for id in ["http://[::1]:8123/a", "http://127.0.0.1:8123"] {
        write_policy(&directory, id);
        assert!(
            Service::open(&options(&directory, "http://localhost:8080", &[])).await.is_ok(),
            "{id}"
        );
    }
    let elsewhere = "[[issuer]]\nid = \"did:web:a.example\"\nmay_assert = [\"A\"]\n\
        status_origins = [\"http://localhost:8123\"]\n";
    std::fs::write(directory.join("policy.toml"), elsewhere).unwrap();
    let strict = strict_options(&directory, "https://v.example", &key);
    assert!(Service::open(&strict).await.is_err());
    assert!(Service::open(&options(&directory, "http://localhost:8080", &[])).await.is_ok());
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_a_413() {
    let world = World::new().await;
    let long = json!({ "dialect": "a".repeat(200_000) });
    let (status, problem) = world.post("/requests", &long).await;
    assert_eq!((status, &problem["code"]), (413, &json!("body")));
}

/// What `directory` publishes, and the key id of a request that is made of it.
async fn published(options: &verifier::Options) -> (Vec<String>, String) {
    let base = serve(options).await;
    let http = reqwest::Client::new();
    let document = read(http.get(format!("{base}/.well-known/did.json")).send().await.unwrap());
    let methods = document.await.1["verificationMethod"].as_array().unwrap().clone();
    let ids = methods.iter().map(|method| method["id"].as_str().unwrap().to_owned()).collect();
    let made = http.post(format!("{base}/requests")).json(&ask("openid4vp")).send().await.unwrap();
    let link = read(made).await.1["link"].as_str().unwrap().to_owned();
    let id = link.rsplit("%2F").next().unwrap().to_owned();
    let object = http.get(format!("{base}/request/{id}")).send().await.unwrap();
    let object = object.text().await.unwrap();
    let jws = UnverifiedJws::parse(&object, &jws::Limits::default()).unwrap();
    (ids, jws.header().kid.clone().unwrap())
}

#[tokio::test]
async fn after_a_change_of_keys_the_newest_signs_and_the_older_ones_stay_published() {
    let directory = directory();
    write_policy(&directory, "did:web:a.example");
    let options = options(&directory, "http://localhost:8080", &[]);
    let (first, signed_by) = published(&options).await;
    assert_eq!(first.len(), 1);
    assert!(signed_by.ends_with(&first[0]), "{signed_by} {first:?}");
    let chain = std::fs::read(directory.join("data/chain.pem")).unwrap();
    let file = verifier::rotate_key(&options).unwrap();
    assert_eq!(file, directory.join("data/key-2.jwk"));
    let (second, signed_by) = published(&options).await;
    assert_eq!(second.len(), 2);
    assert_eq!(second[1], first[0]);
    assert!(signed_by.ends_with(&second[0]), "{signed_by} {second:?}");
    assert_eq!(std::fs::read(directory.join("data/chain.pem")).unwrap(), chain);
    // The first one is retired.
    std::fs::remove_file(directory.join("data/key.jwk")).unwrap();
    assert_eq!(verifier::rotate_key(&options).unwrap(), directory.join("data/key-3.jwk"));
    let (third, _) = published(&options).await;
    assert_eq!(third.len(), 2);
    assert_eq!(third[1], second[0]);
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn of_keys_that_are_given_the_last_one_signs() {
    let directory = directory();
    write_policy(&directory, "did:web:a.example");
    let files = ["one", "two"].map(|name| directory.join(name));
    for file in &files {
        let key = staffpass::aws_lc::SigningKey::generate(staffpass::jose::Algorithm::Es256);
        std::fs::write(file, key.unwrap().to_private_jwk().as_bytes()).unwrap();
    }
    let [one, two] = files.each_ref().map(|file| file.to_str().unwrap());
    let base = "http://localhost:8080";
    let (alone, _) = published(&options(&directory, base, &["--key-file", one])).await;
    let more = ["--key-file", one, "--key-file", two];
    let (both, signed_by) = published(&options(&directory, base, &more)).await;
    assert_eq!((both.len(), &both[1]), (2, &alone[0]));
    assert!(signed_by.ends_with(&both[0]));
    assert!(!directory.join("data/key.jwk").exists());
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn certificates_of_another_name_are_made_anew() {
    let directory = directory();
    write_policy(&directory, "did:web:a.example");
    let chain = async |base: &str| {
        let file = directory.join("api-key");
        std::fs::write(&file, "correct horse battery staple").unwrap();
        let key = ["--api-key-file", file.to_str().unwrap()];
        Service::open(&strict_options(&directory, base, &key)).await.unwrap();
        std::fs::read(directory.join("data/chain.pem")).unwrap()
    };
    let first = chain("https://one.example").await;
    assert_eq!(chain("https://one.example").await, first);
    assert_ne!(chain("https://two.example").await, first);
    std::fs::remove_dir_all(directory).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_is_made_once_and_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = directory();
    std::fs::write(
        directory.join("policy.toml"),
        "[[issuer]]\nid = \"did:web:a.example\"\nmay_assert = [\"A\"]\n",
    )
    .unwrap();
    let options = options(&directory, "http://localhost:8080", &[]);
    Service::open(&options).await.unwrap();
    let path = directory.join("data/key.jwk");
    let key = std::fs::read(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let chain = std::fs::read(directory.join("data/chain.pem")).unwrap();
    Service::open(&options).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), key);
    assert_eq!(std::fs::read(directory.join("data/chain.pem")).unwrap(), chain);
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn a_certificate_that_is_given_signs_with_its_own_key() {
    let directory = directory();
    std::fs::write(
        directory.join("policy.toml"),
        "[[issuer]]\nid = \"did:web:a.example\"\nmay_assert = [\"A\"]\n",
    )
    .unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "Another authority");
    let issuer = rcgen::Issuer::new(authority, rcgen::KeyPair::generate().unwrap());
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let (chain_file, key_file) = (directory.join("chain.pem"), directory.join("key.pem"));
    std::fs::write(&chain_file, leaf.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    let more =
        ["--tls-chain", chain_file.to_str().unwrap(), "--tls-key", key_file.to_str().unwrap()];
    assert!(Service::open(&options(&directory, "http://localhost:8080", &more)).await.is_ok());
    let other = rcgen::KeyPair::generate().unwrap();
    std::fs::write(&key_file, other.serialize_pem()).unwrap();
    let refused = Service::open(&options(&directory, "http://localhost:8080", &more)).await.err();
    assert!(refused.unwrap().to_string().contains("not that of the first certificate"));
    std::fs::write(&key_file, "nonsense").unwrap();
    assert!(Service::open(&options(&directory, "http://localhost:8080", &more)).await.is_err());
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn did_and_domain_name_each_other() {
    let world = World::new().await;
    let (_, document) = world.get("/.well-known/did.json").await;
    let did = Did::parse(document["id"].as_str().unwrap()).unwrap();
    let read = DidDocument::parse(&did, document.to_string().as_bytes()).unwrap();
    let origin = &document["service"][0]["serviceEndpoint"]["origins"][0];
    let (_, configuration) = world.get("/.well-known/did-configuration.json").await;
    let linkage = configuration["linked_dids"][0].as_str().unwrap();
    let jws = UnverifiedJws::parse(linkage, &jws::Limits::default()).unwrap();
    let method = read.method(jws.header().kid.as_deref().unwrap()).unwrap();
    let key = staffpass::aws_lc::AwsLc.prepare(method.key()).unwrap();
    let verified = jws.verify(&key).unwrap();
    let claims: Value = serde_json::from_slice(verified.payload()).unwrap();
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(did.as_str()), &json!(did.as_str())));
    assert_eq!(&claims["vc"]["credentialSubject"]["origin"], origin);
    assert_eq!(claims["vc"]["credentialSubject"]["id"], did.as_str());
}

#[tokio::test]
async fn the_openapi_description_is_of_these_routes_and_no_others() {
    let directory = directory();
    let entra = entra_file(&directory, "microsoft", "");
    let world = World::with(&["--entra-file", entra.to_str().unwrap()]).await;
    std::fs::remove_dir_all(directory).unwrap();
    let (_, document) = world.get("/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(|method| (path.clone(), method.clone()))
        })
        .collect();
    let routed: BTreeSet<(String, String)> = ROUTES
        .iter()
        .flat_map(|(path, methods)| {
            methods.iter().map(|method| ((*path).to_owned(), (*method).to_owned()))
        })
        .collect();
    assert_eq!(described, routed);
    let open = world.open(&ask("openid4vp")).await;
    let fill = |path: &str| {
        let link = staffpass::request::Link::parse_with(
            &open.link,
            staffpass::request::Transport::HttpsOrLoopbackHttp,
        );
        let link = link.unwrap();
        let last = |address: &str| address.rsplit('/').next().unwrap().to_owned();
        path.replace("{id}", &open.id)
            .replace("{tenant}", "tenant.example")
            .replace("{request_id}", &last(link.request_uri()))
            .replace("{handle}", &last(&open.response_uri))
    };
    for (path, own) in ROUTES {
        for method in ["get", "post", "put", "delete"] {
            let url = format!("{}{}", world.base, fill(path));
            let verb = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let status = world.http.request(verb, url).send().await.unwrap().status().as_u16();
            assert_eq!(status == 405, !own.contains(&method), "{method} {path} {status}");
            assert_ne!(status, 404, "{method} {path}");
            if own.contains(&method) {
                let responses = &document["paths"][path][method]["responses"];
                assert!(responses[status.to_string()].is_object(), "{method} {path} {status}");
            }
        }
    }
}

/// Every member that is required is there, and every member that is there is described.
fn fits(document: &Value, schema: &str, value: &Value) {
    let schema = &document["components"]["schemas"][schema];
    for required in schema["required"].as_array().unwrap() {
        assert!(value.get(required.as_str().unwrap()).is_some(), "{required} {value}");
    }
    for member in value.as_object().unwrap().keys() {
        assert!(schema["properties"][member].is_object(), "{member}");
    }
}

#[tokio::test]
async fn replies_are_as_the_openapi_description_says() {
    let world = World::new().await;
    let (_, document) = world.get("/openapi.json").await;
    let (_, made) = world.post("/requests", &ask("openid4vp")).await;
    fits(&document, "Created", &made);
    let open = world.open(&ask("openid4vp")).await;
    let statuses =
        document["components"]["schemas"]["Status"]["properties"]["status"]["enum"].clone();
    fits(&document, "Status", &world.status(&open.id).await);
    world.respond(&open, world.answer(&open).body()).await;
    let shown = world.status(&open.id).await;
    fits(&document, "Status", &shown);
    fits(&document, "Verified", &shown["credentials"][0]);
    assert!(statuses.as_array().unwrap().contains(&shown["status"]));
    let (_, problem) = world.post("/requests", &json!({})).await;
    fits(&document, "Problem", &problem);
}

#[tokio::test]
async fn the_object_is_signed_by_the_key_that_the_document_lists() {
    let world = World::new().await;
    let (_, made) = world.post("/requests", &ask("microsoft")).await;
    let transport = staffpass::request::Transport::HttpsOrLoopbackHttp;
    let link = staffpass::request::Link::parse_with(made["link"].as_str().unwrap(), transport);
    let link = link.unwrap();
    let object = world.http.get(link.request_uri()).send().await.unwrap().text().await.unwrap();
    let object = link.read_object(&object).unwrap();
    let (_, document) = world.get("/.well-known/did.json").await;
    let did = Did::parse(object.client_did()).unwrap();
    let document = DidDocument::parse(&did, document.to_string().as_bytes()).unwrap();
    let key = document.method(object.key_id()).unwrap();
    let key = staffpass::aws_lc::AwsLc.prepare(key.key()).unwrap();
    assert!(object.verify(&key).is_ok());
    let key_file = std::fs::read(world.directory.join("data/key.jwk")).unwrap();
    let own = staffpass::aws_lc::SigningKey::from_private_jwk(&key_file).unwrap();
    assert_eq!(own.verification_key().thumbprint(), key.thumbprint());
    assert_eq!(base64url::encode(own.public_key().x()).len(), 43);
}
