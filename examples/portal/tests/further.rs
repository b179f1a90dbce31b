//! The recruitment team asks a person who has shared for more: by a link, from the same wallet.

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
use staffpass::share::State;

/// Somebody who has shared identity and employment, and whose identity is confirmed: the team's browser on
/// her page.
async fn reviewed(world: &World, wallet: &str) -> (Browser, String) {
    let (mut browser, reference) = world.at_qr_for(wallet, &["employment"]).await;
    let open = world.scan(&browser).await;
    let answer = world.answer_with(&open, world.credentials(&["identity", "employment"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 200);
    world.finish(browser.get("/share").await).await;
    let (mut staff, page) = (signed_in(&world.base).await, page(&reference));
    staff.get(&page).await;
    let confirm = [("employment", "temporary"), ("care", "yes")];
    staff.submit(&format!("{page}/confirm"), &confirm).await.says("Credentials to review");
    (staff, reference)
}

fn page(reference: &str) -> String {
    format!("/recruitment/people/{reference}")
}

/// Asks for training, and gives the link that the person gets.
async fn ask(world: &World, staff: &mut Browser, reference: &str) -> String {
    let ask = format!("{}/ask-for-more", page(reference));
    let asked = [("part", "training"), ("what", "not older than a <year>")];
    staff
        .submit(&ask, &asked)
        .await
        .says("Asked for: <bdi>Training (not older than a &#60;year&#62;)");
    invitation(&world.directory)
}

/// From the link to the QR code.
async fn to_qr(world: &World, link: &str, wallet: &str) -> Browser {
    let mut browser = world.browser();
    browser.get(link).await.shows("Share more of your credentials").says("Privacy notice");
    browser.submit(link, &[]).await.shows("Confirm what you will share");
    assert_eq!(browser.path, "/share", "the token is out of the address");
    browser.submit("/share/confirm", &[("answer", wallet)]).await.shows("Connect to your wallet");
    browser
}

async fn further(world: &World, reference: &str) -> String {
    let review = world.portal.store().review(TENANT, reference).await.unwrap();
    review.more().last().unwrap().share.clone().unwrap()
}

#[tokio::test]
async fn further_credentials_come_by_a_link_and_are_reviewed_with_the_others() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (mut staff, reference) = reviewed(&world, wallet).await;
        let page = page(&reference);
        staff.says("id=\"part-training\"");
        assert!(!staff.html.contains("part-employment"), "what was shared is not asked for again");
        assert!(!staff.html.contains("part-identity"), "identity comes with everything");
        let link = ask(&world, &mut staff, &reference).await;
        staff.says("The person has a link").says("Not seen yet");
        assert!(!staff.html.contains("part-training"), "one at a time");
        let email = world.messages("email").pop().unwrap();
        assert!(email.contains("Training (not older than a <year>)"), "{email}");

        let mut browser = to_qr(&world, &link, wallet).await;
        browser.says("You will share with").says("Identity, Training");
        staff.get(&page).await.says("The person has begun");
        let open = world.scan(&browser).await;
        browser.get("/share").await.shows("Follow the instructions in your wallet");
        let answer = world.answer_with(&open, world.credentials(&["identity", "training"]));
        assert_eq!(world.respond(&open, answer.body()).await.0, 200);
        browser.get("/share").await.shows("Send your credentials");
        browser.says("We have received: Identity, Training.").says("have not been sent");
        assert!(!browser.html.contains("Testerby"), "no claim is on a page of the person's");
        for action in ["profile", "email", "mobile", "role", "code", "amend"] {
            let action = format!("/share/{action}");
            let token = browser.hidden("/share/submit");
            let form: Vec<_> = token.iter().map(|(n, v)| (&**n, &**v)).collect();
            browser.clone().post(&action, &form).await;
            assert_eq!(
                world.state(&further(&world, &reference).await).await,
                State::Ready,
                "{action}"
            );
        }
        browser.submit("/share/submit", &[]).await.shows("Credentials shared");
        assert_eq!(browser.path, "/share/done");
        browser.get("/share").await.shows("Credentials shared");
        browser.get(&link).await.shows("You have already sent your details");
        assert!(world.messages("email").last().unwrap().contains("has received your details"));

        staff.get(&page).await.says("Shared on").says("Accept Training");
        assert!(!staff.html.contains("Not seen yet"));
        assert_eq!(staff.html.matches("What was checked").count(), 2, "each share has its checks");
        staff.get("/recruitment").await;
        assert_eq!(staff.html.matches("Rowan Testerby").count(), 1, "one line for a person");
        staff.get(&page).await;
        for place in ["0", "1", "2", "3"] {
            let token = staff.hidden(&format!("{page}/accept"))[0].1.clone();
            let accept = [("token", &*token), ("credential", place)];
            staff.submit(&format!("{page}/complete"), &[]).await;
            staff.says("Accept or reject every credential");
            staff.post(&format!("{page}/accept"), &accept).await;
            staff.get(&page).await;
        }
        staff.submit(&format!("{page}/complete"), &[]).await.says("This review has ended");
        staff.get("/recruitment/audit").await.says("credentials.requested");
        staff.says("credentials.received").says("The chain of entries holds.");
    }
}

