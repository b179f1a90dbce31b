//! The recruitment team's pages: invite, list, review, decide.

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
use portal::Config;
use staffpass::share::{InvitedPerson, ReviewState};

const GOOD: [(&str, &str); 7] = [
    ("given_name", "Rowan"),
    ("family_name", "Testerby"),
    ("email", EMAIL),
    ("mobile", MOBILE),
    ("staff_group", "Medical and Dental"),
    ("employment_status", "Temporary mover"),
    ("job_role", "Registrar"),
];

#[tokio::test]
async fn a_person_is_invited_shares_and_is_reviewed_to_the_end() {
    let world = World::new().await;
    let mut staff = signed_in(&world.base).await;
    staff.get("/recruitment/invite").await;
    staff
        .submit("/recruitment/invite", &GOOD)
        .await
        .shows("Rowan Testerby")
        .says("Invitation sent");
    let page = staff.path.clone();

    let link = invitation(&world.directory);
    let mut browser = world.to_qr(&link, "openid4vp", &["employment", "training"]).await;
    let open = world.scan(&browser).await;
    assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
    browser.get("/share").await.submit("/share/profile", &[]).await;
    browser.submit("/share/email", &[("email", "new@example.com")]).await;
    browser.submit("/share/code", &[("code", &world.code("email"))]).await;
    browser.submit("/share/mobile", &[("mobile", MOBILE)]).await;
    browser.submit("/share/code", &[("code", &world.code("sms"))]).await;
    browser.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");

    staff.get("/recruitment").await.says("Identity to review");
    staff.get(&page).await.says("Testerby").says("3 November 1988").says("Elderly Care");
    staff.says("The signatures are genuine").says("The issuer has not withdrawn it: passed");
    staff.says("The confirmed email address is not the one that you invited");
    let confirm = format!("{page}/confirm");
    let good = [("employment", "temporary"), ("care", "yes")];
    staff.submit(&confirm, &good).await.says("Look at what is flagged first");
    assert_eq!(staff.status, 422);
    staff.submit(&format!("{page}/clear-flag"), &[]).await;
    assert!(!staff.html.contains("Flagged"));
    staff.submit(&confirm, &[("employment", "temporary")]).await.says("reasonable care");
    staff.submit(&confirm, &[("care", "yes")]).await.says("Give a reason or select an answer");
    staff.submit(&confirm, &good).await.says("Credentials to review").says("A. Reviewer on");
    for place in ["0", "1"] {
        let (hidden, action) = (staff.hidden(&format!("{page}/accept")), format!("{page}/accept"));
        let token = hidden.iter().find(|(name, _)| name == "token").unwrap().1.clone();
        staff.post(&action, &[("token", &token), ("credential", place)]).await;
        assert_eq!(staff.status, 303);
        staff.get(&page).await;
    }
    staff.submit(&format!("{page}/complete"), &[]).await.says("Accept or reject every credential");
    let token = staff.hidden(&format!("{page}/reject"))[0].1.clone();
    let reject = [("token", &*token), ("credential", "2"), ("note", "")];
    staff.post(&format!("{page}/reject"), &reject).await.says("Give a reason");
    let reject = [("token", &*token), ("credential", "2"), ("note", "a <b>year</b> too old")];
    staff.post(&format!("{page}/reject"), &reject).await;
    staff.get(&page).await.says("Rejected: a &#60;b&#62;year&#60;/b&#62; too old");
    staff.submit(&format!("{page}/complete"), &[]).await.says("This review has ended");
    staff.submit(&format!("{page}/offer-key"), &[]).await.says("The access key has been offered");
    let reference = page.rsplit('/').next().unwrap();
    let review = world.portal.store().review(TENANT, reference).await.unwrap();
    assert_eq!(review.state(), ReviewState::Reviewed);

    staff.get("/recruitment/audit").await.says("The chain of entries holds.");
    for what in
        ["hr.identity.confirmed", "credential.rejected", "required.completed", "accesskey.offered"]
    {
        staff.says(what);
    }
}

