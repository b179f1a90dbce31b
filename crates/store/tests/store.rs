//! The store through its public API, on each database that there is: SQLite always, PostgreSQL where
//! `STAFFPASS_POSTGRES` names a server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::*;
use staffpass_otp::{Channel, KeyedIn, SendLimits, Verdict};
use staffpass_share::*;
use staffpass_store::*;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_share_goes_from_the_invitation_to_the_trust() {
    for base in Base::all().await {
        let store = base.open().await;
        let reference = submit(&store, 1).await;
        let submitted = store.submitted(TENANT, &reference).await.unwrap();
        assert_eq!(submitted.email().as_str(), "amara1@hospital.example");
        assert_eq!(submitted.credentials().len(), 1);
        let share = store.share(TENANT, &reference).await.unwrap();
        assert_eq!(share.state(at(61)), State::Submitted);
        let listed = store.list(TENANT, "", 10).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].outcome, Outcome::Submitted);
        assert!(store.list(TENANT, &reference, 10).await.unwrap().is_empty());
        let error = store.submit(TENANT, &reference, at(62)).await.unwrap_err();
        assert_eq!(error.code(), "already_submitted");
        let error = store.invitation(TENANT, &token(1)).await.unwrap_err();
        assert_eq!(error, StoreError::InvitationUsed);
        let error = store.session(TENANT, &browser(1)).await.unwrap_err();
        assert_eq!(error, StoreError::NotFound);
        assert!(store.check_audit(TENANT, None).await.unwrap().unwrap() > 10);
    }
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart_with_the_migrations_run_twice() {
    for base in Base::all().await {
        let store = base.open().await;
        let reference = at_email_code(&store, 1).await;
        let version = store.share(TENANT, &reference).await.unwrap().version();
        store.close().await;
        let store = base.open().await;
        assert_eq!(store.share(TENANT, &reference).await.unwrap().version(), version);
        while !walk(&store, 1, at(60)).await.unwrap() {}
        assert!(store.submitted(TENANT, &reference).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b3_of_fifty_posts_at_once_to_two_portals_one_is_accepted() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        let (reference, request) = connected(&portals[0], 1).await;
        let mut posts = JoinSet::new();
        for number in 0..50 {
            let portal = portals[number % 2].clone();
            let response = world().good_answer(&request, &["identity"], at(10));
            let handle = handle(&request);
            posts.spawn(async move {
                portal.receive(&handle, &response, &Rules::default(), at(10)).await
            });
        }
        let answers = posts.join_all().await;
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((accepted.len(), refused.len()), (1, 49));
        let codes = refused.into_iter().map(|post| post.unwrap_err().code());
        assert!(codes.collect::<Vec<_>>().iter().all(|code| *code == "already_answered"));
        let audit = portals[0].audit(TENANT, 0, 1000).await.unwrap();
        let verified = audit.iter().filter(|(_, entry)| entry.name == "presentation.verified");
        assert_eq!(verified.count(), 1);
        let share = portals[1].share(TENANT, &reference).await.unwrap();
        assert_eq!(share.state(at(11)), State::Received);
        assert!(portals[0].check_audit(TENANT, None).await.unwrap().is_ok());
    }
}

/// A code that is not this one.
fn wrong(code: &str) -> KeyedIn {
    KeyedIn::parse(if code == "000000" { "000001" } else { "000000" }).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b7_fifty_guesses_at_once_are_counted_exactly() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        let reference = at_email_code(&portals[0], 1).await;
        let (share, rules, limits) = ((TENANT, reference.as_str()), Rules::default(), generous());
        let channel = Channel::Email;
        let mut counted = 0;
        for round in 0..2 {
            let sent =
                portals[0].send_code(share, channel, "net", &key(), &rules, &limits, at(10)).await;
            let mut guesses = JoinSet::new();
            for number in 0..50 {
                let (portal, reference) = (portals[number % 2].clone(), reference.clone());
                let guess = wrong(sent.as_ref().unwrap().code.reveal());
                guesses.spawn(async move {
                    portal.try_code(TENANT, &reference, channel, &guess, &key(), at(11)).await
                });
            }
            let tried = guesses.join_all().await;
            counted += tried.iter().filter(|tried| tried.is_ok()).count();
            assert_eq!(counted, 5 * (round + 1), "five tries a set, whoever makes them");
            let stored = portals[0].share(TENANT, &reference).await.unwrap();
            let total =
                &serde_json::to_value(&stored).unwrap()["email"]["codes"]["counter"]["total"];
            assert_eq!(*total, counted as u64);
        }
        // The tenth has closed the channel: the right code does not open it.
        let error =
            portals[1].send_code(share, channel, "net", &key(), &rules, &limits, at(12)).await;
        assert_eq!(error.unwrap_err().code(), "otp_locked");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b7_a_right_code_keyed_in_fifty_times_at_once_confirms_once() {
    for base in Base::all().await {
        let store = base.open().await;
        let reference = at_email_code(&store, 1).await;
        let (share, rules, limits) = ((TENANT, reference.as_str()), Rules::default(), generous());
        let code_key = key();
        let sent =
            store.send_code(share, Channel::Email, "net", &code_key, &rules, &limits, at(10));
        let code = sent.await.unwrap().code;
        let mut tries = JoinSet::new();
        for _ in 0..50 {
            let (store, reference) = (store.clone(), reference.clone());
            let keyed_in = KeyedIn::parse(code.reveal()).unwrap();
            tries.spawn(async move {
                store.try_code(TENANT, &reference, Channel::Email, &keyed_in, &key(), at(11)).await
            });
        }
        let tried = tries.join_all().await;
        let confirmed = tried.iter().filter(|tried| matches!(tried, Ok(Verdict::Confirmed)));
        assert_eq!(confirmed.count(), 1);
        let audit = store.audit(TENANT, 0, 1000).await.unwrap();
        assert_eq!(audit.iter().filter(|(_, entry)| entry.name == "otp.confirmed").count(), 1);
    }
}

#[tokio::test]
async fn b7_a_try_counts_where_the_process_dies_before_it_is_judged() {
    for base in Base::all().await {
        let store = base.open().await;
        let reference = at_email_code(&store, 1).await;
        let (share, rules, limits) = ((TENANT, reference.as_str()), Rules::default(), generous());
        let code_key = key();
        let sent =
            store.send_code(share, Channel::Email, "net", &code_key, &rules, &limits, at(10));
        let _code = sent.await.unwrap();
        // The first of the two transactions, and then nothing.
        let count = |share: &mut Share| {
            share.count_code(Channel::Email, at(11)).map(|c| Change { value: (), events: c.events })
        };
        store.update(TENANT, &reference, at(11), count).await.unwrap();
        let stored = base.open().await.share(TENANT, &reference).await.unwrap();
        let counter = &serde_json::to_value(&stored).unwrap()["email"]["codes"]["counter"];
        assert_eq!(counter["total"], 1);
    }
}

#[tokio::test]
async fn b13_tenants_do_not_meet() {
    for base in Base::all().await {
        let store = base.open().await;
        invite(&store, 1).await;
        // The same person, reference and all, in another trust.
        let other = Share::new(invitation("eastmoor", 1), at(0));
        store.invite(&other, &TokenDigest::of("other"), at(0)).await.unwrap();
        let rules = Rules::default();
        let opened = store.open_invitation("eastmoor", &token(1), browser(1), &rules, at(1)).await;
        assert_eq!(opened.unwrap_err(), StoreError::NotFound);
        store.open_invitation(TENANT, &token(1), browser(1), &rules, at(1)).await.unwrap();
        assert_eq!(store.session("eastmoor", &browser(1)).await.unwrap_err(), StoreError::NotFound);
        assert_eq!(store.session(TENANT, &browser(1)).await.unwrap(), reference(1));
        let share = store.share("eastmoor", &reference(1)).await.unwrap();
        assert_eq!(share.state(at(2)), State::Invited);
        assert_eq!(store.list("eastmoor", "", 10).await.unwrap().len(), 1);
        assert_eq!(
            store.share("northmoor", &reference(1)).await.unwrap_err(),
            StoreError::NotFound
        );
        let email = EmailAddress::parse("amara1@hospital.example").unwrap();
        assert_eq!(
            store.find_by_email("northmoor", &email).await.unwrap_err(),
            StoreError::NotFound
        );
    }
}

#[tokio::test]
async fn a_second_invitation_of_one_person_is_refused() {
    for base in Base::all().await {
        let store = base.open().await;
        invite(&store, 1).await;
        let taken = |number: u32, email: &str, mobile: &str| {
            let invited = invitation(TENANT, number);
            let email = EmailAddress::parse(email).unwrap();
            let person = InvitedPerson::new("Okafor-Lee");
            let role = invited.role().clone();
            let expires = invited.expires_at();
            let invited = Invitation::new(TENANT, &reference(number), person, email, role, expires)
                .with_mobile(MobileNumber::parse(mobile).unwrap());
            Share::new(invited, at(0))
        };
        let error = |share: Share, number: u32| {
            let store = store.clone();
            async move { store.invite(&share, &token(number), at(0)).await.unwrap_err().code() }
        };
        let email = taken(2, "AMARA1@hospital.example", "07700 900002");
        assert_eq!(error(email, 2).await, "store_contact_taken");
        let mobile = taken(2, "another@hospital.example", "+44 7700 900001");
        assert_eq!(error(mobile, 2).await, "store_contact_taken");
        let reference = taken(1, "another@hospital.example", "07700 900002");
        assert_eq!(error(reference, 2).await, "store_reference_taken");
        // Nothing of the refused ones has stayed.
        invite(&store, 2).await;
        let mobile = MobileNumber::parse("0044 7700 900002").unwrap();
        assert_eq!(store.find_by_mobile(TENANT, &mobile).await.unwrap(), "invitation-2");
    }
}

#[tokio::test]
async fn b17_sends_are_limited_by_address_share_and_network() {
    let few = SendLimits::new(2, 6).unwrap();
    let many = SendLimits::new(100, 100).unwrap();
    let cases = [
        generous().with_limits(few, many),
        generous().with_limits(many, few),
        generous().with_network_limits(few),
    ];
    for base in Base::all().await {
        let store = base.open().await;
        for (number, limits) in cases.iter().enumerate() {
            let reference = at_email_code(&store, number as u32).await;
            let network = format!("network-{number}");
            let send = || {
                let share = (TENANT, reference.as_str());
                let (rules, key) = (Rules::default(), key());
                let (store, network) = (&store, network.as_str());
                async move {
                    let channel = Channel::Email;
                    store.send_code(share, channel, network, &key, &rules, limits, at(10)).await
                }
            };
            assert!(send().await.is_ok() && send().await.is_ok());
            let version = store.share(TENANT, &reference).await.unwrap().version();
            assert_eq!(send().await.unwrap_err().code(), "otp_too_many_sends");
            assert_eq!(store.share(TENANT, &reference).await.unwrap().version(), version);
        }
    }
}

/// Limits are for an address, and a number is one address however it is written.
#[tokio::test]
async fn b17_one_number_in_three_spellings_has_one_limit() {
    let (few, many) = (SendLimits::new(1, 1).unwrap(), SendLimits::new(100, 100).unwrap());
    let limits = generous().with_limits(few, many);
    for base in Base::all().await {
        let store = base.open().await;
        let mut codes = Vec::new();
        for (number, written) in
            ["07700 900999", "+44 7700 900999", "00447700900999"].iter().enumerate()
        {
            let reference = at_email_code(&store, number as u32).await;
            while store.share(TENANT, &reference).await.unwrap().state(at(6)).name() != "mobile" {
                walk(&store, number as u32, at(6)).await.unwrap();
            }
            let mobile = MobileNumber::parse(written).unwrap();
            go(&store, &reference, at(7), |s| s.enter_mobile(mobile.clone(), at(7))).await.unwrap();
            let (share, rules, key) = ((TENANT, reference.as_str()), Rules::default(), key());
            let sent = store.send_code(share, Channel::Mobile, "net", &key, &rules, &limits, at(8));
            codes.push(sent.await.map(drop).map_err(|error| error.code()));
        }
        assert_eq!(codes, [Ok(()), Err("otp_too_many_sends"), Err("otp_too_many_sends")]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b16_the_spend_cap_holds_for_many_at_once_and_fails_closed() {
    for base in Base::all().await {
        for of_all in [false, true] {
            let store = base.open().await;
            let caps = if of_all { (100, 8) } else { (5, 100) };
            let limits = generous().with_spend_caps(caps.0, caps.1);
            let begin = if of_all { 20 } else { 0 };
            let mut sends = JoinSet::new();
            for number in begin..begin + 12 {
                let reference = invite(&store, number).await;
                while store.share(TENANT, &reference).await.unwrap().state(at(5)).name()
                    != "mobile_code"
                {
                    walk(&store, number, at(5)).await.unwrap();
                }
                let store = store.clone();
                sends.spawn(async move {
                    let (share, rules) = ((TENANT, reference.as_str()), Rules::default());
                    let channel = Channel::Mobile;
                    let network = "net";
                    store.send_code(share, channel, network, &key(), &rules, &limits, at(10)).await
                });
            }
            let sent = sends.join_all().await;
            let refused: Vec<_> = sent.iter().filter_map(|sent| sent.as_ref().err()).collect();
            // 5 of the trust's, or 8 of all, the 5 of before among them.
            assert_eq!(sent.len() - refused.len(), if of_all { 3 } else { 5 });
            assert!(refused.iter().all(|e| **e == StoreError::SpendCapReached { of_all }));
            let spent = store.spent(None, at(10)).await.unwrap();
            assert_eq!(spent, if of_all { 8 } else { 5 });
            // A new day.
            assert_eq!(store.spent(Some(TENANT), at(86_400)).await.unwrap(), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b25_of_two_browsers_that_open_at_once_one_has_the_session() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        let reference = invite(&portals[0], 1).await;
        let mut opens = JoinSet::new();
        for number in 0..20_u32 {
            let portal = portals[(number % 2) as usize].clone();
            opens.spawn(async move {
                let rules = Rules::default();
                portal.open_invitation(TENANT, &token(1), browser(number), &rules, at(1)).await
            });
        }
        assert!(opens.join_all().await.iter().all(Result::is_ok));
        let share = portals[0].share(TENANT, &reference).await.unwrap();
        let mut live = 0;
        for number in 0..20 {
            let here = share.check_session(&browser(number)).is_ok();
            let found = portals[1].session(TENANT, &browser(number)).await.is_ok();
            assert_eq!(here, found);
            live += u32::from(here);
        }
        assert_eq!(live, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b25_of_many_requests_at_once_to_two_portals_three_are_made() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        let (reference, _) = connected(&portals[0], 1).await;
        let mut connects = JoinSet::new();
        for number in 0..20 {
            let (portal, reference) = (portals[number % 2].clone(), reference.clone());
            let request = world().request(&["identity"], at(7));
            connects.spawn(async move {
                portal.connect(TENANT, &reference, &request, b"", at(7)).await
            });
        }
        let made = connects.join_all().await;
        let refused: Vec<_> = made.iter().filter_map(|made| made.as_ref().err()).collect();
        assert_eq!(refused.len(), 18, "one was made before, two more may live");
        assert!(refused.iter().all(|error| error.code() == "too_many_requests"));
    }
}

#[tokio::test]
async fn b22_a_row_that_is_moved_changed_or_put_back_does_not_open() {
    for base in Base::all().await {
        let (store, database) = (base.open().await, base.administrator().await);
        let one = submit(&store, 1).await;
        let two = submit(&store, 2).await;
        let run = async |sql: &str| {
            sqlx::query(sql).execute(&database).await.unwrap();
        };
        // Beside another share.
        run(
            "UPDATE records SET body = (SELECT body FROM records WHERE reference = 'invitation-1') \
             WHERE reference = 'invitation-2'",
        )
        .await;
        let error = store.submitted(TENANT, &two).await.unwrap_err();
        assert_eq!(error.code(), "sealed_does_not_open");
        assert!(store.submitted(TENANT, &one).await.is_ok());
        // An older body under the version of now.
        let three = invite(&store, 3).await;
        run("CREATE TABLE old AS SELECT * FROM shares WHERE reference = 'invitation-3'").await;
        store
            .open_invitation(TENANT, &token(3), browser(3), &Rules::default(), at(1))
            .await
            .unwrap();
        run("UPDATE shares SET body = (SELECT body FROM old) WHERE reference = 'invitation-3'")
            .await;
        let error = store.share(TENANT, &three).await.unwrap_err();
        assert_eq!(error.code(), "sealed_does_not_open");
        // The whole old row: it opens, and the audit knows better.
        run("UPDATE shares SET version = (SELECT version FROM old) \
             WHERE reference = 'invitation-3'")
        .await;
        assert!(store.share(TENANT, &three).await.is_ok());
        let fault = store.check_audit(TENANT, None).await.unwrap().unwrap_err();
        assert_eq!(fault.code(), "audit_rolled_back");
        // In another tenant.
        run("UPDATE shares SET tenant = 'eastmoor' WHERE reference = 'none'").await;
        run("INSERT INTO shares SELECT 'eastmoor', reference, version, outcome, has_answers, \
             expires_at, touched_at, body, further_to FROM shares WHERE reference = 'invitation-1'")
        .await;
        let error = store.share("eastmoor", &one).await.unwrap_err();
        assert_eq!(error.code(), "sealed_does_not_open");
    }
}

/// Takes away what keeps an administrator from changing the audit.
async fn disarm(base: &Base, database: &sqlx::AnyPool) {
    let statements: &[&str] = match base.location {
        Location::Postgres(_) => &["DROP TRIGGER audit_is_append_only ON audit"],
        _ => &["DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_deleted"],
    };
    for statement in statements {
        sqlx::query(statement).execute(database).await.unwrap();
    }
}

#[tokio::test]
async fn b23_an_audit_that_was_changed_is_found_out() {
    for base in Base::all().await {
        let (store, database) = (base.open().await, base.administrator().await);
        submit(&store, 1).await;
        let head = store.audit_head(TENANT).await.unwrap().unwrap();
        assert_eq!(store.check_audit(TENANT, Some(&head)).await.unwrap(), Ok(head.seq));
        for statement in ["UPDATE audit SET entry = '' WHERE seq = 3", "DELETE FROM audit"] {
            assert!(sqlx::query(statement).execute(&database).await.is_err(), "append-only");
        }
        disarm(&base, &database).await;
        let run = async |sql: &str| {
            sqlx::query(sql).execute(&database).await.unwrap();
        };
        let check = async |head: Option<&AuditHead>| {
            store.check_audit(TENANT, head).await.unwrap().map_err(|fault| fault.code())
        };
        // Cut off at the end, and the row that says where it ends with it.
        run("CREATE TABLE heads AS SELECT * FROM audit_heads").await;
        run("CREATE TABLE entries AS SELECT * FROM audit").await;
        run("DELETE FROM audit WHERE seq > 5").await;
        assert_eq!(check(None).await, Err("audit_head_lost"));
        run("UPDATE audit_heads SET seq = 5, mac = (SELECT mac FROM audit WHERE seq = 5)").await;
        // The shares are ahead of such an audit, which is no fault by itself: the export tells.
        assert_eq!(check(None).await, Ok(5));
        assert_eq!(check(Some(&head)).await, Err("audit_head_lost"));
        run("DELETE FROM audit_heads").await;
        run("INSERT INTO audit_heads SELECT * FROM heads").await;
        run("INSERT INTO audit SELECT * FROM entries WHERE seq > 5").await;
        assert_eq!(check(Some(&head)).await, Ok(head.seq));
        // Changed, and taken out of the middle.
        run("UPDATE audit SET entry = replace(entry, 'identity.match', 'identity.probable')").await;
        assert_eq!(check(Some(&head)).await, Err("audit_broken"));
        run("DELETE FROM audit").await;
        run("INSERT INTO audit SELECT * FROM entries WHERE seq <> 4").await;
        assert_eq!(check(Some(&head)).await, Err("audit_missing"));
    }
}

#[tokio::test]
async fn b23_another_key_makes_another_chain() {
    for base in Base::all().await {
        let store = base.open().await;
        submit(&store, 1).await;
        let other = StoreKeys::new(SealingKeys::new(1, [1; 32]), &[2; 32], &[9; 32]).unwrap();
        let options = StoreOptions::default();
        let other = Store::open(&base.location, other, &options).await.unwrap();
        let fault = other.check_audit(TENANT, None).await.unwrap().unwrap_err();
        assert_eq!(fault, AuditFault::Broken { seq: 1 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b23_two_portals_make_one_chain() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        let mut people = JoinSet::new();
        for number in 0..8_u32 {
            let portal = portals[(number % 2) as usize].clone();
            people.spawn(async move { submit(&portal, number).await });
        }
        assert_eq!(people.join_all().await.len(), 8);
        let entries = portals[0].check_audit(TENANT, None).await.unwrap().unwrap();
        assert_eq!(portals[1].audit_head(TENANT).await.unwrap().unwrap().seq, entries);
    }
}

#[tokio::test]
async fn b23_erasure_takes_the_key_and_leaves_the_entries() {
    for base in Base::all().await {
        let store = base.open().await;
        let reference = submit(&store, 1).await;
        let head = store.audit_head(TENANT).await.unwrap().unwrap();
        let subject = store.audit(TENANT, 0, 1).await.unwrap()[0].1.subject.clone();
        assert_eq!(subject.len(), 64);
        store.erase(TENANT, &reference, at(100)).await.unwrap();
        assert_eq!(store.share(TENANT, &reference).await.unwrap_err(), StoreError::NotFound);
        assert_eq!(
            store.erase(TENANT, &reference, at(100)).await.unwrap_err(),
            StoreError::NotFound
        );
        assert_eq!(store.check_audit(TENANT, Some(&head)).await.unwrap(), Ok(head.seq));
        // Whoever is invited under the same reference and address is another subject.
        invite(&store, 1).await;
        let entries = store.audit(TENANT, head.seq, 10).await.unwrap();
        assert_eq!(entries[0].1.name, "invitation.created");
        assert_ne!(entries[0].1.subject, subject);
    }
}

#[tokio::test]
async fn b24_a_restore_kills_links_sessions_requests_and_codes() {
    for base in Base::all().await {
        let store = base.open().await;
        let (rules, limits) = (Rules::default(), generous());
        let (connected, request) = connected(&store, 1).await;
        let coded = at_email_code(&store, 2).await;
        let share = (TENANT, coded.as_str());
        let code_key = key();
        let sent =
            store.send_code(share, Channel::Email, "net", &code_key, &rules, &limits, at(10));
        let sent = sent.await.unwrap();
        let finished = submit(&store, 3).await;

        assert_eq!(store.begin_epoch().await.unwrap(), 1);

        assert_eq!(store.request(&handle(&request)).await.unwrap_err(), StoreError::NotFound);
        let response = world().good_answer(&request, &["identity"], at(12));
        let post = store.receive(&handle(&request), &response, &rules, at(12)).await;
        assert_eq!(post.unwrap_err(), StoreError::NotFound);
        let keyed_in = KeyedIn::parse(sent.code.reveal()).unwrap();
        let tried =
            store.try_code(TENANT, &coded, Channel::Email, &keyed_in, &code_key, at(12)).await;
        assert_eq!(tried.unwrap_err().code(), "wrong_state");
        let opened = store.open_invitation(TENANT, &token(1), browser(1), &rules, at(12)).await;
        assert_eq!(opened.unwrap_err(), StoreError::NotFound);
        assert!(store.submitted(TENANT, &finished).await.is_ok());

        // A new link, and the person begins again.
        for (reference, number) in [(&connected, 1), (&coded, 2)] {
            let renewed = TokenDigest::of(&format!("renewed-{number}"));
            store.renew_invitation(TENANT, reference, &renewed, at(13)).await.unwrap();
            assert_eq!(
                store.session(TENANT, &browser(number)).await.unwrap_err(),
                StoreError::NotFound
            );
            store.open_invitation(TENANT, &renewed, browser(number), &rules, at(14)).await.unwrap();
            let share = store.share(TENANT, reference).await.unwrap();
            assert_eq!(share.state(at(14)), State::RegisteredBefore);
        }
        assert_eq!(
            store.open_invitation(TENANT, &token(2), browser(2), &rules, at(15)).await.unwrap_err(),
            StoreError::NotFound
        );
        assert!(store.check_audit(TENANT, None).await.unwrap().is_ok());
    }
}

/// A portal has looked up a browser's session; before it goes on, another browser opens the invitation
/// and comes as far.
#[tokio::test]
async fn b25_a_browser_whose_session_ended_meanwhile_changes_nothing() {
    for base in Base::all().await {
        let (store, rules, limits) = (base.open().await, Rules::default(), generous());
        let reference = at_email_code(&store, 1).await;
        let late = store.in_session(browser(9));
        let share = (TENANT, reference.as_str());
        let code_key = key();
        let before = store.share(TENANT, &reference).await.unwrap().version();

        let sent = late.send_code(share, Channel::Email, "net", &code_key, &rules, &limits, at(10));
        assert_eq!(sent.await.unwrap_err().code(), "started_elsewhere");
        let keyed_in = wrong("123456");
        let tried = late.try_code(TENANT, &reference, Channel::Email, &keyed_in, &code_key, at(10));
        assert_eq!(tried.await.unwrap_err().code(), "started_elsewhere");
        let request = world().request(&["identity"], at(10));
        let connected = late.connect(TENANT, &reference, &request, b"", at(10)).await;
        assert_eq!(connected.unwrap_err().code(), "started_elsewhere");
        let extended = go(&late, &reference, at(10), |share| share.extend(at(10))).await;
        assert_eq!(extended.unwrap_err().code(), "started_elsewhere");
        assert_eq!(store.share(TENANT, &reference).await.unwrap().version(), before);

        while store.share(TENANT, &reference).await.unwrap().state(at(20)).name() != "ready" {
            walk(&store, 1, at(20)).await.unwrap();
        }
        let submitted = late.submit(TENANT, &reference, at(20)).await;
        assert_eq!(submitted.unwrap_err().code(), "started_elsewhere");
        let hers = store.in_session(browser(1));
        hers.submit(TENANT, &reference, at(21)).await.unwrap();
        // What is finished says so, in whatever session.
        let again = hers.submit(TENANT, &reference, at(22)).await;
        assert_eq!(again.unwrap_err().code(), "already_submitted");
    }
}

#[tokio::test]
async fn b24_after_a_restore_no_page_of_before_is_shown() {
    for base in Base::all().await {
        let store = base.open().await;
        let (waiting, coded) = (connected(&store, 1).await.0, at_email_code(&store, 2).await);
        let finished = submit(&store, 3).await;
        store.begin_epoch().await.unwrap();
        for reference in [&waiting, &coded] {
            let share = store.share(TENANT, reference).await.unwrap();
            assert_eq!(share.state(at(61)), State::Invited);
            assert!(share.check_session(&browser(1)).is_err());
        }
        let share = store.share(TENANT, &finished).await.unwrap();
        assert_eq!(share.state(at(61)), State::Submitted);
        assert!(store.submitted(TENANT, &finished).await.is_ok());
    }
}

#[tokio::test]
async fn a_new_link_ends_the_ones_before() {
    for base in Base::all().await {
        let (store, rules) = (base.open().await, Rules::default());
        let reference = invite(&store, 1).await;
        let renewed = TokenDigest::of("renewed");
        store.renew_invitation(TENANT, &reference, &renewed, at(1)).await.unwrap();
        let opened = store.open_invitation(TENANT, &token(1), browser(1), &rules, at(2)).await;
        assert_eq!(opened.unwrap_err(), StoreError::NotFound);
        store.open_invitation(TENANT, &renewed, browser(1), &rules, at(2)).await.unwrap();
        store.withdraw(TENANT, &reference, at(3)).await.unwrap();
        let error = store.renew_invitation(TENANT, &reference, &token(9), at(4)).await.unwrap_err();
        assert_eq!(error.code(), "invitation_withdrawn");
        assert_eq!(store.list(TENANT, "", 9).await.unwrap()[0].outcome, Outcome::Withdrawn);
    }
}

#[tokio::test]
async fn b26_no_token_code_name_or_address_is_in_the_file() {
    let base = Base::sqlite();
    let store = base.open().await;
    submit(&store, 1).await;
    at_email_code(&store, 2).await;
    let request = connected(&store, 3).await.1;
    let bytes = base.bytes().unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(
        holds("invitation-1") && holds("selection.confirmed"),
        "the search finds what is there"
    );
    for secret in ["amara", "Amara", "Okafor", "okafor", "1991-08-10", "900001", "07700", "token-1"]
    {
        assert!(!holds(secret), "{secret}");
    }
    assert!(!holds("browser-1") && !holds(request.expectation().nonce().as_str()));
    assert!(!holds(request.object().as_str()));
}

#[tokio::test]
async fn b10_errors_and_debug_say_nothing_personal() {
    let base = Base::sqlite();
    let store = base.open().await;
    let (_, request) = connected(&store, 1).await;
    let stored = store.request(&handle(&request)).await.unwrap();
    let error = store.invite(&Share::new(invitation(TENANT, 1), at(0)), &token(2), at(0)).await;
    let printed = format!("{store:?} {stored:?} {error:?} {:?} {:?}", token(1), base.location);
    for secret in ["amara", "Okafor", "07700", "token-1", ".db"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}

#[tokio::test]
async fn a_request_is_found_by_its_address_and_by_its_id_with_its_secret() {
    for base in Base::all().await {
        let store = base.open().await;
        let (reference, _) = connected(&store, 1).await;
        let request = world().request(&["identity"], at(7));
        store.connect(TENANT, &reference, &request, b"private key", at(7)).await.unwrap();
        let found = store.request_of_id(request.request_id_digest()).await.unwrap();
        assert_eq!((found.tenant.as_str(), found.reference.as_str()), (TENANT, reference.as_str()));
        assert_eq!(found.object, request.object().as_str());
        assert_eq!(found.secret.as_slice(), b"private key");
        assert_eq!(found.expectation.digest(), request.expectation().digest());

        let share = store.share(TENANT, &reference).await.unwrap();
        assert!(store.scanned(&share).await.unwrap().is_none());
        store.note_scanned(&handle(&request), at(8)).await.unwrap();
        store.note_scanned(&handle(&request), at(9)).await.unwrap();
        let scanned = store.scanned(&share).await.unwrap().unwrap();
        assert_eq!(scanned.at(), at(8));
        assert_eq!(share.state_with(Some(&scanned), at(9)).name(), "scanned");
        let after = store.share(TENANT, &reference).await.unwrap();
        assert_eq!(after.version(), share.version(), "scanning is outside the version");
    }
}

#[tokio::test]
async fn p17_a_nonce_of_another_share_is_refused() {
    for base in Base::all().await {
        let store = base.open().await;
        let (_, request) = connected(&store, 1).await;
        let other = invite(&store, 2).await;
        while store.share(TENANT, &other).await.unwrap().state(at(5)).name() != "confirmed" {
            walk(&store, 2, at(5)).await.unwrap();
        }
        let error = store.connect(TENANT, &other, &request, b"", at(7)).await.unwrap_err();
        assert_eq!(error.code(), "request_reused");
        let share = store.share(TENANT, &other).await.unwrap();
        assert_eq!(share.state(at(7)), State::Confirmed, "and nothing was kept");
    }
}

#[tokio::test]
async fn b4_refused_posts_are_counted_and_do_not_end_the_share() {
    for base in Base::all().await {
        let store = base.open().await;
        let (reference, request) = connected(&store, 1).await;
        for _ in 0..4 {
            store.refuse(&handle(&request), &["nonce_mismatch"], at(8)).await.unwrap();
        }
        let response = world().good_answer(&request, &["identity"], at(9));
        let arrival = store.receive(&handle(&request), &response, &Rules::default(), at(9)).await;
        assert!(matches!(arrival.unwrap(), Arrival::Complete(_)));
        let unknown = staffpass_request::HandleDigest::from_bytes([0; 32]);
        let error = store.refuse(&unknown, &["nonce_mismatch"], at(9)).await.unwrap_err();
        assert_eq!(error, StoreError::NotFound);
        assert_eq!(store.share(TENANT, &reference).await.unwrap().state(at(9)), State::Received);
    }
}

#[tokio::test]
async fn a_refused_call_changes_nothing() {
    for base in Base::all().await {
        let store = base.open().await;
        let reference = invite(&store, 1).await;
        let head = store.audit_head(TENANT).await.unwrap();
        let refused = go(&store, &reference, at(1), |share| share.confirm_role(at(1))).await;
        assert_eq!(refused.unwrap_err().code(), "wrong_state");
        assert_eq!(store.share(TENANT, &reference).await.unwrap().version(), 0);
        assert_eq!(store.audit_head(TENANT).await.unwrap(), head);
    }
}

#[tokio::test]
async fn retention_runs_twice_and_deletes_once() {
    for base in Base::all().await {
        let store = base.open().await;
        let (submitted, coded) = (submit(&store, 1).await, at_email_code(&store, 2).await);
        let (waiting, _) = connected(&store, 3).await;
        let idle = invite(&store, 4).await;
        let withdrawn = invite(&store, 5).await;
        store.withdraw(TENANT, &withdrawn, at(6)).await.unwrap();
        let (rules, day) = (Retention::default(), TimeDelta::days(1));

        let first = store.retain(&rules, at(100)).await.unwrap();
        assert_eq!(first, Retained::default(), "nothing is old");

        let now = at(60) + day;
        let run = store.retain(&rules, now).await.unwrap();
        assert_eq!((run.forgotten, run.erased), (2, 0));
        for reference in [&coded, &waiting] {
            let share = store.share(TENANT, reference).await.unwrap();
            assert_eq!(share.state(now), State::Invited);
        }
        let error = store.session(TENANT, &browser(2)).await.unwrap_err();
        assert_eq!(error, StoreError::NotFound);
        assert_eq!(store.retain(&rules, now).await.unwrap().forgotten, 0);

        let now = at(14 * 24 * 3600) + day * 30;
        let run = store.retain(&rules, now).await.unwrap();
        assert_eq!(run.erased, 4, "three that expired, one withdrawn");
        assert_eq!(store.retain(&rules, now).await.unwrap(), Retained::default());
        assert_eq!(store.share(TENANT, &idle).await.unwrap_err(), StoreError::NotFound);
        assert!(store.submitted(TENANT, &submitted).await.is_ok());

        let now = at(60) + day * 90;
        let run = store.retain(&rules, now).await.unwrap();
        assert_eq!(run.erased, 1);
        assert!(store.list(TENANT, "", 10).await.unwrap().is_empty());
        assert_eq!(store.retired(TENANT, "2026-03", Outcome::Submitted).await.unwrap(), 1);
        assert_eq!(store.retired(TENANT, "2026-03", Outcome::Withdrawn).await.unwrap(), 1);
        assert!(store.check_audit(TENANT, None).await.unwrap().is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn retention_in_two_portals_at_once_counts_each_share_once() {
    for base in Base::all().await {
        let portals = [base.open().await, base.open().await];
        for number in 0..6 {
            invite(&portals[0], number).await;
        }
        let now = at(60 * 24 * 3600);
        let (rules, [one, two]) = (Retention::default(), &portals);
        let (one, two) = tokio::join!(one.retain(&rules, now), two.retain(&rules, now));
        assert_eq!(one.unwrap().erased + two.unwrap().erased, 6);
        let retired = portals[0].retired(TENANT, "2026-03", Outcome::Open).await.unwrap();
        assert_eq!(retired, 6);
    }
}

#[tokio::test]
async fn after_a_change_of_keys_everything_opens_under_the_new_one_alone() {
    for base in Base::all().await {
        let store = base.open().await;
        let submitted = submit(&store, 1).await;
        let coded = at_email_code(&store, 2).await;
        let (_, request) = connected(&store, 3).await;
        let options = StoreOptions::default();
        let both = SealingKeys::new(2, [22; 32]).with_older(1, [1; 32]);
        let both = StoreKeys::new(both, &[2; 32], &[3; 32]).unwrap();
        let both = Store::open(&base.location, both, &options).await.unwrap();
        let versions = both.share(TENANT, &coded).await.unwrap().version();
        assert_eq!(both.reseal(at(70)).await.unwrap(), 3);
        assert_eq!(both.reseal(at(70)).await.unwrap(), 0);

        let new = StoreKeys::new(SealingKeys::new(2, [22; 32]), &[2; 32], &[3; 32]).unwrap();
        let new = Store::open(&base.location, new, &options).await.unwrap();
        assert!(new.submitted(TENANT, &submitted).await.is_ok());
        assert!(new.request(&handle(&request)).await.is_ok());
        assert_eq!(new.share(TENANT, &coded).await.unwrap().version(), versions);
        while !walk(&new, 2, at(80)).await.unwrap() {}
        assert!(new.check_audit(TENANT, None).await.unwrap().is_ok());
        let error = store.share(TENANT, &coded).await.unwrap_err();
        assert_eq!(error.code(), "sealed_key_unknown");
    }
}

#[tokio::test]
async fn notes_go_into_the_audit_under_the_name_of_who_made_them() {
    for base in Base::all().await {
        let store = base.open().await;
        let reference = invite(&store, 1).await;
        store.note(TENANT, &reference, "recruiter-7", "invitation.sent", at(1)).await.unwrap();
        let audit = store.audit(TENANT, 0, 10).await.unwrap();
        let last = &audit.last().unwrap().1;
        assert_eq!((last.actor.as_str(), last.name.as_str()), ("recruiter-7", "invitation.sent"));
        assert_eq!(last.subject, audit[0].1.subject);
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_said_to_be_unavailable() {
    let location = Location::Sqlite("/nowhere/at/all.db".into());
    let error = Store::open(&location, keys(), &StoreOptions::default()).await.unwrap_err();
    assert_eq!(error, StoreError::Unavailable);
    assert!(error.is_passing());
}

#[tokio::test]
async fn sqlite_is_asked_to_keep_what_it_commits_and_the_file_is_private() {
    let base = Base::sqlite();
    let store = base.open().await;
    invite(&store, 1).await;
    // `open` has read back synchronous = FULL, foreign_keys and secure_delete on its own connections;
    // the journal mode is in the file.
    let database = base.administrator().await;
    let row = sqlx::query("PRAGMA journal_mode").fetch_one(&database).await.unwrap();
    assert_eq!(sqlx::Row::get::<String, _>(&row, 0), "wal");
    #[cfg(unix)]
    for part in ["", "-wal"] {
        use std::os::unix::fs::PermissionsExt as _;
        let file = format!("{}{part}", base.file().unwrap().display());
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn both_databases_have_one_schema() {
    let sqlite = concat!(
        include_str!("../migrations/sqlite/0002_open_requests.sql"),
        include_str!("../migrations/sqlite/0003_staff.sql"),
        include_str!("../migrations/sqlite/0004_reminders.sql"),
        include_str!("../migrations/sqlite/0005_further.sql"),
        include_str!("../migrations/sqlite/0001_shares.sql"),
    );
    let postgres = concat!(
        include_str!("../migrations/postgres/0002_open_requests.sql"),
        include_str!("../migrations/postgres/0003_staff.sql"),
        include_str!("../migrations/postgres/0004_reminders.sql"),
        include_str!("../migrations/postgres/0005_further.sql"),
        include_str!("../migrations/postgres/0001_shares.sql"),
    );
    let sqlite = sqlite.replace(") STRICT;", ");");
    let postgres = postgres.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB");
    // The triggers that keep the audit are another language in each; tables come before them.
    let tables = |text: &str, triggers: &str| text.split(triggers).next().unwrap().to_owned();
    let sqlite = tables(&sqlite, "CREATE TRIGGER");
    assert!(sqlite.matches("CREATE TABLE").count() > 5);
    assert_eq!(sqlite, tables(&postgres, "CREATE FUNCTION"));
}