#[tokio::test]
async fn what_the_wallet_lacks_is_left_out_and_identity_alone_is_not_sent() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_qr_for("openid4vp", &[]).await;
    let open = world.scan(&browser).await;
    let answer = world.answer_with(&open, world.credentials(&["identity"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 200);
    world.finish(browser.get("/share").await).await;
    let (mut staff, page) = (signed_in(&world.base).await, page(&reference));
    staff.get(&page).await;
    let confirm = [("employment", "temporary"), ("care", "yes")];
    staff.submit(&format!("{page}/confirm"), &confirm).await;
    let both = [("part", "employment"), ("part", "training")];
    staff.submit(&format!("{page}/ask-for-more"), &both).await;
    staff.says("Asked for: <bdi>Employment, Training</bdi>");

    let link = invitation(&world.directory);
    let mut browser = to_qr(&world, &link, "openid4vp").await;
    browser.says("If you have nothing else of what we ask for, contact the recruitment team");
    browser.submit("/share/amend", &[]).await.shows("Select the credentials to share");
    browser.says("Select at least one.");
    browser.submit("/share/select", &[]).await.says("Select at least one credential to share");
    assert_eq!(browser.status, 422);
    browser.submit("/share/select", &[("credential", "employment")]).await;
    browser.submit("/share/confirm", &[("answer", "openid4vp")]).await;
    let open = world.scan(&browser).await;
    let answer = world.answer_with(&open, world.credentials(&["identity", "employment"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 200);
    browser.get("/share").await.says("You have left out: Training.");
    browser.submit("/share/submit", &[]).await.shows("Credentials shared");
    staff.get(&page).await.says("Left out: Training.").says("id=\"part-training\"");
}

#[tokio::test]
async fn another_persons_wallet_ends_it_and_the_team_reads_so() {
    let world = World::new().await;
    let (mut staff, reference) = reviewed(&world, "openid4vp").await;
    let link = ask(&world, &mut staff, &reference).await;
    let own = page(&further(&world, &reference).await);
    let token = staff.hidden(&format!("{}/ask-for-more", page(&reference)))[0].1.clone();
    for action in ["withdraw", "send-again", "evidence"] {
        staff.post(&format!("{own}/{action}"), &[("token", &token)]).await;
        assert_eq!(staff.status, 404, "a further share has no page of its own: {action}");
    }
    staff.get(&own).await.shows("Page not found");
    let mut browser = to_qr(&world, &link, "openid4vp").await;
    let open = world.scan(&browser).await;
    let mut credentials = world.credentials(&["identity", "training"]);
    for (_, credential) in &mut credentials {
        let another = "0b6f2a3c-58f1-4d7e-8a21-7c1de5f0b9a2";
        credential.claims["vc"]["credentialSubject"]["identity_id"] = another.into();
    }
    let answer = world.answer_with(&open, credentials);
    assert_eq!(world.respond(&open, answer.body()).await.0, 200);
    browser.get("/share").await.shows("We could not match your details");
    staff
        .get(&page(&reference))
        .await
        .says("The identity was not that of the person who shared first");
    assert!(world.portal.store().further(TENANT, &reference).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_is_sent_again_expires_and_is_withdrawn_with_what_it_was_for() {
    let world = World::new().await;
    let (mut staff, reference) = reviewed(&world, "openid4vp").await;
    let page = page(&reference);
    let first = ask(&world, &mut staff, &reference).await;
    staff.submit(&format!("{page}/send-further"), &[]).await;
    let second = invitation(&world.directory);
    let mut browser = world.browser();
    browser.get(&first).await.shows("This invitation cannot be used");
    browser.get(&second).await.shows("Share more of your credentials");
    // A portal's other page asks as well: one at a time.
    let token = staff.hidden(&format!("{page}/ask-for-more"))[0].1.clone();
    let again = [("token", &*token), ("part", "training")];
    staff
        .post(&format!("{page}/ask-for-more"), &again)
        .await
        .says("is asked to share more already");
    for wrong in ["identity", "parking"] {
        let again = [("token", &*token), ("part", wrong)];
        staff.post(&format!("{page}/ask-for-more"), &again).await;
        assert_eq!(staff.status, 422, "{wrong}");
    }

    let mut browser = to_qr(&world, &second, "openid4vp").await;
    let open = world.scan(&browser).await;
    let answer = world.answer_with(&open, world.credentials(&["identity", "training"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 200);
    browser.get("/share").await.shows("Send your credentials");
    staff.get(&page).await.submit(&format!("{page}/evidence"), &[("note", "seen on paper")]).await;
    staff.says("Not needed any more").says("seen on paper");
    browser.submit("/share/submit", &[]).await;
    assert!(!browser.html.contains("Credentials shared"));
    browser.get(&second).await.shows("This invitation cannot be used");
    assert!(world.portal.store().further(TENANT, &reference).await.unwrap().is_empty());

    let third = ask(&world, &mut staff, &reference).await;
    world.wait(chrono::TimeDelta::days(15));
    browser.get(&third).await.shows("This invitation cannot be used");
    let mut staff = signed_in(&world.base).await;
    staff.get(&page).await.says("The link has expired");
}
