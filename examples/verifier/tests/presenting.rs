//! Wallets present to the service over loopback: good answers, and every way in which one is not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::Utc;
use common::*;
use serde_json::{Value, json};
use staffpass::jose::{Algorithm, CryptoProvider as _};
use staffpass_testkit::{Dialect, Encoding, Holder, HolderKind, signing_key};

const DIALECTS: [&str; 2] = ["openid4vp", "microsoft"];

#[tokio::test]
async fn a_valid_answer_is_verified_and_its_claims_are_shown() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let open = world.open(&ask(dialect)).await;
        let (status, text) = world.respond(&open, world.answer(&open).body()).await;
        assert_eq!((status, &*text), (200, if dialect == "microsoft" { "" } else { "{}" }));
        let shown = world.status(&open.id).await;
        assert_eq!(shown["status"], "verified", "{shown}");
        assert_eq!(
            shown["credentials"],
            json!([{
                "id": "identity",
                "type": TYPE,
                "issuer": world.issuer.as_str(),
                "claims": { "displayName": "Amara Example" },
            }])
        );
        let checks = shown["report"]["checks"].as_array().unwrap();
        assert!(checks.len() > 10, "{dialect}");
    }
}

#[tokio::test]
async fn a_request_is_created_until_it_is_fetched() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let (_, made) = world.post("/requests", &ask(dialect)).await;
        let id = made["id"].as_str().unwrap();
        let nothing = json!({ "status": "created", "report": null, "credentials": [] });
        assert_eq!(world.status(id).await, nothing);
        let link = staffpass::request::Link::parse_with(
            made["link"].as_str().unwrap(),
            staffpass::request::Transport::HttpsOrLoopbackHttp,
        );
        let link = link.unwrap();
        let fetch = || async { world.http.get(link.request_uri()).send().await.unwrap() };
        let (first, second) = (fetch().await, fetch().await);
        let media = if dialect == "microsoft" { "jwt" } else { "oauth-authz-req+jwt" };
        assert_eq!(first.headers()["content-type"], format!("application/{media}"));
        assert_eq!(first.text().await.unwrap(), second.text().await.unwrap());
        assert_eq!(world.status(id).await["status"], "retrieved");
    }
}

#[tokio::test]
async fn p01_an_answer_that_is_posted_twice_counts_once() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let open = world.open(&ask(dialect)).await;
        let body = world.answer(&open).body();
        assert_eq!(world.respond(&open, body.clone()).await.0, 200);
        let verified = world.status(&open.id).await;
        assert_eq!(world.respond(&open, body).await.0, 400);
        assert_eq!(world.respond(&open, b"error=access_denied".to_vec()).await.0, 400);
        assert_eq!(world.status(&open.id).await, verified);
    }
}

#[tokio::test]
async fn p02_an_answer_to_another_request_is_refused() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let (one, other) = (world.open(&ask(dialect)).await, world.open(&ask(dialect)).await);
        let mut answer = world.answer(&one);
        answer.state = Some(other.asked.state().unwrap().as_str().to_owned());
        let (status, text) = world.respond(&other, answer.body()).await;
        assert_eq!(status, 400);
        let error: Value = serde_json::from_str(&text).unwrap();
        let expected = match dialect {
            "microsoft" => json!({ "error": { "code": "invalid_request" } }),
            _ => json!({ "error": "invalid_request" }),
        };
        assert_eq!(error, expected);
        let shown = world.status(&other.id).await;
        assert_eq!(shown["status"], "refused");
        assert!(shown["report"].to_string().contains("nonce_mismatch"), "{shown}");
        assert_eq!(shown["credentials"], json!([]));
    }
}

#[tokio::test]
async fn each_fault_is_refused_and_a_good_answer_may_follow() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let open = world.open(&ask(dialect)).await;
        let forged = world.credential_of(&signing_key(Algorithm::Es256, 12));
        let mut expired = world.credential();
        expired.set("exp", Utc::now().timestamp() - 3600);
        let mut foreign = world.credential();
        foreign.set("iss", "did:web:evil.example");
        let mut borrowed = world.credential();
        borrowed.set("sub", "did:web:somebody.example");
        for credential in [forged, expired, foreign, borrowed] {
            let body = world.answer_with(&open, credential).body();
            assert_eq!(world.respond(&open, body).await.0, 400);
            let shown = world.status(&open.id).await;
            assert_eq!((&shown["status"], &shown["credentials"]), (&json!("refused"), &json!([])));
        }
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
        assert_eq!(world.status(&open.id).await["status"], "verified");
    }
}

