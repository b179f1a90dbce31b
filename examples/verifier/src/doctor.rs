//! `--doctor`: what Microsoft's two phone apps would not take of what stands at the public URL.

use chrono::Utc;
use staffpass::request::microsoft::doctor;
use staffpass::verify::Source;
use url::Url;

use crate::Error;
use crate::service::Service;

const CONFIGURATION: &str = "/.well-known/did-configuration.json";

impl Service {
    /// Fetches what is published, from outside as far as this machine can, and says in plain words
    /// what the apps would not take; nothing where all is well.
    ///
    /// # Errors
    /// Where the service cannot ask Microsoft's wallet at all: by reason of its public URL.
    pub async fn doctor(&self) -> Result<Vec<String>, Error> {
        let party = self.microsoft()?;
        let configuration = Url::parse(self.endpoints().response())?.join(CONFIGURATION)?;
        let sources =
            [Source::DidDocument(self.did().clone()), Source::DidConfiguration(configuration)];
        let (mut findings, mut files) = (Vec::new(), Vec::new());
        for (source, result) in self.fetcher().fetch(&sources).await {
            match result {
                Ok(bytes) => files.push(bytes),
                Err(error) => findings.push(format!("{}: {source}: {error}", error.code())),
            }
        }
        if let [document, configuration] = files.as_slice() {
            let (key, provider) = (self.identity().newest().key.public_key(), self.provider());
            let now = Utc::now();
            let found = doctor::examine(party, key, document, configuration, &*provider, now);
            findings.extend(found.iter().map(|finding| format!("{}: {finding}", finding.code())));
        }
        Ok(findings)
    }
}
