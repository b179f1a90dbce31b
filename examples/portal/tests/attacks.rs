//! The attacks on session, browser and operator (B1 to B26), as far as they are the portal's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::*;
use staffpass::request::{Link, Transport};
use staffpass::share::{InvitedPerson, State};

const OUT_OF_DATE: &str = "That page is out of date";

#[tokio::test]
async fn b01_a_victims_wallet_does_not_make_the_attackers_share() {
    for wallet in WALLETS {
        let world = World::new().await;
        let attacker = InvitedPerson::new("Attacker").with_given_name("Alex");
        let (link, reference) = world.invite_person(attacker).await;
        let browser = world.to_qr(&link, wallet, &["employment", "training"]).await;
        let shown_to_the_victim = world.scan(&browser).await;
        world.respond(&shown_to_the_victim, world.answer(&shown_to_the_victim).body()).await;
        assert_eq!(world.state(&reference).await, State::NotMatched);
        assert!(world.portal.store().submitted(TENANT, &reference).await.is_err());
    }
}

#[tokio::test]
async fn b02_what_the_qr_code_holds_gives_no_access_to_the_state() {
    let world = World::new().await;
    let (browser, reference) = world.at_qr("openid4vp").await;
    let open = world.scan(&browser).await;
    let id = open.response_uri.rsplit('/').next().unwrap().to_owned();
    let mut thief = world.browser();
    for path in
        ["/share/status".to_owned(), format!("/share/status?id={id}"), format!("/share/{id}")]
    {
        thief.get(&path).await;
        assert!(!thief.html.contains("connecting") && !thief.html.contains("scanned"), "{path}");
    }
    thief.jar.insert("staffpass-session".to_owned(), id);
    thief.get("/share/status").await.says("timed_out");
    thief.jar.insert("staffpass-done".to_owned(), format!("{reference}.AAAA"));
    thief.get("/share/done").await.shows("Your session has ended");
}

#[tokio::test]
async fn b04_rubbish_at_the_response_address_ends_nothing() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (mut browser, _) = world.at_qr(wallet).await;
        let open = world.scan(&browser).await;
        for _ in 0..12 {
            assert_eq!(
                world.respond(&open, b"vp_token=rubbish&state=rubbish".to_vec()).await.0,
                400
            );
            assert_eq!(world.respond(&open, vec![0xff; 1000]).await.0, 400);
        }
        browser.get("/share").await.shows("Follow the instructions in your wallet");
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
    }
    let world = World::new().await;
    let unknown = format!("{}/response/{}", world.base, "A".repeat(43));
    assert_eq!(http().post(unknown).body("x").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn b04_an_answer_is_taken_once_also_by_two_portals_at_once() {
    for wallet in WALLETS {
        let world = World::new().await;
        let other = open(&world.text, &world.clock).await;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { other.serve(listener, std::future::pending()).await });
        let (browser, reference) = world.at_qr(wallet).await;
        let open = world.scan(&browser).await;
        let body = world.answer(&open).body();
        let path = open.response_uri.strip_prefix(&world.base).unwrap().to_owned();
        let posts = (0..16).map(|n| {
            let base =
                if n % 2 == 0 { world.base.clone() } else { format!("http://localhost:{port}") };
            let post = http().post(format!("{base}{path}")).body(body.clone());
            tokio::spawn(async move { post.send().await.unwrap().status().as_u16() })
        });
        let mut accepted = 0;
        for post in posts.collect::<Vec<_>>() {
            accepted += usize::from(post.await.unwrap() == 200);
        }
        assert_eq!(accepted, 1, "{wallet}");
        assert_eq!(world.state(&reference).await, State::Received);
    }
}