#[tokio::test]
async fn after_the_fifth_refused_answer_none_is_taken() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let open = world.open(&ask(dialect)).await;
        let mut expired = world.credential();
        expired.set("exp", Utc::now().timestamp() - 3600);
        for _ in 0..5 {
            let body = world.answer_with(&open, expired.clone()).body();
            assert_eq!(world.respond(&open, body).await.0, 400);
        }
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 400);
        assert_eq!(world.status(&open.id).await["status"], "refused");
    }
}

#[tokio::test]
async fn p14_junk_and_answers_without_the_state_change_nothing() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let open = world.open(&ask(dialect)).await;
        let before = world.status(&open.id).await;
        let mut no_state = world.answer(&open);
        no_state.state = None;
        let mut other_state = world.answer(&open);
        other_state.state = Some("another".to_owned());
        let other_dialect = if dialect == "microsoft" {
            br#"vp_token=%7B%22identity%22%3A%5B%22a.b.c%22%5D%7D&state=x"#.to_vec()
        } else {
            b"id_token=a.b.c&vp_token=a.b.c&state=x".to_vec()
        };
        let bodies = [
            no_state.body(),
            other_state.body(),
            other_dialect,
            b"".to_vec(),
            b"response=a.b.c.d.e".to_vec(),
            b"error=access_denied&state=another".to_vec(),
            b"error=access_denied".to_vec(),
            vec![0xff; 100],
        ];
        for _ in 0..2 {
            for body in &bodies {
                assert_eq!(world.respond(&open, body.clone()).await.0, 400);
                assert_eq!(world.status(&open.id).await, before);
            }
        }
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
    }
}

#[tokio::test]
async fn a_wallet_that_declines_with_the_state_is_thanked_and_counted() {
    let world = World::new().await;
    let open = world.open(&ask("openid4vp")).await;
    let state = open.asked.state().unwrap().as_str();
    let body = format!("error=access_denied&state={state}").into_bytes();
    assert_eq!(world.respond(&open, body).await, (200, "{}".to_owned()));
    let shown = world.status(&open.id).await;
    assert_eq!(shown["status"], "refused");
    assert!(shown["report"].to_string().contains("wallet_error"), "{shown}");
    assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
}

#[tokio::test]
async fn an_address_that_belongs_to_no_request_answers_404() {
    let world = World::new().await;
    let open = world.open(&ask("openid4vp")).await;
    let last = open.response_uri.rsplit('/').next().unwrap();
    for path in [
        "/response/x".to_owned(),
        format!("/response/A{}", &last[1..]),
        format!("/response/{last}/x"),
    ] {
        if path.ends_with(last) {
            continue;
        }
        let reply = world.http.post(format!("{}{path}", world.base)).body("x").send().await;
        assert_eq!(reply.unwrap().status(), 404, "{path}");
    }
    assert_eq!(world.get("/request/AAAAAAAAAAAAAAAAAAAAAA").await.0, 404);
    assert_eq!(world.get("/requests/AAAAAAAAAAAAAAAAAAAAAA").await.0, 404);
}

#[tokio::test]
async fn the_portals_id_is_in_nothing_that_a_wallet_sees() {
    let world = World::new().await;
    for (dialect, prefix) in
        [("microsoft", None), ("openid4vp", None), ("openid4vp", Some("redirect_uri"))]
    {
        let ask = match prefix {
            Some(prefix) => with(ask(dialect), "client_id_prefix", prefix),
            None => ask(dialect),
        };
        let (_, made) = world.post("/requests", &ask).await;
        let (id, link) = (made["id"].as_str().unwrap(), made["link"].as_str().unwrap());
        assert_eq!(staffpass::jose::base64url::decode(id).unwrap().len(), 16);
        assert!(!link.contains(id));
        if prefix.is_none() {
            let read = staffpass::request::Link::parse_with(
                link,
                staffpass::request::Transport::HttpsOrLoopbackHttp,
            );
            let object = world.http.get(read.unwrap().request_uri()).send().await.unwrap();
            let object = object.text().await.unwrap();
            let claims = object.split('.').nth(1).unwrap();
            let claims = staffpass::jose::base64url::decode(claims).unwrap();
            assert!(!String::from_utf8(claims).unwrap().contains(id));
        }
        let last = link.rsplit("%2F").next().unwrap();
        assert_eq!(world.get(&format!("/requests/{last}")).await.0, 404);
    }
}

