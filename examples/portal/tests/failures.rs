//! Every failure branch (E1 to E10), and the ways out of it.

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
use staffpass::share::{InvitedPerson, State};

const NO_INVITATION: &str = "This invitation cannot be used";
const NOT_RECEIVED: &str = "We did not receive the credentials you selected";

#[tokio::test]
async fn e1_an_invitation_that_cannot_be_used_has_one_page_whatever_the_reason() {
    let world = World::new().await;
    let (link, reference) = world.invite().await;
    let mut browser = world.browser();
    browser.get("/i/unknown").await.shows(NO_INVITATION);
    let unknown = (browser.status, browser.html.clone());
    assert_eq!(unknown.0, 404);

    world.portal.store().withdraw(TENANT, &reference, world.now()).await.unwrap();
    browser.get(&link).await;
    assert_eq!((browser.status, &browser.html), (unknown.0, &unknown.1), "withdrawn");

    let world = World::new().await;
    let (link, reference) = world.invite().await;
    let mut early = world.browser();
    early.get(&link).await;
    world.wait(TimeDelta::days(15));
    early.submit(&link, &[("registered", "before")]).await.shows(NO_INVITATION);
    early.get(&link).await.shows(NO_INVITATION);
    assert_eq!(world.state(&reference).await, State::InvitationExpired);
}

#[tokio::test]
async fn e2_who_has_sent_the_details_is_told_so() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_role("microsoft").await;
    let before = browser.clone();
    browser.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
    // The same form again, as by a second click: no second submission.
    let mut again = before;
    again.jar.extend(browser.jar.clone());
    again.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
    assert_eq!(world.state(&reference).await, State::Submitted);
    let receipts = world.messages("email");
    assert_eq!(receipts.iter().filter(|text| text.contains("has received")).count(), 1);
    world.browser().get("/share/done").await.shows("Your session has ended");
}

#[tokio::test]
async fn e3_a_qr_code_that_expired_is_replaced_by_a_button() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (mut browser, _) = world.at_qr(wallet).await;
        let first = world.scan(&browser).await;
        world.wait(TimeDelta::minutes(6));
        browser.get("/share").await.shows("The QR code has expired");
        assert_eq!(world.respond(&first, world.answer(&first).body()).await.0, 400);
        for _ in 0..2 {
            browser.submit("/share/connect", &[]).await.shows("Connect to your wallet");
            assert_ne!(browser.wallet_link(), first.link);
            world.wait(TimeDelta::minutes(6));
            browser.get("/share").await.shows("The QR code has expired");
        }
        browser.says("If it keeps happening");
        browser.submit("/share/amend", &[]).await.shows("Select the credentials to share");
        browser.says("value=\"training\" aria-describedby=\"credential-training-hint\" checked");
    }
}

#[tokio::test]
async fn e4_where_no_request_can_be_made_it_is_not_the_persons_fault() {
    let world = World::new().await;
    // An issuer for identities alone: Microsoft's wallet cannot be asked for training by nobody.
    let policy = std::fs::read_to_string(world.directory.join("policy.toml")).unwrap();
    let policy =
        policy.replace("\"StaffEmployment\", ", "").replace("\"StaffTraining\"", "\"Other\"");
    std::fs::write(world.directory.join("policy.toml"), policy).unwrap();
    let text = world.text.clone();
    let portal = open(&text, &world.clock).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { portal.serve(listener, std::future::pending()).await });
    let (link, reference) = world.invite().await;
    let mut other = Browser::new(&base);
    other.get(&link).await;
    other.submit(&link, &[("registered", "before")]).await;
    other.submit("/share/start", &[]).await;
    other.submit("/share/select", &[("credential", "training")]).await;
    other.submit("/share/confirm", &[("answer", "microsoft")]).await;
    other.shows("We could not make a QR code").says("This is not your fault");
    assert_eq!(world.state(&reference).await, State::Confirmed);
    other.submit("/share/amend", &[]).await.shows("Select the credentials to share");
}