#[tokio::test]
async fn b05_the_qr_code_holds_neither_nonce_nor_anything_personal() {
    let world = World::new().await;
    for wallet in WALLETS {
        let (link, reference) = world.invite().await;
        let browser = world.to_qr(&link, wallet, &["training"]).await;
        let qr = browser.wallet_link();
        let open = world.scan(&browser).await;
        for secret in [
            open.asked.nonce().as_str(),
            open.asked.state().unwrap().as_str(),
            &reference,
            "Testerby",
            "rowan",
        ] {
            assert!(!qr.contains(secret), "{wallet}");
        }
        let allowed = if wallet == "microsoft" {
            vec!["request_uri"]
        } else {
            vec!["client_id", "request_uri", "request_uri_method"]
        };
        let query = qr.split_once('?').unwrap().1;
        for pair in query.split('&') {
            assert!(allowed.contains(&pair.split('=').next().unwrap()), "{pair}");
        }
        world.portal.store().erase(TENANT, &reference, world.now()).await.unwrap();
    }
}

#[tokio::test]
async fn b06_the_response_address_is_in_the_signed_request_and_is_ours() {
    let world = World::new().await;
    let (browser, _) = world.at_qr("openid4vp").await;
    let link = Link::parse_with(&browser.wallet_link(), Transport::HttpsOrLoopbackHttp).unwrap();
    assert!(link.request_uri().starts_with(&world.base));
    assert!(
        world.scan(&browser).await.response_uri.starts_with(&format!("{}/response/", world.base))
    );
}

#[tokio::test]
async fn b07_parallel_guesses_are_each_counted_and_end_the_code() {
    let world = World::new().await;
    let (browser, _) = world.at_email_code("microsoft").await;
    let (right, wrong) = (world.code("email"), world.wrong_code("email"));
    let guesses = (0..8).map(|_| {
        let (mut browser, wrong) = (browser.clone(), wrong.clone());
        tokio::spawn(async move {
            browser.submit("/share/code", &[("code", &wrong)]).await;
        })
    });
    for guess in guesses.collect::<Vec<_>>() {
        guess.await.unwrap();
    }
    let mut browser = browser.clone();
    browser.get("/share").await;
    if browser.form("/share/code").is_some() {
        browser.submit("/share/code", &[("code", &right)]).await;
    }
    assert_ne!(browser.title(), "What is your mobile number?", "five wrong tries end a code");
}

#[tokio::test]
async fn b08_a_code_for_one_address_confirms_no_other() {
    let world = World::new().await;
    let (mut browser, _) = world.at_email_code("openid4vp").await;
    let email = world.code("email");
    browser.submit("/share/code", &[("code", &email)]).await;
    browser.submit("/share/mobile", &[("mobile", MOBILE)]).await.shows("Check your phone");
    if email != world.code("sms") {
        browser.submit("/share/code", &[("code", &email)]).await;
        browser.says("The security code you entered is not correct");
    }
}

#[tokio::test]
async fn b09_what_others_wrote_is_text_on_the_page_and_never_markup() {
    let world = World::with("trust.name = \"<b>Westmoor</b> & \\\"sons\\\"\"").await;
    let (link, _) = world.invite().await;
    let mut browser = world.browser();
    browser.get(&link).await;
    assert!(!browser.html.contains("<b>Westmoor"));
    browser.says("&#60;b&#62;Westmoor&#60;/b&#62;");
    let (mut browser, _) =
        World::new().await.at_received_with_email("\"><script>alert(1)</script>@x.example").await;
    browser.get("/share").await;
    assert!(!browser.html.contains("<script>alert"));
}

#[tokio::test]
async fn b13_a_session_of_one_trust_is_nothing_to_another_in_the_same_database() {
    let world = World::new().await;
    let text = format!("trust.id = \"eastmoor\"\n{}", world.text);
    let portal = open(&text, &world.clock).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { portal.serve(listener, std::future::pending()).await });
    let (link, _) = world.invite().await;
    let mut browser = world.to_qr(&link, "microsoft", &[]).await;
    let open = world.scan(&browser).await;
    let mut foreign = browser.clone();
    foreign.base = base.clone();
    foreign.get("/share").await.shows("Your session has ended");
    foreign.get(&link).await.shows("This invitation cannot be used");
    let path = open.response_uri.strip_prefix(&world.base).unwrap();
    let answer = world.answer_with(&open, world.credentials(&["identity"])).body();
    let posted = http().post(format!("{base}{path}")).body(answer.clone()).send().await.unwrap();
    assert_eq!(posted.status(), 400);
    assert_eq!(world.respond(&open, answer).await.0, 200);
    browser.get("/share").await.shows("Create your profile");
}