#[tokio::test]
async fn p25_on_the_same_device_no_claim_is_shown_before_the_code_comes_back() {
    let world = World::new().await;
    for dialect in DIALECTS {
        let ask = with(ask(dialect), "flow", "same_device");
        let back = format!("{}/back?share=7", world.base);
        let open = world.open(&with(ask, "return_url", back.clone())).await;
        let (status, text) = world.respond(&open, world.answer(&open).body()).await;
        assert_eq!(status, 200);
        let reply: Value = serde_json::from_str(&text).unwrap();
        let address = reply["redirect_uri"].as_str().unwrap();
        let code = address.strip_prefix(&format!("{back}&response_code=")).unwrap();
        let nothing = json!({ "status": "awaiting_return", "report": null, "credentials": [] });
        assert_eq!(world.status(&open.id).await, nothing);
        let path = format!("/requests/{}/return", open.id);
        let wrong = json!({ "response_code": "A".repeat(43) });
        assert_eq!(world.post(&path, &wrong).await.0, 409);
        assert_eq!(world.status(&open.id).await, nothing);
        let (status, shown) = world.post(&path, &json!({ "response_code": code })).await;
        assert_eq!((status, &shown["status"]), (200, &json!("verified")));
        assert_eq!(shown, world.status(&open.id).await);
        assert_eq!(world.post(&path, &json!({ "response_code": code })).await.0, 409);
    }
}

#[tokio::test]
async fn every_kind_of_client_is_answered() {
    let world = World::new().await;
    for prefix in ["decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri"] {
        let open = world.open(&with(ask("openid4vp"), "client_id_prefix", prefix)).await;
        assert!(open.asked.client_id().starts_with(&format!("{prefix}:")), "{prefix}");
        let (status, text) = world.respond(&open, world.answer(&open).body()).await;
        assert_eq!((status, &*text), (200, "{}"), "{prefix}");
        assert_eq!(world.status(&open.id).await["status"], "verified");
    }
}

#[tokio::test]
async fn a_dcql_query_may_be_given_whole() {
    let world = World::new().await;
    let query = json!({ "credentials": [{
        "id": "identity",
        "format": "jwt_vc_json",
        "meta": { "type_values": [[TYPE]] },
        "claims": [{ "path": ["credentialSubject", "displayName"], "values": ["Amara Example"] }],
    }] });
    let open = world.open(&json!({ "dialect": "openid4vp", "dcql_query": query })).await;
    assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
    let mut other = query.clone();
    other["credentials"][0]["claims"][0]["values"] = json!(["Somebody Else"]);
    let open = world.open(&json!({ "dialect": "openid4vp", "dcql_query": other })).await;
    assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 400);
    assert_eq!(world.status(&open.id).await["status"], "refused");
}

#[tokio::test]
async fn a_wallet_that_posts_for_the_object_gets_its_nonce() {
    let world = World::new().await;
    for prefix in ["decentralized_identifier", "x509_hash"] {
        let ask = with(ask("openid4vp"), "request_uri_method", "post");
        let (_, made) = world.post("/requests", &with(ask, "client_id_prefix", prefix)).await;
        let link = staffpass::request::Link::parse_with(
            made["link"].as_str().unwrap(),
            staffpass::request::Transport::HttpsOrLoopbackHttp,
        );
        let link = link.unwrap();
        assert_eq!(link.request_uri_method(), staffpass::request::RequestUriMethod::Post);
        let form = [("wallet_nonce", "abc123"), ("wallet_metadata", "{}")];
        let reply = world.http.post(link.request_uri()).form(&form).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        let object = link.read_object(&reply.text().await.unwrap()).unwrap();
        match object.unverified_request() {
            staffpass::request::AuthorizationRequest::OpenId4Vp(request) => {
                assert_eq!(request.wallet_nonce.as_deref(), Some("abc123"));
            }
            other => panic!("{other:?}"),
        }
        let id = made["id"].as_str().unwrap();
        assert_eq!(world.status(id).await["status"], "retrieved");
        let bad = world.http.post(link.request_uri()).body("wallet_nonce=").send().await.unwrap();
        assert_eq!(bad.status(), 400);
    }
}

