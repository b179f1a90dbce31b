//! The front door: parses with the fewest features, and signs with the default ones.
use staffpass::jose::{UnverifiedJws, jws};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let refused = UnverifiedJws::parse("eyJhbGciOiJub25lIn0.e30.AA", &jws::Limits::default());
    println!("alg none: {}", refused.unwrap_err().code());
    #[cfg(feature = "with-defaults")]
    {
        use staffpass::aws_lc::SigningKey;
        let key = SigningKey::generate(staffpass::jose::Algorithm::Es256)?;
        let code = staffpass::otp::Code::generate(&mut rand::rng());
        println!(
            "a key of {:?}, a code of {} digits",
            key.public_key().algorithm(),
            code.reveal().len()
        );
    }
    Ok(())
}
