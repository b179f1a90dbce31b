//! Who was invited and has not shared is reminded, so often and no oftener.

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

fn reminders(world: &World) -> usize {
    let emails = world.messages("email");
    emails.iter().filter(|text| text.contains("has not received them yet")).count()
}

async fn names(world: &World) -> Vec<String> {
    let audited = world.portal.store().audit(TENANT, 0, 1000).await.unwrap();
    audited.into_iter().map(|(_, entry)| entry.name).collect()
}

#[tokio::test]
async fn who_does_not_come_is_reminded_three_times_and_the_link_stays_good() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    assert_eq!(world.portal.remind().await.unwrap(), 0, "the first waits its time");
    for due in 1..=3 {
        world.wait(TimeDelta::days(2));
        assert_eq!(world.portal.remind().await.unwrap(), 0);
        world.wait(TimeDelta::days(1));
        assert_eq!(world.portal.remind().await.unwrap(), 1);
        assert_eq!(world.portal.remind().await.unwrap(), 0, "once each time");
        assert_eq!(reminders(&world), due);
    }
    world.wait(TimeDelta::days(4));
    assert_eq!(world.portal.remind().await.unwrap(), 0, "no oftener");
    let email = world.messages("email").pop().unwrap();
    assert!(email.starts_with(&format!("To: {EMAIL}\n")));
    assert!(!email.contains("/i/"), "the link is not in it");
    assert_eq!(names(&world).await.iter().filter(|name| *name == "invitation.reminded").count(), 3);
    world.browser().get(&link).await.shows("Have you registered before?");
}

#[tokio::test]
async fn of_two_portals_one_reminds() {
    let world = World::new().await;
    world.invite().await;
    let other = open(&world.text, &world.clock).await;
    world.portal.remind().await.unwrap();
    world.wait(TimeDelta::days(3));
    let (one, another) = tokio::join!(world.portal.remind(), other.remind());
    assert_eq!(one.unwrap() + another.unwrap(), 1);
    assert_eq!(reminders(&world), 1);
}

#[tokio::test]
async fn who_is_in_the_middle_of_it_is_left_alone_and_who_went_away_is_reminded() {
    let world = World::new().await;
    let (link, _) = world.invite().await;
    world.portal.remind().await.unwrap();
    world.wait(TimeDelta::days(3));
    let _browser = world.to_qr(&link, "microsoft", &["training"]).await;
    assert_eq!(world.portal.remind().await.unwrap(), 0);
    world.wait(TimeDelta::hours(1));
    assert_eq!(world.portal.remind().await.unwrap(), 1);
}

#[tokio::test]
async fn who_has_shared_or_cannot_any_more_is_not_reminded() {
    let world = World::new().await;
    let (mut browser, _) = world.at_role("openid4vp").await;
    browser.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
    let person = staffpass::share::InvitedPerson::new("Otherwise");
    let (_, withdrawn) = world.invite_another(person, "other@example.com").await;
    world.portal.store().withdraw(TENANT, &withdrawn, world.now()).await.unwrap();
    let person = staffpass::share::InvitedPerson::new("Late");
    world.invite_another(person, "late@example.com").await;
    world.portal.remind().await.unwrap();
    world.wait(TimeDelta::days(15));
    assert_eq!(world.portal.remind().await.unwrap(), 0);
}

#[tokio::test]
async fn none_is_sent_where_the_trust_wants_none() {
    let world = World::with("journey.reminders = 0").await;
    world.invite().await;
    world.portal.remind().await.unwrap();
    world.wait(TimeDelta::days(5));
    assert_eq!(world.portal.remind().await.unwrap(), 0);
}