#[tokio::test]
async fn who_is_not_confirmed_comes_to_an_appointment_or_is_declined() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_role("microsoft").await;
    browser.submit("/share/role", &[("role", "correct")]).await;
    let mut staff = signed_in(&world.base).await;
    let page = format!("/recruitment/people/{reference}");
    staff.get(&page).await.submit(&format!("{page}/not-now"), &[]).await.says("Identity to review");
    staff.submit(&format!("{page}/appointment"), &[]).await.says("Appointment needed");
    staff.submit(&format!("{page}/decline"), &[]).await.says("Give a reason or select an answer");
    let reason = [("reason", "identity_not_confirmed")];
    staff.submit(&format!("{page}/decline"), &reason).await.says("Declined");
    assert!(staff.form(&format!("{page}/confirm")).is_none());
    assert!(staff.form(&format!("{page}/offer-key")).is_none());
}

#[tokio::test]
async fn a_form_and_a_list_say_what_is_wrong_and_where() {
    let world = World::new().await;
    let mut staff = signed_in(&world.base).await;
    staff.get("/recruitment/invite").await.submit("/recruitment/invite", &[]).await;
    assert_eq!(staff.status, 422);
    for message in ["Enter a family name", "Enter an email address", "Select a staff group"] {
        staff.says(message);
    }
    let columns = "family_name,given_name,email,staff_group,employment_status,mobile,birthdate\n";
    let good = "Testerby,Rowan,rowan@example.com,Medical and Dental,Temporary mover,,1988-11-03\n";
    let bad = "=cmd(),Amy\u{202e},amy@example.com,Nobody,Temporary mover,0113 496 0000,10/8/91\n";
    let list = format!("{columns}{good}{bad}");
    staff.submit("/recruitment/invite-list", &[("list", &list)]).await;
    for message in [
        "Line 3: Select a staff group",
        "Line 3: Date of birth",
        "Line 3: Enter a mobile",
        "Line 3: First names",
    ] {
        staff.says(message);
    }
    assert_eq!(world.messages("email").len(), 0, "nobody is invited unless all is right");
    staff.submit("/recruitment/invite-list", &[("list", "name,email\nx,y")]).await;
    staff.says("Line 1: there is no column family_name");
    staff
        .submit("/recruitment/invite-list", &[("list", &format!("{columns}{good}"))])
        .await
        .shows("People");
    assert_eq!(world.messages("email").len(), 1);
    staff.get("/recruitment/invite").await;
    staff.submit("/recruitment/invite-list", &[("list", &format!("{columns}{good}"))]).await;
    staff.says("Line 2: Somebody with this email was invited already");
}

#[tokio::test]
async fn a_link_can_be_sent_again_and_an_invitation_withdrawn() {
    let world = World::new().await;
    let mut staff = signed_in(&world.base).await;
    staff.get("/recruitment/invite").await.submit("/recruitment/invite", &GOOD).await;
    let (page, first) = (staff.path.clone(), invitation(&world.directory));
    staff.submit(&format!("{page}/send-again"), &[]).await;
    let second = invitation(&world.directory);
    let mut browser = world.browser();
    browser.get(&first).await.shows("This invitation cannot be used");
    browser.get(&second).await.shows("Have you registered before?");
    staff.submit(&format!("{page}/withdraw"), &[]).await.says("Invitation withdrawn");
    browser.get(&second).await.shows("This invitation cannot be used");
}

