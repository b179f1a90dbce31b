//! A credential is received: OpenID4VCI 1.0, the pre-authorised code flow.

use chrono::Utc;
use staffpass::issue::openid4vci::{
    AcceptedOffer, KnownIssuer, TokenEndpoint, UntrustedOffer, credential_request, offer_address,
    read_access_token, read_credentials, read_nonce, token_request, well_known,
};

use crate::network::Network;
use crate::text::plain;
use crate::wallet::{HolderKey, Wallet};
use crate::{Error, Receive, Terminal};

/// Fetches what a link offers: the tokens, which nobody has kept yet.
pub(crate) async fn receive(
    wallet: &Wallet,
    options: &Receive,
    terminal: &mut Terminal,
) -> Result<Vec<String>, Error> {
    let network = Network::new(options.allow_loopback_http)?;
    let offer = offered(&network, options, terminal).await?;
    let issuer = Issuer::of(&network, &offer).await?;
    issuer.say_what(&offer, terminal)?;
    let key = wallet.key(options.key)?;
    issuer.check_formats(&offer)?;
    let tx_code = tx_code(&offer, options, terminal)?;
    let form = token_request(offer.code(), tx_code.as_deref());
    let token = read_access_token(&network.post_form(issuer.token.url(), form).await?)?;
    let mut received = Vec::new();
    for configuration in offer.configurations() {
        received.extend(issuer.credentials(&network, &token, configuration, key).await?);
    }
    Ok(received)
}

/// The offer, once its issuer is one that the person knows (§13.5): before that nothing else is fetched,
/// and no transaction code is asked for.
async fn offered(
    network: &Network,
    options: &Receive,
    terminal: &mut Terminal,
) -> Result<AcceptedOffer, Error> {
    let offer = network.get(&offer_address(&options.link)?).await?;
    let offer = UntrustedOffer::parse(&offer)?;
    let issuer = offer.issuer().to_owned();
    if !options.issuer.is_empty() {
        let known: Vec<&str> = options.issuer.iter().map(|url| url.trim_end_matches('/')).collect();
        return Ok(offer.accept(&known)?);
    }
    terminal.say(&format!("Somebody offers a credential in the name of {}.", plain(&issuer)))?;
    match terminal.confirm("Do you know this issuer, and expect the offer?")? {
        true => Ok(offer.accept(&[&issuer])?),
        false => Err("the offer was not taken".into()),
    }
}

fn tx_code(
    offer: &AcceptedOffer,
    options: &Receive,
    terminal: &mut Terminal,
) -> Result<Option<String>, Error> {
    match (offer.needs_tx_code(), &options.tx_code) {
        (false, _) => Ok(None),
        (true, Some(code)) => Ok(Some(code.clone())),
        (true, None) => terminal.ask("The code that the issuer sent you:").map(Some),
    }
}

/// What the issuer says of itself, held against its identifier.
struct Issuer {
    identifier: String,
    metadata: KnownIssuer,
    token: TokenEndpoint,
}

impl Issuer {
    async fn of(network: &Network, offer: &AcceptedOffer) -> Result<Self, Error> {
        let identifier = offer.issuer().to_owned();
        let metadata = well_known(&identifier, "openid-credential-issuer")?;
        let server = well_known(&identifier, "oauth-authorization-server")?;
        let metadata = KnownIssuer::read(&network.get(&metadata).await?, &identifier)?;
        let token = TokenEndpoint::read(&network.get(&server).await?, &identifier)?;
        Ok(Self { identifier, metadata, token })
    }

    fn say_what(&self, offer: &AcceptedOffer, terminal: &mut Terminal) -> Result<(), Error> {
        terminal.say(&format!("{} offers:", plain(&self.identifier)))?;
        for configuration in offer.configurations() {
            let format = self.format_of(configuration)?;
            terminal.say(&format!("  {} ({})", plain(configuration), plain(format)))?;
        }
        Ok(())
    }

    fn check_formats(&self, offer: &AcceptedOffer) -> Result<(), Error> {
        for configuration in offer.configurations() {
            match self.format_of(configuration)? {
                "jwt_vc_json" | "dc+sd-jwt" => {}
                other => return Err(format!("{} is not read here", plain(other)).into()),
            }
        }
        Ok(())
    }

    fn format_of(&self, configuration: &str) -> Result<&str, Error> {
        let format = self.metadata.format_of(configuration);
        format.ok_or_else(|| "the issuer offers what its metadata does not have".into())
    }

    /// One request, with a proof over a nonce of its own.
    async fn credentials(
        &self,
        network: &Network,
        token: &str,
        configuration: &str,
        key: &HolderKey,
    ) -> Result<Vec<String>, Error> {
        let nonces = self.metadata.nonce_endpoint().ok_or("the issuer gives out no nonces")?;
        let nonce = read_nonce(&network.post_form(nonces, String::new()).await?)?;
        let proof = key.proof(&self.identifier, &nonce, Utc::now())?;
        let body = credential_request(configuration, &[proof]);
        let endpoint = self.metadata.credential_endpoint();
        Ok(read_credentials(&network.post_json(endpoint, token, &body).await?)?)
    }
}
