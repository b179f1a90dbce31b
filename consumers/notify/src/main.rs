//! Puts a code into an outbox of files.
use staffpass_notify::{Message, Notifier, NumberRules, address};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let outbox = std::env::temp_dir().join(format!("staffpass-outbox-{}", std::process::id()));
    let notifier = Notifier::outbox(&outbox)?;
    let numbers = NumberRules::default().with_test_numbers();
    for to in [numbers.mobile("07700 900123")?, address::email("amara@hospital.example")?] {
        notifier.send(&Message::code(to, "Westmoor", "042917", 5)).await?;
    }
    println!("{} messages", std::fs::read_dir(&outbox)?.count());
    std::fs::remove_dir_all(outbox)?;
    Ok(())
}
