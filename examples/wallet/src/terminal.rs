//! The person: what is said, what is asked, and the passphrase.

use std::io::{BufRead, Read as _, Write};

use age::secrecy::SecretString;

use crate::{Error, Options};

/// Where a person reads and answers. Results go to the output; questions go beside it, so that output
/// can be piped.
pub struct Terminal {
    input: Box<dyn BufRead>,
    output: Box<dyn Write>,
    questions: Box<dyn Write>,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").finish_non_exhaustive()
    }
}

impl Terminal {
    /// A terminal of these streams.
    pub fn new(
        input: impl BufRead + 'static,
        output: impl Write + 'static,
        questions: impl Write + 'static,
    ) -> Self {
        Self { input: Box::new(input), output: Box::new(output), questions: Box::new(questions) }
    }

    pub(crate) fn say(&mut self, line: &str) -> Result<(), Error> {
        Ok(writeln!(self.output, "{line}")?)
    }

    /// A line of the person's; an error where there is nobody to answer.
    pub(crate) fn ask(&mut self, question: &str) -> Result<String, Error> {
        write!(self.questions, "{question} ")?;
        self.questions.flush()?;
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Err("nobody answers: use --yes, --choose or --decline".into());
        }
        Ok(line.trim().to_owned())
    }

    /// Yes or no; nothing keyed in is no.
    pub(crate) fn confirm(&mut self, question: &str) -> Result<bool, Error> {
        let answer = self.ask(&format!("{question} [y/N]"))?;
        Ok(matches!(&*answer.to_ascii_lowercase(), "y" | "yes"))
    }

    pub(crate) fn read_to_end(&mut self, text: &mut String) -> Result<(), Error> {
        self.input.read_to_string(text)?;
        Ok(())
    }

    /// The passphrase of the wallet: from its file, the environment, or the person.
    pub(crate) fn passphrase(&mut self, options: &Options) -> Result<SecretString, Error> {
        match given_passphrase(options)? {
            Some(passphrase) => Ok(passphrase),
            None => self.hidden("Passphrase:"),
        }
    }

    /// A passphrase for a new wallet, keyed in twice where it is keyed in.
    pub(crate) fn new_passphrase(&mut self, options: &Options) -> Result<SecretString, Error> {
        use age::secrecy::ExposeSecret as _;
        if let Some(passphrase) = given_passphrase(options)? {
            return Ok(passphrase);
        }
        let first = self.hidden("A passphrase for this wallet:")?;
        let again = self.hidden("Once more:")?;
        if first.expose_secret() == again.expose_secret() {
            Ok(first)
        } else {
            Err("the two differ".into())
        }
    }

    fn hidden(&mut self, question: &str) -> Result<SecretString, Error> {
        write!(self.questions, "{question} ")?;
        self.questions.flush()?;
        not_empty(rpassword::read_password()?)
    }
}

fn given_passphrase(options: &Options) -> Result<Option<SecretString>, Error> {
    if let Some(file) = &options.passphrase_file {
        let text = zeroize::Zeroizing::new(std::fs::read_to_string(file)?);
        return not_empty(text.lines().next().unwrap_or_default().to_owned()).map(Some);
    }
    std::env::var("WALLET_PASSPHRASE").ok().map(not_empty).transpose()
}

fn not_empty(passphrase: String) -> Result<SecretString, Error> {
    if passphrase.is_empty() {
        Err("the passphrase is empty".into())
    } else {
        Ok(passphrase.into())
    }
}
