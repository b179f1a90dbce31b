//! SMTP, against a small server on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use staffpass_notify::*;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A message as it came: the envelope's recipient, and header and body.
type Mail = (String, String);

#[derive(Clone, Copy)]
enum Manners {
    Good,
    /// Refuses every recipient, quoting the address.
    Refusing(&'static str),
    /// Says nothing after the greeting.
    Silent,
}

async fn server(manners: Manners) -> (u16, Arc<Mutex<Vec<Mail>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&mails);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, manners, Arc::clone(&kept)));
        }
    });
    (port, mails)
}

/// RFC 5321, as far as a client needs it.
async fn converse(stream: TcpStream, manners: Manners, mails: Arc<Mutex<Vec<Mail>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut to, mut said) = (String::new(), "220 loopback ESMTP".to_owned());
    loop {
        write.write_all(format!("{said}\r\n").as_bytes()).await.unwrap();
        let Ok(Some(line)) = lines.next_line().await else { return };
        if matches!(manners, Manners::Silent) {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        said = match line.split([' ', ':']).next().unwrap().to_uppercase().as_str() {
            "EHLO" => "250 loopback".to_owned(),
            "MAIL" => "250 ok".to_owned(),
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap().to_owned();
                match manners {
                    Manners::Refusing(code) => format!("{code} no {to} here"),
                    _ => "250 ok".to_owned(),
                }
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.unwrap();
                let mut mail = String::new();
                loop {
                    match lines.next_line().await.unwrap().unwrap().as_str() {
                        "." => break,
                        line => mail.push_str(&format!("{line}\n")),
                    }
                }
                mails.lock().unwrap().push((to.clone(), mail));
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "502 what?".to_owned(),
        };
    }
}

fn notifier(options: SmtpOptions) -> Notifier {
    let options = options.with_timeout(Duration::from_millis(500));
    Notifier::smtp(Smtp::new(options, "Westmoor", "no-reply@westmoor.example").unwrap())
}

fn code() -> Message {
    let to = address::email("amara@hospital.example").unwrap();
    Message::code(to, "Westmöor", "042917", 5)
}

#[tokio::test]
async fn a_message_arrives_whole() {
    let (port, mails) = server(Manners::Good).await;
    let (notifier, message) = (notifier(SmtpOptions::plain_on_loopback().with_port(port)), code());
    notifier.send(&message).await.unwrap();
    let mails = mails.lock().unwrap();
    let (to, mail) = &mails[0];
    assert_eq!(to, "amara@hospital.example");
    for header in [
        "From: Westmoor <no-reply@westmoor.example>",
        "To: amara@hospital.example",
        &format!("Message-ID: <{}@westmoor.example>", message.reference()),
    ] {
        assert!(mail.contains(header), "{header}\n{mail}");
    }
    assert!(mail.contains("042917") && mail.contains("Subject: ") && mail.contains("Date: "));
}

#[tokio::test]
async fn b19_a_recipient_with_a_line_break_is_not_sent_to() {
    let (port, mails) = server(Manners::Good).await;
    let to = Recipient::Email("amara@hospital.example\r\nBcc: b@c.example".to_owned());
    let message = Message::code(to, "Westmoor", "042917", 5);
    let notifier = notifier(SmtpOptions::plain_on_loopback().with_port(port));
    assert_eq!(notifier.send(&message).await.unwrap_err(), NotifyError::Address);
    assert!(mails.lock().unwrap().is_empty());
}

#[tokio::test]
async fn b10_a_refusal_keeps_the_code_of_the_reply_and_not_its_text() {
    let cases = [
        ("550", NotifyError::Refused { status: 550 }),
        ("451", NotifyError::Unavailable { attempts: 1 }),
    ];
    for (reply, wanted) in cases {
        let (port, _) = server(Manners::Refusing(reply)).await;
        let notifier = notifier(SmtpOptions::plain_on_loopback().with_port(port));
        let error = notifier.send(&code()).await.unwrap_err();
        assert_eq!(error, wanted);
        assert!(!format!("{error} {error:?}").contains("amara"));
    }
}

#[tokio::test]
async fn a_server_that_offers_no_tls_is_not_used_where_tls_is_wanted() {
    for options in [SmtpOptions::start_tls("127.0.0.1"), SmtpOptions::tls("127.0.0.1")] {
        let (port, mails) = server(Manners::Good).await;
        let sent = notifier(options.with_port(port)).send(&code()).await;
        assert!(
            matches!(sent, Err(NotifyError::Unavailable { .. } | NotifyError::Unknown)),
            "{sent:?}"
        );
        assert!(mails.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (port, _) = server(Manners::Silent).await;
    let notifier = notifier(SmtpOptions::plain_on_loopback().with_port(port));
    assert_eq!(notifier.send(&code()).await.unwrap_err(), NotifyError::Unknown);
}

#[tokio::test]
async fn no_server_is_unavailable() {
    let notifier = notifier(SmtpOptions::plain_on_loopback().with_port(9));
    assert_eq!(notifier.send(&code()).await.unwrap_err(), NotifyError::Unavailable { attempts: 1 });
}

#[tokio::test]
async fn text_messages_do_not_go_by_smtp() {
    let to = NumberRules::default().mobile("07400 123456").unwrap();
    let message = Message::code(to, "Westmoor", "042917", 5);
    let error = notifier(SmtpOptions::plain_on_loopback()).send(&message).await.unwrap_err();
    assert_eq!(error, NotifyError::NoChannel { channel: Channel::Sms });
}

#[test]
fn settings_that_are_not_of_the_form_are_refused() {
    let error = Smtp::new(SmtpOptions::tls("mail.example"), "W", "no address").unwrap_err();
    assert_eq!(error, NotifyError::Setting { setting: "from" });
    let options = SmtpOptions::tls("mail.example").with_credentials("user", "a password");
    assert!(!format!("{options:?}").contains("a password"));
    assert_eq!(options.with_root_certificate(b"x").unwrap_err().code(), "notify_setting");
}