#[tokio::test]
async fn e5_a_wallet_that_declines_or_lacks_something_leads_back_to_the_ticks() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (mut browser, _) = world.at_qr(wallet).await;
        let open = world.scan(&browser).await;
        let state = open.asked.state().unwrap().as_str();
        let error = format!("error=access_denied&state={state}");
        world.respond(&open, error.into_bytes()).await;
        browser.get("/share").await.shows(NOT_RECEIVED);
        browser.says("You selected: Identity, Employment, Training.");
        browser.submit("/share/amend", &[]).await.shows("Select the credentials to share");
        browser
            .says("value=\"employment\" aria-describedby=\"credential-employment-hint\" checked");
        browser.submit("/share/select", &[]).await;
        browser.submit("/share/confirm", &[("answer", wallet)]).await;
        let open = world.scan(&browser).await;
        let answer = world.answer_with(&open, world.credentials(&["identity"]));
        assert_eq!(world.respond(&open, answer.body()).await.0, 200);
        browser.get("/share").await.says("We have received: Identity.");
    }
}

#[tokio::test]
async fn e5_an_incomplete_answer_is_refused_whole_and_may_be_tried_again() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (mut browser, reference) = world.at_qr(wallet).await;
        let open = world.scan(&browser).await;
        let part = world.answer_with(&open, world.credentials(&["identity", "employment"]));
        assert_eq!(world.respond(&open, part.body()).await.0, 400);
        browser.get("/share").await.shows(NOT_RECEIVED);
        assert_eq!(world.state(&reference).await, State::NotReceived);
        browser.submit("/share/connect", &[]).await.shows("Connect to your wallet");
        let open = world.scan(&browser).await;
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
    }
}

#[tokio::test]
async fn e6_what_is_revoked_or_cannot_be_checked_has_its_own_advice() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (mut browser, _) = world.at_qr(wallet).await;
        let open = world.scan(&browser).await;
        let mut credentials = world.credentials(&["identity", "employment"]);
        let revoked = {
            let mut issuer = world.issuer.lock().unwrap();
            let kind = kind("training");
            let (token, index) = issuer.issue(kind, world.holder.did());
            issuer.revoke(index);
            token
        };
        credentials.push(("training".to_owned(), revoked));
        let body = world.answer_with(&open, credentials).body();
        assert_eq!(world.respond(&open, body).await.0, 400);
        browser.get("/share").await.shows("We cannot accept what you shared");
        browser.says("Ask your employer for a new one");
        assert!(!browser.html.contains("revoked"), "no technical reason");

        let forged = {
            let mut credentials = world.credentials(&["identity", "employment", "training"]);
            credentials[2].1.set("iss", "did:web:evil.example");
            world.answer_with(&open, credentials).body()
        };
        assert_eq!(world.respond(&open, forged).await.0, 400);
        browser.get("/share").await.says("Contact the recruitment team at");
        browser.submit("/share/amend", &[]).await.shows("Select the credentials to share");
    }
}

#[tokio::test]
async fn e7_somebody_elses_identity_ends_the_share_and_says_nothing() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (link, reference) = world.invite_person(InvitedPerson::new("Otherwise")).await;
        let mut browser = world.to_qr(&link, wallet, &["employment", "training"]).await;
        let open = world.scan(&browser).await;
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
        browser.get("/share").await.shows("We could not match your details");
        for word in ["name", "Testerby", "Otherwise", "birth"] {
            let main = browser.html.split("<main").nth(1).unwrap();
            let main = main.split("</main>").next().unwrap();
            assert!(!main.contains(word), "{word}");
        }
        browser.get(&link).await.shows("We could not match your details");
        assert_eq!(world.state(&reference).await, State::NotMatched);
    }
}