#[tokio::test]
async fn b15_an_address_that_never_was_answers_like_one_whose_time_is_up_or_a_wrong_answer() {
    let world = World::new().await;
    let (browser, _) = world.at_qr("openid4vp").await;
    let open = world.scan(&browser).await;
    let good = world.answer(&open).body();
    let (path, handle) = open.response_uri.rsplit_once('/').unwrap();
    let other = |first: &str| format!("{path}/{first}{}", &handle[first.len()..]);
    let post = async |address: &str, body: Vec<u8>| {
        let reply = http().post(address).body(body).send().await.unwrap();
        let headers = format!("{:?}", reply.headers().get("content-type"));
        (reply.status().as_u16(), headers, reply.text().await.unwrap())
    };
    let unknown = post(&other("AAAA"), good.clone()).await;
    assert_eq!((unknown.0, &*unknown.2), (400, r#"{"error":"invalid_request"}"#));
    let mut wrong = open.clone();
    wrong.asked = foreign_nonce(&world, &open);
    let answers = [
        ("no handle at all", post(&format!("{path}/x"), good.clone()).await),
        ("junk", post(&open.response_uri, b"junk".to_vec()).await),
        ("a wrong nonce", post(&open.response_uri, world.answer(&wrong).body()).await),
    ];
    for (what, answer) in answers {
        assert_eq!(answer, unknown, "{what}");
    }
    world.wait(TimeDelta::minutes(6));
    assert_eq!(post(&open.response_uri, good).await, unknown, "too late");
}

/// The same request but for the nonce.
fn foreign_nonce(world: &World, open: &Open) -> staffpass::request::Expectation {
    let (asked, now) = (&open.asked, world.now());
    let nonce = staffpass::request::Nonce::generate(&mut rand::rng());
    let until = now + TimeDelta::minutes(5);
    staffpass::request::Expectation::builder(asked.client_id(), nonce.as_str(), now, until)
        .protocol(asked.protocol().unwrap(), asked.response_mode().unwrap())
        .query(asked.query().unwrap().clone())
        .state(asked.state().unwrap().as_str())
        .build()
        .unwrap()
}

#[tokio::test]
async fn b16_numbers_abroad_and_dear_ones_get_no_message_and_the_cap_fails_closed() {
    let world = World::with("notify.sms_per_day = 1").await;
    let (mut browser, _) = world.at_email_code("microsoft").await;
    browser.submit("/share/code", &[("code", &world.code("email"))]).await;
    for number in ["+44 7797 712345", "070 1234 5678", "0909 879 0000", "+44 7624 312345"] {
        browser.submit("/share/mobile", &[("mobile", number)]).await;
        assert_eq!(browser.status, 422, "{number}");
    }
    assert_eq!(world.messages("sms").len(), 0);
    browser.submit("/share/mobile", &[("mobile", MOBILE)]).await.shows("Check your phone");
    browser.submit("/share/resend", &[]).await;
    browser.says("We cannot send any more text messages today");
    assert_eq!(world.messages("sms").len(), 1);
}

#[tokio::test]
async fn b17_nobody_is_bombed_with_codes() {
    let world = World::new().await;
    let (mut browser, _) = world.at_email_code("openid4vp").await;
    for _ in 0..8 {
        browser.submit("/share/resend", &[]).await;
    }
    browser.says("as many codes as we may for now");
    let codes =
        world.messages("email").iter().filter(|text| text.contains("security code")).count();
    assert_eq!(codes, 3, "three in a quarter of an hour");
    for _ in 0..3 {
        browser.submit("/share/change", &[]).await;
        browser.submit("/share/email", &[("email", "victim@example.com")]).await;
    }
    assert_eq!(world.messages("email").len(), 3, "neither a code nor a warning more");
}

#[tokio::test]
async fn b24_after_a_restore_sessions_requests_and_links_are_dead() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    let mut browser = world.to_qr(&link, "openid4vp", &["training"]).await;
    let open = world.scan(&browser).await;
    world.portal.store().begin_epoch().await.unwrap();
    let answer = world.answer_with(&open, world.credentials(&["identity", "training"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 400);
    browser.submit_anyway("/share/amend").await;
    browser.get("/share").await;
    assert_ne!(browser.title(), "Connect to your wallet");
    browser.get(&link).await.shows("This invitation cannot be used");
}

#[tokio::test]
async fn b25_three_requests_are_live_at_most_also_by_two_tabs_at_once() {
    let world = World::new().await;
    let (browser, reference) = world.at_qr("microsoft").await;
    let tabs = (0..6).map(|_| {
        let mut tab = browser.clone();
        tokio::spawn(async move {
            tab.submit("/share/cancel", &[]).await;
            tab.submit_anyway("/share/confirm").await;
            tab.status
        })
    });
    for tab in tabs.collect::<Vec<_>>() {
        tab.await.unwrap();
    }
    let mut browser = browser.clone();
    for _ in 0..3 {
        browser.get("/share").await;
        if browser.form("/share/confirm").is_some() {
            browser.submit("/share/confirm", &[("answer", "microsoft")]).await;
        } else if browser.form("/share/cancel").is_some() {
            browser.submit("/share/cancel", &[]).await;
            browser.submit("/share/confirm", &[("answer", "microsoft")]).await;
        } else {
            browser.submit("/share/connect", &[]).await;
        }
    }
    browser.shows("You have asked for too many QR codes");
    assert_eq!(browser.status, 429);
    assert!(world.portal.store().share(TENANT, &reference).await.is_ok());
}

#[tokio::test]
async fn b26_no_token_and_nothing_personal_stands_in_the_database_in_the_clear() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    let browser = world.to_qr(&link, "microsoft", &["training"]).await;
    let open = world.scan(&browser).await;
    let answer = world.answer_with(&open, world.credentials(&["identity", "training"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 200);
    let token = link.strip_prefix("/i/").unwrap();
    let session = &browser.jar["staffpass-session"];
    let handle = open.response_uri.rsplit('/').next().unwrap();
    let secrets = [token, session, handle, "Testerby", "rowan.testerby", "1988-11-03", "900123"];
    for file in ["portal.db", "portal.db-wal"] {
        // PostgreSQL has no such file; the store's own tests look into its tables.
        let Ok(bytes) = std::fs::read(world.directory.join(file)) else { continue };
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{file} has a secret");
        }
    }
}

#[tokio::test]
async fn a_form_without_its_token_or_from_elsewhere_changes_nothing() {
    let world = World::new().await;
    let (browser, reference) = world.at_qr("openid4vp").await;
    let before = world.portal.store().share(TENANT, &reference).await.unwrap().version();
    let mut forged = browser.clone();
    forged.post("/share/amend", &[("expected", "connecting")]).await.shows(OUT_OF_DATE);
    assert_eq!(forged.status, 403);
    let other = world.browser();
    let hidden = browser.hidden("/share/amend");
    let form: Vec<_> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut cookieless = other;
    cookieless.post("/share/amend", &form).await.shows(OUT_OF_DATE);
    let cookie = format!("staffpass-session={}", browser.jar["staffpass-session"]);
    for (header, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
        let post = http().post(format!("{}/share/amend", world.base)).form(&form);
        let reply = post.header("cookie", &cookie).header(header, value).send().await.unwrap();
        assert_eq!(reply.status(), 403, "{value}");
    }
    let json = http().post(format!("{}/share/amend", world.base)).header("cookie", &cookie);
    let json = json.header("content-type", "text/plain").body("token=x").send().await.unwrap();
    assert_eq!(json.status(), 403);
    let share = world.portal.store().share(TENANT, &reference).await.unwrap();
    assert_eq!(share.version(), before);
}

#[tokio::test]
async fn a_form_of_another_state_is_answered_409_and_changes_nothing() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_qr("microsoft").await;
    let version = |share: staffpass::share::Share| share.version();
    let store = world.portal.store();
    let before = version(store.share(TENANT, &reference).await.unwrap());
    let hidden = browser.hidden("/share/amend");
    let token = &hidden.iter().find(|(name, _)| name == "token").unwrap().1;
    for action in ["select", "start", "profile", "email", "code", "role", "submit", "gaps"] {
        for expected in ["connecting", action, ""] {
            let form = [
                ("token", &**token),
                ("expected", expected),
                ("code", "123456"),
                ("email", EMAIL),
                ("role", "correct"),
            ];
            browser.post(&format!("/share/{action}"), &form).await;
            assert_eq!(browser.status, 409, "{action}");
        }
    }
    assert_eq!(version(store.share(TENANT, &reference).await.unwrap()), before);
}

#[tokio::test]
async fn a_get_changes_nothing() {
    let world = World::new().await;
    let (link, reference) = world.invite().await;
    let mut scanner = world.browser();
    for path in [&*link, &link, "/share", "/share/status", "/share/done", "/"] {
        scanner.get(path).await;
    }
    let share = world.portal.store().share(TENANT, &reference).await.unwrap();
    assert_eq!((share.version(), share.state(world.now())), (0, State::Invited));
    let (mut browser, reference) = (world.to_qr(&link, "microsoft", &[]).await, reference);
    let before = world.portal.store().share(TENANT, &reference).await.unwrap().version();
    for path in ["/share", "/share/status", &link, "/share/amend"] {
        browser.get(path).await;
    }
    let after = world.portal.store().share(TENANT, &reference).await.unwrap().version();
    assert_eq!(before, after);
}

#[tokio::test]
async fn of_two_browsers_the_latest_has_the_share() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    let mut first = world.to_qr(&link, "microsoft", &["training"]).await;
    let open = world.scan(&first).await;
    let mut second = world.browser();
    second.get(&link).await.submit(&link, &[("registered", "before")]).await;
    second.shows("What you will do");
    first.submit_anyway("/share/cancel").await.shows("Your session has ended");
    let answer = world.answer_with(&open, world.credentials(&["identity", "training"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 400);
    second.get("/share").await.shows("What you will do");
}

#[tokio::test]
async fn the_session_has_another_secret_after_each_step_up() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    let mut browser = world.browser();
    let mut secrets = Vec::new();
    let mut seen = |browser: &Browser| secrets.push(browser.jar.get("staffpass-session").cloned());
    browser.get(&link).await;
    seen(&browser);
    browser.submit(&link, &[("registered", "before")]).await;
    seen(&browser);
    let (mut browser, _) = {
        world
            .portal
            .store()
            .erase(
                TENANT,
                &world.portal.store().list(TENANT, "", 9).await.unwrap()[0].reference,
                world.now(),
            )
            .await
            .unwrap();
        world.at_received("openid4vp").await
    };
    let before = browser.clone();
    seen(&browser);
    browser.submit("/share/profile", &[]).await;
    seen(&browser);
    assert!(secrets.iter().all(Option::is_some));
    let distinct: std::collections::BTreeSet<_> = secrets.iter().collect();
    assert_eq!(distinct.len(), secrets.len());
    before.clone().get("/share").await.shows("Your session has ended");
}

#[tokio::test]
async fn every_page_has_the_headers_and_https_has_host_cookies() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    let mut browser = world.browser();
    for path in [
        &*link,
        "/",
        "/share",
        "/nowhere",
        "/assets/portal.css",
        "/.well-known/did.json",
        "/response/x",
    ] {
        browser.get(path).await;
        let header = |name: &str| browser.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
        let policy = header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{part}");
        }
        assert_eq!(header("referrer-policy").unwrap(), "no-referrer");
        assert_eq!(header("x-content-type-options").unwrap(), "nosniff");
        assert_eq!(header("cross-origin-opener-policy").unwrap(), "same-origin");
        assert!(header("cache-control").is_some());
        assert_eq!(header("strict-transport-security"), None, "on http");
    }
    let text = world.text.replace(&world.base, "https://portal.example");
    let text = format!("{text}\nrecruitment.sign_in = \"off\"\n");
    let portal = open(&text, &world.clock).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { portal.serve(listener, std::future::pending()).await });
    let mut browser = Browser::new(&base);
    browser.get(&link).await;
    let cookie = browser.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-staffpass-session="), "{cookie}");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{attribute}");
    }
    assert!(!cookie.contains("Domain"));
    let hsts = browser.headers["strict-transport-security"].to_str().unwrap();
    assert_eq!(hsts, "max-age=31536000; includeSubDomains");
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused() {
    let world = World::new().await;
    let (mut browser, _) = world.at_qr("microsoft").await;
    let open = world.scan(&browser).await;
    let large = "x".repeat(17 * 1024);
    let hidden = browser.hidden("/share/amend");
    let mut form: Vec<_> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    form.push(("more", &large));
    browser.post("/share/amend", &form).await;
    assert_eq!(browser.status, 413);
    assert_eq!(world.respond(&open, vec![b'x'; 5 * 1024 * 1024]).await.0, 413);
}

