//! Addresses, texts, the outbox and memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::path::PathBuf;

use staffpass_notify::*;

fn code(recipient: Recipient) -> Message {
    Message::code(recipient, "Westmoor", "042917", 5)
}

fn email() -> Recipient {
    address::email("amara@hospital.example").unwrap()
}

fn mobile() -> Recipient {
    NumberRules::default().with_test_numbers().mobile("07700 900123").unwrap()
}

#[test]
fn b16_only_mobiles_of_the_listed_regions_are_sent_to() {
    let rules = NumberRules::default();
    let e164 = |text: &str| rules.mobile(text).map(|to| to.address().to_owned());
    for text in ["07400 123456", "+44 7400 123456", "0044 7400 123456", "+44 (0)7400 123456"] {
        assert_eq!(e164(text).unwrap(), "+447400123456", "{text}");
    }
    assert_eq!(e164("+353 85 012 3456").unwrap(), "+353850123456");
    let cases = [
        ("07797 712345", AddressFault::Region), // Jersey
        ("07781 123456", AddressFault::Region), // Guernsey
        ("07624 312345", AddressFault::Region), // Isle of Man
        ("+1 201 555 0123", AddressFault::Region),
        ("07012 345678", AddressFault::NotMobile), // personal
        ("0909 8790000", AddressFault::NotMobile), // premium
        ("020 7946 0123", AddressFault::NotMobile),
        ("0800 123456", AddressFault::NotMobile),
        ("07400 12345", AddressFault::Number),
        ("07700 900123", AddressFault::Number), // Ofcom's, for drama
        ("07400 123456 x12", AddressFault::Number),
        ("0800 FLOWERS", AddressFault::Number),
        ("", AddressFault::Number),
        ("+", AddressFault::Number),
    ];
    for (text, fault) in cases {
        assert_eq!(e164(text).unwrap_err(), fault, "{text}");
    }
}

#[test]
fn regions_and_test_numbers_are_opted_into() {
    let jersey = NumberRules::default().with_regions(["JE"]).unwrap();
    assert!(jersey.mobile("07797 712345").is_ok());
    assert_eq!(jersey.mobile("07400 123456").unwrap_err(), AddressFault::Region);
    assert_eq!(NumberRules::default().with_regions(["XX"]).unwrap_err().code(), "address_region");
    assert_eq!(mobile().address(), "+447700900123");
    let rules = NumberRules::default().with_test_numbers();
    assert!(rules.mobile("07700 901123").is_err(), "no others of the block");
}

#[test]
fn email_addresses_are_read_by_the_standard() {
    let read = |text: &str| address::email(text).map(|to| to.address().to_owned());
    assert_eq!(read("  amara@hospital.example ").unwrap(), "amara@hospital.example");
    assert_eq!(read("o'brien+nhs@a-b.example").unwrap(), "o'brien+nhs@a-b.example");
    let long = format!("{}@hospital.example", "a".repeat(65));
    let longer = format!("a@{}.example", "b.".repeat(130));
    let wrong = [
        "",
        "amara",
        "amara@hospital",
        "@hospital.example",
        "a b@hospital.example",
        "Amara <amara@hospital.example>",
        "amara@[192.0.2.1]",
        "amara..lee@hospital.example",
        "\"a\\\r\nBcc: b\"@hospital.example",
        "amara@hospital.example\r\nBcc: b@c.example",
        &long,
        &longer,
    ];
    for text in wrong {
        assert_eq!(read(text).unwrap_err(), AddressFault::Email, "{text:?}");
    }
}

#[test]
fn b19_no_value_breaks_a_line() {
    let message = Message::code(email(), "West\r\nBcc: a@b.example\u{202E}", "042917", 5);
    assert_eq!(message.subject().lines().count(), 1);
    assert!(!message.subject().contains('\u{202E}'));
    let message = code(mobile()).with_origin("portal.example\n@evil.example #000000");
    assert_eq!(message.text().lines().filter(|line| line.starts_with('@')).count(), 1);
}

#[test]
fn a_code_by_text_message_is_bound_to_the_portal_and_one_by_email_is_not() {
    let text = code(mobile()).with_origin("portal.example").text();
    assert_eq!(text.lines().last(), Some("@portal.example #042917"));
    assert!(!code(email()).with_origin("portal.example").text().contains('@'));
}

#[test]
fn every_kind_has_a_text_with_its_values_and_a_reference_of_its_own() {
    let messages = [
        (code(email()), "042917"),
        (Message::invitation(email(), "Westmoor", "https://p.example/i/x", "16 March"), "16 March"),
        (Message::contact_changed(email(), "Westmoor", "0000 000"), "0000 000"),
        (Message::submitted(email(), "Westmoor", "0000 000"), "0000 000"),
        (Message::more_needed(email(), "Westmoor", "Resuscitation", "0000 000"), "Resuscitation"),
    ];
    let mut references = std::collections::BTreeSet::new();
    for (message, value) in &messages {
        assert!(message.text().contains(value) && message.subject().contains("Westmoor"));
        references.insert(message.reference().to_owned());
    }
    assert_eq!(references.len(), messages.len());
    assert_eq!(messages[0].0.clone().reference(), messages[0].0.reference());
}

#[test]
fn b10_debug_and_errors_print_no_address_and_no_code() {
    let printed = format!("{:?} {:?} {:?}", code(email()), mobile(), NumberRules::default());
    for secret in ["amara", "7700", "042917"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("staffpass-notify-{}", code(email()).reference());
        Self(std::env::temp_dir().join(name).join("outbox"))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[tokio::test]
async fn the_outbox_has_a_private_file_for_each_message() {
    let directory = Directory::new();
    let notifier = Notifier::outbox(&directory.0).unwrap();
    assert_eq!(notifier.directory(), Some(directory.0.as_path()));
    for to in [email(), mobile()] {
        notifier.send(&code(to)).await.unwrap();
    }
    let mut files: Vec<_> =
        std::fs::read_dir(&directory.0).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| file.extension().is_some_and(|end| end == "txt")));
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(text.starts_with("To: amara@hospital.example\nSubject: Your security code"));
    assert!(text.contains("042917"));
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(name.contains("-email-code-") && !name.contains("amara"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&files[0]), mode(&directory.0)), (0o600, 0o700));
    }
}

#[tokio::test]
async fn an_outbox_that_cannot_be_written_says_so() {
    let directory = Directory::new();
    let notifier = Notifier::outbox(&directory.0).unwrap();
    std::fs::remove_dir_all(&directory.0).unwrap();
    assert_eq!(notifier.send(&code(email())).await.unwrap_err(), NotifyError::Outbox);
    std::fs::write(&directory.0, "a file is in the way").unwrap();
    assert_eq!(Notifier::outbox(&directory.0).unwrap_err(), NotifyError::Outbox);
}

#[tokio::test]
async fn each_channel_may_have_a_notifier_of_its_own() {
    let ((by_email, emails), (by_sms, texts)) = (Notifier::memory(), Notifier::memory());
    let notifier = Notifier::by_channel(by_email, by_sms);
    notifier.send(&code(email())).await.unwrap();
    notifier.send(&code(mobile())).await.unwrap();
    assert_eq!((emails.messages().len(), texts.messages().len()), (1, 1));
    assert_eq!(texts.messages()[0].recipient().channel(), Channel::Sms);
}