#[tokio::test]
async fn e8_too_many_wrong_codes_close_the_channel_for_half_an_hour() {
    let world = World::new().await;
    let (mut browser, _) = world.at_email_code("openid4vp").await;
    for wrong in [
        ("", "Enter the 6-digit"),
        ("12345", "not entered enough"),
        ("1234567", "too many numbers"),
        ("12345a", "must be 6 numbers"),
    ] {
        browser.submit("/share/code", &[("code", wrong.0)]).await.says(wrong.1);
        assert_eq!(browser.status, 422);
        assert!(browser.title().starts_with("Error: "));
    }
    let mut locked = false;
    for _ in 0..14 {
        let code = world.wrong_code("email");
        browser.submit("/share/code", &[("code", &code)]).await;
        locked = browser.title().starts_with("You have entered an incorrect code too many times");
        if locked {
            break;
        }
    }
    assert!(locked, "{}", browser.title());
    world.wait(TimeDelta::minutes(15));
    browser.get("/share").await.says("Wait 30 minutes");
    world.wait(TimeDelta::minutes(4));
    browser.submit("/share/extend", &[]).await;
    world.wait(TimeDelta::minutes(12));
    browser.get("/share").await.shows("Check your email");
    browser.submit("/share/resend", &[]).await.says("We have sent another code.");
    browser.submit("/share/code", &[("code", &world.code("email"))]).await;
    browser.shows("What is your mobile number?");
}

#[tokio::test]
async fn e8_a_code_that_expired_is_replaced_and_the_page_says_so() {
    let world = World::new().await;
    let (mut browser, _) = world.at_email_code("microsoft").await;
    let first = world.code("email");
    world.wait(TimeDelta::minutes(6));
    browser.submit("/share/code", &[("code", &first)]).await;
    browser.says("The security code has expired. We have sent you a new one");
    browser.submit("/share/code", &[("code", &world.code("email"))]).await;
    browser.shows("What is your mobile number?");
}

#[tokio::test]
async fn e9_when_the_database_is_gone_the_page_says_so_and_the_answers_are_kept() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_qr("openid4vp").await;
    world.portal.store().close().await;
    browser.get("/share").await;
    assert_eq!(browser.status, 503);
    browser.shows("Sorry, there is a problem with the service");
    browser.submit_anyway("/share/amend").await.says("What you selected and entered is kept");
    assert_eq!(http().get(format!("{}/readyz", world.base)).send().await.unwrap().status(), 503);
    assert_eq!(http().get(format!("{}/healthz", world.base)).send().await.unwrap().status(), 200);
    let portal = open(&world.text, &world.clock).await;
    let share = portal.store().share(TENANT, &reference).await.unwrap();
    assert!(matches!(share.state(world.now()), State::Connecting { .. }));
    assert_eq!(share.selection().count(), 3);
}

#[tokio::test]
async fn e10_a_session_that_rested_too_long_begins_again_from_the_invitation() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    let mut browser = world.to_qr(&link, "microsoft", &["training"]).await;
    world.wait(TimeDelta::minutes(21));
    browser.get("/share").await.shows("Your session has ended");
    browser.get(&link).await.submit(&link, &[("registered", "before")]).await;
    browser.submit("/share/start", &[]).await.shows("Select the credentials to share");
    browser.says("value=\"training\" aria-describedby=\"credential-training-hint\" checked");
    assert!(!browser.html.contains("credential-employment-hint\" checked"));
}

#[tokio::test]
async fn x1_who_registers_for_the_first_time_is_told_where_to_go_and_can_come_back() {
    let world = World::new().await;
    let (link, reference) = world.invite().await;
    let mut browser = world.browser();
    browser.get(&link).await.submit(&link, &[]).await;
    browser.says("Select if you have registered before");
    assert_eq!(world.state(&reference).await, State::Invited, "nothing was answered");
    browser.submit(&link, &[("registered", "first_time")]).await;
    browser.shows("You need a digital identity first");
    browser.submit("/share/registered_before", &[]).await.shows("What you will do");
}

