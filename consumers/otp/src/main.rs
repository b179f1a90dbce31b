//! Sends a code to an address, and judges what is keyed in.
use staffpass_otp::{Binding, Channel, Code, CodeKey, Confirmation, KeyedIn, Lifetime};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-03-02T09:00:00Z".parse()?;
    let key = CodeKey::new(&[7; 32])?; // in earnest: 32 random bytes from the configuration
    let binding = Binding::new("trust-a/share-1", Channel::Email, "amara@hospital.example");
    let mut state = Confirmation::new();

    let code = Code::generate(&mut rand::rng());
    state.add_code(&code, &binding, &key, Lifetime::default(), now)?;
    let attempt = state.count_attempt(now)?;
    let keyed_in = KeyedIn::parse(code.reveal())?;
    println!("{:?}", state.judge(attempt, &keyed_in, &binding, &key, now));
    Ok(())
}