#[tokio::test]
async fn nobody_sees_a_page_of_the_team_without_signing_in() {
    let world = World::new().await;
    let (_, reference) = world.invite().await;
    let mut anybody = world.browser();
    for path in [
        "/recruitment",
        "/recruitment/invite",
        "/recruitment/audit",
        &format!("/recruitment/people/{reference}"),
    ] {
        anybody.get(path).await.shows("Sign in for development");
    }
    anybody.get("/recruitment/sign-in").await;
    let token = anybody.hidden("/recruitment/sign-in")[0].1.clone();
    anybody.post(&format!("/recruitment/people/{reference}/withdraw"), &[("token", &token)]).await;
    assert_eq!(anybody.headers["location"], "/recruitment/sign-in");
    assert_eq!(world.state(&reference).await, staffpass::share::State::Invited);
    let mut staff = signed_in(&world.base).await;
    staff.get("/recruitment/people/unknown").await.shows("Page not found");
    staff.get("/recruitment").await.submit("/recruitment/sign-out", &[]).await;
    staff.get("/recruitment").await.shows("Sign in for development");
}

#[test]
fn the_development_sign_in_refuses_an_address_that_others_reach() {
    let refused = |text: &str| Config::from_text(text, |_| None).unwrap_err().to_string();
    for text in [
        "server.listen = \"0.0.0.0:80\"",
        "server.public_url = \"https://portal.example\"",
        "server.behind_proxy = true",
    ] {
        assert!(refused(text).contains("recruitment.sign_in"), "{text}");
    }
    let off = "server.public_url = \"https://portal.example\"\nrecruitment.sign_in = \"off\"";
    assert!(Config::from_text(off, |_| None).is_ok());
}

#[tokio::test]
async fn b18_the_list_for_a_spreadsheet_has_no_formula_in_it() {
    let world = World::new().await;
    let mut staff = signed_in(&world.base).await;
    let formula = "=HYPERLINK(\"https://attacker.example\",\"Rowan\")";
    let (_, reference) = world.invite_person(InvitedPerson::new(formula)).await;
    staff.get("/recruitment/people.csv").await;
    assert_eq!(staff.status, 200);
    assert_eq!(staff.headers["content-disposition"], "attachment; filename=\"people.csv\"");
    let line = staff.html.lines().nth(1).unwrap();
    let quoted = formula.replace('"', "\"\"");
    // A reference is random, and one in 64 begins as a formula may.
    let guard = if reference.starts_with('-') { "'" } else { "" };
    assert!(line.starts_with(&format!("\"{guard}{reference}\",\"'{quoted}\",")), "{line}");
    let mut anybody = world.browser();
    anybody.get("/recruitment/people.csv").await.shows("Sign in for development");
}