#[tokio::test]
async fn after_the_share_no_page_of_the_person_has_a_claim_in_it() {
    let world = World::new().await;
    let (mut browser, _) = world.at_received("openid4vp").await;
    let claims =
        ["1988-11-03", "3 November", "Elderly Care", "Fire Safety", "Z9Z9Z", "Testerby", "H1A"];
    let check = |browser: &Browser| {
        let main = browser.html.split("<main").nth(1).unwrap().replace(EMAIL, "");
        for claim in claims {
            assert!(!main.contains(claim), "{claim} is on {}", browser.title());
        }
    };
    check(&browser);
    browser.submit("/share/profile", &[]).await;
    check(&browser);
    browser.submit("/share/email", &[("email", EMAIL)]).await;
    check(&browser);
    browser.submit("/share/code", &[("code", &world.code("email"))]).await;
    browser.submit("/share/mobile", &[("mobile", MOBILE)]).await;
    check(&browser);
    browser.submit("/share/code", &[("code", &world.code("sms"))]).await;
    check(&browser);
    browser.submit("/share/role", &[("role", "correct")]).await;
    check(&browser);
}

#[tokio::test]
async fn an_unknown_credential_is_nobodys_tick_and_identity_cannot_be_left_out() {
    let world = World::new().await;
    let (link, reference) = world.invite().await;
    let mut browser = world.browser();
    browser.get(&link).await.submit(&link, &[("registered", "before")]).await;
    browser.submit("/share/start", &[]).await;
    browser.submit("/share/select", &[("credential", "passport")]).await;
    assert_eq!(browser.status, 400);
    assert_eq!(world.state(&reference).await, State::Selecting);
    browser
        .get("/share")
        .await
        .submit("/share/select", &[])
        .await
        .shows("Confirm what you will share");
    browser.says("Identity");
    browser.submit("/share/confirm", &[]).await;
    browser.says("Select whether to connect to your wallet");
    browser.submit("/share/confirm", &[("answer", "change")]).await;
    browser.shows("Select the credentials to share");
}

#[tokio::test]
async fn a_client_that_is_slow_with_its_headers_is_not_waited_for() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let world = World::new().await;
    let address = world.base.strip_prefix("http://").unwrap();
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    let mut bytes = Vec::new();
    let patience = std::time::Duration::from_secs(20);
    let ended = tokio::time::timeout(patience, slow.read_to_end(&mut bytes)).await;
    assert!(ended.is_ok(), "the connection is closed");
}

#[tokio::test]
async fn a_person_who_needs_more_time_gets_it_within_bounds() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_qr("microsoft").await;
    for _ in 0..6 {
        world.wait(TimeDelta::minutes(18));
        browser.get("/share").await.submit("/share/extend", &[]).await;
        assert_ne!(browser.title(), "Your session has ended");
    }
    world.wait(TimeDelta::minutes(18));
    assert_eq!(world.state(&reference).await, State::TimedOut, "two hours are the end");
}