#[tokio::test]
async fn x2_without_a_mobile_the_recruitment_team_helps() {
    let world = World::new().await;
    let (mut browser, _) = world.at_email_code("microsoft").await;
    browser.submit("/share/code", &[("code", &world.code("email"))]).await;
    browser.submit("/share/no_mobile", &[]).await.shows("Contact the recruitment team");
    browser.submit("/share/mobile", &[("mobile", MOBILE)]).await.shows("Check your phone");
}

#[tokio::test]
async fn s13b_a_disputed_role_stops_or_goes_on_with_a_flag_as_the_trust_has_it() {
    let world = World::new().await;
    let (mut browser, _) = world.at_role("microsoft").await;
    browser.submit("/share/role", &[]).await.says("Select if your role is correct");
    browser.submit("/share/role", &[("role", "incorrect")]).await;
    browser.shows("Contact the recruitment team about your role");
    assert!(browser.form("/share/disputed").is_none());
    browser.submit("/share/hold", &[]).await.shows("You have stopped for now");
    browser.submit("/share/resume", &[]).await.shows("Your role");

    let world = World::with("journey.role_dispute = \"continue\"").await;
    let (mut browser, reference) = world.at_role("openid4vp").await;
    browser.submit("/share/role", &[("role", "incorrect")]).await;
    browser.submit("/share/disputed", &[]).await.shows("Details shared");
    let submitted = world.portal.store().submitted(TENANT, &reference).await.unwrap();
    assert_eq!(format!("{:?}", submitted.flags()), "{RoleDisputed}");
}

#[tokio::test]
async fn s7b_with_lenient_rules_gaps_are_listed_and_the_person_decides() {
    let world = World::with("journey.completeness = \"lenient\"").await;
    let (mut browser, reference) = world.at_qr("openid4vp").await;
    let open = world.scan(&browser).await;
    let answer = world.answer_with(&open, world.credentials(&["identity", "training"]));
    assert_eq!(world.respond(&open, answer.body()).await.0, 200);
    browser.get("/share").await.shows("We did not receive everything");
    browser.says("We received: Identity, Training.").says("We did not receive: Employment.");
    browser.submit("/share/gaps", &[]).await.shows("Create your profile");
    assert_eq!(world.state(&reference).await, State::Received);
}

#[tokio::test]
async fn another_address_than_the_invited_one_is_flagged_and_the_invited_one_is_told() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_received("microsoft").await;
    browser.submit("/share/profile", &[]).await;
    for (text, message) in [("", "Enter an email address"), ("nobody", "correct format")] {
        browser.submit("/share/email", &[("email", text)]).await.says(message);
        assert_eq!(browser.status, 422);
    }
    browser.submit("/share/email", &[("email", "other@example.com")]).await;
    let warning = world.messages("email").into_iter().find(|text| text.contains("contact details"));
    assert!(warning.unwrap().starts_with(&format!("To: {EMAIL}\n")));
    browser.submit("/share/change", &[]).await.shows("What is your email address?");
    browser.submit("/share/email", &[("email", "other@example.com")]).await;
    browser.submit("/share/code", &[("code", &world.code("email"))]).await;
    for (text, message) in [
        ("", "Enter a mobile number"),
        ("0113 496 0000", "not another kind"),
        ("+1 202 555 0123", "Enter a mobile number"),
    ] {
        browser.submit("/share/mobile", &[("mobile", text)]).await.says(message);
    }
    browser.submit("/share/mobile", &[("mobile", "07700 900456")]).await;
    browser.submit("/share/code", &[("code", &world.code("sms"))]).await;
    browser.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
    let submitted = world.portal.store().submitted(TENANT, &reference).await.unwrap();
    assert_eq!(format!("{:?}", submitted.flags()), "{EmailChanged, MobileChanged}");
}
