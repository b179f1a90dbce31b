//! An OpenID4VP wallet on the same device: the result waits for the code, in the browser that began.

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
use serde_json::Value;
use staffpass::share::State;

const AWAITED: &str = "Come back from your wallet";

/// A browser before the link to the wallet on its own device, and the reference of its share.
async fn at_link(world: &World) -> (Browser, String) {
    let (mut browser, reference) = world.at_qr("openid4vp").await;
    browser.submit("/share/connect_here", &[]).await.shows("Open your wallet");
    (browser, reference)
}

/// The wallet shares all; where it leads the person.
async fn share(world: &World, browser: &Browser) -> String {
    let open = world.scan(browser).await;
    let (status, reply) = world.respond(&open, world.answer(&open).body()).await;
    assert_eq!(status, 200, "{reply}");
    let reply: Value = serde_json::from_str(&reply).unwrap();
    let next = reply["redirect_uri"].as_str().expect("the wallet is told where to go on");
    next.strip_prefix(&world.base).expect("at the portal").to_owned()
}

#[tokio::test]
async fn the_person_comes_back_with_the_code_and_goes_on() {
    let world = World::new().await;
    let (mut browser, reference) = at_link(&world).await;
    let back = share(&world, &browser).await;
    browser.get("/share").await.shows(AWAITED);
    assert!(!browser.html.contains("We have received"));
    let stands = world.state(&reference).await;
    browser.get(&back).await.shows("You are back from your wallet");
    assert_eq!(world.state(&reference).await, stands, "looking changes nothing");
    browser.submit("/share/returned", &[]).await.shows("Create your profile");
    browser.says("We have received: Identity, Employment, Training.");
    world.finish(&mut browser).await;
    assert_eq!(world.state(&reference).await, State::Submitted);
}

#[tokio::test]
async fn b3_p25_without_its_code_an_answer_goes_no_further() {
    let world = World::new().await;
    let (mut browser, reference) = at_link(&world).await;
    let back = share(&world, &browser).await;
    for (path, action) in [("/share", "profile"), ("/share/back", "returned")] {
        browser.get(path).await;
        let token = browser.hidden("/share/cancel")[0].1.clone();
        let form = [("token", &*token), ("expected", "awaiting_return")];
        browser.post(&format!("/share/{action}"), &form).await;
        assert_eq!(browser.status, 409, "{action}");
    }
    let another = format!("/share/back?response_code={}", "A".repeat(43));
    let twice = format!("{back}&response_code={}", "A".repeat(43));
    for wrong in [another, twice, "/share/back?response_code=%00".to_owned()] {
        browser.get(&wrong).await.shows("You are back from your wallet");
        browser.submit("/share/returned", &[]).await;
        assert_eq!(browser.status, 409, "{wrong}");
        assert_eq!(world.state(&reference).await.name(), "awaiting_return");
    }
    browser.get(&back).await.submit("/share/returned", &[]).await.shows("Create your profile");
}

#[tokio::test]
async fn b3_a_code_is_good_in_the_browser_that_began_and_there_once() {
    let world = World::new().await;
    let (mut attacker, reference) = at_link(&world).await;
    let back = share(&world, &attacker).await;
    // The victim's wallet leads the victim's browser.
    let mut victim = world.browser();
    victim.get(&back).await.shows("Go back to the browser that you began in");
    attacker.get("/share").await.shows(AWAITED);

    // Another invitation's session has another request.
    let person = staffpass::share::InvitedPerson::new("Otherwise");
    let (link, other) = world.invite_another(person, "other@example.com").await;
    let mut else_where = world.to_qr(&link, "openid4vp", &["employment", "training"]).await;
    else_where.submit("/share/connect_here", &[]).await;
    else_where.get(&back).await.shows("Open your wallet");
    assert_eq!(world.state(&other).await.name(), "connecting");

    attacker.get(&back).await.submit("/share/returned", &[]).await.shows("Create your profile");
    attacker.get(&back).await.shows("Create your profile");
    assert_eq!(world.state(&reference).await, State::Received);
}

#[tokio::test]
async fn b3_a_code_is_good_as_long_as_its_request() {
    let world = World::new().await;
    let (mut browser, reference) = at_link(&world).await;
    let back = share(&world, &browser).await;
    browser.get(&back).await;
    world.wait(TimeDelta::minutes(6));
    browser.submit("/share/returned", &[]).await;
    assert_eq!(browser.status, 409);
    browser.get("/share").await.shows("The QR code has expired");
    assert_eq!(world.state(&reference).await.name(), "request_expired");
}

#[tokio::test]
async fn whoever_is_not_brought_back_shares_again_by_a_qr_code() {
    let world = World::with("wallets.dialects = [\"openid4vp\"]").await;
    let (mut browser, _) = at_link(&world).await;
    let back = share(&world, &browser).await;
    browser.get("/share").await.shows(AWAITED);
    browser.submit("/share/connect", &[("wallet", "openid4vp")]).await;
    browser.shows("Connect to your wallet").says("<svg");
    browser.get(&back).await.shows("Connect to your wallet");
    let open = world.scan(&browser).await;
    let (status, reply) = world.respond(&open, world.answer(&open).body()).await;
    assert_eq!((status, &*reply), (200, "{}"), "nobody comes back from another device");
    browser.get("/share").await.shows("Create your profile");
}

#[tokio::test]
async fn the_way_to_the_same_device_is_there_for_openid4vp_alone() {
    let world = World::with("wallets.dialects = [\"microsoft\"]").await;
    let (browser, reference) = world.at_qr("microsoft").await;
    assert!(browser.form("/share/connect_here").is_none());
    let mut forged = browser.clone();
    let (token, state) = (browser.hidden("/share/cancel")[0].1.clone(), "connecting");
    forged
        .post(
            "/share/connect_here",
            &[("token", &token), ("expected", state), ("wallet", "microsoft")],
        )
        .await;
    assert_eq!(forged.status, 400);
    assert_eq!(world.state(&reference).await.name(), "connecting");
}
