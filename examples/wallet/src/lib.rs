//! A holder's wallet on the command line, for developers of portals: it keeps credentials in one
//! encrypted file, shows who asks and what would leave, and presents exactly what was chosen.
//!
//! ```text
//!  wallet init ──► two keys: did:jwk on P-256, long-form did:ion on secp256k1
//!  wallet add  ──► credentials: VC-JWT 1.1, vc+jwt, dc+sd-jwt
//!  wallet receive LINK ── offer, issuer known? ── token, proof ──► credentials
//!  wallet present LINK ── fetch, verify ──► who asks ── match, choose ──► what leaves ── post
//! ```
//!
//! Everything that judges or signs is `staffpass`; here is the file, the terminal and the network.

mod choose;
mod network;
mod options;
mod present;
mod receive;
mod show;
mod terminal;
mod text;
mod vault;
mod wallet;

use std::io::Read as _;
use std::path::Path;

use age::secrecy::SecretString;

pub use options::{Command, KeyKind, Options, Pick, Present, Receive};
pub use terminal::Terminal;

use vault::Vault;
use wallet::Wallet;

/// Why something was not done, in words for the person.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Does what the command line says.
///
/// # Errors
/// What cannot be done, in words; no claim and no token is in them.
pub async fn run(options: &Options, terminal: &mut Terminal) -> Result<(), Error> {
    let vault = Vault::of(options);
    match &options.command {
        Command::Init => init(&vault, options, terminal),
        Command::Holders => holders(&open(&vault, options, terminal)?, terminal),
        Command::List => show::list(&open(&vault, options, terminal)?, terminal),
        Command::Show { number } => show::one(&open(&vault, options, terminal)?, *number, terminal),
        Command::Add { tokens } => add(&vault, options, tokens, terminal),
        Command::Receive(command) => receive(&vault, options, command, terminal).await,
        Command::Present(command) => {
            let wallet = open(&vault, options, terminal)?;
            present::present(&wallet, command, terminal).await
        }
        Command::Reset { yes } => reset(&vault, *yes, terminal),
    }
}

fn open(vault: &Vault, options: &Options, terminal: &mut Terminal) -> Result<Wallet, Error> {
    vault.read(&terminal.passphrase(options)?)
}

fn init(vault: &Vault, options: &Options, terminal: &mut Terminal) -> Result<(), Error> {
    vault.check_absent()?;
    let wallet = Wallet::new()?;
    vault.create(&terminal.new_passphrase(options)?, &wallet)?;
    terminal.say("A new wallet with two keys. Issuers need one of its holder identifiers:")?;
    holders(&wallet, terminal)
}

fn holders(wallet: &Wallet, terminal: &mut Terminal) -> Result<(), Error> {
    for key in wallet.keys() {
        terminal.say(key.did().as_str())?;
    }
    Ok(())
}

fn add(
    vault: &Vault,
    options: &Options,
    file: &Path,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    let mut text = String::new();
    if file == Path::new("-") {
        terminal.read_to_end(&mut text)?;
    } else {
        std::fs::File::open(file)?.read_to_string(&mut text)?;
    }
    let passphrase = terminal.passphrase(options)?;
    keep(vault, &passphrase, &text, terminal)
}

async fn receive(
    vault: &Vault,
    options: &Options,
    command: &Receive,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    let passphrase = terminal.passphrase(options)?;
    let received = receive::receive(&vault.read(&passphrase)?, command, terminal).await?;
    keep(vault, &passphrase, &received.join("\n"), terminal)
}

fn keep(
    vault: &Vault,
    passphrase: &SecretString,
    tokens: &str,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    for number in vault.change(passphrase, |wallet| wallet.add_all(tokens))? {
        terminal.say(&format!("Added as {number}."))?;
    }
    Ok(())
}

fn reset(vault: &Vault, yes: bool, terminal: &mut Terminal) -> Result<(), Error> {
    let question =
        "Remove this wallet with its keys and every credential? They cannot be restored.";
    if yes || terminal.confirm(question)? {
        vault.remove()?;
        terminal.say("Removed.")?;
    } else {
        terminal.say("Nothing was changed.")?;
    }
    Ok(())
}