#[tokio::test]
async fn every_format_is_verified_in_the_clear_and_encrypted() {
    let world = World::new().await;
    for mode in ["direct_post", "direct_post.jwt"] {
        let plain = with(ask("openid4vp"), "response_mode", mode);
        let open = world.open(&plain).await;
        let body = world.body(&open, &world.answer(&open));
        assert_eq!(world.respond(&open, body).await, (200, "{}".to_owned()), "{mode}");
        assert_eq!(world.status(&open.id).await["status"], "verified", "{mode}");

        let open = world.open(&with(ask_sd_jwt("openid4vp"), "response_mode", mode)).await;
        let body = world.body(&open, &world.sd_jwt_answer(&open));
        assert_eq!(world.respond(&open, body).await, (200, "{}".to_owned()), "{mode}");
        let shown = world.status(&open.id).await;
        assert_eq!(shown["status"], "verified", "{mode} {shown}");
        assert_eq!(shown["credentials"][0]["claims"]["displayName"], "Amara Example");
    }
}

#[tokio::test]
async fn what_was_asked_for_encrypted_is_not_taken_in_the_clear() {
    let world = World::new().await;
    let open = world.open(&with(ask("openid4vp"), "response_mode", "direct_post.jwt")).await;
    let (status, _) = world.respond(&open, world.answer(&open).body()).await;
    assert_ne!(status, 200);
    // The answer could be anybody's: the request is still open for the wallet's own.
    let body = world.body(&open, &world.answer(&open));
    assert_eq!(world.respond(&open, body).await, (200, "{}".to_owned()));
}

/// Not one of them is junk: somebody who has read the request sent them.
#[tokio::test]
async fn a_malformed_answer_with_the_right_state_is_refused_and_counted() {
    let world = World::new().await;
    for (dialect, fields) in [
        ("openid4vp", "vp_token=junk"),
        ("openid4vp", "vp_token=%7B%22identity%22%3A%5B%5D%7D"),
        ("openid4vp", "vp_token=%7B%22identity%22%3A%5B%22a.b.c%22%5D%7D"),
        ("openid4vp", "id_token=a.b.c&vp_token=a.b.c"),
        ("openid4vp", "presentation=a.b.c"),
        ("microsoft", "id_token=a.b.c&vp_token=a.b.c"),
        ("microsoft", "vp_token=%7B%22identity%22%3A%5B%22a.b.c%22%5D%7D"),
    ] {
        let open = world.open(&ask(dialect)).await;
        let state = open.asked.state().unwrap().as_str();
        let twice = format!("{fields}&state={state}&state={state}").into_bytes();
        assert_eq!(world.respond(&open, twice).await.0, 400);
        assert_eq!(world.status(&open.id).await["status"], "retrieved", "{dialect} {fields}");
        let body = format!("{fields}&state={state}").into_bytes();
        assert_eq!(world.respond(&open, body).await.0, 400);
        let shown = world.status(&open.id).await;
        assert_eq!(shown["status"], "refused", "{dialect} {fields}");
        assert!(shown["report"].to_string().contains("\"failed\""), "{shown}");
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
    }
}