#[tokio::test]
async fn b18_a_list_with_control_characters_is_refused_by_line() {
    let world = World::new().await;
    let mut staff = signed_in(&world.base).await;
    staff.get("/recruitment/invite").await;
    let list = "family_name,given_name,email,staff_group,employment_status\n\
        \"Tester\tby\",Rowan,rowan@example.com,Medical and Dental,Temporary mover\n\
        \"Test\rby\",Rowan,rowan2@example.com,Medical and Dental,Temporary mover\n";
    staff.submit("/recruitment/invite-list", &[("list", list)]).await;
    assert_eq!(staff.status, 422);
    staff.says("Line 2: Enter a family name").says("Line 3: Enter a family name");
    assert!(world.portal.store().list(TENANT, "", 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn b21_a_picture_that_is_none_is_refused_and_no_other_is_served() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_qr("openid4vp").await;
    let open = world.scan(&browser).await;
    let with = |portrait: &str| {
        let mut credentials = world.credentials(&["identity", "employment", "training"]);
        credentials[0].1.claims["vc"]["credentialSubject"]["portrait"] = portrait.into();
        world.answer_with(&open, credentials).body()
    };
    let svg = "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIj48L3N2Zz4=";
    for portrait in [svg, "data:image/svg+xml;base64,PHN2Zz4=", "https://attacker.example/p.png"] {
        assert_eq!(world.respond(&open, with(portrait)).await.0, 400, "{portrait}");
    }
    // Begins as a JPEG and goes on as a page.
    let polyglot = "/9j/4AAQPHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0";
    assert_eq!(world.respond(&open, with(polyglot)).await.0, 200);
    world.finish(browser.get("/share").await).await;
    let mut staff = signed_in(&world.base).await;
    staff.get(&format!("/recruitment/people/{reference}")).await.says("This page does not show it");
    assert!(!staff.html.contains("/9j/") && !staff.html.contains("<img"));
}

#[tokio::test]
async fn what_is_asked_for_more_goes_to_the_person_and_is_recorded_when_it_was_seen() {
    let world = World::new().await;
    let (mut browser, reference) = world.at_role("openid4vp").await;
    browser.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
    let mut staff = signed_in(&world.base).await;
    let page = format!("/recruitment/people/{reference}");
    staff.get(&page).await;
    let confirm = [("employment", "temporary"), ("care", "yes")];
    staff.submit(&format!("{page}/confirm"), &confirm).await.says("Credentials to review");
    let ask = format!("{page}/ask-for-more");
    let before = world.messages("email").len();
    for nothing in ["", " ", "two\nlines", &"x".repeat(201)] {
        staff.submit(&ask, &[("what", nothing)]).await.says("Give a reason or select an answer");
        staff.get(&page).await;
    }
    assert_eq!(world.messages("email").len(), before);
    let what = "Resuscitation level 2 <not older than a year>";
    staff.submit(&ask, &[("what", what)]).await.says("Not seen yet");
    staff.says("Resuscitation level 2 &#60;not older than a year&#62;");
    assert!(world.messages("email").last().unwrap().contains(what));

    for place in ["0", "1", "2"] {
        let token = staff.hidden(&format!("{page}/accept"))[0].1.clone();
        let accept = [("token", &*token), ("credential", place)];
        staff.post(&format!("{page}/accept"), &accept).await;
        staff.get(&page).await;
    }
    let complete = format!("{page}/complete");
    staff
        .submit(&complete, &[])
        .await
        .says("Record what you have seen of what you asked for first");
    let evidence = format!("{page}/evidence");
    staff.submit(&evidence, &[("note", "")]).await.says("Give a reason or select an answer");
    staff.submit(&evidence, &[("note", "certificate of 3 May, seen on paper")]).await;
    staff.says("certificate of 3 May, seen on paper (A. Reviewer on");
    staff.submit(&complete, &[]).await.says("This review has ended");
    staff.get("/recruitment/audit").await.says("more.requested").says("evidence.recorded");
}

#[tokio::test]
async fn b20_a_reviewer_reads_which_letters_of_a_name_are_not_what_they_look_like() {
    for (given, family, told) in [
        (
            "Rowan",
            "T\u{435}sterby",
            "One letter is of another alphabet than the letters beside it (Cyrillic, U+0435). It looks like “e”, and is another letter.",
        ),
        ("Ro\u{200B}wan", "Testerby", "There is a character that cannot be seen (U+200B)."),
        ("Row\u{200F}an", "Testerby", "changes the direction of the text (U+200F)"),
        (
            "\u{420}\u{43E}\u{440}\u{435}",
            "Testerby",
            "One character (Cyrillic, U+0420) is not the “P” of the name that you invited, though it may look like it.",
        ),
    ] {
        let world = World::new().await;
        let person = InvitedPerson::new("Testerby").with_given_name("Pope Rowan");
        let (link, reference) = world.invite_person(person).await;
        let mut browser = world.to_qr(&link, "microsoft", &[]).await;
        let open = world.scan(&browser).await;
        let mut credentials = world.credentials(&["identity"]);
        let subject = &mut credentials[0].1.claims["vc"]["credentialSubject"];
        subject["given_name"] = given.into();
        subject["family_name"] = family.into();
        let answer = world.answer_with(&open, credentials);
        assert_eq!(world.respond(&open, answer.body()).await.0, 200);
        world.finish(browser.get("/share").await).await;
        let mut staff = signed_in(&world.base).await;
        staff.get(&format!("/recruitment/people/{reference}")).await.says("Look at the letters:");
        staff.says(told).says("The name that was shared is similar");
        assert_eq!(staff.html.matches("Look at the letters:").count(), 1);
    }
}
