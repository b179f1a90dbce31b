//! The journey over HTTP, as a browser without JavaScript walks it, with both wallets.

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

#[tokio::test]
async fn the_whole_journey_with_both_wallets() {
    for wallet in WALLETS {
        let world = World::new().await;
        let (link, reference) = world.invite().await;
        let mut browser = world.browser();

        browser.get(&link).await.shows("Have you registered before?");
        browser.submit(&link, &[("registered", "before")]).await;
        assert_eq!(browser.path, "/share", "the token is out of the address");
        browser.shows("What you will do").says("Privacy notice");
        browser.submit("/share/start", &[]).await.shows("Select the credentials to share");
        browser.says("You will always share: Identity.");
        let ticks = [("credential", "employment"), ("credential", "training")];
        browser.submit("/share/select", &ticks).await.shows("Confirm what you will share");
        browser.says("Identity<br>").says("Employment<br>").says("Training");
        browser.submit("/share/confirm", &[("answer", wallet)]).await;
        browser
            .shows("Connect to your wallet")
            .says("<svg")
            .says("Only scan this if you opened it");

        let open = world.scan(&browser).await;
        browser.get("/share").await.shows("Follow the instructions in your wallet");
        let (status, text) = world.respond(&open, world.answer(&open).body()).await;
        assert_eq!((status, &*text), (200, if wallet == "microsoft" { "" } else { "{}" }));

        browser.get("/share").await.shows("Create your profile");
        browser.says("We have received: Identity, Employment, Training.");
        browser.submit("/share/profile", &[]).await.shows("What is your email address?");
        browser.says(EMAIL);
        browser.submit("/share/email", &[("email", EMAIL)]).await.shows("Check your email");
        browser.submit("/share/code", &[("code", &world.code("email"))]).await;
        browser.shows("What is your mobile number?");
        browser.submit("/share/mobile", &[("mobile", MOBILE)]).await.shows("Check your phone");
        browser.says("ends in 0123");
        browser.submit("/share/code", &[("code", &world.code("sms"))]).await.shows("Your role");
        browser.says("Medical and dental").says("Fixed term").says("Registrar");
        browser.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");

        assert_eq!(browser.path, "/share/done");
        assert_eq!(world.state(&reference).await, State::Submitted);
        let submitted = world.portal.store().submitted(TENANT, &reference).await.unwrap();
        assert_eq!(submitted.credentials().len(), 3);
        assert!(submitted.flags().is_empty(), "{:?}", submitted.flags());
        let shown: Vec<_> = submitted.notices().iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(shown, ["privacy_notice", "terms_and_conditions", "terms_of_use"]);
        assert!(world.messages("email").last().unwrap().contains("has received your details"));
        browser.get("/share").await.shows("Details shared");
        browser.get(&link).await.shows("You have already sent your details");
    }
}

#[tokio::test]
async fn a_wallet_answers_encrypted_and_with_sd_jwts_where_the_portal_asks_so() {
    for (format, encrypted) in [("jwt_vc_json", true), ("dc+sd-jwt", false), ("dc+sd-jwt", true)] {
        let more = format!(
            "wallets.openid4vp_format = \"{format}\"\nwallets.openid4vp_encrypted = {encrypted}"
        );
        let world = World::with(&more).await;
        let (mut browser, reference) = world.at_qr("openid4vp").await;
        let open = world.scan(&browser).await;
        assert_eq!(open.encryption.is_some(), encrypted);
        let answer = match format {
            "dc+sd-jwt" => world.answer_sd_jwt(&open),
            _ => world.answer(&open),
        };
        if encrypted {
            assert_eq!(world.respond(&open, answer.body()).await.0, 400, "in the clear");
        }
        let taken = world.respond(&open, world.body(&open, &answer)).await;
        let stands = world.state(&reference).await;
        assert_eq!(taken.0, 200, "{format}, encrypted {encrypted}: {stands:?}");
        browser.get("/share").await.shows("Create your profile");
        browser.says("We have received: Identity, Employment, Training.");
    }
}
