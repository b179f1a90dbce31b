//! Nothing personal, and no secret, is ever logged (invariant 10, attack B10).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::io::Write;
use std::sync::{Arc, Mutex};

use common::*;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn b10_no_claim_code_token_or_address_is_ever_logged() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let world = World::new().await;
    let mut secrets: Vec<String> =
        ["Testerby", "Rowan", "1988-11-03", EMAIL, "900123", "other@example.com"]
            .map(str::to_owned)
            .into();
    for wallet in WALLETS {
        let (link, reference) = world.invite().await;
        secrets.push(link.strip_prefix("/i/").unwrap().to_owned());
        let mut browser = world.to_qr(&link, wallet, &["employment", "training"]).await;
        let open = world.scan(&browser).await;
        secrets.push(open.response_uri.rsplit('/').next().unwrap().to_owned());
        secrets.push(open.asked.nonce().as_str().to_owned());
        world.respond(&open, b"vp_token=rubbish\r\n\x1b[31m&state=x".to_vec()).await;
        let mut bad = world.credentials(&["identity", "employment", "training"]);
        bad[1].1.set("iss", "did:web:evil.example");
        world.respond(&open, world.answer_with(&open, bad).body()).await;
        assert_eq!(world.respond(&open, world.answer(&open).body()).await.0, 200);
        secrets.extend(browser.jar.values().cloned());
        browser.get("/share").await.submit("/share/profile", &[]).await;
        secrets.extend(browser.jar.values().cloned());
        browser.submit("/share/email", &[("email", "other@example.com")]).await;
        secrets.push(world.wrong_code("email"));
        browser.submit("/share/code", &[("code", &world.wrong_code("email"))]).await;
        secrets.push(world.code("email"));
        browser.submit("/share/code", &[("code", &world.code("email"))]).await;
        browser.submit("/share/mobile", &[("mobile", MOBILE)]).await;
        secrets.push(world.code("sms"));
        browser.submit("/share/code", &[("code", &world.code("sms"))]).await;
        browser.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
        world.portal.store().erase(TENANT, &reference, world.now()).await.unwrap();
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = text.lines().filter(|line| line.contains("portal::")).collect();
    assert!(ours.len() > 40 && ours.iter().any(|line| line.contains("/share/{action}")));
    for secret in secrets {
        // Six digits may stand in a time; a whole line of ours has none beside it.
        let leak = ours.iter().find(|line| {
            let (_, message) = line.split_once("portal::").unwrap();
            message.contains(&secret)
        });
        assert!(leak.is_none(), "{secret:?} was logged: {leak:?}");
    }
    assert!(!text.contains('\u{1b}') || !text.contains("\u{1b}[31m&"));
}