#[tokio::test]
async fn the_codes_of_a_refusal_are_shown_to_the_portal_and_no_claim_with_them() {
    let world = World::new().await;
    let open = world.open(&ask("openid4vp")).await;
    let mut expired = world.credential();
    expired.set("exp", Utc::now().timestamp() - 3600);
    let (status, text) = world.respond(&open, world.answer_with(&open, expired).body()).await;
    assert_eq!((status, &*text), (400, r#"{"error":"invalid_request"}"#));
    let shown = world.status(&open.id).await;
    let failed = json!({ "failed": "expired" });
    let checks = shown["report"]["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["outcome"] == failed), "{shown}");
    assert!(!shown.to_string().contains("Amara"));
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_a_413_and_changes_nothing() {
    let world = World::new().await;
    for (dialect, error) in [
        ("openid4vp", json!({ "error": "invalid_request" })),
        ("microsoft", json!({ "error": { "code": "invalid_request" } })),
    ] {
        let open = world.open(&ask(dialect)).await;
        let (status, text) = world.respond(&open, vec![b'a'; 4 * 1024 * 1024 + 1]).await;
        assert_eq!(status, 413);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), error);
        assert_eq!(world.status(&open.id).await["status"], "retrieved");
    }
}

#[tokio::test]
async fn issuers_and_holders_use_every_algorithm_and_every_method_but_under_haip() {
    for algorithm in Algorithm::ALL {
        let mut world = World::issued_by(algorithm).await;
        for kind in [HolderKind::Jwk, HolderKind::Key, HolderKind::Ion] {
            world.holder = Holder::new(kind(algorithm), 77);
            for dialect in DIALECTS {
                let open = world.open(&ask(dialect)).await;
                let status = world.respond(&open, world.answer(&open).body()).await.0;
                assert_eq!(status, 200, "{dialect} {:?}", kind(algorithm));
                assert_eq!(world.status(&open.id).await["status"], "verified");
            }
        }
        for dialect in ["openid4vp", "haip"] {
            let open = world.open(&ask_sd_jwt(dialect)).await;
            let body = world.body(&open, &world.sd_jwt_answer(&open));
            let good = dialect == "openid4vp" || algorithm == Algorithm::Es256;
            let expected = if good { (200, "verified") } else { (400, "refused") };
            assert_eq!(world.respond(&open, body).await.0, expected.0, "{dialect} {algorithm}");
            let shown = world.status(&open.id).await;
            assert_eq!(shown["status"], expected.1, "{dialect} {algorithm} {shown}");
        }
    }
}

#[tokio::test]
async fn the_public_url_may_be_plain_http_on_each_name_of_the_loopback() {
    for (listen, host) in [("127.0.0.1", "localhost"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")]
    {
        let world = World::of(listen, host, Algorithm::Es256, &[]).await;
        for dialect in DIALECTS {
            let open = world.open(&ask(dialect)).await;
            let status = world.respond(&open, world.answer(&open).body()).await.0;
            assert_eq!(status, 200, "{host} {dialect}");
        }
    }
}

#[tokio::test]
async fn requests_in_a_file_outlive_a_restart_and_those_in_memory_do_not() {
    let directory = directory();
    let file = format!("sqlite:{}", directory.join("requests.db").display());
    for (url, kept) in [(file.as_str(), true), ("sqlite::memory:", false)] {
        let mut world = World::with(&["--database-url", url]).await;
        let encrypted = with(ask("openid4vp"), "response_mode", "direct_post.jwt");
        let (answered, open) = (world.open(&encrypted).await, world.open(&encrypted).await);
        let body = world.body(&answered, &world.answer(&answered));
        assert_eq!(world.respond(&answered, body).await.0, 200);
        let before = world.status(&answered.id).await;
        verifier::rotate_key(&options(&world.directory, &world.base, &[])).unwrap();
        world.restart().await;
        let body = world.body(&open, &world.answer(&open));
        if kept {
            assert_eq!(world.status(&answered.id).await, before);
            assert_eq!(world.status(&open.id).await["status"], "retrieved");
            assert_eq!(world.respond(&open, body).await.0, 200);
            assert_eq!(world.status(&open.id).await["status"], "verified");
        } else {
            assert_eq!(world.get(&format!("/requests/{}", answered.id)).await.0, 404);
            assert_eq!(world.respond(&open, body).await.0, 404);
        }
    }
    std::fs::remove_dir_all(directory).unwrap();
}

/// What one key signed it signs again, when the newest is another: the header says which.
#[tokio::test]
async fn an_object_of_before_a_change_of_keys_is_signed_again_by_its_own_key() {
    let directory = directory();
    let file = format!("sqlite:{}", directory.join("requests.db").display());
    let mut world = World::with(&["--database-url", &file]).await;
    let open = world.open(&with(ask("openid4vp"), "request_uri_method", "post")).await;
    let transport = staffpass::request::Transport::HttpsOrLoopbackHttp;
    let link = staffpass::request::Link::parse_with(&open.link, transport).unwrap();
    verifier::rotate_key(&options(&world.directory, &world.base, &[])).unwrap();
    world.restart().await;
    let post = world.http.post(link.request_uri()).form(&[("wallet_nonce", "abc123")]);
    let object = link.read_object(&post.send().await.unwrap().text().await.unwrap()).unwrap();
    let (_, document) = world.get("/.well-known/did.json").await;
    let did = staffpass::did::Did::parse(object.client_did()).unwrap();
    let text = document.to_string();
    let document = staffpass::did::DidDocument::parse(&did, text.as_bytes()).unwrap();
    let key = document.method(object.key_id()).unwrap();
    let key = staffpass::aws_lc::AwsLc.prepare(key.key()).unwrap();
    assert!(object.verify(&key).is_ok());
    std::fs::remove_dir_all(directory).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn b26_the_file_is_for_this_user_alone_and_shows_no_claim() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = directory();
    let path = directory.join("requests.db");
    let url = format!("sqlite:{}", path.display());
    let world = World::with(&["--database-url", &url]).await;
    let open = world.open(&ask("openid4vp")).await;
    assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
    for file in [&path, &world.directory.join("data/sealing.key")] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let parts = ["", "-wal"].map(|part| std::fs::read(format!("{}{part}", path.display())));
    let bytes = parts.into_iter().flatten().collect::<Vec<_>>().concat();
    let state = open.asked.state().unwrap().as_str();
    for text in ["Amara", open.id.as_str(), state] {
        assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn a_wallet_of_the_drafts_presents_and_is_refused_as_any_other() {
    let world = World::new().await;
    let open = world.open_draft(&ask("openid4vp_draft_pe")).await;
    assert!(open.link.starts_with("openid4vp://?client_id=did%3Aweb%3Alocalhost"));
    let mut expired = world.credential();
    expired.set("exp", Utc::now().timestamp() - 3600);
    assert_eq!(world.respond(&open, world.answer_with(&open, expired).body()).await.0, 400);
    assert_eq!(world.status(&open.id).await["status"], "refused");
    let state = open.asked.state().unwrap().as_str();
    let by_1_0 = format!("vp_token=%7B%22identity%22%3A%5B%22a.b.c%22%5D%7D&state={state}");
    assert_eq!(world.respond(&open, by_1_0.into_bytes()).await.0, 400);
    let body = world.answer(&open).body();
    assert_eq!(world.respond(&open, body.clone()).await, (200, "{}".to_owned()));
    let shown = world.status(&open.id).await;
    assert_eq!(shown["status"], "verified", "{shown}");
    assert_eq!(shown["credentials"][0]["id"], "identity");
    assert_eq!(shown["credentials"][0]["claims"]["displayName"], "Amara Example");
    assert_eq!(world.respond(&open, body).await.0, 400);
}

/// A DCQL query by its parts, the answers of the wallet, and what comes of them.
#[tokio::test]
async fn sets_and_several_of_one_kind_are_judged_as_the_query_has_them() {
    let world = World::new().await;
    let part = |id: &str, more: Value| {
        let mut part = json!({
            "id": id, "format": "jwt_vc_json", "meta": { "type_values": [[TYPE]] },
        });
        part.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        part
    };
    let claim = |name: &str| json!({ "id": name, "path": ["credentialSubject", name] });
    let missing = json!({ "claims": [claim("staffNumber")] });
    let either = json!({
        "claims": [claim("staffNumber"), claim("displayName")],
        "claim_sets": [["staffNumber"], ["displayName"]],
    });
    let optional = json!({
        "credentials": [part("identity", json!({})), part("other", json!({}))],
        "credential_sets": [
            { "options": [["identity"]] },
            { "options": [["other"]], "required": false },
        ],
    });
    let alone = |part: Value| json!({ "credentials": [part] });
    let both = json!({ "credentials": [part("identity", json!({})), part("other", json!({}))] });
    let several = alone(part("identity", json!({ "multiple": true })));
    for (query, times, expected) in [
        (alone(part("identity", missing)), 1, 400),
        (alone(part("identity", either)), 1, 200),
        (optional, 1, 200),
        (both, 1, 400),
        (several, 2, 200),
        (alone(part("identity", json!({}))), 2, 400),
    ] {
        let open = world.open(&json!({ "dialect": "openid4vp", "dcql_query": query })).await;
        let mut answer = world.answer(&open);
        let one = answer.presentations[0].clone();
        answer.presentations.resize(times, one);
        let status = world.respond(&open, answer.body()).await.0;
        let shown = world.status(&open.id).await;
        assert_eq!(status, expected, "{query} {shown}");
        let wanted = if expected == 200 { times } else { 0 };
        assert_eq!(shown["credentials"].as_array().unwrap().len(), wanted, "{query}");
    }
}

/// Synthetic: no public capture of a post with several `vp_token` fields is known.
#[tokio::test]
async fn microsofts_wallet_answers_in_several_fields_or_in_one() {
    let world = World::new().await;
    let two = json!({
        "dialect": "microsoft",
        "credentials": [{ "id": "one", "type": TYPE }, { "id": "two", "type": TYPE }],
    });
    for dialect in [Dialect::MicrosoftEach, Dialect::MicrosoftTogether] {
        let open = world.open(&two).await;
        let credentials = ["one", "two"].map(|part| (part.to_owned(), world.credential()));
        let (encoding, now) = (Encoding::VcJwt, Utc::now());
        let answer = world.holder.answer(dialect, &open.asked, encoding, credentials.to_vec(), now);
        assert_eq!(world.respond(&open, answer.body()).await, (200, String::new()), "{dialect:?}");
        let shown = world.status(&open.id).await;
        assert_eq!(shown["credentials"][1]["id"], "two", "{shown}");
    }
}
